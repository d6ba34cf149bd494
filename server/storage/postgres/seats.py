"""Seats in PostgreSQL; and, while that is late or away, the seats that this process knows and has yet to write."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from server.domain.session import Seat
from server.live.backoff import pause
from server.live.known_sessions import Heads
from server.live.late_storage import Patience
from server.ports.results import StorageUnavailable
from server.storage.postgres.database import Database
from server.storage.postgres.rows import seat_from

# A few lecture halls. At the bound nobody new is let in.
SEATS_WAITING = 5000
SHORTEST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 2.0

_INSERT = """
    INSERT INTO seats (id, session_id, token_hash, name, joined_at) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (id) DO NOTHING
"""
_RENAME = "UPDATE seats SET name = $2 WHERE id = $1"


class PostgresSeats:
    def __init__(self, database: Database, heads: Heads, patience: Patience) -> None:
        self._database = database
        self._heads = heads
        self._patience = patience
        self._unwritten: dict[UUID, asyncio.Task[None]] = {}

    async def add_seat(self, seat: Seat, token_hash: bytes) -> None:
        await self._write(seat, _INSERT, seat.id, seat.session_id, token_hash, seat.name, seat.joined_at)
        self._heads.roster(seat.session_id).took(seat, token_hash)

    async def find_seat(self, session_id: UUID, token_hash: bytes) -> Seat | None:
        return await self._patience.ask(
            self._read_seat(session_id, token_hash), lambda: self._heads.roster(session_id).find(token_hash)
        )

    async def rename_seat(self, seat: Seat, name: str) -> Seat:
        renamed = replace(seat, name=name)
        await self._write(seat, _RENAME, seat.id, name)
        self._heads.roster(seat.session_id).took(renamed)
        return renamed

    async def remove_seat(self, session_id: UUID, seat_id: UUID, now: datetime) -> Seat | None:
        if (writing := self._unwritten.get(seat_id)) is not None:
            await self._patience.has_ended(writing)
        row = await self._database.fetchrow(
            """
            UPDATE seats SET removed_at = coalesce(removed_at, $3)
            WHERE id = $1 AND session_id = $2 RETURNING *
            """,
            seat_id,
            session_id,
            now,
        )
        if row is None:
            return None
        removed = seat_from(row)
        self._heads.roster(session_id).took(removed)
        return removed

    async def removed_among(self, seat_ids: Collection[UUID]) -> frozenset[UUID]:
        rows = await self._database.fetch(
            "SELECT id FROM seats WHERE id = ANY($1) AND removed_at IS NOT NULL", list(seat_ids)
        )
        return frozenset(UUID(int=row["id"].int) for row in rows)

    async def list_seats(self, session_id: UUID) -> Sequence[Seat]:
        return await self._patience.ask(self._read_seats(session_id), lambda: self._heads.roster(session_id).present())

    async def _read_seat(self, session_id: UUID, token_hash: bytes) -> Seat | None:
        row = await self._database.fetchrow(
            "SELECT * FROM seats WHERE token_hash = $1 AND session_id = $2", token_hash, session_id
        )
        if row is None:
            # It may have yet to be written.
            return self._heads.roster(session_id).find(token_hash)
        seat = seat_from(row)
        self._heads.roster(session_id).took(seat, token_hash)
        return seat

    async def _read_seats(self, session_id: UUID) -> Sequence[Seat]:
        roster = self._heads.roster(session_id)
        known_before = roster.known() - self._unwritten.keys()
        rows = await self._database.fetch(
            "SELECT * FROM seats WHERE session_id = $1 AND removed_at IS NULL ORDER BY joined_at, id",
            session_id,
        )
        seats = [seat_from(row) for row in rows]
        roster.listed(seats, known_before)
        present = roster.present()
        return seats if present is None else present

    async def _write(self, seat: Seat, sql: str, *values: object) -> None:
        """Returns when it is written; or, in a session that this process knows, when it is late: it will be."""
        if len(self._unwritten) >= SEATS_WAITING:
            raise StorageUnavailable(f"{len(self._unwritten)} seats wait to be written")
        is_known = self._heads.find(seat.session_id) is not None
        writing = asyncio.create_task(self._keep_writing(self._unwritten.get(seat.id), is_known, sql, values))
        self._unwritten[seat.id] = writing
        writing.add_done_callback(lambda _: self._ended(seat.id, writing))
        if not await self._patience.has_ended(writing) and is_known:
            self._patience.leave(writing)
        else:
            await writing

    async def _keep_writing(
        self, before: asyncio.Task[None] | None, is_known: bool, sql: str, values: Sequence[object]
    ) -> None:
        if before is not None:
            await asyncio.wait({before})
        tries = 0
        while True:
            try:
                return await self._database.execute(sql, *values)
            except StorageUnavailable:
                if not is_known:
                    raise
            await asyncio.sleep(pause(SHORTEST_PAUSE_SECONDS, tries, LONGEST_PAUSE_SECONDS))
            tries += 1

    def _ended(self, seat_id: UUID, writing: asyncio.Task[None]) -> None:
        if self._unwritten.get(seat_id) is writing:
            del self._unwritten[seat_id]
