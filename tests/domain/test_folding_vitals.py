"""The fold of patches, the ramps it leaves, and what they read at a moment."""

from __future__ import annotations

import json
import math
from datetime import timedelta
from fractions import Fraction

from hypothesis import assume, given
from hypothesis import strategies as st

from server.domain.events import CasePaused, CaseResumed, Fact, NoteAdded, VitalsPushed, fold_fact
from server.domain.outcomes import InvalidFields
from server.domain.vitals import (
    FLAGS_LIMIT,
    SIGN_NAMES,
    SIGNS,
    START_VALUES,
    LastValues,
    Number,
    Ramp,
    SignName,
    VitalsPatch,
    fold,
    pause,
    raw_value_at,
    resume,
    value_at,
)
from tests.support.making import NOW, later
from tests.support.strategies import patches, ramp_seconds, values_of

pauses_ms = st.integers(0, 4_000_000)


@st.composite
def ramps(draw: st.DrawFn) -> tuple[SignName, LastValues]:
    name = draw(st.sampled_from(SIGN_NAMES))
    start, target = draw(values_of(SIGNS[name])), draw(values_of(SIGNS[name]))
    seconds = draw(ramp_seconds.filter(lambda seconds: seconds > 0))
    return name, LastValues({**START_VALUES.signs, name: target}, ramps={name: Ramp(start, NOW, seconds)})


def _fold_all(steps: list[tuple[int, VitalsPatch]]) -> list[tuple[int, LastValues]]:
    """What is after each push, with its moment in milliseconds; refused ones leave what was."""
    last, at_ms, trail = START_VALUES, 0, [(0, START_VALUES)]
    for pause_ms, patch in steps:
        at_ms += pause_ms
        folded = fold(last, patch, NOW + timedelta(milliseconds=at_ms))
        if isinstance(folded, LastValues):
            last = folded
        else:
            assert folded.errors
            assert {error.field for error in folded.errors} <= {"vitals.diastolic", "vitals.systolic", "flags"}
        trail.append((at_ms, last))
    return trail


@given(st.lists(st.tuples(pauses_ms, patches), max_size=8))
def test_no_sequence_of_pushes_breaks_a_rule(steps: list[tuple[int, VitalsPatch]]) -> None:
    for _, last in _fold_all(steps):
        assert last.signs["diastolic"] <= last.signs["systolic"]
        assert len(last.flags) <= FLAGS_LIMIT
        assert None not in last.flags.values()
        for name, sign in SIGNS.items():
            assert sign.minimum <= last.signs[name] <= sign.maximum


@given(st.lists(st.tuples(pauses_ms, patches), max_size=6))
def test_a_push_changes_only_what_it_names(steps: list[tuple[int, VitalsPatch]]) -> None:
    trail = _fold_all(steps)
    for (_, patch), (_, before), (at_ms, after) in zip(steps, trail, trail[1:], strict=False):
        if after is before:
            continue
        at = NOW + timedelta(milliseconds=at_ms)
        for name in SIGN_NAMES:
            if name in patch.signs:
                assert after.signs[name] == patch.signs[name]
                shown = patch.signs[name] if patch.ramp_seconds == 0 else value_at(before, name, at)
                assert value_at(after, name, at) == shown, "a ramp begins where the sign is now"
            else:
                for second in (0, 1, 59.5, 4000):
                    moment = at + timedelta(seconds=second)
                    assert value_at(after, name, moment) == value_at(before, name, moment)
        assert after.rhythm == (patch.rhythm or before.rhythm)
        expected = {**before.flags, **patch.flags}
        assert after.flags == {key: value for key, value in expected.items() if value is not None}


@given(st.lists(st.tuples(pauses_ms, patches), max_size=6))
def test_last_values_come_back_from_json(steps: list[tuple[int, VitalsPatch]]) -> None:
    _, last = _fold_all(steps)[-1]
    written = json.loads(json.dumps(last.as_json()))
    assert LastValues.from_json(written) == last
    assert set(written) == {*SIGN_NAMES, "rhythm", "flags", "ramps", "nibp"}
    assert all(set(ramp) == {"from", "started_at", "seconds"} for ramp in written["ramps"].values())


