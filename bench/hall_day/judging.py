"""What the central cannot do without: a day's events read, folded and compared, by one process that does nothing else.

Nothing is received, stored or answered, nobody is told, and no other call has its turn meanwhile.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import uuid4

from bench.hall_day.day import a_record, a_session
from server import clock
from server.domain.events import Author, Event
from server.domain.hall_records import PartTaken, RecordPart, hash_of_events, hash_of_values, judge_part
from server.domain.halls import Hall
from server.domain.record import Recorded, add
from server.domain.session import HomeHall, Session
from server.json_text import write_json
from server.service.sync.events import SentFact
from server.transport.devices.hall_reading import read_hall_event, refuse_changed
from server.transport.devices.reading import Envelope, read_envelope
from server.transport.wire.answers import event_answer
from server.transport.wire.reading import read_json
from server.upstream.calls import EVENTS_LIMIT
from server.upstream.envelopes import event_envelope

BY = Author("trainer", uuid4(), "Ada")
HALL = Hall(uuid4(), uuid4(), "The hall", "all", clock.now())


@dataclass(frozen=True, slots=True)
class Judged:
    """Seconds of a processor."""

    reading: float
    folding: float
    """With the comparison, and the session as it is after each event."""


def judge_day(sessions: int, events_each: int) -> Judged:
    chance = random.Random(1)  # noqa: S311 - the same day at every run
    reading = folding = 0.0
    for number in range(sessions):
        session = a_session(HALL.school_id, uuid4(), f"Day {number}")
        session = replace(session, hall=HomeHall(HALL.id, HALL.name, None, session.created_at))
        for body in _bodies(session, a_record(session, BY, events_each, chance)):
            began = time.process_time()
            part = _read(body, session)
            read = time.process_time()
            judged = judge_part(session, HALL, part, {}, ())
            folding += time.process_time() - read
            reading += read - began
            if not isinstance(judged, PartTaken):
                raise RuntimeError(f"a part that is sound was refused: {judged}")
            session = judged.session
    return Judged(reading, folding)


def _read(body: bytes, session: Session) -> RecordPart:
    raw = read_json(body)
    assert isinstance(raw, dict)  # noqa: S101 - as it was written
    sent = [(each, read_hall_event(each, "hall", HALL, session.updated_at)) for each in _envelopes(raw["events"])]
    facts = [fact for fact in refuse_changed(sent) if isinstance(fact, SentFact)]
    return RecordPart(session.id, [fact.event for fact in facts], facts[-1].folded)


def _envelopes(sent: Sequence[object]) -> Sequence[Envelope]:
    return [each for place, raw in enumerate(sent) if isinstance(each := read_envelope(place, raw), Envelope)]


def _bodies(session: Session, record: Sequence[Event]) -> Sequence[bytes]:
    """As the hall sends them."""
    bodies: list[bytes] = []
    for start in range(0, len(record), EVENTS_LIMIT):
        some = record[start : start + EVENTS_LIMIT]
        for event in some:
            added = add(session, event)
            assert isinstance(added, Recorded)  # noqa: S101 - every push of the day can be
            session = added.session
        envelopes = [event_envelope(event) for event in some]
        envelopes[-1]["lastValuesSha256"] = hash_of_values(session.last_values)
        envelopes[-1]["eventsSha256"] = hash_of_events([event_answer(event) for event in some])
        bodies.append(write_json({"events": envelopes}).encode())
    return bodies
