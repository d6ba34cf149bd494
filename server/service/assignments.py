"""Homework: given by a trainer, opened by its link, taken back; each try is a session that runs by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import structlog

from server.domain.assignments import (
    CASE_STANDS_STILL,
    HOMEWORK,
    NO_ASSIGNMENT,
    USUAL_DURATION,
    Assignment,
    AssignmentDraft,
    AssignmentSummary,
    Try,
    TrySummary,
    actions_alone,
    alone,
    duration_of,
    ends_alone,
    id_of_try,
    judge_assignment,
    judge_try,
    name_errors,
    runs_alone,
    session_of_try,
)
from server.domain.audit import author_of
from server.domain.events import SYSTEM
from server.domain.opening import draw_code, open_session
from server.domain.outcomes import (
    Conflict,
    Forbidden,
    HomeworkOver,
    HomeworkWithdrawn,
    InvalidFields,
    NotFound,
    NotHome,
    RateLimited,
    Unchanged,
)
from server.domain.people import Trainer
from server.domain.permissions import judge_school_action
from server.domain.record import Recorded
from server.domain.session import Session
from server.domain.template import Template
from server.domain.text import one_line
from server.ports.assignments import AssignmentStore
from server.ports.broadcast import Publisher
from server.ports.people import AccountStore
from server.ports.results import Added, AlreadyThere, CodeTaken, Cursor, Page, StorageUnavailable
from server.ports.sessions import SessionStore
from server.ports.templates import TemplateStore
from server.service.case_control import CaseControl, Controlled
from server.service.cases import Cases
from server.service.guessing import Allowance, Counted, FailureLimit, count_in_all, take_back_in_all
from server.service.tokens import new_token

log = structlog.get_logger("shiller.assignments")

# A link is 256 bits that nobody guesses; who tries does not keep the storage busy.
UNKNOWN_LINKS_BY_ADDRESS = Allowance(20, 1)
# A whole class begins behind one address; a stuck script opens many a second.
TRIES_BY_ADDRESS = Allowance(60, 2)
TRIES_BY_ASSIGNMENT = Allowance(120, 1)


@dataclass(frozen=True, slots=True)
class Given:
    """`ends_by_itself`: whether its case has an end that is reached without a trainer; else its time ends it."""

    assignment: Assignment
    ends_by_itself: bool
    is_new: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """What a link opens, as whoever has it may know: the name of the case, which tells what it is, is not in it."""

    assignment: Assignment
    language: str | None
    duration: timedelta
    actions: Sequence[str]


@dataclass(frozen=True, slots=True)
class Begun:
    session: Session
    is_new: bool


Closed = NotFound | HomeworkOver | HomeworkWithdrawn | Conflict | RateLimited


class Assignments:
    def __init__(
        self,
        store: AssignmentStore,
        templates: TemplateStore,
        accounts: AccountStore,
        sessions: SessionStore,
        cases: Cases,
        case_control: CaseControl,
        publisher: Publisher,
        expiry_changed: Callable[[], None],
        clock: Callable[[], datetime],
    ) -> None:
        """`expiry_changed` is told that the next expiry may be another one than it was."""
        self._store = store
        self._templates = templates
        self._accounts = accounts
        self._sessions = sessions
        self._cases = cases
        self._case_control = case_control
        self._publisher = publisher
        self._expiry_changed = expiry_changed
        self._clock = clock
        self._unknown = FailureLimit(UNKNOWN_LINKS_BY_ADDRESS)
        self._by_address = FailureLimit(TRIES_BY_ADDRESS)
        self._by_assignment = FailureLimit(TRIES_BY_ASSIGNMENT)

    async def list(self, trainer: Trainer, limit: int, after: Cursor | None) -> Page[AssignmentSummary]:
        """Of the whole school, newest first; the withdrawn too, whose tries are still looked at."""
        return await self._store.list_assignments(trainer.school_id, limit, after)

    async def tries(
        self, trainer: Trainer, assignment_id: UUID, limit: int, after: Cursor | None
    ) -> Page[TrySummary] | NotFound:
        if await self._store.find_assignment(trainer.school_id, assignment_id) is None:
            return NO_ASSIGNMENT
        return await self._store.list_tries(trainer.school_id, assignment_id, limit, after)

    async def add(
        self, trainer: Trainer, draft: AssignmentDraft, now: datetime
    ) -> Given | Forbidden | InvalidFields | Conflict:
        template = await self._templates.find_template(trainer.school_id, draft.template_id)
        judged = judge_assignment(trainer, draft, template, new_token(), uuid4(), now)
        if not isinstance(judged, Assignment):
            return judged
        added = await self._store.add_assignment(judged, author_of(trainer))
        if isinstance(added, Conflict):
            return added
        ends = template is not None and ends_alone(alone(template.case()).steps)
        return Given(added.item, ends, isinstance(added, Added))

    async def withdraw(
        self, trainer: Trainer, assignment_id: UUID, now: datetime
    ) -> AssignmentSummary | NotFound | Forbidden:
        """Twice is no error."""
        outcome = await self._store.withdraw_assignment(trainer.school_id, assignment_id, trainer, now)
        if not isinstance(outcome, Assignment | Unchanged):
            return outcome
        assignment = outcome.item if isinstance(outcome, Unchanged) else outcome
        return await self._store.summarize(assignment)

    async def look(self, token: str, address: str, now: datetime) -> Offer | Closed:
        """What a link opens; a closed one says why."""
        assignment = await self._find(token, address, now)
        if not isinstance(assignment, Assignment):
            return assignment
        found = await self._find_case(assignment)
        if not isinstance(found, Template):
            return found
        if not _answers_for_it(await self._accounts.find_trainer(assignment.school_id, assignment.trainer_id)):
            return HomeworkWithdrawn()
        return Offer(assignment, found.content.language, duration_of(found), actions_alone(found.case()))

    async def open(
        self, token: str, name: str, asked_id: UUID | None, address: str, now: datetime
    ) -> Begun | Closed | InvalidFields | Forbidden:
        """Begin a try under this name: a session of its own, whose case has been started.

        With the same `asked_id` as before: the same try, also when no more are begun. Whoever asks once more because
        an answer was lost also starts a case that the server was stopped before starting.
        """
        assignment = await self._find_given(token, address, now)
        if not isinstance(assignment, Assignment):
            return assignment
        if errors := name_errors(name):
            return InvalidFields(errors)
        counted = self._counted(assignment, address)
        if refusal := count_in_all(counted, now):
            return refusal
        try:
            return await self._open(assignment, name, asked_id, now)
        except StorageUnavailable:
            # They ask again until it answers, a whole class behind one address.
            take_back_in_all(counted, now)
            raise

    async def _open(
        self, assignment: Assignment, name: str, asked_id: UUID | None, now: datetime
    ) -> Begun | Closed | InvalidFields | Forbidden:
        trainer = await self._accounts.find_trainer(assignment.school_id, assignment.trainer_id)
        session_id = uuid4() if asked_id is None else id_of_try(assignment, asked_id)
        known = None if asked_id is None else await self._sessions.find_session(session_id)
        if known is None:
            begun = await self._begin(assignment, trainer, one_line(name), session_id, now)
        else:
            begun = Begun(known, is_new=False)
        if isinstance(begun, Begun) and trainer is not None and begun.session.over(now) is None:
            await self._start_case(trainer, begun.session, now)
        return begun

    async def end_with_case(self, session: Session) -> bool:
        """Whether it is a try, which ends with its case; if so, it has ended when this answers."""
        if not await self._store.is_try(session.id):
            return False
        # A session ends once, whoever says so: the id may be any, and had better be one that nobody can use before.
        outcome = await self._sessions.end_with_case(session, uuid4(), HOMEWORK, self._clock())
        if isinstance(outcome, Recorded):
            await self._publisher.event_recorded(outcome)
            await self._publisher.session_ended(outcome.session)
        return not isinstance(outcome, NotHome)

    async def _find(self, token: str, address: str, now: datetime) -> Assignment | Closed:
        """One of which a try may be begun."""
        assignment = await self._find_given(token, address, now)
        return judge_try(assignment, 0, now) if isinstance(assignment, Assignment) else assignment

    async def _find_given(self, token: str, address: str, now: datetime) -> Assignment | NotFound | RateLimited:
        if refusal := self._unknown.refusal(address, now):
            return refusal
        assignment = await self._store.find_assignment_by_token(token)
        if assignment is None:
            self._unknown.count(address, now)
            return NO_ASSIGNMENT
        return assignment

    async def _find_case(self, assignment: Assignment) -> Template | HomeworkWithdrawn | Conflict:
        template = await self._templates.find_template(assignment.school_id, assignment.template_id)
        if template is None or template.deleted_at is not None:
            return HomeworkWithdrawn()
        return template if runs_alone(alone(template.case()).steps) else CASE_STANDS_STILL

    def _counted(self, assignment: Assignment, address: str) -> Counted:
        return (self._by_address, address), (self._by_assignment, str(assignment.id))

    async def _begin(
        self, assignment: Assignment, trainer: Trainer | None, name: str, session_id: UUID, now: datetime
    ) -> Begun | Closed | InvalidFields:
        if not isinstance(judged := judge_try(assignment, 0, now), Assignment):
            return judged
        template = await self._find_case(assignment)
        if not isinstance(template, Template):
            return template
        if trainer is None or not _answers_for_it(trainer):
            return HomeworkWithdrawn()
        new = session_of_try(assignment, template, name, session_id)
        opened = open_session(
            trainer, new, template, USUAL_DURATION, session_id=session_id, event_id=uuid4(), now=now, by=SYSTEM
        )
        if isinstance(opened, InvalidFields):
            return opened
        session, first = opened
        case = alone(template.case())
        attempt = Try(session.id, assignment.id, name, now)
        while True:
            coded = replace(session, code=draw_code())
            outcome = await self._store.add_try(attempt, coded, first, HOMEWORK, case)
            if not isinstance(outcome, CodeTaken):
                break
        if isinstance(outcome, AlreadyThere):
            return Begun(outcome.item, is_new=False)
        if not isinstance(outcome, Session):
            return outcome
        self._cases.keep(outcome.id, case)
        self._expiry_changed()
        return Begun(outcome, is_new=True)

    async def _start_case(self, trainer: Trainer, session: Session, now: datetime) -> None:
        started = await self._case_control.start(trainer, session.id, now)
        if not isinstance(started, Controlled):
            log.warning("the case of a try could not be started", session_id=str(session.id), outcome=str(started))


def _answers_for_it(giver: Trainer | None) -> bool:
    """Whoever gave it is still there, and may give some."""
    return giver is not None and judge_school_action(giver, "set_homework") is None
