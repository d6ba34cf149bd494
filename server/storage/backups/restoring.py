"""A backup into a database: a new one each time, which counts only when it is whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from psycopg.sql import SQL, Identifier

from server.storage.backups.contents import Contents
from server.storage.backups.tools import BackupRefused, ToolFailed, run_tool, target_of
from server.storage.embedded.replacing import replacing
from server.storage.migrations import migrate_up
from server.storage.plain_connection import check_use, plain_connection

Report = Callable[[str], None]

# What its owner and others may do is the new database's own matter. Nothing of another schema is ours.
_WORDS = ("--no-password", "--no-owner", "--no-privileges", "--schema=public", "--exit-on-error")


@dataclass(frozen=True, slots=True)
class Restored:
    migrated: Sequence[str]
    """What was applied, for the backup was older."""
    kept: Path | None
    """Where the data of before is now."""


def restore_embedded(file: Path, contents: Contents, folder: Path, stamp: str, report: Report) -> Restored:
    """Raises BackupRefused or StorageUnavailable; then the old data is what it was."""
    with replacing(folder, stamp) as replacement:
        cluster = replacement.cluster
        migrated = _restore(file, contents, cluster.url, cluster.programs, (), report)
        report("putting it in place")
    return Restored(migrated, replacement.kept)


def restore_external(file: Path, contents: Contents, url: str, tools: Path, report: Report) -> Restored:
    """Into an empty database, in one transaction. Raises BackupRefused or StorageUnavailable."""
    check_is_empty(url)
    return Restored(_restore(file, contents, url, tools, ("--single-transaction",), report), None)


def check_is_empty(url: str) -> None:
    with plain_connection(url, sees_every_school=True) as connection:
        # Before anything is in it that the migrations would then leave alone.
        check_use(connection, url)
        found = connection.execute("SELECT FROM pg_tables WHERE schemaname = 'public' LIMIT 1").fetchone()
    if found is not None:
        raise BackupRefused(
            "The database is not empty, and an external one is never replaced. Make a new one (createdb), "
            "restore with DATABASE_URL naming that, and let the server use it: see docs/backup.md."
        )


def _restore(
    file: Path, contents: Contents, url: str, tools: Path, more: Sequence[str], report: Report
) -> Sequence[str]:
    report("restoring")
    target = target_of(url)
    try:
        words = (*_WORDS, *more, f"--dbname={target.words}", str(file))
        run_tool(tools, "pg_restore", *words, target=target, look=lambda: report("restoring"))
    except ToolFailed as failure:
        raise BackupRefused(f"{file} was not restored: {failure}") from None
    report("comparing")
    _compare(contents, url)
    report("bringing it up to date")
    return migrate_up(url)


def _compare(contents: Contents, url: str) -> None:
    """Each table has what the file said; and the planner gets to know them."""
    with plain_connection(url, sees_every_school=True) as connection:
        for table, rows in contents.rows.items():
            counted = connection.execute(SQL("SELECT count(*) FROM {}").format(Identifier(table))).fetchone()
            if counted != (rows,):
                raise BackupRefused(f"The table {table} should have {rows} rows, and has {counted}.")
        connection.execute("ANALYZE")
