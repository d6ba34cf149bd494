"""The page of halls, and a session that runs in one, as they are seen at the central; and a day in a hall itself."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, ViewportSize, expect

from server.domain.halls import Hall
from server.domain.people import School, Trainer
from tests.browser.pages import eventually
from tests.browser.screens import PHONE, TABLET, monitor
from tests.browser.test_accessibility import Checker
from tests.browser.trainer_pages import log_in, open_session, over_http, push, ready, trainer_context
from tests.support.cutting_line import CuttingLine, cutting_line
from tests.support.hall_side import HallSide
from tests.support.making import NOW, later
from tests.support.patience import PATIENCE_SECONDS
from tests.support.postgres import as_server
from tests.support.scenario import ServerProcess, end

pytestmark = pytest.mark.asyncio(loop_scope="session")

WIDTHS = "() => [innerWidth, document.documentElement.scrollWidth]"


@dataclass
class Offline:
    """`central` and `hall` talk to either server: an admin there, Ada here."""

    server: ServerProcess
    line: CuttingLine
    central: httpx.AsyncClient
    hall: httpx.AsyncClient
    ada: dict[str, str]
    name: str

    @property
    def server_of_central(self) -> str:
        return str(self.central.base_url).removesuffix("/api/v1/")


async def test_a_hall_is_added_and_its_session_watched_taken_over_and_the_token_revoked(
    browser: Browser, shared_server: ServerProcess
) -> None:
    axe, name = Checker(), f"Hall {uuid4().hex[:6]}"
    async with over_http(shared_server.url) as http, trainer_context(browser) as context:
        page = await context.new_page()
        await page.goto(f"{shared_server.url}/dashboard/halls")
        await log_in(page)
        await expect(page.get_by_role("heading", name="Halls", exact=True)).to_be_visible()
        token = await _add_hall(page, name, axe)

        row = page.get_by_role("row").filter(has_text=name)
        await expect(row).to_contain_text("never")
        me = (await http.get("/me")).json()
        async with httpx.AsyncClient(
            base_url=shared_server.url, headers={"Authorization": f"Bearer {token}"}, timeout=PATIENCE_SECONDS
        ) as sender:
            side = await _hall_side(sender, me)
            session = await side.record(await side.open(title=f"In {name}", expires_at=later(10**9)))
            await _up(sender, [await side.sent_session(session), *await side.sent_events(session)])
            await page.reload()
            await expect(row).to_contain_text("12 events")
            await axe.check_both(page, "halls")
            await _fits(page)

            await page.goto(f"{shared_server.url}/dashboard")
            listed = page.get_by_role("listitem").filter(has_text=f"In {name}")
            await expect(listed).to_contain_text(f"In the hall {name}, last contact")
            await listed.get_by_role("link").click()
            await expect(page.locator(".db-notice").get_by_text(f"runs in the hall “{name}”")).to_be_visible()
            await expect(page.get_by_role("button", name="Send", exact=True)).to_have_count(0)
            await expect(page.get_by_role("button", name="End the session")).to_have_count(0)
            await axe.check_both(page, "the room of a hall's session")
            await _fits(page)
            more = await side.record(session, 1, since=10)
            await _up(sender, await side.sent_events(more, session.last_seq))
            await expect(page.get_by_text("note 0").nth(1)).to_be_visible()

            await page.get_by_role("button", name="Take over").click()
            await page.get_by_role("dialog").get_by_role("button", name="Take over").click()
            await expect(page.locator(".db-notice").get_by_text(f"runs in the hall “{name}”")).to_have_count(0)
            await ready(page)
            await expect(page.get_by_role("button", name="Heart rate: +1")).to_be_visible()

            await page.goto(f"{shared_server.url}/dashboard/halls")
            await page.get_by_role("button", name=f"Revoke: {name}").click()
            await page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
            await expect(row).to_contain_text("revoked")
            refused = await sender.post("/api/sync/up", json={"clientId": name, "events": []})
            assert refused.json()["code"] == "hall_revoked"
    assert not axe.found, "\n".join(axe.found)


async def test_the_page_speaks_french(browser: Browser, shared_server: ServerProcess) -> None:
    async with trainer_context(browser) as context:
        page = await context.new_page()
        await page.goto(f"{shared_server.url}/dashboard/halls")
        await log_in(page)
        await page.get_by_role("button", name="Account and display").click()
        await page.get_by_role("radio", name="Français").check()
        await expect(page.get_by_role("heading", name="Salles", exact=True)).to_be_visible()
        await expect(page.get_by_role("button", name="Créer un jeton")).to_be_visible()
        await _fits(page)


@pytest_asyncio.fixture(loop_scope="session")
async def offline(shared_server: ServerProcess, tmp_path: Path, database_url: str) -> AsyncIterator[Offline]:
    """A hall of the shared server, in which Ada teaches. The line between them can be taken away."""
    ada = {"email": f"{uuid4()}@example.org", "password": "of-the-central"}
    async with over_http(shared_server.url) as central, cutting_line(shared_server.port) as line:
        person = await central.post("/trainers", json={**ada, "name": "Ada", "role": "trainer"})
        name = f"Hall {uuid4().hex[:6]}"
        body = {"name": name, "trainers": [person.raise_for_status().json()["id"]]}
        token = (await central.post("/halls", json=body)).raise_for_status().json()["token"]
        variables = {
            "DATABASE_URL": as_server(database_url), "SYNC_UPSTREAM_URL": line.url, "SYNC_UPSTREAM_TOKEN": token,
            "SYNC_SECONDS": "1",
        }  # fmt: skip
        server = ServerProcess(tmp_path / "hall", variables)
        try:
            await asyncio.to_thread(server.start)
            await eventually(lambda: _known(server, ada), "Ada to be known at the hall")
            async with over_http(server.url, **ada) as hall:
                yield Offline(server, line, central, hall, ada, name)
        finally:
            await asyncio.to_thread(end, server)


async def test_a_day_in_a_hall_without_the_central_and_what_comes_of_it(browser: Browser, offline: Offline) -> None:
    axe, case = Checker(), f"Sepsis {uuid4().hex[:6]}"
    template = (await offline.hall.post("/templates", json={"title": case})).raise_for_status().json()
    await _settled(offline, template, case)
    offline.line.go_down()
    async with AsyncExitStack() as stack:
        context = await stack.enter_async_context(trainer_context(browser))
        page = await context.new_page()
        await page.goto(f"{offline.server.url}/dashboard")
        await log_in(page, **offline.ada)
        line = page.locator(".db-hall-line")
        await line.click()
        await expect(line).to_contain_text("no connection")
        session = await open_session(offline.hall, title=f"In {offline.name}")
        await page.goto(f"{offline.server.url}/dashboard/sessions/{session['id']}")
        await ready(page)

        sizes = (PHONE, TABLET, {})
        monitors = [await stack.enter_async_context(monitor(browser, **size)) for size in sizes]
        names = ("Zoé", "Amir", "Ida")
        url = offline.server.url
        joining = (each.join(url, session["code"], name) for each, name in zip(monitors, names, strict=True))
        await asyncio.gather(*joining)
        await push(page, "Heart rate", 133)
        for each in monitors:
            await each.shows("ecg", 133)

        # Both edit the case meanwhile, and the central has heard of nothing.
        path = f"/templates/{template['id']}"
        mine, theirs = f"{case}, by the hall", f"{case}, by the school"
        (await offline.hall.patch(path, json={"title": mine})).raise_for_status()
        (await offline.central.patch(path, json={"title": theirs})).raise_for_status()
        assert (await offline.central.get(f"/sessions/{session['id']}")).status_code == 404
        await page.goto(f"{offline.server.url}/dashboard")
        await expect(line).to_have_text(re.compile(r"^\d changes wait since .*, no connection$"))

        offline.line.come_up()
        await line.click()
        await expect(line).to_contain_text("Sent,")
        await expect(page.get_by_text(f"In {offline.name}")).to_be_visible()

        admin = await (await stack.enter_async_context(trainer_context(browser))).new_page()
        await admin.goto(f"{offline.server_of_central}/dashboard/halls")
        await log_in(admin)
        conflict = admin.get_by_role("region", name=theirs)
        await expect(conflict).to_contain_text(f"In the hall {offline.name}")
        await axe.check_both(admin, "what a hall and the school want differently")
        await _fits(admin)
        await conflict.get_by_role("button", name=f"Keep what {offline.name} wanted").click()
        await expect(conflict).to_have_count(0)
        await _settled(offline, template, mine)
        await admin.goto(f"{offline.server_of_central}/dashboard")
        listed = admin.get_by_role("listitem").filter(has_text=f"In {offline.name}")
        await expect(listed).to_contain_text(f"In the hall {offline.name}, last contact")
    assert not axe.found, "\n".join(axe.found)


async def _known(server: ServerProcess, login: dict[str, str]) -> bool:
    async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE_SECONDS) as http:
        return (await http.post(f"{server.url}/api/v1/auth/login", json=login)).status_code == 200


async def _settled(offline: Offline, template: dict[str, Any], title: str) -> None:
    """Both have the case under this title."""

    async def look() -> bool:
        await offline.hall.post("/upstream/now")
        found = [await http.get(f"/templates/{template['id']}") for http in (offline.hall, offline.central)]
        return [each.json().get("title") for each in found] == [title, title]

    await eventually(look, f"{title} to be on both servers")


async def _add_hall(page: Page, name: str, axe: Checker) -> str:
    await page.get_by_role("button", name="Make a token").click()
    await expect(page.get_by_role("alert").filter(has_text="Give the hall a name.")).to_be_visible()
    await page.get_by_label("Name, as it will be seen here").fill(name)
    await page.get_by_role("button", name="Make a token").click()
    await expect(page.get_by_role("alert").filter(has_text="Choose who may log in there.")).to_be_visible()
    await page.get_by_label("Demo Trainer").check()
    await page.get_by_role("button", name="Make a token").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("SYNC_UPSTREAM_TOKEN=shh_")
    await axe.check_both(page, "the token of a hall", "dialog")
    await expect(dialog.get_by_role("button", name="Copy the text: the token")).to_be_visible()
    token = await dialog.locator("code").inner_text()
    await dialog.get_by_role("button", name="I have it").click()
    await expect(dialog).to_have_count(0)
    return token


async def _hall_side(sender: httpx.AsyncClient, me: dict[str, Any]) -> HallSide:
    waiting = {"templates": 0, "sessions": 1, "events": 12, "since": "2026-11-28T09:00:00.000Z"}
    body = {"clientId": "browser-disk", "release": "1.0", "waiting": waiting, "clockOffsetMs": 100}
    hello = (await sender.post("/api/sync/hello", json={**body, "clientId": str(uuid4())})).raise_for_status().json()
    school = School(UUID(hello["school"]["id"]), hello["school"]["name"], NOW)
    trainer = Trainer(UUID(me["id"]), school.id, me["email"], me["name"], "trainer", NOW, NOW)
    return await HallSide.of(
        Hall(UUID(hello["hall"]["id"]), school.id, hello["hall"]["name"], "all", NOW), school, trainer
    )


async def _up(sender: httpx.AsyncClient, events: list[dict[str, Any]]) -> None:
    answer = await sender.post("/api/sync/up", json={"clientId": str(uuid4()), "events": events})
    assert not answer.raise_for_status().json()["rejected"], answer.text


async def _fits(page: Page) -> None:
    """No page is wider than its screen: a desk's, a tablet's, a telephone's."""
    for viewport in (PHONE["viewport"], TABLET["viewport"], ViewportSize(width=1280, height=720)):
        await page.set_viewport_size(viewport)
        inner, wide = await page.evaluate(WIDTHS)
        assert wide <= inner, viewport
