"""Waiting for something, but no longer than so long; and what it is that somebody waits in."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any


async def is_set_within(event: asyncio.Event, seconds: float) -> bool:
    """Whether it was set by then. Who is cancelled meanwhile is cancelled, also in the moment when it is set.

    Up to Python 3.11 `asyncio.wait_for` loses the cancel of such a moment, and what loops around it never ends.
    """
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False


def work_of(task: asyncio.Task[Any]) -> str:
    """For a log: what a task does, and what that waits in. May be asked by another thread."""
    awaited: Any = task.get_coro()
    path: list[str] = []
    where = ""
    while (frame := getattr(awaited, "cr_frame", None)) is not None:
        path.append(awaited.__qualname__)
        where = f", {Path(frame.f_code.co_filename).name}:{frame.f_lineno}"
        awaited = awaited.cr_await
    return " > ".join(path) + where
