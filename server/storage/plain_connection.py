"""Connections of psycopg, for what is done before a server runs or beside it; and what Shiller needs of a database."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from server.database_address import place_of
from server.ports.results import StorageUnavailable

# A host that is switched off answers nothing at all, and the next may be up.
CONNECT_TIMEOUT_SECONDS = 5
OLDEST_VERSION = 15
# A pooler that hands connections round gives away in one of a few turns that it does.
_TURNS = 10
# What a function in a FROM gives is kept whole: beyond the memory that it may take, in a file beside the tables, which
# goes at once. Every role may do that, it is no change, and a full disk refuses it.
LITTLE_MEMORY = "work_mem = '64kB'"
MORE_THAN_THAT = "SELECT count(*) FROM generate_series(1, 10000)"
_BACKEND = "SELECT pg_backend_pid()"
_LOOK = """
SELECT current_setting('server_version'), current_setting('server_version_num')::int / 10000,
       current_setting('server_encoding'), current_setting('transaction_read_only') = 'on', pg_backend_pid()
"""


@dataclass(frozen=True, slots=True)
class FoundDatabase:
    """What a database is."""

    version: str
    major: int
    encoding: str
    is_read_only: bool
    is_pooled: bool
    """A pooler stands before it."""


@contextmanager
def plain_connection(url: str, *, sees_every_school: bool = False) -> Generator[psycopg.Connection]:
    """One in autocommit. Whatever the database refuses, also later on, is StorageUnavailable in its own words."""
    try:
        connection = _connect(url)
    except psycopg.Error as error:
        raise StorageUnavailable(f"The database {place_of(url)} cannot be reached: {words_of(error)}") from error
    try:
        with connection:
            if sees_every_school:
                see_every_school(connection)
            yield connection
    except psycopg.Error as error:
        raise StorageUnavailable(words_of(error)) from error


def every_school_connection(url: str) -> psycopg.Connection:
    """For yoyo, which closes it. Raises psycopg.Error."""
    connection = _connect(url)
    see_every_school(connection)
    return connection


def see_every_school(connection: psycopg.Connection) -> None:
    """The walls between schools are open to it, as far as a role may see (migration 0009_walls). Said by a statement:
    a pooler lets nobody in who says a word that it does not know.
    """
    connection.execute("SET shiller.school = 'every'")


def words_of(error: psycopg.Error) -> str:
    """In one line."""
    return " ".join((error.diag.message_primary or str(error)).split()) or type(error).__name__


def look_at(connection: psycopg.Connection) -> FoundDatabase:
    row = connection.execute(_LOOK).fetchone()
    assert row is not None  # noqa: S101 - of a SELECT without FROM there is one
    version, major, encoding, is_read_only, backend = row
    # A pooler gives everybody who logs in a number of its own making.
    return FoundDatabase(version, major, encoding, is_read_only, backend != connection.info.backend_pid)


def check_use(connection: psycopg.Connection, url: str) -> FoundDatabase:
    """Raises StorageUnavailable with what to do where Shiller cannot run on it, ever."""
    found = look_at(connection)
    if found.major < OLDEST_VERSION:
        raise StorageUnavailable(f"PostgreSQL {found.version} is too old; {OLDEST_VERSION} or later is needed.")
    if found.encoding != "UTF8":
        raise StorageUnavailable(
            f"The database is in {found.encoding}, and names in all languages need UTF8. Make a new one for Shiller: "
            "createdb --template=template0 --encoding=UTF8 --locale=C.UTF-8 NAME"
        )
    if found.is_pooled and _changes_connections(connection, url):
        raise StorageUnavailable(
            "A pooler stands before the database and gives each transaction another connection (PgBouncer: "
            "pool_mode=transaction or statement); the walls between schools need one that stays. Set pool_mode=session "
            "for this database, or have DATABASE_URL name PostgreSQL itself."
        )
    return found


def check_room(connection: psycopg.Connection) -> None:
    """Raises psycopg.Error where the disk of the database is full."""
    with connection.transaction():
        connection.execute(f"SET LOCAL {LITTLE_MEMORY}")
        connection.execute(MORE_THAN_THAT)


def _changes_connections(connection: psycopg.Connection, url: str) -> bool:
    """Whether two of us are ever given the same one, or one of us another than before."""
    own = _backend_of(connection)
    with _connect(url) as second:
        other = _backend_of(second)
        pairs = [(_backend_of(connection), _backend_of(second)) for _ in range(_TURNS)]
    return own == other or any(pair != (own, other) for pair in pairs)


def _backend_of(connection: psycopg.Connection) -> object:
    row = connection.execute(_BACKEND).fetchone()
    return None if row is None else row[0]


def _connect(url: str) -> psycopg.Connection:
    has_timeout = "connect_timeout" in conninfo_to_dict(url) or os.environ.get("PGCONNECT_TIMEOUT")
    patience: dict[str, Any] = {} if has_timeout else {"connect_timeout": CONNECT_TIMEOUT_SECONDS}
    # In its own encoding psycopg would read a database of SQL_ASCII as bytes, before anybody could say that it is one.
    # It prepares what is asked again and again, and behind a pooler the next connection would not have it.
    return psycopg.connect(url, autocommit=True, client_encoding="utf8", prepare_threshold=None, **patience)
