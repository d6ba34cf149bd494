"""Who was there when: the spans in which a seat had a connection, kept beside the record of a session."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from server.domain.session import Seat

# Whoever is back sooner was not away: a tablet that wakes up, a network that changes hands.
SHORTEST_ABSENCE = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Span:
    """`left_at` is None while they are there."""

    joined_at: datetime
    left_at: datetime | None


@dataclass(frozen=True, slots=True)
class SeatSpan:
    """A span as one server process saw it, under an id of its own; another may see the same seat meanwhile."""

    id: UUID
    seat_id: UUID
    session_id: UUID
    joined_at: datetime
    left_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SeatAttendance:
    """A seat, also one that was removed, and its spans."""

    seat: Seat
    spans: Sequence[Span]


def is_short(left_at: datetime, back_at: datetime) -> bool:
    """Whether an absence is too short to count."""
    return back_at - left_at < SHORTEST_ABSENCE


def joined_spans(spans: Iterable[Span], ended_at: datetime | None) -> Sequence[Span]:
    """In order, without overlaps and short absences; nobody is there after the end of the session."""
    joined: list[Span] = []
    for span in sorted(spans, key=lambda each: each.joined_at):
        last = joined[-1] if joined else None
        if last is not None and (last.left_at is None or is_short(last.left_at, span.joined_at)):
            joined[-1] = Span(last.joined_at, _later(last.left_at, span.left_at))
        else:
            joined.append(span)
    if ended_at is None:
        return joined
    return [
        Span(span.joined_at, ended_at if span.left_at is None else min(span.left_at, ended_at))
        for span in joined
        if span.joined_at <= ended_at
    ]


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return None if one is None or other is None else max(one, other)
