"""Redis is killed, hangs, and comes back: one process goes on by itself, for everything it needs is in PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.conftest import ALLOCATOR, peopled
from tests.support.database_process import DatabaseProcess
from tests.support.memory import MIB, resident, settles
from tests.support.redis import RedisServer, redis_server
from tests.support.scenario import ServerProcess, end
from tests.support.scenario_clients import World
from tests.support.scenario_course import Course

GROWTH_BYTES = 24 * MIB

Step = Callable[[RedisServer], object]
FAULTS: dict[str, tuple[Step, Step]] = {
    "killed": (RedisServer.kill, RedisServer.start),
    "paused": (RedisServer.pause, RedisServer.resume),
}


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    with redis_server(tmp_path) as redis:
        yield redis


@pytest.fixture
async def world(tmp_path: Path, database: DatabaseProcess, redis: RedisServer) -> AsyncIterator[World]:
    variables = {"DATABASE_URL": database.url, "REDIS_URL": redis.url, "SEED_DEMO": "true", "LOG_FORMAT": "json"}
    server = ServerProcess(tmp_path / "server", {**variables, "EXPIRY_SECONDS": "1", **ALLOCATOR})
    try:
        async for world in peopled(server.start()):
            yield world
    finally:
        end(server)


@pytest.mark.parametrize("fault", FAULTS)
async def test_one_process_goes_on_without_redis(world: World, redis: RedisServer, fault: str) -> None:
    leave, come_back = FAULTS[fault]
    course = await Course.begin(world)
    before = resident(world.server.running.pid)
    for _ in range(2):
        await asyncio.to_thread(leave, redis)
        await course.confirms(50)
        late = await world.join(course.sessions[0], "Late")
        await asyncio.to_thread(come_back, redis)
        await course.confirms(20)
        await late.disconnect()
    await course.ends_whole(lines_held=True)
    await settles(world.server.running.pid, before + GROWTH_BYTES)
