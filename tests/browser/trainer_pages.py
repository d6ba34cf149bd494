"""The trainer's dashboard in a browser, and the same trainer over HTTP."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect

from tests.browser.pages import FEW_FRAMES, NO_WORKER, PATIENCE_MS
from tests.support.patience import PATIENCE_SECONDS
from tests.support.scenario import DEMO_EMAIL, DEMO_PASSWORD
from tests.support.scenario_clients import Json, eventually, new_id

# The browser's own words for a network or a server that is gone, which is what these tests are about.
_OF_THE_NETWORK = ("Failed to load resource", "WebSocket connection to", NO_WORKER)

_OUTBOX = """async () => {
  const found = (await indexedDB.databases()).filter(({ name }) => name.startsWith("shiller."));
  const entries = [];
  for (const { name } of found) {
    const database = await new Promise((resolve, reject) => {
      const request = indexedDB.open(name);
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    entries.push(...await new Promise((resolve, reject) => {
      const request = database.transaction("outbox").objectStore("outbox").getAll();
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    }));
    database.close();
  }
  return entries;
}"""


@asynccontextmanager
async def trainer_context(browser: Browser, *, all_frames: bool = False) -> AsyncGenerator[BrowserContext]:
    """One trainer's browser; `all_frames` as of `watched_page`.

    The test fails if one of its consoles shows an error that is not the network's.
    """
    context = await browser.new_context(locale="en-GB", timezone_id="UTC")
    context.set_default_timeout(PATIENCE_MS)
    if not all_frames:
        await context.add_init_script(FEW_FRAMES)
    errors = watch_for_errors(context)
    try:
        yield context
        assert errors == [], errors
    finally:
        await context.close()


def watch_for_errors(context: BrowserContext) -> list[str]:
    errors: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(_OF_THE_NETWORK):
            errors.append(message.text)

    context.on("console", heard)
    context.on("weberror", lambda error: errors.append(str(error.error)))
    return errors


@asynccontextmanager
async def over_http(
    url: str, email: str = DEMO_EMAIL, password: str = DEMO_PASSWORD
) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"{url}/api/v1", trust_env=False, timeout=PATIENCE_SECONDS) as http:
        login = await http.post("/auth/login", json={"email": email, "password": password})
        http.headers["Authorization"] = f"Bearer {login.raise_for_status().json()['token']}"
        yield http


async def open_session(http: httpx.AsyncClient, **fields: Any) -> Json:
    return (await http.post("/sessions", json={"id": new_id(), **fields})).raise_for_status().json()


async def record_of(http: httpx.AsyncClient, session_id: str) -> list[Json]:
    """Every event of a session in seq order, seq checked to be without gaps."""
    events = (await http.get(f"/sessions/{session_id}/events?limit=200")).raise_for_status().json()["items"]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    return events


async def recorded(http: httpx.AsyncClient, session_id: str, count: int) -> list[Json]:
    """The record, as soon as it has so many events."""

    async def look() -> list[Json] | None:
        events = await record_of(http, session_id)
        return events if len(events) >= count else None

    return await eventually(look, f"{count} events")


async def push_over_http(http: httpx.AsyncClient, session_id: str, **vitals: float) -> str:
    body = {"id": new_id(), "kind": "vitals", "vitals": vitals}
    (await http.post(f"/sessions/{session_id}/events", json=body)).raise_for_status()
    return body["id"]


async def log_in(page: Page, email: str = DEMO_EMAIL, password: str = DEMO_PASSWORD) -> None:
    """On whatever page of the dashboard is shown."""
    await page.get_by_label("Email").fill(email)
    field = page.get_by_label("Password", exact=True)
    await field.fill(password)
    await field.press("Enter")
    await expect(status(page)).to_be_visible()


async def open_room(context: BrowserContext, url: str, session: Json, **login: str) -> Page:
    """A new tab with the control room of a session; with the login, if this browser has none."""
    page = await context.new_page()
    await page.goto(f"{url}/dashboard/sessions/{session['id']}")
    room, form = page.locator("main.db-room"), page.get_by_label("Email")
    await room.or_(form).wait_for()
    if await form.is_visible():
        await log_in(page, **login)
    await ready(page)
    return page


def room_link(page: Page, session: Json) -> Locator:
    """In the list of sessions."""
    return page.locator(f"a.db-session-link[href='/dashboard/sessions/{session['id']}']")


async def ready(page: Page) -> None:
    """The control room is on the screen and can be worked with."""
    await page.locator("main.db-room[data-steer=yes]").wait_for()


async def opens_without_network(page: Page) -> None:
    """Until the service worker has everything and answers for this page."""
    # Not by `wait_for_function`: it asks by `eval`, which these pages forbid.
    await eventually(
        lambda: page.evaluate("navigator.serviceWorker.controller !== null"), "the service worker to take this page"
    )


def status(page: Page) -> Locator:
    """The one word."""
    return page.locator("a.db-status > span:not(.visually-hidden)")


async def expect_status(page: Page, words: str) -> None:
    await expect(status(page)).to_have_text(words)


def own_number(page: Page, sign: str) -> Locator:
    """What the trainer's own screen shows of a sign."""
    return page.get_by_role("group", name=sign, exact=True).locator(".db-sign-number")


def previewed(page: Page, tile: str) -> Locator:
    """What the live preview of the trainees' monitor shows (`ecg`, `spo2`, `resp`, `co2`, `temperature`)."""
    return page.locator(f".db-preview .mon-tile-{tile} .mon-digits")


async def push(page: Page, sign: str, value: int) -> None:
    """Type a number, Enter; on the screen before this returns."""
    entry = page.get_by_role("spinbutton", name=f"{sign}, value to send", exact=True)
    await entry.fill(str(value))
    await entry.press("Enter")
    await expect(own_number(page, sign)).to_have_text(str(value))


async def note(page: Page, text: str) -> None:
    field = page.get_by_role("textbox", name="Note", exact=True)
    await field.fill(text)
    await field.press("Enter")
    await expect(lines(page, text)).to_have_count(1)


def lines(page: Page, text: str) -> Locator:
    """The record's lines in the control room with this text."""
    return page.get_by_role("list", name="Record").get_by_role("listitem").filter(has_text=text)


async def choose_for_case(page: Page, what: str, title: str) -> None:
    """One of the rarer things in the line of a case, behind a button of their own."""
    await page.get_by_role("button", name=f"More actions: {title}", exact=True).click()
    await page.get_by_role("button", name=f"{what}: {title}", exact=True).click()


async def outbox(page: Page) -> list[Json]:
    """The entries in the browser's database, oldest first."""
    return await page.evaluate(_OUTBOX)


async def outbox_ids(page: Page) -> list[str]:
    return [entry["id"] for entry in await outbox(page)]
