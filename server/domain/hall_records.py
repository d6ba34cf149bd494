"""Sessions that run in a hall, as their home tells of them: copied here, and folded anew from their events.

Each rule is pure, and gives the same whatever was told before and wherever the telling was cut: a storage asks it
inside the place where it serialises a session's events.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import orjson

from server.domain.attendance import SeatSpan
from server.domain.case import Case
from server.domain.devices import Acknowledged, EventOutcome
from server.domain.events import Event
from server.domain.halls import Hall
from server.domain.judging import Rejected
from server.domain.limits import LimitsSince
from server.domain.outcomes import FieldError, InvalidFields
from server.domain.record import Recorded, add
from server.domain.session import OWN_FIELDS, Seat, Session
from server.domain.vitals import LastValues

NOT_HOME = Rejected("not_home")
ID_TAKEN = Rejected("id_taken")
NOT_SENT = Rejected("invalid_fields", (FieldError("payload.session_id", "is not here; send the session first"),))
# What a copy takes over from its home, besides what people edit.
_COPIED = (*OWN_FIELDS, "trainer_id", "template_id", "created_at", "forked_from")


@dataclass(frozen=True, slots=True)
class SessionCopy:
    """A session as its home has it, before any event: those come by themselves, and its end with them."""

    session: Session
    case: Case | None
    seats: tuple[Seat, ...]
    spans: tuple[SeatSpan, ...] = ()
    """When who was there, as far as the hall knows."""
    limits_since: tuple[LimitsSince, ...] = ()
    """Which alarm limits held when, if they were changed there."""


@dataclass(frozen=True, slots=True)
class CopyWritten:
    """`session` as it is to stand here; `seats` are those that are new or changed."""

    session: Session
    is_new: bool
    seats: tuple[Seat, ...]


@dataclass(frozen=True, slots=True)
class RecordPart:
    """Events of one session, as they follow each other; `folded` is the hash of the values that the last leads to."""

    session_id: UUID
    events: Sequence[Event]
    folded: str | None


@dataclass(frozen=True, slots=True)
class PartTaken:
    """`recorded` are those that are new, each with the session as it is with it."""

    session: Session
    recorded: Sequence[Recorded]


@dataclass(frozen=True, slots=True)
class PartRefused:
    """`place` is that of the event that cannot be taken; none of them is."""

    place: int
    rejected: Rejected


def hash_of_values(last: LastValues) -> str:
    """Of the canonical JSON of `last_values`."""
    return hashlib.sha256(_canonical(last.as_json())).hexdigest()


def hash_of_events(payloads: Iterable[Mapping[str, object]]) -> str:
    """Of the canonical JSON of each event as it is sent, one after the other: what a later push covers, a text, a name
    and a moment are in no value that the record leads to.
    """
    digest = hashlib.sha256()
    for payload in payloads:
        digest.update(_canonical(payload))
    return digest.hexdigest()


def _canonical(value: Mapping[str, object]) -> bytes:
    """Sorted keys, no blanks, UTF-8, and no character escaped without need."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        # Halves of characters, and numbers of more than 64 bits.
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace")


def refuse_strange(session: Session, hall: Hall) -> Rejected | None:
    """Why this hall may not write to a session that is here."""
    if session.school_id != hall.school_id or (session.hall is not None and session.hall.id != hall.id):
        return ID_TAKEN
    return None if session.hall is not None and session.hall.is_home else NOT_HOME


def judge_copy(
    known: Session | None, known_seats: Collection[Seat], sent: SessionCopy, hall: Hall, now: datetime
) -> CopyWritten | Rejected:
    """Only its home writes it, so what differs is written; the code of one that is here stays."""
    if known is None:
        return CopyWritten(sent.session, True, sent.seats)
    if refusal := refuse_strange(known, hall):
        return refusal
    if known.names_out_at is not None:
        # What the hall has of it still names people; it is told to delete that.
        return CopyWritten(known, False, ())
    there = {seat.id: seat for seat in known_seats}
    seats = tuple(seat for seat in sent.seats if there.get(seat.id) != seat)
    copied = {name: getattr(sent.session, name) for name in _COPIED}
    heard = replace(known, hall=sent.session.hall)
    wished = replace(heard, **copied)
    if wished != heard:
        wished = replace(wished, version=known.version + 1, updated_at=now)
    return CopyWritten(wished, False, seats)


def judge_part(
    session: Session | None, hall: Hall, part: RecordPart, known: Mapping[int, UUID], stored: Collection[UUID]
) -> PartTaken | PartRefused:
    """All of it or none. `known`: the ids that stand at the places of these events; `stored`: those of their ids that
    stand anywhere, in whichever session.
    """
    steps = judging_part(session, hall, part, known, stored)
    while True:
        try:
            next(steps)
        except StopIteration as ended:
            return ended.value


def judging_part(
    session: Session | None, hall: Hall, part: RecordPart, known: Mapping[int, UUID], stored: Collection[UUID]
) -> Generator[None, None, PartTaken | PartRefused]:
    """`judge_part`, that stops after each event: a part may be long."""
    if session is None or session.school_id != hall.school_id:
        return PartRefused(0, NOT_SENT)
    if refuse_strange(session, hall) is not None:
        return PartRefused(0, NOT_HOME)
    recorded: list[Recorded] = []
    taken = set(stored)
    for place, event in enumerate(part.events):
        added = _judge_event(session, event, known, taken)
        if isinstance(added, Rejected):
            return PartRefused(place, added)
        if added is not None:
            recorded.append(added)
            taken.add(event.id)
            session = added.session
        yield
    if recorded and (refusal := _judge_fold(session, part.folded)):
        return PartRefused(len(part.events) - 1, refusal)
    return PartTaken(session, recorded)


def _judge_event(
    session: Session, event: Event, known: Mapping[int, UUID], taken: Collection[UUID]
) -> Recorded | Rejected | None:
    """None for one that stands there already."""
    if event.seq <= session.last_seq:
        return None if known.get(event.seq) == event.id else Rejected("seq_taken")
    if session.closed_at is not None:
        return Rejected("session_over")
    if event.seq != session.last_seq + 1:
        return _invalid("seq", f"is {event.seq}, but the next event of this session is {session.last_seq + 1}")
    if event.id in taken:
        return ID_TAKEN
    added = add(session, event)
    return Rejected("invalid_fields", added.errors) if isinstance(added, InvalidFields) else added


def _judge_fold(session: Session, folded: str | None) -> Rejected | None:
    here = hash_of_values(session.last_values)
    if folded is None:
        return _invalid("lastValuesSha256", "is required on the last event of each session")
    if folded != here:
        return _invalid("lastValuesSha256", f"is {folded}, but these events lead to {here}")
    return None


def _invalid(field: str, message: str) -> Rejected:
    return Rejected("invalid_fields", (FieldError(field, message),))


def outcomes_of(part: RecordPart, judged: PartTaken | PartRefused) -> Sequence[EventOutcome]:
    """One for each event."""
    if isinstance(judged, PartTaken):
        return [Acknowledged(event.seq) for event in part.events]
    return refuse_together(len(part.events), judged)


def refuse_together(count: int, refused: PartRefused) -> Sequence[EventOutcome]:
    """Of so many events of one session all fall with the one that cannot be taken, and say so."""
    because = f"refused together with event {refused.place + 1} of the {count} of this session in the call"
    others = Rejected(refused.rejected.reason, (FieldError("session", because),))
    return [refused.rejected if place == refused.place else others for place in range(count)]
