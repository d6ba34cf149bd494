"""What of a record the key times depend on: few of its events, and little of those."""

from __future__ import annotations

from dataclasses import replace

from server.domain.debrief.marks import MONITOR_KEYS
from server.domain.events import ActionTaken, CaseFact, Event, NoteAdded, VitalsPushed
from server.domain.vitals import VitalsPatch


def for_times(event: Event) -> Event | None:
    """The event, reduced to what says when a patient was without a pulse, what was marked, and how the case went.

    None for one that says nothing of it. A record reduced so gives the same key times as the whole.
    """
    match event.fact:
        case VitalsPushed(patch, carried=carried):
            left = _of_pulse(patch)
            return None if left is None else replace(event, fact=VitalsPushed(left, carried=carried))
        case NoteAdded(marker=marker):
            return None if marker is None else event
        case ActionTaken(action):
            return None if action in MONITOR_KEYS else event
        case fact:
            return event if isinstance(fact, CaseFact) else None


def _of_pulse(patch: VitalsPatch) -> VitalsPatch | None:
    """The other signs are left out, so that none of them, seen without those before it, is refused."""
    signs = {name: value for name, value in patch.signs.items() if name == "heart_rate"}
    if not signs and patch.rhythm is None and not patch.flags:
        return None
    return replace(patch, signs=signs)
