"""Asking the storage, and going by what this process knows while that is late or away."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, TypeVar

import structlog

from server.live.settings import LiveSettings
from server.ports.results import StorageUnavailable

log = structlog.get_logger("shiller.storage")

T = TypeVar("T")


class LateStorage:
    def __init__(self, settings: LiveSettings, is_late: Callable[[], bool]) -> None:
        """`is_late`: whether the storage is known to be, by others who wait for it."""
        self._settings = settings
        self._is_late = is_late
        self._left: set[asyncio.Task[Any]] = set()
        self._asked: dict[Hashable, asyncio.Task[Any]] = {}
        """Of `ask_together`: what is asked in the next turn of the loop."""
        self._is_lost = False

    async def ask(self, question: Coroutine[Any, Any, T], known: Callable[[], T | None]) -> T:
        """The storage's answer; `known` if that does not come in time, or not at all.

        Where nothing is known the answer is waited for, and an outage is raised.
        """
        return await self._answer(asyncio.create_task(question), known)

    async def ask_together(
        self, about: Hashable, question: Callable[[], Coroutine[Any, Any, T]], known: Callable[[], T | None]
    ) -> T:
        """Likewise; those who ask about the same in one turn of the loop ask once.

        It begins in the next turn, when all of them have asked: the answer is as new as if each had asked alone.
        """
        asking = self._asked.get(about)
        if asking is None or asking.done():
            asking = self._asked[about] = asyncio.create_task(self._begin(about, question))
        return await self._answer(asking, known)

    async def _begin(self, about: Hashable, question: Callable[[], Coroutine[Any, Any, T]]) -> T:
        del self._asked[about]
        return await question()

    async def _answer(self, asking: asyncio.Task[T], known: Callable[[], T | None]) -> T:
        if not await self.has_ended(asking) and (answer := known()) is not None:
            self.leave(asking)
            return answer
        seconds = self._settings.answer_timeout_seconds
        await asyncio.wait({asking}, timeout=seconds)
        if not asking.done():
            self.leave(asking)
            raise StorageUnavailable(f"no answer within {seconds:g} s")
        try:
            return asking.result()
        except StorageUnavailable:
            if (answer := known()) is None:
                raise
            return answer

    async def has_ended(self, task: asyncio.Task[Any]) -> bool:
        """After as much patience as there is."""
        is_known_late = self._is_lost or self._is_late()
        seconds = self._settings.least_patience_seconds if is_known_late else self._settings.patience_seconds
        await asyncio.wait({task}, timeout=seconds)
        self._is_lost = not task.done()
        return task.done()

    def leave(self, task: asyncio.Task[Any]) -> None:
        """Let it go on; nobody waits for it any more."""
        if task not in self._left:
            self._left.add(task)
            task.add_done_callback(self._ended)

    async def close(self) -> None:
        left = tuple(self._left)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._left.discard(task)
        if task.cancelled():
            return
        fault = task.exception()
        if fault is None:
            self._is_lost = False
        elif not isinstance(fault, StorageUnavailable):
            log.error("what was left to itself has failed", exc_info=fault)
