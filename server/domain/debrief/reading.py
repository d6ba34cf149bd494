"""What every part of a debrief needs of a record: its clock, its marks, its arrests, and when the case began."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from server.domain.case import Case
from server.domain.debrief.arrests import ArrestWatch
from server.domain.debrief.case_clock import CaseClock
from server.domain.debrief.course import Course, Watch
from server.domain.debrief.key_times import KeyTime, key_times, targets_of
from server.domain.debrief.marks import COMPRESSIONS, MadeMark, mark_of
from server.domain.events import CaseEnded, CaseStarted, Event


class RecordReading:
    """Follows the events of one session in the order of their seq; `watches` are told the course of the patient."""

    def __init__(self, opened_at: datetime, watches: Sequence[Watch] = ()) -> None:
        self.start = opened_at
        """When the case began: as it was started, or else with the session."""
        self.clock = CaseClock()
        self.marks: list[MadeMark] = []
        self.arrests = ArrestWatch()
        self._course = Course(opened_at, [self.arrests, *watches])
        self._is_started = False

    def follow(self, event: Event) -> None:
        self.clock.follow(event)
        self._course.follow(event)
        mark = mark_of(event)
        if mark is not None:
            self.marks.append(mark)
        elif isinstance(event.fact, CaseStarted) and not self._is_started:
            self._is_started = True
            self.start = event.made_at
        elif isinstance(event.fact, CaseEnded):
            self._course.advance(event.created_at)
            self.arrests.end_case(event.created_at, event.seq)

    def times(self, marks: Sequence[MadeMark], case: Case | None) -> Sequence[KeyTime]:
        """`marks`: its own, and those that came late."""
        onsets = [arrest.onset for arrest in self.arrests.arrests]
        targets = targets_of(case)
        if all(mark.marker != COMPRESSIONS for mark in marks) and any(marker == COMPRESSIONS for marker, _ in targets):
            # Nobody marked them, but they are asked for, and were seen: a step of the case may have switched them on.
            marks = [*marks, *(MadeMark(at, COMPRESSIONS, seq) for at, seq in self.arrests.pressed)]
        return key_times(marks, onsets, self.start, targets, self.clock)

    def end(self, until: datetime) -> None:
        """`until`: the end of the session, or now."""
        self._course.advance(until)
