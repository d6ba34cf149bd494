"""A change is on the trainer's own screen within 50 ms, with a slow network and with none.

Measured inside the page: from the time stamp of the input event (a real click, a real key) to the frame in which
the changed number has been painted, for the trainer's own number and for the live preview of the monitor; the 95th
percentile of forty changes.

50 ms is the bar that the project has set itself, for a trainer who has the machine to himself. This test may share
its machine with others, and what they take away is none of our doing: it only ever adds. Hence the browser goes
before everything else for as long as it is measured, where the machine allows that; and of up to five rounds the
best one is judged. A screen that waited for the network, for the database or for a timer would be late in all.
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
from tests.support.chromium import put_first
from tests.support.delay import Line, line_to
from tests.support.scenario import PATIENCE_SECONDS, ServerProcess
from tests.support.scenario_clients import Json

_LOG = logging.getLogger(__name__)
pytestmark = pytest.mark.asyncio(loop_scope="session")

# On a machine that does nothing else. One that is busy paints late whatever it paints: a text that nothing is behind is
# painted before each round, and so many times as long is the bar.
BAR_MS = 50
TIMES_A_BARE_CHANGE = 4
CHANGES = 40
ROUNDS = 5
HEART_RATE_ENTRY = "Heart rate, value to send"
# Far from the start value: no wandering reaches it.
SETTLED = 85
# Each way.
DELAY_SECONDS = 0.5

_BARE_CHANGES = """async (count) => {
  const place = document.body.appendChild(document.createElement("output"));
  const painted = [];
  for (let change = 0; change < count; change++) {
    await new Promise((done) => setTimeout(done, 20));
    painted.push(await new Promise((done) => {
      place.addEventListener("click", (event) => {
        place.textContent = String(change);
        requestAnimationFrame(() => {
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = () => done(performance.now() - event.timeStamp);
          port2.postMessage(null);
        });
      }, { once: true });
      place.click();
    }));
  }
  place.remove();
  return painted;
}"""

# A frame's callbacks run before it is painted, a message sent from there is heard after.
_METER = """() => {
  const selectors = {
    own: ".db-sign-heart_rate .db-sign-number",
    preview: ".db-preview .mon-tile-ecg .mon-digits",
  };
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


@dataclass
class Room:
    page: Page
    line: Line
    pushed: list[int] = field(default_factory=list)


@pytest_asyncio.fixture(loop_scope="session")
async def room(browser: Browser, shared_server: ServerProcess) -> AsyncIterator[Room]:
    async with (
        over_http(shared_server.url) as http,
        line_to(shared_server.url) as line,
        trainer_context(browser, all_frames=True) as context,
    ):
        session = await open_session(http)
        page = await open_room(context, line.url, session)
        await page.get_by_role("checkbox", name="Send at once").check()
        await expect_status(page, "Saved")
        await page.evaluate(_METER)
        async with put_first(browser):
            yield Room(page, line)


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
    await settle(room)
    rounds: list[str] = []
    for _ in range(ROUNDS):
        bare = percentile_95(await room.page.evaluate(_BARE_CHANGES, CHANGES))
        p95 = percentile_95(await one_round(room))
        rounds.append(f"{p95:.1f} ms, of a bare change {bare:.1f} ms")
        # Seen with --log-cli-level=info.
        _LOG.info("p95 of a round: %s", rounds[-1])
        if p95 < max(BAR_MS, TIMES_A_BARE_CHANGE * bare):
            return
    pytest.fail(f"p95 of {ROUNDS} rounds: {'; '.join(rounds)}")


async def settle(room: Room) -> None:
    """Sends a first number and waits for it. Until then the preview's number wanders about the start value.

    A number that had wandered to 76 would not change, and so never be seen to, when 76 is sent. A sign stands still
    for some seconds after each change.
    """
    entry = room.page.get_by_role("spinbutton", name=HEART_RATE_ENTRY, exact=True)
    await entry.fill(str(SETTLED))
    await entry.press("Enter")
    await expect(room.page.locator(".db-preview .mon-tile-ecg .mon-digits")).to_have_text(str(SETTLED))
    room.pushed.append(SETTLED)


async def one_round(room: Room) -> list[float]:
    """Forty changes: a click on a step, then a number that is typed and sent by Enter, and so on. In ms, of each."""
    measured: list[float] = []
    page = room.page
    step = page.get_by_role("button", name="Heart rate: +1", exact=True)
    entry = page.get_by_role("spinbutton", name=HEART_RATE_ENTRY, exact=True)
    for turn in range(CHANGES // 2):
        for is_click in (True, False):
            if is_click:
                await step.click()
                value = room.pushed[-1] + 1
            else:
                value = 90 + (turn * 7) % 40
                await entry.fill(str(value))
                await entry.press("Enter")
            change = await last_change(page)
            assert change["input"] == ("click" if is_click else "keydown")
            assert change["shown"] == {"own": str(value), "preview": str(value)}
            measured.append(max(change["painted"].values()))
            room.pushed.append(value)
    return measured


async def last_change(page: Page) -> Json:
    """`{input, shown: {place: text}, painted: {place: ms}}`, when it has been painted in every place."""
    return await asyncio.wait_for(page.evaluate("() => window.lastChange()"), PATIENCE_SECONDS)


def percentile_95(values: list[float]) -> float:
    return sorted(values)[math.ceil(0.95 * len(values)) - 1]
