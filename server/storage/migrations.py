"""The schema, forward and back, with yoyo. One server at a time may change it."""

from __future__ import annotations

import glob
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import yoyo

from server.ports.results import StorageUnavailable
from server.storage.walls import for_every_school

# Any constant will do, as long as every Shiller uses the same one.
_ADVISORY_LOCK = 7_411_960_226


@dataclass(frozen=True, slots=True)
class MigrationStatus:
    id: str
    is_applied: bool


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
    """All migrations that this version knows, in order. Nothing is written: a role that may only read may look."""
    with turn(url) as connection:
        # By name, in the schema that comes first for us; where nothing was ever applied, there is no such table.
        known = connection.execute("SELECT to_regclass('_yoyo_migration') IS NOT NULL").fetchone() == (True,)
        rows = connection.execute("SELECT migration_id FROM _yoyo_migration").fetchall() if known else []
    applied = {name for (name,) in rows}
    return [MigrationStatus(name, name in applied) for name in known_migrations()]


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
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            # Where something is written, yoyo would take the refusal for a lock that somebody holds.
            if connection.execute("SHOW transaction_read_only").fetchone() == ("on",):
                raise StorageUnavailable("The database is read-only at the moment.")
            connection.execute("SELECT pg_advisory_lock(%s)", (_ADVISORY_LOCK,))
            yield connection
    except psycopg.OperationalError as error:
        raise StorageUnavailable(str(error).strip()) from error


@contextmanager
def _backend(url: str) -> Generator[Any]:
    with turn(url) as connection:
        if connection.execute("SELECT has_schema_privilege('public', 'CREATE')").fetchone() != (True,):
            raise StorageUnavailable(
                f"The role {connection.info.user} may make no tables here. Run shiller migrate up with the "
                "DATABASE_URL of the role that owns them."
            )
        backend = yoyo.get_backend(_yoyo_url(url))
        try:
            backend.break_lock()
            with backend.lock():
                yield backend
        finally:
            backend.connection.close()


def _yoyo_url(url: str) -> str:
    """The same address for yoyo, which takes the driver's name from the scheme. Data is moved for all schools."""
    return "postgresql+psycopg://" + for_every_school(url).split("://", 1)[1]
