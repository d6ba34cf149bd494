"""A debrief by its link, in a tab that stays open: when the link ends it is gone there, and for whoever comes later."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Browser, expect

from tests.browser.pages import CLOCK, pass_time, watched_page
from tests.browser.screens import PHONE
from tests.browser.test_accessibility import Checker
from tests.browser.trainer_pages import log_in
from tests.support.clocks import SteppingClock
from tests.support.running import running_server

DAY_SECONDS = 24 * 3600
LAPTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 720}}


async def test_a_link_ends_while_its_page_is_open(browser: Browser) -> None:
    axe, clock = Checker(), SteppingClock()
    # What is asked for at the end is not there any more, and the browser says so aloud.
    async with (
        running_server(now=clock) as server,
        watched_page(browser, **LAPTOP) as trainer,
        watched_page(browser, tolerate="status of 404", **PHONE) as reader,
    ):
        await reader.context.add_init_script(CLOCK)
        await server.login()
        session = await server.open_session(title="Sepsis", trainee_name="Group B")
        path = f"/api/v1/sessions/{session['id']}"
        (await server.http.post(f"{path}/close")).raise_for_status()

        await trainer.goto(f"{server.url}/dashboard/sessions/{session['id']}")
        await log_in(trainer)
        await trainer.get_by_role("tab", name="Summary").click()
        await trainer.get_by_role("button", name="Share", exact=True).click()
        # One rule: what nobody chooses is as long by the button as by a call that says nothing.
        silent = (await server.http.post(f"{path}/share")).raise_for_status().json()
        await trainer.get_by_role("button", name="Make the link").click()
        link = await trainer.locator(".db-share-url").inner_text()
        shares = (await server.http.get(f"{path}/share")).raise_for_status().json()["items"]
        assert [each["expires_at"][:10] for each in shares] == [silent["expires_at"][:10]] * 2
        # Its login ends before the link does.
        await trainer.close()

        await reader.goto(link)
        heading = reader.get_by_role("heading", name="Sepsis", level=1)
        await expect(heading).to_be_visible()
        await expect(reader.get_by_text("Group B")).to_be_visible()
        for days, is_over in ((13, False), (1, True)):
            await pass_time(clock, [reader], days * DAY_SECONDS + 60 * is_over)
            # As when the tab is looked at again; no timer of a browser goes faster with the clock.
            await reader.evaluate("() => void document.dispatchEvent(new Event('visibilitychange'))")
            if not is_over:
                await expect(heading).to_be_visible()
        await expect(reader.get_by_role("heading", name="This link has ended")).to_be_focused()
        await expect(reader.get_by_text("Group B")).to_have_count(0)
        await axe.check_both(reader, "a link that has ended while it was read")
        # To whoever comes later, or reloads, it is told in words, too.
        await reader.reload()
        await expect(reader.get_by_role("heading", name="Nothing to read at this link")).to_be_visible()
        await expect(reader.get_by_text("It may have ended")).to_be_visible()
    assert not axe.found, "\n".join(axe.found)


async def test_an_address_at_which_there_is_nothing_leads_on(browser: Browser) -> None:
    async with running_server() as server, watched_page(browser, tolerate="status of 404", **PHONE) as reader:
        answer = await reader.goto(f"{server.url}/trainer/room2")
        assert answer is not None
        assert answer.status == 404
        await expect(reader.get_by_text("There is nothing at this address.")).to_be_visible()
        await reader.get_by_role("link", name="For trainers").click()
        await expect(reader.get_by_role("button", name="Log in")).to_be_visible()
