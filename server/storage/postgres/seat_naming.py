"""Seats written under names that tell them apart: those of one session in turn, whichever process they join by.

What a session's seats are called is kept here, and read anew only as far as it has changed since: so a join costs the
same in a full session as in an empty one.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from uuid import UUID

from server.domain.outcomes import SessionFull
from server.domain.seat_names import SeatNames
from server.domain.session import Seat
from server.json_text import write_json
from server.ports.results import StorageUnavailable
from server.storage.postgres.database import Database
from server.storage.postgres.rows import seat_from

if TYPE_CHECKING:
    from server.storage.postgres.database import Connection

# A few lecture halls, or many classes; some 10 MB. The sessions least recently joined are let go, and read again when
# needed.
SEATS_KEPT = 20_000
SESSIONS_KEPT = 1000

# Not the session's row: whoever pushes into it would have to wait. What transactions before the answer's have written
# is seen by every later statement.
TAKE_TURN = """
    SELECT pg_advisory_xact_lock(hashtextextended('seats ' || $1, 0)),
        pg_snapshot_xmin(pg_current_snapshot())::xid::text AS seen_before
"""
READ_SEATS = "SELECT * FROM seats WHERE session_id = $1"
# What was written by transactions that were under way then, or began since; a few others may be among them. Nothing is
# looked at if the next transaction that writes is the one of $3: then there was none.
READ_SEATS_SINCE = f"""
    {READ_SEATS} AND age(xmin) <= age($2::text::xid)
        AND pg_snapshot_xmax(pg_current_snapshot())::xid IS DISTINCT FROM $3::text::xid
"""
# As JSON, and not as arrays: the driver would read the catalogue for their types on every connection of the pool.
INSERT_SEATS = """
    INSERT INTO seats (id, session_id, token_hash, name, joined_at)
    SELECT id, $2, decode(token_hash, 'hex'), name, joined_at
    FROM json_to_recordset($1) AS seat (id uuid, token_hash text, name text, joined_at timestamptz)
    ON CONFLICT (id) DO NOTHING RETURNING xmin::text
"""
RENAME_SEATS = """
    UPDATE seats SET name = renamed.name FROM json_to_recordset($1) AS renamed (id uuid, name text)
    WHERE seats.id = renamed.id RETURNING seats.xmin::text
"""


@dataclass(slots=True)
class Wish:
    """A seat that is to be written, under the name that it wishes for or one like it."""

    seat: Seat
    token_hash: bytes | None
    """None: it is there already, and is called otherwise from now on."""
    most: int | None = None
    """It gets no place where so many seats are taken."""
    outcome: Seat | SessionFull | None = None
    """As it is about to be stored, or that it will not be."""
    is_told: bool = False
    """The storage was late, and its trainee was told the outcome: so it stays."""
    is_written: bool = False
    """There is nothing left to tell ahead of."""


@dataclass(slots=True)
class _Asked:
    wish: Wish
    written: asyncio.Future[Seat | SessionFull]


@dataclass(slots=True)
class _Named:
    """What the seats of a session are called, as far as it is known here."""

    names: SeatNames
    seen_before: str | None = None
    """The storage's transaction before which everything has been read; None: nothing has."""
    written_by: str | None = None
    """The transaction in which this process has written last, after that reading."""

    def next_if_alone(self) -> str | None:
        """The storage's next transaction that writes, if there was none but the last one of here since the reading."""
        if self.written_by is None or self.written_by != self.seen_before:
            return None
        return str((int(self.written_by) + 1) % 2**32)


