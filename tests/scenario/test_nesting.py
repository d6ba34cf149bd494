"""What is nested too deeply is refused at every door; what was stored so before can be read again."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import psycopg
import pytest

from server.domain.nesting import CUT, NESTING_LIMIT, nesting
from tests.support.postgres import as_superuser
from tests.support.scenario_clients import Json, World, new_id
from tests.support.scenario_problems import check_invalid

JSON = {"Content-Type": "application/json"}
DEEPEST = NESTING_LIMIT - 1
# One too many; more than the faster of our JSON libraries writes; nearly as many as Python's own reads here.
TOO_DEEP = [NESTING_LIMIT, 300, 700]


def _object(depth: int) -> str:
    """JSON text of an object."""
    return '{"a": ' + "[" * (depth - 1) + "1" + "]" * (depth - 1) + "}"


@pytest.mark.parametrize("depth", TOO_DEEP)
async def test_every_door_of_http_names_the_field(world: World, depth: int) -> None:
    trainer, admin, stranger = [await world.person(who) for who in ("trainer", "admin", None)]
    session = await trainer.open_session()
    path, deep = f"/sessions/{session['id']}", _object(depth)
    event, action = f'"id": "{new_id()}"', '"kind": "action", "action": "marker"'
    for who, method, where, body, field in [
        (trainer, "POST", f"{path}/events", f'{{{event}, {action}, "details": {deep}}}', "details"),
        (trainer, "POST", f"{path}/events", f'{{{event}, "kind": "vitals", "vitals": {deep}}}', "vitals"),
        (trainer, "POST", f"{path}/events", f'{{{event}, "kind": "vitals", "flags": {deep}}}', "flags"),
        (trainer, "POST", f"{path}/events", f'{{{event}, "kind": "case", "action": {deep}}}', "action"),
        (trainer, "PATCH", path, f'{{"limits": {deep}}}', "limits"),
        (trainer, "POST", f"{path}/annotations", f'{{"text": {deep}}}', "text"),
        (trainer, "POST", "/sessions", f'{{"vitals": {deep}}}', "vitals"),
        (trainer, "POST", "/templates", f'{{"title": "x", "steps": [{{"title": "x", "flags": {deep}}}]}}', "steps"),
        (trainer, "POST", "/templates", f'{{"title": "x", "checklist": [{deep}]}}', "checklist"),
        (trainer, "POST", "/templates", f'{{"title": "x", "targets": [{deep}]}}', "targets"),
        (admin, "POST", "/trainers", f'{{"name": {deep}}}', "name"),
        (stranger, "POST", "/auth/login", f'{{"email": {deep}, "password": "x"}}', "email"),
        (stranger, "POST", "/join", f'{{"code": {deep}}}', "code"),
    ]:  # fmt: skip
        check_invalid(await who.call(method, where, content=body, headers=JSON), field)
    assert await trainer.events(session) == []


@pytest.mark.parametrize("depth", TOO_DEEP[:-1])  # deeper than that the client's library does not write
async def test_every_door_of_the_sockets_names_the_field(world: World, depth: int) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    watcher, trainee = await world.watch(session), await world.join(session, "Ann")
    deep = json.loads(_object(depth))
    for line, message, data, field in [
        (trainee, "action:take", {"action": "marker", "details": deep}, "details"),
        (watcher, "action:take", {"session_id": session["id"], "action": "marker", "details": deep}, "details"),
        (watcher, "vitals:push", {"session_id": session["id"], "vitals": deep}, "vitals"),
        (watcher, "note:add", {"session_id": session["id"], "text": deep}, "text"),
    ]:
        error = await line.refused(message, {"id": new_id(), **data})
        assert error["code"] == "invalid_fields"
        assert field in {each["field"] for each in error["errors"]}
    assert (await world.knock(code=session["code"], name=deep).refusal())["code"] == "invalid_fields"
    assert await trainer.events(session) == []


@pytest.mark.parametrize("where", ["http", "socket"])
async def test_deeper_than_any_reader_goes_is_refused_too(world: World, where: str) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    if where == "http":
        body = '{"id": ' + "[" * 50_000 + "]" * 50_000 + "}"
        answer = await trainer.call("POST", f"/sessions/{session['id']}/events", content=body, headers=JSON)
        assert answer.json()["code"] == "invalid_body"
        assert "nested" in answer.json()["detail"]
    else:
        line = await world.trainer_line()
        # Written by hand: the client's own library cannot.
        await line.client.eio.send('2/trainer,7["note:add",' + "[" * 20_000 + "]" * 20_000 + "]")
        await line.settled()
    assert await trainer.events(session) == []


async def test_as_deep_as_allowed_comes_back_whole(world: World) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    trainee = await world.join(session, "Ann")
    deep = json.loads(_object(DEEPEST))
    ack = await trainee.ask("action:take", {"id": new_id(), "action": "marker", "details": deep})
    (event,) = await trainer.events(session)
    assert ack["event"] == event
    assert event["details"] == {**deep, "action": "marker"}


@pytest.mark.parametrize("depth", [*TOO_DEEP, 963, 2500])
async def test_a_record_that_holds_it_already_is_readable_again(
    world: World, request: pytest.FixtureRequest, depth: int
) -> None:
    """Such details were let in once. The database's own part of it is SQL; in memory nothing is left of before."""
    database_url = world.server.variables.get("DATABASE_URL")
    if database_url is None:
        assert request.node.callspec.params["stage"] == "memory"
        return
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    trainee = await world.join(session, "Ann")
    taken = {"id": new_id(), "action": "marker", "details": {"kept": 1}}
    await trainee.ask("action:take", taken)
    stored = f'{{"action": "marker", "kept": 1, "deep": {"[" * depth}1{"]" * depth}}}'
    # The server itself may not change what was recorded.
    with psycopg.connect(as_superuser(database_url)) as connection:
        connection.execute("UPDATE session_events SET details = %s::jsonb WHERE id = %s", [stored, taken["id"]])

    def check(event: Json) -> None:
        details: dict[str, Any] = event["details"]
        assert (details["action"], details["kept"]) == ("marker", 1)
        assert nesting(details) == NESTING_LIMIT
        assert f'"{CUT}"' in json.dumps(details), "what is left out is said"

    (event,) = await trainer.events(session)
    check(event)
    line = await world.trainer_line()
    watched = await line.ask("session:watch", {"session_id": session["id"], "after_seq": 0})
    check(watched["events"][0])
    exported = await trainer.call("GET", f"/sessions/{session['id']}/export", 200, params={"format": "json"})
    check(exported.json()["events"][0])
    table = await trainer.call("GET", f"/sessions/{session['id']}/export", 200, params={"format": "csv"})
    header, row = csv.reader(io.StringIO(table.text))
    check({"details": json.loads(row[header.index("details")])})
    await trainer.get(f"/sessions/{session['id']}/debrief")
    # The session goes on, and ends.
    await trainee.ask("action:take", {"id": new_id(), "action": "marker"})
    await trainer.post(f"/sessions/{session['id']}/close")
    assert [each["seq"] for each in await trainer.events(session)] == [1, 2, 3]
