"""One PostgreSQL for the whole test run, and fresh databases in it, copied from a migrated template."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
from psycopg.sql import SQL, Identifier

from server.storage.embedded import EmbeddedPostgres
from server.storage.embedded.cluster import SUPERUSER
from server.storage.migrations import migrate_up
from server.storage.rights import APP_ROLE, settle_roles

# Nothing here has to survive a crash of the machine, and nobody waits for a disk.
_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
# Several servers of each worker at once, each with a pool: PostgreSQL's own 100 are too few now and then.
_ROOMY = {"max_connections": "300"}

# Nobody else does.
_VACUUMED_EVERY = 25

# Any constant will do: it lets one worker at a time copy the template.
_COPYING = 5_204_118


def as_server(url: str) -> str:
    """Of the run's own PostgreSQL, which asks for no password; in another one the role is as it is given."""
    return as_role(url, APP_ROLE) if urlsplit(url).netloc == f"{SUPERUSER}:@" else url


def as_superuser(url: str) -> str:
    """Who may do what a server may not, as somebody does at night in psql."""
    return as_role(url, SUPERUSER) if urlsplit(url).netloc == f"{APP_ROLE}:@" else url


def as_role(url: str, role: str) -> str:
    """Where nobody asks for its password."""
    parts = urlsplit(url)
    return parts._replace(netloc=f"{role}:@{parts.netloc.rpartition('@')[2]}").geturl()


@dataclass(frozen=True)
class DatabaseServer:
    """Where the run's PostgreSQL is (as somebody who may create databases), and its migrated template."""

    url: str
    template: str

    def url_of(self, database: str) -> str:
        return urlsplit(self.url)._replace(path=f"/{database}").geturl()

    def server_url_of(self, database: str) -> str:
        """As a server connects to it: where we may ask as the server's own role, for which the walls hold."""
        return as_server(self.url_of(database))

    def create_database(self, template: str = "template0") -> str:
        """The name of a new database."""
        name = f"shiller_test_{uuid4().hex}"
        with closing(psycopg.connect(self.url, autocommit=True)) as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", (_COPYING,))
            connection.execute(
                # Copying files is four times as fast as the default where fsync is off.
                SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(Identifier(name), Identifier(template))
            )
        return name

    def drop_database(self, name: str) -> None:
        with closing(psycopg.connect(self.url, autocommit=True)) as connection:
            connection.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))


class ReusedDatabase:
    """A database for one test after the other, each of which leaves nothing in it but rows and finds it as it was made.

    Emptying it costs a twentieth of making one anew.
    """

    def __init__(self, server: DatabaseServer) -> None:
        self._server = server
        self._name = server.create_database(server.template)
        self.url = server.url_of(self._name)
        self._clears = 0
        with closing(psycopg.connect(self.url, autocommit=True)) as connection:
            names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
            self._tables = [Identifier(name) for (name,) in names]
            self._rows = [(table, rows) for table in self._tables if (rows := _copied(connection, table))]
            self._places = connection.execute("SELECT sequencename, last_value FROM pg_sequences").fetchall()

    def clear(self) -> None:
        with closing(psycopg.connect(self.url, autocommit=True)) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            with connection.transaction():
                # No trigger runs: what a server may not do is done here, and nothing is written down of it.
                connection.execute("SET LOCAL session_replication_role = replica")
                connection.execute(SQL("; ").join(SQL("DELETE FROM {}").format(table) for table in self._tables))
                for table, rows in self._rows:
                    with connection.cursor().copy(SQL("COPY {} FROM STDIN").format(table)) as copy:
                        copy.write(rows)
                for name, last in self._places:
                    connection.execute("SELECT setval(%s::regclass, %s, %s)", (name, last or 1, last is not None))
            self._clears += 1
            if self._clears % _VACUUMED_EVERY == 0:
                connection.execute("VACUUM")

    def drop(self) -> None:
        self._server.drop_database(self._name)


def _copied(connection: psycopg.Connection, table: Identifier) -> bytes:
    with connection.cursor().copy(SQL("COPY {} TO STDOUT").format(table)) as copy:
        return b"".join(bytes(rows) for rows in copy)


class DatabaseServerOfTheRun:
    """Made by the process that the user started, at the first wish; the workers are told where it is."""

    def __init__(self, given_url: str | None) -> None:
        self._given_url = given_url
        self._embedded: EmbeddedPostgres | None = None
        self._server: DatabaseServer | None = None

    def get(self) -> DatabaseServer:
        if self._server is None:
            bare = DatabaseServer(self._given_url or self._start(), template="template0")
            template = bare.create_database()
            migrate_up(bare.url_of(template))
            if as_server(bare.url) != bare.url:
                settle_roles(bare.url_of(template))
            self._server = DatabaseServer(bare.url, template)
        return self._server

    def stop(self) -> None:
        if self._server is not None:
            self._server.drop_database(self._server.template)
        if self._embedded is not None:
            self._embedded.stop()

    def _start(self) -> str:
        folder = Path(tempfile.mkdtemp(prefix="shiller-tests-"))
        folder.chmod(0o711)
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        self._embedded = EmbeddedPostgres.start(folder / "postgres")
        with closing(psycopg.connect(self._embedded.url, autocommit=True)) as connection:
            for name, value in {**_FAST, **_ROOMY}.items():
                connection.execute(SQL("ALTER SYSTEM SET {} = {}").format(Identifier(name), value))
        # How many connections there may be is read at the start alone.
        self._embedded.stop()
        self._embedded = EmbeddedPostgres.start(folder / "postgres")
        return self._embedded.url
