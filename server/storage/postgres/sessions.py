"""Sessions, their record and their seats in PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, cast
from uuid import UUID, uuid4

import asyncpg

from server.domain.case import Case
from server.domain.events import SYSTEM, CaseAction, Event, EventDraft
from server.domain.limits import limits_as_json
from server.domain.outcomes import (
    Conflict,
    Forbidden,
    InvalidFields,
    NotFound,
    SessionOver,
    VersionMismatch,
)
from server.domain.people import Trainer
from server.domain.session import (
    DraftOutcome,
    Recorded,
    Seat,
    Session,
    SessionChange,
    SessionStatus,
    SessionSummary,
    end,
    judge_change,
    judge_end,
    judge_taking_controls,
)
from server.domain.timestamps import to_milliseconds
from server.live.journal import Journal
from server.live.known_sessions import KnownSessions
from server.live.late_storage import LateStorage
from server.live.late_writes import LateWrites
from server.ports.records import Foresee
from server.ports.results import Added, AlreadyThere, CodeTaken, Cursor, Page, Seen
from server.storage.postgres.database import Database, next_sync_version
from server.storage.postgres.rows import (
    EVENT_COLUMNS,
    case_from,
    case_values,
    event_from,
    event_values,
    forked_from_values,
    page_of,
    session_from,
)
from server.storage.postgres.seats import PostgresSeats

if TYPE_CHECKING:
    from server.storage.postgres.database import Connection

_NO_SESSION = NotFound("There is no such session.")

INSERT_EVENT = f"""
INSERT INTO session_events ({EVENT_COLUMNS})
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
    $23)
"""  # noqa: S608 - only the constant list of columns is filled in


INSERT_CASE = """
INSERT INTO session_cases (session_id, template_id, template_version, description, steps, checklist, targets)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""


