"""So much in one turn of the loop, and the rest in the next ones: what many do at once holds nobody else up."""

from __future__ import annotations

import asyncio
from collections import deque


class Turns:
    def __init__(self, at_once: int) -> None:
        """So many have their turn before others are served."""
        self._at_once = at_once
        self._left = at_once
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._is_counting = False

    async def wait(self) -> None:
        """Until it is one's turn, in the order of asking; at once while few ask."""
        if not self._is_counting:
            self._is_counting = True
            asyncio.get_running_loop().call_soon(self._next)
        if self._left > 0 and not self._waiting:
            self._left -= 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        await turn

    def _next(self) -> None:
        self._left = self._at_once
        self._is_counting = bool(self._waiting)
        while self._waiting and self._left:
            turn = self._waiting.popleft()
            if not turn.done():
                self._left -= 1
                turn.set_result(None)
        if self._is_counting:
            asyncio.get_running_loop().call_soon(self._next)
