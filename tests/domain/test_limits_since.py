"""Alarm limits, one after the other: what is kept of them, and what cannot be one's history."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from server.domain.limits import (
    ADULT_LIMITS,
    LIMITS_KEPT,
    Limit,
    Limits,
    LimitsSince,
    limits_changed,
    read_limits_since,
)
from server.domain.outcomes import FieldError
from tests.support.making import NOW, later

FIRST = LimitsSince(NOW, ADULT_LIMITS)


def _held(low: float, second: float) -> LimitsSince:
    return LimitsSince(later(second), {**ADULT_LIMITS, "spo2": Limit(low, None)})


def test_of_very_many_the_newest_are_kept() -> None:
    kept: Sequence[LimitsSince] = ()
    changes = [_held(second % 90, second) for second in range(1, LIMITS_KEPT + 5)]
    for each in changes:
        kept = limits_changed(kept, FIRST, each)
    assert kept == changes[-LIMITS_KEPT:]


def test_what_was_changed_twice_at_a_moment_was_changed_once() -> None:
    kept = limits_changed(limits_changed((), FIRST, _held(85, 60)), FIRST, _held(80, 60))
    assert kept == [FIRST, _held(80, 60)]
    assert limits_changed((), FIRST, _held(80, 0)) == [_held(80, 0)]


@pytest.mark.parametrize(
    ("seconds", "present", "wrong"),
    [
        ((), ADULT_LIMITS, []),
        ((0, 60), _held(60, 60).limits, []),
        ((0, 60), ADULT_LIMITS, ["limits_since"]),
        ((60, 0), _held(0, 0).limits, ["limits_since"]),
        ((0, 0), _held(0, 0).limits, ["limits_since"]),
        ((0, 101), _held(101, 0).limits, ["limits_since.1.limits.spo2.low", "limits_since"]),
    ],
)
def test_a_history_from_elsewhere_goes_on_and_ends_with_what_is_so(
    seconds: Sequence[float], present: Limits, wrong: list[str]
) -> None:
    errors: list[FieldError] = []
    raw = [(later(second), {"spo2": {"low": second, "high": None}}) for second in seconds]
    told = read_limits_since(raw, present, errors)
    assert [each.field for each in errors] == wrong
    assert wrong or told == tuple(_held(second, second) for second in seconds)
