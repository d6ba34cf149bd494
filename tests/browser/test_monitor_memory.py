"""The monitor makes no garbage that grows: pushes, alarms, thousands of frames, screens opened and closed.

Nothing here waits for a clock: the page has one of its own, which runs as fast as the machine can. The long
run, with a server and with sound, is `python -m bench.monitor_memory`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
from playwright.async_api import Browser, CDPSession, Page, async_playwright

from tests.browser.built import built_page
from tests.browser.pages import watched_page
from tests.support.chromium import launch

# The first rounds are compiled, and fill what has a bound: the beats of a minute, the browser's own lists.
ROUNDS, WARM_UP, LOOKS = 16, 5, 3
PUSHES = 200
MAY_GROW = 1.04
# What is compiled once more, and better, at a time that nobody knows, lies on the heap as well.
ONE_COMPILER = "--js-flags=--no-opt --no-maglev"
COUNTED = ("Nodes", "JSEventListeners", "LayoutObjects", "Documents", "ArrayBufferContents")


@pytest.fixture(scope="module")
def bedside_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """web/tests/monitor/browser."""
    with built_page("bedside", tmp_path_factory.mktemp("bedside")) as url:
        yield url


@pytest_asyncio.fixture(loop_scope="session")
async def steady_browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await launch(playwright, ONE_COMPILER)
        yield browser
        await browser.close()


async def test_a_screen_that_is_open_for_long_keeps_nothing_of_what_it_showed(
    steady_browser: Browser, bedside_url: str
) -> None:
    async with _bedside(steady_browser, bedside_url) as (page, cdp):
        await _stays_as_small(cdp, lambda: _play(page))


async def test_nothing_is_left_of_screens_that_are_closed(steady_browser: Browser, bedside_url: str) -> None:
    async def open_and_close() -> None:
        await _play(page)
        assert await page.evaluate("() => bedside.leave()") == 0, "a closed screen asks for no frame and no timer"

    async with _bedside(steady_browser, bedside_url) as (page, cdp):
        await _stays_as_small(cdp, open_and_close)


@asynccontextmanager
async def _bedside(browser: Browser, url: str) -> AsyncIterator[tuple[Page, CDPSession]]:
    async with watched_page(browser, all_frames=True, viewport={"width": 800, "height": 500}) as page:
        await page.goto(url)
        await page.wait_for_function("() => window.bedside !== undefined")
        cdp = await page.context.new_cdp_session(page)
        await cdp.send("Performance.enable")
        yield page, cdp


async def _stays_as_small(cdp: CDPSession, play: Callable[[], Awaitable[None]]) -> None:
    """What grows for ever is larger at its least than it ever was before; what only comes and goes is not."""
    kept: list[dict[str, float]] = []
    for _ in range(ROUNDS):
        await play()
        kept.append(await _kept(cdp))
    early, late = kept[WARM_UP : WARM_UP + LOOKS], kept[-LOOKS:]
    for name in COUNTED:
        assert min(each[name] for each in late) <= max(each[name] for each in early), (name, kept)
    heap = [max(each["JSHeapUsedSize"] for each in early), min(each["JSHeapUsedSize"] for each in late)]
    assert heap[1] < heap[0] * MAY_GROW, kept


async def _play(page: Page) -> None:
    """A monitor sees every kind of patient, and has its keys pressed."""
    await page.evaluate("(count) => bedside.drag(count)", PUSHES)
    await page.evaluate("() => bedside.playAll()")
    assert await page.locator(".mon-chip").count() > 0, "an alarm was raised"


async def _kept(cdp: CDPSession) -> dict[str, float]:
    """What is in use when all garbage is gone: bytes of the heap, nodes, listeners …"""
    # Some of it is only let go by the finalisers of the first time.
    for _ in range(2):
        await cdp.send("HeapProfiler.collectGarbage")
    metrics = (await cdp.send("Performance.getMetrics"))["metrics"]
    return {each["name"]: each["value"] for each in metrics if each["name"] in (*COUNTED, "JSHeapUsedSize")}
