"""Several devices, lines that fail and whoever edits over HTTP: nothing acknowledged is lost, and all end up alike."""

from __future__ import annotations

import pytest

from tests.support.sync_running import memory_world, postgres_world

ROUNDS = 40


@pytest.mark.parametrize("seed", range(40))
async def test_in_memory(seed: int) -> None:
    async with memory_world(seed) as world:
        await world.live(ROUNDS)
        await world.settle()
        await world.check()


@pytest.mark.parametrize("seed", range(4))
async def test_on_two_servers_of_one_database(seed: int, database_url: str) -> None:
    async with postgres_world(seed, database_url) as world:
        await world.live(ROUNDS)
        await world.settle()
        await world.check()
