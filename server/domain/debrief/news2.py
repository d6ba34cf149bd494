"""NEWS2, mean pressure and shock index: what the signs of a moment come to.

Royal College of Physicians, National Early Warning Score (NEWS) 2, London 2017, chart 1 and chart 4. For 16 years and
over, not in pregnancy. Here it is for talking about a case, never for care.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from server.domain.vitals import Number

Part = Literal["respiratory_rate", "spo2", "oxygen", "systolic", "heart_rate", "consciousness", "temperature"]
PARTS: tuple[Part, ...] = get_args(Part)
Band = Literal["low", "low_medium", "medium", "high"]

OXYGEN_POINTS = 2
NOT_ALERT_POINTS = 3
MEDIUM_FROM = 5
HIGH_FROM = 7


@dataclass(frozen=True, slots=True)
class Scale:
    """`highest[i]` is the last value that brings `points[i]`; what is above all of them brings the last points."""

    highest: Sequence[Number]
    points: Sequence[int]

    def place(self, value: Number) -> int:
        """Which of the rows of the table: it goes one way as the value does."""
        return bisect_left(self.highest, value)

    def score(self, value: Number) -> int:
        return self.points[self.place(value)]


RESPIRATORY_RATE = Scale((8, 11, 20, 24), (3, 1, 0, 2, 3))
SPO2 = Scale((91, 93, 95), (3, 2, 1, 0))
# Scale 2: target 88 to 92 %, in hypercapnic failure only. Above that the oxygen is too much, not the saturation.
SPO2_ON_AIR_2 = Scale((83, 85, 87), (3, 2, 1, 0))
SPO2_ON_OXYGEN_2 = Scale((83, 85, 87, 92, 94, 96), (3, 2, 1, 0, 1, 2, 3))
SYSTOLIC = Scale((90, 100, 110, 219), (3, 2, 1, 0, 3))
HEART_RATE = Scale((40, 50, 90, 110, 130), (3, 1, 0, 1, 2, 3))
TEMPERATURE = Scale((35.0, 36.0, 38.0, 39.0), (3, 1, 0, 1, 2))


def spo2_scale(*, is_scale_2: bool, has_oxygen: bool) -> Scale:
    if not is_scale_2:
        return SPO2
    return SPO2_ON_OXYGEN_2 if has_oxygen else SPO2_ON_AIR_2


@dataclass(frozen=True, slots=True)
class Observations:
    """As they are shown: whole numbers, the temperature with one decimal; None: nobody could know it."""

    respiratory_rate: Number | None
    spo2: Number | None
    systolic: Number | None
    heart_rate: Number | None
    temperature: Number | None
    is_alert: bool = True
    has_oxygen: bool = False
    is_spo2_scale_2: bool = False


def news2_parts(seen: Observations) -> Mapping[Part, int]:
    """In the order of the table, without the rows of which nothing is known."""
    saturation = spo2_scale(is_scale_2=seen.is_spo2_scale_2, has_oxygen=seen.has_oxygen)
    points: Mapping[Part, int | None] = {
        "respiratory_rate": _points(RESPIRATORY_RATE, seen.respiratory_rate),
        "spo2": _points(saturation, seen.spo2),
        "oxygen": OXYGEN_POINTS if seen.has_oxygen else 0,
        "systolic": _points(SYSTOLIC, seen.systolic),
        "heart_rate": _points(HEART_RATE, seen.heart_rate),
        "consciousness": 0 if seen.is_alert else NOT_ALERT_POINTS,
        "temperature": _points(TEMPERATURE, seen.temperature),
    }
    return {part: point for part, point in points.items() if point is not None}


def _points(scale: Scale, value: Number | None) -> int | None:
    return None if value is None else scale.score(value)


def band_of(parts: Mapping[Part, int]) -> Band:
    """`low_medium`: a 3 in one row, and fewer than 5 in all. Of some rows only, it is the least that it can be."""
    total = sum(parts.values())
    if total >= HIGH_FROM:
        return "high"
    if total >= MEDIUM_FROM:
        return "medium"
    return "low_medium" if 3 in parts.values() else "low"


def mean_pressure(systolic: Number, diastolic: Number) -> int:
    """mmHg, halves up."""
    return math.floor((systolic + 2 * diastolic) / 3 + 0.5)


def shock_index(heart_rate: Number, systolic: Number) -> float | None:
    """Heart rate by systolic pressure, to two decimals; none without a pressure."""
    return None if systolic <= 0 else math.floor(heart_rate / systolic * 100 + 0.5) / 100
