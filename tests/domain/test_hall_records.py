"""Whatever a hall sends twice and wherever it is cut off: the record here is that of the hall, or nothing of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from server.domain.events import (
    ActionTaken,
    Author,
    AutomationSwitched,
    CasePaused,
    CaseResumed,
    CaseStarted,
    Event,
    EventDraft,
    Fact,
    NoteAdded,
    SessionEnded,
    VitalsPushed,
)
from server.domain.hall_records import PartRefused, PartTaken, RecordPart, hash_of_events, hash_of_values, judge_part
from server.domain.halls import Hall
from server.domain.record import Recorded, add, end, record
from server.domain.session import HomeHall, Session
from server.domain.vitals import START_VALUES, LastValues, VitalsPatch
from server.service.sync.events import SentFact
from server.transport.devices.hall_reading import read_hall_event
from server.transport.devices.reading import Envelope
from server.transport.wire.answers import event_answer
from tests.support.strategies import flag_keys, flag_values, patches, storable_json

BEGAN = datetime(2026, 11, 28, 9, 0, 0, 0, UTC)
HALL = Hall(uuid4(), uuid4(), "North", "all", BEGAN)
BY = Author("trainer", uuid4(), "Zoé")
EMPTY = Session(
    id=uuid4(),
    code="ABC234",
    title="",
    trainee_name=None,
    trainer_id=uuid4(),
    school_id=HALL.school_id,
    template_id=None,
    created_at=BEGAN,
    updated_at=BEGAN,
    expires_at=BEGAN + timedelta(hours=4),
    last_values=START_VALUES,
)
COPY = replace(EMPTY, hall=HomeHall(HALL.id, HALL.name, None, BEGAN))

keys = st.from_regex(r"[a-z][a-z0-9_]{0,31}", fullmatch=True)
texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=40).filter(str.strip)
details = st.dictionaries(keys.filter(lambda key: key != "action"), storable_json, max_size=3)
facts: st.SearchStrategy[Fact] = st.one_of(
    st.builds(VitalsPushed, patches, st.none() | keys),
    st.builds(NoteAdded, texts, st.none() | keys),
    st.builds(ActionTaken, st.sampled_from(("nibp_start", "alarm_silence")), details),
    st.just(CaseStarted()),
    st.just(CasePaused()),
    st.just(CaseResumed()),
    st.builds(AutomationSwitched, st.booleans()),
)


@st.composite
def records(draw: st.DrawFn) -> tuple[Session, list[Event]]:
    """A session as its hall recorded it, from the first event on; ended or not."""
    session, events, now = EMPTY, list[Event](), BEGAN
    for fact in draw(st.lists(facts, max_size=8)):
        now += timedelta(milliseconds=draw(st.integers(0, 90_000)))
        recorded = record(session, EventDraft(uuid4(), BY, fact, now - timedelta(seconds=5)), now)
        if isinstance(recorded, Recorded):
            session = recorded.session
            events.append(recorded.event)
    if draw(st.booleans()):
        recorded = end(session, draw(st.sampled_from(("closed", "expired"))), BY, uuid4(), now)
        session = recorded.session
        events.append(recorded.event)
    return session, events


@dataclass
class Central:
    """A storage of one session, of which nothing can be lost: what the real ones do between reading and writing."""

    session: Session = COPY
    events: list[Event] = field(default_factory=list[Event])

    def take(self, part: RecordPart) -> PartTaken | PartRefused:
        known = {event.seq: event.id for event in self.events}
        stored = {event.id for event in self.events} & {event.id for event in part.events}
        judged = judge_part(self.session, HALL, part, known, stored)
        if isinstance(judged, PartTaken):
            self.session = judged.session
            self.events += [recorded.event for recorded in judged.recorded]
        return judged


def part(record_: Sequence[Event], after: int, until: int) -> RecordPart:
    events = record_[after:until]
    return RecordPart(EMPTY.id, events, hash_of_values(_folded(record_[:until])))


def _folded(events: Sequence[Event]) -> LastValues:
    session = EMPTY
    for event in events:
        added = add(session, event)
        assert isinstance(added, Recorded)
        session = added.session
    return session.last_values


@given(records(), st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=8))
def test_any_cuts_and_any_repeats_lead_to_the_record(
    told: tuple[Session, list[Event]], tries: list[tuple[int, int]]
) -> None:
    """Each try sends from some event on to some other; what begins behind a gap is refused and changes nothing."""
    session, events = told
    central = Central()
    for after, until in [*tries, (0, len(events))]:
        sent = events[after:until]
        if not sent:
            continue
        before = (central.session, list(central.events))
        judged = central.take(part(events, after, min(until, len(events))))
        if after > before[0].last_seq:
            assert isinstance(judged, PartRefused)
            assert judged.place == 0
            assert (central.session, central.events) == before
        else:
            assert isinstance(judged, PartTaken), judged
    assert central.events == events
    assert central.session.last_values == session.last_values
    assert (central.session.last_seq, central.session.closed_at) == (session.last_seq, session.closed_at)
    assert central.session.close_reason == session.close_reason


@given(records(), st.data())
def test_a_wrong_event_takes_nothing_with_it(told: tuple[Session, list[Event]], data: st.DataObject) -> None:
    _, events = told
    if not events:
        return
    central = Central()
    stored = data.draw(st.integers(0, len(events)))
    if stored:
        central.take(part(events, 0, stored))
    before = (central.session, list(central.events))
    place = data.draw(st.integers(0, len(events) - 1))
    wrong = list(events)
    kind = data.draw(st.sampled_from(("another id", "skipped", "hash")))
    if kind == "another id":
        if place >= stored:
            return
        wrong[place] = replace(wrong[place], id=uuid4())
    elif kind == "skipped":
        # The last one left out is no gap, only a shorter part.
        if not stored <= place < len(events) - 1:
            return
        del wrong[place]
    folded = "0" * 64 if kind == "hash" else part(events, 0, len(events)).folded
    judged = central.take(RecordPart(EMPTY.id, wrong, folded))
    if kind == "hash" and stored == len(events):
        # Nothing of it was new: it is what it was.
        assert isinstance(judged, PartTaken)
    else:
        assert isinstance(judged, PartRefused), kind
    assert (central.session, central.events) == before


@given(records())
def test_an_event_is_read_as_it_was_recorded(told: tuple[Session, list[Event]]) -> None:
    """Through JSON, as it is told by `GET …/events`."""
    for event in told[1]:
        payload = json.loads(json.dumps(event_answer(event)))
        raw = {"id": str(uuid4()), "operation": "CREATE", "entityId": str(event.id), "payload": payload}
        envelope = Envelope(UUID(raw["id"]), "SESSION_EVENT", str(event.id), raw)
        read = read_hall_event(envelope, "disk", HALL, BEGAN)
        assert isinstance(read, SentFact), read
        assert read.event == event
        assert hash_of_events([payload]) == hash_of_events([event_answer(event)])  # type: ignore[list-item]


@given(patches, st.dictionaries(flag_keys, flag_values, max_size=5), st.randoms())
def test_the_hash_does_not_depend_on_the_order_of_names(
    patch: VitalsPatch, flags: dict[str, bool | str], chance: Random
) -> None:
    last = replace(START_VALUES, signs={**START_VALUES.signs, **patch.signs}, flags=flags)
    raw = last.as_json()
    names = list(raw)
    chance.shuffle(names)
    shuffled = LastValues.from_json(json.loads(json.dumps({name: raw[name] for name in names})))
    signs = dict(reversed(list(last.signs.items())))
    reordered = replace(shuffled, flags=dict(reversed(list(flags.items()))), signs=signs)
    assert hash_of_values(reordered) == hash_of_values(last)
    other = replace(last, signs={**last.signs, "heart_rate": (int(last.signs["heart_rate"]) + 1) % 300})
    assert hash_of_values(other) != hash_of_values(last)


def test_the_hash_of_the_start_values_is_that_of_their_canonical_json() -> None:
    """What another program computes from the words of the API page; `sha256sum` says the same."""
    text = (
        '{"diastolic":80,"etco2":38,"flags":{},"heart_rate":75,"nibp":null,"ramps":{},"respiratory_rate":16,'
        '"rhythm":"sinus","spo2":98,"systolic":120,"temperature":37.0}'
    )
    assert hash_of_values(START_VALUES) == hashlib.sha256(text.encode()).hexdigest()


def test_an_ended_session_is_not_anothers_to_end() -> None:
    late = Event(uuid4(), EMPTY.id, 1, BEGAN, BEGAN, BY, SessionEnded("closed"))
    for home in (None, HomeHall(uuid4(), "South", None, BEGAN), HomeHall(HALL.id, "North", None, BEGAN, is_home=False)):
        judged = judge_part(replace(EMPTY, hall=home), HALL, RecordPart(EMPTY.id, [late], None), {}, ())
        assert isinstance(judged, PartRefused)
        assert judged.rejected.reason == "not_home"
