"""The record of a session: the next seq, the fold and the event, in one statement and one round trip.

The fold is the domain's, so it runs here and not in SQL: this process keeps the head of each session
that it writes to (the row as it was after the last commit), judges the draft on it, and writes only
if the row is still that head. Somebody else's write makes the head stale; it is read again and the
draft is judged anew. Every such retry means that another write went through, so the loop ends.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from datetime import datetime
from uuid import UUID

import asyncpg

from server.domain.event import Event, EventDraft
from server.domain.outcomes import Conflict, Forbidden, InvalidFields, NotFound, SessionOver
from server.domain.session import AlreadyRecorded, Recorded, Seat, Session, judge_draft, repeat
from server.domain.trainer import Trainer
from server.storage.postgres.database import Database
from server.storage.postgres.rows import EVENT_COLUMNS, event_from, event_values, session_from

# A head is a few kilobytes; the least recently written ones are let go and read again when needed.
HEADS_KEPT = 4096

APPEND = f"""
WITH known AS (
    SELECT {EVENT_COLUMNS} FROM session_events WHERE id = $1
), moved AS (
    UPDATE sessions SET last_seq = $3, last_values = $21, updated_at = $5
    WHERE id = $2 AND last_seq = $3 - 1 AND version = $22 AND closed_at IS NULL
      AND NOT EXISTS (SELECT FROM known)
    RETURNING id
), added AS (
    INSERT INTO session_events ({EVENT_COLUMNS})
    SELECT $1, id, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20 FROM moved
    RETURNING true
)
SELECT EXISTS (SELECT FROM added) AS written, known.* FROM (VALUES (1)) AS one LEFT JOIN known ON true
"""  # noqa: S608 - only the constant list of columns is filled in

FIND_EVENT = f"SELECT {EVENT_COLUMNS} FROM session_events WHERE id = $1"  # noqa: S608


class _Head:
    def __init__(self) -> None:
        self.turn = asyncio.Lock()
        self.session: Session | None = None


class Journal:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._heads: OrderedDict[UUID, _Head] = OrderedDict()

    async def append(
        self, session_id: UUID, actor: Trainer | Seat, draft: EventDraft, now: datetime
    ) -> Recorded | AlreadyRecorded | NotFound | Forbidden | Conflict | SessionOver | InvalidFields:
        head = self._head(session_id)
        async with head.turn:
            while True:
                is_fresh = head.session is None
                session = head.session or await self._read(session_id)
                if session is None:
                    return NotFound("There is no such session.")
                # Unknown again until the write has gone through, whatever interrupts it.
                head.session = None
                outcome = judge_draft(session, actor, draft, None, now)
                match outcome:
                    case Recorded():
                        written = await self._write(outcome)
                        if written is True:
                            head.session = outcome.session
                            return outcome
                        if isinstance(written, Event):
                            return repeat(session, written)
                    case NotFound() | Forbidden() | AlreadyRecorded() | Conflict():
                        return outcome
                    case _ if is_fresh:
                        # A repeat keeps its answer, also when the session has ended since.
                        known = await self._find(draft.id)
                        return outcome if known is None else repeat(session, known)
                    case _:
                        pass

    def forget(self, session_id: UUID) -> None:
        """Somebody changed the session's row in another way."""
        head = self._heads.get(session_id)
        if head is not None:
            head.session = None

    async def _write(self, recorded: Recorded) -> bool | Event | None:
        """True if it was written, the stored event if its id is known, None if the head was stale."""
        session = recorded.session
        try:
            row = await self._database.fetchrow(
                APPEND, *event_values(recorded.event), session.last_values.as_json(), session.version
            )
        except asyncpg.UniqueViolationError:
            # The same id, at the same moment, in another session.
            known = await self._find(recorded.event.id)
            if known is None:
                raise RuntimeError(f"the record of session {session.id} goes beyond its last_seq") from None
            return known
        if row is None:
            return None
        if row["written"]:
            return True
        return None if row["id"] is None else event_from(row)

    async def _read(self, session_id: UUID) -> Session | None:
        row = await self._database.fetchrow("SELECT * FROM sessions WHERE id = $1", session_id)
        return None if row is None else session_from(row)

    async def _find(self, event_id: UUID) -> Event | None:
        row = await self._database.fetchrow(FIND_EVENT, event_id)
        return None if row is None else event_from(row)

    def _head(self, session_id: UUID) -> _Head:
        head = self._heads.setdefault(session_id, _Head())
        self._heads.move_to_end(session_id)
        if len(self._heads) > HEADS_KEPT:
            oldest, least = next(iter(self._heads.items()))
            if not least.turn.locked():
                del self._heads[oldest]
        return head
