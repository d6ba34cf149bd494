"""A PostgreSQL that goes away: one kind of exception, and recovery without anybody's help."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from server.domain.record import Recorded
from server.live.backoff import Backoff
from server.ports import storage as ports
from server.ports.results import StorageUnavailable
from server.ports.storage import Storage
from server.storage.postgres import PostgresStorage
from server.storage.postgres.database import CONNECTION_SETTINGS, Database
from tests.support.folding import record_of, sound_session
from tests.support.houses import UNHURRIED, furnish, open_postgres, open_session
from tests.support.making import (
    NOW,
    a_push,
    later,
)
from tests.support.patience import PATIENCE_SECONDS
from tests.support.proxy import postgres_proxy
from tests.support.storage_calls import CALLS


def test_every_method_is_among_the_calls() -> None:
    named = {
        f"{part}.{method}"
        for part, owner in Storage.__dict__.items()
        if isinstance(owner, property) and hasattr(ports, owner.fget.__annotations__["return"])
        for method in dir(_protocol_of(owner))
        if not method.startswith("_")
    }
    assert named | {"ping"} == set(CALLS)


def _protocol_of(owner: property) -> type:
    return getattr(ports, owner.fget.__annotations__["return"])


async def _answer(call: Awaitable[object]) -> type:
    """The type of what it returns or raises."""
    try:
        return type(await call)
    except Exception as error:
        return type(error)


async def test_every_method_says_that_storage_is_unavailable(database_url: str) -> None:
    async with postgres_proxy(database_url) as proxy, open_postgres(proxy.url, live=UNHURRIED) as storage:
        house = await furnish(storage)
        session = await open_session(storage, house.trainer)
        await proxy.go_down()
        answers = {name: await _answer(call(storage, house)) for name, call in CALLS.items()}
        assert answers == dict.fromkeys(CALLS, StorageUnavailable)
        await proxy.listen()
        await storage.ping()
        outcome = await storage.sessions.append_event(session.id, house.trainer, a_push(house.trainer), NOW)
        assert isinstance(outcome, Recorded)


async def test_a_server_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable):
        await PostgresStorage.open(f"postgresql://postgres@/postgres?host={tmp_path}")


async def test_connections_ended_by_the_server_cost_no_event_and_heal(database_url: str) -> None:
    async with (
        open_postgres(database_url, live=UNHURRIED) as storage,
        open_postgres(database_url, live=UNHURRIED) as witness,
    ):
        house = await furnish(storage)
        sessions = [await open_session(storage, house.trainer) for _ in range(4)]
        executioner = await asyncpg.connect(database_url)
        promised: list[Recorded] = []
        killed = 0
        progress = asyncio.Event()

        async def keep_pushing(number: int) -> None:
            session = sessions[number % len(sessions)]
            for _ in range(20):
                outcome = await storage.sessions.append_event(session.id, house.trainer, a_push(house.trainer), NOW)
                # Never «already recorded»: whoever heard no answer would tell nobody of it.
                assert isinstance(outcome, Recorded)
                promised.append(outcome)
                progress.set()

        async def keep_killing() -> None:
            nonlocal killed
            while True:
                # Whatever the machine's pace: a line that got something done is killed at its next.
                progress.clear()
                await progress.wait()
                killed += await executioner.fetchval(
                    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )

        killing = asyncio.ensure_future(keep_killing())
        try:
            await asyncio.wait_for(asyncio.gather(*(keep_pushing(number) for number in range(8))), 120)
        finally:
            killing.cancel()
            await executioner.close()
        assert killed > 2, "nothing was killed at work: the test proves nothing"
        # Its own connections were ended as well; a few of its first answers may say so.
        answers = [await _answer(witness.ping()) for _ in range(20)]
        assert set(answers) <= {StorageUnavailable, type(None)}
        assert answers[-5:] == [type(None)] * 5
        for session in sessions:
            stored = await sound_session(witness, session.id)
            assert stored.last_seq == 40
            assert await storage.sessions.find_session(session.id) == stored
        events = {event.id: event for session in sessions for event in await record_of(witness, session.id)}
        assert all(events[each.event.id] == each.event for each in promised)
        assert len(promised) == len(events) == 160


async def test_what_is_lost_with_the_line_is_told_as_that(database_url: str) -> None:
    """The pool takes a connection back by itself when it is cut, and the driver complains of whoever still asks it."""
    async with postgres_proxy(database_url) as proxy:
        database = await Database.open(proxy.url, CONNECTION_SETTINGS)
        proxy.hold_answer_to(b"SELECT 7")
        asking = asyncio.create_task(database.every_school.fetchval("SELECT 7"))
        await proxy.answer_held()
        proxy.cut()
        with pytest.raises(StorageUnavailable, match="in the middle of operation"):
            await asking
        proxy.let_flow()
        await database.close()


async def test_a_ping_does_not_wait_for_a_storage_that_hangs(database_url: str) -> None:
    async with postgres_proxy(database_url) as proxy:
        storage = await PostgresStorage.open(proxy.url)
        await storage.ping()
        proxy.hold_answers()
        with pytest.raises(StorageUnavailable):
            await storage.ping()
        # Nobody waits a second time for the question that is late.
        began = asyncio.get_running_loop().time()
        with pytest.raises(StorageUnavailable):
            await storage.ping()
        assert asyncio.get_running_loop().time() - began < CONNECTION_SETTINGS.ping_timeout_seconds
        proxy.let_flow()
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await _answer(storage.ping()) is StorageUnavailable:
                pass
        await storage.close()


@pytest.mark.parametrize(("silence", "answer"), [(10 * PATIENCE_SECONDS, type(None)), (0.001, StorageUnavailable)])
async def test_a_late_answer_is_no_outage_while_the_database_has_just_said_something(
    database_url: str, silence: float, answer: type
) -> None:
    """A busy machine is late; one that has been silent for longer hangs."""
    async with postgres_proxy(database_url) as proxy:
        settings = replace(CONNECTION_SETTINGS, silence_seconds=silence)
        storage = await PostgresStorage.open(proxy.url, connections=settings, watches_room=True)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while storage._room.silent_seconds == math.inf:
                await asyncio.sleep(0.02)
        await storage.ping()
        proxy.hold_answers()
        assert await _answer(storage.ping()) is answer
        proxy.let_flow()
        await storage.close()


async def _expire_as_soon_as_it_can_be(storage: PostgresStorage) -> Sequence[Recorded]:
    """As the job does."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            with suppress(StorageUnavailable):
                return await storage.sessions.expire_due(later(20), 10)
            await asyncio.sleep(0.05)


