"""Sessions in PostgreSQL: opened, changed and written to. How they are read and how they end stands beside."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

import asyncpg

from server.domain.audit import author_of, entry_of_edit
from server.domain.case import Case
from server.domain.events import Author, Event, EventDraft
from server.domain.forking import Fork, Forked
from server.domain.limits import limits_as_json
from server.domain.outcomes import (
    Conflict,
    Forbidden,
    InvalidFields,
    NotFound,
    NotHome,
    SessionOver,
    Unchanged,
    VersionMismatch,
)
from server.domain.people import Trainer
from server.domain.permissions import NO_SESSION
from server.domain.record import Actor, Recorded, StoreOutcome, judge_end, judge_taking_controls
from server.domain.session import (
    Session,
    SessionChange,
    changed_session_fields,
    judge_change,
)
from server.domain.sync import FieldWrite, written_after, written_as_json
from server.ports.records import Foresee
from server.ports.results import Added, AlreadyThere, CodeTaken
from server.storage.postgres.rows import (
    INSERT_EVENT,
    SESSION_COLUMNS,
    event_values,
    session_from,
    written_from,
)
from server.storage.postgres.school_transaction import SchoolChange
from server.storage.postgres.session_ends import PostgresSessionEnds, write_end
from server.storage.postgres.session_reads import LOCK_SESSION
from server.storage.postgres.session_rows import case_columns, edited_first, insert_into, judge_taken, session_columns

_TAKE_CONTROLS = """
UPDATE sessions
SET co_trainer_ids = $2, last_seq = $3, updated_at = $4, version = $5, sync_version = $6, written = $7
WHERE id = $1
"""
_FIND_SENT_TO = f"""
SELECT {SESSION_COLUMNS} FROM sessions
WHERE forked_from IS NOT NULL AND forked_from ->> 'session_id' = $1 AND forked_from ? 'moves_trainees'
ORDER BY created_at DESC, id DESC LIMIT 1
"""  # noqa: S608 - only the constant list of columns is filled in


class PostgresSessions(PostgresSessionEnds):
    async def add_session(
        self, session: Session, first: Event | None, by: Author, case: Case | None = None
    ) -> Added[Session] | AlreadyThere[Session] | CodeTaken | Conflict:
        async def add(school: SchoolChange) -> Added[Session]:
            await insert_session(school, session, first, by, case)
            return Added(session)

        try:
            added = await self._schools.change(session.school_id, session.updated_at, add)
        except asyncpg.UniqueViolationError as taken:
            return judge_taken(session, await self._read_session(session.id), taken)
        self._known_sessions.opened(session, first)
        return added

    async def add_fork(
        self, fork: Fork, trainer: Trainer, end_id: UUID
    ) -> Forked | AlreadyThere[Session] | CodeTaken | Conflict | NotFound | Forbidden | NotHome:
        session, forked_from = fork.session, fork.session.forked_from
        assert forked_from is not None  # noqa: S101 - or it would be no fork
        now, by = session.created_at, author_of(trainer)
        if forked_from.moves_trainees:
            await self._journal.settled(forked_from.session_id)

        async def add(school: SchoolChange) -> Forked | NotFound | Forbidden | NotHome:
            await insert_session(school, session, None, by, fork.case)
            await school.execute_many(INSERT_EVENT, [event_values(event) for event in fork.events])
            if not forked_from.moves_trainees:
                return Forked(session)
            row = await school.fetchrow(LOCK_SESSION, forked_from.session_id)
            if row is None:
                return NO_SESSION
            ended = judge_end(session_from(row), trainer, end_id, now)
            if isinstance(ended, Recorded):
                await write_end(school, row, ended, FieldWrite(school.versions[1]), by)
            return Forked(session, ended) if isinstance(ended, Recorded) else _forked_alone(session, ended)

        try:
            added = await self._schools.change(session.school_id, now, add, versions=2)
        except asyncpg.UniqueViolationError as taken:
            return judge_taken(session, await self._read_session(session.id), taken)
        if isinstance(added, Forked):
            self._known_sessions.opened(session, None)
            for event in fork.events:
                self._known_sessions.remember(event)
            if added.ended is not None:
                self._known_sessions.recorded(added.ended)
        return added

    async def find_sent_to(self, session_id: UUID) -> Session | None:
        row = await self._database.every_school.fetchrow(_FIND_SENT_TO, str(session_id))
        return None if row is None else self._known_sessions.see(session_from(row))

    async def change_session(
        self,
        session_id: UUID,
        trainer: Trainer,
        change: SessionChange,
        expected_version: int | None,
        now: datetime,
    ) -> Session | Unchanged[Session] | NotFound | Forbidden | VersionMismatch | SessionOver | NotHome | InvalidFields:
        async def write(
            school: SchoolChange,
        ) -> (
            Session
            | Unchanged[Session]
            | NotFound
            | Forbidden
            | VersionMismatch
            | SessionOver
            | NotHome
            | InvalidFields
        ):
            row = await school.fetchrow(LOCK_SESSION, session_id)
            if row is None:
                return NO_SESSION
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
                written_as_json(written_after(written_from(row), fields, school.write)),
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
        self,
        session_id: UUID,
        actor: Actor,
        draft: EventDraft,
        now: datetime,
        foresee: Foresee | None = None,
        login: bytes | None = None,
    ) -> StoreOutcome:
        return await self._journal.append(session_id, actor, draft, now, foresee, login)

    async def take_controls(
        self, session_id: UUID, trainer: Trainer, event_id: UUID, now: datetime
    ) -> Recorded | Session | NotFound | Forbidden | Conflict | SessionOver | NotHome:
        await self._journal.settled(session_id)

        async def write(
            school: SchoolChange,
        ) -> Recorded | Session | NotFound | Forbidden | Conflict | SessionOver | NotHome:
            row = await school.fetchrow(LOCK_SESSION, session_id)
            if row is None:
                return NO_SESSION
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
                    written_as_json(written_after(written_from(row), fields, school.write)),
                )
                await school.execute(INSERT_EVENT, *event_values(outcome.event))
            return outcome

        outcome = await self._schools.change(trainer.school_id, now, write)
        if isinstance(outcome, Recorded):
            self._known_sessions.recorded(outcome)
        return outcome


def _forked_alone(
    session: Session, ended: Session | NotFound | Forbidden | NotHome
) -> Forked | NotFound | Forbidden | NotHome:
    """The other one was over already; or it may not be ended, and so this one is not opened either."""
    return Forked(session) if isinstance(ended, Session) else ended


async def insert_session(
    school: SchoolChange, session: Session, first: Event | None, by: Author, case: Case | None
) -> None:
    """With all that belongs to a new one. Raises UniqueViolationError if its id or its code is taken."""
    columns = session_columns(session, edited_first(school.write))
    entry = entry_of_edit(uuid4(), "opened", session, by)
    await school.edit(entry, insert_into("sessions", columns), *columns.values())
    if case is not None:
        await insert_case(school, session, case)
    if first is not None:
        await school.execute(INSERT_EVENT, *event_values(first))


async def insert_case(school: SchoolChange, session: Session, case: Case) -> None:
    columns = case_columns(session.id, case)
    await school.execute(insert_into("session_cases", columns), *columns.values())
