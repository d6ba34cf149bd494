"""A record read again: the values at its moments."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from server.domain.events import ActionTaken, CasePaused, CaseResumed, Event, Fact, NoteAdded, VitalsPushed
from server.domain.patches import read_patch
from server.domain.replay import Replay, ValuesThen, moment_of
from server.domain.vitals import VitalsPatch
from tests.support.making import BY, NOW, later


def _pushed(**fields: Any) -> VitalsPushed:
    patch = read_patch(**fields)
    assert isinstance(patch, VitalsPatch)
    return VitalsPushed(patch)


def _replay(*facts: tuple[float, Fact]) -> Replay:
    replay = Replay(NOW)
    for seq, (seconds, fact) in enumerate(facts, 1):
        replay.follow(Event(uuid4(), uuid4(), seq, later(seconds), later(seconds), BY, fact))
    return replay


def _then(replay: Replay, seconds: float, sight: Any = "shown") -> ValuesThen:
    then = replay.values_at(later(seconds), sight)
    assert then is not None
    return then


def test_a_ramp_is_read_as_it_runs_and_stands_while_paused() -> None:
    replay = _replay(
        (10, _pushed(vitals={"heart_rate": 135}, ramp_seconds=60)), (40, CasePaused()), (100, CaseResumed())
    )
    assert [_then(replay, at).signs["heart_rate"] for at in (0, 10, 25, 40, 99, 115, 130, 300)] == [
        75, 75, 90, 105, 105, 120, 135, 135,
    ]  # fmt: skip


def test_what_was_not_shown_is_missing_and_the_truth_is_not() -> None:
    replay = _replay((10, _pushed(rhythm="ventricular_fibrillation", flags={"temp_off": True})))
    shown, true = _then(replay, 60), _then(replay, 60, "true")
    assert shown.signs == {"respiratory_rate": 0, "etco2": 0}
    assert true.signs == {
        "heart_rate": 75, "systolic": 120, "diastolic": 80, "spo2": 98, "respiratory_rate": 16, "etco2": 38,
        "temperature": 37.0,
    }  # fmt: skip
    assert shown.rhythm == true.rhythm == "ventricular_fibrillation"
    assert shown.flags == {"temp_off": True}


def test_the_pressures_are_those_of_the_cuff_from_when_it_was_down() -> None:
    replay = _replay((10, ActionTaken("nibp_start")), (20, _pushed(vitals={"systolic": 80, "diastolic": 50})))
    shown = [_then(replay, at).signs.get("systolic") for at in (5, 15, 39, 40, 600)]
    assert shown == [None, None, None, 120, 120]
    assert _then(replay, 600, "true").signs["systolic"] == 80


def test_without_electrodes_no_rhythm_was_shown() -> None:
    replay = _replay((10, _pushed(rhythm="svt", flags={"ecg_off": True})))
    assert (_then(replay, 11).rhythm, _then(replay, 11, "true").rhythm) == (None, "svt")


def test_what_a_session_opens_with_has_always_been_so() -> None:
    replay = _replay((0, _pushed(rhythm="asystole")))
    assert _then(replay, 0).signs["heart_rate"] == 0


def test_a_note_is_read_at_the_moment_at_which_it_was_made() -> None:
    note = Event(uuid4(), uuid4(), 2, later(60), later(5), BY, NoteAdded("late"))
    push = Event(uuid4(), uuid4(), 3, later(60), later(5), BY, _pushed(vitals={"spo2": 80}))
    assert moment_of(note) == later(5)
    assert moment_of(push) == later(60)
    replay = _replay((10, _pushed(vitals={"spo2": 80})), (20, ActionTaken("alarm_silence")))
    assert _then(replay, 5).signs["spo2"] == 98


def test_a_moment_too_far_back_is_told_as_unknown_and_never_wrong() -> None:
    replay = _replay(*((float(at), _pushed(vitals={"heart_rate": 60 + at % 90})) for at in range(1, 1501)))
    assert replay.values_at(later(100), "shown") is None
    assert _then(replay, 1200).signs["heart_rate"] == 60 + 1200 % 90
