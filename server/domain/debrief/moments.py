"""Moments: what is worth looking at in a debrief, found by rules in the record.

A moment is known by the seq of the event that led to it and by its kind: no two have both. Screens put its words, by
`text_key` and `details`, in their own language; a `title` is what a person called it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args

from server.domain.debrief.course import CourseChange, CourseStretch
from server.domain.debrief.marks import BEDSIDE_MARK, MONITOR_KEYS
from server.domain.events import ActionTaken, CaseEnded, Cause, Event, NoteAdded, VitalsPushed
from server.domain.vitals import LastValues

MomentKind = Literal[
    "opened",
    "rhythm",
    "step",
    "arrest",
    "arrest_end",
    "news2_5",
    "news2_7",
    "silence",
    "cuff",
    "sensor_off",
    "bookmark",
    "end",
]
MOMENT_KINDS: tuple[MomentKind, ...] = get_args(MomentKind)
"""In this order where several are of one instant and one event."""
TextKey = Literal[
    "opened",
    "rhythm",
    "step",
    "case_ended",
    "arrest",
    "arrest_end",
    "news2_5",
    "news2_7",
    "silence",
    "cuff",
    "sensor_off",
    "marker",
    "note",
    "bedside_mark",
    "end",
]

_PLACES = {kind: place for place, kind in enumerate(MOMENT_KINDS)}


@dataclass(frozen=True, slots=True)
class Moment:
    at: datetime
    seq: int
    kind: MomentKind
    text_key: TextKey
    details: Mapping[str, object] = field(default_factory=dict[str, object])
    is_hidden: bool = False
    title: str | None = None


def in_order(moments: Iterable[Moment]) -> Sequence[Moment]:
    """Each once: of two with one seq and kind the earlier one."""
    found: dict[tuple[int, MomentKind], Moment] = {}
    for moment in sorted(moments, key=lambda each: (each.at, each.seq, _PLACES[each.kind])):
        found.setdefault((moment.seq, moment.kind), moment)
    return list(found.values())


def moment_of_event(event: Event, step_titles: Mapping[str, str]) -> Moment | None:
    """What a single event is by itself: a step, a bookmark. None for all others."""
    match event.fact:
        case VitalsPushed(step=str(step), cause=cause):
            details = {"step": step, "step_title": step_titles.get(step), **_because(cause)}
            return Moment(event.created_at, event.seq, "step", "step", details)
        case CaseEnded(cause):
            return Moment(event.created_at, event.seq, "step", "case_ended", _because(cause))
        case NoteAdded(marker=None, text=None, step=str(step)):
            # As a step that changes nothing was once recorded.
            details = {"step": step, "step_title": step_titles.get(step)}
            return Moment(event.made_at, event.seq, "step", "step", details)
        case NoteAdded(text, marker, is_redacted=is_redacted):
            details = {"marker": marker, "text": text, **_by(event)}
            if is_redacted:
                details["redacted"] = True
            return Moment(event.made_at, event.seq, "bookmark", "note" if marker is None else "marker", details)
        case ActionTaken(action, details) if action == BEDSIDE_MARK:
            marked = {"marker": _text(details, "marker"), "text": _text(details, "text"), **_by(event)}
            return Moment(event.made_at, event.seq, "bookmark", "bedside_mark", marked)
        case ActionTaken(action) if action not in MONITOR_KEYS:
            done = {"marker": action, "text": None, **_by(event)}
            return Moment(event.made_at, event.seq, "bookmark", "marker", done)
        case _:
            return None


def _because(cause: Cause | None) -> Mapping[str, object]:
    """Of what a rule did; a person needs no reason."""
    return {} if cause is None else {"from": cause.left, "because": dict(cause.because)}


def _by(event: Event) -> Mapping[str, object]:
    return {"by": {"role": event.by.role, "name": event.by.name}}


def _text(details: Mapping[str, object], name: str) -> str | None:
    value = details.get(name)
    return value if isinstance(value, str) else None


class RhythmWatch:
    """Each change of the rhythm as it was, seen by the ECG or not."""

    def __init__(self) -> None:
        self.moments: list[Moment] = []

    def begin(self, opening: CourseStretch) -> None:
        pass

    def pass_by(self, stretch: CourseStretch, until: datetime) -> None:
        pass

    def see(self, change: CourseChange) -> None:
        before, after = change.before, change.after
        if before.rhythm != after.rhythm:
            details = {"rhythm": after.rhythm, "from": before.rhythm, "pulseless": _is_pulseless(after)}
            self.moments.append(Moment(change.at, change.seq, "rhythm", "rhythm", details))


def _is_pulseless(last: LastValues) -> bool:
    return bool(last.flags.get("pulseless"))
