"""Score sheets over HTTP: two evaluators, a template edited afterwards, an ended session, another school."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from server import clock
from server.domain.shares import ShareDraft
from server.storage.memory import MemoryStorage
from server.transport.http.endpoint import API
from tests.support.houses import furnish
from tests.support.patience import PATIENCE_SECONDS
from tests.support.running import RunningServer, running_server
from tests.support.ward import PASSWORD

Json = dict[str, Any]
CASE: Json = {
    "title": "Septic shock",
    "pass_percent": 75,
    "checklist": [
        {"key": "help", "text": "Calls for help"},
        {"key": "antibiotic", "text": "Antibiotic", "critical": True, "marker": "antibiotic"},
    ],
}


@pytest.fixture
async def server() -> AsyncGenerator[RunningServer]:
    async with running_server(MemoryStorage()) as server:
        await server.login()
        yield server


async def _observer(server: RunningServer) -> httpx.AsyncClient:
    account = {"email": "observer@example.org", "name": "Olga", "password": PASSWORD, "role": "observer"}
    assert (await server.http.post(f"{API}/trainers", json=account)).status_code == 201
    login = await server.http.post(f"{API}/auth/login", json={"email": account["email"], "password": PASSWORD})
    return httpx.AsyncClient(
        base_url=server.url, headers={"Authorization": f"Bearer {login.json()['token']}"}, timeout=PATIENCE_SECONDS
    )


async def test_two_evaluators(server: RunningServer) -> None:
    template = (await server.http.post(f"{API}/templates", json=CASE)).json()
    assert template["pass_percent"] == 75
    session = await server.open_session(template_id=template["id"])
    scores = f"{API}/sessions/{session['id']}/scores"
    assert (await server.http.get(scores)).json() == {"sheets": [], "differences": []}

    mine = {"items": {"help": {"score": 1}, "antibiotic": {"score": 2, "comment": "At once"}}, "comment": "Calm"}
    put = await server.http.put(scores, json=mine)
    assert (put.status_code, put.headers["ETag"]) == (200, '"1"'), put.text
    me = (await server.http.get(f"{API}/me")).json()
    assert put.json() == {
        "by": {"role": "trainer", "id": me["id"], "name": me["name"]},
        "items": {
            "help": {"score": 1, "at": None, "comment": ""},
            "antibiotic": {"score": 2, "at": None, "comment": "At once"},
        },
        "comment": "Calm",
        "percent": 75.0,
        "is_passed": True,
    }
    await server.http.post(f"{API}/sessions/{session['id']}/close")
    # What becomes of the template is nothing to what was copied.
    other = {"checklist": [{"key": "else", "text": "Something else"}], "pass_percent": 100}
    await server.http.patch(f"{API}/templates/{template['id']}", json=other)
    async with await _observer(server) as observer:
        theirs = await observer.put(scores, json={"items": {"help": {"score": "na"}, "antibiotic": {"score": 2}}})
        assert (theirs.json()["percent"], theirs.json()["is_passed"]) == (100.0, True)
        told = (await observer.get(scores)).json()
    assert [sheet["by"]["name"] for sheet in told["sheets"]] == [me["name"], "Olga"]
    assert told["sheets"][0] == put.json()
    assert told["differences"] == [{"key": "help"}]
    case = (await server.http.get(f"{API}/sessions/{session['id']}/case")).json()
    assert [item["key"] for item in case["checklist"]] == ["help", "antibiotic"]
    assert case["pass_percent"] == 75


async def test_a_version_may_be_asked_for(server: RunningServer) -> None:
    session = await server.open_session()
    scores = f"{API}/sessions/{session['id']}/scores"
    for version, status in (("1", 412), ("0", 200), ("0", 412), ("1", 200), ("x", 422)):
        body = {"items": {}, "comment": f"After {version}, {status}"}
        put = await server.http.put(scores, json=body, headers={"If-Match": f'"{version}"'})
        assert put.status_code == status, put.text


async def test_every_wrong_field_is_named(server: RunningServer) -> None:
    template = (await server.http.post(f"{API}/templates", json=CASE)).json()
    session = await server.open_session(template_id=template["id"])
    scores = f"{API}/sessions/{session['id']}/scores"
    body = {"items": {"help": {"score": 4, "at": "noon"}, "heal": {"score": 1}, "antibiotic": 2}, "comment": "x" * 2001}
    put = await server.http.put(scores, json=body)
    assert put.status_code == 422
    fields = [error["field"] for error in put.json()["errors"]]
    assert fields == ["items.heal", "items.help.score", "items.help.at", "items.antibiotic", "comment"]
    for wrong, field in (({}, "items"), ({"items": []}, "items"), ({"items": {}, "comment": 1}, "comment")):
        put = await server.http.put(scores, json=wrong)
        assert [error["field"] for error in put.json()["errors"]] == [field]
    for percent in (0, 101, "70", 70.5):
        made = await server.http.post(f"{API}/templates", json={**CASE, "pass_percent": percent})
        assert [error["field"] for error in made.json()["errors"]] == ["pass_percent"]
    assert (await server.http.get(scores)).json() == {"sheets": [], "differences": []}


async def test_another_school_sees_nothing() -> None:
    storage = MemoryStorage()
    async with running_server(storage) as server:
        await server.login()
        session = await server.open_session()
        house = await furnish(storage, "Another school")
        theirs = await server.app.services.sessions.find(house.admin, uuid4())
        outcome = await server.app.services.score_sheets.list(house.admin, UUID(session["id"]))
        assert outcome == theirs
        shares = server.app.services.shares
        id_, now = UUID(session["id"]), clock.now()
        assert await shares.add(house.admin, id_, ShareDraft(), now) == theirs
        assert await shares.list(house.admin, id_, now) == await shares.end(house.admin, id_, now) == theirs
        for id_ in (uuid4(), "nothing"):
            answer = await server.http.put(f"{API}/sessions/{id_}/scores", json={"items": {}})
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        async with httpx.AsyncClient(base_url=server.url, timeout=PATIENCE_SECONDS) as anybody:
            assert (await anybody.get(f"{API}/sessions/{session['id']}/scores")).status_code == 401
