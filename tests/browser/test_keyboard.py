"""The control room without a mouse: everything by keys, and always to be seen where the focus is."""

from __future__ import annotations

import re
from typing import Any

from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.pages import eventually, trainer_over_http
from tests.browser.screens import control_room
from tests.support.scenario import DEMO_EMAIL, DEMO_PASSWORD, ServerProcess

# Whether something is drawn around what has the focus: itself, the whole row that is a link's, or the label's text
# that stands for a native radio.
IS_SEEN = """() => {
  const focused = document.activeElement;
  const drawn = ([element, part]) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element, part);
    return (outlineStyle !== "none" && parseFloat(outlineWidth) > 0) || boxShadow !== "none";
  };
  const around = [[focused], [focused, "::after"], [focused.nextElementSibling]];
  return around.some((one) => one[0] !== null && drawn(one));
}"""


async def test_a_session_is_steered_by_keyboard_alone(browser: Browser, shared_server: ServerProcess) -> None:
    async with trainer_over_http(shared_server) as http, control_room(browser) as room:
        page = room.page
        (await http.post("/sessions", json={"title": "A row in the list"})).raise_for_status()
        await page.goto(f"{shared_server.url}/dashboard")
        await expect(page.get_by_label("Email")).to_be_visible()
        await _tab_to(page, "Email")
        await page.keyboard.type(DEMO_EMAIL)
        await _tab_to(page, "Password")
        await page.keyboard.type(DEMO_PASSWORD)
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="Sessions", exact=True)).to_be_visible()
        await _tab_to(page, "Skip to the content")
        await page.keyboard.press("Enter")
        await _tab_to(page, "A row in the list")
        await _tab_to(page, "Start “Anaphylaxis”")
        await page.keyboard.press("Enter")
        await expect(page.locator(".db-code")).to_be_visible()

        await _tab_to(page, "Heart rate, value to send")
        await page.keyboard.press("ArrowUp")
        await page.keyboard.press("PageUp")
        # The signs are one stop, and so are the rhythms, and the markers.
        await _arrow_to(page, "Alt+ArrowDown", "SpO₂, value to send")
        await page.keyboard.press("PageDown")
        await _tab_to(page, "Sinus rhythm")
        await _arrow_to(page, "ArrowRight", "Atrial fibrillation")
        await page.keyboard.press("Space")
        await expect(page.get_by_role("list", name="Staged changes").get_by_role("listitem")).to_have_count(3)
        await _tab_to(page, "0 s")
        await page.keyboard.press("ArrowRight")
        await _tab_to(page, "Send 3 changes over 10 s")
        await page.keyboard.press("Enter")

        await _tab_to(page, "Note")
        await page.keyboard.type("Nobody has called for help")
        await page.keyboard.press("Enter")
        await _tab_to(page, "Help called")
        await _arrow_to(page, "ArrowLeft", "Adrenaline given")
        await page.keyboard.press("Space")
        await expect(room.record("Nobody has called for help")).to_be_visible()

        await _tab_to(page, "End")
        await page.keyboard.press("Enter")
        # The safe answer has the focus.
        await expect(page.get_by_role("button", name="Go on")).to_be_focused()
        await _tab_to(page, "End the session")
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
    await _tab_to(page, "Moment shown")
    await page.keyboard.press("End")
    ended = int(await slider.get_attribute("aria-valuenow") or 0)
    await page.keyboard.press("Home")
    await expect(slider).to_have_attribute("aria-valuenow", "0")
    await page.keyboard.press("PageUp")
    await expect(slider).to_have_attribute("aria-valuenow", str(min(30, ended)))
    await page.keyboard.press(",")
    await expect(page.locator(".db-strip [aria-current]")).to_be_visible()
    await _tab_to(page, "Speed")
    await _tab_to(page, "Compare with other attempts")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Fewer than five people")).to_be_visible()
    await _tab_to(page, "Period")
    await page.keyboard.press("ArrowDown")
    await _tab_to(page, "Back to the session")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("tab", name="Analysis")).to_have_attribute("aria-selected", "true")


async def _tab_to(page: Page, name: str) -> None:
    """Tab until it has the focus; wherever the focus comes by, it must be seen."""
    await _press_to(page, "Tab", name)


async def _arrow_to(page: Page, key: str, name: str) -> None:
    """Inside of what is one tab stop."""
    await _press_to(page, key, name)


async def _press_to(page: Page, key: str, name: str) -> None:
    passed: list[str] = []
    for _ in range(200):
        await page.keyboard.press(key)
        focused = page.locator(":focus")
        # Behind the last and before the first the focus is the browser's.
        if await focused.count() == 0:
            continue
        passed.append(await _name(focused))
        assert await page.evaluate(IS_SEEN), f"nothing shows the focus on {passed[-1]!r}"
        if passed[-1] == name:
            return
    raise AssertionError(f"{name!r} is not to be reached by {key}: {passed}")


async def _name(element: Locator) -> str:
    """As a screen reader says it: '- button "Add"' or '- group: Cue'."""
    found = re.match(r'- \w+(?: "(.*?)"|: (.*))', await element.aria_snapshot())
    return (found[1] or found[2]) if found else ""
