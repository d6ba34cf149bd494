"""Worlds of devices on real storages."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from uuid import UUID

import asyncpg

from server.domain.audit import Subject
from server.ports.storage import Storage
from server.storage.memory import MemoryStorage
from server.storage.memory.school_log import SchoolLog
from tests.support.houses import UNHURRIED, furnish, open_postgres
from tests.support.services import services_on
from tests.support.sync_world import School, World

# Which write got which version is seen from outside.
_HISTORY = """
CREATE TABLE written_templates (id uuid, school_id uuid, sync_version bigint, updated_at timestamptz);
GRANT INSERT ON written_templates TO PUBLIC;
CREATE FUNCTION note_template() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO written_templates VALUES (NEW.id, NEW.school_id, NEW.sync_version, NEW.updated_at); RETURN NULL;
END $$;
CREATE TRIGGER note_template AFTER INSERT OR UPDATE ON session_templates FOR EACH ROW EXECUTE FUNCTION note_template();
"""


@asynccontextmanager
async def memory_world(seed: int) -> AsyncGenerator[World]:
    storage = MemoryStorage()
    versions: dict[tuple[str, datetime], int] = {}

    class NotedLog(SchoolLog):
        def stamp(self, subject: Subject, fields: Collection[str] | None, now: datetime) -> None:
            super().stamp(subject, fields, now)
            versions[str(subject.id), now] = self.newest

    async def version(school_id: UUID, entity_id: str, now: datetime) -> int:
        return versions[entity_id, now]

    storage.sync._tables.logs.default_factory = NotedLog  # type: ignore[attr-defined]
    with services_on(storage) as services:
        yield World(seed, [(services, storage)], await _schools(storage), version)


@asynccontextmanager
async def postgres_world(seed: int, url: str) -> AsyncGenerator[World]:
    async with AsyncExitStack() as stack:
        connection = await asyncpg.connect(url)
        stack.push_async_callback(connection.close)
        await connection.execute(_HISTORY)

        async def version(school_id: UUID, entity_id: str, now: datetime) -> int:
            return await connection.fetchval(
                "SELECT sync_version FROM written_templates WHERE id = $1 AND school_id = $2 AND updated_at = $3",
                UUID(entity_id), school_id, now,
            )  # fmt: skip

        storages: list[Storage] = [
            await stack.enter_async_context(open_postgres(url, live=UNHURRIED)) for _ in range(2)
        ]
        stores = [(stack.enter_context(services_on(storage)), storage) for storage in storages]
        yield World(seed, stores, await _schools(storages[0]), version)


async def _schools(storage: Storage) -> list[School]:
    houses = [await furnish(storage, name) for name in ("North", "South")]
    return [School(house.school.name, house.trainer, [house.trainer, house.colleague]) for house in houses]
