"""Which storage the configuration asks for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from server.ports.results import StorageUnavailable
from server.ports.storage import Storage
from server.storage.embedded import EmbeddedPostgres
from server.storage.memory import MemoryStorage
from server.storage.migrations import migrate_up, migration_status
from server.storage.postgres import PostgresStorage
from server.storage.rights import settle_roles


@asynccontextmanager
async def open_storage(*, in_memory: bool, database_url: str | None, data_dir: Path) -> AsyncGenerator[Storage]:
    """Memory, the database at `database_url`, or an embedded PostgreSQL under `data_dir`, migrated.

    An external database is the operator's: only an empty one is migrated here, a later version's
    changes are made by `shiller migrate up`. Raises StorageUnavailable with what to do about it.
    """
    if in_memory:
        memory = MemoryStorage()
        yield memory
        await memory.close()
        return
    if database_url is not None:
        await asyncio.to_thread(_make_ready, database_url)
        async with _open_postgres(database_url) as storage:
            yield storage
        return
    embedded = await asyncio.to_thread(EmbeddedPostgres.start, data_dir / "postgres")
    try:
        await asyncio.to_thread(migrate_up, embedded.url)
        # For a superuser, no wall between schools would hold.
        app_url = await asyncio.to_thread(settle_roles, embedded.url)
        keeping = asyncio.create_task(embedded.keep_running())
        try:
            async with _open_postgres(app_url) as storage:
                yield storage
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
    finally:
        await asyncio.to_thread(embedded.stop)


def _make_ready(url: str) -> None:
    missing = [migration.id for migration in migration_status(url) if not migration.is_applied]
    if missing and len(missing) == len(migration_status(url)):
        migrate_up(url)
    elif missing:
        raise StorageUnavailable(f"The database lacks migrations ({', '.join(missing)}). Run: shiller migrate up")


@asynccontextmanager
async def _open_postgres(url: str) -> AsyncGenerator[Storage]:
    storage = await PostgresStorage.open(url)
    try:
        yield storage
    finally:
        await storage.close()
