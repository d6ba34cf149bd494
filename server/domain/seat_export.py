"""Everything that a record tells about one seat, for whoever sat there and asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from server.domain.annotations import Annotation
from server.domain.attendance import Span
from server.domain.debrief.moment_edits import MomentEdit
from server.domain.events import Event, NoteAdded
from server.domain.free_texts import Named
from server.domain.renaming import renaming_of
from server.domain.session import Seat, Session


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
    )
