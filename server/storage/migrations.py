"""The schema, forward and back, with yoyo. One server at a time may change it."""

from __future__ import annotations

import glob
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import yoyo
from yoyo.backends.core.postgresql import PostgresqlPsycopgBackend
from yoyo.connections import parse_uri
from yoyo.migrations import default_migration_table

from server import __version__
from server.ports.results import StorageUnavailable
from server.storage.plain_connection import check_use, every_school_connection, plain_connection

# Any constant will do, as long as every Shiller uses the same one.
_ADVISORY_LOCK = 7_411_960_226


@dataclass(frozen=True, slots=True)
class MigrationStatus:
    id: str
    is_applied: bool
    is_known: bool = True
    """One that is not comes from a newer version."""


def migrations_folder() -> Path:
    """In a checkout beside `server`, in an installed package inside it."""
    packaged = Path(__file__).parent.parent / "_data" / "migrations"
    return packaged if packaged.is_dir() else Path(__file__).parent.parent.parent / "migrations"


def migrate_up(url: str) -> list[str]:
    """Apply what is missing; the ids of what was applied. Several servers may call it at the same time."""
    with _backend(url) as backend:
        missing = backend.to_apply(_read_migrations())
        ids = [migration.id for migration in missing]
        backend.apply_migrations(missing)
        return ids


def migrate_down(url: str, *, to_nothing: bool = False) -> list[str]:
    """Take back the newest migration, or all of them; the ids of what was taken back."""
    with _backend(url) as backend:
        applied = backend.to_rollback(_read_migrations())
        chosen = applied if to_nothing else applied[:1]
        ids = [migration.id for migration in chosen]
        backend.rollback_migrations(chosen)
        return ids


def migration_status(url: str) -> list[MigrationStatus]:
    """All migrations that this version knows, in order, and after them those that it does not.

    Nothing is written: a role that may only read may look.
    """
    with turn(url) as connection:
        return _statuses(_applied(connection))


def _statuses(applied: set[str]) -> list[MigrationStatus]:
    known = known_migrations()
    unknown = sorted(applied - set(known))
    return [
        *(MigrationStatus(name, name in applied) for name in known),
        *(MigrationStatus(name, is_applied=True, is_known=False) for name in unknown),
    ]


def check_not_newer(statuses: Sequence[MigrationStatus]) -> None:
    """Raises StorageUnavailable where a newer version has been at work: what it has changed is not known here."""
    if unknown := [status.id for status in statuses if not status.is_known]:
        raise StorageUnavailable(
            f"The database is of a newer Shiller than this one, {__version__}: it has {', '.join(unknown)}. Start the "
            "newer one, or restore a backup from before into a new database (docs/backup.md)."
        )


def _applied(connection: psycopg.Connection) -> set[str]:
    # By name, in the schema that comes first for us; where nothing was ever applied, there is no such table.
    known = connection.execute("SELECT to_regclass('_yoyo_migration') IS NOT NULL").fetchone() == (True,)
    rows = connection.execute("SELECT migration_id FROM _yoyo_migration").fetchall() if known else []
    return {name for (name,) in rows}


def known_migrations() -> list[str]:
    """The ids of all that this version has, in order."""
    return [migration.id for migration in _read_migrations()]


def _read_migrations() -> Any:
    # yoyo takes it for a pattern.
    return yoyo.read_migrations(glob.escape(str(migrations_folder())))


@contextmanager
def turn(url: str) -> Generator[psycopg.Connection]:
    """One at a time. yoyo's own lock is a row: it is polled, and a killed process leaves it behind.

    An advisory lock is waited for and goes with its connection; whoever holds it may clear yoyo's row.
    """
    with plain_connection(url) as connection:
        # Where something is written, yoyo would take the refusal for a lock that somebody holds.
        if check_use(connection, url).is_read_only:
            raise StorageUnavailable("The database is read-only at the moment.")
        connection.execute("SELECT pg_advisory_lock(%s)", (_ADVISORY_LOCK,))
        yield connection


def check_makes_tables(connection: psycopg.Connection) -> None:
    """Raises StorageUnavailable where the first start, or an upgrade, would not get further than its first table."""
    role = connection.info.user
    has_tables = bool(_applied(connection))
    row = connection.execute("SELECT has_schema_privilege('public', 'CREATE'), current_schema()").fetchone()
    may_make, schema = row or (False, None)
    if not may_make:
        way = "" if has_tables else f", or allow it as a superuser: GRANT CREATE ON SCHEMA public TO {role}"
        raise StorageUnavailable(
            f"The role {role} may make no tables here. Run shiller migrate up with the DATABASE_URL of the role that "
            f"owns them{way}."
        )
    if not has_tables and schema != "public":
        raise StorageUnavailable(
            f"The role {role} would make its tables in the schema {schema}, and backups look in public. Change that: "
            f"ALTER ROLE {role} SET search_path = public"
        )


@contextmanager
def _backend(url: str) -> Generator[Any]:
    with turn(url) as connection:
        check_not_newer(_statuses(_applied(connection)))
        check_makes_tables(connection)
        backend = _Backend(url)
        try:
            backend.init_database()
            backend.break_lock()
            with backend.lock():
                yield backend
        finally:
            backend.connection.close()


class _Backend(PostgresqlPsycopgBackend):
    """On connections of our own, which read the address as everybody does. Data is moved for all schools."""

    def __init__(self, url: str) -> None:
        self._url = url
        super().__init__(parse_uri("postgresql+psycopg:///"), default_migration_table)

    def connect(self, dburi: object) -> psycopg.Connection:
        return every_school_connection(self._url)

    def copy(self) -> _Backend:
        return _Backend(self._url)
