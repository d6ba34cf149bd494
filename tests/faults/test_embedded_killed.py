"""The embedded PostgreSQL is killed under a stream of changes; nobody but the server can start it again."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.support.database_process import kill_with_children, postmaster_in
from tests.support.memory import MIB, resident, settles
from tests.support.scenario import PATIENCE_SECONDS
from tests.support.scenario_clients import World
from tests.support.scenario_course import Course

GROWTH_BYTES = 32 * MIB


async def test_the_server_starts_it_again(embedded_world: World, data_dir: Path) -> None:
    course = await Course.begin(embedded_world)
    before = resident(embedded_world.server.running.pid)
    for _ in range(2):
        await asyncio.to_thread(kill_with_children, postmaster_in(data_dir / "postgres"))
        await course.confirms(20)
    await course.ends_whole(lines_held=True, patience=2 * PATIENCE_SECONDS)
    await settles(embedded_world.server.running.pid, before + GROWTH_BYTES)