@given(ramps(), st.integers(0, 3_700_000))
def test_a_ramp_is_exact_at_both_ends_and_between_them_in_between(ramp: tuple[SignName, LastValues], ms: int) -> None:
    name, last = ramp
    start, target, seconds = last.ramps[name].start, last.signs[name], last.ramps[name].seconds
    assert value_at(last, name, later(-10)) == value_at(last, name, NOW) == start
    end = NOW + timedelta(milliseconds=round(seconds * 1000))
    assert value_at(last, name, end) == value_at(last, name, later(86_400)) == target
    here = value_at(last, name, NOW + timedelta(milliseconds=ms))
    assert min(start, target) <= here <= max(start, target)
    soon = value_at(last, name, NOW + timedelta(milliseconds=ms + 1000))
    assert abs(target - soon) <= abs(target - here), "it never turns back"


@given(ramps(), st.floats(0, 1, exclude_max=True))
def test_a_ramp_is_linear_in_exact_arithmetic(ramp: tuple[SignName, LastValues], share: float) -> None:
    name, last = ramp
    seconds = Fraction(str(last.ramps[name].seconds))
    ms = int(seconds * 1000 * Fraction(share))
    start, target = Fraction(str(last.ramps[name].start)), Fraction(str(last.signs[name]))
    scale = 10 ** SIGNS[name].decimals
    exact = (start + (target - start) * Fraction(ms, 1000) / seconds) * scale
    # What lies that near to a half is for the vectors, which say what doubles make of it.
    assume(abs(exact % 1 - Fraction(1, 2)) > Fraction(1, 10**9))
    assert value_at(last, name, NOW + timedelta(milliseconds=ms)) == math.floor(exact + Fraction(1, 2)) / scale


def _pushed(last: LastValues, second: float, ramp: Number = 0, **signs: Number) -> LastValues:
    folded = fold(last, VitalsPatch(signs, ramp_seconds=ramp), later(second))  # type: ignore[arg-type]
    assert isinstance(folded, LastValues)
    return folded


def test_a_ramp_in_a_ramp_begins_where_the_sign_is() -> None:
    rising = _pushed(START_VALUES, 0, 60, heart_rate=135)
    assert value_at(rising, "heart_rate", later(30)) == 105
    falling = _pushed(rising, 30, 10, heart_rate=65)
    assert falling.ramps["heart_rate"] == Ramp(105, later(30), 10)
    assert value_at(falling, "heart_rate", later(35)) == 85
    at_once = _pushed(falling, 35, heart_rate=100)
    assert at_once.ramps == {}
    assert value_at(at_once, "heart_rate", later(35)) == 100


def test_ramps_of_other_signs_go_on_and_finished_ones_are_let_go() -> None:
    first = _pushed(START_VALUES, 0, 60, heart_rate=135, spo2=80)
    second = _pushed(first, 30, 60, temperature=39.0)
    assert set(second.ramps) == {"heart_rate", "spo2", "temperature"}
    assert value_at(second, "heart_rate", later(45)) == 120
    assert set(_pushed(second, 60, etco2=20).ramps) == {"temperature"}


facts = st.one_of(
    st.builds(VitalsPushed, patches), st.just(CasePaused()), st.just(CaseResumed()), st.just(NoteAdded("seen"))
)


def _facts_folded(steps: list[tuple[int, Fact]]) -> LastValues:
    last, at = START_VALUES, NOW
    for pause_ms, fact in steps:
        at += timedelta(milliseconds=pause_ms)
        after = fold_fact(last, fact, at)
        last = after if isinstance(after, LastValues) else last
    return last


@given(st.lists(st.tuples(pauses_ms, facts), max_size=8))
def test_what_is_paused_comes_back_from_json_and_stands_still(steps: list[tuple[int, Fact]]) -> None:
    last = _facts_folded(steps)
    assert LastValues.from_json(json.loads(json.dumps(last.as_json()))) == last
    assert ("paused_at" in last.as_json()) == (last.paused_at is not None)
    if last.paused_at is not None:
        for name in SIGN_NAMES:
            stands = value_at(last, name, last.paused_at)
            assert value_at(last, name, last.paused_at + timedelta(days=1)) == stands


