"""What an importer finds in a file: its cases as a client would write them, not yet in our ranges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypedDict

from server.domain.imports.fitting import RawCase
from server.domain.imports.report import Report

Tool = Literal["infirmary_integrated", "medical_monitor", "gas_notes", "openvetsim", "shiller"]


@dataclass(frozen=True, slots=True)
class FoundCase:
    raw: RawCase
    report: Report = field(default_factory=Report)
    """What its importer has to say of it; paths are those of the template."""


@dataclass(frozen=True, slots=True)
class Found:
    tool: Tool
    cases: Sequence[FoundCase]
    report: Report = field(default_factory=Report)
    """Of the file as a whole."""


class State(TypedDict):
    """A patient, or what a step changes of one."""

    vitals: dict[str, object]
    rhythm: object
    flags: dict[str, object]


@dataclass(frozen=True, slots=True)
class TheirRhythm:
    """What another tool's rhythm is with us. Not `is_same`: the nearest that we know, which is told."""

    ours: str
    flag: str | None = None
    is_same: bool = True


def rhythm_of(
    name: object, known: Mapping[str, TheirRhythm], where: str, report: Report
) -> tuple[object, dict[str, object]]:
    """The rhythm and the flag that it stands for; a name that is not known goes on as it is, to be told of."""
    theirs = known.get(name) if isinstance(name, str) else None
    if theirs is None:
        return name, {}
    if not theirs.is_same:
        report.add("rhythm_replaced", where, from_=str(name), to=theirs.ours)
    return theirs.ours, {} if theirs.flag is None else {theirs.flag: True}


def level_flags(states: Sequence[State]) -> None:
    """Each state of these tools is a whole patient: what one of them sets, the others take away."""
    names = sorted({name for state in states for name in state["flags"]})
    for state in states:
        state["flags"] = {name: False for name in names} | state["flags"]
