"""One PostgreSQL for the whole run, and a fresh, migrated database in it for every server that is measured."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import psycopg
from psycopg.sql import SQL, Identifier

from bench.usage import name_of, parent_of, tree_cpu_seconds
from server import clock
from server.domain.limits import ADULT_LIMITS, limits_as_json
from server.domain.vitals import START_VALUES
from server.storage.embedded import EmbeddedPostgres
from server.storage.migrations import migrate_up

_ADD_TRAINER = """
INSERT INTO trainers (id, school_id, email, password_hash, name, role, sync_version, first_version)
VALUES (%s, %s, %s, '-', 'Bench', 'admin', 1, 1)
"""
_ADD_SESSION = """
INSERT INTO sessions
    (id, school_id, trainer_id, code, title, expires_at, last_values, limits, sync_version, first_version)
VALUES (%(id)s, %(school)s, %(trainer)s, %(code)s, 'Bench', %(expires_at)s, %(values)s, %(limits)s,
        %(version)s, %(version)s)
"""


class Postgres:
    """Where it is, as somebody who may create databases, and the template that each database is copied from."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._template = self._create("template0")
        migrate_up(self.url_of(self._template))
        with closing(psycopg.connect(url)) as connection:
            self._pid = _postmaster(connection.info.backend_pid)
            self.version = connection.info.parameter_status("server_version") or "?"

    def url_of(self, name: str) -> str:
        return urlsplit(self._url)._replace(path=f"/{name}").geturl()

    @contextmanager
    def database(self, *, is_empty: bool = False) -> Iterator[str]:
        """The URL of a new, migrated database, dropped at the end; of an empty one, for whoever migrates by itself."""
        name = self._create("template0" if is_empty else self._template)
        try:
            yield self.url_of(name)
        finally:
            self._drop(name)

    def cpu_seconds(self) -> float:
        return 0.0 if self._pid is None else tree_cpu_seconds(self._pid)

    def close(self) -> None:
        self._drop(self._template)

    def _create(self, template: str) -> str:
        name = f"shiller_bench_{uuid4().hex}"
        with closing(psycopg.connect(self._url, autocommit=True)) as connection:
            connection.execute(SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name), Identifier(template)))
        return name

    def _drop(self, name: str) -> None:
        with closing(psycopg.connect(self._url, autocommit=True)) as connection:
            connection.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))


@contextmanager
def running_postgres(folder: Path) -> Iterator[Postgres]:
    """DATABASE_URL's, or an embedded one in `folder`, which is as durable as it comes: nothing is turned off."""
    url = os.environ.get("DATABASE_URL")
    embedded = None
    if not url:
        # Run as root, PostgreSQL has a user of its own, who has to pass.
        folder.chmod(0o711)
        embedded = EmbeddedPostgres.start(folder / "postgres")
        url = embedded.url
    try:
        postgres = Postgres(url)
        try:
            yield postgres
        finally:
            postgres.close()
    finally:
        if embedded is not None:
            embedded.stop()


def _postmaster(backend: int) -> int | None:
    """None for a server on another machine: its CPU is not seen from here."""
    return parent_of(backend) if name_of(backend) == "postgres" else None


def seed_sessions(url: str, count: int) -> list[tuple[str, str]]:
    """Open sessions in Shiller's own tables, for servers that have no way to open one; their ids and codes."""
    school, trainer = uuid4(), uuid4()
    sessions = [(uuid4(), f"{number:06}") for number in range(count)]
    expires_at = clock.now() + timedelta(hours=4)
    values, limits = json.dumps(START_VALUES.as_json()), json.dumps(limits_as_json(ADULT_LIMITS))

    def row(version: int, id_: UUID, code: str) -> dict[str, object]:
        return {
            "id": id_,
            "school": school,
            "trainer": trainer,
            "code": code,
            "expires_at": expires_at,
            "values": values,
            "limits": limits,
            "version": version,
        }

    with closing(psycopg.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO schools (id, name) VALUES (%s, 'Bench')", (school,))
        cursor.execute(_ADD_TRAINER, (trainer, school, f"{trainer}@bench.invalid"))
        cursor.executemany(_ADD_SESSION, [row(version, *session) for version, session in enumerate(sessions, 2)])
        connection.commit()
    return [(str(id_), code) for id_, code in sessions]
