"""Alarm limits: what a monitor compares the vital signs with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from server.domain.outcomes import FieldError
from server.domain.patches import read_number
from server.domain.text import shown
from server.domain.vitals import SIGNS, Number, SignName


@dataclass(frozen=True, slots=True)
class Limit:
    """None means: no limit on that side."""

    low: Number | None
    high: Number | None


Limits = Mapping[str, Limit]

# Adult defaults; Mindray manual [V], Philips [S], docs/clinical.md.
ADULT_LIMITS: Limits = {
    "heart_rate": Limit(50, 120),
    "spo2": Limit(90, None),
    "systolic": Limit(90, 160),
    "diastolic": Limit(50, 90),
    "mean": Limit(60, 110),
    "respiratory_rate": Limit(8, 30),
    "etco2": Limit(30, 50),
    "temperature": Limit(36.0, 39.0),
}
LIMIT_NAMES: tuple[str, ...] = tuple(ADULT_LIMITS)
# Of one session, the newest are told: nobody sets them so often.
LIMITS_KEPT = 1000


@dataclass(frozen=True, slots=True)
class LimitsSince:
    """From `at` on these hold, until the next ones do. Kept beside the record of a session once they were changed."""

    at: datetime
    limits: Limits


def limits_changed(known: Sequence[LimitsSince], first: LimitsSince, now: LimitsSince) -> Sequence[LimitsSince]:
    """`known`, and that there are others now; `first`: what held from the opening on, where nothing is known yet.

    In PostgreSQL the trigger `sessions_limits` does the same.
    """
    earlier = [each for each in known or (first,) if each.at < now.at]
    return [*earlier, now][-LIMITS_KEPT:]


def limits_as_json(limits: Limits) -> dict[str, dict[str, Number | None]]:
    return {name: {"low": limit.low, "high": limit.high} for name, limit in limits.items()}


def limits_from_json(raw: Mapping[str, object]) -> Limits:
    """Read back what `limits_as_json` wrote."""
    sides = cast(Mapping[str, Mapping[str, Number | None]], raw)
    # In their own order, which a database may not keep: the same session is always told in the same words.
    return {name: Limit(sides[name].get("low"), sides[name].get("high")) for name in LIMIT_NAMES if name in sides}


def read_limits(
    raw: Mapping[str, Mapping[str, object]], errors: list[FieldError], *, over: Limits = ADULT_LIMITS
) -> Limits:
    """Those named laid over others: the adult defaults, or a session's own. Every wrong field goes into `errors`."""
    limits = dict(over)
    for name, sides in raw.items():
        if name not in limits:
            errors.append(FieldError(f"limits.{shown(name)}", f"is not a sign; known: {', '.join(LIMIT_NAMES)}"))
            continue
        # The mean pressure is no sign of its own; it moves in the range of the systolic one.
        sign = SIGNS[cast(SignName, "systolic" if name == "mean" else name)]
        read: dict[str, Number | None] = {"low": None, "high": None}
        errors += [
            FieldError(f"limits.{name}.{shown(side)}", "is not low or high") for side in sides.keys() - read.keys()
        ]
        for side in read:
            value = sides.get(side)
            if value is None:
                continue
            number = read_number(value, sign.minimum, sign.maximum, sign.decimals)
            if isinstance(number, str):
                errors.append(FieldError(f"limits.{name}.{side}", f"{number} ({sign.unit})"))
            else:
                read[side] = number
        low, high = read["low"], read["high"]
        if low is not None and high is not None and low >= high:
            errors.append(FieldError(f"limits.{name}", f"low {low} must be below high {high}"))
        limits[name] = Limit(low, high)
    return limits


def read_limits_since(
    raw: Sequence[tuple[datetime, Mapping[str, Mapping[str, object]]]], present: Limits, errors: list[FieldError]
) -> tuple[LimitsSince, ...]:
    """Which limits a session had elsewhere, and has now: `present`. Every wrong field goes into `errors`."""
    wrong: list[FieldError] = []
    told: list[LimitsSince] = []
    for place, (at, limits) in enumerate(raw[:LIMITS_KEPT]):
        found: list[FieldError] = []
        told.append(LimitsSince(at, read_limits(limits, found)))
        wrong += [FieldError(f"limits_since.{place}.{each.field}", each.message) for each in found]
    moments = [each.at for each in told]
    if len(raw) > LIMITS_KEPT:
        wrong.append(FieldError("limits_since", f"may be at most {LIMITS_KEPT}"))
    elif moments != sorted(set(moments)):
        wrong.append(FieldError("limits_since", "is not in the order of its moments, each once"))
    elif told and told[-1].limits != present:
        wrong.append(FieldError("limits_since", "does not end with the limits that the session has"))
    errors += wrong
    return tuple(told)
