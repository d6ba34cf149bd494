"""NEWS2 as a team could know it along a record: by what the monitors showed instead of what was so.

The pressure is the one that the cuff found last; a sign whose sensor is off, or that cannot be read, is missing. What
no monitor measures, consciousness and oxygen, is known as soon as it is recorded: it is seen at the bedside.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from server.domain.circulation import has_pulse, ramp_end
from server.domain.debrief.course import CourseChange, CourseStretch
from server.domain.debrief.early_warning import (
    NOTHING_RECORDED,
    EarlyWarning,
    ScoresAlong,
    moments_of_ramps,
    scored,
    still_missing,
)
from server.domain.debrief.news2 import Part
from server.domain.history import LOOKED_BACK, NOTHING_SEEN, Memory, remember
from server.domain.readings import readings_of_score
from server.domain.vitals import LastValues, Number, SignName

_MILLISECOND = timedelta(milliseconds=1)
# After so many seconds a monitor has seen that something has ceased or has come, or holds it no more.
_SEEN_AFTER = (4, 10, 20)
# A pulse that is back is judged for so long, and by what was before it for so long again.
_GONE_BY = LOOKED_BACK + timedelta(seconds=10)
# So long a saturation that comes back climbs, from one row of the table to the next.
_CLIMBING = range(11, 20)


def known_warning_at(memory: Memory, at: datetime, missing: tuple[Part, ...]) -> EarlyWarning:
    """At one moment, which is not before the newest state of the memory; `missing`: what was never recorded.

    Nobody is scored without a pulse, whatever a monitor still shows.
    """
    last = memory.present
    if not has_pulse(last, at + _MILLISECOND):
        return EarlyWarning(at, None, missing, None, None)
    shown = readings_of_score(memory, at)
    signs: dict[SignName, Number] = {name: value for name, value in shown.items() if not isinstance(value, str)}
    if signs.get("heart_rate") == 0:
        # Asystole that has only just gone: nobody has counted a rate.
        del signs["heart_rate"]
    return scored(signs, last, at, missing)


class KnownWarningWatch:
    def __init__(self) -> None:
        self._along = ScoresAlong()
        self._missing = NOTHING_RECORDED
        self._memory = NOTHING_SEEN
        # When a monitor looks anew at what it takes its time to see.
        self._looks: set[datetime] = set()

    @property
    def scores(self) -> Sequence[EarlyWarning]:
        return self._along.scores

    def begin(self, opening: CourseStretch) -> None:
        self._take(opening.last, opening.since)

    def pass_by(self, stretch: CourseStretch, until: datetime) -> None:
        for at in sorted(self._moments(stretch.last, stretch.since, until)):
            self._note(at)

    def see(self, change: CourseChange) -> None:
        self._take(change.after, change.at)

    def _take(self, last: LastValues, at: datetime) -> None:
        had_pulse = not self._memory.states or has_pulse(self._memory.present, at)
        self._missing = still_missing(self._missing, last)
        self._memory = lately(remember(self._memory, last, at), at)
        self._looks = {look for look in self._looks if look > at}
        if self._memory.stretches[-1].since == at:
            self._look_after(at, _SEEN_AFTER)
        if last.signs["respiratory_rate"] == 0:
            self._look_after(ramp_end(last, "respiratory_rate") or at, _SEEN_AFTER)
        if not had_pulse and has_pulse(last, at + _MILLISECOND):
            self._look_after(at, _CLIMBING)
        self._note(at)

    def _look_after(self, begun: datetime, seconds: Iterable[int]) -> None:
        self._looks.update(begun + timedelta(seconds=each) for each in seconds)

    def _note(self, at: datetime) -> None:
        self._along.note(known_warning_at(self._memory, at, self._missing))

    def _moments(self, last: LastValues, since: datetime, until: datetime) -> set[datetime]:
        found = moments_of_ramps(last, since, until)
        if last.nibp is not None and last.paused_at is None:
            found.add(last.nibp.down_at)
        return {at for at in found | self._looks if since < at <= until}


def lately(memory: Memory, at: datetime) -> Memory:
    """Without what ended so long before `at` that no number of a score goes by it: few are quick to look through."""
    ends = (*(each.since for each in memory.stretches[1:]), at)
    kept = [each for each, end in zip(memory.stretches, ends, strict=True) if end > at - _GONE_BY]
    return replace(memory, stretches=tuple(kept))
