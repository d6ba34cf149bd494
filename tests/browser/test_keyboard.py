"""The control room without a mouse: everything by keys, and always to be seen where the focus is."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Browser, Page, expect

from tests.browser.by_keys import press_to, tab_to
from tests.browser.pages import eventually, trainer_over_http
from tests.browser.screens import control_room
from tests.support.scenario import DEMO_EMAIL, DEMO_PASSWORD, ServerProcess


async def test_a_session_is_steered_by_keyboard_alone(browser: Browser, shared_server: ServerProcess) -> None:
    async with trainer_over_http(shared_server) as http, control_room(browser) as room:
        page = room.page
        (await http.post("/sessions", json={"title": "A row in the list"})).raise_for_status()
        await page.goto(f"{shared_server.url}/dashboard")
        await expect(page.get_by_label("Email")).to_be_visible()
        await tab_to(page, "Email")
        await page.keyboard.type(DEMO_EMAIL)
        await tab_to(page, "Password")
        await page.keyboard.type(DEMO_PASSWORD)
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="Sessions", exact=True)).to_be_visible()
        await tab_to(page, "Skip to the content")
        await page.keyboard.press("Enter")
        await tab_to(page, "A row in the list")
        await tab_to(page, "Start “Anaphylaxis”")
        await page.keyboard.press("Enter")
        await expect(page.locator(".db-code")).to_be_visible()

        await tab_to(page, "Heart rate, value to send")
        await page.keyboard.press("ArrowUp")
        await page.keyboard.press("PageUp")
        # The signs are one stop, and so are the rhythms, and the markers.
        await press_to(page, "Alt+ArrowDown", "SpO₂, value to send")
        await page.keyboard.press("PageDown")
        await tab_to(page, "Sinus rhythm")
        await press_to(page, "ArrowRight", "Atrial fibrillation")
        await page.keyboard.press("Space")
        await expect(page.get_by_role("list", name="Staged changes").get_by_role("listitem")).to_have_count(3)
        await tab_to(page, "0 s")
        await page.keyboard.press("ArrowRight")
        await tab_to(page, "Send 3 changes over 10 s")
        await page.keyboard.press("Enter")

        await tab_to(page, "Note")
        await page.keyboard.type("Nobody has called for help")
        await page.keyboard.press("Enter")
        await tab_to(page, "Help called")
        await press_to(page, "ArrowLeft", "Adrenaline given")
        await page.keyboard.press("Space")
        await expect(room.record("Nobody has called for help")).to_be_visible()

        await tab_to(page, "End")
        await page.keyboard.press("Enter")
        # The safe answer has the focus.
        await expect(page.get_by_role("button", name="Go on")).to_be_focused()
        await tab_to(page, "End the session")
        await page.keyboard.press("Enter")
        await expect(page.locator(".db-notice").get_by_text("This session has ended")).to_be_visible()
        await _talk_it_over(page)

        async def record() -> list[dict[str, Any]]:
            events = (await http.get(f"/sessions/{room.session_id}/events")).raise_for_status().json()["items"]
            return events if events[-1]["kind"] == "lifecycle" else []

        # On this device the session ended at once; the server hears of it a moment later.
        events = await eventually(record, "the session to end")
    assert [event["kind"] for event in events] == ["vitals", "vitals", "note", "note", "lifecycle"]
    sent = events[1]
    assert (sent["heart_rate"], sent["spo2"], sent["rhythm"]) == (91, 93, "atrial_fibrillation")
    assert sent["ramp_seconds"] == 10


async def _talk_it_over(page: Page) -> None:
    """The parts by their digits, the moments by their keys; then to the comparison of the case."""
    await page.keyboard.press("2")
    await expect(page.get_by_role("tab", name="Description")).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("3")
    slider = page.get_by_role("slider", name="Moment shown")
    await tab_to(page, "Moment shown")
    await page.keyboard.press("End")
    ended = int(await slider.get_attribute("aria-valuenow") or 0)
    await page.keyboard.press("Home")
    await expect(slider).to_have_attribute("aria-valuenow", "0")
    await page.keyboard.press("PageUp")
    await expect(slider).to_have_attribute("aria-valuenow", str(min(30, ended)))
    await page.keyboard.press(",")
    await expect(page.locator(".db-strip [aria-current]")).to_be_visible()
    await tab_to(page, "Speed")
    await tab_to(page, "Compare with other attempts")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Fewer than five people")).to_be_visible()
    await tab_to(page, "Period")
    await page.keyboard.press("ArrowDown")
    await tab_to(page, "Back to the session")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("tab", name="Analysis")).to_have_attribute("aria-selected", "true")
