"""A class that joins takes every connection of the pool at once: what the first use of one costs, it pays ten times."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, nullcontext, suppress
from dataclasses import replace
from functools import partial
from uuid import UUID

import asyncpg
import pytest

from server.domain.outcomes import SessionFull
from server.domain.session import Seat, Session
from server.domain.text import likeness
from server.live.settings import LIVE_SETTINGS
from server.ports.results import StorageUnavailable
from server.storage.postgres import PostgresStorage
from server.storage.postgres.attendance import PUT_SPANS
from server.storage.postgres.database import CONNECTION_SETTINGS, Database, prepare
from server.storage.postgres.seat_naming import (
    INSERT_SEATS,
    READ_SEATS,
    READ_SEATS_SINCE,
    RENAME_SEATS,
    TAKE_TURN,
    SeatNaming,
    Wish,
)
from server.storage.postgres.session_reads import FIND_SESSION, FIND_SESSION_BY_CODE
from tests.support.houses import UNHURRIED, furnish, open_postgres, open_session
from tests.support.making import NOW, a_seat, later
from tests.support.patience import PATIENCE_SECONDS
from tests.support.postgres import as_server

HASTY = replace(LIVE_SETTINGS, patience_seconds=0.05, least_patience_seconds=0.02)


@pytest.mark.parametrize(
    "sql",
    [
        FIND_SESSION,
        FIND_SESSION_BY_CODE,
        PUT_SPANS,
        TAKE_TURN,
        READ_SEATS,
        READ_SEATS_SINCE,
        INSERT_SEATS,
        RENAME_SEATS,
    ],
)
async def test_the_driver_knows_all_types_of_a_join_without_reading_the_catalogue(sql: str, database_url: str) -> None:
    asked: list[str] = []
    connection = await asyncpg.connect(database_url)
    try:
        await prepare(connection)
        connection.add_query_logger(lambda query: asked.append(query.query))
        # Types are looked up now; the preparing itself is no query that the driver tells of.
        await connection.prepare(sql)
    finally:
        await connection.close()
    assert asked == []


async def test_those_who_join_while_the_storage_is_late_are_stored_as_they_were_told_and_told_apart(
    database_url: str,
) -> None:
    """Somebody holds up the session's seats: those who join meanwhile, and right after, have names of their own."""
    async with open_postgres(database_url, live=HASTY) as storage, open_postgres(database_url, live=UNHURRIED) as other:
        session = await open_session(storage, (await furnish(storage)).trainer)
        join = partial(_join, storage, session)
        there = await join("Ann", "")
        holder = await asyncpg.connect(database_url)
        try:
            await holder.execute("BEGIN")
            await holder.execute(f"SELECT pg_advisory_xact_lock(hashtextextended('seats {session.id}', 0))")
            told = await join("Ann", "", "Ann", "", "Cea")
            told[4] = await storage.sessions.rename_seat(told[4], "Ann", is_told_apart=True)
            # As many as there is room for, though nobody can ask.
            told += await join(*["Ann"] * 20)
            assert len(there) + len(told) == 12
        finally:
            await holder.close()
        assert await join("Ann") == []
        stored: Sequence[Seat] = []
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(stored) < 12 or told[4] not in stored:
                stored = await other.sessions.list_seats(session.id)
        assert sorted(stored, key=lambda seat: seat.id) == sorted([*there, *told], key=lambda seat: seat.id)
        assert len({likeness(seat.name) for seat in stored}) == 12


