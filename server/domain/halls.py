"""Hall servers of a school: a Shiller without internet that sends its sessions to this one when it can."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from server.domain.audit import AuditAction, AuditEntry, Subject
from server.domain.events import Author
from server.domain.outcomes import Conflict, FieldError, Forbidden, NotFound, SessionOver, Unchanged
from server.domain.people import Trainer
from server.domain.permissions import NO_SESSION, is_let_in, judge_school_action
from server.domain.session import Session
from server.domain.text import NAME_LIMIT, line_error

NO_HALL = NotFound("There is no such hall.")
NAME_TAKEN = Conflict("Another hall has this name; revoke that one first, or choose another name.")
HALL_TRAINERS_LIMIT = 500

Everybody = Literal["all"]


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a hall has not sent yet; `since` is when the oldest of it was made."""

    templates: int
    sessions: int
    events: int
    since: datetime | None
    annotations: int = 0

    @property
    def changes(self) -> int:
        return self.templates + self.sessions + self.events + self.annotations


NOTHING_WAITS = Waiting(0, 0, 0, None)


@dataclass(frozen=True, slots=True)
class Hall:
    """`trainer_ids` are those that may log in there; "all" are those of the school who are no admins."""

    id: UUID
    school_id: UUID
    name: str
    trainer_ids: tuple[UUID, ...] | Everybody
    created_at: datetime
    revoked_at: datetime | None = None
    last_seen_at: datetime | None = None
    client_id: str | None = None
    release: str | None = None
    waiting: Waiting | None = None
    clock_offset_ms: int | None = None

    @property
    def author(self) -> Author:
        """Of what it edits: no account did that."""
        return Author("system", None, self.name)

    def lets_in(self, trainer: Trainer) -> bool:
        """Whether they may log in there: only then the hall is told of them."""
        return is_let_in(trainer, None if self.trainer_ids == "all" else self.trainer_ids)


@dataclass(frozen=True, slots=True)
class HallContact:
    """What a hall says of itself whenever it is in contact."""

    client_id: str
    release: str
    waiting: Waiting
    clock_offset_ms: int | None


@dataclass(frozen=True, slots=True)
class HallSummary:
    hall: Hall
    open_sessions: int


def hall_errors(name: str, trainer_ids: Collection[UUID] | Everybody, known: Collection[UUID]) -> list[FieldError]:
    """What is wrong with a new one; `known` are those of the ids that are trainers of the school."""
    errors = [error] if (error := line_error("name", name, NAME_LIMIT)) else []
    if trainer_ids == "all":
        return errors
    if not 1 <= len(trainer_ids) <= HALL_TRAINERS_LIMIT:
        errors.append(FieldError("trainers", f'must name 1 to {HALL_TRAINERS_LIMIT} trainers, or be "all"'))
    return [
        *errors,
        *(
            FieldError(f"trainers.{place}", "is not a trainer of your school")
            for place, each in enumerate(trainer_ids)
            if each not in known
        ),
    ]


def judge_revocation(hall: Hall | None, school_id: UUID, now: datetime) -> Hall | Unchanged[Hall] | NotFound:
    """Twice is no error: its first moment stays."""
    if hall is None or hall.school_id != school_id:
        return NO_HALL
    return Unchanged(hall) if hall.revoked_at is not None else replace(hall, revoked_at=now)


def judge_take_over(
    session: Session | None, trainer: Trainer, now: datetime
) -> Session | Unchanged[Session] | NotFound | Forbidden | SessionOver:
    """Make this server the home of a hall's session, for the hall is lost: what it sends later is refused."""
    if session is None or session.school_id != trainer.school_id:
        return NO_SESSION
    if refusal := judge_school_action(trainer, "manage_halls") or session.over(now):
        return refusal
    if session.hall is None or not session.hall.is_home:
        return Unchanged(session)
    hall = replace(session.hall, is_home=False)
    return replace(session, hall=hall, version=session.version + 1, updated_at=session.not_before(now))


def entry_of_hall(entry_id: UUID, action: AuditAction, hall: Hall, by: Author, now: datetime) -> AuditEntry:
    subject = Subject("hall", hall.id)
    return AuditEntry(entry_id, hall.school_id, now, by, action, subject, {"name": hall.name})


def entry_of_take_over(entry_id: UUID, session: Session, by: Author) -> AuditEntry:
    """`session` as the take-over left it."""
    details: Mapping[str, object] = {"hall": "" if session.hall is None else session.hall.name}
    subject = Subject("session", session.id)
    return AuditEntry(entry_id, session.school_id, session.updated_at, by, "taken_over", subject, details)
