"""What of a record the key times depend on: few of its events, and little of those."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from server.domain.debrief.marks import mark_of
from server.domain.events import ActionTaken, CaseFact, Event, NoteAdded, VitalsPushed
from server.domain.vitals import VitalsPatch

FLAGS = ("pulseless", "cpr")
"""Those that say whether there is a pulse, and whether somebody presses the chest."""


def for_times(events: Sequence[Event]) -> list[Event]:
    """A record, reduced to what says when a patient was without a pulse, what was marked, and how the case went.

    It gives the same key times as the whole. The signs that say nothing of a pulse are left out, so that none of them,
    seen without those before it, is refused; a heart rate says nothing of it in a record in which it never is 0.
    """
    stands_still = any(_rate_of(event) == 0 for event in events)
    return list(_reduced(events, keeps_rate=stands_still))


def _reduced(events: Iterable[Event], *, keeps_rate: bool) -> Iterator[Event]:
    for event in events:
        match event.fact:
            case VitalsPushed(patch):
                left = _of_pulse(patch, keeps_rate=keeps_rate)
                if left is not None:
                    yield replace(event, fact=VitalsPushed(left))
            case NoteAdded() | ActionTaken():
                if mark_of(event) is not None:
                    yield event
            case fact:
                if isinstance(fact, CaseFact):
                    yield event


def _rate_of(event: Event) -> object:
    return event.fact.patch.signs.get("heart_rate") if isinstance(event.fact, VitalsPushed) else None


def _of_pulse(patch: VitalsPatch, *, keeps_rate: bool) -> VitalsPatch | None:
    signs = {name: value for name, value in patch.signs.items() if keeps_rate and name == "heart_rate"}
    flags = {name: value for name, value in patch.flags.items() if name in FLAGS}
    if not signs and patch.rhythm is None and not flags:
        return None
    return replace(patch, signs=signs, flags=flags)
