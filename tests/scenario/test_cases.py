"""A case is played by its keys, and the record says when things were made: over HTTP and over the socket."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

from tests.support.scenario_clients import Json, Line, Person, World, new_id
from tests.support.scenario_problems import check_invalid
from tests.support.scenario_values import START_VALUES, seconds_between

STEPS: list[Json] = [
    {"key": "worse", "title": "Worse", "vitals": {"systolic": 80, "diastolic": 40}, "ramp_seconds": 60},
    {"key": "cue", "title": "The family arrives", "note": "Somebody cries"},
    {"key": "arrest", "title": "Arrest", "rhythm": "asystole", "flags": {"pulseless": True}},
]
TEMPLATE: Json = {
    "title": "Septic shock",
    "description": "Ward",
    "steps": STEPS,
    "checklist": ["Cultures"],
    "targets": [{"marker": "antibiotic", "from": "start", "seconds": 3600}],
}


async def open_case(trainer: Person) -> Json:
    template = await trainer.post("/templates", TEMPLATE, 201)
    return await trainer.open_session(template_id=template["id"])


async def test_a_session_keeps_the_case_that_it_opened_with(world: World) -> None:
    trainer = await world.person("trainer")
    template = await trainer.post("/templates", TEMPLATE, 201)
    session = await trainer.open_session(template_id=template["id"])
    path = f"/sessions/{session['id']}/case"
    case = await trainer.get(path)
    parts = ("description", "steps", "checklist", "targets", "pass_percent")
    assert case == {
        "template_id": template["id"],
        "template_version": template["version"],
        **{part: template[part] for part in parts},
    }
    await trainer.patch(f"/templates/{template['id']}", {"steps": [], "checklist": [], "description": "Changed"})
    await trainer.call("DELETE", f"/templates/{template['id']}", 200)
    assert await trainer.get(path) == case
    await trainer.post(f"/sessions/{session['id']}/close")
    assert await trainer.get(path) == case


async def test_a_session_without_a_template_has_an_empty_case(world: World) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    empty = {"description": "", "steps": [], "checklist": [], "targets": [], "pass_percent": None}
    case = await trainer.get(f"/sessions/{session['id']}/case")
    assert case == {"template_id": None, "template_version": None, **empty}
    assert (await trainer.get(f"/sessions/{new_id()}/case", 404))["code"] == "not_found"


@pytest.mark.parametrize("door", ["http", "socket"])
async def test_a_step_is_played_as_it_stands_in_the_case(world: World, door: str) -> None:
    trainer = await world.person("trainer")
    session = await open_case(trainer)
    line, ann = await world.watch(session), await world.join(session, "Ann")

    async def play(**sent: object) -> Json:
        if door == "socket":
            return await line.push(session, **sent)
        body = {"id": new_id(), "kind": "vitals", **sent}
        return await trainer.post(f"/sessions/{session['id']}/events", body, 201)

    worse = await play(step="worse")
    assert (worse["step"], worse["systolic"], worse["diastolic"], worse["ramp_seconds"]) == ("worse", 80, 40, 60)
    cue = await play(step="cue")
    assert (cue["kind"], cue["step"], cue["systolic"], cue["flags"], cue["text"]) == ("vitals", "cue", None, None, None)
    own = await play(step="arrest", vitals={"heart_rate": 0})
    assert (own["step"], own["heart_rate"], own["rhythm"]) == ("arrest", 0, None)
    told = await ann.expect_seq(own["seq"])
    assert told["last_values"]["systolic"] == 80
    assert told["last_values"]["heart_rate"] == 0
    assert told["last_values"]["rhythm"] == START_VALUES["rhythm"]
    assert [event["step"] for event in await trainer.events(session)] == ["worse", "cue", "arrest"]


async def test_a_step_that_the_case_has_not_is_refused_by_its_name(world: World) -> None:
    trainer = await world.person("trainer")
    session, bare = await open_case(trainer), await trainer.open_session()
    for where in (session, bare):
        body = {"id": new_id(), "kind": "vitals", "step": "nope", "vitals": {"spo2": 90}}
        check_invalid(await trainer.call("POST", f"/sessions/{where['id']}/events", json=body), "step")
        assert await trainer.events(where) == []
    body = {"id": new_id(), "kind": "vitals", "step": "worse"}
    assert (await trainer.post(f"/sessions/{new_id()}/events", body, 404))["code"] == "not_found"


async def test_a_step_sent_twice_is_played_once(world: World) -> None:
    trainer = await world.person("trainer")
    session = await open_case(trainer)
    body = {"id": new_id(), "kind": "vitals", "step": "worse"}
    path = f"/sessions/{session['id']}/events"
    played = await trainer.post(path, body, 201)
    assert await trainer.post(path, body, 200) == played
    assert len(await trainer.events(session)) == 1


@pytest.mark.parametrize("door", ["http", "socket"])
async def test_a_note_is_a_text_or_a_marker(world: World, door: str) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    line = await world.trainer_line("trainer")

    async def note(**sent: object) -> Json:
        if door == "socket":
            return await line.note(session, **sent)
        return await trainer.post(f"/sessions/{session['id']}/events", {"id": new_id(), "kind": "note", **sent}, 201)

    said = [await note(text=" Seen "), await note(marker="adrenaline"), await note(text="1 mg", marker="adrenaline")]
    assert [(each["text"], each["marker"]) for each in said] == [
        ("Seen", None),
        (None, "adrenaline"),
        ("1 mg", "adrenaline"),
    ]
    assert await trainer.events(session) == said


@pytest.mark.parametrize("door", ["http", "socket"])
async def test_a_trainer_takes_actions_as_a_trainee_does(world: World, door: str) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    sent = {"id": new_id(), "action": "nibp_cycle", "details": {"minutes": 5, "action": "mine"}}
    if door == "socket":
        line = await world.trainer_line("trainer")
        event = (await line.ask("action:take", {**sent, "session_id": session["id"]}))["event"]
    else:
        event = await trainer.post(f"/sessions/{session['id']}/events", {**sent, "kind": "action"}, 201)
    assert (event["kind"], event["text"], event["by"]["role"]) == ("action", "nibp_cycle", "trainer")
    assert event["details"] == {"minutes": 5, "action": "nibp_cycle"}
    assert await trainer.events(session) == [event]


async def test_what_was_made_offline_says_when_it_was_made(world: World) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    line, ann = await world.watch(session), await world.join(session, "Ann")
    now = datetime.fromisoformat(await line.clock())
    opened = datetime.fromisoformat(session["created_at"])

    def moment(seconds: float) -> str:
        return (now + timedelta(seconds=seconds)).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    between = (opened + (now - opened) / 2).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    pushed = await line.push(session, vitals={"spo2": 90}, made_at=between)
    acted = (await ann.ask("action:take", {"id": new_id(), "action": "marker", "made_at": between}))["event"]
    before = await line.note(session, text="too early", made_at=moment(-3600))
    after = await line.note(session, text="too late", made_at=moment(3600))
    now_said = await line.note(session, text="now")
    assert pushed["made_at"] == acted["made_at"] == between
    assert before["made_at"] == session["created_at"]
    assert after["made_at"] == after["created_at"]
    assert now_said["made_at"] == now_said["created_at"]
    assert all(event["created_at"] >= moment(0) for event in (pushed, acted, before, after, now_said))
    assert await trainer.events(session) == [pushed, acted, before, after, now_said]


async def control(line: Line, session: Json, action: str, **fields: object) -> Json | None:
    message = {"id": new_id(), "session_id": session["id"], "action": action, **fields}
    return (await line.ask("case:control", message))["event"]


async def test_the_start_plays_the_first_step_once(world: World) -> None:
    trainer = await world.person("trainer")
    session = await open_case(trainer)
    line, ann = await world.watch(session), await world.join(session, "Ann")
    id_ = new_id()
    started = await control(line, session, "start", id=id_)
    assert started is not None
    assert (started["id"], started["kind"], started["details"]) == (id_, "case", {"action": "started"})
    assert started["by"]["role"] == "trainer"
    told = await ann.expect_seq(2)
    assert (told["seq"], told["last_values"]["systolic"]) == (2, 80)
    assert await control(line, session, "start", id=id_) == started
    assert await control(line, session, "start") == started
    events = await trainer.events(session)
    assert [event["kind"] for event in events] == ["case", "vitals"]
    assert (events[1]["step"], events[1]["by"]["role"], events[1]["ramp_seconds"]) == ("worse", "system", 60)


async def test_of_starts_at_once_the_first_step_is_played_once(world: World) -> None:
    trainer = await world.person("trainer")
    session = await open_case(trainer)
    lines = [await world.trainer_line() for _ in range(4)]
    starts = [{"id": new_id(), "session_id": session["id"], "action": "start"} for _ in lines]
    acks = await asyncio.gather(*(line.ask("case:control", start) for line, start in zip(lines, starts, strict=True)))
    assert all(ack["event"]["details"] == {"action": "started"} for ack in acks)
    assert [event["step"] for event in await trainer.events(session) if event["step"]] == ["worse"]


async def test_a_case_is_controlled_over_http_and_afterwards_when_it_was_done_offline(world: World) -> None:
    trainer = await world.person("trainer")
    session = await open_case(trainer)
    path, id_ = f"/sessions/{session['id']}/events", new_id()
    start = {"id": id_, "kind": "case", "action": "start", "made_at": session["created_at"]}
    started = await trainer.post(path, start, 201)
    assert (started["id"], started["made_at"]) == (id_, session["created_at"])
    assert started["created_at"] > started["made_at"]
    assert await trainer.post(path, start, 200) == started
    assert await trainer.post(path, start | {"id": new_id()}, 200) == started
    line = await world.trainer_line("trainer")
    paused = await control(line, session, "pause", made_at=session["created_at"])
    assert paused is not None
    assert paused["made_at"] == session["created_at"]
    assert (await trainer.post(path, {"id": new_id(), "kind": "case", "action": "resume"}, 201))["seq"] == 4
    on = {"id": new_id(), "kind": "case", "action": "automation_on"}
    await trainer.call("POST", path, 204, json=on)
    assert [event["kind"] for event in await trainer.events(session)] == ["case", "vitals", "case", "case"]


async def test_a_session_without_a_case_is_started_all_the_same(world: World) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    started = await control(await world.trainer_line("trainer"), session, "start")
    assert await trainer.events(session) == [started]


async def test_a_pause_stops_every_screen_and_late_joiners_see_it(world: World) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session(vitals={"heart_rate": 80})
    line, ann = await world.watch(session), await world.join(session, "Ann")
    pushed = await line.push(session, vitals={"heart_rate": 140}, ramp_seconds=60)
    paused = await control(line, session, "pause")
    assert paused is not None
    assert (paused["kind"], paused["details"]) == ("case", {"action": "paused"})
    stood = seconds_between(pushed["created_at"], paused["created_at"])
    for screen in (line, ann):
        values = (await screen.expect_seq(paused["seq"]))["last_values"]
        assert values["paused_at"] == paused["created_at"]
        ramp = values["ramps"]["heart_rate"]
        assert ramp["from"] == pytest.approx(80 + stood, abs=1e-9)
        assert ramp["seconds"] == pytest.approx(60 - stood, abs=1e-9)
    late = await world.join(session, "Ben")
    assert late.joined["session"]["paused_at"] == paused["created_at"]
    assert late.joined["session"]["last_values"] == values
    now = await trainer.get(f"/sessions/{session['id']}")
    assert (now["paused_at"], now["last_values"]) == (paused["created_at"], values)

    resumed = await control(line, session, "resume")
    assert resumed is not None
    after = (await ann.expect_seq(resumed["seq"]))["last_values"]
    assert "paused_at" not in after
    assert after["ramps"]["heart_rate"] == {**ramp, "started_at": resumed["created_at"]}
    assert (await trainer.get(f"/sessions/{session['id']}"))["paused_at"] is None


async def test_a_push_while_paused_is_taken_and_its_ramp_waits(world: World) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    line, ann = await world.watch(session), await world.join(session, "Ann")
    await control(line, session, "pause")
    pushed = await line.push(session, vitals={"heart_rate": 140}, rhythm="svt", ramp_seconds=60)
    values = (await ann.expect_seq(pushed["seq"]))["last_values"]
    assert values["rhythm"] == "svt"
    assert values["ramps"]["heart_rate"] == {"from": 75, "started_at": pushed["created_at"], "seconds": 60}
    resumed = await control(line, session, "resume")
    assert resumed is not None
    values = (await ann.expect_seq(resumed["seq"]))["last_values"]
    assert values["ramps"]["heart_rate"] == {"from": 75, "started_at": resumed["created_at"], "seconds": 60}


@pytest.mark.parametrize("door", ["http", "socket"])
async def test_what_is_done_twice_is_stored_once(world: World, door: str) -> None:
    trainer = await world.person("trainer")
    session = await open_case(trainer)
    line = await world.watch(session)

    async def twice(action: str) -> tuple[object, object]:
        if door == "socket":
            return await control(line, session, action), await control(line, session, action)
        path = f"/sessions/{session['id']}/{action}"
        return await trainer.post(path), await trainer.post(path)

    for action in ("resume", "pause", "resume", "pause"):
        first, second = await twice(action)
        assert first == second
    said = [event["details"]["action"] for event in await trainer.events(session)]
    assert said == ["paused", "resumed", "paused"]
    await line.settled()
    assert [event["details"]["action"] for event in line.all("event:added")] == said


async def test_rules_are_switched_off_and_on(world: World) -> None:
    trainer = await world.person("trainer")
    session = await open_case(trainer)
    line = await world.trainer_line("trainer")
    assert await control(line, session, "automation_on") is None
    off = await control(line, session, "automation_off")
    assert await control(line, session, "automation_off") == off
    on = await control(line, session, "automation_on")
    assert on is not None
    assert [event["details"]["action"] for event in await trainer.events(session)] == [
        "automation_off",
        "automation_on",
    ]


async def test_who_may_not_control_a_case(world: World) -> None:
    trainer = await world.person("trainer")
    session = await open_case(trainer)
    line = await world.trainer_line("observer")
    for action in ("start", "pause", "automation_off"):
        message = {"id": new_id(), "session_id": session["id"], "action": action}
        assert (await line.refused("case:control", message))["code"] == "forbidden"
        unknown = {**message, "session_id": new_id()}
        assert (await line.refused("case:control", unknown))["code"] == "not_found"
    message = {"id": new_id(), "session_id": session["id"], "action": "rewind"}
    assert (await line.refused("case:control", message))["code"] == "invalid_fields"
    await trainer.post(f"/sessions/{session['id']}/close")
    line = await world.trainer_line("trainer")
    for action in ("start", "pause", "resume", "automation_off"):
        message = {"id": new_id(), "session_id": session["id"], "action": action}
        assert (await line.refused("case:control", message))["code"] == "session_closed"
    assert (await trainer.post(f"/sessions/{session['id']}/pause", None, 410))["code"] == "session_closed"
    assert (await trainer.post(f"/sessions/{new_id()}/pause", None, 404))["code"] == "not_found"
