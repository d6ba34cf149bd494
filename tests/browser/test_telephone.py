"""A trainer with a telephone; what stands on the projector; and what a page without HTTPS says that it cannot do."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.browser.pages import watched_page
from tests.browser.screens import PHONE, PROJECTOR
from tests.browser.trainer_pages import log_in, open_session, over_http, ready
from tests.support.chromium import launch
from tests.support.scenario import ServerProcess
from tests.support.scenario_clients import Json

# Buttons of the row that end beyond the screen, or whose word does.
_CUT = """() => [...document.querySelectorAll(".db-jump button")].filter((one) => {
  const { left, right } = one.getBoundingClientRect();
  return left < 0 || right > innerWidth || one.scrollWidth > one.clientWidth;
}).map((one) => one.textContent)"""

_HIDDEN_BESIDE = "() => { const bar = document.querySelector('.db-nav'); return bar.scrollWidth - bar.clientWidth; }"


@pytest.mark.parametrize("locale", ["en-GB", "fr-FR"])
async def test_the_bars_of_a_telephone_leave_it_to_the_patient(
    browser: Browser, shared_server: ServerProcess, locale: str
) -> None:
    async with (
        over_http(shared_server.url) as http,
        watched_page(browser, **PHONE, locale=locale) as page,
    ):
        session = await open_session(http, title="Sepsis")
        await _open(page, shared_server, session)
        bar = page.locator(".db-send")
        # Empty it is one line, and has what decides about the next change.
        assert await _height(page) < 0.1
        await expect(bar.get_by_role("checkbox")).to_be_visible()
        await expect(bar.locator(".db-undo")).to_be_visible()
        await expect(bar.locator(".db-send-button")).to_be_hidden()
        entry = page.get_by_role("spinbutton").first
        await entry.fill("120")
        await entry.press("Tab")
        await expect(bar.locator(".db-send-button")).to_be_visible()
        await bar.locator(".db-send-button").click()
        await expect(bar.locator(".db-send-button")).to_be_hidden()
        assert await page.evaluate(_CUT) == []
        # What has no room in the bar is in the menu; nothing is beyond an edge that nobody sees.
        assert await page.evaluate(_HIDDEN_BESIDE) <= 0
        await page.locator(".db-menu-button").click()
        await expect(page.locator(".db-menu-places a:visible").first).to_have_attribute("href", "/dashboard/wall")


async def test_the_first_field_of_the_login_has_the_focus(browser: Browser, shared_server: ServerProcess) -> None:
    async with watched_page(browser) as page:
        await page.goto(f"{shared_server.url}/dashboard")
        await expect(page.get_by_label("Email")).to_be_focused()


async def test_the_projector_says_who_has_joined(browser: Browser, shared_server: ServerProcess) -> None:
    async with (
        over_http(shared_server.url) as http,
        watched_page(browser, **PROJECTOR) as page,
        watched_page(browser, **PHONE) as telephone,
    ):
        session = await open_session(http, title="Sepsis", public_title="Patient")
        await _open(page, shared_server, session)
        await page.locator(".db-qr-button").click()
        big = page.get_by_role("dialog")
        await expect(big).to_contain_text("Nobody has joined yet")
        await telephone.goto(f"{shared_server.url}/j/{session['code']}")
        await telephone.get_by_label("Your name").fill("Zoé")
        await telephone.keyboard.press("Enter")
        await expect(big.get_by_role("list").get_by_role("listitem")).to_have_text(["Zoé"])
        await expect(big).to_contain_text("1 here")
        # Everybody in the room reads this: the case is not named.
        await expect(big).not_to_contain_text("Sepsis")


async def test_a_page_without_https_says_what_does_not_work_there(shared_server: ServerProcess) -> None:
    """Found by what the browser gives: on the server's own machine plain http is as good."""
    awake, again = "cannot keep the screen from going dark", "Without a network this page cannot be opened again"
    named = "--host-resolver-rules=MAP shiller.test 127.0.0.1"
    async with (
        over_http(shared_server.url) as http,
        async_playwright() as playwright,
        await launch(playwright, named) as browser,
    ):
        session = await open_session(http)
        for url, is_said in (
            (shared_server.url, False),
            (shared_server.url.replace("127.0.0.1", "shiller.test"), True),
        ):
            async with watched_page(browser) as page:
                await page.goto(f"{url}/j/{session['code']}")
                await page.get_by_label("Your name").fill("Zoé")
                await expect(page.get_by_text(awake)).to_have_count(int(is_said))
                await page.keyboard.press("Enter")
                await page.get_by_role("button", name="Settings").click()
                await expect(page.get_by_role("dialog").get_by_text(awake)).to_have_count(int(is_said))
            async with watched_page(browser) as page:
                await page.goto(f"{url}/dashboard/outbox")
                await log_in(page)
                await expect(page.get_by_role("main").get_by_text(again)).to_have_count(int(is_said))
                await expect(page.get_by_text("Closing the page loses nothing")).to_have_count(int(not is_said))


async def _open(page: Page, server: ServerProcess, session: Json) -> None:
    await page.goto(f"{server.url}/dashboard/sessions/{session['id']}")
    await page.locator("input[name=email]").fill("demo@shiller.local")
    await page.locator("input[name=password]").fill("demo-shiller")
    await page.keyboard.press("Enter")
    await ready(page)


async def _height(page: Page) -> float:
    """Of the send bar, as a share of the screen."""
    return await page.evaluate("document.querySelector('.db-send').getBoundingClientRect().height / innerHeight")