async def test_a_session_that_cannot_be_ended_yet_holds_up_no_other(database_url: str) -> None:
    """What was pushed to it waits, for somebody holds its row."""
    async with open_postgres(database_url) as storage:
        house = await furnish(storage)
        stuck, other = [await open_session(storage, house.trainer, expires_at=later(10)) for _ in range(2)]
        await storage.sessions.append_event(stuck.id, house.trainer, a_push(house.trainer), NOW)
        holder = await asyncpg.connect(database_url)
        async with holder.transaction():
            await holder.execute("SELECT FROM sessions WHERE id = $1 FOR UPDATE", stuck.id)
            foreseen = asyncio.Event()
            waiting = asyncio.ensure_future(
                storage.sessions.append_event(
                    stuck.id, house.trainer, a_push(house.trainer), later(1), lambda _: foreseen.set()
                )
            )
            await asyncio.wait_for(foreseen.wait(), PATIENCE_SECONDS)
            ended = await storage.sessions.expire_due(later(20), 10)
            assert [each.session.id for each in ended] == [other.id]
            with pytest.raises(StorageUnavailable):
                await storage.sessions.expire_due(later(20), 10)
            assert await storage.sessions.next_expiry() == stuck.expires_at
            assert await storage.sessions.next_expiry(later(20)) is None
        assert isinstance(await waiting, Recorded)
        assert [each.session.id for each in await _expire_as_soon_as_it_can_be(storage)] == [stuck.id]
        await holder.close()


async def test_a_school_that_somebody_holds_holds_up_the_end_of_no_other_s_sessions(database_url: str) -> None:
    async with open_postgres(database_url, live=UNHURRIED) as storage:
        houses = [await furnish(storage, name) for name in ("held", "free", "idle")]
        due = [await open_session(storage, house.trainer, expires_at=later(10)) for house in houses]
        holder = await asyncpg.connect(database_url)
        async with holder.transaction():
            await holder.execute("SELECT FROM sync_head WHERE school_id = $1 FOR UPDATE", houses[0].school.id)
            ended = await storage.sessions.expire_due(later(20), 10)
            assert {each.session.id for each in ended} == {due[1].id, due[2].id}
            with pytest.raises(StorageUnavailable):
                await storage.sessions.expire_due(later(20), 10)
        assert [each.session.id for each in await storage.sessions.expire_due(later(20), 10)] == [due[0].id]
        await holder.close()


async def test_what_was_pushed_before_the_end_is_stored_before_it(database_url: str) -> None:
    # The journal is the last to notice that the server is back.
    slow = replace(UNHURRIED, retry=Backoff(2.0, 2.0))
    async with postgres_proxy(database_url) as proxy, open_postgres(proxy.url, live=slow) as storage:
        house = await furnish(storage)
        expiring = await open_session(storage, house.trainer, expires_at=later(10))
        closing = await open_session(storage, house.trainer)
        for session in (expiring, closing):
            await storage.sessions.append_event(session.id, house.trainer, a_push(house.trainer), NOW)
        await proxy.go_down()
        foreseen = asyncio.Event()
        waiting = [
            asyncio.ensure_future(
                storage.sessions.append_event(
                    session.id, house.trainer, a_push(house.trainer), later(1), lambda _: foreseen.set()
                )
            )
            for session in (expiring, closing)
        ]
        await asyncio.wait_for(foreseen.wait(), PATIENCE_SECONDS)
        await proxy.listen()
        ended, closed = await asyncio.gather(
            _expire_as_soon_as_it_can_be(storage),
            storage.sessions.end_session(closing.id, house.trainer, uuid4(), later(20)),
        )
        assert [type(each) for each in await asyncio.gather(*waiting)] == [Recorded, Recorded]
        assert isinstance(closed, Recorded)
        assert [each.event.seq for each in (*ended, closed)] == [3, 3]
