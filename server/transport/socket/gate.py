"""Counts the work under way, so that a stopping server can finish it and start no more."""

from __future__ import annotations

import asyncio

from server.waiting import is_set_within


class Gate:
    def __init__(self) -> None:
        self._under_way = 0
        self._is_open = True
        self._empty = asyncio.Event()
        self._empty.set()

    def enter(self) -> bool:
        """Whether new work may still begin; who was let in has to `leave`."""
        if self._is_open:
            self._under_way += 1
            self._empty.clear()
        return self._is_open

    def leave(self) -> None:
        self._under_way -= 1
        if self._under_way == 0:
            self._empty.set()

    async def close(self, patience_seconds: float) -> bool:
        """Let nothing new in and wait for what is inside; False if it did not finish in time."""
        self._is_open = False
        return await is_set_within(self._empty, patience_seconds)
