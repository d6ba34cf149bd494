"""The cuff against the vectors that the screens are held to as well, and whatever happens to it."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.cuff import CYCLE_MINUTES, FAILING, MEASURING, STAT, STAT_PAUSE
from server.domain.events import ActionTaken, CasePaused, CaseResumed, Fact, VitalsPushed, due_measurement, fold_fact
from server.domain.nibp import CUFF_ACTIONS, details_error, due
from server.domain.patches import read_patch
from server.domain.timestamps import read_timestamp, write_timestamp
from server.domain.vitals import START_VALUES, LastValues, VitalsPatch, value_at
from tests.support.making import NOW
from tests.support.strategies import patches

FOLDER = Path(__file__).parent.parent / "vectors"
VECTORS: list[dict[str, Any]] = json.loads((FOLDER / "nibp.json").read_text(encoding="utf-8"))["vectors"]
DRAWN: list[dict[str, Any]] = json.loads((FOLDER / "nibp_drawn.json").read_text(encoding="utf-8"))["vectors"]


def _fact(move: dict[str, Any]) -> Fact:
    if "pause" in move:
        return CasePaused()
    if "resume" in move:
        return CaseResumed()
    if "action" in move:
        return ActionTaken(move["action"], move["details"])
    patch = read_patch(**move["push"])
    assert isinstance(patch, VitalsPatch)
    return VitalsPushed(patch)


def _after(moves: list[dict[str, Any]]) -> LastValues:
    last = START_VALUES
    for move in moves:
        after = fold_fact(last, _fact(move), read_timestamp(move["at"]))
        assert isinstance(after, LastValues), move
        last = after
    return last


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_the_cuff_is_what_the_vector_says(vector: dict[str, Any]) -> None:
    last = _after(vector["moves"])
    written = last.as_json()
    assert (written["nibp"], written.get("cuff")) == (vector["nibp"], vector["cuff"])
    assert LastValues.from_json(json.loads(json.dumps(written))) == last
    next_one = due(last)
    told = None if next_one is None else {"at": write_timestamp(next_one.at), "because": next_one.because}
    assert told == vector["due"]


def test_what_was_drawn_by_chance_comes_to_the_same() -> None:
    for vector in DRAWN:
        written = _after(vector["moves"]).as_json()
        assert (written["nibp"], written.get("cuff")) == (vector["nibp"], vector["cuff"])


def test_values_of_before_there_were_cuffs_have_none() -> None:
    written = START_VALUES.as_json()
    del written["nibp"]
    assert LastValues.from_json(written) == START_VALUES


actions = st.sampled_from(CUFF_ACTIONS).flatmap(
    lambda action: st.builds(
        ActionTaken,
        st.just(action),
        st.builds(lambda minutes: {"minutes": minutes}, st.sampled_from((*CYCLE_MINUTES, None, 7, "5"))),
    )
)
facts = actions | patches.map(VitalsPushed) | st.just(CasePaused()) | st.just(CaseResumed())
courses = st.lists(st.tuples(st.sampled_from((0, 1, 999, 5_000, 30_000, 60_000, 90_500, 400_000)), facts), max_size=30)


@given(courses, st.booleans())
def test_whatever_happens_the_cuff_is_sound(course: list[tuple[int, Fact]], by_itself: bool) -> None:
    """Nothing is due before a measurement, one under way is not disturbed by another, results never change."""
    last, at = START_VALUES, NOW
    for pause_ms, fact in course:
        at += timedelta(milliseconds=pause_ms)
        while by_itself and (next_one := due(last)) is not None and next_one.at <= at:
            measurement = due_measurement(last)
            assert measurement is not None
            before, last = last, _folded(last, measurement, max(next_one.at, at - timedelta(minutes=1)))
            assert last.nibp is not None
            assert last.nibp != before.nibp
            after = due(last)
            assert after is None or after.at > next_one.at
        before, last = last, _folded(last, fact, at)
        _check(before, last, fact)
        assert LastValues.from_json(json.loads(json.dumps(last.as_json()))) == last


def _folded(last: LastValues, fact: Fact, at: Any) -> LastValues:
    after = fold_fact(last, fact, at)
    return after if isinstance(after, LastValues) else last


def _check(before: LastValues, after: LastValues, fact: Fact) -> None:
    old, new = before.nibp, after.nibp
    if old is not None:
        assert new is not None
    if new is None:
        return
    assert (new.next_at is None) == (new.cycle_minutes is None)
    assert new.down_at <= new.started_at + FAILING
    if old is not None and isinstance(fact, VitalsPushed) and new != old:
        assert (new.found, new.before, new.due and new.due.because) == (None, old.before, old.due and old.due.because)
    if old is None or old.started_at != new.started_at:
        if isinstance(fact, ActionTaken):
            assert new.stopped_at is None
            assert old is None or old.down_at <= new.started_at
            if new.found is not None:
                assert new.found.systolic == value_at(before, "systolic", new.started_at)
                assert new.found.diastolic <= new.found.mean <= new.found.systolic
        else:
            assert isinstance(fact, CaseResumed)


def test_stat_lasts_five_minutes_and_every_result_is_seen() -> None:
    last = _folded(START_VALUES, ActionTaken("nibp_stat"), NOW)
    begun = [NOW]
    while (next_one := due(last)) is not None:
        measurement = due_measurement(last)
        assert measurement is not None
        assert measurement.details["because"] == "stat"
        begun.append(next_one.at)
        last = _folded(last, measurement, next_one.at)
    assert begun == [NOW + number * (MEASURING + STAT_PAUSE) for number in range(9)]
    assert begun[-1] < NOW + STAT


@pytest.mark.parametrize("minutes", [*CYCLE_MINUTES, 5.0, None])
def test_a_cuff_has_these_cycles(minutes: float | None) -> None:
    assert details_error("nibp_cycle", {"minutes": minutes}) is None


@pytest.mark.parametrize("details", [{}, {"minutes": 4}, {"minutes": "5"}, {"minutes": True}, {"minutes": [1]}])
def test_no_cuff_has_others(details: dict[str, object]) -> None:
    error = details_error("nibp_cycle", details)
    assert error is not None
    assert error.field == "details.minutes"
    assert details_error("alarm_silence", details) is None
