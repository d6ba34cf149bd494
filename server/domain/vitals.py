"""Vital signs: their ranges, patches of them, ramps between them, and the fold of patches.

Signs, units, ranges and start values are those of docs/api.md; what the rhythms and the flags
mean to a monitor, and where the numbers come from, is in docs/clinical.md.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, cast, get_args

from server.domain.cuff import Cuff, cuff_from_json
from server.domain.outcomes import InvalidFields, invalid
from server.domain.timestamps import read_timestamp, write_timestamp

Number = int | float
FlagValue = bool | str
SignName = Literal["heart_rate", "systolic", "diastolic", "spo2", "respiratory_rate", "etco2", "temperature"]


@dataclass(frozen=True, slots=True)
class VitalSign:
    name: SignName
    unit: str
    minimum: Number
    maximum: Number
    start: Number
    decimals: int = 0


SIGNS: Mapping[SignName, VitalSign] = {
    sign.name: sign
    for sign in (
        VitalSign("heart_rate", "/min", 0, 300, 75),
        VitalSign("systolic", "mmHg", 0, 300, 120),
        VitalSign("diastolic", "mmHg", 0, 200, 80),
        VitalSign("spo2", "%", 0, 100, 98),
        VitalSign("respiratory_rate", "/min", 0, 80, 16),
        VitalSign("etco2", "mmHg", 0, 150, 38),
        VitalSign("temperature", "°C", 25.0, 43.0, 37.0, decimals=1),
    )
}
SIGN_NAMES: tuple[SignName, ...] = get_args(SignName)

RHYTHMS: tuple[str, ...] = (
    "sinus",
    "atrial_fibrillation",
    "atrial_flutter",
    "svt",
    "av_block_1",
    "av_block_2_wenckebach",
    "av_block_2_mobitz",
    "av_block_3",
    "junctional",
    "idioventricular",
    "ventricular_tachycardia",
    "torsades",
    "ventricular_fibrillation",
    "ventricular_fibrillation_fine",
    "asystole",
    "stemi",
    "paced",
    "pvc_bigeminy",
)
KNOWN_FLAGS: tuple[str, ...] = (
    "ecg_off",
    "spo2_off",
    "nibp_off",
    "co2_off",
    "temp_off",
    "pulseless",
    "cpr",
    "respiratory_distress",
    "cardiac_arrest",
    "dysglycaemia",
    "haemorrhage",
    "loss_of_consciousness",
    # What a score asks for beside the signs: A, C, V, P or U; true, or how it is given; whether scale 2 of NEWS2 holds.
    "consciousness",
    "oxygen",
    "spo2_scale_2",
)

FLAGS_LIMIT = 32
FLAG_TEXT_LIMIT = 64
RAMP_SECONDS_LIMIT = 3600


@dataclass(frozen=True, slots=True)
class Ramp:
    """A sign that moves linearly from `start`, beginning at `started_at`, over `seconds` to its target."""

    start: Number
    started_at: datetime
    seconds: Number

    def has_finished(self, at: datetime) -> bool:
        return (at - self.started_at).total_seconds() >= self.seconds

    def elapsed_ms(self, at: datetime) -> int:
        return max(0, round((at - self.started_at).total_seconds() * 1000))


@dataclass(frozen=True, slots=True)
class VitalsPatch:
    """A partial set of vitals sent together; in `flags`, None removes the key."""

    signs: Mapping[SignName, Number] = field(default_factory=dict[SignName, Number])
    rhythm: str | None = None
    flags: Mapping[str, FlagValue | None] = field(default_factory=dict[str, FlagValue | None])
    ramp_seconds: Number = 0

    def is_empty(self) -> bool:
        return not self.signs and self.rhythm is None and not self.flags


@dataclass(frozen=True, slots=True)
class LastValues:
    """The fold of a session's events: targets, and the ramps that still move towards them."""

    signs: Mapping[SignName, Number]
    rhythm: str = "sinus"
    flags: Mapping[str, FlagValue] = field(default_factory=dict[str, FlagValue])
    ramps: Mapping[SignName, Ramp] = field(default_factory=dict[SignName, Ramp])
    paused_at: datetime | None = None
    """Since when the session stands still; None while it runs."""
    nibp: Cuff | None = None
    """None before the first measurement."""

    def as_json(self) -> dict[str, object]:
        """As it stands on the wire and in the row of its session; `paused_at` only while it is paused."""
        values: dict[str, object] = {
            **self.signs,
            "rhythm": self.rhythm,
            "flags": dict(self.flags),
            "ramps": {
                name: {
                    "from": ramp.start,
                    "started_at": write_timestamp(ramp.started_at),
                    "seconds": ramp.seconds,
                }
                for name, ramp in self.ramps.items()
            },
            "nibp": None,
        }
        if self.nibp is not None:
            values |= self.nibp.as_json()
        if self.paused_at is not None:
            values["paused_at"] = write_timestamp(self.paused_at)
        return values

    @classmethod
    def from_json(cls, raw: Mapping[str, object]) -> LastValues:
        """Read back what `as_json` wrote; it was validated then."""
        ramps = cast(Mapping[SignName, Mapping[str, object]], raw["ramps"])
        paused_at = raw.get("paused_at")
        return cls(
            signs={name: cast(Number, raw[name]) for name in SIGN_NAMES},
            rhythm=cast(str, raw["rhythm"]),
            flags=cast(Mapping[str, FlagValue], raw["flags"]),
            ramps={
                name: Ramp(
                    cast(Number, ramp["from"]),
                    read_timestamp(cast(str, ramp["started_at"])),
                    cast(Number, ramp["seconds"]),
                )
                for name, ramp in ramps.items()
            },
            paused_at=None if paused_at is None else read_timestamp(cast(str, paused_at)),
            nibp=cuff_from_json(raw),
        )


