"""Two server processes of one hall: one of them is in contact with the central, and the other steps in for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest

from server.storage.postgres.upstream import TURN_LOCK
from tests.support.cutting_line import CuttingLine, cutting_line
from tests.support.patience import PATIENCE_SECONDS
from tests.support.postgres import DatabaseServer
from tests.support.redis import redis_server
from tests.support.running import RunningServer, running_server
from tests.support.scenario import ServerProcess, end, errors_in
from tests.support.scenario_clients import eventually, new_id

BELA = {"email": "bela@example.org", "password": "long-enough"}
Json = dict[str, Any]


@dataclass
class Member:
    """A process of the hall, and the line of its own that it has to the central."""

    server: ServerProcess
    line: CuttingLine
    http: httpx.AsyncClient

    async def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        return await self.http.request(method, f"{self.server.url}/api/v1{path}", **options)

    async def push(self, session: Json, heart_rate: int) -> None:
        body = {"id": new_id(), "kind": "vitals", "vitals": {"heart_rate": heart_rate}}
        assert (await self.call("POST", f"/sessions/{session['id']}/events", json=body)).status_code == 201

    async def is_well(self) -> bool:
        return bool((await self.call("POST", "/upstream/now")).json()["is_well"])


@dataclass
class TwoProcesses:
    database_url: str
    central: RunningServer
    members: tuple[Member, Member]

    async def of_central(self, path: str) -> httpx.Response:
        return await self.central.http.get(f"/api/v1{path}")


@pytest.fixture
async def hall(
    request: pytest.FixtureRequest, tmp_path: Path, database_server: DatabaseServer
) -> AsyncIterator[TwoProcesses]:
    """Its parameter: so many seconds after a round they have the next one by themselves."""
    every_seconds: str = getattr(request, "param", "0.3")
    async with AsyncExitStack() as stack:
        # In this process, and in memory: of the central it is looked at what came.
        central = await stack.enter_async_context(running_server())
        await central.login()
        await central.http.post("/api/v1/trainers", json={**BELA, "name": "Bela", "role": "trainer"})
        added = (await central.http.post("/api/v1/halls", json={"name": "North", "trainers": "all"})).json()
        redis = stack.enter_context(redis_server(tmp_path))
        name = database_server.create_database(database_server.template)
        stack.callback(database_server.drop_database, name)
        variables = {
            "DATABASE_URL": database_server.server_url_of(name), "REDIS_URL": redis.url, "LOG_FORMAT": "json",
            "SYNC_SECONDS": every_seconds, "SYNC_UPSTREAM_TOKEN": added["token"],
        }  # fmt: skip
        members = [await _member(stack, central, tmp_path / each, variables) for each in ("first", "second")]
        for member in members:
            await asyncio.to_thread(member.server.wait_for_url)
        token = await eventually(lambda: _log_in(members[0]), "the account to be known at the hall")
        for member in members:
            member.http.headers["Authorization"] = f"Bearer {token}"
        yield TwoProcesses(variables["DATABASE_URL"], central, (members[0], members[1]))


async def _member(stack: AsyncExitStack, central: RunningServer, folder: Path, variables: dict[str, str]) -> Member:
    port = urlsplit(central.url).port
    assert port is not None
    line = await stack.enter_async_context(cutting_line(port))
    server = ServerProcess(folder, {**variables, "SYNC_UPSTREAM_URL": line.url}).launch()
    stack.callback(end, server)
    return Member(
        server, line, await stack.enter_async_context(httpx.AsyncClient(trust_env=False, timeout=PATIENCE_SECONDS))
    )


async def _log_in(member: Member) -> str | None:
    answer = await member.call("POST", "/auth/login", json=BELA)
    return answer.json()["token"] if answer.status_code == 200 else None


async def test_one_is_in_contact_and_after_its_death_the_other_one_and_nothing_comes_twice(hall: TwoProcesses) -> None:
    session = (await hall.members[0].call("POST", "/sessions", json={"title": "Two processes"})).json()
    for heart_rate in range(60, 70):
        await hall.members[heart_rate % 2].push(session, heart_rate)
    await eventually(hall.members[0].is_well, "everything to be sent")

    for member in hall.members:
        member.line.hold()
    for heart_rate in range(80, 90):
        await hall.members[heart_rate % 2].push(session, heart_rate)

    async def in_contact() -> tuple[Member, Member] | None:
        for member in hall.members:
            await member.call("POST", "/upstream/now")
        held = [member.line.held_bytes > 0 for member in hall.members]
        first, second = hall.members if held[0] else hall.members[::-1]
        return (first, second) if any(held) else None

    dying, other = await eventually(in_contact, "one of them to have a round")
    # It has its turn, and waits for an answer: however often the other one is asked, it does not begin.
    for _ in range(5):
        await other.call("POST", "/upstream/now")
        status = (await other.call("GET", "/upstream")).json()
    assert status["waiting"]["events"] == 10
    assert (other.line.held_bytes, dying.line.held_bytes > 0) == (0, True)
    dying.server.kill()
    other.line.let_go()
    for heart_rate in range(90, 100):
        await other.push(session, heart_rate)
    await eventually(other.is_well, "the other one to have sent everything")

    path = f"/sessions/{session['id']}"
    here = await other.call("GET", f"{path}/export", params={"format": "csv"})
    there = await hall.of_central(f"{path}/export?format=csv")
    assert here.content == there.content
    assert len((await hall.of_central(f"{path}/events?limit=200")).json()["items"]) == 30
    calls = (await hall.central.http.get("/api/sync/log")).json()["items"]
    assert sum(call["rejectedCount"] + call["conflictsCount"] for call in calls) == 0
    # Each event once, and the session itself as often as it was told.
    told = sum(call["acknowledgedCount"] for call in calls if call["direction"] == "UP")
    assert 31 <= told <= 31 + 5
    assert not errors_in(other.server.log)


@pytest.mark.parametrize("hall", ["600"], indirect=True)
async def test_what_somebody_wants_of_one_while_the_other_is_at_it_is_done_after_that(hall: TwoProcesses) -> None:
    first, second = hall.members
    first.line.hold()

    async def is_at_it() -> bool:
        await first.call("POST", "/upstream/now")
        return first.line.held_bytes > 0

    await eventually(is_at_it, "the first one to have its round")
    # That round has looked before at what there is to send.
    session = (await second.call("POST", "/sessions", json={"title": "Begun meanwhile"})).json()
    for _ in range(5):
        await second.call("POST", "/upstream/now")
    first.line.let_go()

    async def has_come() -> bool:
        return (await hall.of_central(f"/sessions/{session['id']}")).status_code == 200

    await eventually(has_come, "the session to be sent")


@pytest.mark.parametrize("hall", ["600"], indirect=True)
async def test_a_round_whose_turn_is_lost_ends_before_another_one_is_begun(hall: TwoProcesses) -> None:
    first, second = hall.members
    session = (await first.call("POST", "/sessions", json={"title": "Lost turn"})).json()
    first.line.hold()

    async def is_at_it() -> bool:
        await first.call("POST", "/upstream/now")
        return first.line.held_bytes > 0

    await eventually(is_at_it, "the first one to have its round")
    await _end_the_turn(hall.database_url)

    async def has_given_up() -> bool:
        return "the connection that held the turn of this hall is lost" in first.server.log

    # The central has not answered yet: what ends the round is that its turn is lost.
    await eventually(has_given_up, "the first one to give its round up")
    await second.push(session, 90)
    first.line.let_go()
    await eventually(second.is_well, "everything to be sent")
    path = f"/sessions/{session['id']}/export?format=csv"
    assert (await hall.of_central(path)).content == (await second.call("GET", path)).content
    assert not errors_in(first.server.log + second.server.log)


async def _end_the_turn(url: str) -> None:
    """As an operator does, or a server that is restarted."""
    connection = await asyncpg.connect(url)
    ended = await connection.fetch(
        """
        SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
        WHERE locktype = 'advisory' AND granted AND datname = current_database()
          AND (classid::bigint << 32 | objid::bigint) = $1
        """,
        TURN_LOCK,
    )
    await connection.close()
    assert [row[0] for row in ended] == [True]
