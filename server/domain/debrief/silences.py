"""When something critical had happened and nobody did anything for a minute, as far as the record can tell."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from server.domain.debrief.case_clock import CaseClock, Seconds
from server.domain.debrief.marks import Place

SILENCE_SECONDS = 60

Critical = Literal["arrest", "news2_7"]


@dataclass(frozen=True, slots=True)
class CriticalMoment:
    """`until` is when it was over; None where it cannot be told."""

    at: datetime
    seq: int
    what: Critical
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Silence:
    """Begins with what was critical; `seconds` is how long it was until something was done, None if nothing was."""

    after: CriticalMoment
    seconds: Seconds | None


def silences(
    criticals: Iterable[CriticalMoment], done: Sequence[Place], until: datetime, clock: CaseClock
) -> Iterator[Silence]:
    """`done`: the places at which something was, in order. What was over within the minute leaves no silence."""
    for critical in criticals:
        over = until if critical.until is None else min(critical.until, until)
        if clock.seconds(critical.at, over) < SILENCE_SECONDS:
            continue
        place = bisect_left(done, (critical.at, critical.seq))
        waited = None if place == len(done) else clock.seconds(critical.at, done[place][0])
        if waited is None or waited > SILENCE_SECONDS:
            yield Silence(critical, waited)
