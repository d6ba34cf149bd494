"""Where homework is kept, and which sessions are tries of it."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol
from uuid import UUID

from server.domain.assignments import Assignment, AssignmentSummary, Try, TrySummary
from server.domain.case import Case
from server.domain.events import Author, Event
from server.domain.outcomes import Conflict, Forbidden, HomeworkOver, HomeworkWithdrawn, NotFound, Unchanged
from server.domain.people import Trainer
from server.domain.session import Session
from server.ports.results import Added, AlreadyThere, CodeTaken, Cursor, Page


class AssignmentStore(Protocol):
    async def add_assignment(
        self, assignment: Assignment, by: Author
    ) -> Added[Assignment] | AlreadyThere[Assignment] | Conflict:
        """With its entry in the audit. `Conflict` if another school has the id."""
        ...

    async def find_assignment(self, school_id: UUID, assignment_id: UUID) -> Assignment | None:
        """Withdrawn ones too, as in every reading."""
        ...

    async def find_assignment_by_token(self, token: str) -> Assignment | None:
        """Of whichever school: whoever opens a link has none."""
        ...

    async def list_assignments(self, school_id: UUID, limit: int, after: Cursor | None) -> Page[AssignmentSummary]:
        """Newest first."""
        ...

    async def summarize(self, assignment: Assignment) -> AssignmentSummary:
        """With how often it was tried by now."""
        ...

    async def withdraw_assignment(
        self, school_id: UUID, assignment_id: UUID, trainer: Trainer, now: datetime
    ) -> Assignment | Unchanged[Assignment] | NotFound | Forbidden:
        """`judge_withdrawal`, atomically, with its entry in the audit."""
        ...

    async def add_try(
        self, attempt: Try, session: Session, first: Event | None, by: Author, case: Case
    ) -> Session | AlreadyThere[Session] | CodeTaken | HomeworkOver | HomeworkWithdrawn | Conflict:
        """`judge_try`, and the session with all that belongs to it, atomically: no more are open than may be.

        `Conflict` also if the session was deleted: its id stands for that.
        """
        ...

    async def list_tries(
        self, school_id: UUID, assignment_id: UUID, limit: int, after: Cursor | None
    ) -> Page[TrySummary]:
        """Newest first."""
        ...

    async def is_try(self, session_id: UUID) -> bool: ...
