"""The figures of an arrest: compressions and their pauses, shocks, adrenaline, and how soon each came.

Compressions are the flag `cpr`, as somebody switched it by hand: within two seconds or so of what a sensor would say.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from operator import attrgetter

from server.domain.debrief.arrests import Arrest, ArrestEnd, ArrestTurn
from server.domain.debrief.case_clock import CaseClock, Seconds, plain_seconds
from server.domain.debrief.marks import MadeMark, Place

SHOCK, ADRENALINE, RHYTHM_CHECK, RECOGNISED = "defibrillation", "adrenaline", "rhythm_check", "arrest_recognised"
LONG_PAUSE_SECONDS = 10
# The shock after which adrenaline is due while the rhythm is shockable (RCUK ALS 2021).
THIRD = 3

_at: Callable[[MadeMark], datetime] = attrgetter("at")
_place: Callable[[MadeMark], Place] = attrgetter("place")


@dataclass(frozen=True, slots=True)
class Pause:
    """Between two stretches of compressions."""

    at: datetime
    seconds: Seconds


@dataclass(frozen=True, slots=True)
class Shock:
    """How long before it the compressions had ceased, and how long after it they began again.

    0 where they went on; None where there were none before it, or none after it, in this arrest.
    """

    at: datetime
    pre_seconds: Seconds | None
    post_seconds: Seconds | None


@dataclass(frozen=True, slots=True)
class Resuscitation:
    """`end_at` and `end` are None while the arrest lasts; its figures then are those up to now."""

    onset_seq: int
    onset_at: datetime
    end_at: datetime | None
    end: ArrestEnd | None
    seconds: Seconds
    compressions_seconds: Seconds
    no_flow_seconds: Seconds
    no_flow_fraction: float | None
    compression_fraction: float | None
    compression_fraction_from_first: float | None
    pauses: Sequence[Pause]
    longest_pause_seconds: Seconds | None
    pauses_over_10: int
    shocks: Sequence[Shock]
    to_recognition_seconds: Seconds | None
    to_compressions_seconds: Seconds | None
    to_shock_seconds: Seconds | None
    to_adrenaline_seconds: Seconds | None
    third_shock_to_adrenaline_seconds: Seconds | None
    """From which it is due in a shockable rhythm. None without a third shock, and where it had been given by then."""
    to_rosc_seconds: Seconds | None
    shock_intervals: Sequence[Seconds]
    adrenaline_intervals: Sequence[Seconds]
    rhythm_check_intervals: Sequence[Seconds]


def resuscitation_of(arrest: Arrest, marks: Sequence[MadeMark], until: datetime, clock: CaseClock) -> Resuscitation:
    """`marks` in the order of their places; `until` is the end of the session, or now."""
    end = until if arrest.end_at is None else arrest.end_at
    first, last = bisect_left(marks, arrest.onset, key=_place), bisect_right(marks, end, key=_at)
    within = marks[first:last]
    # What was switched on and off again while the clock stood pressed nothing.
    spans = [span for span in _compressions(arrest.turns, end) if span[1] == end or clock.between(*span)]
    lasted = clock.between(arrest.onset_at, end)
    pressed = sum((clock.between(*span) for span in spans), timedelta())
    pauses = [Pause(off, clock.seconds(off, on)) for (_, off), (on, _) in pairwise(spans) if clock.between(off, on)]
    shocks, adrenaline, checks = (_when(within, marker) for marker in (SHOCK, ADRENALINE, RHYTHM_CHECK))

    def since_onset(moment: datetime | None) -> Seconds | None:
        return None if moment is None else clock.seconds(arrest.onset_at, moment)

    return Resuscitation(
        onset_seq=arrest.onset_seq,
        onset_at=arrest.onset_at,
        end_at=arrest.end_at,
        end=arrest.end,
        seconds=plain_seconds(lasted),
        compressions_seconds=plain_seconds(pressed),
        no_flow_seconds=plain_seconds(lasted - pressed),
        no_flow_fraction=_share(lasted - pressed, lasted),
        compression_fraction=_share(pressed, lasted),
        compression_fraction_from_first=_share(pressed, clock.between(spans[0][0], end)) if spans else None,
        pauses=pauses,
        longest_pause_seconds=max((pause.seconds for pause in pauses), default=None),
        pauses_over_10=sum(pause.seconds > LONG_PAUSE_SECONDS for pause in pauses),
        shocks=[_shock(at, spans, clock) for at in shocks],
        to_recognition_seconds=since_onset(_first(_when(within, RECOGNISED))),
        to_compressions_seconds=since_onset(spans[0][0] if spans else None),
        to_shock_seconds=since_onset(
            _first(
                [shock.at for shock in within if shock.marker == SHOCK and arrest.turn_before(shock.place).is_shockable]
            )
        ),
        to_adrenaline_seconds=since_onset(_first(adrenaline)),
        third_shock_to_adrenaline_seconds=_after_third(shocks, adrenaline, clock),
        to_rosc_seconds=since_onset(arrest.end_at if arrest.end == "rosc" else None),
        shock_intervals=_intervals(shocks, clock),
        adrenaline_intervals=_intervals(adrenaline, clock),
        rhythm_check_intervals=_intervals(checks, clock),
    )


def _compressions(turns: Sequence[ArrestTurn], end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """From when to when the chest was pressed."""
    since: datetime | None = None
    for turn in turns:
        if turn.has_compressions and since is None:
            since = turn.at
        elif not turn.has_compressions and since is not None:
            yield since, turn.at
            since = None
    if since is not None:
        yield since, end


def _shock(at: datetime, spans: Sequence[tuple[datetime, datetime]], clock: CaseClock) -> Shock:
    """Who switches the compressions off in the moment of the shock has pressed until then."""
    before = [off for on, off in spans if on < at]
    after = [max(on, at) for on, off in spans if off > at]
    pre = clock.seconds(before[-1], at) if before else None
    return Shock(at, pre, clock.seconds(at, after[0]) if after else None)


def _after_third(shocks: Sequence[datetime], adrenaline: Sequence[datetime], clock: CaseClock) -> Seconds | None:
    if len(shocks) < THIRD or not adrenaline or adrenaline[0] < shocks[THIRD - 1]:
        return None
    return clock.seconds(shocks[THIRD - 1], adrenaline[0])


def _when(marks: Sequence[MadeMark], marker: str) -> list[datetime]:
    return [mark.at for mark in marks if mark.marker == marker]


def _first(moments: Sequence[datetime]) -> datetime | None:
    return moments[0] if moments else None


def _intervals(moments: Sequence[datetime], clock: CaseClock) -> Sequence[Seconds]:
    return [clock.seconds(one, next_one) for one, next_one in pairwise(moments)]


def _share(part: timedelta, whole: timedelta) -> float | None:
    return round(part / whole, 4) if whole else None
