"""What small screens show: nothing stretches a page, nothing is cut, and the small monitor stays legible."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any
from uuid import uuid4

import httpx
import pytest
from playwright.async_api import Browser, Page, ViewportSize, expect

from tests.browser.pages import trainer_over_http, watched_page
from tests.browser.screens import PHONE, ControlRoom
from tests.support.scenario import ServerProcess

FLAGS = ["respiratory_distress", "cardiac_arrest", "dysglycaemia", "haemorrhage", "loss_of_consciousness"]
# Wider than the screen, a page is shown small or scrolls sideways: the browser widens its window then.
WIDTHS = "() => [innerWidth, document.documentElement.scrollWidth]"
# Each number of the small monitor, as long as it gets, against every other text of its tile: those that overlap.
# A line's box is taller than its glyphs: only what is more than a third into the number counts.
OVERLAPS = """() => {
  const found = [];
  for (const tile of document.querySelectorAll(".db-preview .mon-tile")) {
    const number = tile.querySelector(".mon-digits").getBoundingClientRect();
    const ink = { top: number.top + number.height * 0.15, bottom: number.bottom - number.height * 0.15 };
    for (const other of tile.querySelectorAll(".mon-label, .mon-unit, .mon-limits, .mon-sub")) {
      const box = other.getBoundingClientRect();
      const isBeside = box.width === 0 || box.right <= number.left || box.left >= number.right;
      if (!isBeside && box.bottom - 2 > ink.top && box.top + 2 < ink.bottom)
        found.push(`${tile.className}: ${number.width}x${number.height} and ${other.className}`);
    }
    const frame = tile.getBoundingClientRect();
    if (number.left < frame.left || number.right > frame.right) found.push(`${tile.className}: cut`);
  }
  return found;
}"""
# Words that are in more than one line: a range around each has several rectangles then.
BROKEN = """() => [...document.querySelectorAll(".mon-condition span")].flatMap((span) => {
  const text = span.firstChild;
  return [...text.data.matchAll(/\\S+/g)].filter((word) => {
    const range = document.createRange();
    range.setStart(text, word.index);
    range.setEnd(text, word.index + word[0].length);
    return new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size > 1;
  }).map(String);
})"""
# Texts of the monitor that somebody sees and that end outside of whatever clips them. A long title may.
CUT = """() => {
  const found = [];
  const walker = document.createTreeWalker(document.querySelector(".monitor"), NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text !== null; text = walker.nextNode()) {
    const holder = text.parentElement;
    if (text.data.trim() === "" || holder.closest(".visually-hidden, .mon-session-title")) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    const box = range.getBoundingClientRect();
    if (box.width === 0) continue;
    let clip = holder;
    while (clip !== null && getComputedStyle(clip).overflowX === "visible") clip = clip.parentElement;
    const frame = (clip ?? document.documentElement).getBoundingClientRect();
    if (box.left < frame.left - 1 || box.right > frame.right + 1) found.push(text.data);
  }
  return found;
}"""
# A desk, a tablet on its side and upright, a telephone both ways.
SIZES = ((1280, 720), (1024, 768), (768, 1024), (390, 844), (844, 390))
# Red, yellow and cyan alarms at once, the longest of names, and a cuff that has measured nothing.
ILL = {
    "vitals": {"heart_rate": 180, "spo2": 86, "temperature": 39.4},
    "rhythm": "ventricular_tachycardia",
    "flags": {"co2_off": True},
}
WELL = {
    "vitals": {"heart_rate": 80, "spo2": 97, "temperature": 37.0},
    "rhythm": "sinus",
    "flags": {"pulseless": None, "cpr": None, "co2_off": None},
}


async def test_no_page_is_wider_than_the_screen(browser: Browser, server: ServerProcess) -> None:
    async with watched_page(browser, **PHONE) as page:
        room = ControlRoom(page)
        await room.log_in(server)
        await expect(page.locator(".db-template")).not_to_have_count(0)
        assert await page.evaluate(WIDTHS) == [390, 390]
        await room.start("Anaphylaxis")
        assert await page.evaluate(WIDTHS) == [390, 390]


@pytest.mark.parametrize("units", [{}, {"pressure": "kPa", "temperature": "°F"}])
@pytest.mark.parametrize("flags", [0, 3, 5])
async def test_the_small_monitor_on_a_telephone(
    browser: Browser, server: ServerProcess, flags: int, units: dict[str, str]
) -> None:
    async with trainer_over_http(server) as http, watched_page(browser, **PHONE) as page:
        stored = json.dumps(json.dumps({"units": units}))
        await page.add_init_script(f"localStorage.setItem('shiller.monitor', {stored})")
        vitals = {"heart_rate": 118, "spo2": 100, "systolic": 185, "diastolic": 105, "temperature": 38.8}
        session = (await http.post("/sessions", json={"vitals": vitals})).raise_for_status().json()
        (await http.patch(f"/sessions/{session['id']}", json={"shows_conditions": True})).raise_for_status()
        await _raise(http, session, FLAGS[:flags])
        room = ControlRoom(page)
        await room.log_in(server)
        await room.enter(session["code"])
        await expect(page.locator(".db-preview .mon-condition")).to_have_count(flags)
        await expect(page.locator(".db-preview .mon-tile-ecg .mon-digits")).to_have_text("118")
        assert await page.evaluate(OVERLAPS) == []


@pytest.mark.parametrize("width", [320, 360, 390, 600, 844, 1024, 1920])
@pytest.mark.parametrize("language", ["en-GB", "fr-FR"])
async def test_the_conditions_keep_their_words_whole(
    browser: Browser, shared_server: ServerProcess, language: str, width: int
) -> None:
    viewport = {"width": width, "height": 800}
    async with (
        trainer_over_http(shared_server) as http,
        watched_page(browser, viewport=viewport, locale=language) as page,
    ):
        session = (await http.post("/sessions", json={})).raise_for_status().json()
        (await http.patch(f"/sessions/{session['id']}", json={"shows_conditions": True})).raise_for_status()
        await _raise(http, session, FLAGS)
        await page.goto(f"{shared_server.url}/j/{session['code']}")
        await page.locator("#join-name").fill("Zoé")
        await page.keyboard.press("Enter")
        await expect(page.locator(".mon-condition")).to_have_count(5)
        assert await page.evaluate(BROKEN) == []


@pytest.mark.parametrize("language", ["en-GB", "fr-FR"])
async def test_nothing_on_the_monitor_is_cut(browser: Browser, shared_server: ServerProcess, language: str) -> None:
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(trainer_over_http(shared_server))
        session = (await http.post("/sessions", json={"title": "Acute coronary syndrome"})).raise_for_status().json()
        pages: list[Page] = []
        for width, height in SIZES:
            viewport = ViewportSize(width=width, height=height)
            page = await stack.enter_async_context(watched_page(browser, viewport=viewport, locale=language))
            await page.goto(f"{shared_server.url}/j/{session['code']}")
            await page.locator("#join-name").fill("Zoé")
            await page.keyboard.press("Enter")
            await expect(page.locator(".mon-tile-ecg .mon-digits")).to_be_visible()
            pages.append(page)
        await _push(http, session, ILL)
        await _is_whole(pages, ".mon-tile-spo2[data-alarm]")
        await _push(http, session, {"rhythm": "ventricular_fibrillation", "flags": {"pulseless": True, "cpr": True}})
        await _is_whole(pages, ".mon-lane-note")
        for page in pages:
            # One after the other: a silence ends by itself.
            await page.locator(".mon-key-silence").click()
            await _is_whole([page], ".mon-silenced")
        await _push(http, session, WELL)
        # What has ended has its time beside its name.
        await _is_whole(pages, ".mon-chip[data-ended=true]")


async def _is_whole(pages: Sequence[Page], until: str) -> None:
    for page in pages:
        await expect(page.locator(until).first).to_be_visible()
        assert await page.evaluate(CUT) == [], page.viewport_size


async def _raise(http: httpx.AsyncClient, session: dict[str, Any], flags: list[str]) -> None:
    await _push(http, session, {"rhythm": "sinus", "flags": dict.fromkeys(flags, True)})


async def _push(http: httpx.AsyncClient, session: dict[str, Any], patch: dict[str, Any]) -> None:
    body = {"id": str(uuid4()), "kind": "vitals", **patch}
    (await http.post(f"/sessions/{session['id']}/events", json=body)).raise_for_status()
