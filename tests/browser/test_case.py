"""A case in the control room: started, played by its keys, paused, and found again after a reload and in French."""

from __future__ import annotations

import httpx
from playwright.async_api import Browser, Locator, Page, expect

from server.service.seeds import read_case
from tests.browser.pages import eventually, trainer_over_http
from tests.browser.screens import PHONE, TABLET, ControlRoom, Monitor, control_room, monitor
from tests.support.scenario import DEMO_EMAIL, DEMO_PASSWORD, ServerProcess

CASE = "Anaphylaxis"
STEPS = read_case("anaphylaxis", "en")["steps"]
# A leap in the case, whose ramp is long and takes the SpO2 far, a number that does not wander by itself.
SHOCK = next(place for place, step in enumerate(STEPS) if step["key"] == "shock")
AFTER_SHOCK = next(place for place, step in enumerate(STEPS) if step["key"] == "adrenaline")


async def test_a_case_is_played_paused_and_found_again(browser: Browser, shared_server: ServerProcess) -> None:
    url = shared_server.url
    async with (
        trainer_over_http(shared_server) as http,
        control_room(browser) as room,
        monitor(browser, **PHONE) as phone,
        monitor(browser, **TABLET) as tablet,
        monitor(browser, **PHONE) as late,
        control_room(browser, locale="fr-FR") as french,
    ):
        await room.log_in(shared_server)
        await room.start(CASE)
        code = await room.code()
        await phone.join(url, code, "Phone")
        await tablet.join(url, code, "Tablet")
        await _play_two_steps(room)
        await room.page.get_by_role("button", name="Adrenaline given", exact=True).click()
        await expect(room.record("Adrenaline given").get_by_text("waits")).to_have_count(0)
        await _play_through_a_pause(http, room, [phone, tablet], late, code)
        events = (await http.get(f"/sessions/{room.session_id}/events")).raise_for_status().json()["items"]
        assert [event["step"] for event in events if event["step"]] == [STEPS[0]["key"], "shock"]
        assert [(event["marker"], event["text"]) for event in events if event["kind"] == "note"] == [
            ("adrenaline", None)
        ]
        await room.page.reload()
        await _finds_everything(room.page, "Sent", "Adrenaline given")
        await expect(room.page.get_by_role("button", name="Start the case")).to_have_count(0)
        await _log_in_in_french(french.page, f"{url}/dashboard/sessions/{room.session_id}")
        await _finds_everything(french.page, "Envoyée", "Adrénaline injectée")
        await eventually(lambda: _has_the_same_clock(room.page, french.page), "the same clock on both screens")


async def _play_two_steps(room: ControlRoom) -> None:
    """The first with the start of the case, the shock by a click."""
    steps = room.page.locator(".db-case-step")
    await expect(steps).to_have_count(len(STEPS))
    await room.press("Start the case")
    await expect(steps.nth(0).locator("[data-mark=confirmed]")).to_be_visible()
    await expect(steps.nth(1)).to_have_attribute("data-next", "yes")
    await room.press(f"Send: {SHOCK + 1}. {STEPS[SHOCK]['title']}")
    await expect(steps.nth(SHOCK).locator("[data-mark=confirmed]")).to_be_visible()
    await expect(steps.nth(AFTER_SHOCK)).to_have_attribute("data-next", "yes")


async def _play_through_a_pause(
    http: httpx.AsyncClient, room: ControlRoom, monitors: list[Monitor], late: Monitor, code: str
) -> None:
    """In the middle of the ramp; whoever comes meanwhile sees what the others see."""
    await room.page.get_by_role("button", name="Pause", exact=True).click()
    await expect(room.page.get_by_text("Paused since")).to_be_visible()

    async def standing() -> float | None:
        values = (await http.get(f"/sessions/{room.session_id}")).raise_for_status().json()["last_values"]
        return values["ramps"]["spo2"]["from"] if "paused_at" in values else None

    stands = int(await eventually(standing, "the pause to be stored") + 0.5)
    assert stands > STEPS[SHOCK]["vitals"]["spo2"]
    await late.join(str(http.base_url).removesuffix("/api/v1/"), code, "Late")
    for each in [*monitors, late]:
        await expect(_pause_sign(each.page)).to_have_text("Pause")
        await each.shows("spo2", stands)
    preview = room.page.locator(".db-preview")
    await expect(preview.locator(".mon-tile-spo2 .mon-digits")).to_have_text(str(stands))
    await expect(preview.locator(".mon-pause")).to_have_text("Pause")
    stood = await _clock(room.page)
    await room.page.get_by_role("button", name="Resume", exact=True).first.click()
    for each in [*monitors, late]:
        await expect(_pause_sign(each.page)).to_have_text("")
        await expect(each.number("spo2")).not_to_have_text(str(stands))

    async def moves() -> bool:
        return await _clock(room.page) > stood

    await eventually(moves, "the clock of the case to go on")


async def _finds_everything(page: Page, sent: str, marker: str) -> None:
    steps = page.locator(".db-case-step")
    for place in (0, SHOCK):
        await expect(steps.nth(place).locator("[data-mark=confirmed]")).to_contain_text(sent)
    await expect(steps.nth(AFTER_SHOCK)).to_have_attribute("data-next", "yes")
    await expect(page.locator(".db-record-line").filter(has_text=marker)).to_have_count(1)


def _pause_sign(page: Page) -> Locator:
    return page.locator(".mon-pause")


async def _has_the_same_clock(one: Page, other: Page) -> bool:
    """One is read before and after the other, however long that takes; a screen may be a second late."""
    before = await _clock(one)
    return before - 1 <= await _clock(other) <= await _clock(one) + 1


async def _clock(page: Page) -> int:
    """Seconds on the clock of the case."""
    parts = [int(part) for part in (await page.locator(".db-clock-time").inner_text()).split(":")]
    return sum(part * 60**place for place, part in enumerate(reversed(parts)))


async def _log_in_in_french(page: Page, url: str) -> None:
    await page.goto(url)
    await page.locator("input[type=email]").fill(DEMO_EMAIL)
    await page.locator("input[type=password]").fill(DEMO_PASSWORD)
    await page.locator("input[type=password]").press("Enter")
    await page.locator("main.db-room").wait_for()
