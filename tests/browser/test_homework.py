"""Homework: a trainer gives it, a telephone plays it alone and comes to its end, the trainer opens the record."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.pages import watched_page
from tests.browser.screens import PHONE
from tests.browser.test_accessibility import Checker
from tests.browser.trainer_pages import log_in, over_http
from tests.support.scenario import ServerProcess
from tests.support.scenario_clients import new_id

CASE: dict[str, Any] = {
    "title": "Anaphylaxis at home",
    "public_title": "A woman of 34",
    "duration_minutes": 20,
    "language": "en",
    "checklist": [{"key": "help", "text": "Calls for help", "marker": "help"}],
    "steps": [
        {
            "key": "hives",
            "title": "Hives",
            "vitals": {"heart_rate": 128},
            "transitions": [
                {"to": "better", "automatic": True, "on": {"marker": "im_adrenaline"}},
                {"to": None, "automatic": True, "on": {"after": 600}},
            ],
        },
        {
            "key": "better",
            "title": "Better",
            "vitals": {"heart_rate": 91},
            "transitions": [{"to": None, "automatic": True, "on": {"marker": "handover"}}],
        },
    ],
}


@asynccontextmanager
async def _two_pages(browser: Browser) -> AsyncIterator[tuple[Page, Page]]:
    async with watched_page(browser) as trainer, watched_page(browser, **PHONE) as phone:
        yield trainer, phone


async def test_a_telephone_plays_what_a_trainer_gave_and_the_trainer_reads_the_record(
    browser: Browser, shared_server: ServerProcess
) -> None:
    axe = Checker()
    async with over_http(shared_server.url) as http, _two_pages(browser) as (trainer, phone):
        (await http.post("/templates", json={"id": new_id(), **CASE})).raise_for_status()
        await trainer.goto(f"{shared_server.url}/dashboard/homework")
        await log_in(trainer)
        link = await _give(trainer, axe)
        await phone.goto(link)
        await expect(phone.get_by_role("heading", name="A woman of 34")).to_be_visible()
        # The name of the case would tell what it is.
        await expect(phone.get_by_text("Anaphylaxis")).to_have_count(0)
        await axe.check_both(phone, "the page of the link")
        await phone.get_by_label("Your name").fill("Léa")
        await phone.get_by_role("button", name="Begin").click()
        digits = phone.locator(".mon-digits").first
        await expect(digits).to_have_text("128")
        await axe.check(phone, "the monitor of whoever plays alone")
        assert await phone.evaluate("[document.documentElement.scrollWidth, innerWidth]") == [390, 390]
        await _key(phone, "Call for help").click()
        await _key(phone, "Adrenaline IM").click()
        await expect(digits).to_have_text("91")
        await expect(_key(phone, "Adrenaline IM, done")).to_be_visible()
        await _key(phone, "Hand over").click()
        await expect(phone.get_by_role("heading", name="The case is over")).to_be_visible()
        await axe.check(phone, "the end of a try")
        await phone.get_by_role("button", name="Begin again").click()
        await expect(phone.get_by_label("Your name")).to_have_value("Léa")
        await _read(trainer, axe)
    assert axe.found == []


async def _give(page: Page, axe: Checker) -> str:
    await page.get_by_role("button", name="Set homework").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Case").select_option("Anaphylaxis at home")
    await expect(dialog.get_by_label("Name that trainees read")).to_have_value("A woman of 34")
    await axe.check(page, "giving homework", "dialog")
    await dialog.get_by_role("button", name="Make the link").click()
    await expect(dialog.get_by_role("heading", name=re.compile("ready to be sent"))).to_be_visible()
    link = await dialog.get_by_role("link").get_attribute("href")
    assert link is not None
    await page.keyboard.press("Escape")
    return link


async def _read(page: Page, axe: Checker) -> None:
    await page.reload()
    card = page.get_by_role("listitem").filter(has_text="Anaphylaxis at home")
    await card.locator("summary").click()
    row = card.get_by_role("row", name=re.compile("Léa"))
    await expect(row).to_contain_text("played to its end")
    await axe.check_both(page, "the homework of a school")
    await row.get_by_role("link").click()
    await expect(page.get_by_role("heading", name=re.compile("Homework: A woman of 34 · Léa"))).to_be_visible()
    await expect(page.get_by_text("IM adrenaline given").first).to_be_visible()


def _key(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name="What you do").get_by_role("button", name=name, exact=True)
