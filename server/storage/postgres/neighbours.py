"""Whether other servers run on the same database. Each holds a lock that all may have; who has it is counted.

A lock goes with its connection, so nobody has to clear up after a server that was killed. One whose machine was
switched off counts until the database notices that the line is dead, which may take hours.
"""

from __future__ import annotations

import asyncio
import secrets
from typing import cast

import asyncpg
import structlog

from server.storage.postgres.connecting import connect

log = structlog.get_logger("shiller.storage")

_CLASS = 0x5348494C
"""Of the two numbers of the lock the one that all servers share."""
_COUNT = """
SELECT count(DISTINCT objid) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
WHERE locktype = 'advisory' AND classid = $1 AND objsubid = 2 AND granted AND datname = current_database()
"""
_CONNECT_SECONDS = 5.0
LOOK_EVERY_SECONDS = 5.0
# A server that is being replaced runs on for so long beside the new one, and nothing is wrong with that.
GRACE_SECONDS = 60.0


async def count_servers(url: str) -> int:
    """Those that run now. Raises as `connect` does."""
    connection = await connect(url, _CONNECT_SECONDS, {}, command_timeout=_CONNECT_SECONDS)
    try:
        return await _count(connection)
    finally:
        connection.terminate()


class Neighbours:
    def __init__(
        self,
        url: str,
        *,
        hears_them: bool,
        look_every_seconds: float = LOOK_EVERY_SECONDS,
        grace_seconds: float = GRACE_SECONDS,
    ) -> None:
        """`hears_them`: this server and the others tell each other what they do (REDIS_URL). Then nothing is wrong."""
        self._url = url
        self._hears_them = hears_them
        self._look_every = look_every_seconds
        self._grace = grace_seconds
        self._number = secrets.randbelow(2**31)
        self._since: float | None = None
        self.unheard = 0
        """Servers that have been running beside this one for longer than a replacement takes, and are not heard."""

    async def watch(self) -> None:
        """Until cancelled. What cannot be asked says nothing about the others."""
        while True:
            try:
                await self._watch_on_one_connection()
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.debug("whether other servers run on the database is not known", reason=str(error))
            await asyncio.sleep(self._look_every)

    async def _watch_on_one_connection(self) -> None:
        connection = await connect(self._url, _CONNECT_SECONDS, {}, command_timeout=_CONNECT_SECONDS)
        try:
            await connection.execute("SELECT pg_advisory_lock_shared($1, $2)", _CLASS, self._number)
            while True:
                self._note(await _count(connection) - 1)
                await asyncio.sleep(self._look_every)
        finally:
            # A goodbye would wait for a server that hangs; the lock goes with the line.
            connection.terminate()

    def _note(self, others: int) -> None:
        now = asyncio.get_running_loop().time()
        if others < 1 or self._hears_them:
            if self.unheard:
                log.info("this server is alone on its database again")
            self._since, self.unheard = None, 0
            return
        if self._since is None:
            self._since = now
        if now - self._since < self._grace:
            return
        if not self.unheard:
            log.warning(
                "another server runs on this database, and neither hears the other: set REDIS_URL", others=others
            )
        self.unheard = others


async def _count(connection: asyncpg.Connection[asyncpg.Record]) -> int:
    return cast(int, await connection.fetchval(_COUNT, _CLASS))
