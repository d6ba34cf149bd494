"""Bad messages: each is acknowledged with what is wrong, changes nothing, and leaves the connection alive."""

from __future__ import annotations

import json
from itertools import chain
from typing import Any

import pytest

from tests.support.scenario_clients import Json, Line, World, new_id
from tests.support.scenario_problems import check_errors
from tests.support.scenario_tables import HALF_A_PAIR, NO_NOTES, NO_UUIDS, WITH_NUL, bad_notes, bad_pushes, bad_steps

TRAINER_MESSAGES = (
    "session:watch", "session:unwatch", "vitals:push", "note:add", "session:close", "trainee:remove", "clock:read",
)  # fmt: skip
TRAINEE_MESSAGES = ("action:take", "clock:read")
UNKNOWN = "11111111-2222-4333-8444-555555555555"
NO_MESSAGES: list[Any] = ["x", "", "{}", 5, 1.5, True, False, [], ["x"], [[]], [{"session_id": UNKNOWN}]]
ODD_NAMES = [
    "nope", "", " ", "vitals:Push", "vitals:pushed", "session:joined", "connect", "disconnect", "connect_error", "*",
    "message", "__init__", "trigger_event", "x" * 5000, "é", "session:watch ", "error", "ping", "constructor",
]  # fmt: skip


async def _alive_and_unchanged(world: World, line: Line, session: Json) -> None:
    await line.clock()
    assert not line.all("disconnect")
    trainer = await world.person("trainer")
    assert await trainer.get(f"/sessions/{session['id']}") == session
    assert await trainer.events(session) == []


async def test_bad_pushes(world: World) -> None:
    """One connection for the whole table."""
    session = await (await world.person("trainer")).open_session()
    line = await world.watch(session)
    for label, fields, named in chain(bad_pushes(), bad_steps()):
        message = {"id": new_id(), "session_id": session["id"], **fields}
        error = await line.refused("vitals:push", message)
        assert error["code"] == "invalid_fields", (label, error)
        check_errors(error, named)
    assert not line.all("vitals:pushed")
    await _alive_and_unchanged(world, line, session)


async def test_of_thousands_of_wrong_fields_some_are_named(world: World) -> None:
    """A refusal is no larger than what it refuses, however much is wrong with that."""
    session = await (await world.person("trainer")).open_session()
    line, trainee = await world.watch(session), await world.join(session, "Ann")
    many = {f"field_{number}": number for number in range(2000)}
    good = {"id": new_id(), "session_id": session["id"], "vitals": {"spo2": 70}}
    wrong: list[tuple[Line, str, Json]] = [
        (line, "vitals:push", {**many, **good}),
        (line, "vitals:push", {**good, "vitals": many}),
        (line, "vitals:push", {**good, "flags": many}),
        (line, "note:add", {**many, **good, "text": "x"}),
        (trainee, "action:take", {"id": new_id(), "action": "marker", **many}),
        (trainee, "clock:read", many),
    ]
    for one, message, data in wrong:
        error = await one.refused(message, data)
        assert error["code"] == "invalid_fields"
        assert 1 <= len(error["errors"]) <= 50
        assert len(json.dumps(error)) < len(json.dumps(data))
    await _alive_and_unchanged(world, line, session)


async def test_bad_notes(world: World) -> None:
    session = await (await world.person("trainer")).open_session()
    line = await world.watch(session)
    for text in NO_NOTES:
        error = await line.refused("note:add", {"id": new_id(), "session_id": session["id"], "text": text})
        assert error["code"] == "invalid_fields", text
        check_errors(error, "text")
    for label, fields, named in bad_notes():
        error = await line.refused("note:add", {"id": new_id(), "session_id": session["id"], **fields})
        assert error["code"] == "invalid_fields", (label, error)
        check_errors(error, named)
    await _alive_and_unchanged(world, line, session)


@pytest.mark.parametrize("field", ["id", "session_id"])
async def test_bad_ids(world: World, field: str) -> None:
    session = await (await world.person("trainer")).open_session()
    line = await world.watch(session)
    for message, rest in (("vitals:push", {"vitals": {"spo2": 70}}), ("note:add", {"text": "x"})):
        for value in NO_UUIDS:
            body = {"id": new_id(), "session_id": session["id"], **rest, field: value}
            error = await line.refused(message, body)
            assert error["code"] == "invalid_fields", value
            check_errors(error, field)
        body = {"id": new_id(), "session_id": session["id"], **rest}
        del body[field]
        check_errors(await line.refused(message, body), field)
    await _alive_and_unchanged(world, line, session)


@pytest.mark.parametrize("message", ["session:watch", "session:unwatch", "session:close", "trainee:remove"])
async def test_bad_session_ids(memory_world: World, message: str) -> None:
    line = await memory_world.trainer_line()
    for value in NO_UUIDS:
        error = await line.refused(message, {"session_id": value, "seat_id": UNKNOWN})
        assert error["code"] == "invalid_fields", value
    assert (await line.refused(message, {}))["code"] == "invalid_fields"
    known = {"session_id": UNKNOWN} | ({"seat_id": UNKNOWN} if message == "trainee:remove" else {})
    if message != "session:unwatch":
        assert (await line.refused(message, known))["code"] == "not_found"
    await line.clock()


async def test_bad_catch_ups(world: World) -> None:
    session = await (await world.person("trainer")).open_session()
    line = await world.trainer_line()
    for after_seq in ("0", -1, 1.5, True, [], {}, 10**30, float("nan")):
        error = await line.refused("session:watch", {"session_id": session["id"], "after_seq": after_seq})
        check_errors(error, "after_seq")
    await line.ask("session:watch", {"session_id": session["id"], "after_seq": None})


