"""Two servers on one database notice each other, unless they hear each other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from structlog.testing import capture_logs

from server.storage.postgres.neighbours import Neighbours, count_servers
from tests.support.patience import PATIENCE_SECONDS
from tests.support.running import running_server
from tests.support.scenario import run_command


@asynccontextmanager
async def _running(url: str, *, hears_them: bool = False, grace_seconds: float = 0) -> AsyncIterator[Neighbours]:
    neighbours = Neighbours(url, hears_them=hears_them, look_every_seconds=0.05, grace_seconds=grace_seconds)
    watching = asyncio.create_task(neighbours.watch())
    try:
        yield neighbours
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def test_each_notices_the_other_and_that_it_has_gone(database_url: str, tmp_path: Path) -> None:
    with capture_logs() as logs:
        async with _running(database_url) as one, _running(database_url, hears_them=True) as linked:
            await _until(lambda: one.unheard == 1)
            assert linked.unheard == 0
            async with _running(database_url) as two, _running(database_url, grace_seconds=3600) as replacing:
                await _until(lambda: (one.unheard, two.unheard) == (3, 3))
                assert replacing.unheard == 0
                assert await count_servers(database_url) == 4
                told = await asyncio.to_thread(run_command, "doctor", folder=tmp_path, DATABASE_URL=database_url)
                assert "4 servers run on the database" in told.stdout
                assert told.returncode == 1
            await _until(lambda: one.unheard == 1)
    warned = [each for each in logs if each["log_level"] == "warning"]
    assert len(warned) == 2


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():
            await asyncio.sleep(0.02)


async def test_ready_says_so(database_url: str) -> None:
    async with running_server() as server:
        assert (await server.http.get("/readyz")).json() == {"status": "ready"}
    async with _running(database_url) as one, _running(database_url) as two:
        await _until(lambda: bool(one.unheard and two.unheard))
        async with running_server(neighbours=one) as server:
            assert (await server.http.get("/readyz")).json() == {"status": "ready", "other_servers": "unheard"}
