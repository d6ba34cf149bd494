"""The figures of an arrest, by their vector and where the definitions are easily taken wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from server.domain.debrief.resuscitation import Resuscitation
from server.domain.events import CaseEnded, CasePaused, CaseResumed, Fact, SessionEnded
from tests.support.debriefing import debriefed, marked, pushed
from tests.support.making import NOW, later

_VECTOR = json.loads((Path(__file__).parents[1] / "vectors/resuscitation.json").read_text())
_VF = pushed(rhythm="ventricular_fibrillation", flags={"pulseless": True})
_PEA = pushed(flags={"pulseless": True})
_ROSC = pushed(rhythm="sinus", flags={"pulseless": None, "cpr": None})
_ON, _OFF = pushed(flags={"cpr": True}), pushed(flags={"cpr": False})


def _arrests(*facts: tuple[float, Fact], until: float = 3600) -> list[Resuscitation]:
    return list(debriefed(*facts, until=until).resuscitation)


def _fact(event: dict[str, Any]) -> Fact:
    return marked(event["marker"]) if "marker" in event else pushed(**{k: v for k, v in event.items() if k != "at"})


def test_the_vector() -> None:
    (one,) = _arrests(*((each["at"], _fact(each)) for each in _VECTOR["events"]))
    expected = dict(_VECTOR["figures"])
    assert [pause.seconds for pause in one.pauses] == expected.pop("pauses")
    assert [[shock.pre_seconds, shock.post_seconds] for shock in one.shocks] == expected.pop("shocks")
    for name in ("compression_fraction", "compression_fraction_from_first"):
        fraction = getattr(one, name)
        assert fraction is not None
        assert round(fraction, 2) == expected.pop(name)
    assert {name: getattr(one, name) for name in expected} == expected
    assert (one.onset_at, one.end_at, one.end, one.onset_seq) == (later(420), later(705), "rosc", 1)


def test_a_shock_counts_for_the_time_only_while_the_rhythm_is_shockable() -> None:
    (one,) = _arrests(
        (10, _PEA), (20, marked("defibrillation")), (40, _VF), (55, marked("defibrillation")), (100, _ROSC)
    )
    assert (one.to_shock_seconds, len(one.shocks), one.shock_intervals) == (45, 2, [35])
    (pea,) = _arrests((10, _PEA), (20, marked("defibrillation")), (100, _ROSC))
    assert (pea.to_shock_seconds, len(pea.shocks)) == (None, 1)
    (vt,) = _arrests(
        (10, pushed(rhythm="ventricular_tachycardia", flags={"pulseless": True})), (31, marked("defibrillation"))
    )
    assert vt.to_shock_seconds == 21


def test_what_a_shock_led_to_in_its_millisecond_came_after_it() -> None:
    shock = marked("defibrillation")
    (stopped,) = _arrests((10, _VF), (30, shock), (30, pushed(rhythm="asystole")), (60, _ROSC))
    assert stopped.to_shock_seconds == 20
    (begun,) = _arrests((10, pushed(rhythm="asystole")), (30, _VF), (30, shock), (60, _ROSC))
    assert begun.to_shock_seconds == 20
    (too_early,) = _arrests((10, pushed(rhythm="asystole")), (30, shock), (30, _VF), (60, _ROSC))
    assert (too_early.to_shock_seconds, len(too_early.shocks)) == (None, 1)
    (before,) = _arrests((10, shock), (10, _VF), (60, _ROSC))
    assert (before.to_shock_seconds, list(before.shocks)) == (None, [])


def test_what_was_done_and_when_is_counted_from_the_onset_and_within_the_arrest() -> None:
    (one,) = _arrests(
        (5, marked("adrenaline")),
        (10, _VF),
        (18, marked("arrest_recognised")),
        (30, marked("rhythm_check")),
        (150, marked("rhythm_check")),
        (190, marked("adrenaline")),
        (370, marked("adrenaline")),
        (400, _ROSC),
        (500, marked("adrenaline")),
    )
    assert (one.to_recognition_seconds, one.to_adrenaline_seconds) == (8, 180)
    assert (one.adrenaline_intervals, one.rhythm_check_intervals) == ([180], [120])
    assert (one.compressions_seconds, one.compression_fraction, one.compression_fraction_from_first) == (0, 0, None)
    assert (one.to_compressions_seconds, one.longest_pause_seconds, list(one.pauses)) == (None, None, [])


def test_adrenaline_is_counted_from_the_third_shock_too() -> None:
    shock, adrenaline = marked("defibrillation"), marked("adrenaline")
    three: list[tuple[float, Fact]] = [(10, _VF), (30, shock), (150, shock), (270, shock)]
    (given,) = _arrests(*three, (300, adrenaline), (480, adrenaline))
    assert (given.third_shock_to_adrenaline_seconds, given.to_adrenaline_seconds) == (30, 290)
    (paused,) = _arrests(*three, (280, CasePaused()), (290, CaseResumed()), (300, adrenaline))
    assert paused.third_shock_to_adrenaline_seconds == 20
    (at_once,) = _arrests(*three, (270, adrenaline))
    assert at_once.third_shock_to_adrenaline_seconds == 0
    for others in ((), ((200, adrenaline), *three[3:], (300, adrenaline))):
        (one,) = _arrests(*three[:3], *others)
        assert one.third_shock_to_adrenaline_seconds is None


def test_shocks_without_a_pause_before_any_compression_and_after_the_last() -> None:
    (one,) = _arrests(
        (0, _VF), (5, marked("defibrillation")), (10, _ON), (20, marked("defibrillation")), (30, _OFF),
        (33, marked("defibrillation")), (60, _ROSC),
    )  # fmt: skip
    assert [(shock.pre_seconds, shock.post_seconds) for shock in one.shocks] == [(None, 5), (0, 0), (3, None)]


def test_a_pause_is_between_compressions_and_long_above_ten_seconds() -> None:
    (one,) = _arrests((0, _VF), (10, _ON), (20, _OFF), (30, _ON), (40, _OFF), (50.5, _ON), (60, _OFF), (90, _ROSC))
    assert [(pause.at, pause.seconds) for pause in one.pauses] == [(later(20), 10), (later(40), 10.5)]
    assert (one.pauses_over_10, one.longest_pause_seconds) == (1, 10.5)


def test_compressions_that_were_switched_off_while_the_clock_stood_are_none() -> None:
    (one,) = _arrests((0, _VF), (10, CasePaused()), (12, _ON), (15, _OFF), (20, CaseResumed()), (60, _ROSC))
    assert (one.seconds, one.to_compressions_seconds, one.compression_fraction_from_first) == (50, None, None)
    (two,) = _arrests(
        (0, _VF), (10, CasePaused()), (12, _ON), (15, _OFF), (20, CaseResumed()), (30, _ON), (60, _ROSC)
    )  # fmt: skip
    assert (two.to_compressions_seconds, list(two.pauses)) == (20, [])
    (just_begun,) = _arrests((0, _VF), (10, CasePaused()), (12, _ON), until=15)
    assert just_begun.to_compressions_seconds == 10


def test_an_arrest_goes_on_with_the_session_and_ends_with_it() -> None:
    (running,) = _arrests((10, _VF), (20, _ON), until=50)
    assert (running.end, running.end_at, running.seconds, running.compressions_seconds) == (None, None, 40, 30)
    (ended,) = _arrests((10, _VF), (60, SessionEnded("closed")), until=60)
    assert (ended.end, ended.end_at, ended.seconds, ended.to_rosc_seconds) == ("case_end", later(60), 50, None)
    (by_rule,) = _arrests((10, _VF), (40, CaseEnded()), (60, pushed(vitals={"spo2": 60})), (90, SessionEnded("closed")))
    assert (by_rule.end, by_rule.seconds) == ("case_end", 30)


def test_a_heart_that_slows_down_to_nothing_stands_still_at_the_end_of_its_ramp() -> None:
    one, two = _arrests(
        (10, pushed(vitals={"heart_rate": 0}, ramp_seconds=60)),
        (100, pushed(vitals={"heart_rate": 80}, ramp_seconds=20)),
        (200, pushed(vitals={"heart_rate": 0})),
    )
    assert (one.onset_at, one.onset_seq, one.end_at) == (later(70), 1, later(100))
    assert (two.onset_at, two.onset_seq) == (later(200), 3)


def test_it_opens_without_a_pulse() -> None:
    (one,) = _arrests((0, _VF), (45, _ROSC))
    assert (one.onset_at, one.onset_seq, one.seconds) == (NOW, 1, 45)


def test_the_clock_stands_while_the_session_is_paused() -> None:
    (one,) = _arrests(
        (0, _VF), (10, _ON), (20, CasePaused()), (320, CaseResumed()), (330, _OFF), (340, _ON), (350, _ROSC)
    )
    assert (one.seconds, one.compressions_seconds, [pause.seconds for pause in one.pauses]) == (50, 30, [10])
