"""A note that was made before the end and is sent after it becomes an annotation, by either door."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.support.scenario_clients import Json, Line, Person, World, eventually, new_id


def _seconds_after(moment: str, seconds: float) -> str:
    return (datetime.fromisoformat(moment) + timedelta(seconds=seconds)).isoformat(timespec="milliseconds")


def _note(**fields: Any) -> Json:
    return {"id": new_id(), "text": "Adrenaline given", "marker": "adrenaline", **fields}


async def _ended(trainer: Person, **body: Any) -> Json:
    session = await trainer.open_session(**body)
    return await trainer.post(f"/sessions/{session['id']}/close")


async def _annotations(person: Person, session: Json) -> list[Json]:
    return (await person.get(f"/sessions/{session['id']}/annotations"))["items"]


async def test_by_the_socket(world: World) -> None:
    trainer, line = await world.person("trainer"), await world.trainer_line()
    session = await _ended(trainer)
    note = _note(session_id=session["id"], made_at=session["closed_at"])
    ack = await line.ask("note:add", note)
    assert set(ack) == {"ok", "annotation"}
    annotation = ack["annotation"]
    assert {name: annotation[name] for name in ("id", "session_id", "text", "marker")} == {
        name: note[name] for name in ("id", "session_id", "text", "marker")
    }
    assert (annotation["kind"], annotation["at"]) == ("note", session["closed_at"])
    assert annotation["by"]["id"] == trainer.account["id"]
    assert await line.ask("note:add", note) == ack
    assert await _annotations(trainer, session) == [annotation]
    assert [event["kind"] for event in await trainer.events(session)] == ["lifecycle"]


async def test_over_http(world: World) -> None:
    trainer = await world.person("trainer")
    session = await _ended(trainer)
    body = _note(kind="note", made_at=session["created_at"])
    annotation = await trainer.post(f"/sessions/{session['id']}/events", body, 201)
    assert (annotation["id"], annotation["at"]) == (body["id"], session["created_at"])
    assert await trainer.post(f"/sessions/{session['id']}/events", body, 200) == annotation
    assert await _annotations(trainer, session) == [annotation]


async def test_what_was_not_made_before_the_end_is_refused(world: World) -> None:
    trainer, line = await world.person("trainer"), await world.trainer_line()
    session = await _ended(trainer)
    for fields in ({}, {"made_at": _seconds_after(session["closed_at"], 0.001)}):
        refused = await line.refused("note:add", _note(session_id=session["id"], **fields))
        assert refused["code"] == "session_closed"
        problem = await trainer.post(f"/sessions/{session['id']}/events", _note(kind="note", **fields), 410)
        assert problem["code"] == "session_closed"
    push = {"id": new_id(), "kind": "vitals", "vitals": {"spo2": 80}, "made_at": session["created_at"]}
    assert (await trainer.post(f"/sessions/{session['id']}/events", push, 410))["code"] == "session_closed"
    assert await _annotations(trainer, session) == []


async def test_in_a_session_whose_time_is_up(world: World) -> None:
    trainer, line = await world.person("trainer"), await world.trainer_line()
    session = await trainer.open_session(duration_minutes=0.02)

    async def is_over() -> bool:
        return (await line.clock()) > session["expires_at"]

    await eventually(is_over, "the time to be up")
    made = _note(session_id=session["id"], made_at=session["expires_at"])
    assert (await line.ask("note:add", made))["annotation"]["at"] == session["expires_at"]
    late = _note(session_id=session["id"], made_at=_seconds_after(session["expires_at"], 0.001))
    assert (await line.refused("note:add", late))["code"] == "session_expired"


async def test_an_observer_gets_no_annotation_by_a_note(world: World) -> None:
    trainer = await world.person("trainer")
    session = await _ended(trainer)
    line: Line = await world.trainer_line("observer")
    refused = await line.refused("note:add", _note(session_id=session["id"], made_at=session["created_at"]))
    assert refused["code"] == "forbidden"
