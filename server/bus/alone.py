"""There is one process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from uuid import UUID

from server.domain.session import Seat
from server.ports.broadcast import ToldEvent, ToldVitals
from server.ports.bus import BusListener


class AloneBus:
    is_up = None

    def event_recorded(self, told: ToldEvent) -> None: ...

    def vitals_ahead(self, told: ToldVitals) -> None: ...

    def look_again(self) -> None: ...

    def seats_changed(self, session_id: UUID, seats: Collection[Seat]) -> None: ...

    def trainers_changed(self, session_id: UUID) -> None: ...

    async def hear(self, listener: BusListener, look: Callable[[], None]) -> None:
        await asyncio.Event().wait()

    async def meet(self) -> None: ...

    async def close(self) -> None: ...
