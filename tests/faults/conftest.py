"""A server of each test's own, on a PostgreSQL of its own: both are there to be hurt."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from uuid import uuid4

import pytest

from tests.scenario.conftest import Stage
from tests.support.database_process import Cluster, DatabaseProcess, prepared_cluster, running_database
from tests.support.scenario import ServerProcess, end, end_database_left_in, errors_in
from tests.support.scenario_clients import World

# What the server lets go of goes back to the system at once, so that what it holds can be seen from outside.
ALLOCATOR = {"MALLOC_TRIM_THRESHOLD_": "131072", "MALLOC_MMAP_THRESHOLD_": "131072", "MALLOC_ARENA_MAX": "2"}


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    with prepared_cluster() as cluster:
        yield cluster


@pytest.fixture
def database(cluster: Cluster) -> Iterator[DatabaseProcess]:
    with running_database(cluster, uuid4().hex[:8]) as database:
        yield database


@pytest.fixture
def server(tmp_path: Path, database: DatabaseProcess) -> Iterator[ServerProcess]:
    variables = {"DATABASE_URL": database.url, "SEED_DEMO": "true", "LOG_FORMAT": "json", "EXPIRY_SECONDS": "1"}
    server = ServerProcess(tmp_path, {**variables, **ALLOCATOR})
    try:
        yield server.start()
    finally:
        end(server)


@pytest.fixture
async def world(server: ServerProcess) -> AsyncIterator[World]:
    """With `admin`, `trainer` and `colleague`. Whatever is done to it, the server may not log an error."""
    async for world in peopled(server):
        yield world


@pytest.fixture
async def embedded_world(tmp_path: Path, data_dir: Path) -> AsyncIterator[World]:
    """The same, on the embedded PostgreSQL."""
    variables = {"DATA_DIR": str(data_dir), "LOG_FORMAT": "json", "EXPIRY_SECONDS": "1", **ALLOCATOR}
    server = ServerProcess(tmp_path / "server", variables)
    try:
        async for world in peopled(server.start()):
            yield world
    finally:
        end(server)
        end_database_left_in(data_dir)


async def peopled(server: ServerProcess) -> AsyncIterator[World]:
    stage = Stage(server)
    stage.set_up_accounts(("trainer", "colleague"))
    async with AsyncExitStack() as stack:
        yield World(server, stage.tokens, stage.accounts, stack)
    assert server.stop() == 0, server.log[-2000:]
    errors = errors_in(server.log)
    assert not errors, errors
