"""A class that joins takes every connection of the pool at once: what the first use of one costs, it pays ten times."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import asyncpg
import pytest

from server.domain.session import Seat, Session
from server.domain.text import likeness
from server.live.settings import LIVE_SETTINGS
from server.storage.postgres import PostgresStorage
from server.storage.postgres.attendance import PUT_SPANS
from server.storage.postgres.database import prepare
from server.storage.postgres.seat_naming import INSERT_SEATS, READ_SEATS, READ_SEATS_SINCE, RENAME_SEATS, TAKE_TURN
from server.storage.postgres.session_reads import FIND_SESSION, FIND_SESSION_BY_CODE
from tests.support.houses import UNHURRIED, furnish, open_postgres, open_session
from tests.support.making import a_seat
from tests.support.patience import PATIENCE_SECONDS


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
    live = replace(LIVE_SETTINGS, patience_seconds=0.05, least_patience_seconds=0.02)
    async with open_postgres(database_url, live=live) as storage, open_postgres(database_url, live=UNHURRIED) as other:
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
    live = replace(LIVE_SETTINGS, patience_seconds=0.05, least_patience_seconds=0.02)
    async with open_postgres(database_url, live=live) as storage, open_postgres(database_url, live=UNHURRIED) as other:
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


async def _join(storage: PostgresStorage, session: Session, *names: str) -> list[Seat]:
    """As many as find room among twelve."""
    seats = [a_seat(session, name) for name in names]
    taken = await asyncio.gather(*(storage.sessions.take_seat(each, each.id.bytes, 12) for each in seats))
    return [each for each in taken if isinstance(each, Seat)]
