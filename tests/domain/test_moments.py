"""The moments that rules find: each where it is, none twice."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from server.domain.case import Case, Step
from server.domain.debrief.debrief import Beside, RecordDebrief
from server.domain.debrief.moment_edits import MomentChange, MomentEdit, changed_edit, edited
from server.domain.events import (
    ActionTaken,
    CaseEnded,
    CasePaused,
    CaseResumed,
    Cause,
    Fact,
    NoteAdded,
    SessionEnded,
    VitalsPushed,
)
from server.domain.vitals import VitalsPatch
from tests.support.debriefing import SESSION_ID, debriefed, marked, pushed, seconds_of
from tests.support.making import later

_VF = pushed(rhythm="ventricular_fibrillation", flags={"pulseless": True})
_ROSC = pushed(rhythm="sinus", flags={"pulseless": None})


def _details(debrief: RecordDebrief, kind: str) -> list[Any]:
    return [moment.details for moment in debrief.moments if moment.kind == kind]


def test_a_case_from_its_opening_to_its_end() -> None:
    debrief = debriefed(
        (0, pushed(rhythm="atrial_fibrillation")),
        (10, pushed("worse", vitals={"spo2": 90, "respiratory_rate": 26})),
        (60, ActionTaken("nibp_start")),
        (100, NoteAdded("They look at the monitor")),
        (120, pushed(flags={"spo2_off": True})),
        (200, _VF),
        (220, marked("defibrillation")),
        (230, _ROSC),
        (300, SessionEnded("closed")),
        until=300,
    )
    assert seconds_of(debrief) == [
        (0, "opened"), (10, "step"), (10, "news2_5"), (90, "cuff"), (100, "bookmark"), (120, "sensor_off"),
        (200, "rhythm"), (200, "arrest"), (220, "bookmark"), (230, "rhythm"), (230, "arrest_end"), (300, "end"),
    ]  # fmt: skip
    assert [moment.seq for moment in debrief.moments] == [0, 2, 2, 3, 4, 5, 6, 6, 7, 8, 8, 9]
    assert all(moment.title is None and not moment.is_hidden for moment in debrief.moments)


def test_what_a_session_opens_with_is_no_change() -> None:
    debrief = debriefed((0, pushed(rhythm="svt", vitals={"systolic": 70, "diastolic": 40, "spo2": 80})))
    assert seconds_of(debrief) == [(0, "opened")]
    assert [(score.total, score.band) for score in debrief.news2] == [(6, "medium")]


def test_a_running_session_has_no_end_yet() -> None:
    assert seconds_of(debriefed(until=30)) == [(0, "opened")]


def test_a_step_says_its_title_and_what_played_it() -> None:
    case = Case(uuid4(), 1, "", (Step("worse", "Worse", VitalsPatch()),), (), ())
    by_rule = VitalsPushed(VitalsPatch(), "worse", Cause("calm", {"after": 60}))
    debrief = debriefed(
        (10, by_rule),
        (20, NoteAdded(step="worse")),
        (30, CaseEnded(Cause("worse", {"after": 10}))),
        beside=Beside(case),
    )
    assert [(moment.text_key, dict(moment.details)) for moment in debrief.moments[1:]] == [
        ("step", {"step": "worse", "step_title": "Worse", "from": "calm", "because": {"after": 60}}),
        ("step", {"step": "worse", "step_title": "Worse"}),
        ("case_ended", {"from": "worse", "because": {"after": 10}}),
    ]


def test_bookmarks_are_notes_markers_and_what_trainees_mark_when_they_were_made() -> None:
    debrief = debriefed(
        (10, NoteAdded("Now", "help")),
        (20, ActionTaken("marker", {"text": "here"})),
        (30, ActionTaken("alarm_silence")),
        (40, ActionTaken("oxygen")),
    )
    by = {"role": "trainer", "name": "Grace"}
    assert [(moment.kind, moment.text_key, moment.details) for moment in debrief.moments[1:]] == [
        ("bookmark", "marker", {"marker": "help", "text": "Now", "by": by}),
        ("bookmark", "bedside_mark", {"marker": None, "text": "here", "by": by}),
        ("bookmark", "marker", {"marker": "oxygen", "text": None, "by": by}),
    ]


def test_news2_is_crossed_upwards_also_on_a_ramp_and_both_limits_at_once() -> None:
    slow = debriefed(
        (10, pushed(vitals={"heart_rate": 135, "systolic": 95, "spo2": 90, "diastolic": 60}, ramp_seconds=100))
    )
    # Points so many seconds on: pulse 91 after 25.8, 111 after 59.2; saturation 95 after 31.25, 93 after 56.25 and 91
    # after 81.25; systolic 110 after 38, 100 after 78. Hence 5 with the pulse of 111, and 7 with the saturation of 91.
    assert seconds_of(slow, "news2_5", "news2_7") == [(69.167, "news2_5"), (91.251, "news2_7")]
    assert slow.news2[-1].at == later(110)
    at_once = debriefed((10, pushed(vitals={"heart_rate": 135, "spo2": 90, "systolic": 95, "diastolic": 60})))
    assert seconds_of(at_once, "news2_5", "news2_7") == [(10, "news2_5"), (10, "news2_7")]


def test_who_comes_out_of_an_arrest_as_ill_as_before_has_not_crossed_anything() -> None:
    ill = pushed(vitals={"spo2": 90, "heart_rate": 135, "systolic": 95, "diastolic": 60})
    debrief = debriefed(
        (10, ill), (20, _VF), (100, _ROSC), (110, pushed(vitals={"spo2": 98, "heart_rate": 75})), (120, ill)
    )
    assert seconds_of(debrief, "news2_7") == [(10, "news2_7"), (120, "news2_7")]
    assert [score.total for score in debrief.news2] == [0, 8, None, 8, 2, 8]


def test_what_was_never_recorded_is_named_and_the_total_is_the_least_it_can_be() -> None:
    debrief = debriefed(
        (10, pushed(flags={"oxygen": "15 L mask"})),
        (20, pushed(flags={"consciousness": "V"})),
        (30, pushed(flags={"oxygen": None, "consciousness": "A"})),
        (40, pushed(flags={"loss_of_consciousness": True})),
        (50, pushed(flags={"spo2_scale_2": True}, vitals={"spo2": 90})),
    )
    assert [(score.total, score.missing) for score in debrief.news2] == [
        (0, ("consciousness", "oxygen")), (2, ("consciousness",)), (5, ()), (0, ()), (3, ()),
    ]  # fmt: skip
    assert seconds_of(debrief, "news2_5") == [(20, "news2_5")]


def test_without_a_pulse_there_is_no_score_no_mean_and_no_shock_index() -> None:
    score = debriefed((10, _VF)).news2[-1]
    assert (score.total, score.parts, score.band, score.mean, score.shock_index) == (None, None, None, None, None)


def test_the_mean_and_the_shock_index_are_those_of_each_change() -> None:
    debrief = debriefed(
        (10, pushed(vitals={"systolic": 85, "diastolic": 50})),
        (20, pushed(vitals={"systolic": 80, "diastolic": 38, "heart_rate": 128}, ramp_seconds=10)),
    )
    assert [(score.mean, score.shock_index) for score in debrief.news2[:2]] == [(93, 0.63), (62, 0.88)]
    assert (debrief.news2[-1].mean, debrief.news2[-1].shock_index) == (52, 1.6)


def test_a_minute_without_anything_after_an_arrest_is_a_silence_from_its_onset() -> None:
    silent = debriefed((10, _VF), (100, marked("defibrillation")))
    assert seconds_of(silent, "silence") == [(10, "silence")]
    assert _details(silent, "silence") == [{"after": "arrest", "seconds": 90}]
    assert _details(debriefed((10, _VF)), "silence") == [{"after": "arrest", "seconds": None}]


def test_a_marker_a_mark_at_the_bedside_or_compressions_within_the_minute_break_a_silence() -> None:
    broken: tuple[Fact, ...] = (marked("help"), ActionTaken("marker"), pushed(flags={"cpr": True}))
    for fact in broken:
        assert seconds_of(debriefed((10, _VF), (70, fact)), "silence") == []
        assert seconds_of(debriefed((10, _VF), (70.001, fact)), "silence") == [(10, "silence")]
    # A text is not a marker; a marker of before is none after.
    assert seconds_of(debriefed((5, marked("help")), (10, _VF), (20, NoteAdded("Nobody moves"))), "silence") != []
    assert seconds_of(debriefed((10, marked("fluid")), (10, _VF)), "silence") == [(10, "silence")]
    assert seconds_of(debriefed((10, _VF), (10, marked("help"))), "silence") == []


def test_there_is_no_silence_before_its_minute_is_over_nor_while_paused() -> None:
    assert seconds_of(debriefed((10, _VF), until=69), "silence") == []
    assert seconds_of(debriefed((10, _VF), (20, _ROSC)), "silence") == []
    assert seconds_of(debriefed((10, _VF), (20, CasePaused()), (200, CaseResumed()), until=245), "silence") == []
    ill = pushed(vitals={"spo2": 90, "heart_rate": 135, "systolic": 95, "diastolic": 60})
    assert _details(debriefed((10, ill)), "silence") == [{"after": "news2_7", "seconds": None}]


def test_the_first_reading_of_the_cuff_when_it_was_shown() -> None:
    debrief = debriefed(
        (10, ActionTaken("nibp_start")), (20, ActionTaken("nibp_stop")), (50, ActionTaken("nibp_start")),
        (60, CasePaused()), (100, CaseResumed()), (200, ActionTaken("nibp_start")),
    )  # fmt: skip
    assert seconds_of(debrief, "cuff") == [(120, "cuff")]
    assert _details(debrief, "cuff") == [{"systolic": 120, "diastolic": 80, "mean": 93}]
    assert [moment.seq for moment in debrief.moments if moment.kind == "cuff"] == [3]
    assert seconds_of(debriefed((10, ActionTaken("nibp_start")), until=39), "cuff") == []
    assert seconds_of(debriefed((5, _VF), (10, ActionTaken("nibp_start"))), "cuff") == []


def test_a_sensor_that_was_off_for_more_than_a_minute() -> None:
    debrief = debriefed(
        (0, pushed(flags={"temp_off": True})),
        (10, pushed(flags={"spo2_off": True, "ecg_off": True})),
        (70, pushed(flags={"ecg_off": False})),
        (80, pushed(flags={"spo2_off": None})),
        (100, pushed(flags={"ecg_off": True})),
        (500, pushed(flags={"ecg_off": None})),
    )
    assert seconds_of(debrief, "sensor_off") == [(0, "sensor_off"), (10, "sensor_off"), (100, "sensor_off")]
    assert _details(debrief, "sensor_off") == [
        {"sensors": [{"flag": "temp_off", "seconds": None}]},
        {"sensors": [{"flag": "spo2_off", "seconds": 70}]},
        {"sensors": [{"flag": "ecg_off", "seconds": 400}]},
    ]


def test_people_hide_and_rename_moments() -> None:
    moments = debriefed((10, _VF), until=30).moments
    fresh = MomentEdit(SESSION_ID, uuid4(), 1, "arrest", is_hidden=False, title=None, updated_at=later(0))
    renamed = changed_edit(fresh, MomentChange(title="  The  collapse "), later(1))
    hidden = changed_edit(renamed, MomentChange(is_hidden=True), later(2))
    assert changed_edit(hidden, MomentChange(is_hidden=True), later(3)) is hidden
    found = [(moment.kind, moment.is_hidden, moment.title) for moment in edited(moments, [hidden])]
    assert found == [("opened", False, None), ("rhythm", False, None), ("arrest", True, "The collapse")]
    assert changed_edit(hidden, MomentChange(title=""), later(4)).title is None
