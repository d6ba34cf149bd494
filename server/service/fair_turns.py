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

    Each has a place: behind the last of its own name, and behind the one who was let in last. The lowest goes first; of
    the same place whoever comes from where fewer stand, and then whoever came first. As the places move on with each
    who is let in, nobody waits for ever for those who come later.
    """

    def __init__(self, at_once: int) -> None:
        self._free = at_once
        self._there = Counter[str]()
        self._next_places: dict[str, int] = {}
        self._place_let_in = 0
        self._waiting: list[tuple[int, int, int, asyncio.Future[None]]] = []
        self._arrivals = count()

    @asynccontextmanager
    async def turn(self, line: Line, where: Line | None = None) -> AsyncGenerator[bool]:
        """False where too many are there already of this name, or from this place: it is nobody's turn then."""
        lines = [line] if where is None else [line, where]
        if any(each.most is not None and self._there[each.name] >= each.most for each in lines):
            yield False
            return
        crowd = 0 if where is None else self._there[where.name]
        names = [each.name for each in lines]
        self._there.update(names)
        try:
            await self._wait(self._place_of(line.name), crowd)
            try:
                yield True
            finally:
                self._let_next_in()
        finally:
            self._go(names)

    def _place_of(self, name: str) -> int:
        place = max(self._place_let_in + 1, self._next_places.get(name, 0))
        self._next_places[name] = place + 1
        return place

    def _go(self, names: Sequence[str]) -> None:
        for name in names:
            self._there[name] -= 1
            if not self._there[name]:
                del self._there[name]
                self._next_places.pop(name, None)

    async def _wait(self, place: int, crowd: int) -> None:
        if self._free:
            self._free -= 1
            self._place_let_in = place
            return
        mine = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (place, crowd, next(self._arrivals), mine))
        try:
            await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled():
                # It was let in at the very moment at which it gave up.
                self._let_next_in()
            raise

    def _let_next_in(self) -> None:
        while self._waiting:
            place, _, _, first = heapq.heappop(self._waiting)
            if not first.done():
                self._place_let_in = place
                first.set_result(None)
                return
        self._free += 1
