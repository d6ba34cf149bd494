"""Bad input over HTTP: refused with the field named, as a problem, and nothing changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain

import pytest

from tests.support.scenario_clients import Json, World, new_id
from tests.support.scenario_problems import check_invalid, check_problem
from tests.support.scenario_tables import (
    NO_NOTES,
    NO_UUIDS,
    bad_changes,
    bad_notes,
    bad_pushes,
    bad_sessions,
    bad_steps,
    bad_templates,
    bad_trainers,
)

JSON = {"Content-Type": "application/json"}


Rows = Iterator[tuple[str, Json, str]]


@pytest.fixture
async def target(world: World) -> tuple[World, Json]:
    trainer = await world.person("trainer")
    return world, await trainer.open_session(title="Target")


async def _unchanged(world: World, session: Json) -> None:
    trainer = await world.person("trainer")
    assert await trainer.get(f"/sessions/{session['id']}") == session
    assert await trainer.events(session) == []


async def _all_refused(world: World, who: str, method: str, path: str, rows: Rows, **rest: str) -> None:
    """A whole table in one test: a test for each row would take longer than it tells."""
    person = await world.person(who)
    wrong: list[str] = []
    count = 0
    for label, fields, named in rows:
        count += 1
        # By `json.dumps`, which also writes what is no JSON.
        body = json.dumps({**({"id": new_id(), **rest} if rest else {}), **fields})
        answer = await person.call(method, path, content=body, headers=JSON)
        try:
            check_invalid(answer, named)
        except (AssertionError, LookupError) as error:
            wrong.append(f"{label}: {error}")
    assert not wrong, f"{len(wrong)} of {count}"


async def test_bad_pushes(target: tuple[World, Json]) -> None:
    world, session = target
    path = f"/sessions/{session['id']}/events"
    await _all_refused(world, "trainer", "POST", path, chain(bad_pushes(), bad_steps()), kind="vitals")
    await _unchanged(world, session)


async def test_bad_changes(target: tuple[World, Json]) -> None:
    world, session = target
    await _all_refused(world, "trainer", "PATCH", f"/sessions/{session['id']}", bad_changes())
    await _unchanged(world, session)


async def test_bad_notes(target: tuple[World, Json]) -> None:
    world, session = target
    rows: Rows = ((f"{text!r:.20}", {"text": text}, "text") for text in NO_NOTES)
    path = f"/sessions/{session['id']}/events"
    await _all_refused(world, "trainer", "POST", path, chain(rows, bad_notes()), kind="note")
    await _unchanged(world, session)


async def test_bad_sessions(world: World) -> None:
    await _all_refused(world, "trainer", "POST", "/sessions", bad_sessions())


async def test_bad_templates(world: World) -> None:
    await _all_refused(world, "trainer", "POST", "/templates", bad_templates())


async def test_bad_trainers(world: World) -> None:
    await _all_refused(world, "admin", "POST", "/trainers", bad_trainers())


@pytest.mark.parametrize(
    ("number", "code"),
    [
        *((number, "invalid_fields") for number in ("1e400", "-1e400", "9" * 101, "9" * 5000, "-" + "9" * 5000)),
        *((number, "invalid_body") for number in ("1e", "0x10", "75.", "+75", "٧٥")),
    ],
)
async def test_numbers_that_python_would_not_write(target: tuple[World, Json], number: str, code: str) -> None:
    world, session = target
    person = await world.person("trainer")
    content = f'{{"id": "{new_id()}", "kind": "vitals", "vitals": {{"heart_rate": {number}}}}}'
    path = f"/sessions/{session['id']}/events"
    answer = await person.call("POST", path, content=content.encode(), headers=JSON)
    problem = check_problem(answer, {"invalid_body": 400, "invalid_fields": 422}[code], code)
    assert [error["field"] for error in problem.get("errors", [])] == ["vitals.heart_rate"] * (code == "invalid_fields")
    await _unchanged(world, session)


@pytest.mark.parametrize(
    ("body", "named"),
    [
        *(({"id": id_, "kind": "note", "text": "x"}, "id") for id_ in NO_UUIDS),
        ({"kind": "note", "text": "x"}, "id"),
        ({"kind": "vitals", "vitals": {"spo2": 90}}, "id"),
        ({"id": "3f2c1a90-5b6d-4e7f-8a9b-0c1d2e3f4a5b", "kind": "note"}, "text"),
        *(({"id": "3f2c1a90-5b6d-4e7f-8a9b-0c1d2e3f4a5b", "kind": kind, "text": "x"}, "kind")
          for kind in (None, 5, "", "cases", "lifecycle", "VITALS", ["vitals"])),
        ({}, "kind"),
    ],
    ids=lambda value: f"{value!r:.60}",
)  # fmt: skip
async def test_a_bad_event(target: tuple[World, Json], body: Json, named: str) -> None:
    world, session = target
    trainer = await world.person("trainer")
    path = f"/sessions/{session['id']}/events"
    check_invalid(await trainer.call("POST", path, content=json.dumps(body), headers=JSON), named)
    await _unchanged(world, session)


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
    check_problem(answer, 401, "unauthenticated")


@pytest.mark.parametrize(
    "code", ["", "-", "ABC", "ABCDEFG", "x" * 100_000, "😀😀😀😀😀😀", "A\x00BCDE", "\ud800", "ＡＢＣＤＥＦ"]
)
async def test_a_code_that_cannot_be(world: World, code: str) -> None:
    answer = await (await world.person()).call("POST", "/join", content=json.dumps({"code": code}), headers=JSON)
    check_problem(answer, 404, "not_found")