START_VALUES = LastValues(signs={name: sign.start for name, sign in SIGNS.items()})


def value_at(last: LastValues, name: SignName, at: datetime) -> Number:
    """What the sign reads at that moment, rounded as the sign is shown (halves go up).

    The screens compute the same; tests/vectors/ramps.json holds both to it.
    """
    return _round_half_up(raw_value_at(last, name, at), SIGNS[name].decimals)


def raw_value_at(last: LastValues, name: SignName, at: datetime) -> Number:
    """Where the sign is at that moment, before it is rounded. Nothing moves while the session is paused."""
    target = last.signs[name]
    ramp = last.ramps.get(name)
    if ramp is None:
        return target
    if last.paused_at is not None:
        return ramp.start
    if ramp.has_finished(at):
        return target
    return ramp.start + (target - ramp.start) * (ramp.elapsed_ms(at) / (ramp.seconds * 1000))


def _round_half_up(value: float, decimals: int) -> Number:
    if decimals == 0:
        return math.floor(value + 0.5)
    scale = 10**decimals
    return math.floor(value * scale + 0.5) / scale


def fold(last: LastValues, patch: VitalsPatch, at: datetime) -> LastValues | InvalidFields:
    """Apply one patch, pushed at `at`. Refused when the merge breaks a rule that no single value breaks."""
    signs: dict[SignName, Number] = {**last.signs, **patch.signs}
    if signs["diastolic"] > signs["systolic"]:
        named = "diastolic" if "diastolic" in patch.signs else "systolic"
        return invalid(
            f"vitals.{named}",
            f"diastolic {signs['diastolic']} mmHg would be above systolic {signs['systolic']} mmHg",
        )
    flags = dict(last.flags)
    for key, value in patch.flags.items():
        if value is None:
            flags.pop(key, None)
        else:
            flags[key] = value
    if len(flags) > FLAGS_LIMIT:
        return invalid("flags", f"would be {len(flags)} flags; at most {FLAGS_LIMIT} are allowed")
    return LastValues(
        signs=signs,
        rhythm=patch.rhythm if patch.rhythm is not None else last.rhythm,
        flags=flags,
        ramps=_fold_ramps(last, patch, at),
        paused_at=last.paused_at,
        nibp=last.nibp,
    )


def _fold_ramps(last: LastValues, patch: VitalsPatch, at: datetime) -> dict[SignName, Ramp]:
    ramps: dict[SignName, Ramp] = {}
    if last.ramps:
        ramps = {name: ramp for name, ramp in _running_ramps(last, at).items() if name not in patch.signs}
    if patch.ramp_seconds > 0:
        for name, target in patch.signs.items():
            # Not as it is shown: a ramp that follows another would jump by what was rounded.
            now = raw_value_at(last, name, at)
            if now != target:
                ramps[name] = Ramp(now, at, patch.ramp_seconds)
    return ramps


def _running_ramps(last: LastValues, at: datetime) -> Mapping[SignName, Ramp]:
    """Those that have not come to their end. Of a session that is paused all of them, for they stand still."""
    if last.paused_at is not None:
        return last.ramps
    return {name: ramp for name, ramp in last.ramps.items() if not ramp.has_finished(at)}


def pause(last: LastValues, at: datetime) -> LastValues:
    """Everything stands still: a ramp begins at what it has reached, and takes what is left once it goes on."""
    if last.paused_at is not None:
        return last
    ramps = {
        name: Ramp(raw_value_at(last, name, at), at, (ramp.seconds * 1000 - ramp.elapsed_ms(at)) / 1000)
        for name, ramp in _running_ramps(last, at).items()
    }
    return replace(last, ramps=ramps, paused_at=at)


def resume(last: LastValues, at: datetime) -> LastValues:
    """Every ramp goes on from where it stands, and so does the cuff."""
    if last.paused_at is None:
        return last
    ramps = {name: replace(ramp, started_at=at) for name, ramp in last.ramps.items()}
    nibp = None if last.nibp is None else last.nibp.moved_on(last.paused_at, at)
    return replace(last, ramps=ramps, paused_at=None, nibp=nibp)
