"""Homework: a case that somebody opens by a link, alone and as often as they like, until a date.

Each try is a session of its own, which runs with no trainer there. Its copy of the case waits for the trainee's own
actions wherever the template waits for a marker that a trainer would have set.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from server.domain.audit import AuditAction, AuditEntry, Subject
from server.domain.case import Case, Step
from server.domain.debrief.marks import BEDSIDE_MARK, MONITOR_KEYS
from server.domain.events import Author, CloseReason
from server.domain.moves import transitions_of
from server.domain.opening import NOT_A_TEMPLATE, NewSession
from server.domain.outcomes import (
    Conflict,
    FieldError,
    Forbidden,
    HomeworkOver,
    HomeworkWithdrawn,
    InvalidFields,
    NotFound,
    Unchanged,
)
from server.domain.people import Trainer
from server.domain.permissions import judge_school_action, judge_taking_back
from server.domain.template import Template
from server.domain.text import DISPLAY_NAME_LIMIT, NAME_LIMIT, TITLE_LIMIT, line_error, one_line
from server.domain.timestamps import not_soon_error
from server.domain.transitions import ByHand, OnAction, OnMarker, Transition

LONGEST_ASSIGNMENT = timedelta(days=366)
OPEN_TRIES_LIMIT = 200
# Of a case that does not say how long it takes: whoever has gone away from it keeps no place for hours.
USUAL_DURATION = timedelta(hours=1)

NO_ASSIGNMENT = NotFound("There is no such homework. Look at the link once more.")
HOMEWORK = Author("system", None, "Homework")
TOO_MANY_TRIES = Conflict(
    f"{OPEN_TRIES_LIMIT} tries of this homework are under way, and no more are begun; try again when some have ended."
)
CASE_STANDS_STILL = Conflict(
    "The case of this homework was changed and no longer runs by itself; tell whoever gave it to you."
)
NOT_ALONE = FieldError(
    "template_id",
    "does not move by itself from its first step; give that step an automatic transition on a time, a condition, an "
    "action or a marker that a trainee can answer for, or choose another case",
)

# What the trainer alone can see: that the pulse is back follows from the case.
_SEEN_BY_TRAINERS = frozenset({"rosc"})


@dataclass(frozen=True, slots=True)
class Assignment:
    """`title` is what trainees read; `token` is the secret of its link, kept as it is: see decision 0025."""

    id: UUID
    school_id: UUID
    trainer_id: UUID
    template_id: UUID
    title: str
    until: datetime
    token: str
    created_at: datetime
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AssignmentDraft:
    template_id: UUID
    title: str
    until: datetime
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class AssignmentSummary:
    assignment: Assignment
    tries: int
    open_tries: int


@dataclass(frozen=True, slots=True)
class Try:
    """Somebody began it, under this name; the rest is in the record of the session."""

    session_id: UUID
    assignment_id: UUID
    name: str
    begun_at: datetime


@dataclass(frozen=True, slots=True)
class TrySummary:
    attempt: Try
    closed_at: datetime | None
    close_reason: CloseReason | None
    has_played_out: bool
    """Whether the case came to an end of its own."""


def judge_assignment(
    trainer: Trainer, draft: AssignmentDraft, template: Template | None, token: str, assignment_id: UUID, now: datetime
) -> Assignment | Forbidden | InvalidFields:
    """`assignment_id` is its id if no other was wished for. Of wrong fields all are named."""
    if refusal := judge_school_action(trainer, "set_homework"):
        return refusal
    errors = [error] if (error := line_error("title", draft.title, TITLE_LIMIT)) else []
    if error := not_soon_error("until", draft.until, now, LONGEST_ASSIGNMENT):
        errors.append(error)
    if template is None or template.deleted_at is not None:
        errors += NOT_A_TEMPLATE.errors
    elif not runs_alone(alone(template.case()).steps):
        errors.append(NOT_ALONE)
    if errors:
        return InvalidFields(tuple(errors))
    return Assignment(
        id=draft.id or assignment_id,
        school_id=trainer.school_id,
        trainer_id=trainer.id,
        template_id=draft.template_id,
        title=one_line(draft.title),
        until=draft.until,
        token=token,
        created_at=now,
    )


def judge_try(
    assignment: Assignment, open_tries: int, now: datetime
) -> Assignment | HomeworkOver | HomeworkWithdrawn | Conflict:
    """Whether one more may be begun now."""
    if assignment.withdrawn_at is not None:
        return HomeworkWithdrawn()
    if assignment.until <= now:
        return HomeworkOver(assignment.until)
    return TOO_MANY_TRIES if open_tries >= OPEN_TRIES_LIMIT else assignment


def judge_withdrawal(
    assignment: Assignment | None, trainer: Trainer, now: datetime
) -> Assignment | Unchanged[Assignment] | NotFound | Forbidden:
    """Its link opens nothing more; the tries that are under way go on to their end. Twice is no error."""
    if assignment is None or assignment.school_id != trainer.school_id:
        return NO_ASSIGNMENT
    if refusal := judge_taking_back(trainer, assignment.trainer_id):
        return refusal
    return Unchanged(assignment) if assignment.withdrawn_at is not None else replace(assignment, withdrawn_at=now)


def entry_of_assignment(
    entry_id: UUID, action: AuditAction, assignment: Assignment, by: Author, now: datetime
) -> AuditEntry:
    subject = Subject("assignment", assignment.id)
    return AuditEntry(entry_id, assignment.school_id, now, by, action, subject, {"title": assignment.title})


def name_errors(name: str) -> tuple[FieldError, ...]:
    error = line_error("name", name, DISPLAY_NAME_LIMIT)
    return () if error is None else (error,)


def id_of_try(assignment: Assignment, asked_id: UUID) -> UUID:
    """Of the session, for whoever asks under an id of their own: no such id leads to any other session."""
    return uuid5(assignment.id, str(asked_id))


def session_of_try(assignment: Assignment, template: Template, name: str, session_id: UUID) -> NewSession:
    """For the trainer it says that it is homework, and whose, in the language of its case."""
    name = one_line(name)
    word = "Devoir : " if (template.content.language or "").startswith("fr") else "Homework: "
    tail = f" · {name}"
    title = word + assignment.title
    return NewSession(
        id=session_id,
        title=title[: TITLE_LIMIT - len(tail)] + tail,
        public_title=assignment.title,
        trainee_name=name[:NAME_LIMIT],
        duration=duration_of(template),
        template_id=template.id,
    )


def duration_of(template: Template) -> timedelta:
    minutes = template.content.duration_minutes
    return USUAL_DURATION if minutes is None else timedelta(minutes=minutes)


def alone(case: Case) -> Case:
    """The case as it is played without a trainer: what a trainer would have marked, the trainee does."""
    return replace(case, steps=tuple(_step_alone(step) for step in case.steps))


def _step_alone(step: Step) -> Step:
    return replace(step, transitions=tuple(_transition_alone(each) for each in step.transitions))


def _transition_alone(transition: Transition) -> Transition:
    match transition.on:
        case OnMarker(marker, count) if marker not in _SEEN_BY_TRAINERS:
            return replace(transition, on=OnAction(marker, count))
        case _:
            return transition


def actions_alone(case: Case) -> tuple[str, ...]:
    """What a trainee is offered to do in it, each once: what the case waits for, and what it asks for besides.

    All of it at any time: buttons that come and go with the steps would tell what is right.
    """
    return tuple(dict.fromkeys(each for each in _actions(alone(case)) if each not in (*MONITOR_KEYS, BEDSIDE_MARK)))


def _actions(case: Case) -> Iterator[str]:
    # The checklist first: it is in the order of the case.
    asked = [*(item.marker for item in case.checklist), *(target.marker for target in case.targets)]
    yield from (marker for marker in asked if marker is not None and marker not in _SEEN_BY_TRAINERS)
    for transition in (each for step in case.steps for each in step.transitions):
        if transition.automatic and isinstance(transition.on, OnAction):
            yield transition.on.action


def runs_alone(steps: Sequence[Step]) -> bool:
    """Whether it leaves its first step with nobody there but the trainee."""
    return bool(steps) and any(_is_taken_alone(each) for each in steps[0].transitions)


def ends_alone(steps: Sequence[Step]) -> bool:
    """Whether such a way leads to an end of the case; if not, it ends with its time."""
    seen: set[str] = set()
    ahead = [steps[0].key] if steps else []
    while ahead:
        key = ahead.pop()
        if key in seen:
            continue
        seen.add(key)
        ways = [each.to for each in transitions_of(steps, key) if _is_taken_alone(each)]
        if None in ways:
            return True
        ahead += _keys(ways)
    return False


def _is_taken_alone(transition: Transition) -> bool:
    return transition.automatic and not isinstance(transition.on, OnMarker | ByHand)


def _keys(ways: Collection[str | None]) -> list[str]:
    return [each for each in ways if each is not None]
