"""Long work in short slices, so that nobody else waits for it."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any
from weakref import WeakKeyDictionary

Turn = Callable[[], Awaitable[None]]
"""Awaited now and then by long work, so that others get their turn."""

# Live pushes wait for no more than a slice and its last item.
SLICE_SECONDS = 0.001
# Others who have had more to do than this, between two slices, are likely to have more: a push waits for its commit
# next. They get the whole loop for a while, and long work takes as much longer as they are busy.
_OTHERS_ARE_BUSY_SECONDS = 0.0002
_PAUSE_SECONDS = 0.002


class _Turnstile:
    """Of all long work on an event loop, one slice in a turn of the loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waiting = deque[asyncio.Future[None]]()
        self._slice_ended = 0.0
        self._is_called = False
        self._has_paused = False

    async def wait(self) -> None:
        turn: asyncio.Future[None] = self._loop.create_future()
        self._waiting.append(turn)
        self._slice_ended = time.perf_counter()
        if not self._is_called:
            self._is_called = True
            self._loop.call_soon(self._next)
        await turn

    def _next(self) -> None:
        if not self._has_paused and time.perf_counter() - self._slice_ended > _OTHERS_ARE_BUSY_SECONDS:
            self._has_paused = True
            self._loop.call_later(_PAUSE_SECONDS, self._next)
            return
        self._has_paused = False
        while self._waiting:
            turn = self._waiting.popleft()
            # One who waited may have been cancelled.
            if not turn.done():
                turn.set_result(None)
                break
        self._slice_ended = time.perf_counter()
        self._is_called = bool(self._waiting)
        if self._waiting:
            self._loop.call_soon(self._next)


_turnstiles = WeakKeyDictionary[asyncio.AbstractEventLoop, _Turnstile]()


async def let_others_run() -> None:
    loop = asyncio.get_running_loop()
    turnstile = _turnstiles.get(loop)
    if turnstile is None:
        turnstile = _turnstiles[loop] = _Turnstile(loop)
    await turnstile.wait()


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
