"""Requests that are wrong before their fields are read: bodies, media types, addresses, methods, queries."""

from __future__ import annotations

import gzip
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.support.scenario_clients import Json, World, new_id
from tests.support.scenario_problems import check_invalid, check_problem

JSON = {"Content-Type": "application/json"}
SESSION, UNKNOWN = "SESSION", "11111111-2222-4333-8444-555555555555"
TAKES_JSON = [
    ("POST", "/auth/login"),
    ("POST", "/join"),
    ("POST", "/sessions"),
    ("PATCH", f"/sessions/{SESSION}"),
    ("POST", f"/sessions/{SESSION}/events"),
    ("POST", "/templates"),
    ("POST", "/trainers"),
]
NO_JSON = [b"{", b"nul", b"{'a': 1}", b"\xff\xfe", b'{"a": 1}}', b'{"id": "\xff"}', b"<x/>", b"a=1", b"{" * 50_000]
NO_OBJECT = [b"[]", b'[{"title": "x"}]', b'"x"', b"5", b"null", b"true"]


@pytest.fixture
async def target(world: World) -> tuple[World, Json]:
    trainer = await world.person("trainer")
    return world, await trainer.open_session(title="Target")


async def _call(target: tuple[World, Json], method: str, path: str, **options: Any) -> httpx.Response:
    world, session = target
    return await (await world.person("admin")).call(method, path.replace(SESSION, session["id"]), **options)


@pytest.mark.parametrize(("method", "path"), TAKES_JSON)
async def test_a_body_that_is_no_json_object(target: tuple[World, Json], method: str, path: str) -> None:
    for body in (*NO_JSON, *NO_OBJECT, b"[" * 100_000):
        check_problem(await _call(target, method, path, content=body, headers=JSON), 400, "invalid_body")


@pytest.mark.parametrize(("method", "path"), TAKES_JSON)
async def test_an_empty_body(target: tuple[World, Json], method: str, path: str) -> None:
    check_problem(await _call(target, method, path, content=b"", headers=JSON), 400, "invalid_body")


@pytest.mark.parametrize(("method", "path"), TAKES_JSON)
async def test_a_body_of_another_media_type(target: tuple[World, Json], method: str, path: str) -> None:
    for type_ in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/xml", "x", ""):
        answer = await _call(target, method, path, content=b'{"title": "x"}', headers={"Content-Type": type_})
        check_problem(answer, 415, "unsupported_media_type")


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "br", "identity, gzip"])
async def test_a_body_that_is_packed(target: tuple[World, Json], encoding: str) -> None:
    """It is JSON, but nothing here unpacks it: that it is none would send its sender looking in the wrong place."""
    headers = {**JSON, "Content-Encoding": encoding}
    answer = await _call(target, "POST", "/sessions", content=gzip.compress(b"{}"), headers=headers)
    check_problem(answer, 415, "unsupported_media_type")
    plain = {**JSON, "Content-Encoding": "identity"}
    assert (await _call(target, "POST", "/sessions", content=b"{}", headers=plain)).status_code == 201


@pytest.mark.parametrize(
    "type_", ["application/json; charset=utf-8", "Application/JSON", "application/json;charset=UTF-8"]
)
async def test_media_types_that_are_json(target: tuple[World, Json], type_: str) -> None:
    answer = await _call(target, "POST", "/sessions", content=b"{}", headers={"Content-Type": type_})
    assert answer.status_code == 201


@pytest.mark.parametrize(("method", "path"), TAKES_JSON)
async def test_an_oversized_body(target: tuple[World, Json], method: str, path: str) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(32):
            yield b" " * 65536

    for content in (json.dumps({"title": "x" * 2_000_000}).encode(), pieces()):
        check_problem(await _call(target, method, path, content=content, headers=JSON), 413, "too_large")


@pytest.mark.parametrize("id_", [UNKNOWN, "x", "5", "%00", "'", "é", "a" * 3000, UNKNOWN.replace("-", "")])
async def test_unknown_ids(target: tuple[World, Json], id_: str) -> None:
    note = {"id": new_id(), "kind": "note", "text": "x"}
    for method, path, body in (
        ("GET", f"/sessions/{id_}", None),
        ("PATCH", f"/sessions/{id_}", {"title": "x"}),
        ("POST", f"/sessions/{id_}/close", {}),
        ("POST", f"/sessions/{id_}/events", note),
        ("GET", f"/sessions/{id_}/events", None),
        ("GET", f"/sessions/{id_}/export", None),
        ("GET", f"/templates/{id_}", None),
        ("PATCH", f"/templates/{id_}", {"title": "x"}),
        ("DELETE", f"/templates/{id_}", None),
        ("GET", f"/trainers/{id_}", None),
        ("PATCH", f"/trainers/{id_}", {"name": "x"}),
        ("DELETE", f"/trainers/{id_}", None),
    ):
        check_problem(await _call(target, method, path, json=body), 404, "not_found")


