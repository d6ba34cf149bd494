"""The page of halls, and a session that runs in one, as they are seen at the central."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from playwright.async_api import Browser, Page, ViewportSize, expect

from server.domain.halls import Hall
from server.domain.people import School, Trainer
from tests.browser.screens import PHONE, TABLET
from tests.browser.test_accessibility import Checker
from tests.browser.trainer_pages import log_in, over_http, ready, trainer_context
from tests.support.hall_side import HallSide
from tests.support.making import NOW, later
from tests.support.scenario import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")

WIDTHS = "() => [innerWidth, document.documentElement.scrollWidth]"


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
            base_url=shared_server.url, headers={"Authorization": f"Bearer {token}"}
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
            await expect(page.get_by_text(f"runs in the hall “{name}”")).to_be_visible()
            await expect(page.get_by_role("button", name="Send", exact=True)).to_have_count(0)
            await expect(page.get_by_role("button", name="End the session")).to_have_count(0)
            await axe.check_both(page, "the room of a hall's session")
            await _fits(page)
            more = await side.record(session, 1, since=10)
            await _up(sender, await side.sent_events(more, session.last_seq))
            await expect(page.get_by_text("note 0").nth(1)).to_be_visible()

            await page.get_by_role("button", name="Take over").click()
            await page.get_by_role("dialog").get_by_role("button", name="Take over").click()
            await expect(page.get_by_text(f"runs in the hall “{name}”")).to_have_count(0)
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
