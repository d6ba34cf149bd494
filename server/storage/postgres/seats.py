"""Seats in PostgreSQL; and, while that is late or away, the seats that this process knows and has yet to write."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from uuid import UUID

from server.domain.outcomes import SessionFull
from server.domain.session import Seat
from server.live.known_sessions import KnownSessions
from server.live.late_storage import LateStorage
from server.live.late_writes import LateWrites
from server.ports.results import StorageUnavailable
from server.storage.postgres.database import Database
from server.storage.postgres.rows import seat_from
from server.storage.postgres.seat_naming import SeatNaming, Wish

_INSERT = """
    INSERT INTO seats (id, session_id, token_hash, name, joined_at) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (id) DO NOTHING
"""
_GONE = """
    SELECT asked.id FROM unnest($1::uuid[]) AS asked (id) LEFT JOIN seats ON seats.id = asked.id
    WHERE seats.id IS NULL OR seats.removed_at IS NOT NULL
"""
_RENAME = "UPDATE seats SET name = $2 WHERE id = $1"


class PostgresSeats:
    def __init__(
        self, database: Database, known_sessions: KnownSessions, late: LateStorage, writes: LateWrites
    ) -> None:
        self._database = database
        self._known_sessions = known_sessions
        self._late = late
        self._writes = writes
        self._naming = SeatNaming(database)

    async def add_seat(self, seat: Seat, token_hash: bytes) -> Seat:
        await self._write(seat, _INSERT, seat.id, seat.session_id, token_hash, seat.name, seat.joined_at)
        self._known_sessions.seats(seat.session_id).took(seat, token_hash)
        return seat

    async def take_seat(self, seat: Seat, token_hash: bytes, most: int) -> Seat | SessionFull:
        taken = await self._write_apart(Wish(seat, token_hash, most))
        if isinstance(taken, Seat):
            self._known_sessions.seats(seat.session_id).took(taken, token_hash)
        return taken

    async def find_seat(self, token_hash: bytes) -> Seat | None:
        return await self._late.ask(self._read_seat(token_hash), lambda: self._known_sessions.find_seat(token_hash))

    async def rename_seat(self, seat: Seat, name: str, *, is_told_apart: bool = False) -> Seat:
        renamed = replace(seat, name=name)
        if is_told_apart:
            named = await self._write_apart(Wish(renamed, None))
            renamed = named if isinstance(named, Seat) else seat
        else:
            await self._write(seat, _RENAME, seat.id, name)
        self._known_sessions.seats(seat.session_id).took(renamed)
        return renamed

    async def remove_seat(self, session_id: UUID, seat_id: UUID, now: datetime) -> Seat | None:
        await self._writes.give_time(seat_id)
        row = await self._database.every_school.fetchrow(
            """
            UPDATE seats SET removed_at = coalesce(removed_at, $3)
            WHERE id = $1 AND session_id = $2 RETURNING *
            """,
            seat_id,
            session_id,
            now,
        )
        if row is None:
            if seat_id in self._writes.waiting():
                # Its trainee is there, under the eyes of whoever wants it gone.
                raise StorageUnavailable("the seat has yet to be written")
            return None
        removed = seat_from(row)
        self._known_sessions.seats(session_id).took(removed)
        return removed

    async def removed_among(self, seat_ids: Collection[UUID]) -> frozenset[UUID]:
        # Before it is asked: what is written meanwhile is found, or was waited for.
        waiting = self._writes.waiting()
        rows = await self._database.every_school.fetch(_GONE, [each for each in seat_ids if each not in waiting])
        return frozenset(UUID(int=row["id"].int) for row in rows)

    async def close(self) -> None:
        await self._naming.close()

    async def list_seats(self, session_id: UUID) -> Sequence[Seat]:
        return await self._late.ask(self._read_seats(session_id), self._known_sessions.seats(session_id).present)

    async def _read_seat(self, token_hash: bytes) -> Seat | None:
        row = await self._database.every_school.fetchrow("SELECT * FROM seats WHERE token_hash = $1", token_hash)
        if row is None:
            # It may have yet to be written.
            return self._known_sessions.find_seat(token_hash)
        seat = seat_from(row)
        self._known_sessions.seats(seat.session_id).took(seat, token_hash)
        return seat

    async def _read_seats(self, session_id: UUID) -> Sequence[Seat]:
        known = self._known_sessions.seats(session_id)
        known_before = known.known() - self._writes.waiting()
        rows = await self._database.every_school.fetch(
            "SELECT * FROM seats WHERE session_id = $1 AND removed_at IS NULL ORDER BY joined_at, id",
            session_id,
        )
        seats = [seat_from(row) for row in rows]
        known.listed(seats, known_before)
        present = known.present()
        return seats if present is None else present

    async def _write(self, seat: Seat, sql: str, *values: object) -> None:
        is_known = self._known_sessions.find(seat.session_id) is not None
        await self._writes.write(seat.id, partial(self._database.every_school.execute, sql, *values), is_known=is_known)

    async def _write_apart(self, wish: Wish) -> Seat | SessionFull:
        written: Seat | SessionFull | None = None

        async def write() -> None:
            nonlocal written
            try:
                written = await self._naming.write(wish)
            except StorageUnavailable:
                raise
            except Exception:
                # It was told, perhaps, and will not be: nobody shall find it here.
                self._known_sessions.seats(session_id).cannot_be_written(wish.seat.id)
                raise

        session_id = wish.seat.session_id
        is_known = self._known_sessions.find(session_id) is not None
        await self._writes.write(wish.seat.id, write, is_known=is_known)
        return written or self._naming.tell(wish, self._known_sessions.seats(session_id).all_known())
