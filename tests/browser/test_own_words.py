"""After the end a trainee says what it was like, on a telephone; it waits where the network is away."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Browser, Route, expect

from tests.browser.pages import watched_page
from tests.browser.screens import PHONE
from tests.browser.test_accessibility import Checker
from tests.browser.trainer_pages import over_http
from tests.support.scenario import ServerProcess
from tests.support.scenario_clients import new_id

CASE: dict[str, Any] = {
    "title": "Septic shock",
    "public_title": "A woman of 71",
    "checklist": [
        {"key": "help", "text": "Calls for help"},
        {"key": "antibiotic", "text": "Antibiotic within the hour", "critical": True},
    ],
}


async def _away(route: Route) -> None:
    await route.abort("internetdisconnected")


async def test_a_trainee_says_it_in_their_own_words(browser: Browser, shared_server: ServerProcess) -> None:
    axe = Checker()
    # What is asked while the line is cut fails aloud in the browser's own words.
    async with (
        over_http(shared_server.url) as http,
        watched_page(browser, tolerate="ERR_INTERNET_DISCONNECTED", **PHONE) as phone,
    ):
        template = (await http.post("/templates", json={"id": new_id(), **CASE})).json()
        session = (await http.post("/sessions", json={"template_id": template["id"]})).json()
        await phone.goto(f"{shared_server.url}/j/{session['code']}")
        await phone.get_by_label("Your name").fill("Léa")
        await phone.get_by_role("button", name="Join").click()
        await expect(phone.locator(".mon-digits").first).to_be_visible()
        (await http.post(f"/sessions/{session['id']}/close")).raise_for_status()

        words = phone.get_by_label("What went well? What would you do differently?")
        await words.fill("I called late")
        await expect(phone.get_by_text("Saved.", exact=True)).to_be_visible()
        assert await _told(http, session) == [("Léa", "I called late", {})]
        await phone.get_by_text("How would you score your team?").click()
        await axe.check(phone, "own words on a telephone")
        assert await phone.evaluate("[document.documentElement.scrollWidth, innerWidth]") == [390, 390]

        # By keys alone, and with the network away.
        await phone.route("**/api/v1/reflection", _away)
        await phone.get_by_label("Without my name").focus()
        await phone.keyboard.press("Space")
        group = phone.get_by_role("group", name="Antibiotic within the hour")
        await group.get_by_label("Done", exact=True).focus()
        await phone.keyboard.press("ArrowRight")
        await expect(group.get_by_label("Partly")).to_be_checked()
        await expect(phone.get_by_text("Kept on this device")).to_be_visible()
        assert await _told(http, session) == [("Léa", "I called late", {})]
        await phone.unroute("**/api/v1/reflection")
        await phone.evaluate("dispatchEvent(new Event('online'))")
        await expect(phone.get_by_text("Saved.", exact=True)).to_be_visible()
        assert await _told(http, session) == [(None, "I called late", {"antibiotic": 1})]

        # The next morning, or after a reload: found again where one joins.
        await phone.goto(f"{shared_server.url}/")
        await phone.get_by_role("button", name="Your own words on “A woman of 71”").click()
        await expect(words).to_have_value("I called late")
        await expect(phone.get_by_label("Without my name")).to_be_checked()
        await axe.check_both(phone, "own words on the page to join")
    assert axe.found == []


async def _told(http: Any, session: dict[str, Any]) -> list[tuple[Any, ...]]:
    debrief = (await http.get(f"/sessions/{session['id']}/debrief")).json()
    return [(each["name"], each["words"], each["scores"]) for each in debrief["reflections"]]
