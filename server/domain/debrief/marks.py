"""What was marked in a record: by a trainer's one tap, at the bedside, or late, beside the record."""

from __future__ import annotations

import sys
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

BEHIND_ALL = sys.maxsize

Place = tuple[datetime, int]
"""A moment, and the seq by which things of one millisecond stand in order: what a marker leads to comes after it."""


@dataclass(frozen=True, slots=True)
class MadeMark:
    """`marker` is its key; None for a mark that does not say what it was. `at` is when it was made.

    `seq` is that of its event; what stands beside the record is behind every event of its moment.
    """

    at: datetime
    marker: str | None
    seq: int = BEHIND_ALL

    @property
    def place(self) -> Place:
        return self.at, self.seq


def mark_of(event: Event) -> MadeMark | None:
    match event.fact:
        case NoteAdded(marker=str(marker)):
            return MadeMark(event.made_at, marker, event.seq)
        case ActionTaken(action, details) if action not in MONITOR_KEYS:
            marker = details.get("marker") if action == BEDSIDE_MARK else action
            return MadeMark(event.made_at, marker if isinstance(marker, str) else None, event.seq)
        case _:
            return None


def late_marks(annotations: Iterable[Annotation]) -> list[MadeMark]:
    """A marker that came after the end of its session stands beside the record, and happened all the same."""
    return [
        MadeMark(each.at, each.marker)
        for each in annotations
        if each.marker is not None and each.kind in ("note", "bookmark") and each.deleted_at is None
    ]
