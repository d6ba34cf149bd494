"""PostgreSQL 15 and later, through asyncpg; SQL stands next to its use."""

from __future__ import annotations

import asyncio

from server.storage.postgres.accounts import PostgresAccounts
from server.storage.postgres.database import Database
from server.storage.postgres.sessions import PostgresSessions
from server.storage.postgres.templates import PostgresTemplates
from server.storage.repository import StorageUnavailable

# Whoever asks whether it is there wants to know soon; a storage that hangs is as good as none.
PING_TIMEOUT_SECONDS = 2


class PostgresStorage:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._pinging: asyncio.Task[None] | None = None
        self.accounts = PostgresAccounts(database)
        self.sessions = PostgresSessions(database)
        self.templates = PostgresTemplates(database)

    @classmethod
    async def open(cls, url: str) -> PostgresStorage:
        """Connect to a migrated database. Raises StorageUnavailable if it cannot be reached."""
        return cls(await Database.open(url))

    async def ping(self) -> None:
        # One question at a time, left to itself when it is late: calling a query back takes the driver as long
        # as the storage hangs.
        if self._pinging is None or self._pinging.done():
            self._pinging = asyncio.create_task(self._database.execute("SELECT 1"))
        answered, _ = await asyncio.wait({self._pinging}, timeout=PING_TIMEOUT_SECONDS)
        if not answered:
            raise StorageUnavailable(f"no answer within {PING_TIMEOUT_SECONDS} s")
        self._pinging.result()

    async def close(self) -> None:
        if self._pinging is not None:
            self._pinging.cancel()
            await asyncio.gather(self._pinging, return_exceptions=True)
        await self._database.close()
