"""Attempts compared: shares, medians and ranges over those that could, and nothing of fewer than five people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.case import Case, Target
from server.domain.debrief.comparison import (
    PEOPLE_NEEDED,
    Attempt,
    ComparedItem,
    ComparedTime,
    Comparison,
    Spread,
    agreed_scores,
    comparing,
    spread_of,
)
from server.domain.debrief.for_times import for_times
from server.domain.debrief.reading import RecordReading
from server.domain.events import (
    ActionTaken,
    CasePaused,
    CaseResumed,
    CaseStarted,
    Event,
    Fact,
    NoteAdded,
    SessionEnded,
    VitalsPushed,
)
from server.domain.patches import read_patch
from server.domain.scores import ItemScore, ScoreSheet
from server.domain.vitals import VitalsPatch
from tests.support.making import BY, NOW, later


def compare(attempts: Sequence[Attempt]) -> Comparison:
    parts = comparing(attempts)
    while True:
        try:
            next(parts)
        except StopIteration as end:
            return end.value


def _attempt(
    times: Mapping[tuple[str, str], float | None] | None = None,
    scores: Mapping[str, float] | None = None,
    people: int = 3,
    *,
    had_arrest: bool = False,
) -> Attempt:
    return Attempt(people, times or {}, had_arrest, scores or {})


def test_each_time_says_how_many_did_it_and_how_soon() -> None:
    shock = ("defibrillation", "start")
    attempts = [_attempt({shock: 100}), _attempt({shock: 45.5}), _attempt({shock: None}), _attempt({shock: 61})]
    assert compare(attempts).times == [ComparedTime("defibrillation", "start", 4, 0.75, Spread(61, 45.5, 100))]


def test_what_an_attempt_never_speaks_of_was_not_done_in_it() -> None:
    attempts = [_attempt({("oxygen", "start"): 30}), _attempt({("oxygen", "start"): 40}), _attempt(), _attempt()]
    assert compare(attempts).times == [ComparedTime("oxygen", "start", 4, 0.5, Spread(35, 30, 40))]


def test_nobody_did_it() -> None:
    attempts = [_attempt({("oxygen", "start"): None})] * 2
    assert compare(attempts).times == [ComparedTime("oxygen", "start", 2, 0, None)]


def test_from_an_arrest_those_count_that_had_one() -> None:
    shock = ("defibrillation", "arrest")
    attempts = [
        _attempt({shock: 60}, had_arrest=True),
        _attempt({}, had_arrest=True),
        _attempt({shock: None}),
        _attempt({shock: None}),
    ]
    assert compare(attempts).times == [ComparedTime("defibrillation", "arrest", 2, 0.5, Spread(60, 60, 60))]


def test_from_a_marker_those_count_that_set_it() -> None:
    both, first = {("a", "start"): 10, ("b", "a"): 5}, {("a", "start"): 20, ("b", "a"): None}
    compared = compare([_attempt(both), _attempt(first), _attempt({("b", "a"): None})])
    assert compared.times == [
        ComparedTime("a", "start", 3, 2 / 3, Spread(15, 10, 20)),
        ComparedTime("b", "a", 2, 0.5, Spread(5, 5, 5)),
    ]


def test_items_count_where_they_were_scored() -> None:
    attempts = [_attempt(scores={"calls": 2, "leads": 1}), _attempt(scores={"calls": 1.5}), _attempt()]
    assert compare(attempts).items == [ComparedItem("calls", 2, Spread(1.75, 1.5, 2))]


def _sheet(**scores: Any) -> ScoreSheet:
    items = {key: ItemScore(score) for key, score in scores.items()}
    return ScoreSheet(uuid4(), uuid4(), BY, items, "", NOW, NOW)


def test_evaluators_agree_on_the_score_in_the_middle() -> None:
    sheets = [_sheet(calls=2, leads=1), _sheet(calls=2, leads="na"), _sheet(calls=0, leads=2), _sheet()]
    assert agreed_scores(["calls", "leads", "never"], sheets) == {"calls": 2, "leads": 1.5, "never": 0}
    assert agreed_scores(["calls"], [_sheet(calls="na")]) == {}
    assert agreed_scores(["calls"], []) == {}


def test_four_people_see_nothing_and_five_do() -> None:
    attempt = _attempt({("oxygen", "start"): 30}, {"calls": 2}, people=1)
    assert compare([attempt] * 4) == Comparison(is_hidden=True)
    compared = compare([attempt] * 5)
    assert not compared.is_hidden
    assert compared.times[0].n == compared.items[0].n == 5
    assert not compare([_attempt({("oxygen", "start"): 30}, people=5)]).is_hidden


def test_a_row_that_few_stand_behind_is_left_out() -> None:
    shock = {("defibrillation", "arrest"): 60}
    attempts = [_attempt(shock, {"calls": 2}, people=4, had_arrest=True), *[_attempt(people=1)] * 4]
    assert compare(attempts) == Comparison([], [])


_TIMES = st.dictionaries(
    st.tuples(st.sampled_from(["a", "b"]), st.sampled_from(["start", "arrest", "a"])),
    st.none() | st.floats(0, 4000, allow_nan=False).map(lambda seconds: round(seconds, 3)),
)
_ATTEMPTS = st.lists(
    st.builds(
        Attempt,
        st.integers(1, 4),
        _TIMES,
        st.booleans(),
        st.dictionaries(st.sampled_from(["x", "y"]), st.sampled_from([0, 0.5, 1, 2])),
    ),
    max_size=12,
)


@given(_ATTEMPTS, st.randoms())
def test_order_tells_nothing_and_no_row_stands_on_few(attempts: list[Attempt], random: Any) -> None:
    compared = compare(attempts)
    shuffled = list(attempts)
    random.shuffle(shuffled)
    again = compare(shuffled)
    assert compared.is_hidden == again.is_hidden == (sum(each.people for each in attempts) < PEOPLE_NEEDED)
    assert sorted(map(repr, compared.times)) == sorted(map(repr, again.times))
    assert sorted(map(repr, compared.items)) == sorted(map(repr, again.items))
    for row in compared.times:
        assert 0 <= row.share_done <= 1
        assert (row.spread is None) == (row.share_done == 0)
        assert row.spread is None or row.spread.low <= row.spread.median <= row.spread.high


@given(st.lists(st.integers(0, 4000), min_size=1))
def test_the_median_has_as_many_above_as_below(values: list[int]) -> None:
    spread = spread_of(values)
    assert spread is not None
    below = sum(value < spread.median for value in values)
    above = sum(value > spread.median for value in values)
    assert below <= len(values) / 2
    assert above <= len(values) / 2


def _pushed(**fields: Any) -> VitalsPushed:
    patch = read_patch(**fields)
    assert isinstance(patch, VitalsPatch)
    return VitalsPushed(patch)


_FACTS = st.one_of(
    st.sampled_from([0, 30, 75, 300]).map(lambda value: _pushed(vitals={"heart_rate": value})),
    st.integers(0, 60).map(lambda seconds: _pushed(vitals={"heart_rate": 0}, ramp_seconds=seconds)),
    st.integers(80, 300).map(lambda value: _pushed(vitals={"systolic": value})),
    st.integers(0, 200).map(lambda value: _pushed(vitals={"diastolic": value, "heart_rate": 0})),
    st.sampled_from(["sinus", "asystole", "ventricular_fibrillation"]).map(lambda rhythm: _pushed(rhythm=rhythm)),
    st.booleans().map(lambda is_on: _pushed(flags={"pulseless": is_on})),
    st.booleans().map(lambda is_on: _pushed(flags={"cpr": is_on, "spo2_off": is_on})),
    st.sampled_from(["adrenaline", "defibrillation", None]).map(lambda marker: NoteAdded("x", marker=marker)),
    st.sampled_from(
        [
            CaseStarted(),
            CasePaused(),
            CaseResumed(),
            ActionTaken("nibp_start"),
            ActionTaken("marker", {"marker": "cpr"}),
            ActionTaken("defibrillation"),
        ]
    ),
)


_CASE = Case(uuid4(), 1, "", (), (), (Target("cpr_started", 60, "arrest"), Target("adrenaline", 300)))


def _times(events: Sequence[Event]) -> Any:
    reading = RecordReading(NOW)
    for event in events:
        reading.follow(event)
    reading.end(later(5000))
    onsets = [arrest.onset_at for arrest in reading.arrests.arrests]
    return onsets, reading.times(reading.marks, _CASE)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.floats(0.001, 90), _FACTS), max_size=20))
def test_what_is_left_of_a_record_gives_the_times_of_the_whole(drawn: list[tuple[float, Fact]]) -> None:
    at, events = 0.0, list[Event]()
    for gap, fact in [*drawn, (1.0, SessionEnded("closed"))]:
        at += gap
        if isinstance(fact, VitalsPushed) and "diastolic" in fact.patch.signs:
            # A journal would refuse it above the systolic pressure.
            fact = _pushed(vitals={"diastolic": 80, "heart_rate": fact.patch.signs["heart_rate"]})
        events.append(Event(uuid4(), uuid4(), len(events) + 1, later(at), later(at), BY, fact))
    assert _times(for_times(events)) == _times(events)
