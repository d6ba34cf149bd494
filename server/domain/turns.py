"""When what follows from a ramp changes on its way, to the millisecond: computed, not polled."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from server.domain.vitals import LastValues, SignName

_MILLISECOND = timedelta(milliseconds=1)


def turns(
    last: LastValues,
    name: SignName,
    seen_at: datetime,
    of: Callable[[datetime], object],
    until: datetime | None = None,
) -> Iterator[datetime]:
    """When `of`, which goes one way along the ramp of the sign, changes after `seen_at`, up to and with `until`."""
    ramp = last.ramps.get(name)
    if ramp is None or last.paused_at is not None or ramp.has_finished(seen_at):
        return
    started_at, first, final = ramp.started_at, ramp.elapsed_ms(seen_at), math.ceil(ramp.seconds * 1000)
    if until is not None:
        final = min(final, ramp.elapsed_ms(until))

    def after(milliseconds: int) -> object:
        return of(started_at + milliseconds * _MILLISECOND)

    for turn in _turns_between(after, first, final, after(first), after(final)):
        yield started_at + turn * _MILLISECOND


def _turns_between(of: Callable[[int], object], low: int, high: int, at_low: object, at_high: object) -> Iterator[int]:
    if low >= high or at_low == at_high:
        return
    if high - low == 1:
        yield high
        return
    middle = (low + high) // 2
    at_middle = of(middle)
    yield from _turns_between(of, low, middle, at_low, at_middle)
    yield from _turns_between(of, middle, high, at_middle, at_high)
