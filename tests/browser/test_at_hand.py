"""The ten most frequent actions of a trainer: few clicks, no scrolling, and each by its keys.

A click here is the mouse at a place on the screen: nothing is scrolled into view for it, as a hand would have to.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, Locator, Page, ViewportSize, expect

from tests.browser.pages import eventually, trainer_over_http, watched_page
from tests.support.scenario import DEMO_EMAIL, DEMO_PASSWORD, ServerProcess

# French takes more room, so it has the smaller one.
SCREENS = ((1440, 900, "en-GB"), (1280, 720, "fr-FR"))
# Wholly inside the window, and nothing of the page lies over its middle.
IS_AT_HAND = """(element) => {
  const box = element.getBoundingClientRect();
  const isInside = box.left >= 0 && box.top >= 0 && box.right <= innerWidth && box.bottom <= innerHeight;
  const seen = document.elementFromPoint((box.left + box.right) / 2, (box.top + box.bottom) / 2);
  const isOnTop = seen !== null && (element.contains(seen) || seen.contains(element));
  return box.width > 0 && isInside && isOnTop;
}"""
SCROLLED = "() => [...document.querySelectorAll('*')].filter((one) => one.scrollTop > 0).map((one) => one.className)"
FOCUS = "() => document.activeElement?.dataset.shortcut ?? null"
# Nobody taps so fast; two taps of one finger are taken for one.
BETWEEN_TAPS_MS = 650
_ADRENALINE = re.compile("Adr[eé]naline")


@dataclass
class Hand:
    """A mouse and a keyboard, and how often the mouse was pressed."""

    page: Page
    http: httpx.AsyncClient
    clicks: int = 0

    async def click(self, control: Locator) -> None:
        await expect(control).to_be_visible()
        assert await control.evaluate(IS_AT_HAND), f"out of reach: {await control.evaluate('(one) => one.outerHTML')}"
        box = await control.bounding_box()
        assert box is not None
        await self.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        self.clicks += 1

    async def in_clicks(self, most: int, action: Awaitable[None]) -> None:
        self.clicks = 0
        await action
        assert self.clicks <= most, f"{self.clicks} clicks for {action}"
        assert await self.page.evaluate(SCROLLED) == []

    def shortcut(self, name: str) -> Locator:
        return self.page.locator(f"[data-shortcut={name}]")

    @property
    def send(self) -> Locator:
        return self.page.locator(".db-send-button")

    async def events(self) -> list[dict[str, Any]]:
        session_id = self.page.url.rsplit("/", 1)[1]
        return (await self.http.get(f"/sessions/{session_id}/events?limit=200")).raise_for_status().json()["items"]

    async def bookmarks(self) -> list[dict[str, Any]]:
        session_id = self.page.url.rsplit("/", 1)[1]
        beside = (await self.http.get(f"/sessions/{session_id}/annotations")).raise_for_status().json()["items"]
        return [each for each in beside if each["kind"] == "bookmark"]

    async def recorded(self, what: str, is_it: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        async def look() -> list[dict[str, Any]]:
            return [event for event in await self.events() if is_it(event)]

        return (await eventually(look, what))[-1]


@asynccontextmanager
async def trainer(browser: Browser, server: ServerProcess, **options: Any) -> AsyncIterator[Hand]:
    async with trainer_over_http(server) as http, watched_page(browser, reduced_motion="reduce", **options) as page:
        await page.goto(f"{server.url}/dashboard")
        await page.locator("input[type=email]").fill(DEMO_EMAIL)
        await page.locator("input[type=password]").fill(DEMO_PASSWORD)
        await page.keyboard.press("Enter")
        await expect(page.locator(".db-template")).not_to_have_count(0)
        yield Hand(page, http)


@pytest.mark.parametrize(("width", "height", "language"), SCREENS)
async def test_the_ten_actions_are_at_hand(
    browser: Browser, shared_server: ServerProcess, width: int, height: int, language: str
) -> None:
    viewport = ViewportSize(width=width, height=height)
    async with (
        trainer(browser, shared_server, viewport=viewport, locale=language) as hand,
        watched_page(browser) as trainee,
    ):
        page = hand.page
        cases = page.locator(".db-template > button")
        for place in range(6):
            assert await cases.nth(place).evaluate(IS_AT_HAND), f"case {place + 1}"
        await hand.in_clicks(1, hand.click(cases.first))
        await expect(page.locator(".db-code")).to_be_visible()
        await hand.in_clicks(1, _shows_the_code(hand))
        code = (await page.locator(".db-code [aria-hidden]").inner_text()).replace(" ", "")
        await trainee.goto(f"{shared_server.url}/j/{code}")
        await trainee.locator("#join-name").fill("Zoé")
        await trainee.keyboard.press("Enter")
        before = (await hand.events())[0]["heart_rate"]
        await hand.in_clicks(1, _sets_a_sign(hand))
        await hand.in_clicks(1, hand.click(hand.shortcut("undo")))
        await hand.recorded("the undo", lambda event: event["seq"] > 1 and event["heart_rate"] == before)
        await _every_rhythm_is_at_hand(hand)
        await hand.in_clicks(2, _chooses_a_rhythm(hand))
        await hand.in_clicks(1, _notes(hand))
        await hand.in_clicks(1, hand.click(page.locator(".db-marker").filter(has_text=_ADRENALINE).first))
        await hand.recorded("the marker", lambda event: event["marker"] is not None)
        await hand.in_clicks(2, _arrests(hand))
        await expect(trainee.locator(".mon-tile-co2 .mon-digits")).not_to_have_text(re.compile(r"^[1-9]"))
        await expect(hand.shortcut("people")).to_contain_text("1")
        await hand.in_clicks(1, hand.click(hand.shortcut("people")))
        await expect(page.get_by_role("dialog")).to_contain_text("Zoé")
        await page.keyboard.press("Escape")
        await _plays_the_whole_case(hand)


async def _shows_the_code(hand: Hand) -> None:
    await hand.click(hand.shortcut("projector"))
    await expect(hand.page.get_by_role("dialog")).to_be_visible()
    await hand.page.keyboard.press("Escape")


async def _sets_a_sign(hand: Hand) -> None:
    for entry in await hand.page.locator(".db-entry").all():
        assert await entry.evaluate(IS_AT_HAND)
    await hand.click(hand.page.locator(".db-entry").first)
    await hand.page.keyboard.type("131")
    await hand.page.keyboard.press("Enter")
    await hand.recorded("the sign", lambda event: event["heart_rate"] == 131)


async def _every_rhythm_is_at_hand(hand: Hand) -> None:
    for rhythm in await hand.page.locator(".db-rhythms .db-toggle").all():
        assert await rhythm.evaluate(IS_AT_HAND), await rhythm.inner_text()


async def _chooses_a_rhythm(hand: Hand) -> None:
    await hand.click(hand.page.locator(".db-rhythms .db-toggle").nth(2))
    assert await hand.shortcut("undo").evaluate(IS_AT_HAND)
    await hand.click(hand.send)
    await hand.recorded("the rhythm", lambda event: event["rhythm"] == "atrial_fibrillation")


async def _notes(hand: Hand) -> None:
    await hand.click(hand.shortcut("note"))
    await hand.page.keyboard.type("Calls for help")
    await hand.page.keyboard.press("Enter")
    await hand.recorded("the note", lambda event: event["text"] == "Calls for help")


async def _arrests(hand: Hand) -> None:
    """Rhythm, pulse, breath and CO2 together."""
    await hand.click(hand.shortcut("arrest"))
    # However much is staged, nothing has gone out of reach.
    await _every_rhythm_is_at_hand(hand)
    await hand.click(hand.send)
    arrest = await hand.recorded("the arrest", lambda event: event["rhythm"] == "ventricular_fibrillation")
    assert arrest["flags"]["pulseless"] is True
    assert (arrest["respiratory_rate"], arrest["etco2"], arrest["systolic"]) == (0, 0, 0)


async def _plays_the_whole_case(hand: Hand) -> None:
    """Its start, and on the way that the case would go every step after the first with one click, until it ends or
    comes back to a step that was played.
    """
    await hand.in_clicks(1, hand.click(hand.shortcut("next")))
    await hand.recorded("the start", lambda event: event["kind"] == "case")
    played: list[str] = []
    while await hand.shortcut("next").count():
        ahead = await hand.shortcut("next").get_attribute("aria-label")
        assert ahead is not None
        if ahead in played:
            break
        await hand.page.wait_for_timeout(BETWEEN_TAPS_MS)
        before = await _own_steps(hand)
        await hand.in_clicks(1, hand.click(hand.shortcut("next")))
        played.append(ahead)
        markers = hand.page.locator(".db-marker").first
        assert await markers.evaluate(IS_AT_HAND)

        async def is_recorded(before: int = before) -> bool:
            return await _own_steps(hand) > before

        await eventually(is_recorded, f"the step of «{ahead}»")
        await expect(hand.page.locator(f'[data-shortcut=next][aria-label="{ahead}"]')).to_have_count(0)
    assert len(played) >= 4, played


async def _own_steps(hand: Hand) -> int:
    return len([event for event in await hand.events() if event["step"] and event["by"]["role"] == "trainer"])


async def test_each_has_its_keys(browser: Browser, shared_server: ServerProcess) -> None:
    viewport = ViewportSize(width=1280, height=720)
    async with trainer(browser, shared_server, viewport=viewport) as hand:
        page = hand.page
        await page.keyboard.press("Alt+Shift+1")
        await expect(page.locator(".db-code")).to_be_visible()
        await page.keyboard.press("Alt+Shift+P")
        await expect(page.get_by_role("dialog")).to_be_visible()
        # In a dialog the keys of the page do nothing.
        await page.keyboard.press("Alt+Shift+1")
        await _closes(page)
        await page.keyboard.press("Alt+Shift+V")
        await page.keyboard.type("131")
        await page.keyboard.press("Enter")
        await hand.recorded("the sign", lambda event: event["heart_rate"] == 131)
        await page.keyboard.press("Alt+Shift+U")
        await hand.recorded("the undo", lambda event: event["seq"] > 1 and event["heart_rate"] == 94)
        await page.keyboard.press("Alt+Shift+R")
        await page.keyboard.press("ArrowRight")
        await page.keyboard.press("Space")
        await page.keyboard.press("Control+Enter")
        await hand.recorded("the rhythm", lambda event: event["rhythm"] == "stemi")
        await page.keyboard.press("Alt+Shift+E")
        await hand.recorded("the start", lambda event: event["kind"] == "case")
        await page.wait_for_timeout(BETWEEN_TAPS_MS)
        await page.keyboard.press("Alt+Shift+E")
        await hand.recorded("the second step", lambda event: event["step"] == "ectopy")
        await page.keyboard.press("Alt+Shift+F")
        await page.keyboard.press("Control+Enter")
        await hand.recorded("the arrest", lambda event: event["rhythm"] == "ventricular_fibrillation")
        await page.keyboard.press("Alt+Shift+C")
        await page.keyboard.press("Control+Enter")
        pressed = await hand.recorded("the compressions", lambda event: (event["flags"] or {}).get("cpr") is True)
        assert (pressed["respiratory_rate"], pressed["etco2"]) == (10, 15)
        await hand.recorded("their marker", lambda event: event["marker"] == "cpr_started")
        markers = await page.locator(".db-marker").all_inner_texts()
        shock = next(place for place, text in enumerate(markers, 1) if "Defibrillation" in text)
        await page.keyboard.press(f"Alt+Shift+{shock}")
        await hand.recorded("the marker", lambda event: event["marker"] == "defibrillation")
        assert await hand.bookmarks() == []
        await page.keyboard.press("Alt+Shift+K")
        (bookmark,) = await eventually(hand.bookmarks, "the bookmark")
        assert bookmark["text"] == ""
        await page.keyboard.press("Alt+Shift+H")
        await expect(page.get_by_role("dialog")).to_contain_text("Nobody has joined yet")
        await _closes(page)
        await page.keyboard.press("Alt+Shift+O")
        await expect(hand.shortcut("note")).to_be_focused()
        await _writes_undisturbed(hand)


async def _closes(page: Page) -> None:
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)


async def _writes_undisturbed(hand: Hand) -> None:
    """Nothing that is typed into a note is taken for a key."""
    page = hand.page
    before = len(await hand.events())
    await page.keyboard.type("Why? ")
    for key in "EUF1":
        await page.keyboard.press(f"Alt+Shift+{key}")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.keyboard.press("Enter")
    await hand.recorded("the note", lambda event: (event["text"] or "").startswith("Why?"))
    assert len(await hand.events()) == before + 1
    await page.locator(".db-back").focus()
    await page.keyboard.press("?")
    listed = page.get_by_role("dialog", name="Keyboard shortcuts")
    await expect(listed.locator("dt")).to_have_count(15)
    await listed.get_by_role("switch").uncheck()
    await _closes(page)
    await page.keyboard.press("?")
    await page.keyboard.press("Alt+Shift+H")
    await expect(page.get_by_role("dialog")).to_have_count(0)


async def test_the_steps_are_near_the_signs(browser: Browser, shared_server: ServerProcess) -> None:
    async with trainer(browser, shared_server, viewport=ViewportSize(width=1280, height=720)) as hand:
        page = hand.page
        await page.keyboard.press("Alt+Shift+1")
        await page.locator(".db-entry").first.focus()
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        assert await page.evaluate(FOCUS) == "next"


async def test_the_checklist_is_ticked_for_everybody(browser: Browser, shared_server: ServerProcess) -> None:
    """With its time, in the record: a reload and a colleague find it; what has a marker is ticked by that."""
    viewport = ViewportSize(width=1440, height=900)
    async with trainer(browser, shared_server, viewport=viewport) as hand:
        page = hand.page
        await page.keyboard.press("Alt+Shift+1")
        pads = page.get_by_role("checkbox", name="Attaches defibrillation pads before the arrest")
        await pads.click()
        await expect(pads).to_be_checked()
        shock = page.get_by_role("checkbox", name=re.compile("Delivers the first shock"))
        await expect(shock).not_to_be_checked()
        await page.get_by_role("button", name="Defibrillation", exact=True).click()
        await expect(shock).to_be_checked()
        ticked = await hand.recorded("the tick", lambda event: event["marker"] == "done_pads")
        assert ticked["text"] == "Attaches defibrillation pads before the arrest"
        await hand.recorded("the shock", lambda event: event["marker"] == "defibrillation")
        await expect(page.get_by_role("list", name="Record")).to_contain_text("Done: Attaches defibrillation pads")
        await page.reload()
        await expect(pads).to_be_checked()
        await expect(shock).to_be_checked()
        await expect(page.get_by_text("2 of 15")).to_be_visible()
        # A second tap changes nothing.
        await pads.dispatch_event("click")
        markers = [event["marker"] for event in await hand.events() if event["kind"] == "note"]
        assert markers == ["done_pads", "defibrillation"]


async def test_a_case_is_read_before_it_is_started(browser: Browser, shared_server: ServerProcess) -> None:
    async with trainer(browser, shared_server, viewport=ViewportSize(width=1280, height=720)) as hand:
        card = hand.page.locator(".db-template").first
        await card.get_by_text("Read the case").click()
        for words in (
            "fine after two minutes and asystole after five",
            "An organised rhythm under CPR",
            "Alerts the primary PCI team",
        ):
            await expect(card.locator("details").get_by_text(words)).to_be_visible()
        await card.locator("> button").click()
        await expect(hand.page.locator(".db-about")).to_contain_text("fine after two minutes and asystole after five")
