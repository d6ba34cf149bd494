"""The main job from end to end: a trainer changes the vital signs, and every screen shows them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path

import pytest

from tests.scenario.conftest import Stage
from tests.support.scenario import DEMO_EMAIL, DEMO_PASSWORD, serving
from tests.support.scenario_clients import World, new_id
from tests.support.scenario_values import EVENT_KEYS, PUBLIC_KEYS, SESSION_KEYS, START_VALUES, folded


async def test_three_trainees_and_a_watcher_see_one_push(world: World) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session(title="Anaphylaxis")
    watcher = await world.watch(session)
    trainees = [await world.join(session, name) for name in ("Ann", "Ben", "Cem")]

    event = await watcher.push(session, vitals={"heart_rate": 140, "spo2": 91})

    told = [await screen.expect_seq(event["seq"]) for screen in (watcher, *trainees)]
    expected = {**START_VALUES, "heart_rate": 140, "spo2": 91}
    for one in told:
        assert set(one) == {"session_id", "seq", "at", "last_values"}
        assert one["session_id"] == session["id"]
        assert one["seq"] == event["seq"]
        assert {**one["last_values"], "ramps": {}} == expected
    assert all(one == told[0] for one in told)
    assert set(event) == EVENT_KEYS
    assert event["kind"] == "vitals"
    assert (event["heart_rate"], event["spo2"], event["systolic"]) == (140, 91, None)
    assert event["by"] == {"role": "trainer", "id": trainer.account["id"], "name": "Trainer"}
    assert await watcher.expect("event:added", lambda one: one["id"] == event["id"]) == event
    for trainee in trainees:
        assert not trainee.all("event:added")
    stored = await trainer.get(f"/sessions/{session['id']}")
    assert stored["last_values"] == told[0]["last_values"]
    assert event in await trainer.events(session)


async def test_over_long_polling_too(world: World) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    watcher = await world.watch(session, transport="polling")
    trainee = await world.join(session, "Ann", transport="polling")

    event = await watcher.push(session, rhythm="ventricular_fibrillation")

    for screen in (watcher, trainee):
        assert (await screen.expect_seq(event["seq"]))["last_values"]["rhythm"] == "ventricular_fibrillation"
    action = (await trainee.ask("action:take", {"id": new_id(), "action": "marker"}))["event"]
    assert action["kind"] == "action"


async def test_pushing_over_http_reaches_the_sockets(world: World) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    watcher, trainee = await world.watch(session), await world.join(session, "Ann")

    body = {"id": new_id(), "kind": "vitals", "vitals": {"temperature": 38.5}, "flags": {"haemorrhage": True}}
    event = await trainer.post(f"/sessions/{session['id']}/events", body, 201)

    for screen in (watcher, trainee):
        values = (await screen.expect_seq(event["seq"]))["last_values"]
        assert values["temperature"] == 38.5
        assert values["flags"] == {"haemorrhage": True}
    assert await watcher.expect("event:added", lambda one: one["id"] == body["id"]) == event


async def test_a_session_opens_with_defaults(world: World) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session()

    assert set(session) == SESSION_KEYS
    assert session["last_values"] == START_VALUES
    assert session["trainer_id"] == trainer.account["id"]
    assert session["school_id"] == trainer.account["school_id"]
    assert len(session["code"]) == 6
    assert session["closed_at"] is session["close_reason"] is session["template_id"] is None
    life = datetime.fromisoformat(session["expires_at"]) - datetime.fromisoformat(session["created_at"])
    assert life.total_seconds() == 240 * 60
    assert await trainer.get(f"/sessions/{session['id']}") == session


async def test_a_session_opens_with_everything_chosen(world: World) -> None:
    trainer = await world.person("trainer")
    template = (await trainer.get("/templates"))["items"][0]
    chosen = {
        "id": new_id(),
        "title": "Ward 3",
        "public_title": "Patient of ward 3",
        "trainee_name": "Team B",
        "duration_minutes": 30,
        "template_id": template["id"],
        "vitals": {"spo2": 77},
    }
    session = await trainer.open_session(**chosen)

    taken = ("id", "title", "public_title", "trainee_name", "template_id")
    assert {name: session[name] for name in taken} == {name: chosen[name] for name in taken}
    life = datetime.fromisoformat(session["expires_at"]) - datetime.fromisoformat(session["created_at"])
    assert life.total_seconds() == 30 * 60
    values = {**START_VALUES, **template["vitals"], "flags": template["flags"], "spo2": 77}
    assert session["last_values"] == {**values, "rhythm": template["rhythm"] or "sinus"}
    public = (await (await world.person()).post("/join", {"code": session["code"]}))["session"]
    assert public["limits"] == template["limits"]
    assert public["title"] == chosen["public_title"]
    # Promise 2 holds from the beginning: what it starts with is an event, too.
    events = await trainer.events(session)
    assert {**folded(events), "ramps": {}} == session["last_values"]
    assert session["last_seq"] == len(events)


@pytest.mark.parametrize("shape", ["{}{}{}", " {}{}{} ", "{}-{}-{}", "{} {} {}", "-{}--{} {}", "\t{}{}{}\n"])
@pytest.mark.parametrize("case", [str.upper, str.lower, str.swapcase])
async def test_a_code_may_be_typed_badly(memory_world: World, shape: str, case: Callable[[str], str]) -> None:
    trainer = await memory_world.person("trainer")
    session = await trainer.open_session()
    code: str = session["code"]
    badly = case(shape.format(code[:2], code[2:4], code[4:]))

    public = (await (await memory_world.person()).post("/join", {"code": badly}))["session"]
    assert set(public) == PUBLIC_KEYS
    assert public["id"] == session["id"]
    trainee = await memory_world.join({"code": badly}, "Ann")
    assert trainee.joined["session"] == public


async def test_what_a_trainee_is_told_when_it_joins(world: World) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session(title="Sepsis", vitals={"heart_rate": 110})
    trainee = await world.join(session, "Ann")

    assert set(trainee.joined) == {"session", "seat", "server_time"}
    assert set(trainee.joined["session"]) == PUBLIC_KEYS
    assert set(trainee.seat) == {"id", "token", "name"}
    assert trainee.seat["name"] == "Ann"
    assert trainee.joined["session"]["last_values"]["heart_rate"] == 110
    assert trainee.joined["server_time"] <= await trainee.clock()


async def test_the_embedded_start_does_the_main_job(tmp_path: Path, data_dir: Path) -> None:
    with serving(tmp_path / "server", DATA_DIR=str(data_dir), LOG_FORMAT="json") as server:
        stage = Stage(server)
        assert f"{DEMO_EMAIL} / {DEMO_PASSWORD}" in server.stdout
        stage.set_up_accounts()
        async with AsyncExitStack() as stack:
            world = World(server, stage.tokens, stage.accounts, stack)
            await test_three_trainees_and_a_watcher_see_one_push(world)
        assert server.stop() == 0
