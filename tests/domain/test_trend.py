"""What is told of the readings of a record: each when it is new, and no other."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.events import ActionTaken, CasePaused, CaseResumed, Event, Fact, NoteAdded, VitalsPushed
from server.domain.patches import read_patch
from server.domain.replay import Replay, Sight
from server.domain.trend import Trend
from server.domain.vitals import VitalsPatch
from tests.support.making import BY, NOW, later


def _pushed(**fields: Any) -> VitalsPushed:
    patch = read_patch(**fields)
    assert isinstance(patch, VitalsPatch)
    return VitalsPushed(patch)


def _events(*facts: tuple[float, Fact]) -> list[Event]:
    return [
        Event(uuid4(), uuid4(), seq, later(seconds), later(seconds), BY, fact)
        for seq, (seconds, fact) in enumerate(facts, 1)
    ]


def _told(events: list[Event], end: float, sight: Sight = "shown") -> list[tuple[float, dict[str, Any]]]:
    trend = Trend(NOW, sight)
    readings = [reading for event in events for reading in trend.follow(event)]
    readings += trend.until(later(end))
    return [((reading.at - NOW).total_seconds(), dict(reading.signs)) for reading in readings]


def test_the_start_is_told_and_what_stays_is_not_told_again() -> None:
    start = {"heart_rate": 75, "spo2": 98, "respiratory_rate": 16, "etco2": 38, "temperature": 37.0}
    events = _events((90, _pushed(vitals={"spo2": 91})), (100, NoteAdded("so?")), (200, _pushed(vitals={"spo2": 91})))
    assert _told(events, 3600) == [(0, start), (90, {"spo2": 91})]


def test_a_ramp_is_told_every_minute_and_when_it_has_ended() -> None:
    events = _events((30, _pushed(vitals={"heart_rate": 135}, ramp_seconds=120)))
    assert [(at, told["heart_rate"]) for at, told in _told(events, 3600) if at > 0] == [
        (60, 90), (120, 120), (150, 135),
    ]  # fmt: skip


def test_each_of_two_ramps_is_told_when_it_has_ended() -> None:
    events = _events(
        (2, _pushed(vitals={"heart_rate": 140}, ramp_seconds=10)), (3, _pushed(vitals={"spo2": 80}, ramp_seconds=20))
    )
    told = [(at, signs) for at, signs in _told(events, 3600, "true") if at > 3]
    assert told == [(12, {"heart_rate": 140, "spo2": 90}), (23, {"spo2": 80})]


def test_the_end_of_the_session_is_told_with_what_stood_there_then() -> None:
    trend = Trend(NOW, "true")
    events = _events((2, _pushed(vitals={"heart_rate": 135}, ramp_seconds=60)))
    readings = [*trend.follow(events[0]), *trend.end(later(32))]
    assert [(reading.at, reading.signs["heart_rate"]) for reading in readings] == [(NOW, 75), (later(32), 105)]


def test_a_pause_holds_the_ramp_and_the_minutes() -> None:
    events = _events(
        (30, _pushed(vitals={"heart_rate": 135}, ramp_seconds=120)), (60, CasePaused()), (1000, CaseResumed())
    )
    # The pause begins at a full minute: what stands there is told once.
    assert [(at, told["heart_rate"]) for at, told in _told(events, 3600) if at > 0] == [
        (60, 90), (1020, 100), (1080, 130), (1090, 135),
    ]  # fmt: skip


def test_the_cuff_is_told_when_its_result_stands_there_also_the_same_again() -> None:
    events = _events((10, ActionTaken("nibp_start")), (300, ActionTaken("nibp_start")))
    pressures = [(at, told) for at, told in _told(events, 3600) if "systolic" in told]
    assert pressures == [(40, {"systolic": 120, "diastolic": 80}), (330, {"systolic": 120, "diastolic": 80})]


def test_the_truth_of_the_pressures_needs_no_cuff() -> None:
    events = _events((10, ActionTaken("nibp_start")), (20, _pushed(vitals={"systolic": 90})))
    pressures = [(at, told) for at, told in _told(events, 3600, "true") if "systolic" in told]
    assert pressures == [
        (0, pressures[0][1]),
        (20, {"systolic": 90, "diastolic": 80}),
    ]
    assert pressures[0][1]["systolic"] == 120


def test_what_went_away_is_told_when_it_is_back() -> None:
    events = _events((60.5, _pushed(flags={"temp_off": True})), (100, _pushed(flags={"temp_off": None})))
    assert [(at, told) for at, told in _told(events, 3600) if at > 0] == [(100, {"temperature": 37.0})]


_FACTS = st.one_of(
    st.integers(40, 200).map(lambda value: _pushed(vitals={"heart_rate": value})),
    st.tuples(st.integers(0, 100), st.integers(1, 600)).map(
        lambda drawn: _pushed(vitals={"spo2": drawn[0]}, ramp_seconds=drawn[1])
    ),
    st.sampled_from([ActionTaken("nibp_start"), CasePaused(), CaseResumed(), NoteAdded("x")]),
    st.booleans().map(lambda is_off: _pushed(flags={"spo2_off": is_off})),
)


@given(st.lists(st.tuples(st.floats(0.001, 900), _FACTS), max_size=8), st.sampled_from(["shown", "true"]))
def test_it_is_in_order_and_each_value_is_the_one_of_its_moment(drawn: list[tuple[float, Fact]], sight: Sight) -> None:
    at, facts = 0.0, []
    for gap, fact in drawn:
        at += gap
        facts.append((at, fact))
    events = _events(*facts)
    told = _told(events, at + 1000, sight)
    assert [moment for moment, _ in told] == sorted(moment for moment, _ in told)
    for moment, signs in told:
        replay = Replay(NOW)
        for event in events:
            if event.created_at <= later(moment):
                replay.follow(event)
        then = replay.values_at(later(moment), sight)
        assert then is not None
        # Of two changes in one millisecond the first may have been told as well.
        if sum(event.created_at == later(moment) for event in events) < 2:
            assert signs == {name: then.signs[name] for name in signs}


@pytest.mark.parametrize("sight", ["shown", "true"])
def test_a_month_without_an_event_costs_nothing(sight: Sight) -> None:
    assert len(_told(_events((10, _pushed(vitals={"spo2": 91}))), 30 * 24 * 3600, sight)) == 2
