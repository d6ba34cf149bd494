"""NEWS2 along a record: each moment at which it changes, ramps included.

It is judged by the patient as they were: what a team could not yet see counts too. As they could know it, it stands in
`known_warning.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from server.domain.circulation import has_pulse, is_on, ramp_end
from server.domain.debrief.course import CourseChange, CourseStretch
from server.domain.debrief.news2 import (
    HEART_RATE,
    HIGH_FROM,
    MEDIUM_FROM,
    PARTS,
    RESPIRATORY_RATE,
    SYSTOLIC,
    TEMPERATURE,
    Band,
    Observations,
    Part,
    Scale,
    band_of,
    mean_pressure,
    news2_parts,
    shock_index,
    spo2_scale,
)
from server.domain.turns import turns
from server.domain.vitals import LastValues, Number, SignName, value_at

CONSCIOUSNESS, UNCONSCIOUS = "consciousness", "loss_of_consciousness"
OXYGEN, SCALE_2 = "oxygen", "spo2_scale_2"
ALERT = "A"
# Alert, confused of late, answers to voice, to pain, not at all.
LEVELS = (ALERT, "C", "V", "P", "U")

_MILLISECOND = timedelta(milliseconds=1)
# More than a shown number differs from the true one.
_ROUNDED = 0.6
_SCALES: Mapping[SignName, Scale] = {
    "respiratory_rate": RESPIRATORY_RATE,
    "systolic": SYSTOLIC,
    "heart_rate": HEART_RATE,
    "temperature": TEMPERATURE,
}
_SIGNS: tuple[SignName, ...] = (*_SCALES, "spo2", "diastolic")


@dataclass(frozen=True, slots=True)
class EarlyWarning:
    """From `at` on. `parts` is None, and so is all that needs a pulse, while there is none.

    `missing` names what was never recorded, which counts as alert and as on air, and the signs that nobody could know,
    which have no part: the total is the least it can be.
    """

    at: datetime
    parts: Mapping[Part, int] | None
    missing: tuple[Part, ...]
    mean: int | None
    shock_index: float | None

    @property
    def total(self) -> int | None:
        return None if self.parts is None else sum(self.parts.values())

    @property
    def band(self) -> Band | None:
        return None if self.parts is None else band_of(self.parts)


@dataclass(frozen=True, slots=True)
class Crossing:
    """The total came from below `limit` to it, or above."""

    at: datetime
    seq: int
    limit: int
    total: int
    missing: tuple[Part, ...]


NOTHING_RECORDED: tuple[Part, ...] = ("consciousness", "oxygen")


def still_missing(missing: tuple[Part, ...], last: LastValues) -> tuple[Part, ...]:
    """What was never recorded, now that the patient is so, too."""
    if not missing:
        return missing
    recorded: dict[Part, bool] = {
        "consciousness": _level(last) is not None or UNCONSCIOUS in last.flags,
        "oxygen": OXYGEN in last.flags,
    }
    return tuple(part for part in missing if not recorded[part])


def early_warning_at(last: LastValues, at: datetime, missing: tuple[Part, ...]) -> EarlyWarning:
    """At one moment of a state."""
    if not has_pulse(last, at + _MILLISECOND):
        return EarlyWarning(at, None, missing, None, None)
    return scored({name: value_at(last, name, at) for name in _SIGNS}, last, at, missing)


def scored(signs: Mapping[SignName, Number], last: LastValues, at: datetime, missing: tuple[Part, ...]) -> EarlyWarning:
    """Of the signs that somebody knows, and of what `last` says beside them."""
    seen = Observations(
        signs.get("respiratory_rate"),
        signs.get("spo2"),
        signs.get("systolic"),
        signs.get("heart_rate"),
        signs.get("temperature"),
        is_alert=_level(last) in (None, ALERT) and not is_on(last, UNCONSCIOUS),
        has_oxygen=is_on(last, OXYGEN),
        is_spo2_scale_2=is_on(last, SCALE_2),
    )
    systolic, diastolic, rate = seen.systolic, signs.get("diastolic"), seen.heart_rate
    mean = None if systolic is None or diastolic is None else mean_pressure(systolic, diastolic)
    index = None if systolic is None or rate is None else shock_index(rate, systolic)
    parts = news2_parts(seen)
    # Most are whole, and are asked for often.
    unknown: Iterable[Part] = () if len(parts) == len(PARTS) else [part for part in PARTS if part not in parts]
    return EarlyWarning(at, parts, (*unknown, *missing), mean, index)


class EarlyWarningWatch:
    def __init__(self) -> None:
        self.scores: list[EarlyWarning] = []
        self.crossings: list[Crossing] = []
        self._missing = NOTHING_RECORDED
        # The last total there was: an arrest has none, and whoever comes out of it has not crossed anything by that.
        self._total: int | None = None

    def begin(self, opening: CourseStretch) -> None:
        self._hear(opening.last)
        self._note(early_warning_at(opening.last, opening.since, self._missing), opening.seq)

    def pass_by(self, stretch: CourseStretch, until: datetime) -> None:
        for at in sorted(_moments_of_ramps(stretch.last, stretch.since, until)):
            self._note(early_warning_at(stretch.last, at, self._missing), stretch.seq)

    def see(self, change: CourseChange) -> None:
        self._hear(change.after)
        self._note(early_warning_at(change.after, change.at, self._missing), change.seq)

    def _hear(self, last: LastValues) -> None:
        self._missing = still_missing(self._missing, last)

    def _note(self, score: EarlyWarning, seq: int) -> None:
        # Of several in one instant the last holds.
        if len(self.scores) > 1 and self.scores[-1].at == score.at:
            self.scores.pop()
        if not self.scores or _what(self.scores[-1]) != _what(score):
            self.scores.append(score)
        total = score.total
        if total is None:
            return
        if self._total is not None:
            for limit in (MEDIUM_FROM, HIGH_FROM):
                if self._total < limit <= total:
                    self.crossings.append(Crossing(score.at, seq, limit, total, score.missing))
        self._total = total


def _what(score: EarlyWarning) -> tuple[object, ...]:
    return score.parts, score.missing, score.mean, score.shock_index


def _moments_of_ramps(last: LastValues, since: datetime, until: datetime) -> set[datetime]:
    """When a ramp takes a sign from one row of the table to another, and when one ends; none while they stand still."""
    found: set[datetime] = set()
    for name in last.ramps:
        end = ramp_end(last, name)
        if end is None or end <= since:
            continue
        found.add(end)
        scale = _scale(last, name)
        if scale is not None and _comes_near(last, name, scale, since, until):
            found.update(turns(last, name, since, partial(_place, last, name, scale), until))
    return {at for at in found if since < at <= until}


def _comes_near(last: LastValues, name: SignName, scale: Scale, since: datetime, until: datetime) -> bool:
    """Whether the ramp may take the sign into another row meanwhile: asked first, since most take it nowhere."""
    ramp, target = last.ramps[name], last.signs[name]
    shares = ((at - ramp.started_at).total_seconds() / ramp.seconds for at in (since, until))
    ends = [ramp.start + (target - ramp.start) * min(1, max(0, share)) for share in shares]
    return scale.place(min(ends) - _ROUNDED) != scale.place(max(ends) + _ROUNDED)


def _place(last: LastValues, name: SignName, scale: Scale, at: datetime) -> int:
    return scale.place(value_at(last, name, at))


def _scale(last: LastValues, name: SignName) -> Scale | None:
    if name == "spo2":
        return spo2_scale(is_scale_2=is_on(last, SCALE_2), has_oxygen=is_on(last, OXYGEN))
    return _SCALES.get(name)


def _level(last: LastValues) -> str | None:
    level = last.flags.get(CONSCIOUSNESS)
    return level.upper() if isinstance(level, str) and level.upper() in LEVELS else None
