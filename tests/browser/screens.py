"""The two sides of a session as people use them: a trainee at a monitor, a trainer in the control room.

What is found by its role and name is meant for everybody; the classes name places that have neither.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from playwright.async_api import Browser, Locator, Page, ViewportSize, expect

from tests.browser.pages import watched_page
from tests.support.scenario import DEMO_EMAIL, DEMO_PASSWORD, ServerProcess

PHONE: dict[str, Any] = {
    "viewport": ViewportSize(width=390, height=844),
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
TABLET: dict[str, Any] = {"viewport": ViewportSize(width=1180, height=820), "has_touch": True}
PROJECTOR: dict[str, Any] = {"viewport": ViewportSize(width=1920, height=1080)}
DESK: dict[str, Any] = {"viewport": ViewportSize(width=1366, height=768)}


@dataclass(frozen=True)
class Monitor:
    """A trainee's page."""

    page: Page

    async def join(self, url: str, code: str, name: str) -> None:
        """By hand, at `/`: the code as somebody types it, key by key."""
        await self.page.goto(url)
        await self.page.get_by_label("Session code").press_sequentially(code)
        await self.page.get_by_label("Your name").fill(name)
        await self.page.get_by_role("button", name="Join", exact=True).click()
        await self.page.wait_for_url("**/monitor")

    def number(self, tile: str) -> Locator:
        """The large number of a tile: ecg, nibp, spo2, temperature, co2 or resp."""
        return self.page.locator(f".mon-tile-{tile} .mon-digits")

    async def shows(self, tile: str, number: int | str) -> None:
        await expect(self.number(tile)).to_have_text(str(number))

    def alarm(self, text: str) -> Locator:
        return self.page.locator(".mon-chip").filter(has_text=text).first

    def key(self, name: str) -> Locator:
        return self.page.locator(".mon-bar").get_by_role("button", name=name)

    def heading(self, text: str) -> Locator:
        return self.page.get_by_role("heading", name=text, exact=True)


@dataclass(frozen=True)
class ControlRoom:
    """The trainer's page."""

    page: Page

    async def log_in(self, server: ServerProcess) -> None:
        await self.page.goto(f"{server.url}/dashboard")
        await self.page.get_by_label("Email").fill(DEMO_EMAIL)
        await self.page.get_by_label("Password", exact=True).fill(DEMO_PASSWORD)
        await self.page.get_by_role("button", name="Log in").click()
        await expect(self.page.get_by_role("heading", name="Sessions", exact=True)).to_be_visible()

    async def start(self, template: str) -> None:
        await self.page.get_by_role("button", name=f"Start “{template}”").click()
        await expect(self.page.get_by_role("heading", name=template, level=1)).to_be_visible()

    async def enter(self, code: str) -> None:
        """From the list of sessions."""
        row = self.page.get_by_role("listitem").filter(has_text=f"{code[:3]} {code[3:]}")
        await row.get_by_role("link").click()

    async def code(self) -> str:
        """As it is read out loud from this screen."""
        shown = self.page.locator(".db-code [aria-hidden]")
        await expect(shown).to_have_text(re.compile(r"^\w{3} ?\w{3}$"))
        return (await shown.inner_text()).replace(" ", "")

    @property
    def session_id(self) -> str:
        return self.page.url.rsplit("/", 1)[1]

    async def stage(self, sign: str, value: int) -> None:
        entry = self.page.get_by_role("spinbutton", name=f"{sign}, value to send")
        await entry.fill(str(value))
        await entry.press("Tab")

    async def toggle(self, name: str) -> None:
        """A rhythm, or something of the patient and the sensors."""
        await self.page.get_by_role("button", name=name, exact=True).click()

    async def send(self, count: int) -> None:
        words = f"Send {count} change{'s' if count > 1 else ''}"
        await self.page.get_by_role("button", name=re.compile(f"^{words}")).click()

    async def press(self, name: str) -> None:
        await self.page.get_by_role("button", name=name).click()

    def person(self, name: str) -> Locator:
        return self.page.locator("#part-people .db-person").filter(has_text=name)

    def record(self, words: str) -> Locator:
        """A line of the record that is confirmed, or still waits."""
        return self.page.get_by_role("list", name="Record").get_by_role("listitem").filter(has_text=words)


@asynccontextmanager
async def monitor(browser: Browser, **options: Any) -> AsyncIterator[Monitor]:
    async with watched_page(browser, **options) as page:
        yield Monitor(page)


@asynccontextmanager
async def control_room(browser: Browser, **options: Any) -> AsyncIterator[ControlRoom]:
    async with watched_page(browser, **{**DESK, **options}) as page:
        yield ControlRoom(page)
