"""What a connection costs in memory while nothing happens on it."""

from __future__ import annotations

import asyncio

from bench.effort import Effort
from bench.generator.clients import cut_all, fill
from bench.generator.tally import Tally
from bench.scenarios.scenario import Column, Figures, Scenario
from bench.servers import BARE, NODE, SHILLER, STOCK, RunningServer
from bench.usage import Memory, memory

SESSIONS = 20
# The first ones pay for pools, caches and the heap's first growth; the later ones are what is counted.
BEFORE, MORE = 500, 1500


async def measure(server: RunningServer, effort: Effort) -> Figures:
    tally, more = Tally(), effort.some(MORE // SESSIONS)
    sessions = await server.open_sessions(SESSIONS)
    try:
        await fill(server.address, sessions, server.token, effort.some(BEFORE // SESSIONS), tally)
        before = await _settled(server, effort)
        await fill(server.address, sessions, server.token, more, tally)
        after = await _settled(server, effort)
    finally:
        cut_all(sessions)
    return {
        "own_kib": (after.own - before.own) / (more * SESSIONS) / 1024,
        "resident_kib": (after.resident - before.resident) / (more * SESSIONS) / 1024,
        "whole_mib": after.own / 1024**2,
    }


async def _settled(server: RunningServer, effort: Effort) -> Memory:
    # No sign says that a process has let go of all that connecting took: it is given the same time before and after.
    await asyncio.sleep(effort.settle)
    return memory(server.pid)


IDLE = Scenario(
    name="memory",
    title=f"memory of an idle connection: growth of the process from {BEFORE} to {BEFORE + MORE} trainees",
    peers=(SHILLER, STOCK, NODE, BARE),
    columns=(
        Column("own_kib", "own (USS) KiB", 1),
        Column("resident_kib", "resident (RSS) KiB", 1),
        Column("whole_mib", "whole process MiB"),
    ),
    compared="own_kib",
    measure=measure,
    once=True,
)
