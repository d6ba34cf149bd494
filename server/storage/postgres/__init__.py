"""PostgreSQL 15 and later, through asyncpg; SQL stands next to its use."""

from __future__ import annotations

from server.storage.postgres.accounts import PostgresAccounts
from server.storage.postgres.database import Database
from server.storage.postgres.sessions import PostgresSessions
from server.storage.postgres.templates import PostgresTemplates


class PostgresStorage:
    def __init__(self, database: Database) -> None:
        self._database = database
        self.accounts = PostgresAccounts(database)
        self.sessions = PostgresSessions(database)
        self.templates = PostgresTemplates(database)

    @classmethod
    async def open(cls, url: str) -> PostgresStorage:
        """Connect to a migrated database. Raises StorageUnavailable if it cannot be reached."""
        return cls(await Database.open(url))

    async def ping(self) -> None:
        await self._database.execute("SELECT 1")

    async def close(self) -> None:
        await self._database.close()
