"""Databases that Shiller cannot run on, or only nearly: each is told in a sentence, by the start and by the doctor."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL, Identifier

from server import __version__
from server.commands import database_checks
from server.config import read_config
from server.ports.results import StorageUnavailable
from server.storage.migrations import known_migrations, migrate_down, migrate_up, migration_status
from server.storage.opening import open_database
from server.storage.postgres import PostgresStorage
from server.storage.postgres.database import CONNECTION_SETTINGS, Database
from tests.support.houses import furnish
from tests.support.pooler import pooler
from tests.support.postgres import DatabaseServer, as_role, as_server


async def _told(url: str) -> str:
    """What the start and the doctor say, which is the same."""
    with pytest.raises(StorageUnavailable) as refused:
        async with open_database(database_url=url, data_dir=Path("nowhere")):
            pass
    with pytest.raises(database_checks.Trouble) as trouble:
        await database_checks.check_storage(read_config({"DATABASE_URL": url}))
    assert str(trouble.value) == str(refused.value)
    return str(refused.value)


@pytest.fixture(params=["SQL_ASCII", "LATIN1"])
def encoded(request: pytest.FixtureRequest, database_server: DatabaseServer) -> Generator[tuple[str, str]]:
    """An encoding, and the address of an empty database in it."""
    name = f"shiller_test_{uuid4().hex}"
    with closing(psycopg.connect(database_server.url, autocommit=True)) as connection:
        connection.execute(
            SQL(
                "CREATE DATABASE {} TEMPLATE template0 ENCODING {} LOCALE_PROVIDER libc LC_COLLATE 'C' LC_CTYPE 'C'"
            ).format(Identifier(name), request.param)
        )
    yield request.param, database_server.url_of(name)
    database_server.drop_database(name)


async def test_another_encoding_than_utf8_is_refused_by_its_name(encoded: tuple[str, str]) -> None:
    encoding, url = encoded
    told = await _told(url)
    assert f"is in {encoding}" in told
    assert "--encoding=UTF8" in told
    with closing(psycopg.connect(url, client_encoding="utf8")) as connection:
        assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)


async def test_a_role_that_may_make_no_tables_is_told_how(empty_database_url: str, database_url: str) -> None:
    role = f"shiller_test_{uuid4().hex[:12]}"
    with closing(psycopg.connect(empty_database_url, autocommit=True)) as connection:
        connection.execute(SQL("CREATE ROLE {} LOGIN").format(Identifier(role)))
        try:
            told = await _told(as_role(empty_database_url, role))
            assert f"{role} may make no tables" in told
            assert f"GRANT CREATE ON SCHEMA public TO {role}" in told
            # With a schema of its own before public, it would make them where no backup looks.
            connection.execute(SQL("CREATE SCHEMA {name} AUTHORIZATION {name}").format(name=Identifier(role)))
            connection.execute(SQL("GRANT CREATE ON SCHEMA public TO {}").format(Identifier(role)))
            assert f"ALTER ROLE {role} SET search_path" in await _told(as_role(empty_database_url, role))
        finally:
            connection.execute(SQL("DROP OWNED BY {name}").format(name=Identifier(role)))
            connection.execute(SQL("DROP ROLE {}").format(Identifier(role)))


async def test_an_older_program_leaves_a_newer_database_alone(database_url: str) -> None:
    newer = "9999_from_tomorrow"
    with closing(psycopg.connect(database_url, autocommit=True)) as connection:
        connection.execute(
            "INSERT INTO _yoyo_migration (migration_hash, migration_id, applied_at_utc) VALUES ('x', %s, now())",
            (newer,),
        )
    assert f"newer Shiller than this one, {__version__}: it has {newer}" in await _told(database_url)
    for change in (migrate_up, migrate_down):
        with pytest.raises(StorageUnavailable, match=newer):
            change(database_url)
    statuses = migration_status(database_url)
    assert [each.id for each in statuses] == [*known_migrations(), newer]
    assert [each.is_known for each in statuses] == [True] * len(known_migrations()) + [False]


async def test_what_is_empty_is_filled_by_no_command(empty_database_url: str, tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable, match="is empty"):
        async with open_database(database_url=empty_database_url, data_dir=tmp_path, may_make=False):
            pass
    assert not any(each.is_applied for each in migration_status(empty_database_url))


async def test_an_address_may_have_all_that_others_put_into_it(empty_database_url: str) -> None:
    """A folder of sockets, two hosts of which one is gone, and words that asyncpg does not know."""
    words = {name: str(value) for name, value in conninfo_to_dict(empty_database_url).items()}
    places = ",".join(quote(place, safe="") for place in ("/nowhere", words["host"]))
    url = read_config(
        {
            "DATABASE_URL": f"postgres://{words['user']}:p@s#s@{places}/{words['dbname']}?port={words['port']}"
            "&connect_timeout=3&channel_binding=prefer&keepalives=1&keepalives_idle=30&target_session_attrs=read-write"
        }
    ).database_url
    assert url is not None
    assert migrate_up(url)
    storage = await PostgresStorage.open(url)
    try:
        await storage.ping()
        await furnish(storage)
    finally:
        await storage.close()
    assert "schema up to date" in await database_checks.check_storage(read_config({"DATABASE_URL": url}))


async def test_a_column_that_is_added_meanwhile_is_no_bug(database_url: str) -> None:
    """What the driver has planned is not run any more: at most it is «not now», once."""
    database = await Database.open(database_url, CONNECTION_SETTINGS)
    look = "SELECT * FROM schools"
    try:
        await database.every_school.fetch(look)
        with closing(psycopg.connect(database_url, autocommit=True)) as connection:
            connection.execute("ALTER TABLE schools ADD COLUMN added_meanwhile text")
        with pytest.raises(StorageUnavailable):
            async with database.every_school.transaction() as change:
                await change.fetch(look)
        async with database.every_school.transaction() as change:
            await change.fetch(look)
        with closing(psycopg.connect(database_url, autocommit=True)) as connection:
            connection.execute("ALTER TABLE schools ADD COLUMN and_another text")
        await database.every_school.fetch(look)
    finally:
        await database.close()


async def test_a_pooler_that_keeps_to_its_sessions_works_and_the_walls_hold(database_url: str, tmp_path: Path) -> None:
    with pooler(as_server(database_url), "session") as url:
        assert "behind a pooler" in await database_checks.check_storage(read_config({"DATABASE_URL": url}))
        storage = await PostgresStorage.open(url)
        database = await Database.open(url, CONNECTION_SETTINGS)
        try:
            houses = [await furnish(storage, name) for name in ("One", "Two")]

            async def seen(turn: int) -> object:
                return await database.of(houses[turn % 2].school.id).fetchval("SELECT name FROM schools")

            assert await asyncio.gather(*map(seen, range(40))) == ["One", "Two"] * 20
            assert await database.every_school.fetchval("SELECT count(*) FROM schools") == 2
        finally:
            await database.close()
            await storage.close()


async def test_a_pooler_that_gives_each_transaction_another_connection_is_refused(database_url: str) -> None:
    """On one of those, a school would see another's rows."""
    with pooler(as_server(database_url), "transaction") as url:
        assert "Set pool_mode=session" in await _told(url)