async def test_those_who_are_told_while_the_seats_are_read_are_counted(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first of a session: their turn has come, and what seats there are is being read when they are told."""
    held = "(SELECT pg_advisory_xact_lock_shared(7)) IS NOT NULL"
    monkeypatch.setattr("server.storage.postgres.seat_naming.READ_SEATS", f"{READ_SEATS} AND {held}")
    async with open_postgres(database_url, live=HASTY) as storage, open_postgres(database_url, live=UNHURRIED) as other:
        session = await open_session(storage, (await furnish(storage)).trainer)
        holder = await asyncpg.connect(database_url)
        try:
            # It writes nothing: who writes alone does not look for what others have written.
            await holder.execute("SELECT pg_advisory_lock(7)")
            first = await _join(storage, session, "Ann", "")
            assert len(first) == 2
        finally:
            await holder.close()
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(await other.sessions.list_seats(session.id)) < 2:
                await asyncio.sleep(0.02)
        rest = await _join(storage, session, *["Ann"] * 20)
        assert len(first) + len(rest) == 12
        assert len({likeness(seat.name) for seat in (*first, *rest)}) == 12


async def test_a_seat_that_is_called_late_when_it_is_written_already_is_no_longer_told_ahead(database_url: str) -> None:
    """The turn in which it is written may be the one in which patience ends; what others do to it then counts."""
    async with open_postgres(database_url, live=UNHURRIED) as storage, _naming(database_url) as naming:
        session = await open_session(storage, (await furnish(storage)).trainer)
        wish = Wish(a_seat(session, "Ann"), b"Ann", 1)
        written = await naming.write(wish)
        assert isinstance(written, Seat)
        assert naming.tell(wish, ()) == written
        assert await naming.write(Wish(a_seat(session, "Bea"), b"Bea", 1)) == SessionFull(1)
        assert await storage.sessions.remove_seat(session.id, written.id, NOW) is not None
        bea = a_seat(session, "Bea")
        assert await naming.write(Wish(bea, b"Bea", 1)) == bea


async def test_a_seat_that_has_yet_to_be_written_cannot_be_taken_away_and_nobody_is_told_that_there_is_none(
    database_url: str,
) -> None:
    async with open_postgres(database_url, live=HASTY) as storage:
        session = await open_session(storage, (await furnish(storage)).trainer)
        async with _turn_of(database_url, session):
            (late,) = await _join(storage, session, "Ann")
            with pytest.raises(StorageUnavailable):
                await storage.sessions.remove_seat(session.id, late.id, NOW)
        removed: Seat | None = None
        async with asyncio.timeout(PATIENCE_SECONDS):
            while removed is None:
                with suppress(StorageUnavailable):
                    removed = await storage.sessions.remove_seat(session.id, late.id, NOW)
        assert removed.removed_at == NOW
        assert await storage.sessions.remove_seat(session.id, a_seat(session).id, NOW) is None


@pytest.mark.parametrize("is_late", [False, True])
@pytest.mark.usefixtures("expects_errors")
async def test_one_seat_that_cannot_be_written_costs_the_others_of_its_group_nothing(
    database_url: str, *, is_late: bool
) -> None:
    names = ["Ann", "Bea", "Bad", "Cea", "Dea"]
    live = HASTY if is_late else UNHURRIED
    async with open_postgres(database_url, live=live) as storage, open_postgres(database_url, live=UNHURRIED) as other:
        session = await open_session(storage, (await furnish(storage)).trainer)
        database = await asyncpg.connect(database_url)
        await database.execute("ALTER TABLE seats ADD CHECK (name <> 'Bad')")
        await database.close()
        seats = [a_seat(session, name, later(number)) for number, name in enumerate(names)]
        async with _turn_of(database_url, session) if is_late else nullcontext():
            joining = [storage.sessions.take_seat(each, each.id.bytes, 5) for each in seats]
            outcomes = await asyncio.gather(*joining, return_exceptions=True)
            # Whoever was told is there, although it cannot be asked whether they will be.
            gone = await storage.sessions.removed_among([each.id for each in seats]) if is_late else frozenset[UUID]()
            assert gone == frozenset()
        refused = [name for name, outcome in zip(names, outcomes, strict=True) if not isinstance(outcome, Seat)]
        assert refused == ([] if is_late else ["Bad"])
        good = [each for each in seats if each.name != "Bad"]
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await other.sessions.list_seats(session.id) != good:
                await asyncio.sleep(0.02)
            # Nor does it keep a place that nobody will take.
            while await storage.sessions.find_seat(seats[2].id.bytes) is not None:
                await asyncio.sleep(0.02)
        # Whoever sits on it is cut, for nobody could see them, or take them away.
        assert await storage.sessions.removed_among([each.id for each in seats]) == {seats[2].id}
        last = a_seat(session, "Eve", later(9))
        assert await storage.sessions.take_seat(last, last.id.bytes, 5) == last


async def test_seats_that_were_told_are_written_before_the_storage_closes(database_url: str) -> None:
    async with open_postgres(database_url, live=UNHURRIED) as other:
        session = await open_session(other, (await furnish(other)).trainer)
        storage = await PostgresStorage.open(as_server(database_url), live=HASTY)
        # It knows the session: so it tells what it cannot ask.
        assert await storage.sessions.find_session(session.id) is not None
        async with _turn_of(database_url, session):
            told = await _join(storage, session, "Ann", "Bea")
            closing = asyncio.create_task(storage.close())
            for _ in range(10):
                await asyncio.sleep(0)
        await closing
        assert len(told) == 2
        stored = await other.sessions.list_seats(session.id)
        assert sorted(stored, key=lambda seat: seat.id) == sorted(told, key=lambda seat: seat.id)


@asynccontextmanager
async def _turn_of(url: str, session: Session) -> AsyncGenerator[None]:
    """Somebody holds up the session's seats."""
    holder = await asyncpg.connect(url)
    try:
        await holder.execute("BEGIN")
        await holder.execute(f"SELECT pg_advisory_xact_lock(hashtextextended('seats {session.id}', 0))")
        yield
    finally:
        await holder.close()


@asynccontextmanager
async def _naming(url: str) -> AsyncGenerator[SeatNaming]:
    database = await Database.open(as_server(url), CONNECTION_SETTINGS)
    naming = SeatNaming(database)
    try:
        yield naming
    finally:
        await naming.close()
        await database.close()


async def _join(storage: PostgresStorage, session: Session, *names: str) -> list[Seat]:
    """As many as find room among twelve."""
    seats = [a_seat(session, name) for name in names]
    taken = await asyncio.gather(*(storage.sessions.take_seat(each, each.id.bytes, 12) for each in seats))
    return [each for each in taken if isinstance(each, Seat)]
