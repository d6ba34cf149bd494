"""The walls between schools, table by table as the catalogue has them: who forgets its school gets nothing."""

from __future__ import annotations

from collections.abc import Generator, Sequence

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege, IntegrityConstraintViolation
from psycopg.sql import SQL, Composed, Identifier

from server.storage.rights import ROLES_SCRIPT
from server.storage.walls import for_every_school
from tests.support.postgres import as_role
from tests.support.rows import ROWS, fill

# What a table of ours must have to belong to somebody; the rest is the server's own.
_OWNED = """
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname NOT LIKE '%yoyo%'
  AND (relname = 'schools' OR EXISTS (
      SELECT FROM pg_attribute
      WHERE attrelid = pg_class.oid AND attname IN ('school_id', 'session_id', 'trainer_id') AND NOT attisdropped))
ORDER BY relname
"""
_WALLED = """
SELECT relname FROM pg_class JOIN pg_policy ON polrelid = pg_class.oid AND polname = 'wall'
WHERE relrowsecurity AND relforcerowsecurity ORDER BY relname
"""
# Of no school: keys that all processes share.
_SERVERS_OWN = {"server_keys"}
_TEMPLATES = """
INSERT INTO session_templates (id, school_id, content, sync_version, first_version, written)
SELECT gen_random_uuid(), %(school)s, jsonb_build_object('title', repeat('x', 1000)), n, n, '{}'
FROM generate_series(1000, 6000) AS n
"""
_PAGE = """
SELECT content FROM session_templates WHERE school_id = %(school)s AND sync_version > 0 ORDER BY sync_version LIMIT 201
"""
_ANOTHER = "99999999-9999-4999-8999-999999999999"
_SCHOOL = "11111111-1111-4111-8111-111111111111"


@pytest.fixture(params=["shiller_app", "shiller_owner"])
def url(request: pytest.FixtureRequest, database_url: str) -> str:
    """As the server's role, and as one that owns the tables, as a single role does; a row is in every table."""
    fill(database_url)
    with psycopg.connect(database_url) as connection:
        connection.execute(ROLES_SCRIPT.read_bytes())
    return as_role(database_url, request.param)


@pytest.fixture
def connection(url: str) -> Generator[psycopg.Connection]:
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def _walled(connection: psycopg.Connection) -> Sequence[str]:
    return [name for (name,) in connection.execute(_WALLED)]


def _count(connection: psycopg.Connection, table: str) -> int:
    counted = connection.execute(SQL("SELECT count(*) FROM {}").format(Identifier(table))).fetchone()
    assert counted is not None
    return counted[0]


def _touched(connection: psycopg.Connection, statement: Composed) -> int:
    """How many rows; none either where the role may not even ask, or where no row is ever deleted."""
    try:
        return connection.execute(statement).rowcount
    except (InsufficientPrivilege, IntegrityConstraintViolation):
        return 0


def test_every_table_that_belongs_to_a_school_has_its_wall(connection: psycopg.Connection) -> None:
    """A new one gets it by `CALL raise_wall('its name')` in the migration that makes it."""
    owned = [name for (name,) in connection.execute(_OWNED)]
    assert _walled(connection) == owned
    assert set(ROWS) - set(owned) == _SERVERS_OWN, "whose is a row of these?"


@pytest.mark.parametrize("school", [None, "", _ANOTHER, "no school"])
def test_a_forgotten_or_foreign_school_reads_and_writes_nothing(
    connection: psycopg.Connection, school: str | None
) -> None:
    if school is not None:
        connection.execute("SELECT set_config('shiller.school', %s, false)", (school,))
    for table in _walled(connection):
        name = Identifier(table)
        assert _count(connection, table) == 0, table
        columns = connection.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 LIMIT 1", (table,)
        ).fetchone()
        assert columns is not None
        update = SQL("UPDATE {} SET {column} = {column}").format(name, column=Identifier(columns[0]))
        assert _touched(connection, update) == 0, table
        assert _touched(connection, SQL("DELETE FROM {}").format(name)) == 0, table
        with pytest.raises(InsufficientPrivilege, match="row-level security"):
            connection.execute(f"INSERT INTO {table} {ROWS[table]}".encode())


def test_a_school_sees_its_own_and_who_works_for_all_sees_all(connection: psycopg.Connection, url: str) -> None:
    connection.execute("SELECT set_config('shiller.school', %s, false)", (_SCHOOL,))
    with psycopg.connect(for_every_school(url)) as everywhere:
        for table in _walled(connection):
            assert _count(connection, table) == 1, table
            assert _count(everywhere, table) == 1, table


def test_what_is_not_of_ones_own_school_cannot_be_given_to_it_nor_away(connection: psycopg.Connection) -> None:
    connection.execute("SELECT set_config('shiller.school', %s, false)", (_SCHOOL,))
    with pytest.raises(InsufficientPrivilege, match="row-level security"):
        connection.execute("UPDATE annotations SET school_id = %s", (_ANOTHER,))


def test_a_wall_is_refused_where_nothing_says_whose_the_rows_are(database_url: str) -> None:
    with psycopg.connect(database_url) as connection, pytest.raises(psycopg.errors.RaiseException, match="says whose"):
        connection.execute("CALL raise_wall('server_keys')")


def test_a_page_is_taken_in_the_order_of_its_index(connection: psycopg.Connection, database_url: str) -> None:
    """Not sorted out of all that a school has, as where the planner expects one row in a hundred behind a wall."""
    connection.execute("SELECT set_config('shiller.school', %s, false)", (_SCHOOL,))
    connection.execute(_TEMPLATES, {"school": _SCHOOL})
    with psycopg.connect(database_url) as owner:
        owner.execute("ANALYZE session_templates")
    plan = connection.execute(f"EXPLAIN {_PAGE}", {"school": _SCHOOL}).fetchall()
    assert not any("Sort" in line for (line,) in plan), plan
