"""A session talked over without a mouse: parts, moments, replay, what is written down, and once more from there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from playwright.async_api import Browser, Page, expect

from tests.browser.by_keys import press_to, tab_to
from tests.browser.screens import PHONE, control_room, monitor
from tests.browser.trainer_pages import log_in
from tests.support.clocks import SteppingClock
from tests.support.running import RunningServer, running_server
from tests.support.scenario_clients import Json, eventually, new_id

SPEED = 16
# How long the replay has played, by the page's own clock, whenever it has come to another second: a busy machine may
# draw the next one long after.
PLAYS = """() => {
  const slider = document.querySelector("[role=slider].db-scrubber");
  const played = (window.played = { ms: 0, second: 0 });
  document.activeElement.addEventListener("click", () => {
    const since = performance.now();
    const moved = () => {
      Object.assign(played, { ms: performance.now() - since, second: Number(slider.getAttribute("aria-valuenow")) });
    };
    new MutationObserver(moved).observe(slider, { attributeFilter: ["aria-valuenow"] });
  }, { once: true });
}"""
PLAYED = "() => window.played"


async def test_a_session_is_talked_over_by_keyboard_alone(browser: Browser) -> None:
    async with (
        _a_session() as (server, session),
        control_room(browser) as room,
        monitor(browser, **PHONE) as ann,
    ):
        page, http, url = room.page, server.http, f"{server.url}/dashboard/sessions/{session['id']}"
        await ann.join(server.url, session["code"], "Ann")
        await ann.shows("spo2", "84")
        await page.goto(url)
        await log_in(page)
        await expect(page.get_by_text("1 here").first).to_be_attached()
        await _post(server, f"/sessions/{session['id']}/close", {})
        await expect(page.get_by_role("tab", name="Reactions")).to_have_attribute("aria-selected", "true")

        await page.keyboard.press("3")
        await _a_moment_is_renamed(page)
        await _it_plays(page)
        await page.keyboard.press("4")
        await _it_is_praised(page)
        await tab_to(page, "Line 1")
        await page.keyboard.type("Oxygen first")
        await page.keyboard.press("Enter")

        async def written() -> bool:
            kept = (await http.get(f"/api/v1/sessions/{session['id']}/annotations")).raise_for_status().json()["items"]
            return {("plus", "Calm voices"), ("takeaway", "Oxygen first")} <= {
                (one["kind"], one["text"]) for one in kept
            }

        await eventually(written, "what was written to be at the server")

        # The second of two taps: the team's monitor moves over by itself, and both attempts stand side by side.
        await tab_to(page, "Summary")
        await press_to(page, "ArrowLeft", "Analysis")
        await tab_to(page, "Moment shown")
        await page.keyboard.press("Home")
        await tab_to(page, "Again from here")
        await page.keyboard.press("Enter")
        await tab_to(page, "Again, with the same team")
        await page.keyboard.press("Enter")
        await expect(page.locator(".db-attempt")).to_contain_text("Attempt 2, from")
        await ann.page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
        await ann.shows("spo2", "98")
        await page.goto(url)
        await page.keyboard.press("3")
        rows = page.locator("#part-attempts tbody tr")
        await expect(rows).to_have_count(2)
        await expect(rows.first).to_contain_text("this one")


async def _a_moment_is_renamed(page: Page) -> None:
    await tab_to(page, "Moment shown")
    await page.keyboard.press("Home")
    await page.keyboard.press(".")
    await tab_to(page, "Rename or hide")
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("Name in this debrief")).to_be_focused()
    await page.keyboard.type("Turns blue")
    await page.keyboard.press("Enter")
    await expect(page.locator(".db-strip [aria-current]")).to_contain_text("Turns blue")


async def _it_plays(page: Page) -> None:
    """As fast as it says, however busy the machine is, and stands where it is stopped."""
    await tab_to(page, "Moment shown")
    await page.keyboard.press("Home")
    await tab_to(page, "Speed")
    await page.keyboard.press("End")
    await expect(page.get_by_label("Speed")).to_have_value(str(SPEED))
    await press_to(page, "Shift+Tab", "Play")
    await page.evaluate(PLAYS)
    await page.keyboard.press("Enter")

    async def played() -> Json | None:
        now = await page.evaluate(PLAYED)
        return now if now["second"] >= SPEED else None

    now = await eventually(played, "the replay to come on")
    # A second that is begun is not counted.
    assert 0.5 * SPEED < now["second"] / (now["ms"] / 1000) <= SPEED + 0.1
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Play", exact=True)).to_be_focused()


async def _it_is_praised(page: Page) -> None:
    await tab_to(page, "Add what went well")
    await page.keyboard.type("Calm voices")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-column=plus] textarea").first).to_have_value("Calm voices")


@asynccontextmanager
async def _a_session() -> AsyncIterator[tuple[RunningServer, Json]]:
    """It has run for ten minutes when the pages are opened."""
    clock = SteppingClock(ahead=timedelta(minutes=-10))
    async with running_server(now=clock) as server:
        await server.login()
        template = await _post(server, "/templates", {"title": "By keys"})
        opening = {"id": new_id(), "template_id": template["id"], "title": "By keys", "vitals": {"spo2": 98}}
        session = await server.open_session(**opening)
        path = f"/sessions/{session['id']}/events"
        clock.wait(timedelta(minutes=5))
        await _post(server, path, {"id": new_id(), "kind": "vitals", "vitals": {"spo2": 84}})
        await _post(server, path, {"id": new_id(), "kind": "note", "marker": "help"})
        clock.wait(timedelta(minutes=5))
        yield server, session


async def _post(server: RunningServer, path: str, body: Json) -> Json:
    return (await server.http.post(f"/api/v1{path}", json=body)).raise_for_status().json()
