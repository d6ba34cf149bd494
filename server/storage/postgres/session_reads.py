"""Sessions in PostgreSQL as they are read; and, while that is late or away, as this process knows them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from server.domain.case import Case
from server.domain.events import CaseAction, Event
from server.domain.limits import LimitsSince
from server.domain.session import Session, SessionStatus, SessionSummary
from server.ports.results import Cursor, Page, Seen
from server.ports.slices import Slices
from server.storage.postgres.rows import (
    EVENT_COLUMNS,
    LIMITS_SINCE,
    SESSION_COLUMNS,
    case_from,
    event_from,
    limits_since_from,
    page_of,
    session_from,
)
from server.storage.postgres.seats import PostgresSeats

LOCK_SESSION = f"SELECT {SESSION_COLUMNS}, written FROM sessions WHERE id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE"  # noqa: S608
FIND_SESSION = f"SELECT {SESSION_COLUMNS} FROM sessions WHERE id = $1 AND deleted_at IS NULL"  # noqa: S608
FIND_SESSION_BY_CODE = f"SELECT {SESSION_COLUMNS} FROM sessions WHERE code = $1 AND deleted_at IS NULL"  # noqa: S608


class PostgresSessionReads(PostgresSeats):
    async def find_session(self, session_id: UUID) -> Session | None:
        # A class that joins asks for its session, each trainee by itself.
        return await self._late.ask_together(
            session_id, lambda: self._read_session(session_id), lambda: self._known_sessions.find(session_id)
        )

    async def find_case(self, session_id: UUID) -> Case | None:
        row = await self._database.every_school.fetchrow(
            "SELECT * FROM session_cases WHERE session_id = $1", session_id
        )
        return None if row is None else case_from(row)

    async def limits_since(self, session_id: UUID) -> Sequence[LimitsSince]:
        row = await self._database.every_school.fetchrow(
            f"SELECT {LIMITS_SINCE} FROM sessions WHERE id = $1",  # noqa: S608 - only a constant is filled in
            session_id,
        )
        return () if row is None else limits_since_from(row)

    async def last_case_event(self, session_id: UUID, actions: Collection[CaseAction]) -> Event | None:
        (event,) = await self._late.ask(
            self._read_case_event(session_id, actions),
            lambda: self._known_sessions.last_case_event(session_id, actions),
        )
        return event

    async def find_session_by_code(self, code: str) -> Session | None:
        return await self._late.ask_together(
            code, lambda: self._read_session_by_code(code), lambda: self._known_sessions.find_by_code(code)
        )

    async def list_sessions(
        self, school_id: UUID, status: SessionStatus, limit: int, after: Cursor | None, now: datetime
    ) -> Page[SessionSummary]:
        rows = await self._database.of(school_id).fetch(
            f"""
            SELECT {SESSION_COLUMNS}, (
                SELECT count(*) FROM seats WHERE seats.session_id = sessions.id AND removed_at IS NULL
            ) AS trainee_count
            FROM sessions
            WHERE school_id = $1 AND deleted_at IS NULL
              AND ($2 = 'all' OR ($2 = 'open') = (closed_at IS NULL AND (expires_at > $3 OR hall_id IS NOT NULL)))
              AND ($4::timestamptz IS NULL OR (created_at, id) < ($4, $5))
            ORDER BY created_at DESC, id DESC LIMIT $6
            """,  # noqa: S608 - only the constant list of columns is filled in
            school_id,
            status,
            now,
            after.created_at if after else None,
            after.id if after else None,
            limit + 1,
        )
        return page_of(rows, limit, _summary_from)

    async def due_sessions(self) -> Sequence[Session]:
        rows = await self._database.every_school.fetch(
            "SELECT * FROM sessions WHERE closed_at IS NULL AND last_values ? 'cuff' AND hall_id IS NULL"
        )
        sessions = [self._known_sessions.see(session_from(row)) for row in rows]
        return [session for session in sessions if (cuff := session.last_values.nibp) is not None and cuff.due]

    async def self_moving_sessions(self) -> Sequence[Session]:
        rows = await self._database.every_school.fetch(
            f"""
            SELECT {SESSION_COLUMNS} FROM sessions
            WHERE closed_at IS NULL AND hall_id IS NULL AND id IN (
                SELECT session_id FROM session_cases WHERE steps @? '$[*].transitions[*] ? (@.automatic == true)'
            )
            """,  # noqa: S608 - only the constant list of columns is filled in
        )
        return [self._known_sessions.see(session_from(row)) for row in rows]

    async def moved_among(self, seen: Mapping[UUID, Seen]) -> Sequence[Session]:
        rows = await self._database.every_school.fetch(
            f"""
            SELECT {SESSION_COLUMNS}
            FROM unnest($1::uuid[], $2::integer[], $3::integer[]) AS seen (id, last_seq, version)
            JOIN sessions ON sessions.id = seen.id
            WHERE deleted_at IS NULL AND (sessions.last_seq > seen.last_seq OR sessions.version > seen.version
               OR sessions.closed_at IS NOT NULL)
            """,  # noqa: S608 - only the constant list of columns is filled in
            list(seen),
            [each.last_seq for each in seen.values()],
            [each.version for each in seen.values()],
        )
        return [self._known_sessions.see(session_from(row)) for row in rows]

    async def events_after(self, session_id: UUID, after_seq: int, limit: int) -> Sequence[Event]:
        return await self._late.ask(
            self._read_events(session_id, after_seq, limit),
            lambda: self._known_sessions.events_after(session_id, after_seq, limit),
        )

    async def _read_session(self, session_id: UUID) -> Session | None:
        row = await self._database.every_school.fetchrow(FIND_SESSION, session_id)
        return None if row is None else self._known_sessions.see(session_from(row))

    async def _read_session_by_code(self, code: str) -> Session | None:
        row = await self._database.every_school.fetchrow(FIND_SESSION_BY_CODE, code)
        return None if row is None else self._known_sessions.see(session_from(row))

    async def _read_case_event(self, session_id: UUID, actions: Collection[CaseAction]) -> tuple[Event | None]:
        row = await self._database.every_school.fetchrow(
            f"""
            SELECT {EVENT_COLUMNS} FROM session_events
            WHERE session_id = $1 AND kind = 'case' AND details ->> 'action' = ANY($2::text[])
            ORDER BY seq DESC LIMIT 1
            """,  # noqa: S608 - only the constant list of columns is filled in
            session_id,
            list(actions),
        )
        return (None if row is None else event_from(row),)

    async def _read_events(self, session_id: UUID, after_seq: int, limit: int) -> Sequence[Event]:
        rows = await self._database.every_school.fetch(
            f"SELECT {EVENT_COLUMNS} FROM session_events WHERE session_id = $1 AND seq > $2 ORDER BY seq LIMIT $3",  # noqa: S608
            session_id,
            after_seq,
            limit,
        )
        slices = Slices()
        events: list[Event] = []
        for row in rows:
            events.append(event_from(row))
            await slices.breathe()
        return events


def _summary_from(row: asyncpg.Record) -> SessionSummary:
    # seq has no gaps, so the last one is their number.
    return SessionSummary(session_from(row), event_count=row["last_seq"], trainee_count=row["trainee_count"])
