"""What a push changes: signs, rhythm, flags, and ramps on the server's clock."""

from __future__ import annotations

import pytest

from tests.support.scenario_clients import Line, World, new_id
from tests.support.scenario_values import RHYTHMS, SIGNS, START_VALUES, folded, seconds_between, value_at


async def _wait_for_clock(line: Line, moment: str, seconds: float) -> str:
    """The server's time, once that many seconds have passed since `moment`."""
    while seconds_between(moment, now := await line.clock()) < seconds:
        pass
    return now


async def test_patches_merge(world: World) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    watcher, trainee = await world.watch(session), await world.join(session)

    await watcher.push(session, vitals={"heart_rate": 130})
    await watcher.push(session, vitals={"systolic": 85, "diastolic": 50}, rhythm="svt")
    last = await watcher.push(session, vitals={"heart_rate": 120, "temperature": 36.4})

    expected = {**START_VALUES, "heart_rate": 120, "systolic": 85, "diastolic": 50, "temperature": 36.4}
    told = await trainee.expect_seq(last["seq"])
    assert {**told["last_values"], "ramps": {}} == {**expected, "rhythm": "svt"}
    events = await trainer.events(session)
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert folded(events) == {name: value for name, value in told["last_values"].items() if name != "ramps"}


async def test_flags_are_set_and_removed(world: World) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    watcher = await world.watch(session)

    await watcher.push(session, flags={"haemorrhage": True, "pupils": "wide", "unknown_flag_9": False})
    last = await watcher.push(session, flags={"haemorrhage": None, "cpr": True, "never_there": None})

    values = (await watcher.expect_seq(last["seq"]))["last_values"]
    assert values["flags"] == {"pupils": "wide", "unknown_flag_9": False, "cpr": True}


async def test_flags_hold_as_many_as_the_contract_says(world: World) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    watcher = await world.watch(session)
    thirty_two = {f"f{'x' * 30}{digit}" if digit < 10 else f"flag_{digit}": "t" * 64 for digit in range(32)}

    last = await watcher.push(session, flags=thirty_two)
    assert (await watcher.expect_seq(last["seq"]))["last_values"]["flags"] == thirty_two
    body = {"id": new_id(), "session_id": session["id"], "flags": {"one_more": True}}
    assert (await watcher.refused("vitals:push", body))["code"] == "invalid_fields"
    swapped = await watcher.push(session, flags={"flag_31": None, "one_more": True})
    assert len((await watcher.expect_seq(swapped["seq"]))["last_values"]["flags"]) == 32


@pytest.mark.parametrize("rhythm", RHYTHMS)
async def test_every_rhythm_of_the_contract(memory_world: World, rhythm: str) -> None:
    trainer = await memory_world.person("trainer")
    session = await trainer.open_session()
    body = {"id": new_id(), "kind": "vitals", "rhythm": rhythm}
    assert (await trainer.post(f"/sessions/{session['id']}/events", body, 201))["rhythm"] == rhythm
    assert (await trainer.get(f"/sessions/{session['id']}"))["last_values"]["rhythm"] == rhythm


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("end", [0, 1])
async def test_both_ends_of_every_range(memory_world: World, sign: str, end: int) -> None:
    trainer = await memory_world.person("trainer")
    session = await trainer.open_session()
    value = SIGNS[sign][end]
    vitals = {sign: value}
    if sign in ("systolic", "diastolic"):
        vitals = {"systolic": 300 if end else 0, "diastolic": 200 if end else 0}
    event = await trainer.post(
        f"/sessions/{session['id']}/events", {"id": new_id(), "kind": "vitals", "vitals": vitals}, 201
    )
    assert event[sign] == vitals[sign]


