"""The built pages in a real browser: a trainee joins by the link and sees what the trainer pushes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import httpx
from playwright.async_api import Browser, Page, expect

from tests.support.scenario import DEMO_EMAIL, DEMO_PASSWORD, ServerProcess

PATIENCE_MS = 30_000


async def test_a_trainee_joins_by_the_link_and_sees_what_is_pushed(browser: Browser, server: ServerProcess) -> None:
    async with _trainer(server) as trainer:
        session = (await trainer.post("/sessions", json={"title": "Anaphylaxis"})).raise_for_status().json()
        async with _page(browser) as page:
            await page.goto(f"{server.url}/j/{session['code'].lower()}")
            name = page.get_by_role("textbox").last
            await name.fill("Zoé")
            await name.press("Enter")
            await page.wait_for_url("**/monitor*", timeout=PATIENCE_MS)
            await _sees(page, trainer, session["id"], 137)
            await page.reload()
            await _sees(page, trainer, session["id"], 138)
        listed = (await trainer.get("/sessions")).raise_for_status().json()["items"][0]
        assert listed["trainee_count"] == 1, "a reload keeps the seat"


async def test_a_trainer_logs_in(browser: Browser, server: ServerProcess) -> None:
    async with _page(browser) as page:
        await page.goto(f"{server.url}/dashboard")
        await page.locator("input[type=email], input[name=email]").first.fill(DEMO_EMAIL)
        password = page.locator("input[type=password]").first
        await password.fill(DEMO_PASSWORD)
        await password.press("Enter")
        await expect(page.get_by_text("Demo Trainer").first).to_be_visible(timeout=PATIENCE_MS)


async def _sees(page: Page, trainer: httpx.AsyncClient, session_id: str, heart_rate: int) -> None:
    body = {"id": str(uuid4()), "kind": "vitals", "vitals": {"heart_rate": heart_rate}}
    (await trainer.post(f"/sessions/{session_id}/events", json=body)).raise_for_status()
    await expect(page.get_by_text(str(heart_rate), exact=True).first).to_be_visible(timeout=PATIENCE_MS)


@asynccontextmanager
async def _page(browser: Browser) -> AsyncIterator[Page]:
    """A page that fails its test if the console shows an error."""
    context = await browser.new_context(locale="en-GB")
    page = await context.new_page()
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    try:
        yield page
        # The browser itself reports the 401 by which a page learns that nobody is logged in.
        assert [error for error in errors if "401" not in error] == []
    finally:
        await context.close()


@asynccontextmanager
async def _trainer(server: ServerProcess) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"{server.url}/api/v1", trust_env=False, timeout=30) as client:
        login = await client.post("/auth/login", json={"email": DEMO_EMAIL, "password": DEMO_PASSWORD})
        client.headers["Authorization"] = f"Bearer {login.raise_for_status().json()['token']}"
        yield client