class PostgresSessions(PostgresSeats):
    def __init__(
        self,
        database: Database,
        journal: Journal,
        known_sessions: KnownSessions,
        late: LateStorage,
        writes: LateWrites,
    ) -> None:
        super().__init__(database, known_sessions, late, writes)
        self._journal = journal

    async def add_session(
        self, session: Session, first: Event | None, case: Case | None = None
    ) -> Added[Session] | AlreadyThere[Session] | CodeTaken | Conflict:
        try:
            async with self._database.transaction() as connection:
                version = await next_sync_version(connection, session.school_id, session.updated_at)
                await connection.execute(
                    """
                    INSERT INTO sessions
                        (id, school_id, trainer_id, template_id, code, title, trainee_name, created_at,
                         updated_at, expires_at, last_values, last_seq, limits, version, sync_version,
                         public_title, co_trainer_ids, shows_conditions, forked_from)
                    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
                    """,
                    session.id,
                    session.school_id,
                    session.trainer_id,
                    session.template_id,
                    session.code,
                    session.title,
                    session.trainee_name,
                    session.created_at,
                    session.updated_at,
                    session.expires_at,
                    session.last_values.as_json(),
                    session.last_seq,
                    limits_as_json(session.limits),
                    session.version,
                    version,
                    session.public_title,
                    session.co_trainer_ids,
                    session.shows_conditions,
                    forked_from_values(session.forked_from),
                )
                if case is not None:
                    await connection.execute(INSERT_CASE, *case_values(session.id, case))
                if first is not None:
                    await connection.execute(INSERT_EVENT, *event_values(first))
        except asyncpg.UniqueViolationError:
            known = await self._read_session(session.id)
            if known is None:
                return CodeTaken()
            if known.school_id != session.school_id:
                return Conflict("This id is taken; make a new one (a random UUID).")
            return AlreadyThere(known)
        self._known_sessions.opened(session, first)
        return Added(session)

    async def find_session(self, session_id: UUID) -> Session | None:
        return await self._late.ask(self._read_session(session_id), lambda: self._known_sessions.find(session_id))

    async def find_case(self, session_id: UUID) -> Case | None:
        row = await self._database.fetchrow("SELECT * FROM session_cases WHERE session_id = $1", session_id)
        return None if row is None else case_from(row)

    async def last_case_event(self, session_id: UUID, actions: Collection[CaseAction]) -> Event | None:
        row = await self._database.fetchrow(
            f"""
            SELECT {EVENT_COLUMNS} FROM session_events
            WHERE session_id = $1 AND kind = 'case' AND details ->> 'action' = ANY($2::text[])
            ORDER BY seq DESC LIMIT 1
            """,  # noqa: S608 - only the constant list of columns is filled in
            session_id,
            list(actions),
        )
        return None if row is None else event_from(row)

    async def find_session_by_code(self, code: str) -> Session | None:
        return await self._late.ask(self._read_session_by_code(code), lambda: self._known_sessions.find_by_code(code))

    async def list_sessions(
        self, school_id: UUID, status: SessionStatus, limit: int, after: Cursor | None, now: datetime
    ) -> Page[SessionSummary]:
        rows = await self._database.fetch(
            """
            SELECT sessions.*, (
                SELECT count(*) FROM seats WHERE seats.session_id = sessions.id AND removed_at IS NULL
            ) AS trainee_count
            FROM sessions
            WHERE school_id = $1
              AND ($2 = 'all' OR ($2 = 'open') = (closed_at IS NULL AND expires_at > $3))
              AND ($4::timestamptz IS NULL OR (created_at, id) < ($4, $5))
            ORDER BY created_at DESC, id DESC LIMIT $6
            """,
            school_id,
            status,
            now,
            after.created_at if after else None,
            after.id if after else None,
            limit + 1,
        )
        return page_of(rows, limit, _summary_from)

    async def change_session(
        self,
        session_id: UUID,
        trainer: Trainer,
        change: SessionChange,
        expected_version: int | None,
        now: datetime,
    ) -> Session | NotFound | Forbidden | VersionMismatch | SessionOver | InvalidFields:
        async with self._database.transaction() as connection:
            version = await next_sync_version(connection, trainer.school_id, now)
            session = await _lock_session(connection, session_id)
            if session is None:
                return _NO_SESSION
            changed = judge_change(session, trainer, change, expected_version, now)
            if not isinstance(changed, Session):
                return changed
            await connection.execute(
                """
                UPDATE sessions
                SET title = $2, trainee_name = $3, expires_at = $4, updated_at = $5, version = $6,
                    sync_version = $7, last_client = NULL,
                    public_title = $8, limits = $9, co_trainer_ids = $10, shows_conditions = $11
                WHERE id = $1
                """,
                session_id,
                changed.title,
                changed.trainee_name,
                changed.expires_at,
                changed.updated_at,
                changed.version,
                version,
                changed.public_title,
                limits_as_json(changed.limits),
                changed.co_trainer_ids,
                changed.shows_conditions,
            )
        self._known_sessions.see(changed)
        return changed

    async def append_event(
        self, session_id: UUID, actor: Trainer | Seat, draft: EventDraft, now: datetime, foresee: Foresee | None = None
    ) -> DraftOutcome:
        return await self._journal.append(session_id, actor, draft, now, foresee)

    async def take_controls(
        self, session_id: UUID, trainer: Trainer, event_id: UUID, now: datetime
    ) -> Recorded | Session | NotFound | Forbidden | Conflict | SessionOver:
        await self._journal.settled(session_id)
        async with self._database.transaction() as connection:
            version = await next_sync_version(connection, trainer.school_id, now)
            session = await _lock_session(connection, session_id)
            if session is None:
                return _NO_SESSION
            outcome = judge_taking_controls(session, trainer, event_id, now)
            if isinstance(outcome, Recorded):
                await _write_controls(connection, outcome, version)
        if isinstance(outcome, Recorded):
            self._known_sessions.recorded(outcome)
        return outcome

    async def end_session(
        self, session_id: UUID, trainer: Trainer, event_id: UUID, now: datetime
    ) -> Recorded | Session | NotFound | Forbidden:
        await self._journal.settled(session_id)
        async with self._database.transaction() as connection:
            version = await next_sync_version(connection, trainer.school_id, now)
            session = await _lock_session(connection, session_id)
            if session is None:
                return _NO_SESSION
            outcome = judge_end(session, trainer, event_id, now)
            if isinstance(outcome, Recorded):
                await _write_end(connection, outcome, version)
        match outcome:
            case Recorded():
                self._known_sessions.recorded(outcome)
            case Session():
                self._known_sessions.see(outcome)
            case _:
                pass
        return outcome

    async def expire_due(self, now: datetime, limit: int) -> Sequence[Recorded]:
        # What was pushed before the end comes before the end.
        for session_id in self._journal.waiting_sessions():
            session = self._known_sessions.find(session_id)
            if session is not None and session.expires_at <= now:
                await self._journal.settled(session_id)
        schools = await self._database.fetch(
            "SELECT DISTINCT school_id FROM sessions WHERE closed_at IS NULL AND expires_at <= $1", now
        )
        ended: list[Recorded] = []
        for school in schools:
            if len(ended) < limit:
                ended += await self._expire_due_of(school["school_id"], now, limit - len(ended))
        return ended

    async def _expire_due_of(self, school_id: UUID, now: datetime, limit: int) -> Sequence[Recorded]:
        """A school at a time, its sync_head first: the order in which every other edit takes its locks."""
        async with self._database.transaction() as connection:
            version = await next_sync_version(connection, school_id, now)
            rows = await connection.fetch(
                """
                SELECT * FROM sessions
                WHERE school_id = $1 AND closed_at IS NULL AND expires_at <= $2
                ORDER BY expires_at LIMIT $3 FOR NO KEY UPDATE SKIP LOCKED
                """,
                school_id,
                now,
                limit,
            )
            ended = [end(session_from(row), "expired", SYSTEM, uuid4(), now) for row in rows]
            for recorded in ended:
                await _write_end(connection, recorded, version)
        for recorded in ended:
            self._known_sessions.recorded(recorded)
        return ended

    async def next_expiry(self) -> datetime | None:
        moment = await self._database.fetchval("SELECT min(expires_at) FROM sessions WHERE closed_at IS NULL")
        return None if moment is None else to_milliseconds(cast(datetime, moment))

    async def moved_among(self, seen: Mapping[UUID, Seen]) -> Sequence[Session]:
        rows = await self._database.fetch(
            """
            SELECT sessions.*
            FROM unnest($1::uuid[], $2::integer[], $3::integer[]) AS seen (id, last_seq, version)
            JOIN sessions ON sessions.id = seen.id
            WHERE sessions.last_seq > seen.last_seq OR sessions.version > seen.version
               OR sessions.closed_at IS NOT NULL
            """,
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
        row = await self._database.fetchrow("SELECT * FROM sessions WHERE id = $1", session_id)
        return None if row is None else self._known_sessions.see(session_from(row))

    async def _read_session_by_code(self, code: str) -> Session | None:
        row = await self._database.fetchrow("SELECT * FROM sessions WHERE code = $1", code)
        return None if row is None else self._known_sessions.see(session_from(row))

    async def _read_events(self, session_id: UUID, after_seq: int, limit: int) -> Sequence[Event]:
        rows = await self._database.fetch(
            f"SELECT {EVENT_COLUMNS} FROM session_events WHERE session_id = $1 AND seq > $2 ORDER BY seq LIMIT $3",  # noqa: S608
            session_id,
            after_seq,
            limit,
        )
        return [event_from(row) for row in rows]


def _summary_from(row: asyncpg.Record) -> SessionSummary:
    # seq has no gaps, so the last one is their number.
    return SessionSummary(session_from(row), event_count=row["last_seq"], trainee_count=row["trainee_count"])


async def _lock_session(connection: Connection, session_id: UUID) -> Session | None:
    row = await connection.fetchrow("SELECT * FROM sessions WHERE id = $1 FOR NO KEY UPDATE", session_id)
    return None if row is None else session_from(row)


async def _write_controls(connection: Connection, recorded: Recorded, sync_version: int) -> None:
    session = recorded.session
    await connection.execute(
        """
        UPDATE sessions
        SET co_trainer_ids = $2, last_seq = $3, updated_at = $4, version = $5, sync_version = $6, last_client = NULL
        WHERE id = $1
        """,
        session.id,
        session.co_trainer_ids,
        session.last_seq,
        session.updated_at,
        session.version,
        sync_version,
    )
    await connection.execute(INSERT_EVENT, *event_values(recorded.event))


async def _write_end(connection: Connection, recorded: Recorded, sync_version: int) -> None:
    session = recorded.session
    await connection.execute(
        """
        UPDATE sessions
        SET closed_at = $2, close_reason = $3, last_seq = $4, updated_at = $5, version = $6,
            sync_version = $7, last_client = NULL
        WHERE id = $1
        """,
        session.id,
        session.closed_at,
        session.close_reason,
        session.last_seq,
        session.updated_at,
        session.version,
        sync_version,
    )
    await connection.execute(INSERT_EVENT, *event_values(recorded.event))
