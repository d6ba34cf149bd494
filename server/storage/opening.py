"""Which storage the configuration asks for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from server.database_address import place_of
from server.ports.results import StorageUnavailable
from server.ports.storage import Storage
from server.storage.embedded import EmbeddedPostgres
from server.storage.embedded.replacing import has_data
from server.storage.memory import MemoryStorage
from server.storage.migrations import check_not_newer, migrate_up, migration_status
from server.storage.postgres import PostgresStorage
from server.storage.rights import settle_roles


@asynccontextmanager
async def open_storage(
    *, in_memory: bool, database_url: str | None, data_dir: Path, may_make: bool = True
) -> AsyncGenerator[Storage]:
    """Memory, the database at `database_url`, or an embedded PostgreSQL under `data_dir`, migrated.

    An external database is the operator's: only an empty one is migrated here, a later version's
    changes are made by `shiller migrate up`. Raises StorageUnavailable with what to do about it, also where there is
    no database yet and none is to be made.
    """
    if in_memory:
        memory = MemoryStorage()
        yield memory
        await memory.close()
        return
    async with (
        open_database(database_url=database_url, data_dir=data_dir, may_make=may_make) as url,
        _open_postgres(url) as storage,
    ):
        yield storage


@asynccontextmanager
async def open_database(*, database_url: str | None, data_dir: Path, may_make: bool = True) -> AsyncGenerator[str]:
    """The address of the database, external or embedded, once it is migrated."""
    if database_url is not None:
        await asyncio.to_thread(_make_ready, database_url, may_make)
        yield database_url
        return
    if not may_make:
        check_is_there(data_dir)
    embedded = await asyncio.to_thread(EmbeddedPostgres.start, data_dir / "postgres")
    try:
        await asyncio.to_thread(migrate_up, embedded.url)
        # For a superuser, no wall between schools would hold.
        app_url = await asyncio.to_thread(settle_roles, embedded.url)
        keeping = asyncio.create_task(embedded.keep_running())
        try:
            yield app_url
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
    finally:
        await asyncio.to_thread(embedded.stop)


def check_is_there(data_dir: Path) -> None:
    """Raises StorageUnavailable where there is no embedded database: another folder would get a second one, unseen."""
    if not is_there(data_dir):
        raise StorageUnavailable(
            f"There is no database in {data_dir.resolve()} (DATA_DIR). Both .env and DATA_DIR are looked for from the "
            "folder in which a command is run: run it where the server is started, or set DATA_DIR or DATABASE_URL."
        )


def is_there(data_dir: Path) -> bool:
    try:
        return has_data(data_dir / "postgres")
    except PermissionError:
        # Another user's; who starts it says so.
        return True


def _make_ready(url: str, may_make: bool) -> None:
    statuses = migration_status(url)
    check_not_newer(statuses)
    missing = [migration.id for migration in statuses if not migration.is_applied]
    if missing and len(missing) == len(statuses):
        if not may_make:
            raise StorageUnavailable(
                f"The database {place_of(url)} is empty: no server was ever started on it. Is it the right one? The "
                "server's first start makes the tables, and so does: shiller migrate up"
            )
        migrate_up(url)
    elif missing:
        raise StorageUnavailable(f"The database lacks migrations ({', '.join(missing)}). Run: shiller migrate up")


@asynccontextmanager
async def _open_postgres(url: str) -> AsyncGenerator[Storage]:
    storage = await PostgresStorage.open(url, watches_room=True)
    try:
        yield storage
    finally:
        await storage.close()
