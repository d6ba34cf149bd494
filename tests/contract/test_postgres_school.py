"""The school transaction: what it costs, what it takes back, and what the database itself refuses."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import anyio
import asyncpg
import pytest

from server.domain.forking import Fork
from server.domain.outcomes import Conflict
from server.domain.people import Credentials, TrainerChange
from server.domain.record import Recorded, record
from server.domain.session import ForkedFrom, SessionChange
from server.storage.migrations import migrations_folder
from server.storage.postgres import PostgresStorage
from server.storage.postgres.database import CONNECTION_SETTINGS, Database
from server.storage.postgres.school_transaction import SchoolChange, SchoolTransactions
from tests.support.houses import House, furnish, open_postgres, open_session
from tests.support.making import BY, NOW, a_content, a_push, a_session, a_template, a_trainer, later
from tests.support.patience import PATIENCE_SECONDS
from tests.support.postgres import as_server
from tests.support.proxy import postgres_proxy

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]


@pytest.fixture
async def storage(database_url: str) -> AsyncGenerator[PostgresStorage]:
    async with open_postgres(database_url) as storage:
        yield storage


@pytest.fixture
async def house(storage: PostgresStorage) -> House:
    return await furnish(storage)


@pytest.fixture
async def by_hand(database_url: str) -> AsyncGenerator[Connection]:
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


@dataclass
class Costs:
    name: str
    round_trips: int
    calls: Callable[[PostgresStorage, House], Awaitable[list[Callable[[], Awaitable[object]]]]]
    """What to call; the first time each connection learns the statements, the last time counts."""


async def _adding_trainers(storage: PostgresStorage, house: House) -> list[Callable[[], Awaitable[object]]]:
    return [lambda: storage.accounts.add_trainer(a_trainer(house.school), "x", BY)] * 2


async def _changing_trainers(storage: PostgresStorage, house: House) -> list[Callable[[], Awaitable[object]]]:
    return [
        lambda name=name: storage.accounts.change_trainer(
            house.school.id, house.admin.id, TrainerChange(name=name, role="admin"), None, BY, NOW
        )
        for name in "xy"
    ]


async def _deleting_admins(storage: PostgresStorage, house: House) -> list[Callable[[], Awaitable[object]]]:
    admins = [a_trainer(house.school, "admin") for _ in range(2)]
    for admin in admins:
        await storage.accounts.add_trainer(admin, "x", BY)
    return [lambda id_=each.id: storage.accounts.delete_trainer(house.school.id, id_, None, BY, NOW) for each in admins]


async def _adding_templates(storage: PostgresStorage, house: House) -> list[Callable[[], Awaitable[object]]]:
    return [lambda: storage.templates.add_template(a_template(house.school), BY)] * 2


async def _changing_templates(storage: PostgresStorage, house: House) -> list[Callable[[], Awaitable[object]]]:
    template = a_template(house.school)
    await storage.templates.add_template(template, BY)
    return [
        lambda title=title: storage.templates.change_template(
            house.school.id, template.id, a_content(title), None, BY, NOW
        )
        for title in "xy"
    ]


async def _deleting_templates(storage: PostgresStorage, house: House) -> list[Callable[[], Awaitable[object]]]:
    templates = [a_template(house.school) for _ in range(2)]
    for template in templates:
        await storage.templates.add_template(template, BY)
    return [
        lambda id_=each.id: storage.templates.delete_template(house.school.id, id_, None, BY, NOW) for each in templates
    ]


async def _opening_sessions(storage: PostgresStorage, house: House) -> list[Callable[[], Awaitable[object]]]:
    return [lambda: storage.sessions.add_session(a_session(house.trainer), None, BY)] * 2


async def _changing_sessions(storage: PostgresStorage, house: House) -> list[Callable[[], Awaitable[object]]]:
    session = await open_session(storage, house.trainer)
    return [
        lambda title=title: storage.sessions.change_session(
            session.id, house.trainer, SessionChange(title=title), None, NOW
        )
        for title in "xy"
    ]


async def _taking_controls(storage: PostgresStorage, house: House) -> list[Callable[[], Awaitable[object]]]:
    sessions = [await open_session(storage, house.trainer) for _ in range(2)]
    return [lambda id_=each.id: storage.sessions.take_controls(id_, house.colleague, uuid4(), NOW) for each in sessions]


async def _ending_sessions(storage: PostgresStorage, house: House) -> list[Callable[[], Awaitable[object]]]:
    sessions = [await open_session(storage, house.trainer) for _ in range(2)]
    return [lambda id_=each.id: storage.sessions.end_session(id_, house.trainer, uuid4(), NOW) for each in sessions]


async def _forking_sessions(storage: PostgresStorage, house: House) -> list[Callable[[], Awaitable[object]]]:
    sources = [await open_session(storage, house.trainer) for _ in range(2)]
    forks: list[Fork] = []
    for source in sources:
        session = a_session(house.trainer, forked_from=ForkedFrom(source.id, 1, moves_trainees=True))
        state = record(session, a_push(house.trainer), NOW)
        assert isinstance(state, Recorded)
        forks.append(Fork(state.session, (state.event,), None))
    return [lambda fork=fork: storage.sessions.add_fork(fork, house.trainer, uuid4()) for fork in forks]


async def _expiring(storage: PostgresStorage, house: House) -> list[Callable[[], Awaitable[object]]]:
    for number in range(12):
        await open_session(storage, house.trainer, expires_at=later(number + 1))
    return [lambda limit=limit: storage.sessions.expire_due(later(60), limit) for limit in (1, 11)]


async def _giving_tokens(storage: PostgresStorage, house: House) -> list[Callable[[], Awaitable[object]]]:
    credentials = Credentials(house.trainer, "hash")
    return [
        lambda token=token: storage.accounts.add_token(credentials, token, NOW, later(60)) for token in (b"x", b"y")
    ]


# BEGIN, the head, what is judged, the edit with its audit, COMMIT.
COSTS = [
    Costs("add_trainer", 4, _adding_trainers),
    Costs("change_trainer", 5, _changing_trainers),
    Costs("delete_trainer, an admin, with the end of its logins", 6, _deleting_admins),
    Costs("add_template", 4, _adding_templates),
    Costs("change_template", 5, _changing_templates),
    Costs("delete_template", 5, _deleting_templates),
    Costs("add_session", 4, _opening_sessions),
    Costs("change_session", 5, _changing_sessions),
    Costs("take_controls, with its event", 6, _taking_controls),
    Costs("end_session, with its event", 6, _ending_sessions),
    Costs("add_fork, with an event, and the end of the other with one", 8, _forking_sessions),
    Costs("expire_due, asking which schools and then eleven at once", 7, _expiring),
    Costs("add_token", 1, _giving_tokens),
]


@pytest.mark.parametrize("costs", COSTS, ids=lambda costs: costs.name)
async def test_an_edit_costs_so_many_round_trips(database_url: str, costs: Costs) -> None:
    async with postgres_proxy(database_url) as proxy, open_postgres(proxy.url) as storage:
        house = await furnish(storage)
        *learning, counted = await costs.calls(storage, house)
        for call in learning:
            await call()
        before = proxy.round_trips
        await counted()
        assert proxy.round_trips - before <= costs.round_trips


async def _newest(connection: Connection, house: House) -> int:
    return await connection.fetchval("SELECT version FROM sync_head WHERE school_id = $1", house.school.id)


async def test_a_refusal_takes_back_what_was_written_before_it(
    database_url: str, house: House, by_hand: Connection
) -> None:
    """Whatever the order of a method's steps: nothing of it is there, not even the version."""
    database = await Database.open(as_server(database_url), CONNECTION_SETTINGS)
    try:
        before = await _newest(by_hand, house)

        async def write(school: SchoolChange) -> Conflict:
            await school.execute("UPDATE schools SET name = 'half done' WHERE id = $1", house.school.id)
            return Conflict("changed my mind")

        outcome = await SchoolTransactions(database).change(house.school.id, NOW, write)
        assert outcome == Conflict("changed my mind")
        assert await by_hand.fetchval("SELECT name FROM schools WHERE id = $1", house.school.id) == house.school.name
        assert await _newest(by_hand, house) == before

        async def look(school: SchoolChange) -> str:
            await school.fetchrow("SELECT 1")
            return "nothing written"

        assert await SchoolTransactions(database).change(house.school.id, NOW, look) == "nothing written"
        assert await _newest(by_hand, house) == before

        async def break_off(school: SchoolChange) -> None:
            await school.execute("UPDATE schools SET name = 'half done' WHERE id = $1", house.school.id)
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await SchoolTransactions(database).change(house.school.id, NOW, break_off)
        assert await by_hand.fetchval("SELECT name FROM schools WHERE id = $1", house.school.id) == house.school.name
    finally:
        await database.close()


