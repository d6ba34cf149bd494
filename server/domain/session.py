"""Training sessions, their codes and seats, and the one rule by which an event is recorded."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from typing import Literal, TypeVar
from uuid import UUID

from server.domain.events import Author, CloseReason
from server.domain.limits import ADULT_LIMITS, Limits, read_limits
from server.domain.outcomes import (
    ID_TAKEN,
    Conflict,
    FieldError,
    Forbidden,
    InvalidFields,
    NotFound,
    NotHome,
    SessionClosed,
    SessionExpired,
    SessionOver,
    Unchanged,
    VersionMismatch,
    version_mismatch,
)
from server.domain.people import Trainer
from server.domain.permissions import judge_action
from server.domain.text import NAME_LIMIT, TITLE_LIMIT, line_error
from server.domain.timestamps import not_soon_error
from server.domain.vitals import LastValues

SessionStatus = Literal["open", "ended", "all"]
Changed = TypeVar("Changed")

# No 0 and O, no 1, I and L: a code is read out loud and typed from a wall.
CODE_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
CODE_LENGTH = 6
LONGEST_LIFE = timedelta(days=30)
CO_TRAINERS_LIMIT = 50
# The field that its end writes, in the log of edits.
CLOSED = ("closed",)


@dataclass(frozen=True, slots=True)
class ForkedFrom:
    """The session, and the last of its events, that another one goes on from.

    `moves_trainees`: the trainees of the one were sent over to the other; that is not told.
    """

    session_id: UUID
    seq: int
    moves_trainees: bool = False


@dataclass(frozen=True, slots=True)
class HomeHall:
    """The hall server that a session came from. `heard_at` is when that was last in contact.

    `clock_offset_ms` is what has to be added to the hall's clock to have this server's; None if nobody measured it.
    """

    id: UUID
    name: str
    clock_offset_ms: int | None
    heard_at: datetime
    is_home: bool = True
    """Whether it alone writes to the session; no longer when that was taken over."""


@dataclass(frozen=True, slots=True)
class SessionLock:
    """No retention touches the session, for this reason."""

    reason: str
    by: Author
    at: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """`title` is for trainers, and may tell what the case is; `public_title` is what a trainee reads. "" is none."""

    id: UUID
    code: str
    title: str
    trainee_name: str | None
    trainer_id: UUID
    school_id: UUID
    template_id: UUID | None
    created_at: datetime
    updated_at: datetime
    expires_at: datetime
    last_values: LastValues
    closed_at: datetime | None = None
    close_reason: CloseReason | None = None
    limits: Limits = field(default_factory=lambda: ADULT_LIMITS)
    last_seq: int = 0
    version: int = 1
    public_title: str = ""
    co_trainer_ids: tuple[UUID, ...] = ()
    shows_conditions: bool = False
    forked_from: ForkedFrom | None = None
    hall: HomeHall | None = None
    lock: SessionLock | None = None
    names_out_at: datetime | None = None
    """Since when it has no names of trainees any more."""

    def over(self, now: datetime) -> SessionOver | None:
        """Whether it has ended; a session is over at its expiry even before the expiry job has come by.

        But for one that runs in a hall: its end comes from there, and it may have been given more time.
        """
        if self.close_reason == "closed":
            return SessionClosed()
        if self.close_reason == "expired" or (self.expires_at <= now and self.elsewhere() is None):
            return SessionExpired()
        return None

    def elsewhere(self) -> NotHome | None:
        """Whether another server alone writes to it. After its end nobody does."""
        hall = self.hall
        return NotHome(hall.name) if hall is not None and hall.is_home and self.closed_at is None else None

    def ended_at(self, now: datetime) -> datetime | None:
        """The moment from which on it was over; None while it is open."""
        if self.close_reason == "closed":
            return self.closed_at
        return None if self.over(now) is None else self.expires_at

    def not_before(self, now: datetime) -> datetime:
        """When it is changed now: no earlier than it was changed last, by whatever clock."""
        return max(now, self.updated_at)

    def moment_within(self, moment: datetime, now: datetime) -> datetime:
        """`moment`, kept within the life of the session and not later than now: a client's clock may be off."""
        return max(self.created_at, min(moment, now, self.ended_at(now) or now))


@dataclass(frozen=True, slots=True)
class SessionSummary:
    session: Session
    event_count: int
    trainee_count: int


