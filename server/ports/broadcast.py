"""How what happened gets to the clients.

The services tell a `Publisher`, after the commit, once, and only of what is new; but for what is foreseen while the
storage is late. `server/live/delivery.py` is one: it tells what its clients have not been told yet, in order, by a
`Broadcast`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from server.domain.events import Event, EventKind
from server.domain.record import Recorded
from server.domain.session import Seat, Session


class Publisher(Protocol):
    async def event_recorded(self, recorded: Recorded) -> None:
        """A new event: `event:added` to watchers, and `vitals:pushed` to everybody if it moved vitals."""
        ...

    async def vitals_foreseen(self, foreseen: Recorded) -> None:
        """About to be stored, and the storage is late: `vitals:pushed` without a seq, marked as provisional."""
        ...

    async def vitals_taken_back(self, session: Session, at: datetime) -> None:
        """What was foreseen at `at` is not stored after all: `vitals:pushed` with what is."""
        ...

    async def session_updated(self, session: Session) -> None: ...

    async def session_ended(self, session: Session) -> None:
        """`session:closed` to everybody; trainees are then disconnected. Telling it twice tells nobody twice."""
        ...

    async def seat_changed(self, seat: Seat) -> None:
        """It was taken, renamed or taken away: `trainees:changed` to watchers, soon."""
        ...

    async def seat_removed(self, session_id: UUID, seat_id: UUID) -> None:
        """Cut the trainee that sits there."""
        ...

    async def tokens_revoked(self, token_hashes: Collection[bytes]) -> None:
        """Cut the trainers' connections that were opened with these."""
        ...


class SilentPublisher:
    """Tells nobody: for the command line, whose changes a running server finds by itself."""

    async def event_recorded(self, recorded: Recorded) -> None: ...

    async def vitals_foreseen(self, foreseen: Recorded) -> None: ...

    async def vitals_taken_back(self, session: Session, at: datetime) -> None: ...

    async def session_updated(self, session: Session) -> None: ...

    async def session_ended(self, session: Session) -> None: ...

    async def seat_changed(self, seat: Seat) -> None: ...

    async def seat_removed(self, session_id: UUID, seat_id: UUID) -> None: ...

    async def tokens_revoked(self, token_hashes: Collection[bytes]) -> None: ...


@dataclass(frozen=True, slots=True)
class Trainee:
    """A seat as the trainer sees it."""

    seat: Seat
    is_connected: bool


@dataclass(frozen=True, slots=True)
class ToldEvent:
    """A new event as clients hear of it, encoded once for all of them and for the other processes."""

    session_id: UUID
    seq: int
    added: str
    """`event:added`."""
    pushed: str | None
    """`vitals:pushed`, if it changed what is shown."""


@dataclass(frozen=True, slots=True)
class ToldVitals:
    """Vitals that are told ahead of their event; or, after all, without one."""

    session_id: UUID
    at: datetime
    """The moment of the push."""
    is_provisional: bool
    """It is not yet known whether they will be stored."""
    pushed: str


class Broadcast(Protocol):
    """The connections of this process. What it encodes is told as often as it is wanted; telling waits for nobody."""

    def encode_event(self, event: Event) -> str: ...

    def encode_vitals(self, session: Session, seq: int | None, at: datetime) -> str:
        """The whole state; without a seq it is provisional."""
        ...

    def tell_event(self, session_id: UUID, encoded: str) -> None:
        """To those who watch the session."""
        ...

    def tell_vitals(self, session_id: UUID, encoded: str) -> None:
        """To its trainees and to those who watch it."""
        ...

    def tell_session(self, session: Session) -> None:
        """Its own fields, likewise."""
        ...

    def encode_trainee(self, trainee: Trainee) -> str: ...

    def tell_trainees(self, session_id: UUID, encoded: Sequence[str]) -> None:
        """Who they are, in the order of joining, to those who watch it."""
        ...

    def tell_trainers(self, session_id: UUID, trainer_ids: Sequence[UUID]) -> None:
        """Who they are, likewise."""
        ...

    def tell_school_changed(self, school_id: UUID, version: int) -> None:
        """To all trainers of the school that are connected here."""
        ...

    def tell_sent_to(self, session_id: UUID, code: str, names: Mapping[str, str]) -> None:
        """To each of these connections of its trainees: join there, under this name. Nothing more of this session is
        told to them.
        """
        ...

    def tell_end(self, session: Session) -> None:
        """To its trainees and to those who watch it. Nothing more of this session is told to them."""
        ...

    async def cut_trainees(self, connections: Collection[str]) -> None: ...

    async def cut_trainers(self, connections: Collection[str]) -> None: ...


class EventCounts(Protocol):
    """Counts what was recorded by this process."""

    def event_recorded(self, kind: EventKind) -> None: ...

    def vitals_foreseen(self) -> None: ...
