"""One connection that is kept for one purpose, made again when it is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import asyncpg

from server.storage.postgres.connecting import connect
from server.storage.postgres.database import EVERY_SCHOOL, ConnectionSettings, prepare
from server.storage.postgres.refusals import at_the_door, outages

# The same few statements over and over: planning each time anew costs more than running them. They look rows up by
# their ids; planned while the tables are nearly empty, they would read them whole for each group from then on, until
# somebody analyses the tables.
PLANNING = {
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_bitmapscan": "off",
    "enable_mergejoin": "off",
    "enable_material": "off",
}


class DedicatedConnection:
    """One question at a time. Every failure of it is StorageUnavailable, and the next question tries anew."""

    def __init__(self, url: str, settings: ConnectionSettings) -> None:
        self._url = url
        self._settings = settings
        self._connection: asyncpg.Connection[asyncpg.Record] | None = None
        self._answered = 0.0
        """When it was last used, in the loop's time."""
        self._asked: float | None = None
        """Since when an answer is waited for, in the loop's time."""
        self._watching: asyncio.TimerHandle | None = None

    async def connect(self) -> None:
        await self._connected()

    async def fetch(self, sql: str, *arguments: object) -> Sequence[asyncpg.Record]:
        with outages:
            loop = asyncio.get_running_loop()
            connection = self._connection
            if connection is not None and loop.time() - self._answered > self._settings.stale_seconds:
                connection.terminate()
            if connection is None or connection.is_closed():
                connection = await self._connected()
            self._asked = loop.time()
            if self._watching is None:
                self._watching = loop.call_later(self._settings.answer_timeout_seconds, self._watch)
            try:
                return await connection.fetch(sql, *arguments)
            finally:
                self._asked = None
                self._answered = loop.time()

    def cut(self) -> None:
        """Give up whatever is asked. What was asked may still be done."""
        if self._connection is not None:
            self._connection.terminate()

    def _watch(self) -> None:
        """One timer for all questions, not one for each."""
        self._watching = None
        if self._asked is None:
            return
        loop, longest = asyncio.get_running_loop(), self._settings.answer_timeout_seconds
        if loop.time() - self._asked >= longest:
            # Cut and not cancelled: the driver's cancelling takes as long as a server hangs.
            self.cut()
        else:
            self._watching = loop.call_at(self._asked + longest, self._watch)

    async def _connected(self) -> asyncpg.Connection[asyncpg.Record]:
        seconds = self._settings.connect_timeout_seconds
        with at_the_door:
            connection = await connect(self._url, seconds, {**PLANNING, **EVERY_SCHOOL})
            await prepare(connection)
        self._connection = connection
        self._answered = asyncio.get_running_loop().time()
        return connection
