"""How many groups are under way at a time, and who goes with which."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace

import asyncpg
import pytest

from server.domain.record import Recorded
from server.domain.session import Session
from server.live.settings import LIVE_SETTINGS
from server.storage.postgres import PostgresStorage
from server.storage.postgres.database import ConnectionSettings
from tests.support.folding import sound_session
from tests.support.houses import UNHURRIED, House, open_postgres, open_session
from tests.support.making import a_push, later
from tests.support.patience import PATIENCE_SECONDS


@pytest.fixture
async def storage(database_url: str) -> AsyncGenerator[PostgresStorage]:
    """Nothing is late."""
    async with open_postgres(database_url, live=replace(UNHURRIED, late_seconds=60.0)) as storage:
        yield storage


@pytest.fixture
async def hanging_storage(database_url: str) -> AsyncGenerator[PostgresStorage]:
    """What hangs is not given up."""
    async with open_postgres(
        database_url, live=UNHURRIED, connections=ConnectionSettings(answer_timeout_seconds=120)
    ) as storage:
        yield storage


async def _push(storage: PostgresStorage, house: House, session: Session, second: int) -> Recorded:
    outcome = await storage.sessions.append_event(session.id, house.trainer, a_push(house.trainer), later(second))
    assert isinstance(outcome, Recorded)
    return outcome


async def test_only_a_crowd_is_written_beside_a_group_under_way(
    storage: PostgresStorage, database_url: str, house: House
) -> None:
    """Two groups at most, and never two with the same session; a few wait and go together."""
    sessions = [await open_session(storage, house.trainer) for _ in range(3 * LIVE_SETTINGS.crowd)]
    holder = await asyncpg.connect(database_url)

    async def groups_under_way(count: int) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while count != await holder.fetchval(
                # Databases that are copied from one have the same numbers, and other tests run beside this one.
                "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database"
                " WHERE NOT granted AND relation = 'session_events'::regclass AND datname = current_database()"
            ):
                await asyncio.sleep(0.01)

    def push(some: Sequence[Session]) -> list[asyncio.Task[Recorded]]:
        return [asyncio.create_task(_push(storage, house, session, 1)) for session in some]

    try:
        async with holder.transaction():
            await holder.execute("LOCK TABLE session_events IN SHARE MODE")
            pushes = push(sessions[:1])
            await groups_under_way(1)
            pushes += push(sessions[1 : LIVE_SETTINGS.crowd])
            # Long enough for another group to get there, were there one.
            await asyncio.sleep(0.1)
            await groups_under_way(1)
            pushes += push(sessions[LIVE_SETTINGS.crowd :])
            await groups_under_way(2)
            pushes += push(sessions)
            await asyncio.sleep(0)
            await groups_under_way(2)
        outcomes = await asyncio.wait_for(asyncio.gather(*pushes), PATIENCE_SECONDS)
    finally:
        await holder.close()
    assert Counter(recorded.event.seq for recorded in outcomes) == {1: len(sessions), 2: len(sessions)}
    for session in sessions:
        await sound_session(storage, session.id)


async def test_nobody_waits_long_for_a_group_that_hangs(
    hanging_storage: PostgresStorage, database_url: str, house: House
) -> None:
    """However few they are, and long before it is given up."""
    hanging, other, third = [await open_session(hanging_storage, house.trainer) for _ in range(3)]
    holder = await asyncpg.connect(database_url)
    draft = a_push(house.trainer)
    try:
        transaction = holder.transaction()
        await transaction.start()
        # Who inserts the same id waits for what becomes of this one.
        await holder.execute(
            "INSERT INTO session_events (id, session_id, seq, kind, by_role, by_name)"
            " VALUES ($1, $2, 1, 'note', 'trainer', 'x')",
            draft.id,
            third.id,
        )
        held = asyncio.create_task(hanging_storage.sessions.append_event(hanging.id, house.trainer, draft, later(1)))
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await holder.fetchval(
                "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)"
                " WHERE NOT granted AND datname = current_database()"
            ):
                await asyncio.sleep(0.01)
        for second in (1, 2):
            await asyncio.wait_for(_push(hanging_storage, house, other, second), PATIENCE_SECONDS)
        assert not held.done()
        await transaction.rollback()
        assert isinstance(await asyncio.wait_for(held, PATIENCE_SECONDS), Recorded)
    finally:
        await holder.close()
