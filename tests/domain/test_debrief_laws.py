"""What holds for the debrief of any record."""

from __future__ import annotations

import gc
from datetime import timedelta
from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st

from server.domain.debrief.debrief import DebriefReader, RecordDebrief, debrief_of
from server.domain.debrief.moments import MOMENT_KINDS
from server.domain.debrief.reading import RecordReading
from server.domain.events import (
    ActionTaken,
    CaseEnded,
    CasePaused,
    CaseResumed,
    CaseStarted,
    Event,
    Fact,
    NoteAdded,
)
from server.domain.vitals import RHYTHMS
from tests.support.debriefing import a_record, an_event, debriefed, marked, pushed
from tests.support.making import NOW, later

_HOUR = 3600.0


def _pushes() -> st.SearchStrategy[Fact]:
    signs = st.fixed_dictionaries(
        {},
        optional={
            "heart_rate": st.integers(0, 220),
            "spo2": st.integers(70, 100),
            "respiratory_rate": st.integers(0, 40),
            "systolic": st.integers(90, 230),
            "temperature": st.sampled_from([34.0, 37.0, 39.5]),
        },
    )
    flags = st.dictionaries(
        st.sampled_from(["pulseless", "cpr", "spo2_off", "ecg_off", "loss_of_consciousness", "oxygen"]),
        st.sampled_from([True, False, None]),
        max_size=2,
    )
    return st.builds(
        lambda vitals, rhythm, flags, ramp: pushed(vitals=vitals, rhythm=rhythm, flags=flags, ramp_seconds=ramp),
        signs,
        st.none() | st.sampled_from(RHYTHMS),
        flags,
        st.sampled_from([0, 0, 5, 60, 600]),
    ).filter(lambda push: not push.patch.is_empty())


_FACTS: st.SearchStrategy[Fact] = st.one_of(
    _pushes(),
    _pushes(),
    st.sampled_from(["adrenaline", "defibrillation", "help", "rhythm_check", "arrest_recognised"]).map(marked),
    st.sampled_from(
        [
            NoteAdded("Seen"),
            ActionTaken("nibp_start"),
            ActionTaken("marker"),
            CasePaused(),
            CaseResumed(),
            CaseStarted(),
            CaseEnded(),
        ]
    ),
)
_RECORDS = st.lists(st.tuples(st.integers(0, 240), st.integers(0, 400), _FACTS), max_size=25).map(
    lambda steps: _record(steps)
)


def _record(steps: list[tuple[int, int, Fact]]) -> list[Event]:
    """Each so many seconds after the one before, and made so many seconds before it was stored."""
    events: list[Event] = []
    at = 0
    for seq, (after, late, fact) in enumerate(steps, 1):
        at += after
        events.append(an_event(seq, at, fact, made_at=max(0, at - late)))
    return events


@given(_RECORDS)
def test_each_moment_is_there_once_in_order_and_within_the_session(record: list[Event]) -> None:
    until = later(_HOUR * 2)
    moments = debrief_of(NOW, record, until).moments
    keys = [(moment.seq, moment.kind) for moment in moments]
    assert len(set(keys)) == len(keys)
    order = [(moment.at, moment.seq, MOMENT_KINDS.index(moment.kind)) for moment in moments]
    assert order == sorted(order)
    assert all(NOW <= moment.at <= until for moment in moments)
    seqs = {0, *(event.seq for event in record)}
    assert all(moment.seq in seqs for moment in moments)


@given(_RECORDS, st.lists(st.integers(0, 25), max_size=4))
def test_nothing_depends_on_where_the_record_was_cut_or_read_meanwhile(record: list[Event], cuts: list[int]) -> None:
    """A second reader that goes on from page to page, with looks at its times in between, finds the same."""
    until = later(_HOUR * 2)
    whole = debrief_of(NOW, record, until)
    reader, alone = DebriefReader(NOW), RecordReading(NOW)
    begin = 0
    for end in [*sorted(min(cut, len(record)) for cut in cuts), len(record)]:
        for event in record[begin:end]:
            reader.follow(event)
            alone.follow(event)
        begin = end
        if end:
            alone.end(record[end - 1].created_at)
    assert reader.read(until) == whole
    alone.end(until)
    assert alone.times(alone.marks, None) == whole.times


