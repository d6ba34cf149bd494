"""How soon what was done: from which moment, against which target."""

from __future__ import annotations

from uuid import uuid4

from server.domain.annotations import Annotation
from server.domain.case import Case, ChecklistItem, Target
from server.domain.debrief.debrief import Beside, debrief_of
from server.domain.debrief.key_times import KeyTime
from server.domain.debrief.reading import RecordReading
from server.domain.events import ActionTaken, CasePaused, CaseResumed, CaseStarted, Fact
from tests.support.debriefing import SESSION_ID, a_record, an_event, debriefed, marked, pushed
from tests.support.making import BY, NOW, later

_VF, _ROSC = pushed(rhythm="ventricular_fibrillation"), pushed(rhythm="sinus")


def _case(*targets: Target, checklist: tuple[ChecklistItem, ...] = ()) -> Case:
    return Case(uuid4(), 1, "", (), checklist, targets)


def _times(*facts: tuple[float, Fact], case: Case | None = None) -> list[tuple[object, ...]]:
    times = debriefed(*facts, beside=Beside(case)).times
    return [(time.marker, time.since, time.seconds, time.target_seconds, time.is_met) for time in times]


def test_the_first_time_from_the_opening_and_from_the_latest_arrest_before_it() -> None:
    assert _times(
        (10, marked("help")), (30, _VF), (40, _ROSC), (100, _VF), (145.5, marked("defibrillation")),
        (160, marked("help")), (200, marked("defibrillation")),
    ) == [
        ("help", "start", 10, None, None),
        # The first help came before any arrest.
        ("help", "arrest", 60, None, None),
        ("defibrillation", "start", 145.5, None, None),
        ("defibrillation", "arrest", 45.5, None, None),
    ]  # fmt: skip


def test_an_arrest_comes_after_the_marker_that_led_to_it_in_the_same_millisecond() -> None:
    assert _times((10, marked("fluid")), (10, _VF), (10, marked("help"))) == [
        ("fluid", "start", 10, None, None),
        ("help", "start", 10, None, None),
        ("help", "arrest", 0, None, None),
    ]


def test_the_start_is_that_of_the_case() -> None:
    assert _times((5, marked("help")), (60, CaseStarted()), (90, marked("oxygen"))) == [
        ("help", "start", 0, None, None),
        ("oxygen", "start", 30, None, None),
    ]


def test_targets_come_first_in_their_order_met_or_not_or_never_done() -> None:
    case = _case(
        Target("antibiotic", 3600, "blood_cultures"),
        Target("adrenaline", 180, "arrest"),
        Target("defibrillation", 60, "arrest"),
        Target("fluid", 600),
        checklist=(
            ChecklistItem("fluid", "Fluid", marker="fluid", target_seconds=30),
            ChecklistItem("ecg", "ECG", marker="ecg_12", target_seconds=600),
        ),
    )
    assert _times(
        (100, _VF), (160, marked("defibrillation")), (280.001, marked("adrenaline")), (700, marked("fluid")),
        (800, marked("blood_cultures")), (900, marked("antibiotic")),
        case=case,
    ) == [
        ("antibiotic", "blood_cultures", 100, 3600, True),
        ("antibiotic", "start", 900, None, None),
        ("antibiotic", "arrest", 800, None, None),
        ("adrenaline", "arrest", 180.001, 180, False),
        ("adrenaline", "start", 280.001, None, None),
        ("defibrillation", "arrest", 60, 60, True),
        ("defibrillation", "start", 160, None, None),
        ("fluid", "start", 700, 600, False),
        ("fluid", "arrest", 600, None, None),
        ("ecg_12", "start", None, 600, False),
        ("blood_cultures", "start", 800, None, None),
        ("blood_cultures", "arrest", 700, None, None),
    ]  # fmt: skip


def test_what_is_counted_from_an_arrest_that_never_came_is_neither_met_nor_missed_once_done() -> None:
    case = _case(Target("adrenaline", 180, "arrest"))
    assert _times((10, marked("adrenaline")), case=case) == [
        ("adrenaline", "arrest", None, 180, None),
        ("adrenaline", "start", 10, None, None),
    ]
    assert _times(case=case) == [("adrenaline", "arrest", None, 180, False)]


def test_it_goes_by_when_a_marker_was_made_also_by_one_that_came_after_the_end() -> None:
    events = [*a_record((100, _VF)), an_event(2, 300, marked("adrenaline"), made_at=130)]
    late = Annotation(uuid4(), SESSION_ID, uuid4(), later(110), "note", "", "help", BY, later(900), later(900))
    plus = Annotation(uuid4(), SESSION_ID, uuid4(), later(101), "plus", "!", "airway", BY, later(900), later(900))
    times = debrief_of(NOW, events, later(600), Beside(annotations=(late, plus))).times
    assert [(time.marker, time.since, time.seconds) for time in times] == [
        ("help", "start", 110), ("help", "arrest", 10), ("adrenaline", "start", 130), ("adrenaline", "arrest", 30),
    ]  # fmt: skip


def test_a_mark_at_the_bedside_counts_by_its_key() -> None:
    facts = ((5.0, ActionTaken("marker")), (7.0, ActionTaken("marker", {"marker": "oxygen"})))
    assert _times(*facts) == [("oxygen", "start", 7, None, None)]


def test_what_a_trainee_does_in_homework_counts_as_what_a_trainer_would_have_marked() -> None:
    facts = ((10.0, _VF), (25.0, ActionTaken("defibrillation")), (30.0, ActionTaken("nibp_start")))
    assert _times(*facts) == [("defibrillation", "start", 25, None, None), ("defibrillation", "arrest", 15, None, None)]
    assert debriefed(*facts).resuscitation[0].to_shock_seconds == 15


def test_compressions_that_nobody_marked_count_where_they_are_asked_for() -> None:
    facts = ((10.0, _VF), (70.0, pushed(flags={"cpr": True})))
    case = _case(Target("cpr_started", 60, "arrest"))
    assert _times(*facts, case=case)[0] == ("cpr_started", "arrest", 60, 60, True)
    assert _times(*facts, (80.0, marked("cpr_started")), case=case)[0] == ("cpr_started", "arrest", 70, 60, False)
    assert _times(*facts) == []


def test_a_pause_does_not_count() -> None:
    assert _times((60, CasePaused()), (360, CaseResumed()), (400, marked("oxygen"))) == [
        ("oxygen", "start", 100, None, None)
    ]
    assert _times((60, CasePaused()), (100, marked("oxygen"))) == [("oxygen", "start", 60, None, None)]


def test_key_times_alone_are_those_of_the_whole_debrief() -> None:
    record = a_record((10, _VF), (20, marked("defibrillation")), (30, CasePaused()), (60, marked("adrenaline")))
    case = _case(Target("defibrillation", 60, "arrest"))
    reading = RecordReading(NOW)
    for event in record:
        reading.follow(event)
    reading.end(later(600))
    alone = reading.times(reading.marks, case)
    assert alone == debrief_of(NOW, record, later(600), Beside(case)).times
    assert alone[0] == KeyTime("defibrillation", "arrest", 10, 60, is_met=True)
