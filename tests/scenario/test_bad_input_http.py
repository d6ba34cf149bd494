"""Bad input over HTTP: refused with the field named, as a problem, and nothing changed."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.support.scenario_clients import Json, World, new_id
from tests.support.scenario_problems import check_invalid, check_problem
from tests.support.scenario_tables import (
    NO_NOTES,
    NO_UUIDS,
    bad_changes,
    bad_pushes,
    bad_sessions,
    bad_templates,
    bad_trainers,
    cases,
)

JSON = {"Content-Type": "application/json"}


@pytest.fixture
async def target(memory_world: World) -> tuple[World, Json]:
    trainer = await memory_world.person("trainer")
    return memory_world, await trainer.open_session(title="Target")


async def _sent(world: World, who: str, method: str, path: str, body: Any) -> httpx.Response:
    """Written by `json.dumps`, which also writes what is no JSON."""
    person = await world.person(who)
    return await person.call(method, path, content=json.dumps(body), headers=JSON)


async def _unchanged(world: World, session: Json) -> None:
    trainer = await world.person("trainer")
    assert await trainer.get(f"/sessions/{session['id']}") == session
    assert await trainer.events(session) == []


@pytest.mark.parametrize(("fields", "named"), cases(bad_pushes()))
async def test_a_bad_push(target: tuple[World, Json], fields: Json, named: str) -> None:
    world, session = target
    body = {"id": new_id(), "kind": "vitals", **fields}
    answer = await _sent(world, "trainer", "POST", f"/sessions/{session['id']}/events", body)
    check_invalid(answer, named)
    await _unchanged(world, session)


async def test_the_same_tables_on_the_other_storage(two_schools: World) -> None:
    """In one go, because a test for each would take longer than it tells."""
    trainer, admin = await two_schools.person("trainer"), await two_schools.person("admin")
    session = await trainer.open_session(title="Target")
    path = f"/sessions/{session['id']}"
    for person, method, where, rows in (
        (trainer, "POST", f"{path}/events", bad_pushes()),
        (trainer, "POST", "/sessions", bad_sessions()),
        (trainer, "PATCH", path, bad_changes()),
        (trainer, "POST", "/templates", bad_templates()),
        (admin, "POST", "/trainers", bad_trainers()),
    ):
        for _, fields, named in rows:
            body = {"id": new_id(), "kind": "vitals", **fields} if where.endswith("/events") else fields
            check_invalid(await person.call(method, where, content=json.dumps(body), headers=JSON), named)
    await _unchanged(two_schools, session)


@pytest.mark.parametrize("number", ["1e400", "-1e400", "9" * 5000, "1e", "0x10", "75.", "+75", "٧٥"])
async def test_numbers_that_python_would_not_write(target: tuple[World, Json], number: str) -> None:
    world, session = target
    person = await world.person("trainer")
    content = f'{{"id": "{new_id()}", "kind": "vitals", "vitals": {{"heart_rate": {number}}}}}'
    path = f"/sessions/{session['id']}/events"
    answer = await person.call("POST", path, content=content.encode(), headers=JSON)
    assert answer.status_code in (400, 422)
    check_problem(answer, answer.status_code, "invalid_body" if answer.status_code == 400 else "invalid_fields")
    await _unchanged(world, session)


@pytest.mark.parametrize("text", NO_NOTES, ids=lambda text: f"{text!r:.20}")
async def test_a_bad_note(target: tuple[World, Json], text: Any) -> None:
    world, session = target
    body = {"id": new_id(), "kind": "note", "text": text}
    check_invalid(await _sent(world, "trainer", "POST", f"/sessions/{session['id']}/events", body), "text")
    await _unchanged(world, session)


@pytest.mark.parametrize(
    ("body", "named"),
    [
        *(({"id": id_, "kind": "note", "text": "x"}, "id") for id_ in NO_UUIDS),
        ({"kind": "note", "text": "x"}, "id"),
        ({"kind": "vitals", "vitals": {"spo2": 90}}, "id"),
        ({"id": "3f2c1a90-5b6d-4e7f-8a9b-0c1d2e3f4a5b", "kind": "note"}, "text"),
        *(({"id": "3f2c1a90-5b6d-4e7f-8a9b-0c1d2e3f4a5b", "kind": kind, "text": "x"}, "kind")
          for kind in (None, 5, "", "action", "lifecycle", "VITALS", ["vitals"])),
        ({}, "kind"),
    ],
    ids=lambda value: f"{value!r:.60}",
)  # fmt: skip
async def test_a_bad_event(target: tuple[World, Json], body: Json, named: str) -> None:
    world, session = target
    check_invalid(await _sent(world, "trainer", "POST", f"/sessions/{session['id']}/events", body), named)
    await _unchanged(world, session)


@pytest.mark.parametrize(("fields", "named"), cases(bad_sessions()))
async def test_a_bad_session(memory_world: World, fields: Json, named: str) -> None:
    check_invalid(await _sent(memory_world, "trainer", "POST", "/sessions", fields), named)


@pytest.mark.parametrize(("fields", "named"), cases(bad_changes()))
async def test_a_bad_change(target: tuple[World, Json], fields: Json, named: str) -> None:
    world, session = target
    check_invalid(await _sent(world, "trainer", "PATCH", f"/sessions/{session['id']}", fields), named)
    await _unchanged(world, session)


@pytest.mark.parametrize(("fields", "named"), cases(bad_templates()))
async def test_a_bad_template(memory_world: World, fields: Json, named: str) -> None:
    check_invalid(await _sent(memory_world, "trainer", "POST", "/templates", fields), named)


@pytest.mark.parametrize(("fields", "named"), cases(bad_trainers()))
async def test_a_bad_trainer(memory_world: World, fields: Json, named: str) -> None:
    check_invalid(await _sent(memory_world, "admin", "POST", "/trainers", fields), named)


@pytest.mark.parametrize(
    ("path", "body", "named"),
    [
        ("/auth/login", {"email": "x@y.example"}, "password"),
        ("/auth/login", {"password": "x"}, "email"),
        ("/auth/login", {"email": 5, "password": "x"}, "email"),
        ("/auth/login", {"email": ["x@y.example"], "password": "x"}, "email"),
        ("/auth/login", {"email": "x@y.example", "password": None}, "password"),
        ("/auth/login", {"email": "x@y.example", "password": {"x": 1}}, "password"),
        ("/join", {}, "code"),
        ("/join", {"code": None}, "code"),
        ("/join", {"code": 123456}, "code"),
        ("/join", {"code": ["ABCDEF"]}, "code"),
    ],
)
async def test_a_bad_login_or_join(memory_world: World, path: str, body: Json, named: str) -> None:
    stranger = await memory_world.person()
    check_invalid(await stranger.call("POST", path, json=body), named)


@pytest.mark.parametrize("email", ["x" * 100_000, HALF := "\ud800", "nul\x00@x.example", "", "😀@x.example"])
async def test_a_login_with_a_strange_email_is_just_wrong(world: World, email: str) -> None:
    body = json.dumps({"email": email, "password": "x" * 100})
    answer = await (await world.person()).call("POST", "/auth/login", content=body, headers=JSON)
    assert answer.status_code in (401, 422)
    check_problem(answer, answer.status_code, "unauthenticated" if answer.status_code == 401 else "invalid_fields")


@pytest.mark.parametrize(
    "code", ["", "-", "ABC", "ABCDEFG", "x" * 100_000, "😀😀😀😀😀😀", "A\x00BCDE", "\ud800", "ＡＢＣＤＥＦ"]
)
async def test_a_code_that_cannot_be(world: World, code: str) -> None:
    answer = await (await world.person()).call("POST", "/join", content=json.dumps({"code": code}), headers=JSON)
    assert answer.status_code in (404, 422, 429)
    if answer.status_code == 404:
        check_problem(answer, 404, "not_found")
