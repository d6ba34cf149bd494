"""Writes that whoever asked for them need not wait for: the storage is late, and they are known here meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

from server.live.late_storage import LateStorage
from server.live.settings import LiveSettings
from server.ports.results import StorageUnavailable

Write = Callable[[], Awaitable[None]]


class LateWrites:
    """Those of one thing (a seat, by its id) are made one after the other."""

    def __init__(self, settings: LiveSettings, storage: LateStorage) -> None:
        self._settings = settings
        self._storage = storage
        self._waiting: dict[UUID, asyncio.Task[None]] = {}

    def waiting(self) -> frozenset[UUID]:
        return frozenset(self._waiting)

    async def write(self, key: UUID, write: Write, *, is_known: bool) -> None:
        """Returns when it is written; or, if it `is_known` here what is to be written, when it is late: it will be."""
        if len(self._waiting) >= self._settings.seats_waiting:
            raise StorageUnavailable(f"{len(self._waiting)} seats wait to be written")
        writing = asyncio.create_task(self._keep_writing(self._waiting.get(key), write, is_known=is_known))
        self._waiting[key] = writing
        writing.add_done_callback(lambda _: self._ended(key, writing))
        if not await self._storage.has_ended(writing) and is_known:
            self._storage.leave(writing)
        else:
            await writing

    async def give_time(self, key: UUID) -> None:
        """To what is to be written of it, as much as there is."""
        if (writing := self._waiting.get(key)) is not None:
            await self._storage.has_ended(writing)

    async def close(self) -> None:
        """Let what waits be written, if that is soon: nobody else knows of it, and its trainee holds a token of it."""
        if self._waiting:
            await asyncio.wait(set(self._waiting.values()), timeout=self._settings.answer_timeout_seconds)

    async def _keep_writing(self, before: asyncio.Task[None] | None, write: Write, *, is_known: bool) -> None:
        if before is not None:
            await asyncio.wait({before})
        tries = 0
        while True:
            try:
                return await write()
            except StorageUnavailable:
                if not is_known:
                    raise
            await asyncio.sleep(self._settings.seat_retry.pause(tries))
            tries += 1

    def _ended(self, key: UUID, writing: asyncio.Task[None]) -> None:
        if self._waiting.get(key) is writing:
            del self._waiting[key]
