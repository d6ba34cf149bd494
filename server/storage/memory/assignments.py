"""Homework in memory."""

from __future__ import annotations

import asyncio
from datetime import datetime
from uuid import UUID, uuid4

from server.domain.assignments import (
    Assignment,
    AssignmentSummary,
    Try,
    TrySummary,
    entry_of_assignment,
    judge_try,
    judge_withdrawal,
)
from server.domain.audit import author_of, entry_of_edit
from server.domain.case import Case
from server.domain.events import Author, CaseEnded, Event
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
from server.live.known_sessions import KnownSessions
from server.ports.results import Added, AlreadyThere, CodeTaken, Cursor, Page
from server.storage.memory.tables import Tables, page_of


class MemoryAssignments:
    def __init__(self, tables: Tables, known_sessions: KnownSessions) -> None:
        self._tables = tables
        self._known_sessions = known_sessions

    async def add_assignment(
        self, assignment: Assignment, by: Author
    ) -> Added[Assignment] | AlreadyThere[Assignment] | Conflict:
        await asyncio.sleep(0)
        known = self._tables.assignments.get(assignment.id)
        if known is not None:
            return AlreadyThere(known) if known.school_id == assignment.school_id else ID_TAKEN
        self._tables.assignments[assignment.id] = assignment
        entry = entry_of_assignment(uuid4(), "added", assignment, by, assignment.created_at)
        self._tables.logs[assignment.school_id].audit.append(entry)
        return Added(assignment)

    async def find_assignment(self, school_id: UUID, assignment_id: UUID) -> Assignment | None:
        await asyncio.sleep(0)
        found = self._tables.assignments.get(assignment_id)
        return found if found is not None and found.school_id == school_id else None

    async def find_assignment_by_token(self, token: str) -> Assignment | None:
        await asyncio.sleep(0)
        return next((each for each in self._tables.assignments.values() if each.token == token), None)

    async def list_assignments(self, school_id: UUID, limit: int, after: Cursor | None) -> Page[AssignmentSummary]:
        await asyncio.sleep(0)
        rows = [each for each in self._tables.assignments.values() if each.school_id == school_id]
        page = page_of(rows, limit, after, newest_first=True)
        return Page([self._summary(each) for each in page.items], page.next)

    async def summarize(self, assignment: Assignment) -> AssignmentSummary:
        await asyncio.sleep(0)
        return self._summary(assignment)

    async def withdraw_assignment(
        self, school_id: UUID, assignment_id: UUID, trainer: Trainer, now: datetime
    ) -> Assignment | Unchanged[Assignment] | NotFound | Forbidden:
        await asyncio.sleep(0)
        outcome = judge_withdrawal(self._tables.assignments.get(assignment_id), trainer, now)
        if isinstance(outcome, Assignment):
            self._tables.assignments[assignment_id] = outcome
            entry = entry_of_assignment(uuid4(), "deleted", outcome, author_of(trainer), now)
            self._tables.logs[school_id].audit.append(entry)
        return outcome

    async def add_try(
        self, attempt: Try, session: Session, first: Event | None, by: Author, case: Case
    ) -> Session | AlreadyThere[Session] | CodeTaken | HomeworkOver | HomeworkWithdrawn | Conflict:
        await asyncio.sleep(0)
        if session.id in self._tables.deleted_sessions:
            return ID_TAKEN
        if (known := self._tables.sessions.get(session.id)) is not None:
            return AlreadyThere(known)
        summary = self._summary(self._tables.assignments[attempt.assignment_id])
        outcome = judge_try(summary.assignment, summary.open_tries, attempt.begun_at)
        if not isinstance(outcome, Assignment):
            return outcome
        if session.code in self._tables.codes:
            return CodeTaken()
        self._tables.open(session, first, case)
        self._known_sessions.opened(session, first)
        self._tables.logs[session.school_id].edited(entry_of_edit(uuid4(), "opened", session, by))
        self._tables.tries[session.id] = attempt
        return session

    async def list_tries(
        self, school_id: UUID, assignment_id: UUID, limit: int, after: Cursor | None
    ) -> Page[TrySummary]:
        await asyncio.sleep(0)
        tries = [each for each in self._tables.tries.values() if each.assignment_id == assignment_id]
        sessions = [self._tables.sessions[each.session_id] for each in tries]
        page = page_of([each for each in sessions if each.school_id == school_id], limit, after, newest_first=True)
        return Page([self._try_summary(each) for each in page.items], page.next)

    async def is_try(self, session_id: UUID) -> bool:
        await asyncio.sleep(0)
        return session_id in self._tables.tries

    def _summary(self, assignment: Assignment) -> AssignmentSummary:
        tries = [each for each in self._tables.tries.values() if each.assignment_id == assignment.id]
        open_tries = [each for each in tries if self._tables.sessions[each.session_id].closed_at is None]
        return AssignmentSummary(assignment, len(tries), len(open_tries))

    def _try_summary(self, session: Session) -> TrySummary:
        has_played_out = any(isinstance(each.fact, CaseEnded) for each in self._tables.records[session.id])
        return TrySummary(self._tables.tries[session.id], session.closed_at, session.close_reason, has_played_out)
