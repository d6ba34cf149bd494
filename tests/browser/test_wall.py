"""Several sessions on one screen, and several trainers in one session."""

from __future__ import annotations

from contextlib import AsyncExitStack

import httpx
from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.pages import watched_page
from tests.browser.screens import Monitor
from tests.browser.test_accessibility import Checker
from tests.browser.trainer_pages import log_in, open_room, open_session, over_http, record_of, trainer_context
from tests.support.scenario import ServerProcess
from tests.support.scenario_clients import Json, new_id

PASSWORD = "a-long-password"
CASE: Json = {
    "title": "Two steps",
    "language": "en",
    "steps": [
        {"key": "quiet", "title": "Quiet", "vitals": {"heart_rate": 88}},
        {"key": "fast", "title": "Fast", "vitals": {"heart_rate": 188}},
    ],
}


async def _hire(http: httpx.AsyncClient, role: str, name: str) -> str:
    email = f"{new_id()}@example.org"
    body = {"email": email, "name": name, "password": PASSWORD, "role": role}
    (await http.post("/trainers", json=body)).raise_for_status()
    return email


def _room(page: Page, session: Json) -> Locator:
    return page.locator(f".db-wall-card[data-room='{session['id']}']")


async def _steer_one(page: Page, card: Locator, trainee: Monitor) -> None:
    """Its card tells of everything that is done to it."""
    await page.get_by_role("checkbox", name="Choose Ward 1").uncheck()
    await page.get_by_role("checkbox", name="Choose Ward 4").check()
    people, step, action = [card.locator(f".db-wall-{part}") for part in ("people", "step", "action")]
    await expect(people).to_contain_text("1 here: Ann")
    await expect(card.locator(".db-wall-case")).to_contain_text("Not started")

    await _press(page, "Start the case in the chosen sessions", asks=True)
    await expect(step).to_have_text("Quiet")
    await expect(card.locator(".db-wall-case")).not_to_contain_text("Not started")
    await trainee.shows("ecg", 88)
    await _press(page, "Pause the chosen sessions")
    await expect(card.locator(".db-wall-case")).to_contain_text("Paused")
    stood = await card.locator(".db-wall-clock").inner_text()
    await expect(trainee.page.get_by_text("Pause", exact=True).first).to_be_visible()
    await expect(card.locator(".db-wall-clock")).to_have_text(stood)
    await _press(page, "Go on in the chosen sessions")
    await expect(card.locator(".db-wall-case")).not_to_contain_text("Paused")
    # Its clock goes.
    await expect(card.locator(".db-wall-clock")).not_to_have_text(stood)

    await _press(page, "Send the next step to the chosen sessions", asks=True)
    await expect(step).to_have_text("Fast")
    await expect(action).to_contain_text("Fast")
    await expect(card.locator(".db-wall-ecg b")).to_have_text("188")
    await expect(card.locator(".db-wall-alarm")).to_contain_text("Extreme tachycardia")
    await trainee.shows("ecg", 188)


async def _press(page: Page, command: str, *, asks: bool = False) -> None:
    await page.get_by_role("button", name=command, exact=True).click()
    if asks:
        await page.get_by_role("dialog").get_by_role("button", name=f"{command}: 1 session").click()


