"""Training sessions, their codes and seats, and the one rule by which an event is recorded."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Literal, TypeVar
from uuid import UUID

from server.domain.events import (
    SYSTEM,
    ActionTaken,
    Author,
    AutomationSwitched,
    CaseEnded,
    CasePaused,
    CaseResumed,
    CaseStarted,
    CloseReason,
    ControlsTaken,
    Event,
    EventDraft,
    Fact,
    NoteAdded,
    SessionEnded,
    VitalsPushed,
    fold_fact,
)
from server.domain.limits import ADULT_LIMITS, Limits, read_limits
from server.domain.outcomes import (
    ID_TAKEN,
    Conflict,
    FieldError,
    Forbidden,
    InvalidFields,
    NotFound,
    SessionClosed,
    SessionExpired,
    SessionOver,
    Unchanged,
    VersionMismatch,
    invalid,
)
from server.domain.people import Trainer
from server.domain.permissions import Action, holds_controls, judge_action
from server.domain.text import NAME_LIMIT, TITLE_LIMIT, line_error
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
    """The session, and the last of its events, that another one goes on from."""

    session_id: UUID
    seq: int


@dataclass(frozen=True, slots=True)
class Session:
    """`title` is for trainers, and may tell what the case is; `public_title` is what a trainee reads."""

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

    def over(self, now: datetime) -> SessionOver | None:
        """Whether it has ended; a session is over at its expiry even before the expiry job has come by."""
        if self.close_reason == "closed":
            return SessionClosed()
        if self.close_reason == "expired" or self.expires_at <= now:
            return SessionExpired()
        return None

    def ended_at(self, now: datetime) -> datetime | None:
        """The moment from which on it was over; None while it is open."""
        if self.close_reason == "closed":
            return self.closed_at
        return None if self.over(now) is None else self.expires_at

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


@dataclass(frozen=True, slots=True)
class Recorded:
    """A new event, and the session as it is with it."""

    session: Session
    event: Event


@dataclass(frozen=True, slots=True)
class AlreadyRecorded:
    """The event that this id was recorded as before; nothing was stored and nobody is told again."""

    event: Event


@dataclass(frozen=True, slots=True)
class AlreadySo:
    """What was to be recorded is so already: nothing is stored, and nobody is told."""

    session: Session


RecordOutcome = Recorded | AlreadyRecorded | NotFound | Forbidden | Conflict | SessionOver | InvalidFields
DraftOutcome = RecordOutcome | AlreadySo


def normal_code(typed: str) -> str:
    """A code as it was typed, without regard to case, spaces and dashes (telephones make long ones of short ones)."""
    return "".join(
        character for character in typed if not character.isspace() and unicodedata.category(character) != "Pd"
    ).upper()


def title_errors(*, title: str | None, public_title: str | None, trainee_name: str | None) -> list[FieldError]:
    """Of those that are not None."""
    errors = [
        None if title is None else line_error("title", title, TITLE_LIMIT),
        None if public_title is None else line_error("public_title", public_title, TITLE_LIMIT, required=False),
        None if trainee_name is None else line_error("trainee_name", trainee_name, NAME_LIMIT, required=False),
    ]
    return [error for error in errors if error is not None]


def _wanted_action(fact: Fact) -> Action:
    """What whoever wants this recorded wants to do."""
    match fact:
        case VitalsPushed():
            return "push_vitals"
        case NoteAdded(marker=None):
            return "add_note"
        case NoteAdded():
            return "add_marker"
        case ActionTaken():
            return "take_action"
        case ControlsTaken():
            return "take_controls"
        case CaseStarted() | CasePaused() | CaseResumed() | AutomationSwitched() | CaseEnded():
            return "run_case"
        case SessionEnded():
            return "close_session"


def judge_draft(
    session: Session, actor: Trainer | Seat, draft: EventDraft, known: Event | None, now: datetime
) -> DraftOutcome:
    """Whether this actor may have this event recorded now, and what the session is then.

    `known` is the stored event of the draft's id, if there is one. Pure: a storage calls it inside
    the place where it serialises a session's events, so that `seq` and the fold are those of the commit.
    """
    if refusal := judge_action(actor, _wanted_action(draft.fact), session):
        return refusal
    if known is not None:
        return repeat(session, known)
    if refusal := session.over(now):
        return refusal
    if draft.fact.kind == "case" and _is_so(session.last_values, draft.fact):
        return AlreadySo(session)
    return record(session, draft, now)


def _is_so(last: LastValues, fact: Fact) -> bool:
    match fact:
        case CasePaused():
            return last.paused_at is not None
        case CaseResumed():
            return last.paused_at is None
        case _:
            return False


def repeat(session: Session, known: Event) -> AlreadyRecorded | Conflict:
    """A draft whose id is stored already: the same answer again, unless it stands in another session."""
    if known.session_id != session.id:
        return Conflict("This id is taken by another event; make a new one (a random UUID).")
    return AlreadyRecorded(known)


def record(session: Session, draft: EventDraft, now: datetime) -> Recorded | InvalidFields:
    """The next event of the session. No rule but the fold's is asked."""
    last_values = fold_fact(session.last_values, draft.fact, now)
    if isinstance(last_values, InvalidFields):
        return last_values
    event = Event(
        id=draft.id,
        session_id=session.id,
        seq=session.last_seq + 1,
        created_at=now,
        made_at=_made_at(session, draft, now),
        by=draft.by,
        fact=draft.fact,
    )
    return Recorded(_moved(session, last_values, event.seq, now), event)


