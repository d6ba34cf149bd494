"""Again from here, over HTTP and real sockets: the fork, and a team that is sent over to it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.scenario_clients import Json, Person, World, eventually, new_id
from tests.support.scenario_values import seconds_between

STEPS: list[Json] = [
    {
        "key": "well", "title": "Well", "vitals": {"heart_rate": 80},
        "transitions": [{"to": "shock", "automatic": True, "on": {"marker": "venom"}}],
    },
    {
        "key": "shock", "title": "Shock", "vitals": {"systolic": 60, "diastolic": 40}, "ramp_seconds": 600,
        "transitions": [{"to": "better", "automatic": True, "on": {"marker": "adrenaline", "count": 2}}],
    },
    {"key": "better", "title": "Better", "vitals": {"systolic": 110}},
]  # fmt: skip


async def _in_shock(world: World, trainer: Person) -> Json:
    """A session whose case has moved to its second step, with one of the two markers of the next."""
    template = await trainer.post("/templates", {"title": "Bee", "public_title": "A woman", "steps": STEPS}, 201)
    session = await trainer.open_session(template_id=template["id"], title="Evening")
    watcher = await world.watch(session)
    await watcher.ask("case:control", {"id": new_id(), "session_id": session["id"], "action": "start"})
    await watcher.note(session, marker="venom")
    await watcher.expect("event:added", lambda event: event["step"] == "shock")
    await watcher.note(session, marker="adrenaline")
    await watcher.push(session, vitals={"spo2": 85}, flags={"oxygen": True})
    return await trainer.get(f"/sessions/{session['id']}")


async def test_a_fork_begins_where_the_other_stood_and_its_case_goes_on_by_itself(world: World) -> None:
    trainer = await world.person("trainer")
    source = await _in_shock(world, trainer)
    path = f"/sessions/{source['id']}"
    body = {"id": new_id(), "after_seq": source["last_seq"]}
    made = await trainer.post(f"{path}/fork", body, 201)
    assert (made["id"], made["title"], made["public_title"]) == (body["id"], "Evening", "A woman")
    assert made["code"] != source["code"]
    assert made["forked_from"] == {"session_id": source["id"], "seq": source["last_seq"]}
    assert await trainer.post(f"{path}/fork", body, 200) == made
    values, there = made["last_values"], source["last_values"]
    assert {**values, "ramps": None} == {**there, "ramps": None}
    last = (await trainer.events(source))[-1]
    stood = seconds_between(there["ramps"]["systolic"]["started_at"], last["created_at"])
    assert stood > 0
    assert values["ramps"]["systolic"]["seconds"] == pytest.approx(600 - stood, abs=0.001)
    assert values["ramps"]["systolic"]["started_at"] == made["created_at"]
    first, *rest = await trainer.events(made)
    assert (first["seq"], first["kind"], first["step"], first["spo2"]) == (1, "vitals", "shock", 85)
    assert (first["systolic"], first["flags"]) == (60, {"oxygen": True})
    assert [event["details"]["action"] for event in rest] == ["started"]
    case = await trainer.get(f"/sessions/{made['id']}/case")
    assert case == await trainer.get(f"{path}/case")
    # Nothing happened to the other one.
    assert await trainer.get(path) == source

    watcher = await world.watch(made)
    ack = await watcher.ask("case:control", {"id": new_id(), "session_id": made["id"], "action": "start"})
    assert ack["event"]["id"] == rest[0]["id"]
    # The second of the two that it waits for: the first was given before the fork.
    await watcher.note(made, marker="adrenaline")
    moved = await watcher.expect("event:added", lambda event: event["step"] == "better")
    assert moved["details"]["from"] == "shock"
    again = await trainer.post(f"/sessions/{made['id']}/fork", {"after_seq": 1, "title": "Third"}, 201)
    assert (again["title"], again["last_values"]["systolic"]) == ("Third", 60)
    assert [each["kind"] for each in await trainer.events(again)] == ["vitals", "case"]


async def test_what_cannot_be_forked_is_said_by_its_field(world: World) -> None:
    trainer, colleague, observer = [await world.person(who) for who in ("trainer", "colleague", "observer")]
    session = await trainer.open_session(vitals={"spo2": 90})
    path = f"/sessions/{session['id']}/fork"
    wrong: list[Any] = [0, -1, 2, 10**30, "1", None, 1.5]
    for seq in wrong:
        problem = await trainer.post(path, {"after_seq": seq}, 422)
        assert [each["field"] for each in problem["errors"]] == ["after_seq"]
    assert {each["field"] for each in (await trainer.post(path, {"title": 5}, 422))["errors"]} == {"after_seq", "title"}
    assert (await observer.post(path, {"after_seq": 1}, 403))["code"] == "forbidden"
    assert (await colleague.post(path, {"after_seq": 1, "moves_trainees": True}, 403))["code"] == "forbidden"
    assert (await colleague.post(path, {"after_seq": 1, "id": session["id"]}, 409))["code"] == "conflict"
    theirs = await colleague.post(path, {"after_seq": 1}, 201)
    assert (theirs["trainer_id"], theirs["co_trainer_ids"]) == (colleague.account["id"], [])
    await trainer.post(f"/sessions/{new_id()}/fork", {"after_seq": 1}, 404)
    await trainer.post(f"/sessions/{session['id']}/close")
    ended = await trainer.post(path, {"after_seq": 2}, 201)
    assert (ended["closed_at"], ended["last_values"]["spo2"]) == (None, 90)


async def test_another_school_sees_nothing_of_it(two_schools: World) -> None:
    trainer, outsider = await two_schools.person("trainer"), await two_schools.person("outsider")
    session = await trainer.open_session(vitals={"spo2": 90})
    await outsider.post(f"/sessions/{session['id']}/fork", {"after_seq": 1}, 404)


async def test_a_team_is_sent_over_and_whoever_was_away_follows(world: World) -> None:
    trainer = await world.person("trainer")
    source = await _in_shock(world, trainer)
    watcher = await world.watch(source)
    ann, ben = await world.join(source, "Ann"), await world.join(source, "Ben")
    away, removed = await world.join(source, "Cleo"), await world.join(source, "Dan")
    await watcher.ask("trainee:remove", {"session_id": source["id"], "seat_id": removed.seat["id"]})
    await away.disconnect()
    body = {"id": new_id(), "after_seq": source["last_seq"], "moves_trainees": True}
    made = await trainer.post(f"/sessions/{source['id']}/fork", body, 201)
    for trainee, name in ((ann, "Ann"), (ben, "Ben")):
        assert await trainee.expect("session:moved") == {"code": made["code"], "name": name}
        await trainee.expect("disconnect")
        assert trainee.all("session:closed") == []
    assert (await watcher.expect("session:closed"))["reason"] == "closed"
    assert await trainer.post(f"/sessions/{source['id']}/fork", body, 200) == made

    room = await world.watch(made)
    assert (await room.ask("session:watch", {"session_id": made["id"]}))["trainees"] == []
    # By the message alone; and with the token of before, twice the same seat.
    new = await world.join(made, "Ben")
    assert new.seat["id"] != ben.seat["id"]
    first = await world.join(made, seat=ann.seat["token"])
    second = await world.join(made, seat=ann.seat["token"])
    assert first.seat == second.seat != ann.seat
    assert first.seat["name"] == "Ann"
    third = await world.join(made, seat=first.seat["token"])
    assert third.seat["id"] == first.seat["id"]

    # Who was away is told when it knocks at the old session, and is told once more if it does not follow at once.
    for _ in range(2):
        back = world.knock(code=source["code"], seat=away.seat["token"])
        await back.connect()
        assert await back.expect("session:moved") == {"code": made["code"], "name": "Cleo"}
        await back.expect("disconnect")
        assert (await back.client.eio.disconnect()) is None
    assert (await world.knock(code=source["code"], seat=removed.seat["token"]).refusal())["code"] == "session_closed"
    # Whoever comes late by the code on the wall is told under which one they play on.
    late = await world.knock(code=source["code"], name="Eve").refusal()
    assert (late["code"], late["moved_to"]) == ("session_closed", made["code"])
    stranger = await world.person()
    problem = await stranger.post("/join", {"code": source["code"]}, 410)
    assert (problem["code"], problem["moved_to"]) == ("session_closed", made["code"])
    assert made["code"] in problem["detail"]

    # And on again: whoever missed both is sent to the newest.
    last = await trainer.post(f"/sessions/{made['id']}/fork", {"after_seq": 1, "moves_trainees": True}, 201)
    assert (await first.expect("session:moved"))["code"] == last["code"]
    back = world.knock(code=source["code"], seat=away.seat["token"])
    await back.connect()
    assert await back.expect("session:moved") == {"code": last["code"], "name": "Cleo"}
    assert (await stranger.post("/join", {"code": source["code"]}, 410))["moved_to"] == last["code"]
    cleo = await world.join(last, seat=away.seat["token"])
    assert cleo.seat["name"] == "Cleo"

    async def there() -> bool:
        found = (await (await world.watch(last)).ask("session:watch", {"session_id": last["id"]}))["trainees"]
        return [(each["name"], each["connected"]) for each in found] == [("Cleo", True)]

    await eventually(there, "the list of those who arrived")
    await trainer.post(f"/sessions/{last['id']}/close")
    assert "moved_to" not in await stranger.post("/join", {"code": source["code"]}, 410), "that is over, too"


@pytest.mark.parametrize("moves", [False, None])
async def test_without_that_everybody_stays_where_they_are(world: World, moves: bool | None) -> None:
    trainer = await world.person("trainer")
    source = await trainer.open_session(vitals={"spo2": 90})
    ann = await world.join(source, "Ann")
    await trainer.post(f"/sessions/{source['id']}/fork", {"after_seq": 1, "moves_trainees": moves}, 201)
    await ann.settled()
    assert ann.all("session:moved") == []
    assert (await trainer.get(f"/sessions/{source['id']}"))["closed_at"] is None
