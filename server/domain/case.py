"""The case of a template: its steps in their order, its checklist, and how soon what should be done.

Steps and checklist items are known by their keys, which stay the same in every language and when a title is edited.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from server.domain.patches import read_stored_patch
from server.domain.transitions import Transition, stored_transitions
from server.domain.vitals import VitalsPatch

STEPS_LIMIT = 100
CHECKLIST_LIMIT = 100
CHECKLIST_TEXT_LIMIT = 200
TARGETS_LIMIT = 100
AT_SECONDS_LIMIT = 24 * 3600

STEP_STEM = "step"
ITEM_STEM = "item"
# What a time is counted from where nothing else is said.
CASE_START = "start"


@dataclass(frozen=True, slots=True)
class Step:
    """One click of the trainer's: what changes, and when in the case it is meant to (seconds from its start)."""

    key: str
    title: str
    patch: VitalsPatch
    at_seconds: int | None = None
    note: str | None = None
    transitions: tuple[Transition, ...] = ()

    def as_json(self) -> dict[str, object]:
        return {
            "key": self.key,
            "title": self.title,
            "at_seconds": self.at_seconds,
            "ramp_seconds": self.patch.ramp_seconds,
            "vitals": dict(self.patch.signs),
            "rhythm": self.patch.rhythm,
            "flags": dict(self.patch.flags),
            "note": self.note,
            "transitions": [transition.as_json() for transition in self.transitions],
        }


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """`since` is the key of what `target_seconds` are counted from: `start`, `arrest`, or a marker."""

    key: str
    text: str
    critical: bool = False
    marker: str | None = None
    target_seconds: int | None = None
    since: str | None = None

    def as_json(self) -> dict[str, object]:
        return {
            "key": self.key,
            "text": self.text,
            "critical": self.critical,
            "marker": self.marker,
            "target_seconds": self.target_seconds,
            "from": self.since,
        }


@dataclass(frozen=True, slots=True)
class Target:
    """The marker should be set within so many seconds of `since`: `start`, `arrest`, or another marker."""

    marker: str
    seconds: int
    since: str = CASE_START

    def as_json(self) -> dict[str, object]:
        return {"marker": self.marker, "from": self.since, "seconds": self.seconds}


@dataclass(frozen=True, slots=True)
class Case:
    """What a session takes of its template when it opens, and keeps whatever becomes of the template."""

    template_id: UUID
    template_version: int
    description: str
    steps: tuple[Step, ...]
    checklist: tuple[ChecklistItem, ...]
    targets: tuple[Target, ...]
    pass_percent: int | None = None
    """From which percentage of the checklist on a sheet passes; None: as the server says."""

    @property
    def moves_itself(self) -> bool:
        return any(transition.automatic for step in self.steps for transition in step.transitions)

    def find_step(self, key: str) -> Step | None:
        return next((step for step in self.steps if step.key == key), None)


def stored_steps(raw: object) -> tuple[Step, ...]:
    """Read back what `Step.as_json` wrote; steps that were stored before they had keys are given some."""
    steps = cast(Sequence[Mapping[str, object]], raw)
    keys = made_keys([cast(str | None, step.get("key")) for step in steps], STEP_STEM)
    return tuple(
        Step(
            key=key,
            title=cast(str, step["title"]),
            patch=read_stored_patch(step),
            at_seconds=cast(int | None, step.get("at_seconds")),
            note=cast(str | None, step.get("note")),
            transitions=stored_transitions(step.get("transitions")),
        )
        for key, step in zip(keys, steps, strict=True)
    )


def stored_checklist(raw: object) -> tuple[ChecklistItem, ...]:
    """Read back what `ChecklistItem.as_json` wrote; an item was a bare text once."""
    items = [
        {"text": item} if isinstance(item, str) else cast(Mapping[str, object], item)
        for item in cast(Sequence[object], raw)
    ]
    keys = made_keys([cast(str | None, item.get("key")) for item in items], ITEM_STEM)
    return tuple(
        ChecklistItem(
            key=key,
            text=cast(str, item["text"]),
            critical=cast(bool, item.get("critical", False)),
            marker=cast(str | None, item.get("marker")),
            target_seconds=cast(int | None, item.get("target_seconds")),
            since=cast(str | None, item.get("from")),
        )
        for key, item in zip(keys, items, strict=True)
    )


def stored_targets(raw: object) -> tuple[Target, ...]:
    targets = cast(Sequence[Mapping[str, object]], raw)
    return tuple(
        Target(cast(str, target["marker"]), cast(int, target["seconds"]), cast(str, target["from"]))
        for target in targets
    )


def made_keys(given: Sequence[str | None], stem: str) -> list[str]:
    """The given keys, and one made of the stem and the place wherever there is none; no two are the same."""
    taken = {key for key in given if key is not None}
    keys: list[str] = []
    for place, key in enumerate(given, start=1):
        if key is None:
            number = place
            while f"{stem}_{number}" in taken:
                number += 1
            key = f"{stem}_{number}"
            taken.add(key)
        keys.append(key)
    return keys
