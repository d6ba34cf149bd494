"""Trainers are told when something of their school changed, by whichever door: their devices then get it.

The newest version of a school is asked for once a second, for those schools only that have a trainer connected here.
Hence no writer has to say anything: other processes, the command line and psql are heard as well.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from uuid import UUID

import structlog

from server.ports.results import StorageUnavailable
from server.ports.sync import SyncStore

log = structlog.get_logger("shiller.school_changes")

ASKED_EVERY_SECONDS = 1.0


class SchoolChanges:
    def __init__(
        self,
        store: SyncStore,
        schools: Callable[[], Collection[UUID]],
        tell: Callable[[UUID, int], None],
        every_seconds: float = ASKED_EVERY_SECONDS,
    ) -> None:
        """`schools` are those with a trainer connected here; `tell` tells all of these."""
        self._store = store
        self._schools = schools
        self._tell = tell
        self._every_seconds = every_seconds
        self._told: dict[UUID, int] = {}

    async def run(self) -> None:
        """Until cancelled. What changes while the storage is away is told when it is back."""
        while True:
            await asyncio.sleep(self._every_seconds)
            try:
                await self.look()
            except StorageUnavailable:
                continue
            except Exception:
                log.exception("the newest versions of the schools could not be asked for")

    async def look(self) -> None:
        schools = set(self._schools())
        self._told = {school_id: version for school_id, version in self._told.items() if school_id in schools}
        if not schools:
            return
        for school_id, version in (await self._store.newest_versions(schools)).items():
            # Also of a school that is new here: it may have changed since its trainers got what there was.
            if version > self._told.get(school_id, 0):
                self._told[school_id] = version
                self._tell(school_id, version)
