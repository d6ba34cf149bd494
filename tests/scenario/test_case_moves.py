"""Cases that move by themselves: at the moment that is due, once, whatever stops meanwhile; the trainer's step wins."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.support.houses import open_postgres
from tests.support.outage import OUTAGES, Clock, Step, Ward, provisional, ward
from tests.support.postgres import DatabaseServer
from tests.support.processes import linked_all, processes
from tests.support.running import running_server
from tests.support.scenario import end
from tests.support.scenario_clients import Json, eventually, new_id

NALOXONE = {"to": "better", "automatic": True, "on": {"marker": "naloxone", "count": 1}}
OPIOID = {
    "title": "Opioid",
    "steps": [
        {
            "key": "sleepy",
            "title": "Sleepy",
            "vitals": {"respiratory_rate": 8, "spo2": 90},
            "ramp_seconds": 60,
            "transitions": [NALOXONE, {"to": "apnoea", "automatic": True, "on": {"after": 180}}],
        },
        {
            "key": "apnoea",
            "title": "Apnoea",
            "vitals": {"respiratory_rate": 0, "spo2": 70},
            "ramp_seconds": 45,
            "transitions": [
                NALOXONE,
                {
                    "to": "arrest",
                    "automatic": True,
                    "on": {"when": [{"sign": "spo2", "op": "lt", "value": 75}], "hold": 60},
                },
            ],
        },
        {"key": "better", "title": "Wakes", "vitals": {"respiratory_rate": 14, "spo2": 96}, "ramp_seconds": 60},
        {
            "key": "arrest",
            "title": "PEA",
            "flags": {"pulseless": True},
            "transitions": [{"to": None, "automatic": True, "on": {"after": 600}}],
        },
    ],
}
# In the step before: 90 falls to 70 in 45 s, and shows 74 from the millisecond after 34.875 s on.
ARREST_AFTER = timedelta(seconds=34.876 + 60)


async def _control(it: Ward, action: str) -> None:
    ack = await it.trainer.call("case:control", {"id": new_id(), "session_id": it.session["id"], "action": action})
    assert ack["ok"], ack


async def _mark(it: Ward, marker: str) -> Json:
    ack = await it.trainer.call("note:add", {"id": new_id(), "session_id": it.session["id"], "marker": marker})
    assert ack["ok"], ack
    return ack["event"]


async def _moved(it: Ward, step: str | None) -> Json:
    return await it.trainer.wait_for("event:added", lambda told: _is_move(told, step))


def _is_move(event: Json, step: str | None) -> bool:
    details = event["details"] or {}
    return "because" in details and (event["step"] == step if step else details.get("action") == "ended")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _moves(record: list[Json]) -> list[tuple[str | None, Any]]:
    return [(event["step"], event["details"]["from"]) for event in record if "because" in (event["details"] or {})]


async def _nothing_moves(it: Ward) -> None:
    length = len(_moves(await it.record()))
    await it.push(vitals={"etco2": 40})
    # Time in which the server looks at the clock ten times, and nothing more may come: too short a one lets a fault
    # pass, and fails nothing that is right.
    await asyncio.sleep(0.5)
    assert len(_moves(await it.record())) == length


async def test_a_case_moves_by_time_by_what_is_shown_and_to_its_end(database_url: str) -> None:
    async with ward(database_url, template=OPIOID) as it:
        await _control(it, "start")
        first = await it.trainer.wait_for("event:added", lambda told: told["step"] == "sleepy")
        it.clock.ahead += timedelta(seconds=181)
        apnoea = await _moved(it, "apnoea")
        assert apnoea["by"] == {"role": "system", "id": None, "name": "Shiller"}
        assert apnoea["details"] == {"from": "sleepy", "because": {"after": 180}}
        assert _moment(apnoea["made_at"]) == _moment(first["created_at"]) + timedelta(seconds=180)
        told = await it.trainee.wait_for("vitals:pushed", lambda told: told["seq"] == apnoea["seq"])
        assert told["last_values"]["spo2"] == 70
        it.clock.ahead += timedelta(seconds=95)
        arrest = await _moved(it, "arrest")
        # Curves begin when a step is stored, and so does what is read off them.
        assert _moment(arrest["made_at"]) == _moment(apnoea["created_at"]) + ARREST_AFTER
        it.clock.ahead += timedelta(seconds=600)
        ended = await _moved(it, None)
        assert ended["kind"] == "case"
        assert ended["details"] == {"action": "ended", "from": "arrest", "because": {"after": 600}}
        await _nothing_moves(it)


async def test_a_marker_moves_it_at_once_and_what_waited_is_off(database_url: str) -> None:
    async with ward(database_url, template=OPIOID) as it:
        await _control(it, "start")
        note = await _mark(it, "naloxone")
        better = await _moved(it, "better")
        assert _moment(better["made_at"]) >= _moment(note["created_at"])
        it.clock.ahead += timedelta(seconds=400)
        await _nothing_moves(it)


async def test_the_trainers_own_step_wins(database_url: str) -> None:
    async with ward(database_url, template=OPIOID) as it:
        await _control(it, "start")
        it.clock.ahead += timedelta(seconds=100)
        played = await it.push(step="better")
        assert played["ok"], played
        it.clock.ahead += timedelta(seconds=100)
        await _nothing_moves(it)


async def test_automation_is_switched_off_and_on(database_url: str) -> None:
    async with ward(database_url, template=OPIOID) as it:
        await _control(it, "start")
        await _control(it, "automation_off")
        it.clock.ahead += timedelta(seconds=200)
        await _nothing_moves(it)
        await _control(it, "automation_on")
        apnoea = await _moved(it, "apnoea")
        on = next(each for each in await it.record() if (each["details"] or {}).get("action") == "automation_on")
        assert apnoea["made_at"] == on["created_at"]


async def test_a_pause_stops_the_case(database_url: str) -> None:
    async with ward(database_url, template=OPIOID) as it:
        await _control(it, "start")
        first = await it.trainer.wait_for("event:added", lambda told: told["step"] == "sleepy")
        it.clock.ahead += timedelta(seconds=100)
        await _control(it, "pause")
        it.clock.ahead += timedelta(seconds=1000)
        await _nothing_moves(it)
        await _control(it, "resume")
        await _nothing_moves(it)
        record = await it.record()
        paused, resumed = (
            _moment(next(event["created_at"] for event in record if (event["details"] or {}).get("action") == action))
            for action in ("paused", "resumed")
        )
        it.clock.ahead += timedelta(seconds=100)
        apnoea = await _moved(it, "apnoea")
        due = _moment(first["created_at"]) + timedelta(seconds=180) + (resumed - paused)
        assert _moment(apnoea["made_at"]) == due


async def test_what_nobody_is_connected_to_moves_as_well(database_url: str) -> None:
    clock = Clock()
    async with open_postgres(database_url) as storage, running_server(storage, now=clock.now) as server:
        await server.login()
        template = (await server.http.post("/api/v1/templates", json=OPIOID)).json()
        session = await server.open_session(template_id=template["id"])
        path = f"/api/v1/sessions/{session['id']}"
        played = {"id": new_id(), "kind": "vitals", "step": "sleepy"}
        assert (await server.http.post(f"{path}/events", json=played)).status_code == 201
        clock.ahead += timedelta(seconds=190)
        # The next of the server's own looks at the clock, or anything that is recorded.
        note = {"id": new_id(), "kind": "note", "text": "x"}
        assert (await server.http.post(f"{path}/events", json=note)).status_code == 201

        async def has_moved() -> bool:
            return _moves((await server.http.get(f"{path}/events")).json()["items"]) == [("apnoea", "sleepy")]

        await eventually(has_moved, "the case to move")


async def test_a_restart_catches_up_in_order(database_url: str) -> None:
    async with ward(database_url, template=OPIOID) as it:
        await _control(it, "start")
        first = await it.trainer.wait_for("event:added", lambda told: told["step"] == "sleepy")
        session = it.session
    clock = Clock(timedelta(hours=1))
    async with open_postgres(database_url) as storage, running_server(storage, now=clock.now) as server:
        await server.login()
        path = f"/api/v1/sessions/{session['id']}/events"

        async def has_moved() -> bool:
            return bool(_moves((await server.http.get(path)).json()["items"]))

        await eventually(has_moved, "the case to move")
        clock.ahead += timedelta(seconds=100)
        note = {"id": new_id(), "kind": "note", "text": "x"}
        assert (await server.http.post(path, json=note)).status_code == 201

        async def is_in_arrest() -> bool:
            moves = _moves((await server.http.get(path)).json()["items"])
            return moves == [("apnoea", "sleepy"), ("arrest", "apnoea")]

        await eventually(is_in_arrest, "the case to move on")
        apnoea = next(event for event in (await server.http.get(path)).json()["items"] if event["step"] == "apnoea")
        assert _moment(apnoea["made_at"]) == _moment(first["created_at"]) + timedelta(seconds=180)


@OUTAGES
async def test_a_case_moves_while_the_storage_is_away(database_url: str, begin: Step, end: Step) -> None:
    async with ward(database_url, template=OPIOID) as it:
        await _control(it, "start")
        await it.trainer.wait_for("event:added", lambda told: told["step"] == "sleepy")
        # The case is known once the first event of it was followed.
        await it.push(vitals={"etco2": 41})
        await begin(it)
        it.clock.ahead += timedelta(seconds=190)
        await it.trainee.wait_for("vitals:pushed", lambda told: provisional(told) and told["last_values"]["spo2"] == 70)
        await end(it)
        await it.until_ready()
        await _moved(it, "apnoea")
        assert _moves(await it.record()) == [("apnoea", "sleepy")]


QUICK = {
    "title": "Back and forth",
    "steps": [
        {"key": "a", "title": "A", "vitals": {"spo2": 91}, "transitions": [
            {"to": "b", "automatic": True, "on": {"after": 1}}]},
        {"key": "b", "title": "B", "vitals": {"spo2": 92}, "transitions": [
            {"to": "a", "automatic": True, "on": {"after": 1}}]},
    ],
}  # fmt: skip


async def test_two_processes_and_a_kill_move_a_case_once(tmp_path: Path, database_server: DatabaseServer) -> None:
    with processes(tmp_path, database_server, EXPIRY_SECONDS="1") as running:
        here, there = running.servers
        async with running.worlds() as worlds:
            await linked_all(worlds)
            trainer = await worlds[0].person("trainer")
            template = await trainer.post("/templates", QUICK, 201)
            sessions = [await trainer.open_session(template_id=template["id"]) for _ in range(4)]
            for number, session in enumerate(sessions):
                watcher = await worlds[number % 2].watch(session)
                control = {"id": new_id(), "session_id": session["id"], "action": "start"}
                await watcher.ask("case:control", control)

            async def moved(least: int) -> bool:
                return all([len(_moves(await trainer.events(session))) >= least for session in sessions])

            await eventually(lambda: moved(3), "all to move")
            there.kill()
            await eventually(lambda: moved(6), "all to move on")
            for session in sessions:
                record = await trainer.events(session)
                steps = [event for event in record if event["kind"] == "vitals"]
                assert [event["step"] for event in steps] == ["ab"[place % 2] for place in range(len(steps))]
                # A second after the one before was stored, to the millisecond, whoever made it and however late.
                assert all(
                    _moment(move["made_at"]) == _moment(before["created_at"]) + timedelta(seconds=1)
                    for before, move in pairwise(steps)
                )
        end(here)
