"""Homework in PostgreSQL."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

import asyncpg

from server.domain.assignments import (
    Assignment,
    AssignmentSummary,
    Try,
    TrySummary,
    entry_of_assignment,
    judge_try,
    judge_withdrawal,
)
from server.domain.audit import author_of
from server.domain.case import Case
from server.domain.events import Author, Event
from server.domain.outcomes import (
    ID_TAKEN,
    Conflict,
    Forbidden,
    HomeworkOver,
    HomeworkWithdrawn,
    NotFound,
    Unchanged,
)
from server.domain.people import Trainer
from server.domain.session import Session
from server.domain.text import is_storable
from server.live.known_sessions import KnownSessions
from server.ports.results import Added, AlreadyThere, CodeTaken, Cursor, Page
from server.storage.postgres.database import Database
from server.storage.postgres.rows import optional_moment, page_of, plain_moment, plain_uuid, session_from
from server.storage.postgres.school_transaction import SchoolChange, SchoolTransactions, audit_values, insert_audit
from server.storage.postgres.session_reads import FIND_SESSION
from server.storage.postgres.session_rows import judge_taken
from server.storage.postgres.sessions import insert_session

ASSIGNMENT_COLUMNS = (
    "assignments.id, assignments.school_id, assignments.trainer_id, assignments.template_id, assignments.title, until, "
    "token, assignments.created_at, withdrawn_at"
)
_ADD = """
INSERT INTO assignments (id, school_id, trainer_id, template_id, title, until, token, created_at, withdrawn_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
_FIND = f"SELECT {ASSIGNMENT_COLUMNS} FROM assignments WHERE id = $1 AND school_id = $2"  # noqa: S608
_FIND_BY_TOKEN = f"SELECT {ASSIGNMENT_COLUMNS} FROM assignments WHERE token = $1"  # noqa: S608
_COUNTS = """
(SELECT count(*) FROM assignment_tries WHERE assignment_id = assignments.id) AS tries,
(SELECT count(*) FROM assignment_tries JOIN sessions ON sessions.id = session_id
 WHERE assignment_id = assignments.id AND closed_at IS NULL) AS open_tries
"""
_LIST = f"""
SELECT {ASSIGNMENT_COLUMNS}, {_COUNTS} FROM assignments
WHERE school_id = $1 AND ($2::timestamptz IS NULL OR (created_at, id) < ($2, $3))
ORDER BY created_at DESC, id DESC LIMIT $4
"""  # noqa: S608 - only constants are filled in
_WITH_COUNTS = f"SELECT {ASSIGNMENT_COLUMNS}, {_COUNTS} FROM assignments WHERE id = $1"  # noqa: S608 - likewise
_ADD_TRY = """
INSERT INTO assignment_tries (session_id, assignment_id, school_id, name, begun_at) VALUES ($1, $2, $3, $4, $5)
"""
_LIST_TRIES = """
SELECT session_id AS id, assignment_id, name, begun_at AS created_at, closed_at, close_reason, EXISTS (
    SELECT FROM session_events
    WHERE session_events.session_id = sessions.id AND kind = 'case' AND details ->> 'action' = 'ended'
) AS has_played_out
FROM assignment_tries JOIN sessions ON sessions.id = session_id
WHERE assignment_id = $1 AND assignment_tries.school_id = $2
  AND ($3::timestamptz IS NULL OR (begun_at, session_id) < ($3, $4))
ORDER BY begun_at DESC, session_id DESC LIMIT $5
"""


class PostgresAssignments:
    def __init__(self, database: Database, schools: SchoolTransactions, known_sessions: KnownSessions) -> None:
        self._database = database
        self._schools = schools
        self._known_sessions = known_sessions

    async def add_assignment(
        self, assignment: Assignment, by: Author
    ) -> Added[Assignment] | AlreadyThere[Assignment] | Conflict:
        entry = entry_of_assignment(uuid4(), "added", assignment, by, assignment.created_at)
        try:
            async with self._database.of(assignment.school_id).transaction() as connection:
                await connection.execute(_ADD, *assignment_values(assignment))
                await connection.execute(insert_audit(), *audit_values(entry))
        except asyncpg.UniqueViolationError:
            known = await self.find_assignment(assignment.school_id, assignment.id)
            return ID_TAKEN if known is None else AlreadyThere(known)
        return Added(assignment)

    async def find_assignment(self, school_id: UUID, assignment_id: UUID) -> Assignment | None:
        row = await self._database.of(school_id).fetchrow(_FIND, assignment_id, school_id)
        return None if row is None else assignment_from(row)

    async def find_assignment_by_token(self, token: str) -> Assignment | None:
        if not is_storable(token):
            return None
        row = await self._database.every_school.fetchrow(_FIND_BY_TOKEN, token)
        return None if row is None else assignment_from(row)

    async def list_assignments(self, school_id: UUID, limit: int, after: Cursor | None) -> Page[AssignmentSummary]:
        place = (None, None) if after is None else (after.created_at, after.id)
        rows = await self._database.of(school_id).fetch(_LIST, school_id, *place, limit + 1)
        return page_of(rows, limit, _summary_from)

    async def summarize(self, assignment: Assignment) -> AssignmentSummary:
        row = await self._database.of(assignment.school_id).fetchrow(_WITH_COUNTS, assignment.id)
        assert row is not None  # noqa: S101 - no homework is ever deleted
        return _summary_from(row)

    async def withdraw_assignment(
        self, school_id: UUID, assignment_id: UUID, trainer: Trainer, now: datetime
    ) -> Assignment | Unchanged[Assignment] | NotFound | Forbidden:
        async with self._database.of(school_id).transaction() as connection:
            row = await connection.fetchrow(f"{_FIND} FOR NO KEY UPDATE", assignment_id, school_id)
            outcome = judge_withdrawal(None if row is None else assignment_from(row), trainer, now)
            if isinstance(outcome, Assignment):
                await connection.execute("UPDATE assignments SET withdrawn_at = $2 WHERE id = $1", assignment_id, now)
                entry = entry_of_assignment(uuid4(), "deleted", outcome, author_of(trainer), now)
                await connection.execute(insert_audit(), *audit_values(entry))
        return outcome

    async def add_try(
        self, attempt: Try, session: Session, first: Event | None, by: Author, case: Case
    ) -> Session | AlreadyThere[Session] | CodeTaken | HomeworkOver | HomeworkWithdrawn | Conflict:
        async def add(school: SchoolChange) -> Session | HomeworkOver | HomeworkWithdrawn | Conflict:
            row = await school.fetchrow(_WITH_COUNTS, attempt.assignment_id)
            assert row is not None  # noqa: S101 - no homework is ever deleted
            # Under the head of the school nobody else begins one.
            outcome = judge_try(assignment_from(row), row["open_tries"], attempt.begun_at)
            if not isinstance(outcome, Assignment):
                return outcome
            await insert_session(school, session, first, by, case)
            await school.execute(_ADD_TRY, *try_values(attempt, session.school_id))
            return session

        try:
            outcome = await self._schools.change(session.school_id, session.updated_at, add)
        except asyncpg.UniqueViolationError as taken:
            row = await self._database.every_school.fetchrow(FIND_SESSION, session.id)
            return judge_taken(session, None if row is None else session_from(row), taken)
        if isinstance(outcome, Session):
            self._known_sessions.opened(session, first)
        return outcome

    async def list_tries(
        self, school_id: UUID, assignment_id: UUID, limit: int, after: Cursor | None
    ) -> Page[TrySummary]:
        place = (None, None) if after is None else (after.created_at, after.id)
        rows = await self._database.of(school_id).fetch(_LIST_TRIES, assignment_id, school_id, *place, limit + 1)
        return page_of(rows, limit, _try_summary_from)

    async def is_try(self, session_id: UUID) -> bool:
        sql = "SELECT EXISTS (SELECT FROM assignment_tries WHERE session_id = $1)"
        return bool(await self._database.every_school.fetchval(sql, session_id))


def assignment_values(assignment: Assignment) -> tuple[object, ...]:
    return (
        assignment.id,
        assignment.school_id,
        assignment.trainer_id,
        assignment.template_id,
        assignment.title,
        assignment.until,
        assignment.token,
        assignment.created_at,
        assignment.withdrawn_at,
    )


def assignment_from(row: asyncpg.Record) -> Assignment:
    return Assignment(
        id=plain_uuid(row["id"]),
        school_id=plain_uuid(row["school_id"]),
        trainer_id=plain_uuid(row["trainer_id"]),
        template_id=plain_uuid(row["template_id"]),
        title=row["title"],
        until=plain_moment(row["until"]),
        token=row["token"],
        created_at=plain_moment(row["created_at"]),
        withdrawn_at=optional_moment(row["withdrawn_at"]),
    )


def try_values(attempt: Try, school_id: UUID) -> tuple[object, ...]:
    return attempt.session_id, attempt.assignment_id, school_id, attempt.name, attempt.begun_at


def _summary_from(row: asyncpg.Record) -> AssignmentSummary:
    return AssignmentSummary(assignment_from(row), row["tries"], row["open_tries"])


def _try_summary_from(row: asyncpg.Record) -> TrySummary:
    attempt = Try(plain_uuid(row["id"]), plain_uuid(row["assignment_id"]), row["name"], plain_moment(row["created_at"]))
    return TrySummary(attempt, optional_moment(row["closed_at"]), row["close_reason"], row["has_played_out"])
