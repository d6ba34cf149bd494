"""When a case leaves a step by itself: computed from what is recorded and from the ramps, never polled.

`Progress` is where a case stands. It is folded from the record, event by event, so that a process that starts anew, or
another one, comes to the same. `next_move` says what the case does next by itself, and at which millisecond. The
screens compute the same (`web/src/patient/moves.ts`); tests/vectors/moves.json holds both to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from server.domain.carried import CarriedCase
from server.domain.case import Step
from server.domain.conditions import all_are_so, times_of_truth
from server.domain.events import (
    ActionTaken,
    AutomationSwitched,
    CaseEnded,
    CaseResumed,
    Event,
    Fact,
    NoteAdded,
    SessionEnded,
    VitalsPushed,
)
from server.domain.transitions import After, ByHand, OnAction, OnMarker, Transition, When
from server.domain.vitals import LastValues

MOVES_LIMIT = 300
SHORTEST_STAY = timedelta(seconds=1)
_BEFORE = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Progress:
    """Where the case of a session stands after the event `seq`, which was stored at `seen_at`.

    `since` has a moment for each transition of the step: from when on it has been true without a break, None if it is
    not. Its moments, `entered_at` and `runs_since` are moved on by the length of each pause: it counts for nothing.
    """

    last: LastValues
    seen_at: datetime
    seq: int = 0
    step: str | None = None
    """None before the first step, and after the end of the case."""
    entry_seq: int = 0
    """The event that led into the step: what leaves it is named after it."""
    entered_at: datetime = _BEFORE
    since: tuple[datetime | None, ...] = ()
    counts: Mapping[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    """How often each ("marker", key) and ("action", name) came since the step began."""
    runs_since: datetime | None = _BEFORE
    """Since when the case may move by itself; None while its automation is off."""
    moves: int = 0
    """How many steps it has taken by itself."""

    @property
    def has_ended(self) -> bool:
        return self.step is None and self.entry_seq > 0


@dataclass(frozen=True, slots=True)
class Move:
    at: datetime
    transition: Transition


def transitions_of(steps: Sequence[Step], key: str | None) -> tuple[Transition, ...]:
    return next((step.transitions for step in steps if step.key == key), ())


def advance(steps: Sequence[Step], progress: Progress, event: Event, last: LastValues) -> Progress:
    """With the next event of the record; `last` is what the session shows after it."""
    at, fact = event.created_at, event.fact
    before = _brought_up_to(steps, progress, at)
    after = replace(before, last=last, seen_at=at, seq=event.seq)
    match fact:
        case VitalsPushed(carried=carried) if carried is not None:
            return after if carried.case is None else _taken_up(steps, after, fact.step, carried.case)
        case VitalsPushed(step=str(key)):
            return _entered(steps, after, event, key, by_itself=fact.cause is not None)
        case CaseEnded() | SessionEnded():
            return replace(after, step=None, since=())
        case CaseResumed() if before.last.paused_at is not None:
            after = _moved_on(after, before.last.paused_at, at)
        case AutomationSwitched(is_on):
            after = replace(after, runs_since=at if is_on else None)
        case _:
            after = _counted(after, fact)
    return replace(after, since=_since(steps, after, at))


def _taken_up(steps: Sequence[Step], after: Progress, key: str | None, stood: CarriedCase) -> Progress:
    """In a session that goes on from another one: the step has lasted as long, and what was true still is."""
    at = after.seen_at
    ways = len(transitions_of(steps, key))
    since = stood.since if len(stood.since) == ways else (None,) * ways
    into = replace(
        after,
        step=key,
        entry_seq=after.seq if key is not None or stood.has_ended else 0,
        entered_at=at - timedelta(seconds=stood.seconds),
        since=tuple(None if each is None else at - timedelta(seconds=each) for each in since),
        counts=stood.counts,
        moves=stood.moves,
    )
    return replace(into, since=_since(steps, into, at))


def stands(steps: Sequence[Step], progress: Progress) -> CarriedCase:
    """Where the case stands, for a session that goes on from there. While it is paused, as when the pause began."""
    now = progress.last.paused_at or progress.seen_at

    def ago(moment: datetime) -> float:
        return max(0.0, (now - moment) / timedelta(seconds=1))

    asked = {_counted_by(transition) for transition in transitions_of(steps, progress.step)}
    return CarriedCase(
        seconds=0.0 if progress.step is None else ago(progress.entered_at),
        since=tuple(None if moment is None else ago(moment) for moment in progress.since),
        counts={what: count for what, count in progress.counts.items() if what in asked},
        moves=progress.moves,
        has_ended=progress.has_ended,
    )


def _counted_by(transition: Transition) -> tuple[str, str] | None:
    match transition.on:
        case OnMarker(marker):
            return ("marker", marker)
        case OnAction(action):
            return ("action", action)
        case _:
            return None


def next_move(steps: Sequence[Step], progress: Progress) -> Move | None:
    """What the case does next by itself, if nothing else happens; the moment may have passed already."""
    if progress.runs_since is None or progress.moves >= MOVES_LIMIT:
        return None
    earliest = max(progress.entered_at + SHORTEST_STAY, progress.runs_since)
    moves = (
        Move(max(due, earliest), transition)
        for transition, due in _dues(steps, progress, earliest)
        if transition.automatic and due is not None
    )
    # Of those that are due at the same moment the first in the list.
    return min(moves, key=lambda move: move.at, default=None)


def suggested(steps: Sequence[Step], progress: Progress) -> list[Move]:
    """The transitions that the case does not take by itself, each with the moment at which its button lights up."""
    return [
        Move(due, transition)
        for transition, due in _dues(steps, progress)
        if due is not None and not (transition.automatic and progress.runs_since is not None)
    ]


def _dues(
    steps: Sequence[Step], progress: Progress, earliest: datetime = _BEFORE
) -> Iterator[tuple[Transition, datetime | None]]:
    """When each becomes true, if nothing else happens; nothing does while the session is paused.

    What is no longer so at `earliest` had passed before it could lead anywhere.
    """
    if progress.last.paused_at is not None:
        return
    transitions = transitions_of(steps, progress.step)
    for transition, since in zip(transitions, progress.since, strict=True):
        yield transition, _due(transition, since, progress, earliest)


def _due(transition: Transition, since: datetime | None, progress: Progress, earliest: datetime) -> datetime | None:
    match transition.on:
        case After(seconds):
            return progress.entered_at + timedelta(seconds=seconds)
        case OnMarker() | OnAction():
            return since
        case ByHand():
            return progress.entered_at
        case When() as when:
            hold = timedelta(seconds=when.hold)
            for begin, end in times_of_truth(when, progress.last, since, progress.seen_at):
                if end is None or max(begin + hold, earliest) <= end:
                    return begin + hold
            return None


def _entered(steps: Sequence[Step], after: Progress, event: Event, key: str, *, by_itself: bool) -> Progress:
    """It begins when it was stored, however long it had been due: only then did a monitor show it."""
    into = replace(
        after,
        step=key,
        entry_seq=event.seq,
        entered_at=event.created_at,
        counts={},
        since=(None,) * len(transitions_of(steps, key)),
        moves=after.moves + by_itself,
    )
    return replace(into, since=_since(steps, into, event.created_at))


def _counted(progress: Progress, fact: Fact) -> Progress:
    match fact:
        case NoteAdded(marker=str(marker)):
            counted = ("marker", marker)
        case ActionTaken(action):
            counted = ("action", action)
        case _:
            return progress
    return replace(progress, counts={**progress.counts, counted: progress.counts.get(counted, 0) + 1})


def _moved_on(progress: Progress, begin: datetime, end: datetime) -> Progress:
    """What happened within the pause counts from its end."""
    length = end - begin

    def moved(moment: datetime | None) -> datetime | None:
        return None if moment is None else min(moment + length, end)

    return replace(
        progress,
        entered_at=min(progress.entered_at + length, end),
        since=tuple(moved(moment) for moment in progress.since),
        runs_since=moved(progress.runs_since),
    )


def _since(steps: Sequence[Step], progress: Progress, at: datetime) -> tuple[datetime | None, ...]:
    """For each transition: it was true before and still is, or is from now on."""
    transitions = transitions_of(steps, progress.step)
    return tuple(
        (since or at) if _is_true(transition, progress, at) else None
        for transition, since in zip(transitions, progress.since, strict=True)
    )


def _is_true(transition: Transition, progress: Progress, at: datetime) -> bool:
    match transition.on:
        case OnMarker(marker, count):
            return progress.counts.get(("marker", marker), 0) >= count
        case OnAction(action, count):
            return progress.counts.get(("action", action), 0) >= count
        case When(conditions):
            return all_are_so(conditions, progress.last, at)
        case After() | ByHand():
            return True


def _brought_up_to(steps: Sequence[Step], progress: Progress, at: datetime) -> Progress:
    """Along the ramps: which conditions have been true, and since when, right before the event at that moment."""
    if not progress.last.ramps or progress.last.paused_at is not None:
        return progress
    since = tuple(
        _since_along(transition.on, progress, begun, at) if isinstance(transition.on, When) else begun
        for transition, begun in zip(transitions_of(steps, progress.step), progress.since, strict=True)
    )
    return replace(progress, since=since)


def _since_along(when: When, progress: Progress, since: datetime | None, at: datetime) -> datetime | None:
    for begin, end in times_of_truth(when, progress.last, since, progress.seen_at):
        if begin <= at and (end is None or end > at):
            return begin
    return None
