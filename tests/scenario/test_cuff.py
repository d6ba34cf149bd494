"""The cuff: by hand, by its cycle, in STAT, without a pulse, in a pause; the same for everybody, recorded once."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from server.service.cuffs import measurement_id
from tests.support.outage import OUTAGES, Step, Ward, confirmed, of_vitals, provisional, ward
from tests.support.scenario_clients import Json, World, new_id

FOUND = {"systolic": 90, "diastolic": 50, "mean": 63, "failed": False, "cycle_minutes": None}
NOTHING_FOUND = {"systolic": None, "diastolic": None, "mean": None, "failed": True, "cycle_minutes": None}


async def test_what_a_trainee_measures_is_the_same_for_everybody(world: World) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session(vitals={"systolic": 90, "diastolic": 50})
    watcher, ann = await world.watch(session), await world.join(session, "Ann")

    event = (await ann.ask("action:take", {"id": new_id(), "action": "nibp_start"}))["event"]
    measured = {"started_at": event["created_at"], **FOUND}
    for line in (watcher, ann):
        told = await line.expect_seq(event["seq"])
        assert (told["at"], told["last_values"]["nibp"]) == (event["created_at"], measured)
        assert "cuff" not in told["last_values"]

    # What is pushed meanwhile is of the next one.
    pushed = await watcher.push(session, vitals={"systolic": 180, "diastolic": 100})
    again = (await ann.ask("action:take", {"id": new_id(), "action": "nibp_start"}))["event"]
    late = await world.join(session, "Ben")
    assert (await ann.expect_seq(pushed["seq"]))["last_values"]["nibp"] == measured
    assert (await watcher.expect_seq(again["seq"]))["last_values"]["nibp"] == measured
    assert late.joined["session"]["last_values"]["nibp"] == measured
    assert (await trainer.get(f"/sessions/{session['id']}"))["last_values"]["nibp"] == measured


async def test_a_trainer_works_the_cuff_over_http_and_stops_it(world: World) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session(vitals={"systolic": 90, "diastolic": 50})
    ann = await world.join(session, "Ann")

    async def act(action: str, **more: Any) -> Json:
        body = {"id": new_id(), "kind": "action", "action": action, **more}
        return await trainer.post(f"/sessions/{session['id']}/events", body, 201)

    started = await act("nibp_start")
    assert (await ann.expect_seq(started["seq"]))["last_values"]["nibp"]["failed"] is False
    stopped = await act("nibp_stop")
    values = (await ann.expect_seq(stopped["seq"]))["last_values"]
    assert values["nibp"] == {"started_at": started["created_at"], **NOTHING_FOUND}
    assert values["cuff"]["stopped_at"] == stopped["created_at"]


async def test_without_a_pulse_nothing_is_found_also_if_it_goes_meanwhile(world: World) -> None:
    trainer = await world.person("trainer")
    for before, after in (({"flags": {"pulseless": True}}, None), (None, {"rhythm": "asystole"})):
        session = await trainer.open_session()
        watcher = await world.watch(session)
        if before is not None:
            await watcher.push(session, **before)
        event = (await watcher.ask("action:take", {"id": new_id(), **_of(session), "action": "nibp_start"}))["event"]
        if after is not None:
            assert (await watcher.expect_seq(event["seq"]))["last_values"]["nibp"]["failed"] is False
            await watcher.push(session, **after)
        last_values = (await trainer.get(f"/sessions/{session['id']}"))["last_values"]
        assert last_values["nibp"] == {"started_at": event["created_at"], **NOTHING_FOUND}


async def test_a_cycle_that_no_cuff_has_is_refused_by_name(memory_world: World) -> None:
    trainer = await memory_world.person("trainer")
    session = await trainer.open_session()
    ann = await memory_world.join(session, "Ann")
    for details in ({"minutes": 7}, {"minutes": "5"}, {"minutes": True}, {}, None):
        asked = {"id": new_id(), "action": "nibp_cycle", "details": details}
        error = await ann.refused("action:take", asked)
        assert (error["code"], [each["field"] for each in error["errors"]]) == ("invalid_fields", ["details.minutes"])
        problem = await trainer.post(f"/sessions/{session['id']}/events", {**asked, "kind": "action"}, 422)
        assert [each["field"] for each in problem["errors"]] == ["details.minutes"]
    assert await trainer.events(session) == []


async def test_in_a_pause_the_cuff_stands(world: World) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    ann = await world.join(session, "Ann")
    event = (await ann.ask("action:take", {"id": new_id(), "action": "nibp_cycle", "details": {"minutes": 5}}))["event"]
    await trainer.post(f"/sessions/{session['id']}/pause")
    paused = (await trainer.get(f"/sessions/{session['id']}"))["last_values"]
    assert paused["nibp"]["started_at"] == event["created_at"]
    resumed = (await trainer.post(f"/sessions/{session['id']}/resume"))["last_values"]
    stood = _moment(resumed["nibp"]["started_at"]) - _moment(event["created_at"])
    assert stood > timedelta(0)
    assert _moment(resumed["cuff"]["next_at"]) - _moment(paused["cuff"]["next_at"]) == stood


async def test_the_cycle_measures_by_itself_until_it_is_switched_off(database_url: str) -> None:
    async with ward(database_url, vitals={"systolic": 90, "diastolic": 50}) as it:
        await _act(it, "nibp_cycle", minutes=1)
        started = (await it.record())[-1]
        for number in range(1, 3):
            due_at = _moment(started["created_at"]) + timedelta(minutes=number)
            it.clock.ahead += timedelta(minutes=1)
            event = await it.trainer.wait_for("event:added", lambda told, at=due_at: _is_due(told, "cycle", at))
            assert event["by"] == {"role": "system", "id": None, "name": "Shiller"}
            assert event["id"] == str(measurement_id(UUID(it.session["id"]), due_at))
            told = await it.trainee.wait_for("vitals:pushed", lambda told, seq=event["seq"]: told["seq"] == seq)
            assert told["last_values"]["nibp"] == {**FOUND, "started_at": event["created_at"], "cycle_minutes": 1}
            assert told["last_values"]["cuff"]["before"] is not None
        await _act(it, "nibp_cycle", minutes=None)
        it.clock.ahead += timedelta(minutes=5)
        length = len(await it.record())
        await it.push(vitals={"spo2": 91})
        # Time in which nothing more may come: too short a one lets a fault pass, and fails nothing that is right.
        await asyncio.sleep(0.5)
        assert len(await it.record()) == length + 1


async def test_stat_measures_again_as_soon_as_the_cuff_is_down(database_url: str) -> None:
    async with ward(database_url) as it:
        await _act(it, "nibp_stat")
        it.clock.ahead += timedelta(seconds=36)
        event = await it.trainer.wait_for("event:added", lambda told: _is_due(told, "stat"))
        await _act(it, "nibp_stop")
        it.clock.ahead += timedelta(seconds=60)
        length = len(await it.record())
        await it.push(vitals={"spo2": 91})
        # Time in which nothing more may come: too short a one lets a fault pass, and fails nothing that is right.
        await asyncio.sleep(0.5)
        assert len(await it.record()) == length + 1
        assert event["by"]["role"] == "system"


@OUTAGES
async def test_the_cycle_goes_on_while_the_storage_is_away(database_url: str, begin: Step, end: Step) -> None:
    async with ward(database_url, vitals={"systolic": 90, "diastolic": 50}) as it:
        await _act(it, "nibp_cycle", minutes=1)
        await begin(it)
        for number in range(1, 3):
            it.clock.ahead += timedelta(minutes=1)
            await it.trainee.wait_for(
                "vitals:pushed",
                lambda told, number=number: provisional(told) and _measurements_since(it, told) == number,
            )
        await end(it)
        await it.until_ready()
        await it.trainer.wait_for("event:added", lambda told: told["seq"] == 4)
        record = await it.record()
        assert [(event["text"], event["by"]["role"]) for event in record[1:]] == [
            ("nibp_cycle", "trainer"),
            ("nibp_start", "system"),
            ("nibp_start", "system"),
        ]
        foreseen = [told["last_values"] for told in of_vitals(it.trainee) if provisional(told)]
        told = await it.trainee.wait_for("vitals:pushed", lambda told: told["seq"] == 4)
        assert confirmed(told)
        assert told["last_values"] == foreseen[-1]


def _of(session: Json) -> Json:
    return {"session_id": session["id"]}


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _is_due(event: Json, because: str, due_at: datetime | None = None) -> bool:
    details = event["details"] or {}
    at = _moment(details["due_at"]) if details.get("because") == because else None
    return at is not None and due_at in (None, at)


def _measurements_since(it: Ward, told: Json) -> int:
    """How many the cycle of one minute has begun by then, its first apart."""
    ahead = _moment(told["last_values"]["nibp"]["started_at"]) - _moment(it.session["created_at"])
    return ahead // timedelta(minutes=1)


async def _act(it: Ward, action: str, **details: Any) -> None:
    body = {"id": str(uuid4()), "session_id": it.session["id"], "action": action}
    answer = await it.trainer.call("action:take", body | ({"details": details} if details else {}))
    assert answer["ok"], answer
