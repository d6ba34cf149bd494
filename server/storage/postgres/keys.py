"""Keys in PostgreSQL."""

from __future__ import annotations

from typing import cast

from server.storage.postgres.database import Database


class PostgresKeys:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, name: str, fresh: bytes) -> bytes:
        await self._database.every_school.execute(
            "INSERT INTO server_keys (name, key) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING", name, fresh
        )
        return cast(
            bytes, await self._database.every_school.fetchval("SELECT key FROM server_keys WHERE name = $1", name)
        )
