"""What is in a backup: read from its first byte to its last, so that a file that is cut or spoilt is known as one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from server.storage.backups.seal import check_seal
from server.storage.backups.tools import BackupRefused, ToolFailed, reading_tool
from server.storage.migrations import known_migrations

_MIGRATIONS = "_yoyo_migration"
_COPY = re.compile(rb'COPY "?public"?\."?(\w+)"? \((.*)\) FROM stdin;\n')
_SERVER = re.compile(rb"-- Dumped from database version (\S+)")
_CREATED = re.compile(r"^;\s+Archive created at (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) UTC", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Contents:
    taken_at: str
    """In UTC, to the second; it is when the dump began, and what it shows is of that moment."""
    server: str
    """The version of the PostgreSQL that it was taken from."""
    migrations: Collection[str]
    rows: Mapping[str, int]
    """How many each table has; yoyo's own apart."""

    @property
    def newest_migration(self) -> str:
        return max(self.migrations)


def read_contents(file: Path, tools: Path) -> Contents:
    """Raises BackupRefused."""
    check_seal(file)
    try:
        taken_at = _taken_at(file, tools)
        return _read(file, tools, taken_at)
    except ToolFailed as failure:
        raise BackupRefused(f"{file} is no whole backup: {failure}") from None


def missing_migrations(contents: Contents) -> list[str]:
    """Those that this version will apply. Raises BackupRefused if the backup is of a newer one."""
    known = known_migrations()
    if newer := sorted(set(contents.migrations) - set(known)):
        raise BackupRefused(
            f"This backup is of a newer Shiller, whose migrations are unknown here ({', '.join(newer)}). "
            "Update Shiller, then restore."
        )
    return [migration for migration in known if migration not in contents.migrations]


def _taken_at(file: Path, tools: Path) -> str:
    with reading_tool(tools, "pg_restore", "--list", str(file)) as printed:
        found = _CREATED.search(printed.read().decode(errors="replace"))
    return "" if found is None else f"{found[1]}T{found[2]}.000Z"


def _read(file: Path, tools: Path, taken_at: str) -> Contents:
    rows: Counter[str] = Counter()
    migrations: list[str] = []
    server, table, place = "", None, -1
    with reading_tool(tools, "pg_restore", "--schema=public", "--file=-", str(file)) as printed:
        for line in printed:
            if table is not None:
                if line == b"\\.\n":
                    table = None
                    continue
                rows[table] += 1
                if table == _MIGRATIONS:
                    migrations.append(line.rstrip(b"\n").split(b"\t")[place].decode())
            elif begun := _COPY.match(line):
                table = begun[1].decode()
                rows[table] += 0
                place = begun[2].split(b", ").index(b"migration_id") if table == _MIGRATIONS else -1
            elif not server and (said := _SERVER.match(line)):
                server = said[1].decode()
    if not migrations:
        raise BackupRefused(f"{file} holds no database of Shiller.")
    return Contents(taken_at, server, migrations, {name: rows[name] for name in sorted(rows) if "yoyo" not in name})
