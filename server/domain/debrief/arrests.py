"""When a patient was without a pulse, and what could be seen and was done meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from server.domain.circulation import has_pulse, is_on, ramp_end
from server.domain.debrief.course import CourseChange, CourseStretch
from server.domain.debrief.marks import Place
from server.domain.vitals import LastValues

ArrestEnd = Literal["rosc", "case_end"]

_MILLISECOND = timedelta(milliseconds=1)
# Without a pulse in them; asystole and PEA never are. Ventricular tachycardia is, for there is no pulse in an arrest.
_SHOCKABLE = frozenset(
    {"ventricular_fibrillation", "ventricular_fibrillation_fine", "ventricular_tachycardia", "torsades"}
)


@dataclass(frozen=True, slots=True)
class ArrestTurn:
    """From `at` on, within an arrest; `seq` is that of the event that led to it."""

    at: datetime
    seq: int
    is_shockable: bool
    has_compressions: bool


@dataclass(slots=True)
class Arrest:
    """`end` and what belongs to it are None while it lasts. The first turn is that of the onset."""

    onset_seq: int
    onset_at: datetime
    rhythm: str
    turns: list[ArrestTurn] = field(default_factory=list[ArrestTurn])
    end: ArrestEnd | None = None
    end_at: datetime | None = None
    end_seq: int | None = None

    @property
    def onset(self) -> Place:
        return self.onset_at, self.onset_seq

    def turn_before(self, place: Place) -> ArrestTurn:
        """What was so when something was done: not what that led to, in the same millisecond."""
        return next((turn for turn in reversed(self.turns) if (turn.at, turn.seq) < place), self.turns[0])


class ArrestWatch:
    """An arrest begins when the pulse is gone, by rhythm, flag, or a heart rate of 0, and ends when it is back."""

    def __init__(self) -> None:
        self.arrests: list[Arrest] = []
        self._is_over = False

    def begin(self, opening: CourseStretch) -> None:
        self._judge(opening.last, opening.since, opening.seq)

    def pass_by(self, stretch: CourseStretch, until: datetime) -> None:
        """A heart that slows down to 0 stands still at the end of its ramp."""
        last_beat = ramp_end(stretch.last, "heart_rate")
        if last_beat is not None and stretch.since < last_beat <= until:
            self._judge(stretch.last, last_beat, stretch.seq)

    def see(self, change: CourseChange) -> None:
        self._judge(change.after, change.at, change.seq)

    @property
    def pressed(self) -> Sequence[Place]:
        """Moments at which the chest was pressed, among them each at which that began."""
        return [(turn.at, turn.seq) for arrest in self.arrests for turn in arrest.turns if turn.has_compressions]

    def end_case(self, at: datetime, seq: int) -> None:
        """Whoever has no pulse now is not looked after any more, until it comes back."""
        arrest = self._running()
        if arrest is not None:
            self._is_over = True
            _end(arrest, "case_end", at, seq)

    def _running(self) -> Arrest | None:
        return self.arrests[-1] if self.arrests and self.arrests[-1].end is None else None

    def _judge(self, last: LastValues, at: datetime, seq: int) -> None:
        # Just behind it: a heart that begins to beat on a ramp stands still at its very beginning.
        has = has_pulse(last, at + _MILLISECOND)
        arrest = self._running()
        if has:
            self._is_over = False
            if arrest is not None:
                _end(arrest, "rosc", at, seq)
            return
        if arrest is None:
            if self._is_over:
                return
            arrest = Arrest(seq, at, last.rhythm)
            self.arrests.append(arrest)
        _turn(arrest, ArrestTurn(at, seq, last.rhythm in _SHOCKABLE, is_on(last, "cpr")))


def _turn(arrest: Arrest, turn: ArrestTurn) -> None:
    newest = arrest.turns[-1] if arrest.turns else None
    if newest is None or (newest.is_shockable, newest.has_compressions) != (turn.is_shockable, turn.has_compressions):
        arrest.turns.append(turn)


def _end(arrest: Arrest, end: ArrestEnd, at: datetime, seq: int) -> None:
    arrest.end, arrest.end_at, arrest.end_seq = end, at, seq
