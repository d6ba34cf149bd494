"""What the role of DATABASE_URL may do, beside what the server needs: `roles.sql` gives that and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from server.storage.migrations import turn
from server.storage.plain_connection import plain_connection

APP_ROLE = "shiller_app"
ROLES_SCRIPT = Path(__file__).with_name("roles.sql")

_READ = frozenset({"SELECT"})
_ADD = _READ | {"INSERT"}
_EDIT = _ADD | {"UPDATE"}
_FORGET = _ADD | {"DELETE"}

# What is not named is edited: what is deleted there is deleted by a mark.
NEEDED: Mapping[str, frozenset[str]] = {
    # What happened stays as it was written.
    "session_events": _ADD,
    "session_cases": _ADD,
    "audit": _ADD,
    # What is forgotten after a while, or at once.
    "trainer_tokens": _FORGET,
    "sync_inbox": _FORGET,
    "sync_clients": _FORGET | _EDIT,
    "sync_log": _FORGET | _EDIT,
}

_ROLE = """
SELECT current_user, rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls,
       has_schema_privilege('public', 'CREATE') OR has_database_privilege(current_database(), 'CREATE'),
       EXISTS (SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
               AND pg_has_role(relowner, 'USAGE')),
       coalesce(row_security_active(to_regclass('sessions')::oid), true)
FROM pg_roles WHERE rolname = current_user
"""
_ATTRIBUTES = ("SUPERUSER", "CREATEDB", "CREATEROLE", "REPLICATION", "BYPASSRLS")
_TABLES = """
SELECT relname, array(
    SELECT verb FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS verb
    WHERE has_table_privilege(pg_class.oid, verb)
) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname
"""


@dataclass(frozen=True, slots=True)
class Rights:
    role: str
    attributes: frozenset[str]
    """Those that make a role mighty everywhere."""
    makes_tables: bool
    is_owner: bool
    tables: Mapping[str, frozenset[str]]
    is_walled: bool
    """Whether the walls between schools hold for it; they hold for no superuser."""


def read_rights(url: str) -> Rights:
    """Raises StorageUnavailable."""
    with plain_connection(url) as connection:
        found = connection.execute(_ROLE).fetchone()
        tables = connection.execute(_TABLES).fetchall()
    assert found is not None  # noqa: S101 - there is a role that asks
    role, *flags, makes_tables, is_owner, is_walled = found
    attributes = frozenset(name for name, has in zip(_ATTRIBUTES, flags, strict=True) if has)
    by_table = {name: frozenset(verbs) for name, verbs in tables}
    return Rights(role, attributes, makes_tables, is_owner, by_table, is_walled)


def settle_roles(url: str) -> str:
    """The address of the server's role, with what it needs; `url` is that of a superuser whom no password is asked.

    Raises StorageUnavailable.
    """
    app = urlsplit(url)._replace(netloc=f"{APP_ROLE}:@{urlsplit(url).netloc.rpartition('@')[2]}").geturl()
    with turn(url) as connection:
        is_there = connection.execute("SELECT FROM pg_roles WHERE rolname = %s", (APP_ROLE,)).fetchone()
        rights = read_rights(app) if is_there is not None else None
        if rights is None or missing_rights(rights) or needless_rights(rights):
            with connection.transaction():
                connection.execute(ROLES_SCRIPT.read_bytes())
    return app


def missing_rights(rights: Rights) -> Sequence[str]:
    """Without these something will fail."""
    return [f"{verb} on {table}" for table, verbs in rights.tables.items() for verb in sorted(_needed(table) - verbs)]


def needless_rights(rights: Rights) -> Sequence[str]:
    """A role that owns the tables can do anything with them, so only what reaches beyond them is named."""
    needless = [f"the attribute {name}" for name in sorted(rights.attributes)]
    if rights.is_owner:
        return needless
    if rights.makes_tables:
        needless.append("CREATE")
    for table, verbs in rights.tables.items():
        needless += [f"{verb} on {table}" for verb in sorted(verbs - _needed(table))]
    return needless


def _needed(table: str) -> frozenset[str]:
    return _READ if "yoyo" in table else NEEDED.get(table, _EDIT)
