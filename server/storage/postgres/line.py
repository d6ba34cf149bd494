"""One connection that is kept for one purpose, made again when it is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import asyncpg

from server.storage.postgres.database import ANSWER_TIMEOUT_SECONDS, CONNECT_TIMEOUT_SECONDS, outages, prepare


class Line:
    """One question at a time. Every failure of the line is StorageUnavailable, and the next question tries anew."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: asyncpg.Connection[asyncpg.Record] | None = None

    async def connect(self) -> None:
        with outages():
            await self._connected()

    async def fetch(self, sql: str, *arguments: object) -> Sequence[asyncpg.Record]:
        with outages():
            connection = self._connection
            if connection is None or connection.is_closed():
                connection = await self._connected()
            # Cut and not cancelled: the driver's cancelling takes as long as a server hangs.
            cutting = asyncio.get_running_loop().call_later(ANSWER_TIMEOUT_SECONDS, connection.terminate)
            try:
                return await connection.fetch(sql, *arguments)
            finally:
                cutting.cancel()

    def cut(self) -> None:
        """Give up whatever is asked. What was asked may still be done."""
        if self._connection is not None:
            self._connection.terminate()

    async def _connected(self) -> asyncpg.Connection[asyncpg.Record]:
        connection = await asyncpg.connect(self._url, timeout=CONNECT_TIMEOUT_SECONDS)
        await prepare(connection)
        # The same few statements over and over: planning each time anew costs more than running them.
        await connection.execute("SET plan_cache_mode = force_generic_plan")
        self._connection = connection
        return connection
