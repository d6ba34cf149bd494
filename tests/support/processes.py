"""Several server processes on one database, with one Redis between them, and whoever is connected to which."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.support.patience import PATIENCE_SECONDS
from tests.support.postgres import DatabaseServer
from tests.support.redis import RedisServer, redis_server
from tests.support.scenario import DEMO_EMAIL, DEMO_PASSWORD, ServerProcess, end, errors_in
from tests.support.scenario_clients import Json, Line, World, eventually

PASSWORD = "scenario-password"
# So long that whatever crosses in a test was said and not found by looking.
ONLY_BY_WORD = "3600"


@dataclass
class Processes:
    """Running servers; `tokens` are of the demo school's admin and of two of its trainers."""

    servers: Sequence[ServerProcess]
    redis: RedisServer
    tokens: dict[str, str]
    accounts: dict[str, Json]

    def log_in(self, who: str, email: str, password: str) -> str:
        """A login of its own; `tokens[who]` from now on."""
        body = {"email": email, "password": password}
        answer = httpx.post(
            f"{self.servers[0].url}/api/v1/auth/login", json=body, trust_env=False, timeout=PATIENCE_SECONDS
        )
        answer.raise_for_status()
        self.tokens[who], self.accounts[who] = answer.json()["token"], answer.json()["trainer"]
        return self.tokens[who]

    def add_trainer(self, who: str) -> None:
        body = {"email": f"{who}@demo.example", "name": who.title(), "password": PASSWORD, "role": "trainer"}
        headers = {"Authorization": f"Bearer {self.tokens['admin']}"}
        url = f"{self.servers[0].url}/api/v1/trainers"
        httpx.post(url, json=body, headers=headers, trust_env=False, timeout=PATIENCE_SECONDS).raise_for_status()
        self.log_in(who, body["email"], PASSWORD)

    @asynccontextmanager
    async def worlds(self) -> AsyncIterator[list[World]]:
        """A world for each process; no process may have logged an error meanwhile."""
        before = [len(server.log) for server in self.servers]
        async with AsyncExitStack() as stack:
            yield [World(server, self.tokens, self.accounts, stack) for server in self.servers]
        for server, length in zip(self.servers, before, strict=True):
            assert not errors_in(server.log[length:]), server.log[length:]


@contextmanager
def processes(
    folder: Path, database_server: DatabaseServer, count: int = 2, *, with_redis: bool = True, **variables: str
) -> Iterator[Processes]:
    """With `with_redis` False, Redis is still down when the servers start."""
    with ExitStack() as stack:
        redis = stack.enter_context(redis_server(folder, started=with_redis))
        name = database_server.create_database(database_server.template)
        stack.callback(database_server.drop_database, name)
        given = {
            "DATABASE_URL": database_server.server_url_of(name),
            "REDIS_URL": redis.url,
            "SEED_DEMO": "true",
            "LOG_FORMAT": "json",
            "EXPIRY_SECONDS": ONLY_BY_WORD,
            **variables,
        }
        servers = [ServerProcess(folder / f"server-{number}", dict(given)) for number in range(count)]
        for server in servers:
            stack.callback(end, server)
            server.launch()
        for server in servers:
            server.wait_for_url()
        running = Processes(servers, redis, {}, {})
        running.log_in("admin", DEMO_EMAIL, DEMO_PASSWORD)
        for who in ("trainer", "colleague"):
            running.add_trainer(who)
        yield running


async def linked(world: World, *, to: str = "up") -> None:
    """Its server says so of its line to Redis."""
    http = (await world.person()).http

    async def look() -> bool:
        answer = await http.get(f"{world.url}/readyz")
        assert answer.status_code == 200
        return answer.json()["redis"] == to

    await eventually(look, f"Redis to be {to} for {world.url}")


async def linked_all(worlds: Sequence[World], *, to: str = "up") -> None:
    for world in worlds:
        await linked(world, to=to)


def shows(connected: Mapping[str, bool]) -> Any:
    """Whether a `trainees:changed` has these, by name, and no others."""
    return lambda told: {each["name"]: each["connected"] for each in told["trainees"]} == connected


async def trainees_are_seen(line: Line, session: Json, connected: Mapping[str, bool]) -> None:
    """Until the ack of `session:watch` has these, by name, and no others: for a storage that is late a process answers
    by what it knows, which are not the seats that the others have given.
    """

    async def look() -> bool:
        ack = await line.ask("session:watch", {"session_id": session["id"]})
        return {each["name"]: each["connected"] for each in ack["trainees"]} == connected

    await eventually(look, f"{connected} to be seen")


def heard_events(line: Line) -> list[Json]:
    return line.all("event:added")


def in_order(events: Sequence[Json], first: int, last: int) -> bool:
    """Each once, each in its place."""
    return [event["seq"] for event in events] == list(range(first, last + 1))
