"""A change is on the trainer's own screen within 50 ms, with a slow network and with none.

Measured inside the page: from the time stamp of the input event (a real click, a real key) to the frame in which
the changed number has been painted, for the trainer's own number and for the live preview of the monitor.

50 ms is the bar that the project has set itself, on a machine of two cores. This test may share its machine with
others, and what they take away is none of our doing: it only ever adds. So it counts in rounds of forty changes
each, and the 95th percentile of the best round is judged. A screen that waited for the network, for the database
or for a timer would be late in every round.
"""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.trainer_pages import (
    expect_status,
    open_room,
    open_session,
    over_http,
    own_number,
    previewed,
    record_of,
    status,
    trainer_context,
)
from tests.support.delay import Line, line_to
from tests.support.scenario import ServerProcess
from tests.support.scenario_clients import Json

BAR_MS = 50
CHANGES = 40
ROUNDS = 10
# Each way.
DELAY_SECONDS = 0.5

# A frame's callbacks run before it is painted, a message sent from there is heard after.
_METER = """() => {
  const places = {
    own: document.querySelector(".db-sign-heart_rate .db-sign-number"),
    preview: document.querySelector(".db-preview .mon-tile-ecg .mon-digits"),
  };
  let change = null;
  const begin = (event) => {
    change = { input: event.type, at: event.timeStamp, painted: {}, shown: {} };
  };
  addEventListener("click", begin, { capture: true });
  addEventListener("keydown", (event) => event.key === "Enter" && begin(event), { capture: true });
  for (const [name, place] of Object.entries(places)) {
    const changed = () => {
      const one = change;
      if (one === null || name in one.shown) return;
      one.shown[name] = place.textContent;
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => { one.painted[name] = performance.now() - one.at; };
        port2.postMessage(null);
      });
    };
    new MutationObserver(changed).observe(place, { characterData: true, childList: true, subtree: true });
  }
  window.lastChange = () => new Promise((resolve) => {
    const look = () => {
      if (Object.keys(change.painted).length < 2) return setTimeout(look, 5);
      resolve(change);
      change = null;
    };
    look();
  });
}"""


@dataclass
class Round:
    """Milliseconds until the number was painted, of each change."""

    own: list[float] = field(default_factory=list)
    preview: list[float] = field(default_factory=list)

    @property
    def p95(self) -> float:
        """Of the slower of the two places."""
        return max(percentile_95(self.own), percentile_95(self.preview))


@dataclass
class Room:
    page: Page
    line: Line
    http: httpx.AsyncClient
    session: Json
    pushed: list[int] = field(default_factory=list)


@pytest.fixture
async def room(browser: Browser, server: ServerProcess) -> AsyncIterator[Room]:
    async with over_http(server.url) as http, line_to(server.url) as line, trainer_context(browser) as context:
        session = await open_session(http)
        page = await open_room(context, line.url, session)
        await page.get_by_role("checkbox", name="Send at once").check()
        await expect_status(page, "Saved")
        await page.evaluate(_METER)
        yield Room(page, line, http, session)


async def test_with_half_a_second_of_delay_each_way(room: Room, record_property: pytest.RecordProperty) -> None:
    room.line.delay = DELAY_SECONDS
    there_and_back = await room.page.evaluate(
        "async () => { const at = performance.now(); await fetch('/healthz'); return performance.now() - at; }"
    )
    assert there_and_back >= 2 * DELAY_SECONDS * 1000
    best = await best_round(room, record_property)
    await expect(status(room.page)).to_contain_text("Saving")
    room.line.delay = 0
    await check_all_arrived(room)
    assert best.p95 < BAR_MS


async def test_with_the_network_gone(room: Room, record_property: pytest.RecordProperty) -> None:
    await room.line.go_down()
    await expect_status(room.page, "Offline")
    best = await best_round(room, record_property)
    await expect_status(room.page, f"Offline ({len(room.pushed)})")
    await room.line.come_up()
    await check_all_arrived(room)
    assert best.p95 < BAR_MS


async def best_round(room: Room, record_property: pytest.RecordProperty) -> Round:
    rounds: list[Round] = []
    while len(rounds) < ROUNDS and not any(one.p95 < BAR_MS for one in rounds):
        rounds.append(await one_round(room))
        record_property("p95_ms", round(rounds[-1].p95, 1))
    return min(rounds, key=lambda one: one.p95)


async def one_round(room: Room) -> Round:
    """Forty changes: a click on a step, then a number that is typed and sent by Enter, and so on."""
    measured = Round()
    page = room.page
    step = page.get_by_role("button", name="Heart rate: +1", exact=True)
    entry = page.get_by_role("spinbutton", name="Heart rate, value to send", exact=True)
    for turn in range(CHANGES // 2):
        for is_click in (True, False):
            if is_click:
                await step.click()
                value = room.pushed[-1] + 1 if room.pushed else 76
            else:
                value = 90 + (turn * 7) % 40
                await entry.fill(str(value))
                await entry.press("Enter")
            change = await page.evaluate("() => window.lastChange()")
            assert change["input"] == ("click" if is_click else "keydown")
            assert change["shown"] == {"own": str(value), "preview": str(value)}
            measured.own.append(change["painted"]["own"])
            measured.preview.append(change["painted"]["preview"])
            room.pushed.append(value)
    return measured


def percentile_95(values: list[float]) -> float:
    return sorted(values)[math.ceil(0.95 * len(values)) - 1]


async def check_all_arrived(room: Room) -> None:
    await expect_status(room.page, "Saved")
    rates = [event["heart_rate"] for event in await record_of(room.http, room.session["id"])]
    assert rates == room.pushed
    await expect(own_number(room.page, "Heart rate")).to_have_text(str(room.pushed[-1]))
    await expect(previewed(room.page, "ecg")).to_have_text(str(room.pushed[-1]))