@pytest.mark.parametrize(
    ("path", "named"),
    [
        *((f"{path}?limit={limit}", "limit") for path in ("/sessions", "/templates", "/trainers",
          f"/sessions/{SESSION}/events") for limit in ("0", "201", "-1", "x", "1.5", "", "1e2", "9" * 50, "٣", "NaN")),
        *((f"{path}?cursor={cursor}", "cursor") for path in ("/sessions", "/templates", "/trainers")
          for cursor in ("x", "5", "====", "é", "%00", "AAAA", "bm9wZQ", "a" * 3000)),
        *((f"/sessions?status={status}", "status") for status in ("x", "", "OPEN", "open,ended", "closed")),
        *((f"/sessions/{SESSION}/events?after={after}", "after") for after in ("-1", "x", "1.5", "9" * 50, "")),
        *((f"/sessions/{SESSION}/export?format={format_}", "format") for format_ in ("xml", "", "CSV", "csv,json")),
    ],
)  # fmt: skip
async def test_bad_queries(target: tuple[World, Json], path: str, named: str) -> None:
    check_invalid(await _call(target, "GET", path), named)


@pytest.mark.parametrize("value", ['"x"', "x", '""', '"-1"', '"1.5"', '"' + "9" * 50 + '"'])
async def test_a_bad_if_match(target: tuple[World, Json], value: str) -> None:
    answer = await _call(target, "PATCH", f"/sessions/{SESSION}", json={"title": "x"}, headers={"If-Match": value})
    check_invalid(answer, "If-Match")
    for path in (f"/templates/{SESSION}", f"/trainers/{SESSION}", f"/sessions/{SESSION}/annotations/{SESSION}"):
        check_invalid(await _call(target, "DELETE", path, headers={"If-Match": value}), "If-Match")


@pytest.mark.parametrize(
    "path", ["/nope", "/sessions/x/nope", "/auth", "/auth/login/x", "/../../etc/passwd", "/%00", "/é"]
)
async def test_unknown_paths(target: tuple[World, Json], path: str) -> None:
    for method in ("GET", "POST", "DELETE", "PUT"):
        check_problem(await _call(target, method, path), 404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/sessions", {"GET", "POST"}),
        ("DELETE", "/sessions", {"GET", "POST"}),
        ("DELETE", f"/sessions/{SESSION}", {"GET", "PATCH"}),
        ("PATCH", f"/sessions/{SESSION}/events", {"GET", "POST"}),
        ("GET", f"/sessions/{SESSION}/close", {"POST"}),
        ("GET", "/auth/login", {"POST"}),
        ("GET", "/join", {"POST"}),
        ("PUT", f"/templates/{SESSION}", {"GET", "PATCH", "DELETE"}),
        ("POST", "/me", {"GET"}),
    ],
)
async def test_wrong_methods(target: tuple[World, Json], method: str, path: str, allowed: set[str]) -> None:
    answer = await _call(target, method, path)
    check_problem(answer, 405, "method_not_allowed")
    told = {one.strip() for one in answer.headers["allow"].split(",")}
    assert told - {"HEAD", "OPTIONS"} == allowed


async def test_every_answer_has_a_request_id_of_its_own(world: World) -> None:
    trainer, stranger = await world.person("trainer"), await world.person()
    answers = [
        await trainer.call("GET", "/me", 200),
        await trainer.call("GET", "/me", 200),
        await stranger.call("GET", "/me", 401),
        await stranger.call("GET", "/nope", 404),
        await stranger.http.get(f"{world.url}/healthz"),
    ]
    ids = [answer.headers["x-request-id"] for answer in answers]
    assert len(set(ids)) == len(ids)
    assert all(ids)


@pytest.mark.parametrize("sent", ["x" * 5000, '"><script>', "{}", "nul\\x00", "é".encode()])
async def test_a_request_id_made_up_by_a_client_is_harmless(memory_world: World, sent: str | bytes) -> None:
    stranger = await memory_world.person()
    answer = await stranger.call("GET", "/me", 401, headers={"X-Request-Id": sent})
    assert 0 < len(answer.headers["x-request-id"]) <= 200


async def test_the_same_query_given_twice(memory_world: World) -> None:
    trainer = await memory_world.person("trainer")
    answer = await trainer.call("GET", "/sessions?limit=1&limit=2&nope=3")
    assert answer.status_code == 200


async def test_a_slash_too_many_does_not_lead_to_another_host(memory_world: World) -> None:
    trainer = await memory_world.person("trainer")
    check_problem(await trainer.call("GET", "/sessions/", headers={"Host": "evil.example"}), 421, "wrong_host")
    answer = await trainer.call("GET", "/sessions/", headers={"Host": "evil.local"})
    assert "evil.local" not in answer.headers.get("location", "")
    if not answer.is_redirect:
        check_problem(answer, 404, "not_found")
