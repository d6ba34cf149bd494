"""The schema forward and back, with data in it, by one and by many, and after a crash."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Generator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass

import psycopg
import pytest

from server.ports.results import StorageUnavailable
from server.storage.migrations import migrate_down, migrate_up, migration_status, migrations_folder
from server.storage.postgres import PostgresStorage
from tests.support.houses import furnish
from tests.support.postgres import DatabaseServer
from tests.support.rows import ROWS, contents, fill, schema, tables_of

ALL = sorted(path.stem for path in migrations_folder().glob("*.sql") if not path.stem.endswith(".rollback"))


def _applied(url: str) -> list[str]:
    return [migration.id for migration in migration_status(url) if migration.is_applied]


def test_every_migration_has_a_way_back_and_names_what_it_stands_on() -> None:
    assert ALL, "no migrations were found: the tests below would prove nothing"
    for name, before in zip(ALL, [None, *ALL], strict=False):
        assert (migrations_folder() / f"{name}.rollback.sql").is_file()
        lines = (migrations_folder() / f"{name}.sql").read_text(encoding="utf-8").splitlines()
        assert f"-- depends: {before or ''}".rstrip() in [line.rstrip() for line in lines]


def test_up_applies_what_is_missing_once(empty_database_url: str) -> None:
    url = empty_database_url
    assert [(each.id, each.is_applied) for each in migration_status(url)] == [(name, False) for name in ALL]
    assert tables_of(url) == set()
    assert migrate_up(url) == ALL
    assert [(each.id, each.is_applied) for each in migration_status(url)] == [(name, True) for name in ALL]
    assert tables_of(url) == set(ROWS)
    assert migrate_up(url) == []


def test_down_to_nothing_leaves_nothing_although_there_is_data(empty_database_url: str) -> None:
    url = empty_database_url
    nothing = schema(url)
    migrate_up(url)
    first = schema(url)
    fill(url)
    assert migrate_down(url, to_nothing=True) == ALL[::-1]
    assert schema(url) == nothing
    assert not any(each.is_applied for each in migration_status(url))
    assert migrate_down(url, to_nothing=True) == []
    assert migrate_up(url) == ALL
    assert schema(url) == first
    fill(url)


Rows = dict[str, list[dict[str, object]]]


@dataclass(frozen=True)
class Step:
    """One taken back, with what was there before and after; and a copy of the database as it was then."""

    taken_back: list[str]
    before: Rows
    after: Rows
    database: str


class WayBack:
    """A migrated database with data in it that goes back step by step, once for all tests of a worker."""

    def __init__(self, server: DatabaseServer) -> None:
        self._server = server
        self._name = server.create_database(server.template)
        self._url = server.url_of(self._name)
        self.newest = schema(self._url)
        self._steps: list[Step] = []
        fill(self._url)

    def step(self, number: int) -> Step:
        while len(self._steps) < number:
            before = contents(self._url)
            taken_back = migrate_down(self._url)
            after = contents(self._url)
            self._steps.append(Step(taken_back, before, after, self._server.create_database(self._name)))
        return self._steps[number - 1]

    def drop(self) -> None:
        for name in (self._name, *(step.database for step in self._steps)):
            self._server.drop_database(name)


@pytest.fixture(scope="module")
def way_back(database_server: DatabaseServer) -> Generator[WayBack]:
    way_back = WayBack(database_server)
    yield way_back
    way_back.drop()


@pytest.mark.parametrize("back", range(1, len(ALL) + 1))
def test_each_step_back_and_forward_keeps_the_data_that_it_can(
    way_back: WayBack, database_server: DatabaseServer, back: int
) -> None:
    """With data before, between and after: what a column or a table held that stays is never lost."""
    step = way_back.step(back)
    assert step.taken_back == [ALL[-back]]
    _assert_kept(step.before, step.after)
    url = database_server.url_of(step.database)
    assert _applied(url) == ALL[: len(ALL) - back]
    if not any(contents(url).values()):
        fill(url)
    before = contents(url)
    assert migrate_up(url) == ALL[len(ALL) - back :]
    _assert_kept(before, contents(url))
    assert schema(url) == way_back.newest


def _assert_kept(before: Rows, after: Rows) -> None:
    for table in before.keys() & after.keys():
        assert len(after[table]) == len(before[table]) > 0, table
        for old, new in zip(before[table], after[table], strict=True):
            columns = old.keys() & new.keys()
            assert {name: new[name] for name in columns} == {name: old[name] for name in columns}, table


def test_migrating_up_again_touches_no_data(database_url: str) -> None:
    fill(database_url)
    before = contents(database_url)
    assert all(before.values())
    assert migrate_up(database_url) == []
    assert contents(database_url) == before


def _processes() -> Executor:
    return ProcessPoolExecutor(4, mp_context=multiprocessing.get_context("spawn"))


@pytest.mark.parametrize("executor", [lambda: ThreadPoolExecutor(10), _processes], ids=["threads", "processes"])
def test_ten_servers_that_start_at_once_migrate_once(empty_database_url: str, executor: Callable[[], Executor]) -> None:
    with executor() as pool:
        applied = list(pool.map(migrate_up, [empty_database_url] * 10))
    assert sorted(applied) == [[]] * 9 + [ALL]
    assert tables_of(empty_database_url) == set(ROWS)
    with psycopg.connect(empty_database_url) as connection:
        rows = connection.execute("SELECT migration_id, count(*) FROM _yoyo_migration GROUP BY 1 ORDER BY 1").fetchall()
    assert rows == [(name, 1) for name in ALL]


_DIES_WHILE_IT_MIGRATES = """
import sys
from server.storage.migrations import _backend
with _backend(sys.argv[1]):
    print("locked", flush=True)
    sys.stdin.read()
