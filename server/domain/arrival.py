"""What is asked of a school that comes from elsewhere, part by part: order, references, records. It keeps one record's
fold in mind, never a record.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar, get_args
from uuid import UUID

from server.domain.annotations import Annotation
from server.domain.attendance import SeatSpan
from server.domain.audit import AuditEntry
from server.domain.debrief.moment_edits import MomentEdit
from server.domain.devices import Device, EditConflict
from server.domain.events import Author, Event, SessionEnded, fold_fact
from server.domain.moving import (
    ExportBegun,
    Head,
    MovedSeat,
    MovedSession,
    MovedTemplate,
    MovedTrainer,
    OfSession,
    Part,
)
from server.domain.outcomes import InvalidFields
from server.domain.people import School
from server.domain.reflections import Reflection
from server.domain.scores import ScoreSheet
from server.domain.session import Session
from server.domain.vitals import START_VALUES, LastValues, SignName

Key = TypeVar("Key", UUID, str)

_PLACES: tuple[tuple[type[Part], ...], ...] = (
    (ExportBegun,),
    (School,),
    (MovedTrainer,),
    (MovedTemplate,),
    (MovedSession, *get_args(OfSession)),
    (AuditEntry,),
    (Device,),
    (EditConflict,),
    (Head,),
)
_ONCE = (ExportBegun, School, Head)


@dataclass(frozen=True, slots=True)
class Wrong:
    """A sentence about the part of this number, the first one being 1."""

    number: int
    sentence: str


class Arrival:
    """Follows the parts in their order, and says of the first that cannot be what is wrong with it."""

    def __init__(self) -> None:
        self._place = -1
        self._trainers: dict[UUID, int] = {}
        self._templates: dict[UUID, int] = {}
        self._emails: dict[str, int] = {}
        self._newest = 0
        self._record: _Record | None = None

    @property
    def is_whole(self) -> bool:
        return self._place == len(_PLACES) - 1

    def follow(self, part: Part, number: int) -> Wrong | None:
        if not isinstance(part, get_args(OfSession)) and (wrong := self._end_record()):
            return wrong
        sentence = self._misplaced(part) or self._judge(part, number)
        return None if sentence is None else Wrong(number, sentence)

    def _misplaced(self, part: Part) -> str | None:
        place = next(place for place, types in enumerate(_PLACES) if isinstance(part, types))
        if self.is_whole:
            return "comes after the end of the file"
        if self._place < 1 and place > self._place + 1:
            return "comes too early: a file begins with its `export` and its `school`"
        if place < self._place or (place == self._place and isinstance(part, _ONCE)):
            return "comes too late: the lines of a file are in the order in which they were exported"
        self._place = place
        return None

    def _judge(self, part: Part, number: int) -> str | None:
        match part:
            case MovedTrainer() | MovedTemplate() | MovedSession():
                self._newest = max(self._newest, part.edited.version)
                return self._judge_edited(part, number)
            case MovedSeat():
                return self._of_another(part.seat.session_id)
            case Event():
                return self._of_another(part.session_id) or self._judge_event(part)
            case SeatSpan() | MomentEdit() | Reflection():
                return self._of_another(part.session_id)
            case ScoreSheet():
                return self._of_another(part.session_id) or self._unknown_trainers([part.by.id])
            case Annotation():
                return self._of_another(part.session_id) or self._unknown_trainers([part.author.id])
            case Device() | EditConflict():
                return self._unknown_trainers([part.trainer_id])
            case Head() if part.version < self._newest:
                return f"has sync_version {part.version}, which is below the {self._newest} of a line before"
            case ExportBegun() | School() | AuditEntry() | Head():
                return None

    def _judge_edited(self, part: MovedTrainer | MovedTemplate | MovedSession, number: int) -> str | None:
        match part:
            case MovedTrainer(trainer):
                return _once(self._trainers, trainer.id, number, "trainer") or _once(
                    self._emails, trainer.email, number, "e-mail address"
                )
            case MovedTemplate(template):
                return _once(self._templates, template.id, number, "template")
            case MovedSession(session):
                self._record = _Record(session, number)
                return self._judge_session(part)

    def _judge_session(self, part: MovedSession) -> str | None:
        session, case = part.session, part.case
        templates = (session.template_id, None if case is None else case.template_id)
        for template_id in templates:
            if template_id is not None and template_id not in self._templates:
                return f"names the template {template_id}, which no line before has"
        return self._unknown_trainers([session.trainer_id, *session.co_trainer_ids])

    def _judge_event(self, event: Event) -> str | None:
        match event.by:
            case Author("trainer", trainer_id) if unknown := self._unknown_trainers([trainer_id]):
                return unknown
            case _:
                pass
        assert self._record is not None  # noqa: S101 - it is an event of the session before it
        return self._record.follow(event)

    def _unknown_trainers(self, trainer_ids: Iterable[UUID | None]) -> str | None:
        for trainer_id in trainer_ids:
            if trainer_id is not None and trainer_id not in self._trainers:
                return f"names the trainer {trainer_id}, whom no line before has"
        return None

    def _of_another(self, session_id: UUID) -> str | None:
        if self._record is None or self._record.session.id != session_id:
            return f"belongs to the session {session_id}, behind whose line it does not stand"
        return None

    def _end_record(self) -> Wrong | None:
        record, self._record = self._record, None
        sentence = None if record is None else record.end()
        return None if record is None or sentence is None else Wrong(record.number, sentence)


class _Record:
    """The record of one session, as far as it has been read."""

    def __init__(self, session: Session, number: int) -> None:
        self.session = session
        self.number = number
        self._seq = 0
        self._last = START_VALUES
        self._end: Event | None = None

    def follow(self, event: Event) -> str | None:
        due = self._seq + 1
        if event.seq != due:
            return f"has seq {event.seq} where {due} is due: an event of session {self._called} is missing"
        if self._end is not None:
            return f"comes after the end of session {self._called}"
        folded = fold_fact(self._last, event.fact, event.created_at)
        if isinstance(folded, InvalidFields):
            return f"cannot be: {'; '.join(f'{error.field}: {error.message}' for error in folded.errors)}"
        self._seq, self._last = due, folded
        self._end = event if isinstance(event.fact, SessionEnded) else None
        return None

    def end(self) -> str | None:
        session = self.session
        if self._seq != session.last_seq:
            return f"session {self._called} has last_seq {session.last_seq}, but {self._seq} events follow"
        if not _is_same(session.last_values, self._last):
            return (
                f"session {self._called} has last_values {session.last_values.as_json()}, "
                f"but its events make {self._last.as_json()}"
            )
        reason = self._end.fact.reason if self._end and isinstance(self._end.fact, SessionEnded) else None
        if reason != session.close_reason:
            return f"session {self._called} has close_reason {session.close_reason}, but its events end with {reason}"
        return None

    @property
    def _called(self) -> str:
        return f"{self.session.code} ({self.session.id})"


def _once(known: dict[Key, int], key: Key, number: int, what: str) -> str | None:
    before = known.setdefault(key, number)
    return None if before == number else f"has the {what} {key} of line {before} again"


def _is_same(told: LastValues, folded: LastValues) -> bool:
    """Also where a server of before folded: its ramps began at what was shown, and it knew no cuff."""
    if told == folded:
        return True
    same = (told.signs, told.rhythm, told.flags, told.paused_at) == (
        folded.signs,
        folded.rhythm,
        folded.flags,
        folded.paused_at,
    )
    return same and told.nibp in (None, folded.nibp) and _are_same_ramps(told, folded)


def _are_same_ramps(told: LastValues, folded: LastValues) -> bool:
    names: set[SignName] = {*told.ramps, *folded.ramps}
    return all(_is_same_ramp(name, told, folded) for name in names)


def _is_same_ramp(name: SignName, told: LastValues, folded: LastValues) -> bool:
    """A ramp that begins where it ends may stand there or not."""
    one, other = told.ramps.get(name), folded.ramps.get(name)
    if one and other and (one.started_at, one.seconds) != (other.started_at, other.seconds):
        return False
    begins = [each.start if each else told.signs[name] for each in (one, other)]
    return abs(begins[0] - begins[1]) < 1
