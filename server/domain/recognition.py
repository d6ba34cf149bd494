"""What a monitor takes the rhythm for: it has to see it for a while, and sees nothing through compressions.

The screens ask the same of web/src/monitor/recognition.ts; the numbers' sources are in docs/clinical.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal, assert_never

from server.domain.circulation import has_beats, is_on, ramp_end
from server.domain.history import ALWAYS, Stretch
from server.domain.vitals import LastValues, value_at

Seen = Literal["organised", "asystole", "ventricular_fibrillation", "ventricular_tachycardia", "ventricular_rhythm"]

_LOOKS = timedelta(seconds=4)
"""No QRS, fibrillation waves; and as long after the compressions, whatever it is."""
# Five beats in a row at 100/min and more are a ventricular tachycardia; slower, a ventricular rhythm.
_RUN = 5
_TACHYCARDIA = 100

_FIBRILLATION = frozenset({"ventricular_fibrillation", "ventricular_fibrillation_fine"})
_VENTRICULAR = frozenset({"ventricular_tachycardia", "torsades", "idioventricular"})


def is_hidden(pieces: Sequence[Stretch], now: datetime) -> bool:
    """Compressions hide the rhythm, and do for a moment after they have ceased. `pieces` are those until `now`."""
    pressed = [place for place, piece in enumerate(pieces) if is_on(piece.last, "cpr")]
    if not pressed:
        return False
    after = pieces[pressed[-1] + 1 :]
    return not after or now - after[0].since < _LOOKS


def recognised_at(pieces_until_now: Sequence[Stretch], now: datetime) -> Seen | None:
    """None while the electrodes are off. What cannot be judged yet is what it was judged to be before."""
    pieces = _by_rate(pieces_until_now, now)
    if is_on(pieces[-1].last, "ecg_off"):
        return None
    end, place = now, len(pieces) - 1
    while place >= 0:
        seen = _clearly_in(pieces[place], end)
        if seen is not None:
            while place > 0 and _clearly_in(pieces[place - 1], pieces[place].since) == seen:
                place -= 1
            if end - pieces[place].since >= _time_needed(pieces, place, seen, end):
                return seen
        end = pieces[place].since
        place -= 1
    # Opened upon compressions: it was judged before they began.
    return _kind_of(pieces[0].last, now if end == ALWAYS else end)


def _time_needed(pieces: Sequence[Stretch], place: int, seen: Seen, end: datetime) -> timedelta:
    piece = pieces[place]
    is_after_artefact = place > 0 and _clearly_in(pieces[place - 1], piece.since) is None
    return max(_LOOKS if is_after_artefact else timedelta(), _needed(seen, piece.last, end))


def _needed(seen: Seen, last: LastValues, at: datetime) -> timedelta:
    match seen:
        case "organised":
            return timedelta()
        case "asystole" | "ventricular_fibrillation":
            return _LOOKS
        case "ventricular_tachycardia" | "ventricular_rhythm":
            return timedelta(minutes=_RUN / max(1, value_at(last, "heart_rate", at)))
        case _:
            assert_never(seen)


def _clearly_in(piece: Stretch, at: datetime) -> Seen | None:
    is_unclear = is_on(piece.last, "cpr") or is_on(piece.last, "ecg_off")
    return None if is_unclear else _kind_of(piece.last, at)


def _kind_of(last: LastValues, at: datetime) -> Seen:
    if last.rhythm in _FIBRILLATION:
        return "ventricular_fibrillation"
    if not has_beats(last, at):
        return "asystole"
    if last.rhythm not in _VENTRICULAR:
        return "organised"
    is_fast = value_at(last, "heart_rate", at) >= _TACHYCARDIA
    return "ventricular_tachycardia" if is_fast else "ventricular_rhythm"


def _by_rate(pieces: Sequence[Stretch], now: datetime) -> Sequence[Stretch]:
    """Cut where a ventricular rhythm on the move passes the rate of a tachycardia."""
    cut: list[Stretch] = []
    for piece, end in zip(pieces, [*(each.since for each in pieces[1:]), now], strict=True):
        cut.append(piece)
        passes = _passes_tachycardia(piece.last)
        if passes is not None and piece.since < passes <= end:
            cut.append(Stretch(passes, piece.last))
    return cut


def _passes_tachycardia(last: LastValues) -> datetime | None:
    ramp, target = last.ramps.get("heart_rate"), last.signs["heart_rate"]
    end = ramp_end(last, "heart_rate")
    if ramp is None or end is None or last.rhythm not in _VENTRICULAR:
        return None
    if (ramp.start >= _TACHYCARDIA) == (target >= _TACHYCARDIA):
        return None
    return end - timedelta(seconds=(target - _TACHYCARDIA) / (target - ramp.start) * ramp.seconds)
