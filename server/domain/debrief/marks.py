"""What was marked in a record: by a trainer's one tap, at the bedside, or late, beside the record."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from server.domain.annotations import Annotation
from server.domain.events import ActionTaken, Event, NoteAdded
from server.domain.nibp import CUFF_ACTIONS

BEDSIDE_MARK = "marker"
"""The action of whoever marks a moment at the bedside; it need not say what it was."""
COMPRESSIONS = "cpr_started"
MONITOR_KEYS = frozenset((*CUFF_ACTIONS, "alarm_silence"))
"""Actions that a monitor has its own keys for. Every other one is something done to the patient, as in homework, where
trainees mark what a trainer would have marked.
"""


@dataclass(frozen=True, slots=True)
class Mark:
    """`marker` is its key; None for a mark that does not say what it was. `at` is when it was made."""

    at: datetime
    marker: str | None


def mark_of(event: Event) -> Mark | None:
    match event.fact:
        case NoteAdded(marker=str(marker)):
            return Mark(event.made_at, marker)
        case ActionTaken(action, details) if action not in MONITOR_KEYS:
            marker = details.get("marker") if action == BEDSIDE_MARK else action
            return Mark(event.made_at, marker if isinstance(marker, str) else None)
        case _:
            return None


def late_marks(annotations: Iterable[Annotation]) -> list[Mark]:
    """A marker that came after the end of its session stands beside the record, and happened all the same."""
    return [
        Mark(each.at, each.marker)
        for each in annotations
        if each.marker is not None and each.kind in ("note", "bookmark") and each.deleted_at is None
    ]
