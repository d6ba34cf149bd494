"""What a debrief takes in a trainer's browser: on a device without its record, on one that has it, and scrubbed."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from random import Random
from statistics import median, quantiles
from time import perf_counter

from playwright.async_api import CDPSession, Page

from bench.effort import Effort
from bench.screens import DEMO, chromium

TIMES = 3
PATIENCE_MS = 300_000
STEPS = 200
SEED = 14
# Of the page's own thread: it is done with what it reads behind what it shows. The monitor's waves go on.
CALM_SHARE = 0.3
CALM_SECONDS = 1.0
# Of the effort, for it to be calm.
_SETTLES = 20
RECORDS = "**/api/v1/sessions/*/events?*"
# Looked for with every frame: what waits for an element looks twice a second, and would tell half seconds. Of what may
# lie below the screen no place is asked for: it would be laid out only to be measured.
_WHOLE = """(all) => new Promise((shown) => {
  const stands = (each) => document.querySelector(each)?.checkVisibility() === true;
  const isWhole = () => document.querySelector(".db-record-turn")?.textContent.includes(all) === true &&
    stands(".db-replayed .mon-tile-ecg .mon-digits") && stands(".db-chart svg");
  const look = () => requestAnimationFrame(isWhole() ? () => setTimeout(shown, 0) : look);
  look();
})"""
_FRAME = "new Promise((shown) => requestAnimationFrame(() => setTimeout(shown, 0)))"


@dataclass(frozen=True)
class Opened:
    """`first` and `again`: seconds from the address to the whole record and the monitor's numbers on the screen.

    `scrub`: seconds of the page's thread for a step of the scrubber; `heap`: bytes of JavaScript that are in use.
    """

    first: float
    again: float
    scrub: float
    scrub_p95: float
    heap: float
    heap_scrubbed: float


async def open_debrief(url: str, session_id: str, events: int, effort: Effort) -> Opened:
    """`events`: how many its record has. The session has ended."""
    address = f"{url}/dashboard/sessions/{session_id}"
    async with chromium() as browser:
        page = await browser.new_page(locale="en-GB", viewport={"width": 1366, "height": 768})
        page.set_default_timeout(PATIENCE_MS)
        await page.goto(f"{url}/dashboard/cases")
        await page.get_by_label("Email").fill(DEMO["email"])
        password = page.get_by_label("Password", exact=True)
        await password.fill(DEMO["password"])
        # What has ended lately is fetched as soon as somebody has logged in: not here, before its page is opened.
        await page.route(RECORDS, lambda route: route.abort())
        await password.press("Enter")
        await page.locator(".db-status").wait_for()
        await page.goto("about:blank")
        await page.unroute(RECORDS)
        first = await _open(page, address, events)
        thread = await _Thread.of(page, _SETTLES * effort.settle)
        again: list[float] = []
        for _ in range(effort.some(TIMES)):
            # What has come is written by then.
            await thread.calms_down()
            await page.goto("about:blank")
            again.append(await _open(page, address, events))
        await thread.calms_down()
        heap = await thread.heap()
        steps = await _scrub(page, thread, max(2, effort.some(STEPS)))
        await thread.calms_down()
        return Opened(first, median(again), median(steps), quantiles(steps, n=20)[-1], heap, await thread.heap())


async def _open(page: Page, address: str, events: int) -> float:
    began = perf_counter()
    await page.goto(address)
    await _see_whole(page, events)
    return perf_counter() - began


async def _see_whole(page: Page, events: int) -> None:
    await page.evaluate(_WHOLE, f"of {events:,}")


async def _scrub(page: Page, thread: _Thread, count: int) -> list[float]:
    """Seconds of the page's thread for each step, from the hand's movement to the frame that shows it."""
    track = await page.locator(".db-scrubber-track").bounding_box()
    if track is None:
        raise RuntimeError("there is nothing to scrub")
    random, middle = Random(SEED), track["y"] + track["height"] / 2  # noqa: S311 - the same places in every run
    await page.mouse.move(track["x"] + 1, middle)
    await page.mouse.down()
    steps: list[float] = []
    for _ in range(count):
        before = await thread.worked()
        await thread.drag(track["x"] + random.random() * track["width"], middle)
        steps.append(await thread.worked() - before)
    await page.mouse.up()
    return steps


@dataclass(frozen=True)
class _Thread:
    """The page's own, by two clocks."""

    by_processor: CDPSession
    by_wall: CDPSession
    patience: float

    @staticmethod
    async def of(page: Page, patience: float) -> _Thread:
        sessions = [await page.context.new_cdp_session(page) for _ in range(2)]
        for session, domain in zip(sessions, ("threadTicks", "timeTicks"), strict=True):
            await session.send("Performance.enable", {"timeDomain": domain})
        return _Thread(*sessions, patience)

    async def worked(self) -> float:
        """Seconds of a processor, since ever: what others take of the machine does not count."""
        return (await _metrics(self.by_processor))["TaskDuration"]

    async def drag(self, x: float, y: float) -> None:
        """Back when it is shown. Straight to the browser: what a library runs in the page on the way would count."""
        moved = {"type": "mouseMoved", "x": x, "y": y, "button": "left", "buttons": 1}
        await self.by_processor.send("Input.dispatchMouseEvent", moved)
        await self.by_processor.send("Runtime.evaluate", {"expression": _FRAME, "awaitPromise": True})

    async def heap(self) -> float:
        await self.by_processor.send("HeapProfiler.collectGarbage")
        return (await _metrics(self.by_processor))["JSHeapUsedSize"]

    async def calms_down(self) -> None:
        """By the wall: on a busy machine little is worked in a second in which much was to do. On one that is so busy
        that waves alone take a third of each second it never is, and is not waited for any longer.
        """
        busy, until = CALM_SECONDS, perf_counter() + self.patience
        while busy > CALM_SHARE * CALM_SECONDS and perf_counter() < until:
            before = (await _metrics(self.by_wall))["TaskDuration"]
            await asyncio.sleep(CALM_SECONDS)
            busy = (await _metrics(self.by_wall))["TaskDuration"] - before


async def _metrics(devtools: CDPSession) -> dict[str, float]:
    answer = await devtools.send("Performance.getMetrics")
    return {metric["name"]: metric["value"] for metric in answer["metrics"]}
