"""What a page costs a browser: processor time of all its processes, and the frames that it really draws."""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, CDPSession, Page

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_DISPLAYED = "Display::FrameDisplayed"
_TRACE = "disabled-by-default-display.framedisplayed"
_COUNT_FRAMES = """() => {
  window.framesAsked = 0;
  const count = () => { window.framesAsked += 1; requestAnimationFrame(count); };
  requestAnimationFrame(count);
}"""


@dataclass(frozen=True)
class Cost:
    """Seconds of processor time per second, by kind of process; 1.0 is one core."""

    shares: dict[str, float]
    # How often a second the page was asked for a frame, and how often one was put on the display.
    asked: float
    drawn: float

    @property
    def share(self) -> float:
        return sum(self.shares.values())


async def count_frames(page: Page) -> None:
    """From now on; costs about as much as nothing."""
    await page.evaluate(_COUNT_FRAMES)


async def measure(browser: Browser, page: Page, seconds: float) -> Cost:
    """The page is to be the browser's only one, and to count its frames."""
    cdp = await browser.new_browser_cdp_session()
    try:
        began, before = time.perf_counter(), await _processor_seconds(cdp)
        asked_before = await page.evaluate("framesAsked")
        # The time over which the cost is counted; nothing is waited for.
        await asyncio.sleep(seconds)
        asked = await page.evaluate("framesAsked") - asked_before
        after, lasted = await _processor_seconds(cdp), time.perf_counter() - began
    finally:
        await cdp.detach()
    shares: dict[str, float] = {}
    for (kind, pid), spent in after.items():
        shares[kind] = shares.get(kind, 0) + (spent - before.get((kind, pid), 0)) / lasted
    return Cost(shares, asked / lasted, await _drawn(browser, page))


async def _processor_seconds(cdp: CDPSession) -> dict[tuple[str, int], float]:
    answer = await cdp.send("SystemInfo.getProcessInfo")
    return {(each["type"], each["id"]): _spent(each["id"]) for each in answer["processInfo"]}


def _spent(pid: int) -> float:
    """User and system time of all threads of a process, in seconds."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except FileNotFoundError:
        return 0
    # Behind the name, which may hold anything: state is field 3, utime and stime are 14 and 15.
    fields = stat.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_SECOND


async def _drawn(browser: Browser, page: Page, seconds: float = 3) -> float:
    """Frames a second that were put on the display. Apart from the rest: a trace costs time itself."""
    cdp = await browser.new_browser_cdp_session()
    frames: list[float] = []
    done = asyncio.Event()

    def collect(message: dict[str, list[dict[str, object]]]) -> None:
        frames.extend(float(str(each["ts"])) for each in message["value"] if each["name"] == _DISPLAYED)

    cdp.on("Tracing.dataCollected", collect)
    cdp.on("Tracing.tracingComplete", lambda _message: done.set())
    await cdp.send("Tracing.start", {"traceConfig": {"includedCategories": [_TRACE]}, "transferMode": "ReportEvents"})
    await page.wait_for_timeout(seconds * 1000)
    await cdp.send("Tracing.end")
    await done.wait()
    await cdp.detach()
    if len(frames) < 2:
        return 0
    return (len(frames) - 1) / (max(frames) - min(frames)) * 1e6
