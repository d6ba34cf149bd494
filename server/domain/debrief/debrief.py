"""The debrief of a session: everything that its record gives, in one pass over its events.

A reader follows the events of one session in the order of their seq and keeps what they lead to, never the events
themselves. The same record gives the same debrief, however it was cut into pages and whenever it is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from server.domain.annotations import Annotation
from server.domain.attendance import SeatAttendance
from server.domain.case import Case
from server.domain.debrief.arrests import Arrest
from server.domain.debrief.early_warning import Crossing, EarlyWarning, EarlyWarningWatch
from server.domain.debrief.key_times import KeyTime
from server.domain.debrief.marks import MadeMark, late_marks
from server.domain.debrief.moment_edits import MomentEdit, edited
from server.domain.debrief.moments import Moment, RhythmWatch, in_order, moment_of_event
from server.domain.debrief.monitoring import CuffWatch, SensorOff, SensorWatch
from server.domain.debrief.news2 import HIGH_FROM
from server.domain.debrief.reading import RecordReading
from server.domain.debrief.resuscitation import Resuscitation, resuscitation_of
from server.domain.debrief.silences import CriticalMoment, silences
from server.domain.events import Event, SessionEnded
from server.domain.limits import LimitsSince


@dataclass(frozen=True, slots=True)
class Beside:
    """What lies beside a record and counts in its debrief."""

    case: Case | None = None
    annotations: Sequence[Annotation] = ()
    edits: Sequence[MomentEdit] = ()


NOTHING_BESIDE = Beside()


@dataclass(frozen=True, slots=True)
class RecordDebrief:
    """What a record gives."""

    moments: Sequence[Moment]
    times: Sequence[KeyTime]
    resuscitation: Sequence[Resuscitation]
    news2: Sequence[EarlyWarning]


@dataclass(frozen=True, slots=True)
class Debrief:
    duration: timedelta
    record: RecordDebrief
    attendance: Sequence[SeatAttendance]
    limits_since: Sequence[LimitsSince]


def debrief_of(
    opened_at: datetime, events: Iterable[Event], until: datetime, beside: Beside = NOTHING_BESIDE
) -> RecordDebrief:
    """`until`: the end of the session, or now while it runs."""
    reader = DebriefReader(opened_at, beside)
    for event in events:
        reader.follow(event)
    return reader.read(until)


class DebriefReader:
    def __init__(self, opened_at: datetime, beside: Beside = NOTHING_BESIDE) -> None:
        self._beside = beside
        self._step_titles = {} if beside.case is None else {step.key: step.title for step in beside.case.steps}
        self._rhythm = RhythmWatch()
        self._warning = EarlyWarningWatch()
        self._cuff = CuffWatch()
        self._sensors = SensorWatch()
        self._reading = RecordReading(opened_at, (self._rhythm, self._warning, self._cuff, self._sensors))
        self._moments = [Moment(opened_at, 0, "opened", "opened")]
        self._ended: Event | None = None

    def follow(self, event: Event) -> None:
        self._reading.follow(event)
        moment = moment_of_event(event, self._step_titles)
        if moment is not None:
            self._moments.append(moment)
        elif isinstance(event.fact, SessionEnded):
            self._ended = event

    def read(self, until: datetime, *, is_over: bool = False) -> RecordDebrief:
        """`is_over`: the session has ended, whether or not its record says so already."""
        reading = self._reading
        reading.end(until)
        if is_over or self._ended is not None:
            reading.arrests.end_case(until, 0 if self._ended is None else self._ended.seq)
        marks = _marks(reading, self._beside)
        arrests = reading.arrests.arrests
        moments = in_order([*self._moments, *self._rhythm.moments, *self._found(marks, until)])
        return RecordDebrief(
            edited(moments, self._beside.edits),
            reading.times(marks, self._beside.case),
            [resuscitation_of(arrest, marks, until, reading.clock) for arrest in arrests],
            self._warning.scores,
        )

    def _found(self, marks: Sequence[MadeMark], until: datetime) -> Iterator[Moment]:
        """The moments that no single event makes."""
        reading = self._reading
        for arrest in reading.arrests.arrests:
            yield from _of_arrest(arrest)
        for crossing in self._warning.crossings:
            yield _of_crossing(crossing)
        yield from self._of_silences(marks, until)
        first = self._cuff.first
        if first is not None:
            yield Moment(first.at, first.seq, "cuff", "cuff", first.found.as_json())
        yield from self._of_sensors(until)
        ended = self._ended
        if ended is not None and isinstance(ended.fact, SessionEnded):
            yield Moment(min(ended.created_at, until), ended.seq, "end", "end", {"reason": ended.fact.reason})

    def _of_silences(self, marks: Sequence[MadeMark], until: datetime) -> Iterator[Moment]:
        arrests = self._reading.arrests.arrests
        criticals = [CriticalMoment(each.onset_at, each.onset_seq, "arrest", each.end_at) for each in arrests]
        criticals += [
            CriticalMoment(each.at, each.seq, "news2_7") for each in self._warning.crossings if each.limit == HIGH_FROM
        ]
        done = sorted([*(mark.place for mark in marks), *self._reading.arrests.pressed])
        for silence in silences(criticals, done, until, self._reading.clock):
            details = {"after": silence.after.what, "seconds": silence.seconds}
            yield Moment(silence.after.at, silence.after.seq, "silence", "silence", details)

    def _of_sensors(self, until: datetime) -> Iterator[Moment]:
        """Several that were taken off together are one moment."""
        clock = self._reading.clock
        offs = sorted(self._sensors.long_offs(until, clock), key=lambda off: (off.at, off.seq))
        for (at, seq), together in groupby(offs, key=lambda off: (off.at, off.seq)):
            yield _of_sensors_off(at, seq, list(together), self._reading)


def _marks(reading: RecordReading, beside: Beside) -> Sequence[MadeMark]:
    return sorted([*reading.marks, *late_marks(beside.annotations)], key=lambda mark: mark.place)


def _of_arrest(arrest: Arrest) -> Iterator[Moment]:
    details = {"rhythm": arrest.rhythm, "is_shockable": arrest.turns[0].is_shockable}
    yield Moment(arrest.onset_at, arrest.onset_seq, "arrest", "arrest", details)
    if arrest.end == "rosc" and arrest.end_at is not None and arrest.end_seq is not None:
        yield Moment(arrest.end_at, arrest.end_seq, "arrest_end", "arrest_end", {"end": arrest.end})


def _of_crossing(crossing: Crossing) -> Moment:
    kind = "news2_7" if crossing.limit == HIGH_FROM else "news2_5"
    return Moment(crossing.at, crossing.seq, kind, kind, {"total": crossing.total, "missing": list(crossing.missing)})


def _of_sensors_off(at: datetime, seq: int, offs: Sequence[SensorOff], reading: RecordReading) -> Moment:
    sensors = [
        {"flag": off.flag, "seconds": None if off.until is None else reading.clock.seconds(off.at, off.until)}
        for off in offs
    ]
    return Moment(at, seq, "sensor_off", "sensor_off", {"sensors": sensors})
