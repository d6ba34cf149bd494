"""So many at a time, and whoever waits is served as if each name stood in a line of its own."""

from __future__ import annotations

import asyncio
import heapq
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count


@dataclass(frozen=True, slots=True)
class Line:
    """So many of this name may be in or wait; None: however many."""

    name: str
    most: int | None = None


class FairTurns:
    """However many come under one name, somebody under another waits for about one of them (start-time fair queueing).

    Each has a place: behind the last of its own names, and behind the one who was let in last. The lowest goes first,
    of the same place whoever came first, so that nobody waits for ever for those who come later.
    """

    def __init__(self, at_once: int) -> None:
        self._free = at_once
        self._there = Counter[str]()
        self._next_places: dict[str, int] = {}
        self._place_let_in = 0
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._arrivals = count()

    @asynccontextmanager
    async def turn(self, *lines: Line) -> AsyncGenerator[bool]:
        """False where too many stand in one of the lines already: it is nobody's turn then."""
        if any(line.most is not None and self._there[line.name] >= line.most for line in lines):
            yield False
            return
        names = [line.name for line in lines]
        place = self._stand_in_line(names)
        try:
            await self._wait(place)
            try:
                yield True
            finally:
                self._let_next_in()
        finally:
            self._go(names)

    def _stand_in_line(self, names: Sequence[str]) -> int:
        place = max([self._place_let_in + 1, *(self._next_places.get(name, 0) for name in names)])
        for name in names:
            self._there[name] += 1
            self._next_places[name] = place + 1
        return place

    def _go(self, names: Sequence[str]) -> None:
        for name in names:
            self._there[name] -= 1
            if not self._there[name]:
                del self._there[name], self._next_places[name]

    async def _wait(self, place: int) -> None:
        if self._free:
            self._free -= 1
            self._place_let_in = place
            return
        mine = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (place, next(self._arrivals), mine))
        try:
            await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled():
                # It was let in at the very moment at which it gave up.
                self._let_next_in()
            raise

    def _let_next_in(self) -> None:
        while self._waiting:
            place, _, first = heapq.heappop(self._waiting)
            if not first.done():
                self._place_let_in = place
                first.set_result(None)
                return
        self._free += 1
