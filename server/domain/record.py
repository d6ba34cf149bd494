"""The one rule by which an event is recorded, and what is written together with an event."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import datetime
from operator import attrgetter
from uuid import UUID

from server.domain.audit import author_of
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
    due_measurement,
    fold_fact,
)
from server.domain.outcomes import (
    ID_TAKEN,
    Conflict,
    Forbidden,
    InvalidFields,
    NotFound,
    NotHome,
    SessionOver,
    Unauthenticated,
)
from server.domain.people import Trainer
from server.domain.permissions import Action, holds_controls, judge_action
from server.domain.session import CO_TRAINERS_LIMIT, Seat, Session
from server.domain.vitals import LastValues


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
    """What was to be recorded is so already, or is due no longer: nothing is stored, and nobody is told."""

    session: Session


@dataclass(frozen=True, slots=True)
class Server:
    """The server itself, which does what is due by a rule: nobody has to be allowed that.

    `after_seq` is the last event of the record on which a rule decided to move the case; None for what follows from
    what the session shows.
    """

    after_seq: int | None = None


SERVER = Server()
Actor = Trainer | Seat | Server


RecordOutcome = Recorded | AlreadyRecorded | NotFound | Forbidden | Conflict | SessionOver | NotHome | InvalidFields


DraftOutcome = RecordOutcome | AlreadySo
StoreOutcome = DraftOutcome | Unauthenticated


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


def judge_draft(session: Session, actor: Actor, draft: EventDraft, known: Event | None, now: datetime) -> DraftOutcome:
    """Whether this actor may have this event recorded now, and what the session is then.

    `known` is the stored event of the draft's id, if there is one. Pure: a storage calls it inside
    the place where it serialises a session's events, so that `seq` and the fold are those of the commit.
    """
    is_due = isinstance(actor, Server)
    if not is_due and (refusal := judge_action(actor, _wanted_action(draft.fact), session)):
        return refusal
    if known is not None:
        return repeat(session, draft, known)
    if refusal := session.over(now) or session.elsewhere():
        return refusal
    if draft.fact.kind == "case" and _is_so(session.last_values, draft.fact):
        return AlreadySo(session)
    if is_due and not _is_still_due(actor, session, draft.fact):
        return AlreadySo(session)
    return record(session, draft, now)


def _is_still_due(server: Server, session: Session, fact: Fact) -> bool:
    """Whoever wrote meanwhile may have played a step by hand: the rule decides anew."""
    if isinstance(fact, VitalsPushed | CaseEnded):
        return server.after_seq == session.last_seq
    return fact == due_measurement(session.last_values)


def _is_so(last: LastValues, fact: Fact) -> bool:
    match fact:
        case CasePaused():
            return last.paused_at is not None
        case CaseResumed():
            return last.paused_at is None
        case _:
            return False


def repeat(session: Session, draft: EventDraft, known: Event) -> AlreadyRecorded | Conflict:
    """A draft whose id is stored already: the same answer again, for its author; nobody is answered another's event."""
    return AlreadyRecorded(known) if known.session_id == session.id and _made_by_the_same(draft, known) else ID_TAKEN


def _made_by_the_same(draft: EventDraft, known: Event) -> bool:
    match draft.by, known.by:
        case Author(role="system"), Author(role="trainer"):
            # The beginning of a case stands in a fork as what the trainer did who made it.
            return isinstance(known.fact, type(draft.fact))
        case by, made_by:
            return by.id == made_by.id


def record(session: Session, draft: EventDraft, now: datetime) -> Recorded | InvalidFields:
    """The next event of the session. No rule but the fold's is asked."""
    # Whoever recorded before may have had a clock that is ahead of ours: what comes later never has an earlier moment.
    now = session.not_before(now)
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


def add(session: Session, event: Event) -> Recorded | InvalidFields:
    """The next event of a session, as its home recorded it: what its seq, its moments and its author are is settled."""
    last_values = fold_fact(session.last_values, event.fact, event.created_at)
    if isinstance(last_values, InvalidFields):
        return last_values
    moved = _moved(session, last_values, event.seq, event.created_at)
    if isinstance(event.fact, SessionEnded):
        moved = _ended(moved, event.fact.reason, event.created_at)
    return Recorded(moved, event)


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
    return Recorded(_ended(recorded.session, reason, recorded.event.created_at), recorded.event)


def _ended(session: Session, reason: CloseReason, now: datetime) -> Session:
    return replace(session, closed_at=now, close_reason=reason, version=session.version + 1)


def judge_taking_controls(
    session: Session, trainer: Trainer, event_id: UUID, now: datetime
) -> Recorded | Session | NotFound | Forbidden | Conflict | SessionOver | NotHome:
    """Become a co-trainer, which the record tells. Whoever holds the controls is answered the session as it is."""
    if refusal := judge_action(trainer, "take_controls", session) or session.over(now) or session.elsewhere():
        return refusal
    if holds_controls(session, trainer):
        return session
    if len(session.co_trainer_ids) >= CO_TRAINERS_LIMIT:
        return Conflict(
            f"This session has {CO_TRAINERS_LIMIT} co-trainers already; ask one who steers it to remove one."
        )
    recorded = record(session, EventDraft(event_id, author_of(trainer), ControlsTaken()), now)
    assert isinstance(recorded, Recorded)  # noqa: S101 - only what changes the values can be refused
    taken = replace(recorded.session, co_trainer_ids=(*session.co_trainer_ids, trainer.id), version=session.version + 1)
    return Recorded(taken, recorded.event)


def judge_end(
    session: Session, trainer: Trainer, event_id: UUID, now: datetime
) -> Recorded | Session | NotFound | Forbidden | NotHome:
    """End it by hand. A session that is closed already is answered as it is: closing twice is no error."""
    if refusal := judge_action(trainer, "close_session", session):
        return refusal
    if session.closed_at is not None:
        return session
    if session.over(now) is not None:
        return end(session, "expired", SYSTEM, event_id, now)
    if refusal := session.elsewhere():
        return refusal
    return end(session, "closed", author_of(trainer), event_id, now)


def judge_end_with_case(session: Session, event_id: UUID, now: datetime) -> Recorded | Session | NotHome:
    """End it because its case is played out, which nobody did by hand. As `judge_end`, twice is no error."""
    if session.closed_at is not None:
        return session
    if session.over(now) is not None:
        return end(session, "expired", SYSTEM, event_id, now)
    return session.elsewhere() or end(session, "closed", SYSTEM, event_id, now)