"""


def test_a_server_killed_while_it_migrates_holds_up_nobody(empty_database_url: str) -> None:
    url = empty_database_url
    with subprocess.Popen(
        [sys.executable, "-c", _DIES_WHILE_IT_MIGRATES, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "locked\n"
        os.kill(process.pid, signal.SIGKILL)
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT locked FROM yoyo_lock").fetchall() == [(1,)]
    assert migrate_up(url) == ALL
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT * FROM yoyo_lock").fetchall() == []


async def test_the_server_works_on_what_went_down_and_up(database_url: str) -> None:
    await asyncio.to_thread(migrate_down, database_url, to_nothing=True)
    await asyncio.to_thread(migrate_up, database_url)
    storage = await PostgresStorage.open(database_url)
    try:
        house = await furnish(storage)
        assert await storage.accounts.find_trainer(house.school.id, house.trainer.id) == house.trainer
    finally:
        await storage.close()


def test_a_database_that_is_not_there_is_unavailable(empty_database_url: str) -> None:
    for call in (migrate_up, migrate_down, migration_status):
        with pytest.raises(StorageUnavailable, match="does not exist"):
            call(empty_database_url.replace("/shiller_test_", "/no_shiller_test_"))


def test_a_row_changed_by_hand_tells_so(database_url: str) -> None:
    fill(database_url)
    with psycopg.connect(database_url, autocommit=True) as connection:
        edited = ("trainers", "session_templates", "sessions")
        logged = {
            table: ", sync_version = sync_version + 3" if table in edited else "" for table in ("schools", *edited)
        }
        for table in logged:
            connection.execute(f"UPDATE {table} SET updated_at = '2001-01-01'{logged[table]}")  # noqa: S608
            (stated,) = connection.execute(f"SELECT updated_at::date::text FROM {table}").fetchone() or ("",)  # noqa: S608
            assert stated == "2001-01-01", "what the server states stays as it is"
        for table, by_hand in (
            ("schools", "name = 'x'"),
            ("trainers", "name = 'x'"),
            ("session_templates", "content = '{}'"),
            ("sessions", "title = 'x'"),
        ):
            connection.execute(f"UPDATE {table} SET {by_hand}{logged[table]}")  # noqa: S608
            (age,) = connection.execute(f"SELECT now() - updated_at < '1 minute' FROM {table}").fetchone() or (False,)  # noqa: S608
            assert age is True
