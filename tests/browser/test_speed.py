"""A change is on the trainer's own screen within 50 ms, with a slow network and with none.

Measured inside the page: from the time stamp of the input event (a real click, a real key) to the frame in which
the changed number has been painted, for the trainer's own number and for the live preview of the monitor; the 95th
percentile of forty changes.

50 ms is the bar that the project has set itself. This test may share its machine with others, and what they take
away is none of our doing: it only ever adds. Hence two allowances. It counts in rounds and judges the best one;
a screen that waited for the network, for the database or for a timer would be late in all of them. And a bare page
in the same browser, a button and a number, is measured between the changes: what it needs beyond the two frames
that it takes on a machine of its own is taken off. On a quiet machine neither makes a difference.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.browser.trainer_pages import (
    expect_status,
    open_room,
    open_session,
    over_http,
    status,
    trainer_context,
)
from tests.support.delay import Line, line_to
from tests.support.scenario import PATIENCE_SECONDS, ServerProcess
from tests.support.scenario_clients import Json

_LOG = logging.getLogger(__name__)
pytestmark = pytest.mark.asyncio(loop_scope="session")

BAR_MS = 50
CHANGES = 40
ROUNDS = 5
# A click just after a frame has begun is in the next one's picture.
TWO_FRAMES_MS = 34
# Each way.
DELAY_SECONDS = 0.5

# A frame's callbacks run before it is painted, a message sent from there is heard after.
_METER = """(selectors) => {
  let change = null;
  const begin = (event) => {
    change = { input: event.type, at: event.timeStamp, painted: {}, shown: {} };
  };
  addEventListener("click", begin, { capture: true });
  addEventListener("keydown", (event) => event.key === "Enter" && begin(event), { capture: true });
  for (const [name, selector] of Object.entries(selectors)) {
    const place = document.querySelector(selector);
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
      if (Object.keys(change.painted).length < Object.keys(selectors).length) return setTimeout(look, 5);
      resolve(change);
      change = null;
    };
    look();
  });
}"""
_ROOM = {"own": ".db-sign-heart_rate .db-sign-number", "preview": ".db-preview .mon-tile-ecg .mon-digits"}
_BARE = {"bare": "output"}
_BARE_PAGE = "<button>+1</button><output>0</output>"
_BARE_SCRIPT = """() => {
  const [button, output] = document.querySelectorAll("button, output");
  button.onclick = () => { output.textContent = Number(output.textContent) + 1; };
}"""


@dataclass
class Round:
    """Milliseconds until the number was painted, of each change."""

    room: list[float] = field(default_factory=list)
    """Of the slower of the two places."""
    bare: list[float] = field(default_factory=list)

    @property
    def p95(self) -> float:
        return percentile_95(self.room)

    @property
    def without_the_machine(self) -> float:
        return self.p95 - max(0.0, percentile_95(self.bare) - TWO_FRAMES_MS)


@dataclass
class Room:
    page: Page
    bare: Page
    line: Line
    pushed: list[int] = field(default_factory=list)


@pytest_asyncio.fixture(loop_scope="session")
async def room(browser: Browser, shared_server: ServerProcess) -> AsyncIterator[Room]:
    async with (
        over_http(shared_server.url) as http,
        line_to(shared_server.url) as line,
        trainer_context(browser) as context,
        # A window of its own: a tab behind another one is drawn once a second.
        trainer_context(browser) as beside,
    ):
        session = await open_session(http)
        page = await open_room(context, line.url, session)
        await page.get_by_role("checkbox", name="Send at once").check()
        await expect_status(page, "Saved")
        await page.evaluate(_METER, _ROOM)
        bare = await beside.new_page()
        await bare.set_content(_BARE_PAGE)
        await bare.evaluate(_BARE_SCRIPT)
        await bare.evaluate(_METER, _BARE)
        yield Room(page, bare, line)


async def test_with_half_a_second_of_delay_each_way(room: Room) -> None:
    room.line.delay = DELAY_SECONDS
    there_and_back = await room.page.evaluate(
        "async () => { const at = performance.now(); await fetch('/healthz'); return performance.now() - at; }"
    )
    assert there_and_back >= 2 * DELAY_SECONDS * 1000
    await check_best_round(room)
    await expect(status(room.page)).to_contain_text("Saving")


async def test_with_the_network_gone(room: Room) -> None:
    await room.line.go_down()
    await expect_status(room.page, "Offline")
    await check_best_round(room)
    await expect_status(room.page, f"Offline ({len(room.pushed)})")
    await room.line.come_up()


async def check_best_round(room: Room) -> None:
    rounds: list[Round] = []
    while len(rounds) < ROUNDS and not any(one.p95 < BAR_MS for one in rounds):
        rounds.append(await one_round(room))
        # Seen with --log-cli-level=info.
        _LOG.info("p95 of a round: %.1f ms, of a bare page: %.1f ms", rounds[-1].p95, percentile_95(rounds[-1].bare))
    assert min(one.without_the_machine for one in rounds) < BAR_MS


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
            change = await last_change(page)
            assert change["input"] == ("click" if is_click else "keydown")
            assert change["shown"] == {"own": str(value), "preview": str(value)}
            measured.room.append(max(change["painted"].values()))
            room.pushed.append(value)
        await room.bare.get_by_role("button").click()
        measured.bare.append((await last_change(room.bare))["painted"]["bare"])
    return measured


async def last_change(page: Page) -> Json:
    """`{input, shown: {place: text}, painted: {place: ms}}`, when it has been painted in every place."""
    return await asyncio.wait_for(page.evaluate("() => window.lastChange()"), PATIENCE_SECONDS)


def percentile_95(values: list[float]) -> float:
    return sorted(values)[math.ceil(0.95 * len(values)) - 1]