async def test_many_versions_are_taken_at_once_and_the_school_is_known(database_url: str, house: House) -> None:
    database = await Database.open(as_server(database_url), CONNECTION_SETTINGS)
    try:
        taken: list[int] = []

        async def take(school: SchoolChange) -> str:
            taken.extend(school.versions)
            await school.execute("UPDATE schools SET name = name WHERE id = $1", house.school.id)
            row = await school.fetchrow("SELECT current_setting('shiller.school') AS school")
            return "" if row is None else row["school"]

        for count in (1, 5, 3):
            outcome = await SchoolTransactions(database).change(house.school.id, NOW, take, versions=count)
            assert outcome == str(house.school.id)
        assert len(taken) == 9
        assert taken == sorted(set(taken))
        # Of that transaction alone: the connection serves other schools next.
        walled = database.of(uuid4())
        assert await walled.fetchval("SELECT current_setting('shiller.school', true)") != str(house.school.id)
    finally:
        await database.close()


async def test_a_change_by_hand_needs_a_new_version(
    storage: PostgresStorage, house: House, by_hand: Connection
) -> None:
    session = await open_session(storage, house.trainer)
    template = a_template(house.school)
    await storage.templates.add_template(template, BY)
    for table, id_, edit in (
        ("sessions", session.id, "title = 'x'"),
        ("sessions", session.id, "title = 'x', sync_version = sync_version - 1"),
        ("sessions", session.id, "closed_at = now(), close_reason = 'closed'"),
        ("session_templates", template.id, "content = '{}'"),
        ("trainers", house.trainer.id, "name = 'x'"),
    ):
        with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="needs a new sync_version"):
            await by_hand.execute(f"UPDATE {table} SET {edit} WHERE id = $1", id_)  # noqa: S608
        version = await by_hand.fetchval(
            "UPDATE sync_head SET version = version + 1 WHERE school_id = $1 RETURNING version", house.school.id
        )
        right = f"{edit.split(', sync')[0]}, sync_version = $2"
        await by_hand.execute(f"UPDATE {table} SET {right} WHERE id = $1", id_, version)  # noqa: S608