@pytest.mark.parametrize("message", TRAINER_MESSAGES)
@pytest.mark.parametrize("data", NO_MESSAGES, ids=lambda data: f"{data!r:.20}")
async def test_data_that_is_no_object_from_a_trainer(memory_world: World, message: str, data: Any) -> None:
    line = await memory_world.trainer_line()
    ack = await line.send(message, data)
    if not (message == "clock:read" and ack["ok"]):
        assert ack["error"]["code"] in ("invalid_body", "invalid_fields")
    await line.clock()


@pytest.mark.parametrize("message", TRAINEE_MESSAGES)
async def test_data_that_is_no_object_from_a_trainee(memory_world: World, message: str) -> None:
    session = await (await memory_world.person("trainer")).open_session()
    trainee = await memory_world.join(session)
    for data in NO_MESSAGES:
        ack = await trainee.send(message, data)
        if not (message == "clock:read" and ack["ok"]):
            assert ack["error"]["code"] in ("invalid_body", "invalid_fields")
    await _alive_and_unchanged(memory_world, trainee, session)


async def test_no_data_and_too_many_arguments(world: World) -> None:
    session = await (await world.person("trainer")).open_session()
    line, trainee = await world.watch(session), await world.join(session)
    for one, messages in ((line, TRAINER_MESSAGES), (trainee, TRAINEE_MESSAGES)):
        for message in messages:
            ack = await one.send(message, None)
            assert ack["ok"] is (message == "clock:read"), message
            extra = await one.send(message, {}, {}, 5, "x")
            assert extra["ok"] is False or message == "clock:read"
    await _alive_and_unchanged(world, line, session)


@pytest.mark.parametrize("message", ["vitals:push", "note:add", "session:watch", "clock:read"])
async def test_unknown_fields_are_named(memory_world: World, message: str) -> None:
    session = await (await memory_world.person("trainer")).open_session()
    line = await memory_world.trainer_line()
    rest = {"vitals:push": {"vitals": {"spo2": 70}}, "note:add": {"text": "x"}}.get(message, {})
    body = {"nope": 1} if message == "clock:read" else {"session_id": session["id"], "nope": 1, **rest}
    if rest:
        body["id"] = new_id()
    check_errors(await line.refused(message, body), "nope")
    await _alive_and_unchanged(memory_world, line, session)


@pytest.mark.parametrize("name", ODD_NAMES, ids=lambda name: f"{name:.20}")
async def test_unknown_messages(memory_world: World, name: str) -> None:
    session = await (await memory_world.person("trainer")).open_session()
    line, trainee = await memory_world.watch(session), await memory_world.join(session)
    for one in (line, trainee):
        for data in ({}, {"session_id": session["id"]}, "client namespace disconnect"):
            error = await one.refused(name, data)
            assert error["code"] in ("not_found", "invalid_body", "forbidden")
    watched = await line.ask("session:watch", {"session_id": session["id"]})
    assert [one["connected"] for one in watched["trainees"]] == [True]
    await trainee.clock()
    await _alive_and_unchanged(memory_world, line, session)


async def test_a_trainee_controls_nothing(world: World) -> None:
    trainer = await world.person("trainer")
    session, other = await trainer.open_session(), await trainer.open_session()
    watcher = await world.watch(session)
    ann, ben = await world.join(session, "Ann"), await world.join(session, "Ben")
    token = world.tokens["trainer"]
    for target in (session, other):
        ids = {"session_id": target["id"], "id": new_id()}
        for message, data in (
            ("vitals:push", {**ids, "vitals": {"spo2": 1}}),
            ("note:add", {**ids, "text": "x"}),
            ("session:close", {"session_id": target["id"]}),
            ("session:watch", {"session_id": target["id"], "after_seq": 0}),
            ("session:unwatch", {"session_id": target["id"]}),
            ("trainee:remove", {"session_id": target["id"], "seat_id": ben.seat["id"]}),
            ("vitals:push", {**ids, "vitals": {"spo2": 1}, "token": token}),
        ):
            error = await ann.refused(message, data)
            assert error["code"] in ("forbidden", "not_found")
    await watcher.settled()
    assert not watcher.all("event:added")
    assert not watcher.all("session:closed")
    assert not ben.all("disconnect")
    assert not ann.all("event:added")
    await _alive_and_unchanged(world, ann, session)
    await _alive_and_unchanged(world, ann, other)


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        *(({"id": id_, "action": "marker"}, "id") for id_ in NO_UUIDS),
        ({"action": "marker"}, "id"),
        ({"id": UNKNOWN}, "action"),
        *(({"id": UNKNOWN, "action": action}, "action")
          for action in (None, 5, "", " ", "x" * 10_000, [], {}, WITH_NUL, HALF_A_PAIR)),
        *(({"id": UNKNOWN, "action": "marker", "details": details}, "details")
          for details in ("x", 5, [], True, {"x": "y" * 50_000}, {"x": WITH_NUL}, {"x": HALF_A_PAIR},
                          {WITH_NUL: 1}, {"x": float("nan")}, {"x": float("inf")})),
        ({"id": UNKNOWN, "action": "marker", "session_id": UNKNOWN}, "session_id"),
        ({"id": UNKNOWN, "action": "marker", "by": "x"}, "by"),
    ],
    ids=lambda value: f"{value!r:.50}",
)  # fmt: skip
async def test_a_bad_action(world: World, fields: Json, named: str) -> None:
    session = await (await world.person("trainer")).open_session()
    trainee = await world.join(session, "Ann")
    error = await trainee.refused("action:take", fields)
    assert error["code"] == "invalid_fields"
    check_errors(error, named)
    await _alive_and_unchanged(world, trainee, session)
