"""Facts: written into rows and answers and read back, and the moment when an event was made."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.events import (
    ActionTaken,
    AutomationSwitched,
    CaseEnded,
    CasePaused,
    CaseResumed,
    CaseStarted,
    Cause,
    ControlsTaken,
    EventDraft,
    Fact,
    NoteAdded,
    SessionEnded,
    VitalsPushed,
    Written,
    read_fact,
    write_fact,
)
from server.domain.record import Recorded, record
from server.domain.vitals import VitalsPatch
from tests.support.making import NOW, a_school, a_session, a_trainer, author, later
from tests.support.strategies import patches, storable_json

keys = st.from_regex(r"[a-z][a-z0-9_]{0,31}", fullmatch=True)
causes = st.builds(Cause, st.none() | keys, st.dictionaries(keys, storable_json, max_size=3))
facts: st.SearchStrategy[Fact] = st.one_of(
    st.builds(VitalsPushed, patches, st.none() | keys, st.none() | causes),
    st.builds(NoteAdded, st.none() | st.text(), st.none() | keys, st.none() | keys),
    st.builds(ActionTaken, keys, st.dictionaries(keys.filter(lambda key: key != "action"), storable_json, max_size=3)),
    st.sampled_from([CaseStarted(), CasePaused(), CaseResumed(), ControlsTaken()]),
    st.builds(AutomationSwitched, st.booleans()),
    st.builds(CaseEnded, st.none() | causes),
    st.builds(SessionEnded, st.sampled_from(["closed", "expired"])),
)


@given(facts)
def test_a_fact_is_read_back_as_it_was_written(fact: Fact) -> None:
    written = write_fact(fact)
    assert read_fact(written) == fact
    assert written.kind == fact.kind


@pytest.mark.parametrize(
    ("written", "fact"),
    [
        (Written("vitals", VitalsPatch({"spo2": 90})), VitalsPushed(VitalsPatch({"spo2": 90}))),
        (Written("note", text="Adrenaline given"), NoteAdded("Adrenaline given")),
        (
            Written("action", text="marker", details={"action": "marker", "lead": "II"}),
            ActionTaken("marker", {"lead": "II"}),
        ),
        (Written("lifecycle", details={"reason": "expired"}), SessionEnded("expired")),
    ],
)
def test_what_was_stored_before_there_were_steps_and_markers_is_read_as_it_was(written: Written, fact: Fact) -> None:
    assert read_fact(written) == fact


@given(
    made=st.none() | st.integers(-(10**10), 10**10),
    stored=st.integers(0, 10**7),
)
def test_an_event_was_made_within_the_life_of_its_session_and_never_later_than_it_was_stored(
    made: int | None, stored: int
) -> None:
    trainer = a_trainer(a_school())
    session = a_session(trainer)
    made_at = None if made is None else NOW + timedelta(milliseconds=made)
    now = later(stored / 1000)
    outcome = record(session, EventDraft(uuid4(), author(trainer), NoteAdded("x"), made_at), now)
    assert isinstance(outcome, Recorded)
    event = outcome.event
    assert event.created_at == now
    assert session.created_at <= event.made_at <= now
    if made_at is None:
        assert event.made_at == now
    elif session.created_at <= made_at <= now:
        assert event.made_at == made_at