class SeatNaming:
    """A class that joins at once is one transaction, or a few: what comes while one is under way goes in the next."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: dict[UUID, list[_Asked]] = {}
        self._writing: set[asyncio.Task[None]] = set()
        self._named: OrderedDict[UUID, _Named] = OrderedDict()
        self._told: defaultdict[UUID, dict[UUID, Wish]] = defaultdict(dict)
        """By sessions and seats: what was told and is not written yet; as many as seats may wait to be written."""

    async def write(self, wish: Wish) -> Seat | SessionFull:
        """The seat as it is stored."""
        asked = _Asked(wish, asyncio.get_running_loop().create_future())
        session_id = wish.seat.session_id
        waiting = self._waiting.get(session_id)
        if waiting is not None:
            waiting.append(asked)
        else:
            self._waiting[session_id] = [asked]
            writing = asyncio.create_task(self._write_waiting(session_id))
            self._writing.add(writing)
            writing.add_done_callback(self._writing.discard)
        return await asked.written

    def tell(self, wish: Wish, known: Iterable[Seat]) -> Seat | SessionFull:
        """The storage is late: what will come of it, told apart from those that are known here."""
        if wish.is_written:
            # It was called late in the very turn in which it was written: whoever waits has not heard so yet. Nobody
            # would come to take it out of what is told and not written.
            assert wish.outcome is not None  # noqa: S101 - nothing is written without one
            return wish.outcome
        session_id = wish.seat.session_id
        if wish.outcome is None:
            named = self._named.get(session_id) or self._keep(session_id, _Named(SeatNames(known)))
            wish.outcome = _judge(named.names, wish)
        wish.is_told = True
        if isinstance(wish.outcome, Seat):
            self._told[session_id][wish.seat.id] = wish
        return wish.outcome

    async def close(self) -> None:
        for writing in tuple(self._writing):
            writing.cancel()
        await asyncio.gather(*self._writing, return_exceptions=True)

    async def _write_waiting(self, session_id: UUID) -> None:
        group: list[_Asked] = []
        try:
            while group := self._waiting[session_id]:
                self._waiting[session_id] = []
                await self._answer(session_id, group)
        except asyncio.CancelledError:
            for asked in (*group, *self._waiting.pop(session_id)):
                asked.written.cancel()
            raise
        del self._waiting[session_id]

    async def _answer(self, session_id: UUID, group: Sequence[_Asked]) -> None:
        try:
            written = await self._write_group(session_id, [asked.wish for asked in group])
        except Exception as fault:
            self._take_back(session_id, group)
            is_outage = isinstance(fault, StorageUnavailable)
            if len(group) > 1 and not is_outage:
                # One of them cannot be written, and the others shall not pay for it. Each alone, it will show which.
                for asked in group:
                    await self._answer(session_id, [asked])
                return
            for asked in group:
                if not is_outage:
                    # It keeps no place and no name: nobody will write it.
                    self._forget_told(asked.wish)
                if not asked.written.done():
                    asked.written.set_exception(fault)
            return
        for asked, outcome in zip(group, written, strict=True):
            asked.wish.is_written = True
            self._forget_told(asked.wish)
            if not asked.written.done():
                asked.written.set_result(outcome)

    async def _write_group(self, session_id: UUID, wishes: Sequence[Wish]) -> Sequence[Seat | SessionFull]:
        async with self._database.every_school.transaction() as connection:
            named = await self._read(connection, session_id)
            names = named.names
            outcomes: list[Seat | SessionFull] = []
            to_write: list[Wish] = []
            for wish in wishes:
                is_there = names.find(wish.seat.id) is not None and wish.token_hash is not None and not wish.is_told
                if wish.outcome is None:
                    wish.outcome = _judge(names, wish)
                outcomes.append(wish.outcome)
                if isinstance(wish.outcome, Seat) and not is_there:
                    to_write.append(wish)
            named.written_by = await _write_rows(connection, session_id, to_write)
        return outcomes

    async def _read(self, connection: Connection, session_id: UUID) -> _Named:
        """What all seats of the session are called, those included that are told and not written yet."""
        turn = await connection.fetchrow(TAKE_TURN, str(session_id))
        assert turn is not None  # noqa: S101 - it reads no table
        named = self._named.get(session_id)
        if named is None or named.seen_before is None:
            rows = await connection.fetch(READ_SEATS, session_id)
            named = self._keep(session_id, _Named(SeatNames(map(seat_from, rows))))
            # Those, too, who were told while it was read.
            for wish in self._told.get(session_id, {}).values():
                if isinstance(wish.outcome, Seat):
                    named.names.put(wish.outcome)
        else:
            self._named.move_to_end(session_id)
            since, next_if_alone = named.seen_before, named.next_if_alone()
            rows = await connection.fetch(READ_SEATS_SINCE, session_id, since, next_if_alone)
            told = self._told.get(session_id, {})
            for seat in map(seat_from, rows):
                if seat.id not in told:
                    named.names.put(seat)
        named.seen_before, named.written_by = turn["seen_before"], None
        return named

    def _keep(self, session_id: UUID, named: _Named) -> _Named:
        self._named[session_id] = named
        self._named.move_to_end(session_id)
        kept = sum(len(each.names) for each in self._named.values())
        while len(self._named) > 1 and (kept > SEATS_KEPT or len(self._named) > SESSIONS_KEPT):
            _, forgotten = self._named.popitem(last=False)
            kept -= len(forgotten.names)
        return named

    def _take_back(self, session_id: UUID, group: Sequence[_Asked]) -> None:
        """Nobody knows what of it is stored: it is read anew, and judged anew what was not told."""
        self._named.pop(session_id, None)
        for asked in group:
            if not asked.wish.is_told:
                asked.wish.outcome = None

    def _forget_told(self, wish: Wish) -> None:
        told = self._told.get(wish.seat.session_id, {})
        if told.get(wish.seat.id) is wish:
            del told[wish.seat.id]
            if not told:
                del self._told[wish.seat.session_id]


def _judge(names: SeatNames, wish: Wish) -> Seat | SessionFull:
    if wish.token_hash is not None:
        if (there := names.find(wish.seat.id)) is not None:
            return there
        if wish.most is not None and names.present >= wish.most:
            return SessionFull(wish.most)
    return names.call(wish.seat)


async def _write_rows(connection: Connection, session_id: UUID, wishes: Sequence[Wish]) -> str | None:
    """The storage's number of this transaction, if it has written."""
    new: list[Mapping[str, str]] = []
    renamed: list[Mapping[str, str]] = []
    for wish in wishes:
        seat = cast(Seat, wish.outcome)
        row = {"id": str(seat.id), "name": seat.name}
        if wish.token_hash is None:
            renamed.append(row)
        else:
            new.append({**row, "token_hash": wish.token_hash.hex(), "joined_at": seat.joined_at.isoformat()})
    written_by: str | None = None
    if new:
        written_by = await connection.fetchval(INSERT_SEATS, write_json(new), session_id)
    if renamed:
        written_by = await connection.fetchval(RENAME_SEATS, write_json(renamed)) or written_by
    return written_by
