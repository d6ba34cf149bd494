"""A case tried without patients and without waiting: which step comes at which second, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from server.domain.case import Step
from server.domain.events import (
    SYSTEM,
    ActionTaken,
    CaseEnded,
    Cause,
    Event,
    Fact,
    NoteAdded,
    VitalsPushed,
    fold_fact,
)
from server.domain.moves import MOVES_LIMIT, Move, Progress, advance, next_move, suggested, transitions_of
from server.domain.outcomes import InvalidFields
from server.domain.vitals import START_VALUES, LastValues, VitalsPatch, fold

# So far a case is looked into that does not say how long it lasts; and however long it says, no further than a day.
USUAL_RUN_SECONDS = 3600
LONGEST_RUN_SECONDS = 24 * 3600
TRIED_LIMIT = 300
_NOBODY = UUID(int=0)
# Any moment will do: what is told are the seconds since then.
_START = datetime.fromisoformat("2000-01-01T00:00:00+00:00")

WarningCode = Literal["unreachable", "no_way_out", "moves_limit", "impossible_step"]


@dataclass(frozen=True, slots=True)
class Tried:
    """What somebody does while the case runs; a repeated key is given once for each time."""

    at_seconds: float
    fact: NoteAdded | ActionTaken


@dataclass(frozen=True, slots=True)
class DryMove:
    """The case goes to `step` (None: its end) at that second. Its first step leaves nothing, and has no cause."""

    at_seconds: float
    left: str | None
    step: str | None
    because: dict[str, object] | None

    def as_json(self) -> dict[str, object]:
        return {"at_seconds": self.at_seconds, "from": self.left, "step": self.step, "because": self.because}


@dataclass(frozen=True, slots=True)
class DrySuggestion:
    """In `step`, the button that leads to `to` (None: the end of the case) lights up at that second."""

    at_seconds: float
    step: str
    to: str | None
    label: str | None
    because: dict[str, object]

    def as_json(self) -> dict[str, object]:
        return {
            "at_seconds": self.at_seconds,
            "step": self.step,
            "to": self.to,
            "label": self.label,
            "because": self.because,
        }


@dataclass(frozen=True, slots=True)
class CaseWarning:
    """Nothing that forbids a case, but maybe not meant; `step` is its key."""

    code: WarningCode
    step: str

    def as_json(self) -> dict[str, object]:
        return {"code": self.code, "step": self.step}


@dataclass(frozen=True, slots=True)
class DryRun:
    moves: tuple[DryMove, ...] = ()
    suggestions: tuple[DrySuggestion, ...] = ()
    warnings: tuple[CaseWarning, ...] = ()

    def as_json(self) -> dict[str, object]:
        return {
            "moves": [move.as_json() for move in self.moves],
            "suggestions": [move.as_json() for move in self.suggestions],
            "warnings": [warning.as_json() for warning in self.warnings],
        }


def run_seconds(duration_minutes: int | None) -> int:
    """How far a dry run looks ahead in a case that lasts so long."""
    return USUAL_RUN_SECONDS if duration_minutes is None else min(duration_minutes * 60, LONGEST_RUN_SECONDS)


def dry_run(
    start: VitalsPatch, steps: Sequence[Step], tried: Sequence[Tried], seconds: int = USUAL_RUN_SECONDS
) -> DryRun:
    """The first so many seconds of the case, from the moment at which it is started."""
    *_, done = dry_moves(start, steps, tried, seconds)
    return done


def dry_moves(
    start: VitalsPatch, steps: Sequence[Step], tried: Sequence[Tried], seconds: int = USUAL_RUN_SECONDS
) -> Iterator[DryRun]:
    """The run so far after each move, and the whole of it as the last: a long one may be made in slices."""
    run = _Run(steps, _opened(start))
    if steps and run.play(steps[0].key, _START, None):
        run.moves.append(DryMove(0, None, steps[0].key, None))
        for each in sorted(tried, key=lambda one: one.at_seconds):
            if each.at_seconds > seconds:
                break
            at = _START + timedelta(seconds=each.at_seconds)
            for _ in run.move_until(at):
                yield run.so_far()
            run.record(each.fact, at)
        for _ in run.move_until(_START + timedelta(seconds=seconds)):
            yield run.so_far()
    yield replace(run.so_far(), warnings=(*case_warnings(steps), *run.warnings))


def _opened(start: VitalsPatch) -> LastValues:
    opened = fold(START_VALUES, start, _START)
    return START_VALUES if isinstance(opened, InvalidFields) else opened


def case_warnings(steps: Sequence[Step]) -> tuple[CaseWarning, ...]:
    """A case without any transition is moved by hand, and nothing is amiss with it."""
    if not any(step.transitions for step in steps):
        return ()
    reached = {steps[0].key}
    for _ in steps:
        reached |= {each.to for step in steps if step.key in reached for each in step.transitions if each.to}
    unreachable = (CaseWarning("unreachable", step.key) for step in steps if step.key not in reached)
    stuck = (CaseWarning("no_way_out", step.key) for step in steps[:-1] if not step.transitions)
    return (*unreachable, *stuck)


class _Run:
    def __init__(self, steps: Sequence[Step], opened: LastValues) -> None:
        self._steps = {step.key: step for step in steps}
        self._progress = Progress(last=opened, seen_at=_START)
        self.moves: list[DryMove] = []
        self.suggestions: list[DrySuggestion] = []
        self.warnings: list[CaseWarning] = []
        self._lit: set[tuple[int, int]] = set()

    def so_far(self) -> DryRun:
        return DryRun(tuple(self.moves), tuple(self.suggestions), tuple(self.warnings))

    def move_until(self, end: datetime) -> Iterator[None]:
        while (move := next_move(self._all, self._progress)) is not None and move.at <= end:
            self._note_suggestions(move.at)
            left = self._progress.step
            because = move.transition.on.as_json()
            if left is None or not self._take(move, Cause(left, because)):
                return
            self.moves.append(DryMove(_seconds(move), left, move.transition.to, move.transition.on.as_json()))
            yield
        self._note_suggestions(end)
        if self._progress.moves >= MOVES_LIMIT and self._progress.step is not None:
            self._warn("moves_limit", self._progress.step)

    def record(self, fact: Fact, at: datetime) -> bool:
        """Whether it could be: a step may ask for what cannot be together."""
        before = self._progress
        last = fold_fact(before.last, fact, at)
        if isinstance(last, InvalidFields):
            return False
        event = Event(_NOBODY, _NOBODY, before.seq + 1, at, at, SYSTEM, fact)
        self._progress = advance(self._all, before, event, last)
        return True

    def play(self, key: str, at: datetime, cause: Cause | None) -> bool:
        if self.record(VitalsPushed(self._steps[key].patch, key, cause), at):
            return True
        self._warn("impossible_step", key)
        self._progress = replace(self._progress, step=None, since=())
        return False

    def _take(self, move: Move, cause: Cause) -> bool:
        if move.transition.to is None:
            return self.record(CaseEnded(cause), move.at)
        return self.play(move.transition.to, move.at, cause)

    def _warn(self, code: WarningCode, step: str) -> None:
        warning = CaseWarning(code, step)
        if warning not in self.warnings:
            self.warnings.append(warning)

    def _note_suggestions(self, end: datetime) -> None:
        left = self._progress.step
        if left is None:
            return
        numbers = {id(each): number for number, each in enumerate(transitions_of(self._all, left))}
        for each in suggested(self._all, self._progress):
            lit = (self._progress.entry_seq, numbers[id(each.transition)])
            if each.at < end and lit not in self._lit and "manual" not in each.transition.on.as_json():
                self._lit.add(lit)
                self.suggestions.append(_suggestion(each, left))

    @property
    def _all(self) -> Sequence[Step]:
        return tuple(self._steps.values())


def _suggestion(move: Move, step: str) -> DrySuggestion:
    transition = move.transition
    return DrySuggestion(_seconds(move), step, transition.to, transition.label, transition.on.as_json())


def _seconds(move: Move) -> float:
    return (move.at - _START).total_seconds()
