"""Pushes with no server at all: how many a second a way to store them takes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from time import perf_counter
from typing import Any
from uuid import uuid4

Push = Callable[[dict[str, Any]], Awaitable[object]]


async def rate(push: Push, sessions: Sequence[str], seconds: float) -> float:
    """Pushes a second; each session's next follows its last."""
    until = perf_counter() + seconds

    async def keep_pushing(session_id: str) -> int:
        count = 0
        while perf_counter() < until:
            vitals, flags = {"heart_rate": 60 + count % 100}, {"push": f"#{count:08}"}
            await push({"id": str(uuid4()), "session_id": session_id, "vitals": vitals, "flags": flags})
            count += 1
        return count

    began = perf_counter()
    return sum(await asyncio.gather(*map(keep_pushing, sessions))) / (perf_counter() - began)
