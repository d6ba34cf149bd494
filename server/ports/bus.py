"""What the server processes tell each other. Nothing depends on its being heard."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Protocol
from uuid import UUID

from server.domain.session import Seat
from server.ports.broadcast import ToldEvent, ToldVitals


class Bus(Protocol):
    """What this process says to the others, and hears from them."""

    @property
    def is_up(self) -> bool | None:
        """Whether what is said goes to the other processes and back; None if there is one process."""
        ...

    def event_recorded(self, told: ToldEvent) -> None:
        """A new event, for their clients of that session."""
        ...

    def vitals_ahead(self, told: ToldVitals) -> None:
        """Vitals that are about to be stored, or are not after all, for their clients of that session."""
        ...

    def look_again(self) -> None:
        """A session was changed or ended, a seat was taken away, a login was ended: read the storage now."""
        ...

    def seats_changed(self, session_id: UUID, seats: Collection[Seat]) -> None:
        """Other seats of this session are connected here than before; or these were taken, renamed or taken away."""
        ...

    def trainers_changed(self, session_id: UUID) -> None:
        """Other trainers watch this session here than before."""
        ...

    async def hear(self, listener: BusListener, look: Callable[[], None]) -> None:
        """Until cancelled. `look`: the storage has something to be found."""
        ...

    async def meet(self) -> None:
        """Until the others have had the time to say that they are there, and what moment it is for them."""
        ...

    async def close(self) -> None:
        """Say good-bye, if that goes out soon."""
        ...


class BusListener(Protocol):
    """Who tells this process's clients what the others say."""

    def event_recorded_elsewhere(self, told: ToldEvent) -> None: ...

    def vitals_ahead_elsewhere(self, told: ToldVitals, process: str) -> None:
        """`process`: who says so, and takes them back if they are not stored; if it is gone, nobody does."""
        ...

    def seats_changed_elsewhere(self, session_ids: Collection[UUID] | None, seats: Collection[Seat] = ()) -> None:
        """Other seats of these sessions are connected there than before, or `seats` are others; None: of any session,
        and nobody knows which.
        """
        ...

    def trainers_changed_elsewhere(self, session_ids: Collection[UUID]) -> None:
        """Other trainers watch these sessions there than before."""
        ...
