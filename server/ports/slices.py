"""Long work in short slices, so that nobody else waits for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

Turn = Callable[[], Awaitable[None]]
"""Awaited now and then by long work, so that others get their turn."""

# Live pushes wait for no more than a slice and its last item.
SLICE_SECONDS = 0.002


async def let_others_run() -> None:
    await asyncio.sleep(0)


class Slices:
    """Asked between items: gives others a turn when this slice is over."""

    def __init__(self, turn: Turn = let_others_run) -> None:
        self._turn = turn
        self._until = time.perf_counter() + SLICE_SECONDS

    async def breathe(self) -> None:
        if time.perf_counter() >= self._until:
            await self._turn()
            self._until = time.perf_counter() + SLICE_SECONDS


async def let_go(*lists: list[Any]) -> None:
    """Empty them, one after another: to free what a long body was read into takes as long as a slice of reading it."""
    slices = Slices()
    for each in lists:
        while each:
            each.pop()
            await slices.breathe()
