"""Whether the database's disk has room: asked every few seconds, for without writers nobody would notice."""

from __future__ import annotations

import asyncio
import math
import time

import asyncpg
import structlog

from server.ports.results import StorageUnavailable
from server.storage.plain_connection import LITTLE_MEMORY, MORE_THAN_THAT
from server.storage.postgres.database import Door

log = structlog.get_logger("shiller.storage")

LOOK_EVERY_SECONDS = 2.0
# The disk is full, or the quota; it fails; or a file may not grow, which PostgreSQL has no word for.
_NO_ROOM = ("53100", "58030", "XX000")


class Room:
    def __init__(self, door: Door) -> None:
        self._door = door
        self._looking: asyncio.Task[None] | None = None
        self.lack: str | None = None
        """What the database said, while there is none."""
        self._answered_at: float | None = None

    @property
    def silent_seconds(self) -> float:
        """For how long the database has said nothing to whoever looks; endless where nobody does."""
        return math.inf if self._answered_at is None else time.monotonic() - self._answered_at

    def start(self) -> None:
        self._looking = asyncio.create_task(self._look_on())

    async def close(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)

    async def look(self) -> None:
        """Whatever else is wrong is told by others, and says nothing about room."""
        try:
            async with self._door.transaction() as connection:
                await connection.execute(f"SET LOCAL {LITTLE_MEMORY}")
                await connection.fetchval(MORE_THAN_THAT)
        except StorageUnavailable as outage:
            self._note(outage.__cause__)
        except asyncpg.PostgresError as error:
            self._note(error)
        else:
            self._answered_at = time.monotonic()
            self._note(None)

    async def _look_on(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_SECONDS)
            await self.look()

    def _note(self, error: BaseException | None) -> None:
        if error is None:
            if self.lack is not None:
                log.info("the database has room again")
            self.lack = None
        elif isinstance(error, asyncpg.PostgresError) and error.sqlstate in _NO_ROOM:
            if self.lack is None:
                log.warning("the database has no room to write: its disk is full", reason=str(error))
            self.lack = str(error)
