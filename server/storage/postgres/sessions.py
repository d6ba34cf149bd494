"""Sessions, their record and their seats in PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import cast
from uuid import UUID, uuid4

import asyncpg

from server.domain.audit import author_of, entry_of_edit
from server.domain.case import Case
from server.domain.events import SYSTEM, Author, CaseAction, Event, EventDraft
from server.domain.limits import limits_as_json
from server.domain.outcomes import (
    Conflict,
    Forbidden,
    InvalidFields,
    NotFound,
    SessionOver,
    Unchanged,
    VersionMismatch,
)
from server.domain.people import Trainer
from server.domain.record import DraftOutcome, Recorded, end, judge_end, judge_taking_controls
from server.domain.session import (
    CLOSED,
    Seat,
    Session,
    SessionChange,
    SessionStatus,
    SessionSummary,
    changed_session_fields,
    judge_change,
    judge_new_session,
)
from server.domain.sync import FieldWrite, written_after, written_as_json, written_at_first
from server.domain.timestamps import to_milliseconds
from server.live.journal import Journal
from server.live.known_sessions import KnownSessions
from server.live.late_storage import LateStorage
from server.live.late_writes import LateWrites
from server.ports.records import Foresee
from server.ports.results import Added, AlreadyThere, CodeTaken, Cursor, Page, Seen
from server.storage.postgres.database import Database
from server.storage.postgres.rows import (
    EVENT_COLUMNS,
    case_from,
    case_values,
    event_from,
    event_values,
    forked_from_values,
    page_of,
    session_from,
    written_from,
)
from server.storage.postgres.school_transaction import SchoolChange, SchoolTransactions
from server.storage.postgres.seats import PostgresSeats

_NO_SESSION = NotFound("There is no such session.")

INSERT_EVENT = f"""
INSERT INTO session_events ({EVENT_COLUMNS})
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
    $23)
"""  # noqa: S608 - only the constant list of columns is filled in
_LOCK = "SELECT * FROM sessions WHERE id = $1 FOR NO KEY UPDATE"
_END = """
UPDATE sessions
SET closed_at = $2, close_reason = $3, last_seq = $4, updated_at = $5, version = $6, sync_version = $7, written = $8
WHERE id = $1
"""
_TAKE_CONTROLS = """
UPDATE sessions
SET co_trainer_ids = $2, last_seq = $3, updated_at = $4, version = $5, sync_version = $6, written = $7
WHERE id = $1
"""
INSERT_CASE = """
INSERT INTO session_cases (session_id, template_id, template_version, description, steps, checklist, targets)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""


