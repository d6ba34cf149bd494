"""What the screens say in the reader's language, whoever made it and by whichever door."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from tests.browser.pages import watched_page
from tests.browser.trainer_pages import open_session, over_http, room_link
from tests.support.scenario import DEMO_EMAIL, DEMO_PASSWORD, ServerProcess


@pytest.mark.parametrize(("locale", "word"), [("en-GB", "Session"), ("fr-FR", "Séance")])
async def test_a_session_without_a_title(
    browser: Browser, shared_server: ServerProcess, locale: str, word: str
) -> None:
    async with over_http(shared_server.url) as http:
        session = await open_session(http)
        assert session["title"] == ""
        async with watched_page(browser, locale=locale) as page:
            await page.goto(f"{shared_server.url}/dashboard")
            await page.locator("input[name=email]").fill(DEMO_EMAIL)
            await page.locator("input[name=password]").fill(DEMO_PASSWORD)
            await page.keyboard.press("Enter")
            await expect(room_link(page, session)).to_have_text(word)
            await room_link(page, session).click()
            await expect(page.get_by_role("heading", level=1)).to_have_text(word)
