"""Seats written under names that tell them apart: those of one session in turn, whichever process they join by."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from server.domain.seat_names import SeatNames
from server.domain.session import Seat
from server.json_text import write_json
from server.storage.postgres.database import Database
from server.storage.postgres.rows import seat_from

if TYPE_CHECKING:
    from server.storage.postgres.database import Connection

# Not the session's row: whoever pushes into it would have to wait.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('seats ' || $1, 0))"
_READ = "SELECT * FROM seats WHERE session_id = $1"
# As JSON, and not as arrays: the driver would read the catalogue for their types on every connection of the pool.
INSERT_SEATS = """
    INSERT INTO seats (id, session_id, token_hash, name, joined_at)
    SELECT id, $2, decode(token_hash, 'hex'), name, joined_at
    FROM json_to_recordset($1) AS seat (id uuid, token_hash text, name text, joined_at timestamptz)
    ON CONFLICT (id) DO NOTHING
"""
RENAME_SEATS = """
    UPDATE seats SET name = renamed.name FROM json_to_recordset($1) AS renamed (id uuid, name text)
    WHERE seats.id = renamed.id
"""


@dataclass(slots=True)
class _Asked:
    seat: Seat
    token_hash: bytes | None
    """None: it is there already, and is called otherwise from now on."""
    is_named: bool
    stored: asyncio.Future[Seat]


class SeatNaming:
    """A class that joins at once is one transaction, or a few: what comes while one is under way goes in the next."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: dict[UUID, list[_Asked]] = {}
        self._writing: set[asyncio.Task[None]] = set()

    async def write(self, seat: Seat, token_hash: bytes | None, *, is_named: bool) -> Seat:
        """The seat as it is stored. `is_named`: it was told its name, and keeps that."""
        asked = _Asked(seat, token_hash, is_named, asyncio.get_running_loop().create_future())
        waiting = self._waiting.get(seat.session_id)
        if waiting is not None:
            waiting.append(asked)
        else:
            self._waiting[seat.session_id] = [asked]
            writing = asyncio.create_task(self._write_waiting(seat.session_id))
            self._writing.add(writing)
            writing.add_done_callback(self._writing.discard)
        return await asked.stored

    async def close(self) -> None:
        for writing in tuple(self._writing):
            writing.cancel()
        await asyncio.gather(*self._writing, return_exceptions=True)

    async def _write_waiting(self, session_id: UUID) -> None:
        while group := self._waiting[session_id]:
            self._waiting[session_id] = []
            try:
                async with self._database.every_school.transaction() as connection:
                    stored = await _write_group(connection, session_id, group)
            except asyncio.CancelledError:
                for asked in (*group, *self._waiting.pop(session_id)):
                    asked.stored.cancel()
                raise
            except Exception as fault:
                for asked in group:
                    if not asked.stored.done():
                        asked.stored.set_exception(fault)
                continue
            for asked, seat in zip(group, stored, strict=True):
                if not asked.stored.done():
                    asked.stored.set_result(seat)
        del self._waiting[session_id]


async def _write_group(connection: Connection, session_id: UUID, group: Sequence[_Asked]) -> Sequence[Seat]:
    await connection.execute(_LOCK, str(session_id))
    there = {seat.id: seat for seat in map(seat_from, await connection.fetch(_READ, session_id))}
    names = SeatNames(there.values())
    stored: list[Seat] = []
    new: list[tuple[Seat, bytes]] = []
    renamed: list[Seat] = []
    for asked in group:
        if asked.token_hash is not None and asked.seat.id in there:
            stored.append(there[asked.seat.id])
            continue
        seat = asked.seat
        if asked.is_named:
            names.took(seat)
        else:
            seat = names.call(seat)
        stored.append(seat)
        if asked.token_hash is None:
            renamed.append(seat)
        else:
            new.append((seat, asked.token_hash))
    if new:
        rows = [
            {
                "id": str(seat.id),
                "token_hash": token_hash.hex(),
                "name": seat.name,
                "joined_at": seat.joined_at.isoformat(),
            }
            for seat, token_hash in new
        ]
        await connection.execute(INSERT_SEATS, write_json(rows), session_id)
    if renamed:
        rows = [{"id": str(seat.id), "name": seat.name} for seat in renamed]
        await connection.execute(RENAME_SEATS, write_json(rows))
    return stored
