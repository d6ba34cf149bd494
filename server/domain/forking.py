"""Again from here: a session that goes on from a moment of another one's record.

Where that stood is folded from its events; the fork opens with one event that says so, and for its case with those
that say that it has been started, does not move by itself, or stands still.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from server.domain.audit import author_of
from server.domain.carried import carry
from server.domain.case import Case
from server.domain.events import (
    AutomationSwitched,
    CasePaused,
    CaseStarted,
    Event,
    EventDraft,
    Fact,
    NoteAdded,
    SessionEnded,
    VitalsPushed,
    fold_fact,
)
from server.domain.moves import Progress, advance, stands
from server.domain.outcomes import FieldError, Forbidden, InvalidFields, NotFound, NotHome, invalid
from server.domain.people import Trainer
from server.domain.permissions import judge_action, judge_school_action
from server.domain.record import Recorded, record
from server.domain.session import CO_TRAINERS_LIMIT, LONGEST_LIFE, ForkedFrom, Session, title_errors
from server.domain.text import one_line
from server.domain.vitals import START_VALUES, LastValues, VitalsPatch

_NAMES = ("standing", "first step", "start", "automation", "pause")
MOST_OPENING_EVENTS = 4
AFTER_SEQ_RULE = "must be at least 1, the first event of the record"
"""The state, and whether the case has been started, moves by itself, and stands still."""


@dataclass(frozen=True, slots=True)
class NewFork:
    """`after_seq` is the last event that the other session had; `id` and `title` are None where none was wished for."""

    after_seq: int
    id: UUID | None = None
    title: str | None = None
    moves_trainees: bool = False

    def errors(self) -> list[FieldError]:
        errors = title_errors(title=self.title or None, public_title=None, trainee_name=None)
        if self.after_seq < 1:
            errors.append(FieldError("after_seq", AFTER_SEQ_RULE))
        return errors


@dataclass(frozen=True, slots=True)
class Standing:
    """A session after an event of its record."""

    last: LastValues
    progress: Progress
    at: datetime
    seq: int = 0
    is_started: bool = False
    runs_by_itself: bool = True


@dataclass(frozen=True, slots=True)
class Fork:
    """A session that goes on from another one, the events that it opens with, and its case."""

    session: Session
    events: tuple[Event, ...]
    case: Case | None


@dataclass(frozen=True, slots=True)
class Forked:
    """It is stored. `ended`: the other session ended with it, for its trainees were sent over."""

    session: Session
    ended: Recorded | None = None


def begin(source: Session) -> Standing:
    """Before its first event."""
    return Standing(START_VALUES, Progress(START_VALUES, source.created_at), source.created_at)


def follow(standing: Standing, events: Iterable[Event], case: Case | None) -> Standing:
    """After these events, which come next in the record."""
    steps = () if case is None else case.steps
    for each in events:
        event = each
        if isinstance(event.fact, SessionEnded):
            # The end of a session is none of its case, which has lasted until then.
            event = replace(event, fact=NoteAdded())
        folded = fold_fact(standing.last, event.fact, event.created_at)
        last = standing.last if isinstance(folded, InvalidFields) else folded
        standing = replace(
            standing,
            seq=event.seq,
            at=event.created_at,
            last=last,
            progress=advance(steps, standing.progress, event, last),
            is_started=standing.is_started or isinstance(event.fact, CaseStarted),
            runs_by_itself=event.fact.is_on if isinstance(event.fact, AutomationSwitched) else standing.runs_by_itself,
        )
    return standing


def opens_with(source: Session, event: Event) -> bool:
    """Whether it is one of the events with which a fork opens, and not the first: they belong to that one."""
    return source.forked_from is not None and event.id in _ids_of_opening(source.id).values()


def beyond(last_seq: int) -> InvalidFields:
    return invalid("after_seq", f"is beyond the record, whose last event is {last_seq}")


def judge_fork(source: Session, trainer: Trainer, *, moves_trainees: bool) -> NotFound | Forbidden | NotHome | None:
    """Whether this trainer may open a session that goes on from this one; whoever sends its trainees over ends it."""
    return (
        judge_action(trainer, "watch", source)
        or judge_school_action(trainer, "open_session")
        or (judge_action(trainer, "close_session", source) if moves_trainees else None)
        or source.elsewhere()
    )


def fork(
    source: Session,
    standing: Standing,
    case: Case | None,
    trainer: Trainer,
    new: NewFork,
    default_life: timedelta,
    *,
    session_id: UUID,
    now: datetime,
) -> Fork:
    """The session, which has no code yet. `session_id` is its id if no other was wished for."""
    session = Session(
        id=new.id or session_id,
        code="",
        title=one_line(new.title or "") or source.title,
        public_title=source.public_title,
        trainee_name=source.trainee_name,
        trainer_id=trainer.id,
        school_id=source.school_id,
        template_id=source.template_id,
        created_at=now,
        updated_at=now,
        expires_at=now + min(max(source.expires_at - source.created_at, default_life), LONGEST_LIFE),
        last_values=START_VALUES,
        limits=source.limits,
        co_trainer_ids=_co_trainers(source, trainer),
        shows_conditions=source.shows_conditions,
        forked_from=ForkedFrom(source.id, new.after_seq, new.moves_trainees),
    )
    events: list[Event] = []
    ids = _ids_of_opening(session.id)
    for name, fact in _opening(standing, case, now):
        recorded = record(session, EventDraft(ids[name], author_of(trainer), fact), now)
        assert not isinstance(recorded, InvalidFields)  # noqa: S101 - the record that it comes from showed the same
        session = recorded.session
        events.append(recorded.event)
    return Fork(session, tuple(events), case)


def _opening(standing: Standing, case: Case | None, now: datetime) -> Iterable[tuple[str, Fact]]:
    last, progress = standing.last, standing.progress
    carried = carry(last, standing.at, now, None if case is None else stands(case.steps, progress))
    patch = VitalsPatch(last.signs, last.rhythm, last.flags)
    yield "first step" if standing.is_started else "standing", VitalsPushed(patch, progress.step, carried=carried)
    if standing.is_started:
        yield "start", CaseStarted()
    if not standing.runs_by_itself:
        yield "automation", AutomationSwitched(is_on=False)
    if last.paused_at is not None:
        yield "pause", CasePaused()


def _ids_of_opening(session_id: UUID) -> dict[str, UUID]:
    """They follow from the session's. In a case that has been started the first step has been played: whoever says
    `start` once more does not begin it anew (`server/service/case_control.py`).
    """
    return {name: uuid5(session_id, name) for name in _NAMES}


def _co_trainers(source: Session, trainer: Trainer) -> tuple[UUID, ...]:
    """Whoever steers the one steers the other, unless a colleague only tries something with it."""
    if judge_action(trainer, "push_vitals", source) is not None:
        return ()
    holding = dict.fromkeys((source.trainer_id, *source.co_trainer_ids))
    return tuple(each for each in holding if each != trainer.id)[:CO_TRAINERS_LIMIT]
