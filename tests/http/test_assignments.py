"""Homework over HTTP: given, opened by its link without a login, run with nobody there, ended, and looked at."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from server import clock
from server.domain.timestamps import write_timestamp
from server.ports.results import StorageUnavailable
from server.ports.storage import Storage
from server.service import assignments
from server.service.case_control import CaseControl
from server.service.guessing import Allowance
from server.storage.memory import MemoryStorage
from server.transport.http.endpoint import API
from tests.support.houses import furnish
from tests.support.outage import Clock
from tests.support.patience import PATIENCE_SECONDS
from tests.support.running import RunningServer, connected, running_server
from tests.support.scenario_clients import eventually

CASE: dict[str, Any] = {
    "title": "Anaphylaxis",
    "duration_minutes": 30,
    "vitals": {"heart_rate": 100},
    "checklist": [{"key": "help", "text": "Calls for help", "marker": "help"}],
    "steps": [
        {
            "key": "hives",
            "title": "Hives",
            "vitals": {"heart_rate": 120},
            "transitions": [
                {"to": "better", "automatic": True, "on": {"marker": "im_adrenaline"}},
                {"to": "shock", "automatic": True, "on": {"after": 60}},
            ],
        },
        {
            "key": "shock",
            "title": "Shock",
            "vitals": {"heart_rate": 150},
            "transitions": [{"to": None, "automatic": True, "on": {"after": 60}}],
        },
        {
            "key": "better",
            "title": "Better",
            "vitals": {"heart_rate": 90},
            "transitions": [{"to": None, "automatic": True, "on": {"action": "handover"}}],
        },
    ],
}
Json = dict[str, Any]


class School:
    """A server whose trainer has given one homework; `anybody` has no login."""

    def __init__(self, server: RunningServer, anybody: httpx.AsyncClient, ahead: Clock) -> None:
        self.server = server
        self.http = server.http
        self.anybody = anybody
        self.ahead = ahead

    async def template(self, **changes: Any) -> str:
        answer = await self.http.post(f"{API}/templates", json={**CASE, **changes})
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    async def give(self, template_id: str, *, until: datetime | None = None, **changes: Any) -> Json:
        until = until or self.ahead.now() + timedelta(days=7)
        body = {"template_id": template_id, "title": "A woman of 34", "until": write_timestamp(until)} | changes
        answer = await self.http.post(f"{API}/assignments", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def open(self, given: Json, name: str = "Léa", **fields: str) -> httpx.Response:
        return await self.anybody.post(f"{API}/assignments/{given['token']}/open", json={"name": name, **fields})

    async def look(self, token: str) -> httpx.Response:
        return await self.anybody.get(f"{API}/assignments/{token}/open")

    async def begin(self, given: Json) -> str:
        answer = await self.open(given)
        assert answer.status_code == 201, answer.text
        return answer.json()["code"]

    async def tries(self, given: Json) -> list[Json]:
        return (await self.http.get(f"{API}/assignments/{given['id']}/tries")).json()["items"]

    async def record(self, session_id: str) -> list[Json]:
        return (await self.http.get(f"{API}/sessions/{session_id}/events")).json()["items"]

    async def until_over(self, given: Json) -> Json:
        async def look() -> Json | None:
            newest = (await self.tries(given))[0]
            return newest if newest["ended"] is not None else None

        return await eventually(look, "the end of the try")


@asynccontextmanager
async def _school(storage: Storage | None = None, ahead: Clock | None = None) -> AsyncGenerator[School]:
    ahead = ahead or Clock()
    async with (
        running_server(storage, now=ahead.now) as server,
        httpx.AsyncClient(base_url=server.url, timeout=PATIENCE_SECONDS) as anybody,
    ):
        await server.login()
        yield School(server, anybody, ahead)


async def test_what_is_given_is_listed_with_its_link_and_opens_without_a_login() -> None:
    async with _school() as school:
        assert (await school.http.get(f"{API}/assignments")).json() == {"items": [], "next_cursor": None}
        given = await school.give(await school.template())
        assert given["url"].endswith(f"/h/{given['token']}")
        assert given["ends_by_itself"] is True
        offer = (await school.look(given["token"])).json()
        assert offer == {
            "title": "A woman of 34",
            "until": given["until"],
            "duration_minutes": 30,
            "language": None,
            "actions": ["help", "im_adrenaline", "handover"],
        }
        code = await school.begin(given)
        joined = (await school.anybody.post(f"{API}/join", json={"code": code})).json()["session"]
        assert (joined["title"], joined["trainee_name"]) == ("A woman of 34", "Léa")
        assert joined["last_values"]["heart_rate"] == 120
        (listed,) = (await school.http.get(f"{API}/assignments")).json()["items"]
        del given["ends_by_itself"]
        assert listed == {**given, "tries": 1, "open_tries": 1}
        (attempt,) = await school.tries(given)
        session = (await school.http.get(f"{API}/sessions/{attempt['session_id']}")).json()
        assert session["title"] == "Homework: A woman of 34 · Léa"
        assert session["trainer_id"] == given["trainer_id"]
        begin = datetime.fromisoformat(session["created_at"])
        assert datetime.fromisoformat(session["expires_at"]) == begin + timedelta(minutes=30)
        record = await school.record(session["id"])
        assert {event["by"]["role"] for event in record} == {"system"}
        assert [(event["kind"], event["step"]) for event in record] == [
            ("vitals", None),
            ("case", None),
            ("vitals", "hives"),
        ]


async def test_a_trainee_alone_does_what_the_case_waits_for_and_it_ends_with_the_case() -> None:
    async with _school() as school:
        given = await school.give(await school.template())
        code = await school.begin(given)
        async with connected(school.server.url, "/trainee", {"code": code, "name": "Léa"}) as trainee:
            await trainee.wait_for("session:joined")
            ack = await trainee.call("action:take", {"id": str(uuid4()), "action": "im_adrenaline"})
            assert ack["ok"], ack
            # A step lasts a second before a rule leaves it.
            school.ahead.ahead += timedelta(seconds=2)
            ack = await trainee.call("action:take", {"id": str(uuid4()), "action": "help"})
            await trainee.wait_for("vitals:pushed", lambda told: told["last_values"]["heart_rate"] == 90)
            school.ahead.ahead += timedelta(seconds=2)
            await trainee.call("action:take", {"id": str(uuid4()), "action": "handover"})
            closed = await trainee.wait_for("session:closed")
            assert closed["reason"] == "closed"
        ended = await school.until_over(given)
        assert (ended["name"], ended["ended"]) == ("Léa", "played_out")
        *_, last = await school.record(ended["session_id"])
        assert (last["kind"], last["by"]["role"]) == ("lifecycle", "system")
        again = await school.begin(given)
        assert again != code
        assert len(await school.tries(given)) == 2


async def test_whoever_asks_again_under_the_same_id_gets_the_same_try(monkeypatch: pytest.MonkeyPatch) -> None:
    async with _school() as school:
        given, other = [await school.give(await school.template()) for _ in range(2)]
        asked = str(uuid4())

        async def died(self: object, *arguments: object) -> None:
            raise StorageUnavailable("killed")

        with monkeypatch.context() as dying:
            dying.setattr(CaseControl, "start", died)
            assert (await school.open(given, id=asked)).status_code == 503
        (attempt,) = await school.tries(given)
        assert [event["kind"] for event in await school.record(attempt["session_id"])] == ["vitals"]
        both = await asyncio.gather(school.open(given, id=asked), school.open(given, id=asked))
        assert [answer.status_code for answer in both] == [200, 200]
        (code,) = {answer.json()["code"] for answer in both}
        assert len(await school.tries(given)) == 1
        # It was begun before the server died; its case is started by whoever asks once more, and once.
        assert [event["step"] for event in await school.record(attempt["session_id"])] == [None, None, "hives"]
        await school.http.delete(f"{API}/assignments/{given['id']}")
        again = await school.open(given, id=asked)
        assert (again.status_code, again.json()) == (200, {"code": code}), "what was begun before it was taken back"
        assert (await school.open(given, id=str(uuid4()))).status_code == 410
        at_once = await asyncio.gather(*(school.open(other, id=asked) for _ in range(3)))
        assert sorted(answer.status_code for answer in at_once) == [200, 200, 201]
        assert len({answer.json()["code"] for answer in at_once} - {code}) == 1
        assert len(await school.tries(other)) == 1


async def test_it_goes_on_with_nobody_there_and_after_a_restart() -> None:
    storage, ahead = MemoryStorage(), Clock()
    async with _school(storage, ahead) as school:
        given = await school.give(await school.template())
        await school.begin(given)
    ahead.ahead += timedelta(seconds=61)
    async with _school(storage, ahead) as school:
        (attempt,) = await school.tries(given)

        async def shock() -> bool:
            return any(event["step"] == "shock" for event in await school.record(attempt["session_id"]))

        await eventually(shock, "the step that was due")
        ahead.ahead += timedelta(seconds=61)
        assert (await school.until_over(given))["ended"] == "played_out"


async def test_a_server_that_died_right_after_the_end_of_the_case_ends_the_session_when_it_is_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    storage, ahead = MemoryStorage(), Clock()

    async def die(self: object, session: object) -> bool:
        raise StorageUnavailable("killed")

    with monkeypatch.context() as dying:
        dying.setattr(assignments.Assignments, "end_with_case", die)
        async with _school(storage, ahead) as school:
            given = await school.give(await school.template(steps=[CASE["steps"][1]]))
            await school.begin(given)
            (attempt,) = await school.tries(given)
            ahead.ahead += timedelta(seconds=61)
            note = {"id": str(uuid4()), "kind": "note", "text": "Looking"}
            await school.http.post(f"{API}/sessions/{attempt['session_id']}/events", json=note)

            async def over() -> bool:
                events = await school.record(attempt["session_id"])
                return any((event["details"] or {}).get("action") == "ended" for event in events)

            await eventually(over, "the end of the case")
            assert (await school.tries(given))[0]["ended"] is None
    async with _school(storage, ahead) as school:
        assert (await school.until_over(given))["ended"] == "played_out"


async def test_a_session_that_is_no_homework_outlives_its_case() -> None:
    async with _school() as school:
        template_id = await school.template(steps=[CASE["steps"][1]])
        session = await school.server.open_session(template_id=template_id)
        start = {"id": str(uuid4()), "kind": "case", "action": "start"}
        path = f"{API}/sessions/{session['id']}/events"
        assert (await school.http.post(path, json=start)).status_code == 201
        school.ahead.ahead += timedelta(seconds=61)
        await school.http.post(path, json={"id": str(uuid4()), "kind": "note", "text": "Looking"})

        async def over() -> bool:
            events = await school.record(session["id"])
            return any((event["details"] or {}).get("action") == "ended" for event in events)

        await eventually(over, "the end of the case")
        note = {"id": str(uuid4()), "kind": "note", "text": "Still here"}
        assert (await school.http.post(path, json=note)).status_code == 201


async def test_what_is_closed_says_why() -> None:
    async with _school() as school:
        template_id = await school.template()
        over = await school.give(template_id, until=school.ahead.now() + timedelta(seconds=60))
        taken = await school.give(template_id)
        for _ in range(2):
            answer = await school.http.delete(f"{API}/assignments/{taken['id']}")
            assert answer.status_code == 200
            assert answer.json()["withdrawn_at"] is not None
        school.ahead.ahead += timedelta(seconds=60)
        for given, code, word in ((over, "session_expired", "until"), (taken, "session_closed", "taken back")):
            for answer in (await school.look(given["token"]), await school.open(given)):
                assert (answer.status_code, answer.json()["code"]) == (410, code)
                assert word in answer.json()["detail"]
        for answer in (await school.look("never-given"), await school.open({"token": "never-given"})):
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_of_a_changed_case_the_next_try_is_the_new_one_and_a_deleted_one_begins_nothing() -> None:
    async with _school() as school:
        template_id = await school.template()
        given = await school.give(template_id)
        await school.begin(given)
        steps = [{**CASE["steps"][1], "key": "other"}]
        path = f"{API}/templates/{template_id}"
        assert (await school.http.patch(path, json={"steps": steps})).status_code == 200
        await school.begin(given)
        steps_of = [
            [event["step"] for event in await school.record(each["session_id"]) if event["step"] is not None]
            for each in await school.tries(given)
        ]
        assert steps_of == [["other"], ["hives"]]
        still = [{"key": "still", "title": "Still"}]
        assert (await school.http.patch(path, json={"steps": still})).status_code == 200
        answer = await school.open(given)
        assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
        await school.http.delete(path)
        assert (await school.open(given)).json()["code"] == "session_closed"


async def test_what_is_wrong_is_named() -> None:
    async with _school() as school:
        still = await school.template(steps=[{"key": "still", "title": "Still"}])
        body = {"template_id": still, "title": "", "until": write_timestamp(clock.now())}
        answer = await school.http.post(f"{API}/assignments", json=body)
        assert answer.status_code == 422
        assert [error["field"] for error in answer.json()["errors"]] == ["title", "until", "template_id"]
        assert "automatic transition" in answer.json()["errors"][2]["message"]
        given = await school.give(await school.template(), id=str(uuid4()))
        repeat = {"id": given["id"], "template_id": given["template_id"], "title": "Other", "until": given["until"]}
        again = await school.http.post(f"{API}/assignments", json=repeat)
        assert (again.status_code, again.json()["title"]) == (200, "A woman of 34")
        answer = await school.open(given, " ")
        assert [error["field"] for error in answer.json()["errors"]] == ["name"]
        for path in (f"assignments/{uuid4()}/tries", "assignments/x/tries"):
            assert (await school.http.get(f"{API}/{path}")).status_code == 404


async def test_tries_are_paced_by_the_address_and_so_are_links_that_nobody_gave(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(assignments, "TRIES_BY_ASSIGNMENT", Allowance(2, 60))
    monkeypatch.setattr(assignments, "UNKNOWN_LINKS_BY_ADDRESS", Allowance(3, 60))
    async with _school() as school:
        given = await school.give(await school.template())
        answers = [await school.open(given) for _ in range(3)]
        assert [each.status_code for each in answers] == [201, 201, 429]
        assert answers[2].headers["Retry-After"] == "60"
        assert [(await school.look("wrong")).status_code for _ in range(4)] == [404, 404, 404, 429]


async def test_another_school_sees_nothing_of_it_and_the_audit_tells_of_it() -> None:
    storage = MemoryStorage()
    async with _school(storage) as school:
        given = await school.give(await school.template())
        other = await furnish(storage)
        page = await storage.assignments.list_assignments(other.school.id, 50, None)
        assert list(page.items) == []
        await school.http.delete(f"{API}/assignments/{given['id']}")
        audit = (await school.http.get(f"{API}/audit")).json()["items"]
        told = [each["action"] for each in audit if each["subject"] == {"type": "assignment", "id": given["id"]}]
        assert told == ["deleted", "added"]
        async with httpx.AsyncClient(base_url=school.server.url, timeout=PATIENCE_SECONDS) as nobody:
            for answer in (
                await nobody.get(f"{API}/assignments"),
                await nobody.post(f"{API}/assignments", json={}),
                await nobody.delete(f"{API}/assignments/{given['id']}"),
            ):
                assert answer.status_code == 401
