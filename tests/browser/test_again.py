"""Again from here: two taps, and the team's monitors move over by themselves; who was away, and after the end, too."""

from __future__ import annotations

import os
from typing import Any

import httpx
from playwright.async_api import Browser, expect

from tests.browser.pages import trainer_over_http
from tests.browser.screens import PHONE, ControlRoom, Monitor, control_room, monitor
from tests.support.scenario import ServerProcess
from tests.support.scenario_clients import Json, new_id

STEPS: list[Json] = [
    {"key": "well", "title": "Well", "vitals": {"spo2": 97}},
    {"key": "shock", "title": "In shock", "vitals": {"spo2": 84, "temperature": 35.5}},
    {"key": "better", "title": "Better", "vitals": {"spo2": 95, "temperature": 36.5}},
]


async def test_a_team_begins_anew_from_the_step_that_was_played_last(
    browser: Browser, shared_server: ServerProcess
) -> None:
    url = shared_server.url
    async with (
        trainer_over_http(shared_server) as http,
        control_room(browser) as room,
        monitor(browser, **PHONE) as ann,
        monitor(browser, tolerate="status of 410", **PHONE) as ben,
    ):
        session = await _in_shock(http)
        for trainee, name in ((ann, "Ann"), (ben, "Ben")):
            await trainee.join(url, session["code"], name)
            await trainee.shows("temperature", "35.9")
        await ann.page.evaluate("() => void (window.sameSpeaker = true)")
        await ben.page.goto("about:blank")
        await room.log_in(shared_server)
        await room.page.goto(f"{url}/dashboard/sessions/{session['id']}")
        await expect(room.page.get_by_text("1 here").first).to_be_attached()

        await room.press("Again…")
        dialog = room.page.get_by_role("dialog")
        await expect(dialog.get_by_role("radio", checked=True)).to_have_count(1)
        await expect(dialog.locator("label:has(:checked)")).to_contain_text("In shock")
        await _picture(room.page, "ask")
        await dialog.get_by_role("button", name="Again, with the 1 who is connected").click()
        await expect(room.page.locator(".db-attempt")).to_contain_text("Attempt 2, from")
        assert room.session_id != session["id"]
        await _follows(ann, http, room, "Ann")
        assert await ann.page.evaluate("() => window.sameSpeaker") is True
        await ben.page.goto(f"{url}/monitor")
        await ben.shows("temperature", "35.5")
        await expect(room.person("Ben")).to_be_visible()
        await _picture(room.page, "room")

        # After the end, too: the page that says that it is over is looked at, and looks by itself.
        await room.page.get_by_role("link", name="Evening").click()
        await expect(room.page.get_by_role("heading", name="Evening", level=1)).to_be_visible()
        fork = room.page.url
        await _close(http, await _newest(http))
        await expect(ann.heading("The session is over")).to_be_visible()
        again = {"id": new_id(), "after_seq": 1, "moves_trainees": True}
        attempt = await _newest(http)
        made = (await http.post(f"/sessions/{attempt['id']}/fork", json=again)).raise_for_status().json()
        await ann.page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
        # It stands there for some seconds.
        await expect(ann.page.get_by_role("status").filter(has_text="gone back")).to_be_visible()
        await ann.shows("temperature", "35.5")
        await _picture(ann.page, "moved")
        assert fork.endswith(session["id"])
        trainees = (await http.get(f"/sessions/{made['id']}/debrief")).raise_for_status().json()["attendance"]
        assert [each["name"] for each in trainees] == ["Ann"]
        # The first code still hangs on the wall: a tablet that knows nothing of all that comes in by it.
        await ben.page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
        await ben.join(url, session["code"], "Eve")
        await ben.shows("temperature", "35.5")


async def _in_shock(http: httpx.AsyncClient) -> Json:
    template = await _post(http, "/templates", {"title": "Bee", "steps": STEPS})
    session = await _post(http, "/sessions", {"template_id": template["id"], "title": "Evening"})
    path = f"/sessions/{session['id']}/events"
    for key in ("well", "shock"):
        await _post(http, path, {"id": new_id(), "kind": "vitals", "step": key})
    await _post(http, path, {"id": new_id(), "kind": "vitals", "vitals": {"temperature": 35.9}})
    return session


async def _follows(trainee: Monitor, http: httpx.AsyncClient, room: ControlRoom, name: str) -> None:
    """It shows the state of the step, keeps its name, and hears what is pushed to the new session."""
    await trainee.shows("temperature", "35.5")
    await expect(room.person(name)).to_be_visible()
    body = {"id": new_id(), "kind": "vitals", "vitals": {"temperature": 34.5}}
    await _post(http, f"/sessions/{room.session_id}/events", body)
    await trainee.shows("temperature", "34.5")
    await _post(http, f"/sessions/{room.session_id}/events", body | {"id": new_id(), "vitals": {"temperature": 35.5}})


async def _post(http: httpx.AsyncClient, path: str, body: Any) -> Json:
    return (await http.post(path, json=body)).raise_for_status().json()


async def _newest(http: httpx.AsyncClient) -> Json:
    return (await http.get("/sessions?limit=1")).raise_for_status().json()["items"][0]


async def _close(http: httpx.AsyncClient, session: Json) -> None:
    await _post(http, f"/sessions/{session['id']}/close", {})


async def _picture(page: Any, name: str) -> None:
    if folder := os.environ.get("PICTURES"):
        await page.screenshot(path=f"{folder}/{name}.png")