async def test_a_row_without_a_version_or_with_one_that_was_given_is_refused(
    storage: PostgresStorage, house: House, by_hand: Connection
) -> None:
    await storage.templates.add_template(a_template(house.school), BY)
    insert = "INSERT INTO session_templates (id, school_id, content, sync_version, first_version)"
    with pytest.raises(asyncpg.NotNullViolationError):
        await by_hand.execute(
            "INSERT INTO session_templates (id, school_id, content) VALUES ($1, $2, '{}')", uuid4(), house.school.id
        )
    with pytest.raises(asyncpg.CheckViolationError):
        await by_hand.execute(f"{insert} VALUES ($1, $2, '{{}}', 0, 0)", uuid4(), house.school.id)
    with pytest.raises(asyncpg.UniqueViolationError):
        await by_hand.execute(
            f"{insert} SELECT $1, school_id, '{{}}', sync_version, 1 FROM session_templates",  # noqa: S608
            uuid4(),
        )


async def test_a_push_does_not_ask_for_a_version(storage: PostgresStorage, house: House, by_hand: Connection) -> None:
    """Its statement stays clear of the columns that the trigger looks at: here it refuses all that touch one."""
    session = await open_session(storage, house.trainer)
    await by_hand.execute("DROP TRIGGER sessions_in_log ON sessions")
    definition = re.search(
        r"CREATE TRIGGER sessions_in_log.*?;",
        "\n".join(path.read_text(encoding="utf-8") for path in _newest_first(migrations_folder())),
        re.DOTALL,
    )
    assert definition is not None
    always = re.sub(r"WHEN \(.*?\)\s+EXECUTE", "EXECUTE", definition[0], flags=re.DOTALL)
    assert always != definition[0]
    await by_hand.execute(always)
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await by_hand.execute("UPDATE sessions SET title = title, sync_version = sync_version + 1")
    one = await storage.sessions.append_event(session.id, house.trainer, a_push(house.trainer), later(1))
    assert isinstance(one, Recorded)
    many = await asyncio.gather(
        *(storage.sessions.append_event(session.id, house.trainer, a_push(house.trainer), later(2)) for _ in range(20))
    )
    assert all(isinstance(each, Recorded) for each in many)


