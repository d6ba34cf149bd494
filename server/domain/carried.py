"""What a session that goes on from another one brings along besides its signs, rhythm and flags.

It stands in the `details` of the first event of a fork. Whatever lies back is told in seconds before that event, so
that it counts from the moment at which the fork opened: a ramp has what was left of it, a step has lasted as long.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import cast

from server.domain.cuff import Cuff, cuff_from_json
from server.domain.outcomes import FieldError
from server.domain.timestamps import read_timestamp, write_timestamp
from server.domain.vitals import SIGN_NAMES, LastValues, Number, Ramp, SignName, pause

CARRIED = "carried"
"""Where it stands among the details."""


@dataclass(frozen=True, slots=True)
class RampLeft:
    """A sign on its way: where it stands, and in how many seconds it is at its target."""

    start: Number
    seconds: Number


@dataclass(frozen=True, slots=True)
class CarriedCase:
    """Where a case stood in its step, which the event names; `since` has a place for each transition of the step.

    `counts` are those that the transitions of the step ask for.
    """

    seconds: float = 0
    since: tuple[float | None, ...] = ()
    counts: Mapping[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    moves: int = 0
    has_ended: bool = False

    def as_json(self) -> dict[str, object]:
        counts: dict[str, dict[str, int]] = {}
        for (kind, key), count in self.counts.items():
            counts.setdefault(kind, {})[key] = count
        return {
            "seconds": self.seconds,
            "since": list(self.since),
            "counts": counts,
            "moves": self.moves,
            "has_ended": self.has_ended,
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, object]) -> CarriedCase:
        counts = cast(Mapping[str, Mapping[str, int]], raw["counts"])
        since = cast(Sequence[float | None], raw["since"])
        return cls(
            seconds=float(cast(float, raw["seconds"])),
            since=tuple(None if each is None else float(each) for each in since),
            counts={(kind, key): int(count) for kind, keys in counts.items() for key, count in keys.items()},
            moves=int(cast(int, raw["moves"])),
            has_ended=raw["has_ended"] is True,
        )


@dataclass(frozen=True, slots=True)
class Carried:
    """`at` is the moment of the other session at which this one begins: when the last event of it was stored."""

    at: datetime
    ramps: Mapping[SignName, RampLeft]
    nibp: Cuff | None
    """Its moments are those of the fork's own time."""
    case: CarriedCase | None

    def onto(self, last: LastValues, at: datetime) -> LastValues:
        """The state at the beginning of the fork, at `at`; `last` has its targets, rhythm and flags."""
        ramps = {name: Ramp(left.start, at, left.seconds) for name, left in self.ramps.items()}
        return replace(last, ramps=ramps, nibp=self.nibp)

    def as_json(self) -> dict[str, object]:
        return {
            "at": write_timestamp(self.at),
            "ramps": {name: {"from": left.start, "seconds": left.seconds} for name, left in self.ramps.items()},
            **({"nibp": None} if self.nibp is None else self.nibp.as_json()),
            "case": None if self.case is None else self.case.as_json(),
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, object]) -> Carried:
        """Read back what `as_json` wrote."""
        ramps = cast(Mapping[str, Mapping[str, Number]], raw["ramps"])
        case = cast(Mapping[str, object] | None, raw["case"])
        return cls(
            at=read_timestamp(cast(str, raw["at"])),
            ramps=_ramps_left(ramps),
            nibp=cuff_from_json(raw),
            case=None if case is None else CarriedCase.from_json(case),
        )


def carry(last: LastValues, at: datetime, begins_at: datetime, case: CarriedCase | None) -> Carried:
    """What a state of the moment `at` brings into a session that begins at `begins_at`.

    Of a session that stood still it is what stood when the pause began, for nothing has moved since.
    """
    standing = pause(last, at)
    stood_at = standing.paused_at or at
    ramps: dict[SignName, RampLeft] = {
        name: RampLeft(ramp.start, ramp.seconds) for name, ramp in standing.ramps.items()
    }
    return Carried(at, ramps, None if standing.nibp is None else _later(standing.nibp, begins_at - stood_at), case)


def _ramps_left(raw: Mapping[str, Mapping[str, Number]]) -> Mapping[SignName, RampLeft]:
    left: dict[SignName, RampLeft] = {}
    for name in SIGN_NAMES:
        if name in raw:
            left[name] = RampLeft(raw[name]["from"], raw[name]["seconds"])
    return left


def _later(cuff: Cuff, by: timedelta) -> Cuff:
    """The same cuff, all of it in another time."""
    before = cuff.before
    return replace(
        cuff,
        started_at=cuff.started_at + by,
        next_at=None if cuff.next_at is None else cuff.next_at + by,
        stat_until=None if cuff.stat_until is None else cuff.stat_until + by,
        stopped_at=None if cuff.stopped_at is None else cuff.stopped_at + by,
        before=None if before is None else replace(before, started_at=before.started_at + by),
    )


def read_carried(details: Mapping[str, object]) -> Carried | None:
    """Of an event as it is stored; it was judged before."""
    raw = details.get(CARRIED)
    return None if raw is None else Carried.from_json(cast(Mapping[str, object], raw))


def carried_error(details: Mapping[str, object]) -> FieldError | None:
    """What is wrong with details that another server has written."""
    try:
        carried = read_carried(details)
        if carried is not None:
            _check(carried)
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError):
        return FieldError(f"details.{CARRIED}", "is not what a session brings along that goes on from another one")
    return None


def _check(carried: Carried) -> None:
    for left in carried.ramps.values():
        if not (_is_number(left.start) and _is_number(left.seconds) and left.seconds > 0):
            raise ValueError("not a ramp")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