@given(_RECORDS, st.integers(1, 600))
def test_a_pause_at_the_end_of_which_all_goes_on_moves_moments_and_no_figure(record: list[Event], length: int) -> None:
    """The patient and the clock of the case stand: whatever comes later comes later by as long, and counts the same."""
    if any(isinstance(event.fact, CasePaused | CaseResumed) for event in record):
        return
    in_time = [an_event(each.seq, _seconds(each), each.fact) for each in record]
    half = len(in_time) // 2
    begin = _seconds(in_time[half - 1]) if half else 1.0
    paused = [
        *in_time[:half],
        an_event(half + 1, begin + 0.5, CasePaused()),
        an_event(half + 2, begin + 0.5 + length, CaseResumed()),
        *(an_event(each.seq + 2, max(_seconds(each), begin + 0.5) + length, each.fact) for each in in_time[half:]),
    ]
    straight = [
        *in_time[:half],
        *(an_event(each.seq, max(_seconds(each), begin + 0.5), each.fact) for each in in_time[half:]),
    ]
    one = debrief_of(NOW, straight, later(_HOUR * 2))
    other = debrief_of(NOW, paused, later(_HOUR * 2 + length))
    assert other.times == one.times
    assert [each.seconds for each in other.resuscitation] == [each.seconds for each in one.resuscitation]
    assert [each.compressions_seconds for each in other.resuscitation] == [
        each.compressions_seconds for each in one.resuscitation
    ]
    # In the middle of a ramp the pause shows one value more of the mean, and no other score.
    assert _totals(other) == _totals(one)
    assert [moment.kind for moment in other.moments] == [moment.kind for moment in one.moments]


def _totals(debrief: RecordDebrief) -> list[int | None]:
    return [total for total, _ in groupby(score.total for score in debrief.news2)]


def _seconds(event: Event) -> float:
    return (event.created_at - NOW).total_seconds()


@given(_RECORDS)
def test_the_parts_of_an_arrest_add_up(record: list[Event]) -> None:
    for one in debrief_of(NOW, record, later(_HOUR * 2)).resuscitation:
        assert abs(one.compressions_seconds + one.no_flow_seconds - one.seconds) < 0.002
        assert sum(pause.seconds for pause in one.pauses) <= one.no_flow_seconds + 0.002
        assert one.to_rosc_seconds in (None, one.seconds)


def test_the_course_along_a_ramp_is_what_each_second_says() -> None:
    """The score is computed where it changes, not polled; polled, it is the same."""
    facts = ((10.0, pushed(vitals={"heart_rate": 140, "systolic": 85, "diastolic": 50, "spo2": 88}, ramp_seconds=90)),)
    whole = debriefed(*facts, until=200)
    for second in range(200):
        polled = debriefed(*facts, (float(second), pushed(flags={"seen": True})), until=200) if second > 10 else None
        if polled is None:
            continue
        at = NOW + timedelta(seconds=second)
        last = [score for score in whole.news2 if score.at <= at][-1]
        assert [score for score in polled.news2 if score.at <= at][-1].total == last.total


def test_a_reader_keeps_what_events_lead_to_and_no_events() -> None:
    reader, before = DebriefReader(NOW), _events_in_memory()
    for seq in range(1, 3001):
        reader.follow(an_event(seq, seq, pushed(vitals={"heart_rate": 70 + seq % 3, "etco2": seq % 40})))
    assert _events_in_memory() < before + 5
    assert len(reader.read(later(4000)).moments) == 1


def _events_in_memory() -> int:
    gc.collect()
    return sum(type(each) is Event for each in gc.get_objects())


def test_of_several_changes_in_one_instant_the_last_holds() -> None:
    news2 = debriefed(
        (10, pushed(vitals={"spo2": 90})), (10, pushed(vitals={"spo2": 98})), (20, pushed(vitals={"spo2": 92}))
    ).news2
    assert [((score.at - NOW).total_seconds(), score.total) for score in news2] == [(0, 0), (20, 2)]


def test_a_record_without_events_is_a_session_that_was_opened() -> None:
    debrief = debrief_of(NOW, a_record(), later(5))
    assert [moment.kind for moment in debrief.moments] == ["opened"]
    assert (debrief.times, debrief.resuscitation) == ([], [])
