"""The debrief of a session: it opens by itself, and its monitor shows what a monitor showed then."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from math import ceil, floor
from typing import Any

import httpx
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.pages import trainer_over_http, watched_page
from tests.support.scenario import ServerProcess
from tests.support.scenario_clients import Json, new_id

ENGLISH: dict[str, Any] = {"locale": "en-GB", "timezone_id": "Europe/Paris", "viewport": {"width": 1280, "height": 720}}
RAMP_SECONDS = 40


@pytest_asyncio.fixture(loop_scope="session")
async def trainer(shared_server: ServerProcess) -> AsyncIterator[httpx.AsyncClient]:
    async with trainer_over_http(shared_server) as client:
        yield client


@dataclass(frozen=True)
class Ramp:
    """What a sign does, by hand: as the contract writes it, in straight lines of the server's clock."""

    begun: float
    start: float
    target: float
    decimals: int = 0

    def at(self, moment: float) -> re.Pattern[str]:
        """What a monitor shows then: one number, or either of two where the millisecond before rounds otherwise."""
        shown = {self._number(moment + off) for off in (-0.001, 0.0, 0.001)}
        return re.compile(f"^({'|'.join(re.escape(each) for each in sorted(shown))})$")

    def _number(self, moment: float) -> str:
        gone = min(1.0, max(0.0, (moment - self.begun) / RAMP_SECONDS))
        value = self.start + (self.target - self.start) * gone
        scale = 10**self.decimals
        return f"{floor(value * scale + 0.5) / scale:.{self.decimals}f}"


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


async def _event(trainer: httpx.AsyncClient, session: Json, **body: Any) -> Json:
    answer = await trainer.post(f"/sessions/{session['id']}/events", json={"id": new_id(), **body})
    return answer.raise_for_status().json()


async def _log_in(page: Page, server: ServerProcess, session: Json) -> None:
    await page.goto(f"{server.url}/dashboard/sessions/{session['id']}")
    await page.get_by_label("Email").fill("demo@shiller.local")
    field = page.get_by_label("Password", exact=True)
    await field.fill("demo-shiller")
    await field.press("Enter")
    await expect(page.locator(".db-room")).to_be_visible()


async def _scrub_to(slider: Locator, second: int) -> None:
    await slider.press("Home")
    for _ in range(second):
        await slider.press("ArrowRight")
    await expect(slider).to_have_attribute("aria-valuenow", str(second))


async def test_the_debrief_shows_what_the_monitors_showed(
    browser: Browser, shared_server: ServerProcess, trainer: httpx.AsyncClient
) -> None:
    body = {"id": new_id(), "title": "Talked over", "vitals": {"spo2": 98, "temperature": 37.0}}
    session: Json = (await trainer.post("/sessions", json=body)).raise_for_status().json()
    opened = _seconds(session["created_at"])

    async with watched_page(browser, **ENGLISH) as page:
        # First, for it takes as long as the machine likes, and what happens has its seconds.
        await _log_in(page, shared_server, session)
        moved = await _event(
            trainer, session, kind="vitals", vitals={"spo2": 78, "temperature": 40.0}, ramp_seconds=RAMP_SECONDS
        )
        measured = await _event(trainer, session, kind="action", action="nibp_start")
        # The first whole second in which the cuff inflates, however late the machine is.
        first = ceil(_seconds(measured["created_at"]) - opened)
        await _event(trainer, session, kind="note", marker="help")
        await asyncio.sleep(max(0.0, opened + first + 2 - time.time()))
        off = await _event(trainer, session, kind="vitals", flags={"temp_off": True})
        arrest = await _event(trainer, session, kind="vitals", rhythm="ventricular_fibrillation")
        await _event(trainer, session, kind="note", marker="defibrillation")
        # Until a monitor has seen that it is one.
        await asyncio.sleep(max(0.0, _seconds(arrest["created_at"]) + 5.5 - time.time()))
        await trainer.post(f"/sessions/{session['id']}/close")

        # By itself, and calm: nothing is scored before somebody has spoken.
        await expect(page.get_by_role("tab", name="Reactions")).to_have_attribute("aria-selected", "true")
        await expect(page.locator(".db-notice").get_by_text("This session has ended")).to_be_visible()
        await page.keyboard.press("3")
        await expect(page.get_by_role("tab", name="Analysis")).to_have_attribute("aria-selected", "true")
        slider = page.get_by_role("slider", name="Moment shown")
        digits = {name: page.locator(f".mon-tile-{name} .mon-digits") for name in ("spo2", "temperature", "ecg")}

        begun = _seconds(moved["created_at"])
        spo2, temperature = Ramp(begun, 98, 78), Ramp(begun, 37.0, 40.0, decimals=1)
        fibrillates = _seconds(arrest["created_at"]) - opened
        last = int(fibrillates + 4.5)
        # Backwards at once: the last second first.
        for second in (last, first + 1, first):
            await _scrub_to(slider, second)
            # Numbers move at the quarters of the server's seconds; what a change takes away is gone at once.
            shown_at = floor((opened + second) * 4) / 4
            is_off = second >= _seconds(off["created_at"]) - opened
            is_seen = shown_at - opened >= fibrillates + 4
            # Without a pulse the last saturation is held.
            await expect(digits["spo2"]).to_have_text(spo2.at(min(shown_at, opened + fibrillates)))
            await expect(digits["temperature"]).to_have_text("---" if is_off else temperature.at(shown_at))
            # A resting heart wavers by two, as it did live.
            await expect(digits["ecg"]).to_have_text("---" if is_seen else re.compile(r"^7[3-7]$"))
        await expect(page.locator(".db-replayed .mon-cuff")).to_have_attribute("data-phase", "inflating")

        # A hand that pulls it, and strays from it, selects no text.
        track = await slider.bounding_box()
        assert track is not None
        await page.mouse.move(track["x"] + 2, track["y"] + track["height"] / 2)
        await page.mouse.down()
        await page.mouse.move(track["x"] + track["width"] / 2, track["y"] + 200, steps=8)
        await expect(slider).to_have_attribute("aria-valuetext", re.compile("^[1-9]"))
        assert await page.evaluate("getSelection().toString()") == ""
        await page.mouse.up()

        # Moments by key: what comes next, one after the other, and back.
        await page.keyboard.press("Home")
        await expect(slider).to_have_attribute("aria-valuetext", "0 s, sinus rhythm")
        # What a healthy patient's numbers come to, and what a team could know of it before the cuff has measured.
        await expect(page.get_by_role("row", name="Patient ≥0 93 0.63")).to_be_visible()
        await expect(page.get_by_role("row", name="Known to the team ≥0 – –")).to_be_visible()
        seen: list[str | None] = []
        for _ in range(3):
            await page.keyboard.press(".")
            seen.append(await page.locator(".db-strip [aria-current] .db-moment-words").text_content())
        assert seen[0] == "Help called"
        assert seen[1] == "Arrest: Ventricular fibrillation"
        await page.keyboard.press(",")
        await expect(slider).to_have_attribute("aria-valuetext", f"{int(fibrillates)} s, ventricular fibrillation")
        await expect(page.locator(".db-strip [aria-current] .db-moment-words")).to_have_text(seen[1] or "")

        # The record, whole and by kind.
        rows = page.locator("#part-record tbody tr")
        await page.get_by_label("Kind").select_option("note")
        await expect(rows).to_have_count(2)
        await expect(rows.last).to_contain_text("Defibrillation")
