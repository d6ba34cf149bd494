"""The cuff as it stands in a session's last values: its newest measurement, what it found before, and what is due.

All of it is data on the server's clock. A measurement that has begun needs nobody to go on: whoever reads this knows
what the cuff does at any moment. While the session is paused the clock of the cuff stands at `paused_at`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, cast

from server.domain.timestamps import read_timestamp, write_optional_timestamp, write_timestamp

# Up, held, down: the number stands there when the cuff is down (docs/clinical.md).
MEASURING = timedelta(seconds=30)
# Who finds nothing pumps once more, higher, before giving up.
FAILING = 2 * MEASURING
STAT = timedelta(minutes=5)
# Between two readings of STAT the arm gets blood, and the eye the number.
STAT_PAUSE = timedelta(seconds=5)
CYCLE_MINUTES: tuple[int | float, ...] = (1, 2, 2.5, 3, 5, 10, 15, 30, 60)

DueBecause = Literal["cycle", "stat"]


@dataclass(frozen=True, slots=True)
class Pressures:
    """mmHg."""

    systolic: int
    diastolic: int
    mean: int

    def as_json(self) -> dict[str, object]:
        return {"systolic": self.systolic, "diastolic": self.diastolic, "mean": self.mean}


@dataclass(frozen=True, slots=True)
class Result:
    """What a measurement that began at `started_at` found."""

    started_at: datetime
    found: Pressures


@dataclass(frozen=True, slots=True)
class Due:
    at: datetime
    because: DueBecause


@dataclass(frozen=True, slots=True)
class Cuff:
    """`found` is what the newest measurement finds, known from its beginning; None: it fails, or was stopped."""

    started_at: datetime
    found: Pressures | None
    cycle_minutes: int | float | None = None
    next_at: datetime | None = None
    """When the cycle measures next."""
    stat_until: datetime | None = None
    stopped_at: datetime | None = None
    """When somebody let the air out of the newest measurement."""
    before: Result | None = None
    """The last result before the newest measurement: it stands until there is a newer one."""

    @property
    def down_at(self) -> datetime:
        """When the newest measurement is over; a result is shown from then on."""
        if self.stopped_at is not None:
            return self.stopped_at
        return self.started_at + (FAILING if self.found is None else MEASURING)

    @property
    def result(self) -> Result | None:
        """The newest, shown already or not yet."""
        return self.before if self.found is None else Result(self.started_at, self.found)

    @property
    def due(self) -> Due | None:
        """What the cuff does next by itself, and when. It may lie in the past: nobody was there to do it."""
        again_at = self.down_at + STAT_PAUSE
        if self.stat_until is not None and again_at < self.stat_until:
            return Due(again_at, "stat")
        return None if self.next_at is None else Due(max(self.next_at, self.down_at), "cycle")

    def cycle_after(self, moment: datetime) -> datetime | None:
        """The first moment of the cycle after this one: what was missed is not caught up."""
        if self.next_at is None or self.cycle_minutes is None or self.next_at > moment:
            return self.next_at
        period = timedelta(minutes=self.cycle_minutes)
        return self.next_at + ((moment - self.next_at) // period + 1) * period

    def moved_on(self, paused_at: datetime, at: datetime) -> Cuff:
        """As it goes on at `at`: whatever had not come at `paused_at` comes later by as long as the session stood."""
        by = at - paused_at

        def later(moment: datetime) -> datetime:
            return moment + by if moment > paused_at else moment

        return replace(
            self,
            started_at=self.started_at + by if self.down_at > paused_at else self.started_at,
            next_at=None if self.next_at is None else later(self.next_at),
            stat_until=None if self.stat_until is None else later(self.stat_until),
        )

    def as_json(self) -> dict[str, object]:
        """`nibp` on the wire, and `cuff`, which is not there when it has nothing to say."""
        found = {"systolic": None, "diastolic": None, "mean": None} if self.found is None else self.found.as_json()
        written: dict[str, object] = {
            "nibp": {
                "started_at": write_timestamp(self.started_at),
                **found,
                "failed": self.found is None,
                "cycle_minutes": self.cycle_minutes,
            }
        }
        before = self.before
        rest = {
            "next_at": write_optional_timestamp(self.next_at),
            "stat_until": write_optional_timestamp(self.stat_until),
            "stopped_at": write_optional_timestamp(self.stopped_at),
            "before": before and {"started_at": write_timestamp(before.started_at), **before.found.as_json()},
        }
        if any(value is not None for value in rest.values()):
            written["cuff"] = rest
        return written


def cuff_from_json(last_values: Mapping[str, object]) -> Cuff | None:
    """Read back what `Cuff.as_json` wrote; None also of what was stored before there were cuffs."""
    raw = cast(Mapping[str, object] | None, last_values.get("nibp"))
    if raw is None:
        return None
    rest = cast(Mapping[str, object], last_values.get("cuff", {}))
    before = cast(Mapping[str, object] | None, rest.get("before"))
    return Cuff(
        started_at=_moment(raw, "started_at"),
        found=None if raw["failed"] else _pressures(raw),
        cycle_minutes=cast(int | float | None, raw["cycle_minutes"]),
        next_at=_optional_moment(rest, "next_at"),
        stat_until=_optional_moment(rest, "stat_until"),
        stopped_at=_optional_moment(rest, "stopped_at"),
        before=None if before is None else Result(_moment(before, "started_at"), _pressures(before)),
    )


def _pressures(raw: Mapping[str, object]) -> Pressures:
    return Pressures(cast(int, raw["systolic"]), cast(int, raw["diastolic"]), cast(int, raw["mean"]))


def _moment(raw: Mapping[str, object], name: str) -> datetime:
    return read_timestamp(cast(str, raw[name]))


def _optional_moment(raw: Mapping[str, object], name: str) -> datetime | None:
    return None if raw.get(name) is None else _moment(raw, name)
