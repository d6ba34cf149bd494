"""Who is there, told to those who watch a session when it changes; and not once for each of a class that joins."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import UUID

import structlog

from server.live.audience import Audience
from server.live.presence import Presence
from server.ports.broadcast import Broadcast, Trainee
from server.ports.bus import Bus
from server.ports.results import StorageUnavailable
from server.ports.seats import SeatStore

log = structlog.get_logger("shiller.delivery")

# A class that joins at once is one change, or a few, of the list; not one for each of them.
TRAINEES_TOLD_EVERY_SECONDS = 0.2
STORAGE_PAUSE_SECONDS = 1.0


async def trainees_of(session_id: UUID, store: SeatStore, presence: Presence) -> Sequence[Trainee]:
    """Who holds a seat, in the order of joining, and whether they are connected at this moment."""
    seats = await store.list_seats(session_id)
    return [Trainee(seat, presence.is_connected(seat)) for seat in seats]


class TraineeLists:
    def __init__(
        self, audience: Audience, presence: Presence, store: SeatStore, broadcast: Broadcast, bus: Bus
    ) -> None:
        self._audience = audience
        self._presence = presence
        self._store = store
        self._broadcast = broadcast
        self._bus = bus
        self._telling: dict[UUID, asyncio.Task[None]] = {}
        self._changed: set[UUID] = set()
        self._changed_here: set[UUID] = set()

    def changed_here(self, session_id: UUID) -> None:
        self._changed_here.add(session_id)
        self.changed(session_id)

    def changed(self, session_id: UUID) -> None:
        """Tell the watchers here who is there now, soon."""
        self._changed.add(session_id)
        if session_id not in self._telling:
            self._telling[session_id] = asyncio.create_task(self._tell(session_id))

    async def close(self) -> None:
        tasks = list(self._telling.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _tell(self, session_id: UUID) -> None:
        try:
            while session_id in self._changed:
                self._changed.discard(session_id)
                if session_id in self._changed_here:
                    self._changed_here.discard(session_id)
                    self._bus.seats_changed(session_id)
                await self._tell_once(session_id)
                await asyncio.sleep(TRAINEES_TOLD_EVERY_SECONDS)
        finally:
            del self._telling[session_id]

    async def _tell_once(self, session_id: UUID) -> None:
        if not self._audience.is_watched(session_id):
            return
        try:
            trainees = await trainees_of(session_id, self._store, self._presence)
        except StorageUnavailable as outage:
            log.warning("the storage does not answer", reason=str(outage))
            self._changed.add(session_id)
            await asyncio.sleep(STORAGE_PAUSE_SECONDS)
            return
        self._broadcast.tell_trainees(session_id, trainees)