class PostgresSessions(PostgresSeats):
    def __init__(
        self,
        database: Database,
        schools: SchoolTransactions,
        journal: Journal,
        known_sessions: KnownSessions,
        late: LateStorage,
        writes: LateWrites,
    ) -> None:
        super().__init__(database, known_sessions, late, writes)
        self._schools = schools
        self._journal = journal

    async def add_session(
        self, session: Session, first: Event | None, by: Author, case: Case | None = None
    ) -> Added[Session] | AlreadyThere[Session] | CodeTaken | Conflict:
        async def add(school: SchoolChange) -> Added[Session]:
            await school.edit(
                entry_of_edit(uuid4(), "opened", session, by),
                """
                INSERT INTO sessions
                    (id, school_id, trainer_id, template_id, code, title, trainee_name, created_at, updated_at,
                     expires_at, last_values, last_seq, limits, version, sync_version, first_version, written,
                     public_title, co_trainer_ids, shows_conditions, forked_from)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15, $16, $17, $18, $19, $20)
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
                school.write.version,
                written_as_json(written_at_first(school.write)),
                session.public_title,
                session.co_trainer_ids,
                session.shows_conditions,
                forked_from_values(session.forked_from),
            )
            if case is not None:
                await school.execute(INSERT_CASE, *case_values(session.id, case))
            if first is not None:
                await school.execute(INSERT_EVENT, *event_values(first))
            return Added(session)

        try:
            added = await self._schools.change(session.school_id, session.updated_at, add)
        except asyncpg.UniqueViolationError:
            known = judge_new_session(session, await self._read_session(session.id), is_code_taken=True)
            return AlreadyThere(known) if isinstance(known, Session) else known or CodeTaken()
        self._known_sessions.opened(session, first)
        return added

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
    ) -> Session | Unchanged[Session] | NotFound | Forbidden | VersionMismatch | SessionOver | InvalidFields:
        async def write(
            school: SchoolChange,
        ) -> Session | Unchanged[Session] | NotFound | Forbidden | VersionMismatch | SessionOver | InvalidFields:
            row = await school.fetchrow(_LOCK, session_id)
            if row is None:
                return _NO_SESSION
            session = session_from(row)
            changed = judge_change(session, trainer, change, expected_version, now)
            if not isinstance(changed, Session):
                return changed
            fields = changed_session_fields(session, changed)
            await school.edit(
                entry_of_edit(uuid4(), "changed", changed, author_of(trainer), fields),
                """
                UPDATE sessions
                SET title = $2, trainee_name = $3, expires_at = $4, updated_at = $5, version = $6, sync_version = $7,
                    written = $8, public_title = $9, limits = $10, co_trainer_ids = $11, shows_conditions = $12
                WHERE id = $1
                """,
                session_id,
                changed.title,
                changed.trainee_name,
                changed.expires_at,
                changed.updated_at,
                changed.version,
                school.write.version,
                written_as_json(written_after(written_from(row), "session", fields, school.write)),
                changed.public_title,
                limits_as_json(changed.limits),
                changed.co_trainer_ids,
                changed.shows_conditions,
            )
            return changed

        outcome = await self._schools.change(trainer.school_id, now, write)
        if isinstance(outcome, Session):
            self._known_sessions.see(outcome)
        return outcome

    async def append_event(
        self, session_id: UUID, actor: Trainer | Seat, draft: EventDraft, now: datetime, foresee: Foresee | None = None
    ) -> DraftOutcome:
        return await self._journal.append(session_id, actor, draft, now, foresee)

    async def take_controls(
        self, session_id: UUID, trainer: Trainer, event_id: UUID, now: datetime
    ) -> Recorded | Session | NotFound | Forbidden | Conflict | SessionOver:
        await self._journal.settled(session_id)

        async def write(school: SchoolChange) -> Recorded | Session | NotFound | Forbidden | Conflict | SessionOver:
            row = await school.fetchrow(_LOCK, session_id)
            if row is None:
                return _NO_SESSION
            session = session_from(row)
            outcome = judge_taking_controls(session, trainer, event_id, now)
            if isinstance(outcome, Recorded):
                taken = outcome.session
                fields = changed_session_fields(session, taken)
                await school.edit(
                    entry_of_edit(uuid4(), "changed", taken, author_of(trainer), fields),
                    _TAKE_CONTROLS,
                    taken.id,
                    taken.co_trainer_ids,
                    taken.last_seq,
                    taken.updated_at,
                    taken.version,
                    school.write.version,
                    written_as_json(written_after(written_from(row), "session", fields, school.write)),
                )
                await school.execute(INSERT_EVENT, *event_values(outcome.event))
            return outcome

        outcome = await self._schools.change(trainer.school_id, now, write)
        if isinstance(outcome, Recorded):
            self._known_sessions.recorded(outcome)
        return outcome

    async def end_session(
        self, session_id: UUID, trainer: Trainer, event_id: UUID, now: datetime, by: Author | None = None
    ) -> Recorded | Session | NotFound | Forbidden:
        await self._journal.settled(session_id)

        async def write(school: SchoolChange) -> Recorded | Session | NotFound | Forbidden:
            row = await school.fetchrow(_LOCK, session_id)
            if row is None:
                return _NO_SESSION
            outcome = judge_end(session_from(row), trainer, event_id, now)
            if isinstance(outcome, Recorded):
                ended = _end_values(row, outcome, school.write)
                if outcome.session.close_reason == "closed":
                    entry = entry_of_edit(uuid4(), "closed", outcome.session, by or author_of(trainer))
                    await school.edit(entry, _END, *ended)
                else:
                    await school.execute(_END, *ended)
                await school.execute(INSERT_EVENT, *event_values(outcome.event))
            return outcome

        outcome = await self._schools.change(trainer.school_id, now, write)
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
            """
            SELECT school_id, count(*) AS due FROM sessions
            WHERE closed_at IS NULL AND expires_at <= $1 GROUP BY school_id
            """,
            now,
        )
        ended: list[Recorded] = []
        for school in schools:
            if (most := min(school["due"], limit - len(ended))) > 0:
                ended += await self._expire_due_of(school["school_id"], now, most)
        return ended

    async def _expire_due_of(self, school_id: UUID, now: datetime, most: int) -> Sequence[Recorded]:
        """A school at a time, its head first: the order in which every other edit takes its locks."""

        async def write(school: SchoolChange) -> Sequence[Recorded]:
            rows = await school.fetch(
                """
                SELECT * FROM sessions
                WHERE school_id = $1 AND closed_at IS NULL AND expires_at <= $2
                ORDER BY expires_at LIMIT $3 FOR NO KEY UPDATE SKIP LOCKED
                """,
                school_id,
                now,
                most,
            )
            ended = [end(session_from(row), "expired", SYSTEM, uuid4(), now) for row in rows]
            if ended:
                writes = [FieldWrite(version) for version in school.versions]
                values = zip(rows, ended, writes, strict=False)
                await school.execute_many(_END, [_end_values(*each) for each in values])
                await school.execute_many(INSERT_EVENT, [event_values(recorded.event) for recorded in ended])
            return ended

        ended = await self._schools.change(school_id, now, write, versions=most)
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


def _end_values(row: asyncpg.Record, recorded: Recorded, write: FieldWrite) -> tuple[object, ...]:
    """Those of _END; `row` is the session as it was."""
    session = recorded.session
    return (
        session.id,
        session.closed_at,
        session.close_reason,
        session.last_seq,
        session.updated_at,
        session.version,
        write.version,
        written_as_json(written_after(written_from(row), "session", CLOSED, write)),
    )