def _made_at(session: Session, draft: EventDraft, now: datetime) -> datetime:
    """What its maker says, kept within the life of the session: no clock is trusted further."""
    if draft.made_at is None:
        return now
    return min(max(draft.made_at, session.created_at), now)


_FIELDS = tuple(each.name for each in fields(Session))
_values_of = attrgetter(*_FIELDS)
_LAST_VALUES, _LAST_SEQ, _UPDATED_AT = (_FIELDS.index(name) for name in ("last_values", "last_seq", "updated_at"))


def _moved(session: Session, last_values: LastValues, last_seq: int, now: datetime) -> Session:
    """As `replace` does it, in half the time: it is a tenth of recording an event."""
    values = list(_values_of(session))
    values[_LAST_VALUES], values[_LAST_SEQ], values[_UPDATED_AT] = last_values, last_seq, now
    return Session(*values)


def end(session: Session, reason: CloseReason, by: Author, event_id: UUID, now: datetime) -> Recorded:
    """Close an open session; its end is the last of its events."""
    draft = EventDraft(event_id, by, SessionEnded(reason))
    recorded = record(session, draft, now)
    assert isinstance(recorded, Recorded)  # noqa: S101 - only what changes the values can be refused
    ended = replace(recorded.session, closed_at=now, close_reason=reason, version=session.version + 1)
    return Recorded(ended, recorded.event)


def judge_change(
    session: Session, trainer: Trainer, change: SessionChange, expected_version: int | None, now: datetime
) -> Session | Unchanged[Session] | NotFound | Forbidden | VersionMismatch | SessionOver | InvalidFields:
    """A session's own fields, edited. What is over is a record and is not edited."""
    if refusal := judge_action(trainer, "edit_session", session) or session.over(now):
        return refusal
    if expected_version is not None and expected_version != session.version:
        return VersionMismatch(session.version)
    if change.expires_at is not None and not now < change.expires_at <= now + LONGEST_LIFE:
        return invalid("expires_at", f"must be in the future, at most {LONGEST_LIFE.days} days from now")
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
    return replace(wished, updated_at=now, version=session.version + 1)


def changed_session_fields(before: Session, after: Session) -> tuple[str, ...]:
    names = (each.name for each in fields(SessionChange))
    return tuple(name for name in names if getattr(before, name) != getattr(after, name))


def judge_new_session(session: Session, known: Session | None, *, is_code_taken: bool) -> Session | Conflict | None:
    """What stands under the new one's id from now on; None if it needs another code first."""
    if known is not None:
        return known if known.school_id == session.school_id else ID_TAKEN
    return None if is_code_taken else session


def _kept(changed: Changed | None, present: Changed) -> Changed:
    return present if changed is None else changed


def judge_taking_controls(
    session: Session, trainer: Trainer, event_id: UUID, now: datetime
) -> Recorded | Session | NotFound | Forbidden | Conflict | SessionOver:
    """Become a co-trainer, which the record tells. Whoever holds the controls is answered the session as it is."""
    if refusal := judge_action(trainer, "take_controls", session) or session.over(now):
        return refusal
    if holds_controls(session, trainer):
        return session
    if len(session.co_trainer_ids) >= CO_TRAINERS_LIMIT:
        return Conflict(
            f"This session has {CO_TRAINERS_LIMIT} co-trainers already; ask one who steers it to remove one."
        )
    recorded = record(session, EventDraft(event_id, Author("trainer", trainer.id, trainer.name), ControlsTaken()), now)
    assert isinstance(recorded, Recorded)  # noqa: S101 - only what changes the values can be refused
    taken = replace(recorded.session, co_trainer_ids=(*session.co_trainer_ids, trainer.id), version=session.version + 1)
    return Recorded(taken, recorded.event)


def judge_end(
    session: Session, trainer: Trainer, event_id: UUID, now: datetime
) -> Recorded | Session | NotFound | Forbidden:
    """End it by hand. A session that is closed already is answered as it is: closing twice is no error."""
    if refusal := judge_action(trainer, "close_session", session):
        return refusal
    if session.closed_at is not None:
        return session
    if session.over(now) is not None:
        return end(session, "expired", SYSTEM, event_id, now)
    return end(session, "closed", Author("trainer", trainer.id, trainer.name), event_id, now)