@dataclass(frozen=True, slots=True)
class SessionChange:
    """What is None stays as it is; an empty `trainee_name` removes it.

    `limits` as they were sent: those named are laid over the session's own.
    """

    title: str | None = None
    trainee_name: str | None = None
    expires_at: datetime | None = None
    public_title: str | None = None
    limits: Mapping[str, Mapping[str, object]] | None = None
    co_trainer_ids: tuple[UUID, ...] | None = None
    shows_conditions: bool | None = None

    def errors(self) -> list[FieldError]:
        """What is wrong with it in any session."""
        errors = title_errors(title=self.title, public_title=self.public_title, trainee_name=self.trainee_name)
        if self.limits is not None:
            read_limits(self.limits, errors)
        if self.co_trainer_ids is not None and len(self.co_trainer_ids) > CO_TRAINERS_LIMIT:
            errors.append(FieldError("co_trainer_ids", f"may hold at most {CO_TRAINERS_LIMIT} trainers"))
        return errors


@dataclass(frozen=True, slots=True)
class Seat:
    """A trainee's place in a session. Its token is stored as a SHA-256, like a trainer's."""

    id: UUID
    session_id: UUID
    name: str
    joined_at: datetime
    removed_at: datetime | None = None


def normal_code(typed: str) -> str:
    """A code as it was typed, without regard to case, spaces and dashes (telephones make long ones of short ones)."""
    return "".join(
        character for character in typed if not character.isspace() and unicodedata.category(character) != "Pd"
    ).upper()


def title_errors(
    *, title: str | None, public_title: str | None, trainee_name: str | None, is_stored: bool = False
) -> list[FieldError]:
    """Of those that are not None. `is_stored`: as `line_error`."""
    errors = [
        None if title is None else line_error("title", title, TITLE_LIMIT, is_stored=is_stored),
        None if public_title is None else line_error("public_title", public_title, TITLE_LIMIT, required=False),
        None if trainee_name is None else line_error("trainee_name", trainee_name, NAME_LIMIT, required=False),
    ]
    return [error for error in errors if error is not None]


def newly_named(ids: Sequence[UUID], session: Session | None) -> Sequence[tuple[int, UUID]]:
    """Those of a new list of co-trainers, with their places, who are not among the session's already: who has left the
    school since, or only observes, stands in every list that is sent back with one more.
    """
    held = () if session is None else session.co_trainer_ids
    return [(place, each) for place, each in enumerate(ids) if each not in held]


def co_trainer_error(place: int) -> FieldError:
    return FieldError(f"co_trainer_ids.{place}", "is not a trainer of your school, or an observer")


def judge_change(
    session: Session, trainer: Trainer, change: SessionChange, expected_version: int | None, now: datetime
) -> Session | Unchanged[Session] | NotFound | Forbidden | VersionMismatch | SessionOver | NotHome | InvalidFields:
    """A session's own fields, edited. What is over is a record and is not edited."""
    if refusal := judge_action(trainer, "edit_session", session) or session.over(now) or session.elsewhere():
        return refusal
    if mismatch := version_mismatch(expected_version, session.version):
        return mismatch
    if change.expires_at is not None and (error := not_soon_error("expires_at", change.expires_at, now, LONGEST_LIFE)):
        return InvalidFields((error,))
    wished = replace(
        session,
        title=_kept(change.title, session.title),
        public_title=_kept(change.public_title, session.public_title),
        trainee_name=session.trainee_name if change.trainee_name is None else change.trainee_name or None,
        expires_at=_kept(change.expires_at, session.expires_at),
        limits=session.limits if change.limits is None else read_limits(change.limits, [], over=session.limits),
        co_trainer_ids=_kept(change.co_trainer_ids, session.co_trainer_ids),
        shows_conditions=_kept(change.shows_conditions, session.shows_conditions),
    )
    if wished == session:
        return Unchanged(session)
    return replace(wished, updated_at=session.not_before(now), version=session.version + 1)


OWN_FIELDS = tuple(each.name for each in fields(SessionChange))
"""Those that people edit; its record makes the others."""


def changed_session_fields(before: Session, after: Session) -> tuple[str, ...]:
    return tuple(name for name in OWN_FIELDS if getattr(before, name) != getattr(after, name))


def judge_new_session(session: Session, known: Session | None, *, is_code_taken: bool) -> Session | Conflict | None:
    """What stands under the new one's id from now on; None if it needs another code first."""
    if known is not None:
        return known if known.school_id == session.school_id else ID_TAKEN
    return None if is_code_taken else session


def _kept(changed: Changed | None, present: Changed) -> Changed:
    return present if changed is None else changed
