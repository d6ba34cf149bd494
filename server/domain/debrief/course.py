"""The course of a patient, as a record goes by: each state, and what the ramps do between two of them.

What is so counts from when it was stored, whoever watches: `created_at`, not `made_at`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from server.domain.events import Event, Fact, VitalsPushed, fold_fact, is_shown
from server.domain.outcomes import InvalidFields
from server.domain.vitals import START_VALUES, LastValues


@dataclass(frozen=True, slots=True)
class CourseChange:
    """An event that changed what is so, and the states before and after it."""

    at: datetime
    seq: int
    fact: Fact
    before: LastValues
    after: LastValues


@dataclass(frozen=True, slots=True)
class CourseStretch:
    """From `since` on nothing but the ramps changes anything; `seq` is that of the last push."""

    since: datetime
    seq: int
    last: LastValues


class Watch(Protocol):
    """One who looks at a patient for something, and is told everything in the order of time."""

    def begin(self, opening: CourseStretch) -> None:
        """What the session opened with, which has always been so."""
        ...

    def pass_by(self, stretch: CourseStretch, until: datetime) -> None:
        """What the ramps of the stretch did, up to and with `until`."""
        ...

    def see(self, change: CourseChange) -> None: ...


class Course:
    """Follows the events of one session in the order of their seq, and keeps none of them."""

    def __init__(self, opened_at: datetime, watches: Sequence[Watch]) -> None:
        self._opened_at = opened_at
        self._watches = watches
        self._has_begun = False
        self._stretch = CourseStretch(opened_at, 0, START_VALUES)

    def follow(self, event: Event) -> None:
        if not is_shown(event.fact):
            return
        before = self._stretch
        # Two processes may have written: their clocks agree within milliseconds, and the record goes forward.
        at = max(event.created_at, before.since)
        after = fold_fact(before.last, event.fact, at)
        if isinstance(after, InvalidFields):
            return
        seq = event.seq if isinstance(event.fact, VitalsPushed) else before.seq
        if at <= self._opened_at:
            self._stretch = CourseStretch(at, seq, after)
            return
        self._pass_to(at)
        change = CourseChange(at, event.seq, event.fact, before.last, after)
        for watch in self._watches:
            watch.see(change)
        self._stretch = CourseStretch(at, seq, after)

    def advance(self, at: datetime) -> None:
        """Up to and with `at`, in which no event of the next ones lies."""
        at = max(at, self._stretch.since)
        self._pass_to(at)
        self._stretch = replace(self._stretch, since=at)

    def _pass_to(self, at: datetime) -> None:
        self._begin()
        for watch in self._watches:
            watch.pass_by(self._stretch, at)

    def _begin(self) -> None:
        if self._has_begun:
            return
        self._has_begun = True
        for watch in self._watches:
            watch.begin(self._stretch)
