"""A whole session as people live it: a trainer in the control room, three trainees at monitors of three sizes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from typing import Any

import httpx
from playwright.async_api import Browser, Page, expect

from server.domain.timestamps import read_timestamp
from server.domain.vitals import SIGN_NAMES
from tests.browser.pages import eventually, trainer_over_http
from tests.browser.screens import PHONE, PROJECTOR, TABLET, ControlRoom, Monitor, control_room, monitor
from tests.support.scenario import ServerProcess

TRAINER = "Demo Trainer"
TEMPLATE = {
    "heart_rate": 80,
    "systolic": 122,
    "diastolic": 76,
    "spo2": 98,
    "respiratory_rate": 15,
    "etco2": 38,
    "temperature": 36.8,
}


async def test_a_trainer_and_three_trainees_through_a_whole_session(
    browser: Browser, shared_server: ServerProcess
) -> None:
    async with AsyncExitStack() as stack:
        room = await stack.enter_async_context(control_room(browser))
        phone = await stack.enter_async_context(monitor(browser, **PHONE))
        tablet = await stack.enter_async_context(monitor(browser, **TABLET))
        projector = await stack.enter_async_context(monitor(browser, **PROJECTOR))
        http = await stack.enter_async_context(trainer_over_http(shared_server))
        all_three = (phone, tablet, projector)

        await room.log_in(shared_server)
        await room.start("Anaphylaxis")
        await _everybody_joins(room, shared_server.url, all_three)
        await _changes_are_staged_and_sent_together(room, all_three)
        await _a_rhythm(room)
        await _a_note_and_a_marker(room)
        await _trainees_act(room, phone, tablet, projector)
        await _the_rhythm_is_seen(all_three)
        await _a_ramp_and_undoing_it(room, all_three)
        await _a_step_of_the_template(room, all_three)
        await _one_drops_and_comes_back(room, tablet)
        await _one_is_removed(room, projector)
        await _extended(room, http)
        await _ended(room, (phone, tablet))
        _is_whole(await _record(http, room.session_id), room.session_id)


async def _everybody_joins(room: ControlRoom, url: str, monitors: Sequence[Monitor]) -> None:
    code = await room.code()
    typed = (code, f" {code[:2]}-{code[2:4]} - {code[4:]} ".lower(), f"{code[:3]} {code[3:]}")
    names = ("Zoé", "Amir", "Projector")
    await asyncio.gather(*(each.join(url, *who) for each, *who in zip(monitors, typed, names, strict=True)))
    for each in monitors:
        await each.shows("ecg", 80)
        await each.shows("nibp", "---/---")
    for name in names:
        await expect(room.person(name)).to_contain_text("connected")
    await expect(room.page.get_by_text("3 here").first).to_be_visible()


async def _changes_are_staged_and_sent_together(room: ControlRoom, monitors: Sequence[Monitor]) -> None:
    await room.stage("Heart rate", 131)
    await room.stage("SpO₂", 89)
    await room.toggle("Haemorrhage")
    staged = room.page.get_by_role("list", name="Staged changes").get_by_role("listitem")
    await expect(staged).to_have_count(3)
    for each in monitors:
        await each.shows("ecg", 80)
    await room.send(3)
    await expect(staged).to_have_count(0)
    for each in monitors:
        await each.shows("ecg", 131)
        await each.shows("spo2", 89)
        await expect(each.page.get_by_text("Haemorrhage", exact=True)).to_have_count(0)
    await room.page.get_by_label("Name them on the trainees’ screens").check()
    for each in monitors:
        await expect(each.page.get_by_text("Haemorrhage", exact=True)).to_be_visible()


async def _a_rhythm(room: ControlRoom) -> None:
    """With what it does to the patient: both pressures and the CO2."""
    await room.toggle("Ventricular tachycardia")
    await room.send(4)


async def _the_rhythm_is_seen(monitors: Sequence[Monitor]) -> None:
    for each in monitors:
        await expect(each.alarm("Ventricular tachycardia")).to_be_visible()


async def _a_note_and_a_marker(room: ControlRoom) -> None:
    await room.page.get_by_role("textbox", name="Note", exact=True).fill("Asks for help early")
    await room.press("Add")
    await room.page.get_by_role("button", name="Adrenaline given", exact=True).click()
    await expect(room.record("Asks for help early")).to_be_visible()
    await expect(room.record("Adrenaline given")).to_be_visible()
    # Shown is not stored: what a trainee does next could come before it.
    await expect(room.page.locator(".db-record-waits")).to_have_count(0)


async def _trainees_act(room: ControlRoom, phone: Monitor, tablet: Monitor, projector: Monitor) -> None:
    await phone.key("NIBP").tap()
    await expect(phone.page.get_by_text("Inflating")).to_be_visible()
    await expect(room.record("started a blood pressure measurement")).to_contain_text("Zoé")
    await tablet.key("Silence").tap()
    await expect(tablet.key("Silent")).to_be_visible()
    await expect(room.record("silenced the alarm")).to_contain_text("Amir")
    await projector.key("Marker").click()
    await expect(room.record("set a marker")).to_contain_text("Projector")


async def _a_ramp_and_undoing_it(room: ControlRoom, monitors: Sequence[Monitor]) -> None:
    await room.page.get_by_label("Other duration, in seconds").fill("5")
    await room.stage("Heart rate", 60)
    on_the_way = [asyncio.create_task(_passes_between(each.page, 60, 131)) for each in monitors]
    await room.send(1)
    await asyncio.gather(*on_the_way)
    for each in monitors:
        await each.shows("ecg", 60)
    await room.press("Undo: back to HR")
    for each in monitors:
        await each.shows("ecg", 131)


async def _passes_between(page: Page, low: int, high: int) -> None:
    looked_at = "([low, high]) => { const n = +document.querySelector('.mon-tile-ecg .mon-digits').textContent;"
    await page.wait_for_function(f"{looked_at} return n > low && n < high; }}", arg=[low, high])


async def _a_step_of_the_template(room: ControlRoom, monitors: Sequence[Monitor]) -> None:
    await room.press("Send: 3. Airway and breathing")
    for each in monitors:
        await expect(each.page.get_by_text("Respiratory distress", exact=True)).to_be_visible()
    await expect(room.page.get_by_role("button", name="Send again: 3. Airway and breathing")).to_be_visible()
    await room.press("Hold: Stop all ramps")


async def _one_drops_and_comes_back(room: ControlRoom, tablet: Monitor) -> None:
    context = tablet.page.context
    await tablet.page.close()
    await expect(room.person("Amir")).to_contain_text("dropped")
    again = Monitor(await context.new_page())
    await again.page.goto(f"{room.page.url.split('/dashboard')[0]}/monitor")
    await expect(room.person("Amir")).to_contain_text("connected")
    await expect(room.page.locator("#part-people .db-person")).to_have_count(3)


async def _one_is_removed(room: ControlRoom, projector: Monitor) -> None:
    await room.press("Remove Projector")
    await room.page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    await expect(projector.heading("You are no longer in this session")).to_be_visible()
    await expect(projector.page.get_by_role("button", name="Join again")).to_be_visible()
    await expect(room.person("Projector")).to_contain_text("removed at")


async def _extended(room: ControlRoom, http: httpx.AsyncClient) -> None:
    before = await _expiry(room, http)
    await room.press("+15 min: Extend by 15 min")

    async def is_later() -> bool:
        return await _expiry(room, http) == before + timedelta(minutes=15)

    await eventually(is_later, "15 minutes more")


async def _expiry(room: ControlRoom, http: httpx.AsyncClient) -> datetime:
    session = (await http.get(f"/sessions/{room.session_id}")).raise_for_status().json()
    return read_timestamp(session["expires_at"])


async def _ended(room: ControlRoom, monitors: Sequence[Monitor]) -> None:
    await room.page.get_by_role("button", name="End", exact=True).click()
    await room.press("End the session")
    for each in monitors:
        # Whoever closed a page has it open again in the same context.
        page = each.page.context.pages[-1]
        await expect(Monitor(page).heading("The session is over")).to_be_visible()
    await expect(room.page.locator(".db-notice").get_by_text("This session has ended")).to_be_visible()


async def _record(http: httpx.AsyncClient, session_id: str) -> list[dict[str, Any]]:
    return (await http.get(f"/sessions/{session_id}/events?limit=200")).raise_for_status().json()["items"]


def _is_whole(events: list[dict[str, Any]], session_id: str) -> None:
    """Everything that was done, once each and in its order."""
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert {event["session_id"] for event in events} == {session_id}
    # On a slow machine the case has time to move on by itself.
    events = [event for event in events if event["by"]["role"] != "system"]
    step = {"heart_rate": 124, "systolic": 100, "diastolic": 56, "spo2": 92, "respiratory_rate": 29, "etco2": 31}
    wheezing = {"respiratory_distress": True, "bronchospasm": True}
    held = events[11]
    assert [_told(event) for event in events] == [
        ("vitals", TRAINER, {**TEMPLATE, "rhythm": "sinus"}),
        ("vitals", TRAINER, {"heart_rate": 131, "spo2": 89, "flags": {"haemorrhage": True}}),
        ("vitals", TRAINER, {"rhythm": "ventricular_tachycardia", "systolic": 90, "diastolic": 60, "etco2": 30}),
        ("note", TRAINER, "Asks for help early"),
        ("note", TRAINER, "adrenaline"),
        ("action", "Zoé", "nibp_start"),
        ("action", "Amir", "alarm_silence"),
        ("action", "Projector", "marker"),
        ("vitals", TRAINER, {"heart_rate": 60, "ramp_seconds": 5}),
        ("vitals", TRAINER, {"heart_rate": 131}),
        ("vitals", TRAINER, {**step, "flags": wheezing, "ramp_seconds": 50}),
        # Where the ramps were held is a matter of the moment.
        ("vitals", TRAINER, {name: held[name] for name in step}),
        ("lifecycle", TRAINER, {"reason": "closed"}),
    ]


def _told(event: dict[str, Any]) -> tuple[str, str, Any]:
    pushed = {name: event[name] for name in (*SIGN_NAMES, "rhythm", "flags", "ramp_seconds") if event[name]}
    return event["kind"], event["by"]["name"], pushed or event["text"] or event["marker"] or event["details"]
