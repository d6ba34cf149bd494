"""What a debrief takes in a trainer's browser: on a device that has nothing of the session, and on one that has it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from statistics import median
from time import perf_counter

from playwright.async_api import Page

from bench.screens import DEMO, chromium

TIMES = 3
PATIENCE_MS = 300_000


@dataclass(frozen=True)
class Opened:
    """Seconds, until the whole record and the monitor's numbers are on the screen."""

    first: float
    again: float


async def open_debrief(url: str, session_id: str, events: int) -> Opened:
    """`events`: how many its record has. The session has ended."""
    address = f"{url}/dashboard/sessions/{session_id}"
    async with chromium() as browser:
        page = await browser.new_page(locale="en-GB", viewport={"width": 1366, "height": 768})
        page.set_default_timeout(PATIENCE_MS)
        await page.goto(f"{url}/dashboard/cases")
        await page.get_by_label("Email").fill(DEMO["email"])
        password = page.get_by_label("Password", exact=True)
        await password.fill(DEMO["password"])
        began = perf_counter()
        await password.press("Enter")
        await page.locator(".db-status").wait_for()
        await page.goto(address)
        await _see_whole(page, events)
        first = perf_counter() - began
        return Opened(first, median([await _open_again(page, address, events) for _ in range(TIMES)]))


async def _open_again(page: Page, address: str, events: int) -> float:
    await page.goto("about:blank")
    began = perf_counter()
    await page.goto(address)
    await _see_whole(page, events)
    return perf_counter() - began


async def _see_whole(page: Page, events: int) -> None:
    await asyncio.gather(
        page.locator(".db-record-turn").get_by_text(f"of {events:,}").wait_for(),
        page.locator(".db-replayed .mon-tile-ecg .mon-digits").wait_for(),
        page.locator(".db-chart svg").first.wait_for(),
    )
