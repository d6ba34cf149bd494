"""Whether the conditions of a transition hold at a moment, and when they turn along the ramps."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from itertools import groupby
from operator import itemgetter
from typing import cast

from server.domain.circulation import is_on
from server.domain.transitions import MEAN, Comparison, Condition, FlagIs, RhythmIs, SignIs, When
from server.domain.turns import turns
from server.domain.vitals import LastValues, Number, Ramp, SignName, value_at

_PRESSURES: tuple[SignName, ...] = ("systolic", "diastolic")


def times_of_truth(
    when: When, last: LastValues, since: datetime | None, seen_at: datetime
) -> Iterator[tuple[datetime, datetime | None]]:
    """From when to when all conditions are true, if nothing but the ramps changes anything; the last has no end."""
    begin = since
    are_true = [is_so(condition, last, seen_at) for condition in when.conditions]
    flips = sorted((at, place) for place, each in enumerate(when.conditions) for at in _flips(each, last, seen_at))
    for at, together in groupby(flips, key=itemgetter(0)):
        for _, place in together:
            are_true[place] = not are_true[place]
        if all(are_true) and begin is None:
            begin = at
        elif begin is not None and not all(are_true):
            yield begin, at
            begin = None
    if begin is not None:
        yield begin, None


def all_are_so(conditions: Sequence[Condition], last: LastValues, at: datetime) -> bool:
    return all(is_so(condition, last, at) for condition in conditions)


def is_so(condition: Condition, last: LastValues, at: datetime) -> bool:
    match condition:
        case FlagIs(flag, bool(value)):
            return is_on(last, flag) == value
        case FlagIs(flag, value):
            return last.flags.get(flag) == value
        case RhythmIs(rhythm):
            return last.rhythm == rhythm
        case _:
            return _compares(_shown(last, condition.sign, at), condition.op, condition.value)


def _compares(shown: Number, op: Comparison, value: Number) -> bool:
    match op:
        case "lt":
            return shown < value
        case "le":
            return shown <= value
        case "gt":
            return shown > value
        case "ge":
            return shown >= value


def _shown(last: LastValues, sign: str, at: datetime) -> Number:
    if sign != MEAN:
        return value_at(last, cast(SignName, sign), at)
    systolic, diastolic = value_at(last, "systolic", at), value_at(last, "diastolic", at)
    return math.floor((systolic + 2 * diastolic) / 3 + 0.5)


def _flips(condition: Condition, last: LastValues, seen_at: datetime) -> Iterator[datetime]:
    """The moments after `seen_at`, to the millisecond, at which the condition becomes true, or false, in turn."""
    if not isinstance(condition, SignIs):
        return
    if condition.sign != MEAN:
        yield from turns(last, condition.sign, seen_at, partial(is_so, condition, last))
        return
    was = is_so(condition, last, seen_at)
    for at, mean in _means(_Pressures.of(last), seen_at):
        now = _compares(mean, condition.op, condition.value)
        if now != was:
            yield at
            was = now


@dataclass(frozen=True, slots=True)
class _Pressures:
    """Of a state, what the mean depends on."""

    systolic: tuple[Number, Ramp | None]
    diastolic: tuple[Number, Ramp | None]
    paused_at: datetime | None

    @classmethod
    def of(cls, last: LastValues) -> _Pressures:
        systolic, diastolic = ((last.signs[name], last.ramps.get(name)) for name in _PRESSURES)
        return cls(systolic, diastolic, last.paused_at)

    def as_last_values(self) -> LastValues:
        both = dict(zip(_PRESSURES, (self.systolic, self.diastolic), strict=True))
        signs: dict[SignName, Number] = {name: target for name, (target, _) in both.items()}
        ramps: dict[SignName, Ramp] = {name: ramp for name, (_, ramp) in both.items() if ramp is not None}
        return LastValues(signs, ramps=ramps, paused_at=self.paused_at)


# The conditions of a step ask for the same one after the other.
@lru_cache(maxsize=16)
def _means(pressures: _Pressures, seen_at: datetime) -> tuple[tuple[datetime, Number], ...]:
    """The shown mean from each moment on at which it may change: the pressures may go different ways, and it up and
    down between two ends.
    """
    last = pressures.as_last_values()
    moments = {at for name in _PRESSURES for at in turns(last, name, seen_at, partial(value_at, last, name))}
    return tuple((at, _shown(last, MEAN, at)) for at in sorted(moments))
