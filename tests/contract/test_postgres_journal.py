"""What a push costs on PostgreSQL, and what the journal's head is after a push of which nobody heard the end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from uuid import uuid4

import asyncpg
import pytest

from server.domain.outcomes import InvalidFields, SessionClosed
from server.domain.record import AlreadyRecorded, Recorded
from server.domain.session import Session
from server.domain.vitals import VitalsPatch
from server.storage.postgres import PostgresStorage
from tests.support.folding import record_of, sound_session
from tests.support.houses import UNHURRIED, House, furnish, open_postgres, open_session
from tests.support.making import a_note, a_push, later
from tests.support.patience import PATIENCE_SECONDS
from tests.support.proxy import PostgresProxy, postgres_proxy


@pytest.fixture
async def proxy(database_url: str) -> AsyncGenerator[PostgresProxy]:
    async with postgres_proxy(database_url) as proxy:
        yield proxy


@pytest.fixture
async def storage(proxy: PostgresProxy) -> AsyncGenerator[PostgresStorage]:
    async with open_postgres(proxy.url, live=UNHURRIED) as storage:
        yield storage
        proxy.let_flow()


@pytest.fixture
async def neighbour(database_url: str) -> AsyncGenerator[PostgresStorage]:
    """Another process, on a line of its own."""
    async with open_postgres(database_url, live=UNHURRIED) as storage:
        yield storage


@pytest.fixture
async def house(neighbour: PostgresStorage) -> House:
    return await furnish(neighbour)


@pytest.fixture
async def session(neighbour: PostgresStorage, house: House) -> Session:
    return await open_session(neighbour, house.trainer)


async def _push(storage: PostgresStorage, house: House, session: Session, second: int) -> Recorded:
    outcome = await storage.sessions.append_event(session.id, house.trainer, a_push(house.trainer), later(second))
    assert isinstance(outcome, Recorded)
    return outcome


async def test_a_push_costs_one_round_trip_once_the_head_is_known(
    storage: PostgresStorage, proxy: PostgresProxy, house: House, session: Session
) -> None:
    await _push(storage, house, session, 0)
    before = proxy.round_trips
    for second in range(1, 21):
        await _push(storage, house, session, second)
    assert proxy.round_trips - before == 20


async def test_neither_a_repeat_nor_a_refusal_makes_the_next_push_dearer(
    storage: PostgresStorage, proxy: PostgresProxy, neighbour: PostgresStorage, house: House, session: Session
) -> None:
    first = await _push(storage, house, session, 0)
    # Prepares the statements that a refusal asks; they are kept by the connection.
    refused = a_push(house.trainer, VitalsPatch({"diastolic": 200}))
    refusal = await storage.sessions.append_event(session.id, house.trainer, refused, later(1))
    assert isinstance(refusal, InvalidFields)
    for costs, draft, expected in (
        (0, a_push(house.trainer, event_id=first.event.id), AlreadyRecorded(first.event)),
        (2, refused, refusal),
    ):
        before = proxy.round_trips
        outcome = await storage.sessions.append_event(session.id, house.trainer, draft, later(2))
        assert outcome == expected
        assert proxy.round_trips - before == costs
        await _push(storage, house, session, 3)
        assert proxy.round_trips - before == costs + 1
    # A repeat of what another process stored: the write that misses, and two questions.
    theirs = await neighbour.sessions.append_event(session.id, house.trainer, a_push(house.trainer), later(4))
    assert isinstance(theirs, Recorded)
    await _push(storage, house, session, 5)
    before = proxy.round_trips
    again = a_push(house.trainer, event_id=theirs.event.id)
    assert await storage.sessions.append_event(session.id, house.trainer, again, later(6)) == AlreadyRecorded(
        theirs.event
    )
    assert proxy.round_trips - before == 3
    await _push(storage, house, session, 7)
    assert proxy.round_trips - before == 4


async def test_a_push_whose_answer_was_lost_is_stored_and_told_once(
    storage: PostgresStorage, proxy: PostgresProxy, neighbour: PostgresStorage, house: House, session: Session
) -> None:
    await _push(storage, house, session, 0)
    push = a_push(house.trainer, VitalsPatch({"spo2": 70}))
    proxy.hold_answers()
    waiting = asyncio.ensure_future(storage.sessions.append_event(session.id, house.trainer, push, later(1)))
    await proxy.answer_held()
    assert [event.seq for event in await record_of(neighbour, session.id)] == [1, 2]
    proxy.cut()
    # Somebody else goes on meanwhile; ours is known by its id, and not by where the record ends.
    await neighbour.sessions.append_event(session.id, house.trainer, a_push(house.trainer), later(2))
    proxy.let_flow()
    outcome = await asyncio.wait_for(waiting, PATIENCE_SECONDS)
    assert isinstance(outcome, Recorded)
    assert (outcome.event.id, outcome.event.seq, outcome.event.created_at) == (push.id, 2, later(1))
    assert outcome.session.last_values.signs["spo2"] == 70
    again = await storage.sessions.append_event(session.id, house.trainer, push, later(3))
    assert again == AlreadyRecorded(outcome.event)
    assert (await _push(storage, house, session, 4)).event.seq == 4
    await sound_session(neighbour, session.id)


async def test_a_push_that_its_sender_gave_up_on_leaves_no_stale_head(
    storage: PostgresStorage, proxy: PostgresProxy, neighbour: PostgresStorage, house: House, session: Session
) -> None:
    await _push(storage, house, session, 0)
    push = a_push(house.trainer, VitalsPatch({"etco2": 12}))
    proxy.hold_answers()
    waiting = asyncio.ensure_future(storage.sessions.append_event(session.id, house.trainer, push, later(1)))
    await proxy.answer_held()
    waiting.cancel()
    proxy.let_flow()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    after = await _push(storage, house, session, 2)
    assert after.event.seq == 3
    assert after.session.last_values.signs["etco2"] == 12
    await sound_session(neighbour, session.id)


async def test_what_a_neighbour_wrote_is_folded_in(
    storage: PostgresStorage, neighbour: PostgresStorage, house: House, session: Session
) -> None:
    await _push(storage, house, session, 0)
    low = a_push(house.trainer, VitalsPatch({"systolic": 60, "diastolic": 30}))
    await neighbour.sessions.append_event(session.id, house.trainer, low, later(1))
    # By the head that this process knows 80 would be below 120; by the record it is above 60.
    high = a_push(house.trainer, VitalsPatch({"diastolic": 80}))
    assert isinstance(await storage.sessions.append_event(session.id, house.trainer, high, later(2)), InvalidFields)
    assert (await _push(storage, house, session, 3)).event.seq == 3
    await neighbour.sessions.end_session(session.id, house.trainer, uuid4(), later(4))
    behind = await storage.sessions.append_event(session.id, house.trainer, a_push(house.trainer), later(5))
    assert behind == SessionClosed()
    await sound_session(neighbour, session.id)


async def test_a_refusal_by_what_is_known_is_checked_against_the_record(
    storage: PostgresStorage, neighbour: PostgresStorage, house: House, session: Session
) -> None:
    low = a_push(house.trainer, VitalsPatch({"systolic": 60, "diastolic": 30}))
    await storage.sessions.append_event(session.id, house.trainer, low, later(1))
    back = a_push(house.trainer, VitalsPatch({"systolic": 120}))
    await neighbour.sessions.append_event(session.id, house.trainer, back, later(2))
    high = a_push(house.trainer, VitalsPatch({"diastolic": 80}))
    outcome = await storage.sessions.append_event(session.id, house.trainer, high, later(3))
    assert isinstance(outcome, Recorded)
    await sound_session(neighbour, session.id)


async def test_what_comes_during_a_commit_goes_together_in_the_next(
    storage: PostgresStorage, proxy: PostgresProxy, neighbour: PostgresStorage, house: House
) -> None:
    sessions = [await open_session(storage, house.trainer) for _ in range(10)]
    warm = await open_session(storage, house.trainer)
    for at_once in (1, 2):  # both statements are prepared
        await asyncio.gather(*(_push(storage, house, warm, 0) for _ in range(at_once)))
    before = proxy.round_trips
    proxy.hold_answers()
    order: list[int] = []

    async def push(number: int) -> Recorded:
        recorded = await _push(storage, house, sessions[number % 10], number)
        order.append(number)
        return recorded

    first = asyncio.ensure_future(push(0))
    await proxy.answer_held()
    others = [asyncio.ensure_future(push(number)) for number in range(1, 40)]
    await asyncio.sleep(0)
    assert proxy.round_trips - before == 1
    proxy.let_flow()
    outcomes = await asyncio.wait_for(asyncio.gather(first, *others), PATIENCE_SECONDS)
    assert proxy.round_trips - before == 2
    # Answered in the order in which they came, whatever session they are of.
    assert order == list(range(40))
    for number, session in enumerate(sessions):
        stored = await sound_session(neighbour, session.id)
        assert stored == outcomes[30 + number].session


async def test_a_session_that_somebody_holds_holds_up_no_other(
    storage: PostgresStorage, database_url: str, house: House
) -> None:
    held, free = await open_session(storage, house.trainer), await open_session(storage, house.trainer)
    holder = await asyncpg.connect(database_url)
    try:
        async with holder.transaction():
            await holder.execute("SELECT FROM sessions WHERE id = $1 FOR NO KEY UPDATE", held.id)
            waiting = [asyncio.ensure_future(_push(storage, house, held, second)) for second in range(3)]
            for second in range(5):
                await asyncio.wait_for(_push(storage, house, free, second), PATIENCE_SECONDS)
            assert not any(each.done() for each in waiting)
        assert [each.event.seq for each in await asyncio.wait_for(asyncio.gather(*waiting), PATIENCE_SECONDS)] == [
            1,
            2,
            3,
        ]
    finally:
        await holder.close()


async def test_two_processes_never_wait_for_each_others_rows(
    storage: PostgresStorage, neighbour: PostgresStorage, database_url: str, house: House
) -> None:
    sessions = [await open_session(storage, house.trainer) for _ in range(12)]
    orders = (sessions, list(reversed(sessions)))
    await asyncio.gather(
        *(
            _push(place, house, session, second)
            for second in range(8)
            for place, order in zip((storage, neighbour), orders, strict=True)
            for session in order
        )
    )
    for session in sessions:
        assert (await sound_session(neighbour, session.id)).last_seq == 16
    connection = await asyncpg.connect(database_url)
    try:
        deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        assert await connection.fetchval(deadlocks) == 0
    finally:
        await connection.close()


async def test_one_that_cannot_be_written_fails_alone(
    storage: PostgresStorage, proxy: PostgresProxy, house: House, expects_errors: list[logging.LogRecord]
) -> None:
    sessions = [await open_session(storage, house.trainer) for _ in range(5)]
    proxy.hold_answers()
    waiting = [asyncio.ensure_future(_push(storage, house, sessions[0], 0))]
    await proxy.answer_held()
    waiting += [asyncio.ensure_future(_push(storage, house, session, 1)) for session in sessions]
    # Transports let no such text in; PostgreSQL cannot hold it.
    broken = a_note(house.trainer, "nul \0")
    bad = asyncio.ensure_future(storage.sessions.append_event(sessions[2].id, house.trainer, broken, later(2)))
    waiting += [asyncio.ensure_future(_push(storage, house, session, 3)) for session in sessions]
    await asyncio.sleep(0)
    proxy.let_flow()
    outcomes = await asyncio.wait_for(asyncio.gather(*waiting), PATIENCE_SECONDS)
    with pytest.raises(asyncpg.PostgresError):
        await bad
    assert len(outcomes) == 11
    assert [(await sound_session(storage, session.id)).last_seq for session in sessions] == [3, 2, 2, 2, 2]
    assert [record.name for record in expects_errors] == ["shiller.journal"]
