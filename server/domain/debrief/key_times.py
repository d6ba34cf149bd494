"""How soon what was done: each marker counted from the start of the case, from an arrest, or from another marker."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from server.domain.case import CASE_START, Case
from server.domain.debrief.case_clock import CaseClock, Seconds
from server.domain.debrief.marks import MadeMark, Place

ARREST = "arrest"


@dataclass(frozen=True, slots=True)
class KeyTime:
    """`since` is `start`, `arrest`, or a marker. `seconds` is None for what was not done after that.

    `is_met` is None where no target says how soon, and where what it is counted from never came but the marker did.
    """

    marker: str
    since: str
    seconds: Seconds | None
    target_seconds: int | None
    is_met: bool | None


def targets_of(case: Case | None) -> Mapping[tuple[str, str], int]:
    """Seconds by (marker, since): the targets of the case, and of its checklist what they do not say otherwise."""
    if case is None:
        return {}
    found = {(target.marker, target.since): target.seconds for target in case.targets}
    for item in case.checklist:
        if item.marker is not None and item.target_seconds is not None:
            found.setdefault((item.marker, item.since or CASE_START), item.target_seconds)
    return found


def key_times(
    marks: Iterable[MadeMark],
    onsets: Sequence[Place],
    start: datetime,
    targets: Mapping[tuple[str, str], int],
    clock: CaseClock,
) -> Sequence[KeyTime]:
    """Marker by marker: those with a target in its order, then the others as they were first set.

    Of each, what has a target comes first; then from the start, and from an arrest if one came before.
    """
    occurrences = _by_marker(marks)
    zeros = _Zeros(occurrences, onsets, start)
    asked = list(targets)
    for marker, moments in occurrences.items():
        asked.append((marker, CASE_START))
        if onsets and moments[-1] >= onsets[0]:
            asked.append((marker, ARREST))
    order = {marker: place for place, (marker, _) in reversed(list(enumerate(asked)))}
    times: list[KeyTime] = []
    for marker, since in sorted(dict.fromkeys(asked), key=lambda pair: order[pair[0]]):
        span = zeros.span(marker, since)
        seconds = None if span is None else clock.seconds(*span)
        target = targets.get((marker, since))
        times.append(KeyTime(marker, since, seconds, target, _is_met(seconds, target, marker in occurrences)))
    return times


def _is_met(seconds: Seconds | None, target: int | None, is_done: bool) -> bool | None:
    if target is None:
        return None
    if seconds is None:
        return None if is_done else False
    return seconds <= target


def _by_marker(marks: Iterable[MadeMark]) -> dict[str, list[Place]]:
    """In order, first those that came first."""
    found: dict[str, list[Place]] = {}
    for mark in sorted(marks, key=lambda each: each.place):
        if mark.marker is not None:
            found.setdefault(mark.marker, []).append(mark.place)
    return found


@dataclass(frozen=True, slots=True)
class _Zeros:
    occurrences: Mapping[str, Sequence[Place]]
    onsets: Sequence[Place]
    start: datetime

    def span(self, marker: str, since: str) -> tuple[datetime, datetime] | None:
        """The moment counted from, and the first occurrence that is not before every such moment."""
        moments = self.occurrences.get(marker, ())
        if since == CASE_START:
            # What was done before the start was done at once.
            return (self.start, max(self.start, moments[0][0])) if moments else None
        # Two markers of one moment are as soon as each other; an arrest comes after the marker that led to it.
        zeros = self.onsets if since == ARREST else [(at, 0) for at, _ in self.occurrences.get(since, ())[:1]]
        done = next((moment for moment in moments if zeros and moment >= zeros[0]), None)
        if done is None:
            return None
        return max(zero for zero in zeros if zero <= done)[0], done[0]