@given(
    st.lists(st.tuples(pauses_ms, st.builds(VitalsPushed, patches)), max_size=4),
    st.integers(0, 4_000_000),
    st.integers(0, 10**9),
    st.integers(0, 4_000_000),
)
def test_a_pause_of_any_length_gives_the_same_curve_later(
    steps: list[tuple[int, Fact]], before_ms: int, paused_ms: int, after_ms: int
) -> None:
    last = _facts_folded(steps)
    stop = NOW + timedelta(milliseconds=sum(pause_ms for pause_ms, _ in steps) + before_ms)
    length = timedelta(milliseconds=paused_ms)
    gone_on = resume(pause(last, stop), stop + length)
    assert gone_on.paused_at is None
    at = stop + timedelta(milliseconds=after_ms)
    for name in SIGN_NAMES:
        assert value_at(gone_on, name, stop + length) == value_at(last, name, stop)
        undisturbed, shifted = raw_value_at(last, name, at), raw_value_at(gone_on, name, at + length)
        assert math.isclose(undisturbed, shifted, rel_tol=0, abs_tol=1e-9)
        half = (undisturbed * 10 ** SIGNS[name].decimals) % 1
        if abs(half - 0.5) > 1e-6:
            assert value_at(gone_on, name, at + length) == value_at(last, name, at)


@given(st.lists(st.tuples(pauses_ms, facts), max_size=6), pauses_ms)
def test_to_pause_or_to_go_on_twice_is_to_do_it_once(steps: list[tuple[int, Fact]], later_ms: int) -> None:
    last, at = _facts_folded(steps), later(40_000)
    again = at + timedelta(milliseconds=later_ms)
    assert pause(pause(last, at), again) == pause(last, at)
    assert resume(resume(last, at), again) == resume(last, at)


def test_a_ramp_to_where_the_sign_is_already_is_none() -> None:
    assert _pushed(START_VALUES, 0, 60, heart_rate=75).ramps == {}
    rising = _pushed(START_VALUES, 0, 60, heart_rate=135)
    assert _pushed(rising, 30, 60, heart_rate=105).ramps == {}


def test_a_merge_that_puts_diastolic_above_systolic_names_what_was_pushed() -> None:
    for signs, field in (
        ({"diastolic": 121}, "vitals.diastolic"),
        ({"systolic": 79}, "vitals.systolic"),
        ({"systolic": 90, "diastolic": 91}, "vitals.diastolic"),
    ):
        folded = fold(START_VALUES, VitalsPatch(signs), NOW)
        assert isinstance(folded, InvalidFields)
        assert [error.field for error in folded.errors] == [field]
    equal = fold(START_VALUES, VitalsPatch({"systolic": 80}), NOW)
    assert isinstance(equal, LastValues)
    # The targets are what is compared, not where a ramp stands by now.
    falling = _pushed(START_VALUES, 0, 600, systolic=60, diastolic=40)
    assert isinstance(fold(falling, VitalsPatch({"diastolic": 61}), later(1)), InvalidFields)


def test_null_removes_a_flag_and_makes_room() -> None:
    full = fold(START_VALUES, VitalsPatch(flags={f"flag_{number}": True for number in range(FLAGS_LIMIT)}), NOW)
    assert isinstance(full, LastValues)
    assert isinstance(fold(full, VitalsPatch(flags={"one_more": True}), NOW), InvalidFields)
    assert isinstance(fold(full, VitalsPatch(flags={"flag_0": "text", "never_there": None}), NOW), LastValues)
    swapped = fold(full, VitalsPatch(flags={"one_more": True, "flag_0": None}), NOW)
    assert isinstance(swapped, LastValues)
    assert "flag_0" not in swapped.flags
    assert len(swapped.flags) == FLAGS_LIMIT
    assert full.flags["flag_0"] is True, "the fold makes new values and leaves the old ones"