async def test_two_of_three_sessions_get_a_push_at_once(browser: Browser, shared_server: ServerProcess) -> None:
    url, axe = shared_server.url, Checker()
    async with over_http(url) as admin, AsyncExitStack() as stack:
        marie = await _hire(admin, "trainer", "Marie")
        hers = await stack.enter_async_context(over_http(url, email=marie, password=PASSWORD))
        first, second = [await open_session(hers, title=f"Ward {each}") for each in (1, 2)]
        third = await open_session(admin, title="Not hers")
        page = await (await stack.enter_async_context(trainer_context(browser))).new_page()
        await page.goto(f"{url}/dashboard/wall")
        await log_in(page, email=marie, password=PASSWORD)
        for session in (first, second, third):
            # Out of sight, a card draws nothing.
            await _room(page, session).scroll_into_view_if_needed()
            await expect(_room(page, session).locator("canvas")).to_be_visible()
            await expect(_room(page, session)).to_contain_text(f"{session['code'][:3]} {session['code'][3:]}")

        # By the keyboard alone: the space bar chooses, the arrows go on.
        link = _room(page, first).get_by_role("link")
        await link.focus()
        for _ in range(2):
            await page.keyboard.press("Space")
            await page.keyboard.press("ArrowRight")
        await page.keyboard.press("Space")
        await expect(page.get_by_text("3 sessions chosen")).to_be_visible()
        await page.get_by_role("button", name="Send changes to the chosen sessions").press("Enter")
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("Heart rate").fill("141")
        await expect(dialog.get_by_role("listitem").filter(has_text="Not hers")).to_contain_text(
            "a colleague’s session"
        )
        await axe.check_both(page, "changes to several", "dialog")
        await dialog.get_by_label("Heart rate").press("Enter")
        sent = page.get_by_role("region", name="What became of it")
        await expect(sent).to_contain_text("2 sessions have it · 1 left out")
        assert [
            [event["heart_rate"] for event in await record_of(admin, one["id"])] for one in (first, second, third)
        ] == [
            [141],
            [141],
            [],
        ]
        await axe.check_both(page, "wall")

        # One ends, and leaves with a word; one is opened, and comes by itself.
        (await hers.post(f"/sessions/{second['id']}/close")).raise_for_status()
        await expect(_room(page, second)).to_contain_text("Ended")
        case = (await hers.post("/templates", json=CASE)).raise_for_status().json()
        fourth = await open_session(hers, title="Ward 4", template_id=case["id"])
        await expect(_room(page, fourth).locator("canvas")).to_be_visible()
        trainee = Monitor(await stack.enter_async_context(watched_page(browser)))
        await trainee.join(url, fourth["code"], "Ann")
        await _steer_one(page, _room(page, fourth), trainee)
        await axe.check_both(page, "wall with an alarm")
        await link.focus()
        await page.keyboard.press("Enter")
        await expect(page.locator("main.db-room")).to_be_visible()
        assert page.url.endswith(first["id"])
    assert not axe.found, "\n".join(axe.found)


async def test_an_invited_colleague_is_told_and_steers_until_let_off(
    browser: Browser, shared_server: ServerProcess
) -> None:
    url, axe = shared_server.url, Checker()
    async with over_http(url) as admin, AsyncExitStack() as stack:
        marie, paul = [await _hire(admin, "trainer", name) for name in ("Marie the owner", "Paul the guest")]
        hers = await stack.enter_async_context(over_http(url, email=marie, password=PASSWORD))
        session = await open_session(hers, title="Shared ward")
        owner = await open_room(
            await stack.enter_async_context(trainer_context(browser)), url, session, email=marie, password=PASSWORD
        )
        guest = await (await stack.enter_async_context(trainer_context(browser))).new_page()
        await guest.goto(f"{url}/dashboard/templates")
        await log_in(guest, email=paul, password=PASSWORD)

        trainers = owner.get_by_role("region", name="Trainers", exact=True)
        await trainers.get_by_role("button", name="Invite").click()
        dialog = owner.get_by_role("dialog")
        await dialog.get_by_label("Paul the guest").check()
        await axe.check(owner, "invite", "dialog")
        await dialog.get_by_role("button", name="Invite").click()
        row = trainers.get_by_role("listitem").filter(has_text="Paul the guest")
        await expect(row).to_contain_text("steers, too · not here")

        told = guest.get_by_role("status").filter(has_text="invited to steer “Shared ward”, Marie the owner’s session")
        await told.get_by_role("link", name="Open it").click()
        await expect(guest.locator("main.db-room[data-steer=yes]")).to_be_visible()
        await expect(told).to_have_count(0)
        await expect(row).to_contain_text("steers, too · here")

        await row.get_by_role("button").click()
        await owner.get_by_role("dialog").get_by_role("button", name="Remove").click()
        await expect(row).to_contain_text("is watching")
        await expect(guest.locator(".db-notice")).to_contain_text("You no longer steer this session")
        await expect(guest.locator("main.db-room[data-steer=no]")).to_be_visible()
    assert not axe.found, "\n".join(axe.found)
