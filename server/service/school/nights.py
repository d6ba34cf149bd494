"""The nightly job does what retention brings; after a restart, what the last night should have done."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from server.domain.retention import last_night, night_from
from server.ports.results import StorageUnavailable
from server.service.school.keeping import Keeping

log = structlog.get_logger("shiller.nights")

# However far the night is: the clock of a machine may be set meanwhile.
LONGEST_PAUSE = timedelta(minutes=10)
PAUSE_AFTER_FAILURE = timedelta(minutes=1)


class Nights:
    def __init__(self, keeping: Keeping, clock: Callable[[], datetime]) -> None:
        self._keeping = keeping
        self._clock = clock
        self._done: datetime | None = None
        """The night whose work was done here."""

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            pause = await self.look()
            await asyncio.sleep(pause.total_seconds())

    async def look(self) -> timedelta:
        """Do what is due, unless this night's work is done; until when to wait."""
        now = self._clock()
        night = last_night(now)
        if self._done != night:
            try:
                done = await self._keeping.do_due(now)
            except StorageUnavailable as outage:
                log.warning("the night's work waits for the storage", reason=str(outage))
                return PAUSE_AFTER_FAILURE
            except Exception:
                # A bug in one night's work must not end the next one's.
                log.exception("the night's work failed")
                return LONGEST_PAUSE
            self._done = night
            if done:
                log.info("the night's work is done", sessions=done)
        return min(LONGEST_PAUSE, night_from(now + timedelta(milliseconds=1)) - now)
