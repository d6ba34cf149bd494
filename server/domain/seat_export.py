"""Everything that a record tells about one seat, for whoever sat there and asks for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from re import Pattern
from typing import Literal

from server.domain.annotations import Annotation
from server.domain.attendance import Span
from server.domain.debrief.moment_edits import MomentEdit
from server.domain.events import ActionTaken, Event, NoteAdded
from server.domain.free_texts import Named, action_text
from server.domain.renaming import renaming_of
from server.domain.session import Seat, Session


@dataclass(frozen=True, slots=True)
class NamedBy:
    """A colleague's text that names the seat. `text` is None where it came without a name: how it is worded would tell
    whose it is. So are `by`, and `at` of all own words, of which no moment is kept.
    """

    kind: Literal["action", "words"]
    at: datetime | None
    by: str | None
    text: str | None


@dataclass(frozen=True, slots=True)
class SeatExport:
    """`actions` are all that was done from the seat; `notes`, `annotations` and `moments` those that name it."""

    session: Session
    seat: Seat
    attendance: Sequence[Span]
    actions: Sequence[Event]
    notes: Sequence[Event]
    annotations: Sequence[Annotation]
    moments: Sequence[MomentEdit]
    named_by: Sequence[NamedBy]


def seat_export(named: Named, seat: Seat, attendance: Sequence[Span]) -> SeatExport:
    """Names are found as they are when they go out; after that, by what the seat is called since."""
    renaming = renaming_of(replace(named.session, trainee_name=None), [seat])

    def names(text: str | None) -> bool:
        return text is not None and renaming.found.search(text) is not None

    return SeatExport(
        session=named.session,
        seat=seat,
        attendance=attendance,
        actions=[event for event in named.events if event.by.id == seat.id],
        notes=[event for event in named.events if isinstance(event.fact, NoteAdded) and names(event.fact.text)],
        annotations=[each for each in named.annotations if each.deleted_at is None and names(each.text)],
        moments=[each for each in named.beside.moments if names(each.title)],
        named_by=list(_named_by_colleagues(named, seat, renaming.found)),
    )


def _named_by_colleagues(named: Named, seat: Seat, found: Pattern[str]) -> Iterator[NamedBy]:
    for event in named.events:
        if isinstance(event.fact, ActionTaken) and event.by.id != seat.id:
            typed = action_text(event.fact)
            if found.search(typed):
                yield NamedBy("action", event.made_at, event.by.name, typed)
    for said in named.beside.words:
        if said.seat_id != seat.id and found.search(said.words):
            yield NamedBy("words", None, said.name, None if said.seat_id is None else said.words)
