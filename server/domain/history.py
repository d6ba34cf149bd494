"""What a monitor that has been there from the beginning remembers, as much as it needs to show a number.

A pure fold of (state, moment), the same as in the screens (web/src/patient/history.ts and memory.ts).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from server.domain.circulation import has_beats, has_pulse, is_on, ramp_end
from server.domain.vitals import LastValues

ALWAYS = datetime(2, 1, 1, tzinfo=UTC)
"""Since when the first state has held, as far as anybody knows."""

_MILLISECOND = timedelta(milliseconds=1)
# What a monitor needs longer to see than it takes to push it.
_SLOW_FLAGS = ("pulseless", "cpr", "ecg_off", "spo2_off")
# More changes than that lie far behind whatever is asked.
_MOST_STRETCHES = 60
LOOKED_BACK = timedelta(seconds=20)
"""So far back the breaths are asked for: apnoea is told after so long."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time that begins at `since` and in which `last` holds."""

    since: datetime
    last: LastValues


@dataclass(frozen=True, slots=True)
class Memory:
    """`stretches`: times in which nothing changed that a monitor takes time to see, each with its newest state.
    `states`: every state of the last seconds. Both oldest first.
    """

    stretches: tuple[Stretch, ...] = ()
    states: tuple[Stretch, ...] = ()

    @property
    def present(self) -> LastValues:
        """The newest state. There must be one."""
        return self.states[-1].last


NOTHING_SEEN = Memory()


def remember(memory: Memory, last: LastValues, at: datetime) -> Memory:
    """From `at` on, which is never before an earlier one, `last` holds; the first state has always held."""
    if not memory.states:
        first = (Stretch(ALWAYS, last),)
        return Memory(first, first)
    newest = memory.stretches[-1]
    if _alike(newest.last, last):
        stretches = (*memory.stretches[:-1], Stretch(newest.since, last))
    else:
        stretches = (*memory.stretches, Stretch(at, last))[-_MOST_STRETCHES:]
    return Memory(stretches, (*_near(memory.states, at), Stretch(at, last)))


def _near(states: Sequence[Stretch], at: datetime) -> Sequence[Stretch]:
    """Those that held at some moment of the last seconds."""
    ends = (*(each.since for each in states[1:]), at)
    return [state for state, end in zip(states, ends, strict=True) if end > at - LOOKED_BACK]


def _alike(a: LastValues, b: LastValues) -> bool:
    if a.rhythm != b.rhythm or has_beats(a) != has_beats(b):
        return False
    return all(is_on(a, flag) == is_on(b, flag) for flag in _SLOW_FLAGS)


def pieces_until(memory: Memory, now: datetime) -> Sequence[Stretch]:
    """The stretches, each cut in two where its last beat is in the middle of it; oldest first."""
    pieces: list[Stretch] = []
    ends = [*(each.since for each in memory.stretches[1:]), now]
    for stretch, end in zip(memory.stretches, ends, strict=True):
        pieces.append(stretch)
        last_beat = ramp_end(stretch.last, "heart_rate")
        if stretch.last.signs["heart_rate"] == 0 and last_beat is not None and stretch.since < last_beat <= end:
            pieces.append(Stretch(last_beat, stretch.last))
    return pieces


@dataclass(frozen=True, slots=True)
class PulseRun:
    """Since when the pulse is as it is, there or not; `before`: the state in which it was the other way round."""

    has: bool
    since: datetime
    before: Stretch | None


def pulse_run(pieces: Sequence[Stretch]) -> PulseRun:
    """`pieces`: those until the moment that is asked for."""
    runs: list[tuple[bool, Stretch]] = []
    for piece in pieces:
        has = has_pulse(piece.last, _inside_of(piece))
        if runs and runs[-1][0] == has:
            runs[-1] = (has, Stretch(runs[-1][1].since, piece.last))
        else:
            runs.append((has, piece))
    has, run = runs[-1]
    return PulseRun(has, run.since, runs[-2][1] if len(runs) > 1 else None)


def _inside_of(piece: Stretch) -> datetime | None:
    """A moment just behind its beginning; the first has none, and a ramp in it began some time."""
    if piece.since != ALWAYS:
        return piece.since + _MILLISECOND
    end = ramp_end(piece.last, "heart_rate")
    return None if end is None else end - _MILLISECOND
