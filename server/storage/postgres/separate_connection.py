"""A connection for one long piece of work: not one of the pool's, which is given up when it is busy for long."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import asyncpg

from server.storage.postgres.connecting import connect
from server.storage.postgres.database import EVERY_SCHOOL, ConnectionSettings, prepare
from server.storage.postgres.refusals import at_the_door, outages

# Of one statement; the work as a whole takes as long as it takes.
_STATEMENT_SECONDS = 120


@asynccontextmanager
async def separate_connection(
    url: str, settings: ConnectionSettings
) -> AsyncGenerator[asyncpg.Connection[asyncpg.Record]]:
    """Raises StorageUnavailable where the server cannot be reached, or goes away meanwhile."""
    with at_the_door:
        connection = await connect(
            url, settings.connect_timeout_seconds, EVERY_SCHOOL, command_timeout=_STATEMENT_SECONDS
        )
    with outages:
        try:
            await prepare(connection)
            yield connection
        finally:
            # What is under way is rolled back by the server; a goodbye would wait for one that hangs.
            connection.terminate()
