"""Long work in short slices, so that nobody else waits for it."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

Outcome = TypeVar("Outcome")
Turn = Callable[[], Awaitable[None]]
"""Awaited now and then by long work, so that others get their turn."""

# Live pushes wait for no more than a slice and its last item.
SLICE_SECONDS = 0.001
# While a live event waits for its commit, which is a moment, long work waits too: so often at most before a slice.
_PAUSE_SECONDS = 0.001
_MOST_PAUSES = 5
# While live events come all the time, long work takes a third of the processor: after each slice it rests for two.
_LIVE_FOR_SECONDS = 0.1
_REST_SECONDS = 2 * SLICE_SECONDS
_LONGEST_REST_SECONDS = 0.25


def _nobody() -> bool:
    return False


class _Turnstile:
    """Of all long work on an event loop, one slice in a turn of the loop."""

    def __init__(self) -> None:
        self._waiting = deque[asyncio.Future[None]]()
        self._is_called = False
        self._pauses = 0
        self._live_until = 0.0
        self._rests_until = 0.0
        self.goes_first: Callable[[], bool] = _nobody

    async def wait(self) -> None:
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[None] = loop.create_future()
        self._waiting.append(turn)
        if not self._is_called:
            self._is_called = True
            self._call_next()
        await turn

    def is_live(self) -> bool:
        """Whether live events come, or have come just now."""
        return self._is_one_waiting() or asyncio.get_running_loop().time() < self._live_until

    def _is_one_waiting(self) -> bool:
        if not self.goes_first():
            return False
        self._live_until = asyncio.get_running_loop().time() + _LIVE_FOR_SECONDS
        return True

    def _call_next(self) -> None:
        loop = asyncio.get_running_loop()
        if loop.time() < self._rests_until:
            loop.call_at(self._rests_until, self._next)
        else:
            loop.call_soon(self._next)

    def _next(self) -> None:
        loop = asyncio.get_running_loop()
        if self._is_one_waiting() and self._pauses < _MOST_PAUSES:
            self._pauses += 1
            loop.call_later(_PAUSE_SECONDS, self._next)
            return
        self._pauses = 0
        if (now := loop.time()) < self._live_until:
            self._rests_until = now + SLICE_SECONDS + _REST_SECONDS
        while self._waiting:
            turn = self._waiting.popleft()
            # One who waited may have been cancelled.
            if not turn.done():
                turn.set_result(None)
                break
        self._is_called = bool(self._waiting)
        if self._waiting:
            self._call_next()


_turnstiles = WeakKeyDictionary[asyncio.AbstractEventLoop, _Turnstile]()


def _turnstile() -> _Turnstile:
    loop = asyncio.get_running_loop()
    turnstile = _turnstiles.get(loop)
    if turnstile is None:
        turnstile = _turnstiles[loop] = _Turnstile()
    return turnstile


@contextmanager
def going_first(live: Callable[[], bool]) -> Generator[None]:
    """Long work on this event loop waits, within bounds, while `live` says that somebody has to go first."""
    turnstile = _turnstile()
    turnstile.goes_first = live
    try:
        yield
    finally:
        turnstile.goes_first = _nobody


async def let_others_run() -> None:
    await _turnstile().wait()


async def rest_after(seconds: float) -> None:
    """While live events come, as long as some work took: not all of it is done in slices."""
    if _turnstile().is_live():
        await asyncio.sleep(min(seconds, _LONGEST_REST_SECONDS))


class Slices:
    """Asked between items: gives others a turn when this slice is over."""

    def __init__(self, turn: Turn = let_others_run) -> None:
        self._turn = turn
        self._until = time.perf_counter() + SLICE_SECONDS

    async def breathe(self) -> None:
        if time.perf_counter() >= self._until:
            await self._turn()
            self._until = time.perf_counter() + SLICE_SECONDS


async def in_slices(steps: Generator[None, None, Outcome]) -> Outcome:
    """What comes out of work that stops after each item."""
    slices = Slices()
    while True:
        try:
            next(steps)
        except StopIteration as ended:
            return ended.value
        await slices.breathe()


async def let_go(*lists: list[Any]) -> None:
    """Empty them, one after another: to free what a long body was read into takes as long as a slice of reading it."""
    slices = Slices()
    for each in lists:
        while each:
            each.pop()
            await slices.breathe()