async def test_a_ramp_is_told_to_those_who_are_there_and_those_who_come_late(world: World) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    watcher = await world.watch(session)

    event = await watcher.push(session, vitals={"heart_rate": 175, "temperature": 39.5}, ramp_seconds=600)

    values = (await watcher.expect_seq(event["seq"]))["last_values"]
    assert (values["heart_rate"], values["temperature"]) == (175, 39.5)
    ramp = {"started_at": event["created_at"], "seconds": 600}
    assert values["ramps"] == {"heart_rate": {"from": 75, **ramp}, "temperature": {"from": 37.0, **ramp}}
    late = await world.join(session, "Late")
    assert late.joined["session"]["last_values"] == values
    watched = await (await world.trainer_line()).ask("session:watch", {"session_id": session["id"]})
    assert watched["session"]["last_values"] == values
    assert seconds_between(event["created_at"], late.joined["server_time"]) >= 0


async def test_a_ramp_retargeted_on_its_way_begins_where_it_was(world: World) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session(vitals={"heart_rate": 0, "systolic": 120})
    watcher = await world.watch(session)

    # For as long as a busy machine may need.
    await watcher.push(session, vitals={"systolic": 220}, ramp_seconds=600)
    first = await watcher.push(session, vitals={"heart_rate": 300}, ramp_seconds=2)
    before = (await watcher.expect_seq(first["seq"]))["last_values"]
    await _wait_for_clock(watcher, first["created_at"], 0.4)
    second = await watcher.push(session, vitals={"heart_rate": 30}, ramp_seconds=60)

    values = (await watcher.expect_seq(second["seq"]))["last_values"]
    assert values["heart_rate"] == 30
    ramp = values["ramps"]["heart_rate"]
    assert (ramp["started_at"], ramp["seconds"]) == (second["created_at"], 60)
    assert ramp["from"] == pytest.approx(value_at(before, "heart_rate", second["created_at"]), abs=1)
    assert ramp["from"] >= 60
    assert values["ramps"]["systolic"] == before["ramps"]["systolic"]


async def test_a_push_without_a_ramp_ends_the_ramp_of_its_signs(world: World) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    watcher = await world.watch(session)

    await watcher.push(session, vitals={"heart_rate": 175, "spo2": 80}, ramp_seconds=600)
    last = await watcher.push(session, vitals={"heart_rate": 90}, rhythm="asystole")

    values = (await watcher.expect_seq(last["seq"]))["last_values"]
    assert value_at(values, "heart_rate", last["created_at"]) == 90
    assert set(values["ramps"]) == {"spo2"}


async def test_a_finished_ramp_has_no_effect_on_the_next(world: World) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    watcher = await world.watch(session)

    first = await watcher.push(session, vitals={"heart_rate": 100}, ramp_seconds=0.2)
    await _wait_for_clock(watcher, first["created_at"], 0.25)
    second = await watcher.push(session, vitals={"heart_rate": 50}, ramp_seconds=10)

    assert (await watcher.expect_seq(second["seq"]))["last_values"]["ramps"]["heart_rate"]["from"] == 100


async def test_the_longest_ramp(memory_world: World) -> None:
    trainer = await memory_world.person("trainer")
    session = await trainer.open_session()
    watcher = await memory_world.watch(session)
    event = await watcher.push(session, vitals={"heart_rate": 100}, ramp_seconds=3600)
    assert event["ramp_seconds"] == 3600


async def test_diastolic_may_meet_systolic_but_not_pass_it(world: World) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    watcher = await world.watch(session)

    await watcher.push(session, vitals={"diastolic": 120})
    for vitals, named in (
        ({"diastolic": 121}, "vitals.diastolic"),
        ({"systolic": 119}, "vitals.systolic"),
        ({"systolic": 50, "diastolic": 51}, "vitals.diastolic"),
    ):
        error = await watcher.refused("vitals:push", {"id": new_id(), "session_id": session["id"], "vitals": vitals})
        assert error["code"] == "invalid_fields"
        assert [one["field"] for one in error["errors"]] == [named]
    await watcher.push(session, vitals={"systolic": 60, "diastolic": 60})
    assert (await trainer.get(f"/sessions/{session['id']}"))["last_seq"] == 2
