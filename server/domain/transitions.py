"""How a case goes from one step to the next: data only, without arithmetic and without code.

A step lists its transitions; each says where it leads, whether the case takes it by itself, and on what.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast, get_args

from server.domain.vitals import FlagValue, Number, SignName

TRANSITIONS_LIMIT = 8
CONDITIONS_LIMIT = 4
COUNT_LIMIT = 10
HOLD_SECONDS_LIMIT = 600
AFTER_SECONDS_LIMIT = 24 * 3600
LABEL_LIMIT = 60

MeasuredName = SignName | Literal["mean"]
Comparison = Literal["lt", "le", "gt", "ge"]
COMPARISONS: tuple[Comparison, ...] = get_args(Comparison)
MEAN = "mean"


@dataclass(frozen=True, slots=True)
class SignIs:
    """Of the value as it is shown, rounded; `mean` is the mean pressure of what is shown, rounded itself."""

    sign: MeasuredName
    op: Comparison
    value: Number

    def as_json(self) -> dict[str, object]:
        return {"sign": self.sign, "op": self.op, "value": self.value}


@dataclass(frozen=True, slots=True)
class FlagIs:
    """A flag that is absent is false."""

    flag: str
    value: FlagValue

    def as_json(self) -> dict[str, object]:
        return {"flag": self.flag, "is": self.value}


@dataclass(frozen=True, slots=True)
class RhythmIs:
    rhythm: str

    def as_json(self) -> dict[str, object]:
        return {"rhythm": self.rhythm}


Condition = SignIs | FlagIs | RhythmIs


@dataclass(frozen=True, slots=True)
class After:
    """So many seconds in this step; those of a pause are not counted."""

    seconds: int

    def as_json(self) -> dict[str, object]:
        return {"after": self.seconds}


@dataclass(frozen=True, slots=True)
class When:
    """All conditions true at once, and for `hold` seconds on end."""

    conditions: tuple[Condition, ...]
    hold: int = 0

    def as_json(self) -> dict[str, object]:
        return {"when": [condition.as_json() for condition in self.conditions], "hold": self.hold}


@dataclass(frozen=True, slots=True)
class OnMarker:
    """The trainer's marker, so often since the step began."""

    marker: str
    count: int = 1

    def as_json(self) -> dict[str, object]:
        return {"marker": self.marker, "count": self.count}


@dataclass(frozen=True, slots=True)
class OnAction:
    """What is done at the bedside, so often since the step began."""

    action: str
    count: int = 1

    def as_json(self) -> dict[str, object]:
        return {"action": self.action, "count": self.count}


@dataclass(frozen=True, slots=True)
class ByHand:
    """Nothing but the trainer's click."""

    def as_json(self) -> dict[str, object]:
        return {"manual": True}


Trigger = After | When | OnMarker | OnAction | ByHand


@dataclass(frozen=True, slots=True)
class Transition:
    """`to` is the key of a step, None the end of the case. Not `automatic`: the trainer's button lights up."""

    to: str | None
    on: Trigger
    automatic: bool = False
    label: str | None = None

    def as_json(self) -> dict[str, object]:
        return {"to": self.to, "label": self.label, "automatic": self.automatic, "on": self.on.as_json()}


def stored_transitions(raw: object) -> tuple[Transition, ...]:
    """Read back what `Transition.as_json` wrote; steps of before there were transitions have none."""
    return tuple(
        Transition(
            to=cast(str | None, each["to"]),
            on=stored_trigger(cast(Mapping[str, object], each["on"])),
            automatic=cast(bool, each["automatic"]),
            label=cast(str | None, each.get("label")),
        )
        for each in cast(Sequence[Mapping[str, object]], raw or ())
    )


def stored_trigger(raw: Mapping[str, object]) -> Trigger:
    match raw:
        case {"after": int(seconds)}:
            return After(seconds)
        case {"when": conditions}:
            each = cast(Sequence[Mapping[str, object]], conditions)
            return When(tuple(_stored_condition(condition) for condition in each), cast(int, raw.get("hold", 0)))
        case {"marker": str(marker)}:
            return OnMarker(marker, cast(int, raw.get("count", 1)))
        case {"action": str(action)}:
            return OnAction(action, cast(int, raw.get("count", 1)))
        case _:
            return ByHand()


def _stored_condition(raw: Mapping[str, object]) -> Condition:
    if "sign" in raw:
        return SignIs(cast(MeasuredName, raw["sign"]), cast(Comparison, raw["op"]), cast(Number, raw["value"]))
    if "flag" in raw:
        return FlagIs(cast(str, raw["flag"]), cast(FlagValue, raw["is"]))
    return RhythmIs(cast(str, raw["rhythm"]))
