"""Several people of a school around one session: who may do what, who is told, and what trainees never learn."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.pages import watched_page
from tests.browser.screens import PHONE, Monitor
from tests.browser.trainer_pages import (
    log_in,
    open_session,
    over_http,
    own_number,
    push,
    ready,
    record_of,
    trainer_context,
)
from tests.support.scenario import ServerProcess
from tests.support.scenario_clients import Json, new_id

PASSWORD = "a-long-password"
CASE = "Anaphylaxis after a wasp sting"


async def _hire(http: httpx.AsyncClient, role: str, name: str) -> str:
    email = f"{new_id()}@example.org"
    body = {"email": email, "name": name, "password": PASSWORD, "role": role}
    (await http.post("/trainers", json=body)).raise_for_status()
    return email


@asynccontextmanager
async def _looking_at(browser: Browser, url: str, session: Json, email: str) -> AsyncIterator[Page]:
    """That person's browser, with the session's control room."""
    async with trainer_context(browser) as context:
        page = await context.new_page()
        await page.goto(f"{url}/dashboard/sessions/{session['id']}")
        await log_in(page, email=email, password=PASSWORD)
        await expect(page.locator("main.db-room")).to_be_visible()
        yield page


async def test_a_colleague_takes_the_controls_and_the_owner_is_told(
    browser: Browser, shared_server: ServerProcess
) -> None:
    url = shared_server.url
    async with AsyncExitStack() as stack:
        admin = await stack.enter_async_context(over_http(url))
        [marie, paul, olga] = [
            await _hire(admin, role, name)
            for role, name in (("trainer", "Marie"), ("trainer", "Paul"), ("observer", "Olga"))
        ]
        hers = await stack.enter_async_context(over_http(url, email=marie, password=PASSWORD))
        session = await open_session(hers, title="Theirs to share", vitals={"heart_rate": 90})
        owner, colleague, observer = [
            await stack.enter_async_context(_looking_at(browser, url, session, email)) for email in (marie, paul, olga)
        ]
        await ready(owner)
        await expect(owner.locator(".db-notice")).to_have_count(0)

        await _only_notes(colleague, "Marie’s session: you may add notes")
        await expect(colleague.get_by_role("button", name="Defibrillation")).to_be_visible()
        await _only_notes(observer, "only trainers change the patient")
        await expect(observer.get_by_role("button", name="Take the controls")).to_have_count(0)
        await expect(observer.get_by_role("button", name="Defibrillation")).to_have_count(0)
        field = observer.get_by_role("textbox", name="Note", exact=True)
        await field.fill("Nobody leads")
        await field.press("Enter")
        beside = observer.get_by_role("list", name="Beside the record").get_by_role("listitem")
        await expect(beside).to_contain_text("Nobody leads Olga")

        await colleague.get_by_role("button", name="Take the controls").click()
        dialog = colleague.get_by_role("dialog")
        await expect(dialog).to_contain_text("together with Marie, who is told at once")
        await dialog.get_by_role("button", name="Take the controls").click()
        await ready(colleague)
        await push(colleague, "Heart rate", 150)

        notice = owner.locator(".db-notice")
        await expect(notice).to_contain_text("Paul took the controls at")
        await expect(own_number(owner, "Heart rate")).to_have_text("150")
        await notice.get_by_role("button").click()
        await expect(notice).to_have_count(0)
        events = await record_of(hers, session["id"])
        assert [(event["kind"], event["by"]["name"]) for event in events] == [
            ("vitals", "Marie"),
            ("case", "Paul"),
            ("vitals", "Paul"),
        ]


async def _only_notes(page: Page, words: str) -> None:
    await expect(page.locator(".db-notice")).to_contain_text(words)
    await expect(page.locator("main.db-room")).to_have_attribute("data-steer", "no")
    await expect(page.get_by_role("spinbutton")).to_have_count(0)
    await expect(page.get_by_role("button", name="End", exact=True)).to_have_count(0)
    await expect(page.get_by_role("textbox", name="Note", exact=True)).to_be_visible()


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"public_title": "34-year-old woman"}, "34-year-old woman"),
        ({"trainee_name": "Group 3"}, "Group 3"),
        ({}, "Session"),
    ],
    ids=["public title", "trainee name", "neither"],
)
async def test_a_trainee_never_learns_the_name_of_the_case(
    browser: Browser, shared_server: ServerProcess, fields: dict[str, Any], shown: str
) -> None:
    """Not from the page, its title and storage, nor from anything that its connection brought."""
    async with (
        over_http(shared_server.url) as http,
        watched_page(browser, **PHONE) as page,
    ):
        heard = _everything_heard_by(page)
        session = await open_session(http, title=CASE, **fields)
        trainee = Monitor(page)
        await trainee.join(shared_server.url, session["code"], "Zoé")
        # Not the heart rate: it wanders by itself.
        await trainee.shows("spo2", 98)
        await _does_not_say(page, shown)
        # A change of the session is told to trainees, too.
        (await http.patch(f"/sessions/{session['id']}", json={"title": f"{CASE}, again"})).raise_for_status()
        body = {"id": new_id(), "kind": "vitals", "vitals": {"spo2": 91}, "flags": {"haemorrhage": True}}
        (await http.post(f"/sessions/{session['id']}/events", json=body)).raise_for_status()
        await trainee.shows("spo2", 91)
        await expect(page.get_by_text("Haemorrhage")).to_have_count(0)
        await page.go_back()
        await expect(page.get_by_role("button", name=f"Back to “{shown}” as Zoé")).to_be_visible()
        await _does_not_say(page, shown)
        await page.get_by_role("button", name=f"Back to “{shown}” as Zoé").click()
        await trainee.shows("spo2", 91)
        (await http.post(f"/sessions/{session['id']}/close")).raise_for_status()
        await expect(trainee.heading("The session is over")).to_be_visible()
        await _does_not_say(page, shown)
        assert len(heard) > 5
        assert not [one for one in heard if CASE in one]


def _everything_heard_by(page: Page) -> list[str]:
    """What its connection brings, frame by frame, as it comes."""
    heard: list[str] = []

    def hear(payload: str | bytes) -> None:
        heard.append(payload if isinstance(payload, str) else payload.decode("utf-8", "replace"))

    page.on("websocket", lambda socket: socket.on("framereceived", hear))
    return heard


_EVERYTHING = """() => [document.documentElement.outerHTML, document.title,
  ...[localStorage, sessionStorage].flatMap((kept) => Object.values({...kept}))].join("\\n")"""


async def _does_not_say(page: Page, shown: str) -> None:
    everything = await page.evaluate(_EVERYTHING)
    assert CASE not in everything
    assert shown in everything
