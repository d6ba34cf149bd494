"""A session that is over, on screen: told without a reload, in clear words, with a way on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from playwright.async_api import Browser, expect

from server.domain.timestamps import write_timestamp
from tests.browser.pages import eventually, trainer_over_http, watched_page
from tests.browser.screens import PHONE, TABLET, Monitor, control_room, monitor
from tests.support.scenario import ServerProcess

# Said by the browser itself of the answers 404 and 410 to a code.
REFUSED_CODES = r"status of 4(04|10)"
NEVER_RELOADED = "() => { window.neverReloaded = true; }"


async def test_an_expiry_is_told_on_every_screen_without_a_reload(
    browser: Browser, shared_server: ServerProcess
) -> None:
    async with (
        trainer_over_http(shared_server) as http,
        control_room(browser) as room,
        monitor(browser, **TABLET) as tablet,
    ):
        session = await _open(http, "Runs out")
        await room.log_in(shared_server)
        await room.page.get_by_role("link", name="Runs out").click()
        await tablet.join(shared_server.url, session["code"], "Zoé")
        await tablet.shows("ecg", 75)
        await expect(room.person("Zoé")).to_contain_text("connected")
        for page in (room.page, tablet.page):
            await page.evaluate(NEVER_RELOADED)

        # Long enough for a busy machine to show it; then the end.
        await _let_expire(http, session["id"], 50)
        await expect(tablet.page.get_by_text("1 min left")).to_be_visible()
        await _let_expire(http, session["id"], 2)
        await expect(tablet.heading("The session is over")).to_be_visible()
        await expect(tablet.page.get_by_text("Its time is up.")).to_be_visible()
        await expect(room.page.locator(".db-notice").get_by_text("This session’s time ran out")).to_be_visible()
        await room.page.get_by_role("tab", name="Analysis").click()
        await expect(room.record("Time ran out")).to_be_visible()
        await expect(room.page.get_by_role("button", name="End", exact=True)).to_have_count(0)
        for page in (room.page, tablet.page):
            assert await page.evaluate("() => window.neverReloaded") is True

        await tablet.page.get_by_role("button", name="Join another session").tap()
        await expect(tablet.heading("Join a session")).to_be_visible()
        await room.page.get_by_role("link", name="All sessions").click()
        await expect(room.page.get_by_role("link", name="Runs out")).to_have_count(0)
        await room.page.get_by_role("radio", name="Ended").check()
        await expect(room.page.get_by_role("listitem").filter(has_text="Runs out")).to_contain_text("Expired")


async def test_a_code_that_leads_nowhere_is_explained_and_another_one_may_be_typed(
    browser: Browser, shared_server: ServerProcess
) -> None:
    async with (
        trainer_over_http(shared_server) as http,
        watched_page(browser, tolerate=REFUSED_CODES, **PHONE) as page,
    ):
        open_one, ended, expired = [await _open(http, title) for title in ("Goes on", "Is ended", "Expires")]
        await _let_expire(http, expired["id"])
        (await http.post(f"/sessions/{ended['id']}/close")).raise_for_status()

        async def is_refused(code: str, words: str) -> None:
            await page.goto(f"{shared_server.url}/j/{code}")
            await page.get_by_label("Your name").fill("Zoé")
            await page.get_by_role("button", name="Join", exact=True).tap()
            await expect(page.get_by_role("alert")).to_have_text(words)

        await is_refused("ZZZ222", "No session has this code. Look at the trainer’s screen once more.")
        await is_refused(
            ended["code"], "This session is over: the trainer has ended it. Ask for the code of the next one."
        )
        await _has_expired(http, expired["id"])
        await is_refused(expired["code"], "This session is over: its time was up. Ask the trainer for a new code.")
        await page.get_by_label("Session code").fill(open_one["code"])
        await page.get_by_role("button", name="Join", exact=True).tap()
        await Monitor(page).shows("ecg", 75)


async def test_whoever_was_removed_is_told_and_may_ask_to_come_back(
    browser: Browser, shared_server: ServerProcess
) -> None:
    async with (
        trainer_over_http(shared_server) as http,
        control_room(browser) as room,
        monitor(browser, **PHONE) as phone,
    ):
        session = await _open(http, "Somebody is removed")
        await room.log_in(shared_server)
        await room.page.get_by_role("link", name="Somebody is removed").click()
        await phone.join(shared_server.url, session["code"], "Zoé")
        await room.press("Remove Zoé")
        await room.page.get_by_role("dialog").get_by_role("button", name="Remove").click()
        await expect(phone.heading("You are no longer in this session")).to_be_visible()
        # The seat is gone from the device, too: coming back to the page leads to joining.
        await phone.page.reload()
        await expect(phone.heading("Join a session")).to_be_visible()
        await phone.join(shared_server.url, session["code"], "Zoé again")
        await phone.shows("ecg", 75)
        await expect(room.person("Zoé again")).to_contain_text("connected")
        await expect(room.page.locator("#part-people .db-person[data-state=removed]")).to_contain_text("removed at")
        await expect(room.page.locator("#part-people .db-person")).to_have_count(2)


async def _open(http: httpx.AsyncClient, title: str) -> dict[str, Any]:
    return (await http.post("/sessions", json={"title": title})).raise_for_status().json()


async def _let_expire(http: httpx.AsyncClient, session_id: str, seconds: float = 5) -> None:
    """So soon; later where that moment is over before the server reads of it."""
    status = 422
    while status == 422:
        soon = write_timestamp(datetime.now(UTC) + timedelta(seconds=seconds))
        status = (await http.patch(f"/sessions/{session_id}", json={"expires_at": soon})).status_code
        seconds *= 3
    assert status == 200


async def _has_expired(http: httpx.AsyncClient, session_id: str) -> None:
    async def look() -> bool:
        return (await http.get(f"/sessions/{session_id}")).raise_for_status().json()["close_reason"] == "expired"

    await eventually(look, "the session to expire")
