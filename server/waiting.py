"""Waiting for something, but no longer than so long."""

from __future__ import annotations

import asyncio


async def is_set_within(event: asyncio.Event, seconds: float) -> bool:
    """Whether it was set by then. Who is cancelled meanwhile is cancelled, also in the moment when it is set.

    Up to Python 3.11 `asyncio.wait_for` loses the cancel of such a moment, and what loops around it never ends.
    """
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False
