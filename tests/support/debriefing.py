"""Records as a test of the debrief needs them: what happened, at how many seconds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from server.domain.debrief.debrief import NOTHING_BESIDE, Beside, RecordDebrief, debrief_of
from server.domain.events import Event, Fact, NoteAdded, VitalsPushed
from server.domain.patches import read_patch
from server.domain.vitals import VitalsPatch
from tests.support.making import BY, NOW, later

SESSION_ID = UUID("5b1d6b8e-2f3a-4c57-9e0a-7d1c4f8b2a60")


def pushed(step: str | None = None, **fields: Any) -> VitalsPushed:
    patch = read_patch(**fields)
    assert isinstance(patch, VitalsPatch)
    return VitalsPushed(patch, step)


def marked(marker: str) -> NoteAdded:
    return NoteAdded(marker=marker)


def an_event(seq: int, seconds: float, fact: Fact, made_at: float | None = None) -> Event:
    stored, made = later(seconds), later(seconds if made_at is None else made_at)
    return Event(UUID(int=seq), SESSION_ID, seq, stored, made, BY, fact)


def a_record(*facts: tuple[float, Fact]) -> Sequence[Event]:
    return [an_event(seq, seconds, fact) for seq, (seconds, fact) in enumerate(facts, 1)]


def debriefed(*facts: tuple[float, Fact], until: float = 3600, beside: Beside = NOTHING_BESIDE) -> RecordDebrief:
    return debrief_of(NOW, a_record(*facts), later(until), beside)


def seconds_of(debrief: RecordDebrief, *kinds: str) -> list[tuple[float, str]]:
    """The moments of these kinds, and how many seconds after the opening they were; of all where none is named."""
    return [
        ((moment.at - NOW).total_seconds(), moment.kind)
        for moment in debrief.moments
        if not kinds or moment.kind in kinds
    ]
