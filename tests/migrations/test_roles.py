"""The two roles of roles.sql: what the server may do with the rows, and what it may not do with the tables."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege
from psycopg.sql import SQL, Identifier

from server.ports.results import StorageUnavailable
from server.storage.migrations import migrate_down, migrate_up, migration_status
from server.storage.rights import ROLES_SCRIPT, missing_rights, needless_rights, read_rights
from tests.support.postgres import as_role
from tests.support.rows import fill, tables_of
from tests.support.scenario import run_command, serving


def _run_script(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(ROLES_SCRIPT.read_bytes())


def test_the_script_gives_what_is_needed_and_no_more_however_often(database_url: str) -> None:
    fill(database_url)
    for _ in range(2):
        _run_script(database_url)
        rights = read_rights(as_role(database_url, "shiller_app"))
        assert rights.tables.keys() >= tables_of(database_url)
        assert (missing_rights(rights), needless_rights(rights)) == ([], [])
        assert not rights.is_owner
        owner = read_rights(as_role(database_url, "shiller_owner"))
        assert (missing_rights(owner), needless_rights(owner), owner.is_owner) == ([], [], True)


def test_two_databases_of_one_postgresql_are_settled_at_the_same_time(
    database_url: str, empty_database_url: str
) -> None:
    """The two roles are those of both; what one has not finished, the other neither waits for nor stumbles over."""
    _run_script(database_url)
    with psycopg.connect(database_url) as one:
        one.execute(ROLES_SCRIPT.read_bytes())
        with psycopg.connect(empty_database_url, options="-c lock_timeout=10s") as other:
            other.execute(ROLES_SCRIPT.read_bytes())


def test_what_the_roles_must_not_have_is_taken_from_them(database_url: str) -> None:
    """In one transaction that is undone: others have these roles, too."""
    with psycopg.connect(database_url) as connection:
        _run_script(database_url)
        connection.execute("ALTER ROLE shiller_app CREATEDB BYPASSRLS")
        connection.execute(ROLES_SCRIPT.read_bytes())
        row = connection.execute(
            "SELECT rolcreatedb OR rolbypassrls FROM pg_roles WHERE rolname = 'shiller_app'"
        ).fetchone()
        connection.rollback()
    assert row == (False,)


def test_the_application_cannot_rewrite_what_happened_nor_touch_a_table(database_url: str) -> None:
    fill(database_url)
    _run_script(database_url)
    for refused in (
        "UPDATE session_events SET text = 'otherwise'",
        "DELETE FROM session_events",
        "DELETE FROM sessions",
        "DELETE FROM audit",
        "UPDATE audit SET by_name = 'somebody else'",
        "TRUNCATE seats",
        "DROP TABLE annotations",
        "ALTER TABLE sessions DISABLE TRIGGER ALL",
        "CREATE TABLE mine ()",
        "CREATE TEMPORARY TABLE mine ()",
        "DELETE FROM _yoyo_migration",
        "SET ROLE shiller_owner",
    ):
        with (
            psycopg.connect(as_role(database_url, "shiller_app")) as connection,
            pytest.raises(InsufficientPrivilege),
        ):
            connection.execute(refused.encode())


def test_the_owner_migrates_and_the_application_looks(empty_database_url: str) -> None:
    _run_script(empty_database_url)
    app, owner = (as_role(empty_database_url, role) for role in ("shiller_app", "shiller_owner"))
    assert not any(each.is_applied for each in migration_status(app))
    with pytest.raises(StorageUnavailable, match="shiller_app may make no tables"):
        migrate_up(app)
    migrate_up(owner)
    # Usable at once; the script takes away what is needless of it.
    rights = read_rights(app)
    assert missing_rights(rights) == []
    assert "DELETE on sessions" in needless_rights(rights)
    _run_script(empty_database_url)
    assert needless_rights(read_rights(app)) == []
    assert all(each.is_applied for each in migration_status(app))
    migrate_down(owner)
    migrate_up(owner)


def test_the_server_runs_as_the_application_and_the_doctor_looks(database_url: str, tmp_path: Path) -> None:
    _run_script(database_url)
    app = as_role(database_url, "shiller_app")
    with serving(tmp_path / "server", DATABASE_URL=app, SEED_DEMO="true") as server:
        assert server.url

    def doctor(url: str) -> tuple[int, str]:
        ran = run_command("doctor", folder=tmp_path, DATABASE_URL=url, PORT="0")
        return ran.returncode, ran.stdout

    assert "has what it needs and no more" in doctor(app)[1]
    code, told = doctor(database_url)
    assert code == 0
    assert "is held by no wall" in told
    code, told = doctor(as_role(database_url, "shiller_owner"))
    assert code == 0
    assert "one role, shiller_owner" in told
    with psycopg.connect(database_url) as connection:
        connection.execute(SQL("REVOKE INSERT ON {} FROM shiller_app").format(Identifier("seats")))
        connection.execute(SQL("GRANT DELETE ON {} TO shiller_app").format(Identifier("audit")))
    code, told = doctor(app)
    assert code == 1
    assert "lacks INSERT on seats" in told
