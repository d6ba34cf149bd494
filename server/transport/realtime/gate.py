"""Counts the work under way, so that a stopping server can finish it and start no more."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import contextmanager


class Gate:
    def __init__(self) -> None:
        self._under_way = 0
        self._is_open = True
        self._empty = asyncio.Event()
        self._empty.set()

    @contextmanager
    def entered(self) -> Generator[bool]:
        """Yields whether new work may still begin; what was let in is counted until it leaves."""
        if not self._is_open:
            yield False
            return
        self._under_way += 1
        self._empty.clear()
        try:
            yield True
        finally:
            self._under_way -= 1
            if self._under_way == 0:
                self._empty.set()

    async def close(self, patience_seconds: float) -> bool:
        """Let nothing new in and wait for what is inside; False if it did not finish in time."""
        self._is_open = False
        try:
            await asyncio.wait_for(self._empty.wait(), patience_seconds)
        except TimeoutError:
            return False
        return True
