"""What was there of the monitoring: the first pressure that a cuff found, and sensors that were off for long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from server.domain.circulation import is_on
from server.domain.cuff import Pressures
from server.domain.debrief.case_clock import CaseClock
from server.domain.debrief.course import CourseChange, CourseStretch
from server.domain.events import ActionTaken
from server.domain.nibp import result_at
from server.domain.vitals import LastValues

SENSORS = ("ecg_off", "spo2_off", "nibp_off", "co2_off", "temp_off")
"""The flags that take one off."""
LONG_OFF_SECONDS = 60


@dataclass(frozen=True, slots=True)
class CuffReading:
    """`at` is when it was shown, `seq` that of the action that began the measurement."""

    at: datetime
    seq: int
    found: Pressures


class CuffWatch:
    def __init__(self) -> None:
        self.first: CuffReading | None = None
        self._seq = 0

    def begin(self, opening: CourseStretch) -> None:
        """A session that goes on from another one may open with a reading: nobody waits for that one."""
        self._known = result_at(opening.last, opening.since)
        self._seq = opening.seq

    def pass_by(self, stretch: CourseStretch, until: datetime) -> None:
        cuff = stretch.last.nibp
        if self.first is not None or cuff is None or self._known is not None:
            return
        found = result_at(stretch.last, until)
        if found is not None:
            self.first = CuffReading(cuff.down_at, self._seq, found)

    def see(self, change: CourseChange) -> None:
        before, after = change.before.nibp, change.after.nibp
        if not isinstance(change.fact, ActionTaken) or after is None:
            return
        if before is None or after.started_at != before.started_at:
            self._seq = change.seq


@dataclass(frozen=True, slots=True)
class SensorOff:
    """`until` is None for one that was not put on again."""

    flag: str
    at: datetime
    seq: int
    until: datetime | None


class SensorWatch:
    def __init__(self) -> None:
        self._offs: list[SensorOff] = []
        self._off_since: dict[str, tuple[datetime, int]] = {}

    def begin(self, opening: CourseStretch) -> None:
        self._judge(opening.last, opening.since, opening.seq)

    def pass_by(self, stretch: CourseStretch, until: datetime) -> None:
        pass

    def see(self, change: CourseChange) -> None:
        if change.before.flags != change.after.flags:
            self._judge(change.after, change.at, change.seq)

    def _judge(self, last: LastValues, at: datetime, seq: int) -> None:
        for flag in SENSORS:
            if is_on(last, flag):
                self._off_since.setdefault(flag, (at, seq))
            elif flag in self._off_since:
                since, since_seq = self._off_since.pop(flag)
                self._offs.append(SensorOff(flag, since, since_seq, at))

    def long_offs(self, until: datetime, clock: CaseClock) -> Sequence[SensorOff]:
        """Those off for more than a minute of the case, as far as `until`."""
        still = [SensorOff(flag, at, seq, None) for flag, (at, seq) in self._off_since.items()]
        return [
            off
            for off in (*self._offs, *still)
            if clock.between(off.at, off.until or until).total_seconds() > LONG_OFF_SECONDS
        ]
