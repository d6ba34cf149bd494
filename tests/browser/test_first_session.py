"""The built pages in a real browser: a trainee joins by the link and sees what the trainer pushes."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
from playwright.async_api import Browser, Page, expect

from tests.browser.pages import PATIENCE_MS, trainees_of, trainer_over_http, watched_page
from tests.support.scenario import DEMO_EMAIL, DEMO_PASSWORD, ServerProcess


async def test_a_trainee_joins_by_the_link_and_sees_what_is_pushed(
    browser: Browser, shared_server: ServerProcess
) -> None:
    async with trainer_over_http(shared_server) as trainer:
        session = (await trainer.post("/sessions", json={"title": "Anaphylaxis"})).raise_for_status().json()
        async with watched_page(browser) as page:
            await _join(page, shared_server, session, "Zoé")
            await _sees(page, trainer, session["id"], 137)
            await page.reload()
            await _sees(page, trainer, session["id"], 138)
            assert await trainees_of(trainer, session) == 1, "a reload keeps the seat"
            # Who sits in the first tab is known by a lock that no unit test has.
            await _join(await page.context.new_page(), shared_server, session, "Ali")
        assert await trainees_of(trainer, session) == 2, "a second tab takes a seat of its own"


async def test_a_trainer_logs_in(browser: Browser, shared_server: ServerProcess) -> None:
    async with watched_page(browser) as page:
        await page.goto(f"{shared_server.url}/dashboard")
        await page.locator("input[type=email], input[name=email]").first.fill(DEMO_EMAIL)
        password = page.locator("input[type=password]").first
        await password.fill(DEMO_PASSWORD)
        await password.press("Enter")
        await expect(page.get_by_text("Demo Trainer").first).to_be_visible(timeout=PATIENCE_MS)


async def _join(page: Page, server: ServerProcess, session: dict[str, Any], who: str) -> None:
    await page.goto(f"{server.url}/j/{session['code'].lower()}")
    name = page.get_by_role("textbox").last
    await name.fill(who)
    await name.press("Enter")
    await page.wait_for_url("**/monitor*", timeout=PATIENCE_MS)
    await expect(page.locator(".mon-digits").first).to_be_visible(timeout=PATIENCE_MS)


async def _sees(page: Page, trainer: httpx.AsyncClient, session_id: str, heart_rate: int) -> None:
    body = {"id": str(uuid4()), "kind": "vitals", "vitals": {"heart_rate": heart_rate}}
    (await trainer.post(f"/sessions/{session_id}/events", json=body)).raise_for_status()
    await expect(page.get_by_text(str(heart_rate), exact=True).first).to_be_visible(timeout=PATIENCE_MS)
