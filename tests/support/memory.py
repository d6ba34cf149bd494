"""What a process holds in memory, as the system counts it."""

from __future__ import annotations

import psutil

from tests.support.patience import PATIENCE_SECONDS
from tests.support.scenario_clients import eventually

MIB = 1024 * 1024


def resident(pid: int) -> int:
    """In bytes."""
    return psutil.Process(pid).memory_info().rss


async def settles(pid: int, bound: int, patience: float = PATIENCE_SECONDS) -> int:
    """Until the process holds no more than `bound` bytes; what it holds then."""

    async def within() -> int | None:
        held = resident(pid)
        return held if held <= bound else None

    return await eventually(within, f"memory to settle below {bound // MIB} MiB", patience)
