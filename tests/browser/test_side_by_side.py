"""Monitors side by side: at one moment all show what the server's clock makes of the ramps, and draw the same trace."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
from playwright.async_api import Browser, Page, ViewportSize, expect

from server.domain.vitals import LastValues, SignName, value_at
from tests.browser.pages import PATIENCE_MS, eventually, trainer_over_http
from tests.browser.screens import PHONE, TABLET, Monitor, monitor
from tests.support.scenario import ServerProcess

TILES = ("ecg", "nibp", "spo2", "resp", "co2", "temperature")
CO2 = TILES.index("co2")
# How far back the breaths lie of which the end-tidal number is made.
BREATHS_MS = 10_000
TICK_MS = 250
# Long enough for a busy machine; nobody waits for its end.
RAMP_SECONDS = 300
RAMPED = {
    "heart_rate": 300,
    "systolic": 220,
    "diastolic": 150,
    "spo2": 40,
    "respiratory_rate": 60,
    "etco2": 90,
    "temperature": 41.0,
}
# What a device with a wrong clock says the time is; the page's performance.timeOrigin stays right.
CLOCK_OFF_BY_MINUTES = """{
  const right = Date.now, off = MINUTES * 60_000;
  Date.now = () => right() + off;
  window.Date = new Proxy(Date, {
    construct: (made, given) => (given.length === 0 ? new made(right() + off) : new made(...given)),
    apply: () => new Date().toString(),
  });
}"""
# Of a lane of four seconds.
MAY_DIFFER = 0.1
# At an agreed moment, in the frame after it: the rows of the trace in every column of each lane, from top to bottom.
TRACE_AT = """([lanes, moment]) => new Promise((done) => {
  const rowsOf = (lane) => {
    const canvas = document.querySelector(`.mon-lane-${lane} canvas`);
    const { data, width, height } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    // The dark theme: the ground is black, the traces are not.
    const lit = (at) => Math.max(data[at], data[at + 1], data[at + 2]) > 127;
    return Array.from({ length: width }, (_, x) => {
      let top = -1, bottom = -1;
      for (let y = 0; y < height; y++)
        if (lit((y * width + x) * 4)) { if (top < 0) top = y; bottom = y; }
      return [top, bottom];
    });
  };
  const look = () => {
    if (performance.timeOrigin + performance.now() < moment) requestAnimationFrame(look);
    else done(lanes.map(rowsOf));
  };
  look();
})"""
# In the middle of each quarter of a second: what stands in the tiles, by the quarter's beginning.
READ_TILES = f"""([tiles, count]) => new Promise((done) => {{
  const read = {{}};
  const look = () => {{
    const now = performance.timeOrigin + performance.now();
    const quarter = Math.floor(now / {TICK_MS}) * {TICK_MS};
    read[quarter] = tiles.map((tile) => document.querySelector(`.mon-tile-${{tile}} .mon-digits`).textContent);
    if (Object.keys(read).length === count) done(read);
    else setTimeout(look, quarter + {TICK_MS} * 1.5 - now);
  }};
  look();
}})"""


async def test_monitors_show_the_same_numbers_at_the_same_moment(
    browser: Browser, shared_server: ServerProcess
) -> None:
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(trainer_over_http(shared_server))
        session = await _open(http)
        phone = await stack.enter_async_context(monitor(browser, **PHONE))
        slow = await stack.enter_async_context(monitor(browser, **TABLET, timezone_id="UTC"))
        await _set_clock(slow.page, minutes=-7)
        await phone.join(shared_server.url, session["code"], "Phone")
        await slow.join(shared_server.url, session["code"], "Seven minutes slow")
        await asyncio.gather(phone.shows("ecg", 75), slow.shows("ecg", 75))

        last = await _push(http, session["id"], RAMPED, RAMP_SECONDS)
        await asyncio.gather(*(expect(each.number("ecg")).not_to_have_text("75") for each in (phone, slow)))
        # In the middle of the ramp comes somebody whose clock is fast.
        late = await stack.enter_async_context(monitor(browser, viewport=ViewportSize(width=800, height=600)))
        await _set_clock(late.page, minutes=11)
        await late.join(shared_server.url, session["code"], "Late, eleven minutes fast")
        await expect(late.number("ecg")).to_be_visible()

        await _show_the_same([phone.page, slow.page, late.page], last)
        await _tells_the_right_time(slow)


async def _show_the_same(pages: list[Page], last: LastValues) -> None:
    """Once their clocks have settled; a device that has just come takes a second for that."""
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while True:
        read = await asyncio.gather(*(page.evaluate(READ_TILES, [TILES, 12]) for page in pages))
        try:
            for each in read:
                _follows(each, last)
                _agree(read[0], each)
        except AssertionError:
            if time.monotonic() > deadline:
                raise
        else:
            return


def _follows(read: Mapping[str, list[str]], last: LastValues) -> None:
    """Each number is that of its quarter of a second, give or take one step; the CO2 that of the last breaths."""
    target = _texts_at(last, 10**13)
    for quarter, texts in read.items():
        assert texts != target, "the ramp should still run"
        allowed = [_texts_at(last, int(quarter) + step * TICK_MS) for step in (-1, 0, 1)]
        low, high = (int(_texts_at(last, int(quarter) + ms)[CO2]) for ms in (-BREATHS_MS, TICK_MS))
        assert low <= int(texts[CO2]) <= high, (quarter, low, texts[CO2], high)
        for each in allowed:
            each[CO2] = texts[CO2]
        for tile, text, *right in zip(TILES, texts, *allowed, strict=True):
            assert text in right, (quarter, tile, text, right)


def _agree(one: Mapping[str, list[str]], other: Mapping[str, list[str]]) -> None:
    """Read at the same moments. A reading that fell just beside a tick may be one step away."""
    common = one.keys() & other.keys()
    same = [quarter for quarter in common if one[quarter] == other[quarter]]
    assert len(same) >= 0.75 * len(common) > 0, (one, other)


async def test_monitors_of_one_width_draw_the_same_trace(browser: Browser, shared_server: ServerProcess) -> None:
    size = ViewportSize(width=420, height=780)
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(trainer_over_http(shared_server))
        session = await _open(http)
        one = await stack.enter_async_context(monitor(browser, viewport=size))
        slow = await stack.enter_async_context(monitor(browser, viewport=size))
        await _set_clock(slow.page, minutes=-7)
        await one.join(shared_server.url, session["code"], "One")
        await slow.join(shared_server.url, session["code"], "Seven minutes slow")
        await asyncio.gather(one.shows("ecg", 75), slow.shows("ecg", 75))
        await _push(http, session["id"], {"heart_rate": 150, "respiratory_rate": 40}, RAMP_SECONDS)
        late = await stack.enter_async_context(monitor(browser, viewport=size))
        await late.join(shared_server.url, session["code"], "Late")
        # A lane has to be filled with what came after the change; a late one knows nothing before it.
        await _draw_the_same([one.page, slow.page], ["ecg", "pleth", "co2"])
        await _draw_the_same([one.page, late.page], ["ecg", "pleth"])


async def _draw_the_same(pages: list[Page], lanes: list[str]) -> None:
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while True:
        moment = time.time() * 1000 + 500
        drawn = await asyncio.gather(*(page.evaluate(TRACE_AT, [lanes, moment]) for page in pages))
        differing = [_differing_part(one, other) for one, other in zip(*drawn, strict=True)]
        if max(differing) < MAY_DIFFER:
            return
        assert time.monotonic() < deadline, (differing, [[len(lane) for lane in lanes] for lanes in drawn])


Rows = list[tuple[int, int]]


def _differing_part(one: Rows, other: Rows) -> float:
    """Which part of a lane is not the same. Some is allowed: one pen is a frame ahead of the other."""
    traced = sum(rows != (-1, -1) for rows in map(tuple, one))
    if len(one) != len(other) or traced <= 0.8 * len(one) or len(set(map(tuple, one))) <= 10:
        # One that has just come has not got its size yet, or has not drawn its lane full.
        return 1.0
    differing = [x for x, (mine, its) in enumerate(zip(one, other, strict=True)) if _differ(mine, its)]
    return len(differing) / len(one)


def _differ(mine: tuple[int, int], its: tuple[int, int]) -> bool:
    return any(abs(a - b) > 1 for a, b in zip(mine, its, strict=True))


def _texts_at(last: LastValues, milliseconds: int) -> list[str]:
    at = datetime.fromtimestamp(milliseconds / 1000, UTC)

    def number(name: SignName) -> str:
        value = value_at(last, name, at)
        return f"{value:.1f}" if name == "temperature" else str(value)

    # Nobody has measured with the cuff.
    pressures = "---/---"
    names: tuple[SignName, ...] = ("spo2", "respiratory_rate", "etco2", "temperature")
    return [number("heart_rate"), pressures, *map(number, names)]


async def _tells_the_right_time(shown: Monitor) -> None:
    """The clock on the screen is the server's, whatever the device thinks."""
    clock = shown.page.locator(".mon-session-clock")

    async def is_right() -> bool:
        return await clock.inner_text() == datetime.now(UTC).strftime("%H:%M")

    await eventually(is_right, "the right time of day")


async def _set_clock(page: Page, minutes: int) -> None:
    await page.add_init_script(CLOCK_OFF_BY_MINUTES.replace("MINUTES", str(minutes)))


async def _open(http: httpx.AsyncClient, **vitals: float) -> dict[str, Any]:
    body = {"title": "Side by side", "vitals": vitals} if vitals else {"title": "Side by side"}
    return (await http.post("/sessions", json=body)).raise_for_status().json()


async def _push(http: httpx.AsyncClient, session_id: str, vitals: dict[str, float], ramp_seconds: int) -> LastValues:
    body = {"id": str(uuid4()), "kind": "vitals", "vitals": vitals, "ramp_seconds": ramp_seconds}
    (await http.post(f"/sessions/{session_id}/events", json=body)).raise_for_status()
    session = (await http.get(f"/sessions/{session_id}")).raise_for_status().json()
    return LastValues.from_json(session["last_values"])