def _newest_first(folder: Path) -> list[Path]:
    return sorted((path for path in folder.glob("*.sql") if "rollback" not in path.name), reverse=True)


# What a push writes, and what the log keeps for itself.
NOT_EDITED = {"last_seq", "last_values", "updated_at", "id", "sync_version", "first_version", "written", "hall"}


async def test_every_column_of_a_session_that_is_edited_is_looked_at(by_hand: Connection) -> None:
    """A column that is added later is either written by pushes alone or among those of the trigger."""
    rows = await by_hand.fetch(
        """
        SELECT attname, bool_or(attnum = ANY (tgattr)) AS is_looked_at
        FROM pg_attribute JOIN pg_trigger ON tgrelid = attrelid AND tgfoid = 'needs_new_version'::regproc
        WHERE attrelid = 'sessions'::regclass AND attnum > 0 AND NOT attisdropped
        GROUP BY attname
        """
    )
    assert {row["attname"] for row in rows if not row["is_looked_at"]} == NOT_EDITED


async def test_a_login_under_way_does_not_outlive_a_change_of_the_password(
    storage: PostgresStorage, house: House, by_hand: Connection
) -> None:
    """The change is made and not yet committed while the token is asked for."""
    old = Credentials(house.trainer, "hash")
    async with by_hand.transaction():
        version = await by_hand.fetchval(
            "UPDATE sync_head SET version = version + 1 WHERE school_id = $1 RETURNING version", house.school.id
        )
        await by_hand.execute(
            "UPDATE trainers SET password_hash = 'new', sync_version = $2 WHERE id = $1", house.trainer.id, version
        )
        giving = asyncio.create_task(storage.accounts.add_token(old, b"token", NOW, later(60)))
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await by_hand.fetchval(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND wait_event_type = 'Lock' AND query LIKE '%FOR SHARE%'"
            ):
                await asyncio.sleep(0.01)
        assert not giving.done()
    assert await giving is False
    assert await storage.accounts.find_access(b"token", NOW) is None


async def test_a_client_that_has_gone_leaves_no_transaction_behind(database_url: str) -> None:
    """Its request is cancelled as web servers do it: again at every await, the rolling back included."""
    errors: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: errors.append(context["message"]))
    database = await Database.open(as_server(database_url), CONNECTION_SETTINGS)
    try:
        with anyio.CancelScope() as scope:
            async with database.every_school.snapshot() as connection:
                scope.cancel()
                await connection.fetchval("SELECT 1")
        assert scope.cancelled_caught
        assert await database.every_school.fetchval("SELECT pg_current_xact_id_if_assigned() IS NULL") is True
        async with database.every_school.transaction() as connection:
            assert await connection.fetchval("SHOW transaction_isolation") == "read committed"
    finally:
        await database.close()
    assert not errors
