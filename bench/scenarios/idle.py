"""What a connection costs while nothing happens on it: in memory, and by the beating of its heart."""

from __future__ import annotations

import asyncio
from time import perf_counter

from bench.effort import Effort
from bench.generator.clients import cut_all, fill
from bench.generator.tally import Tally
from bench.scenarios.scenario import Column, Figures, Scenario, others_percent
from bench.servers import BARE, NODE, SHILLER, STOCK, RunningServer
from bench.usage import Memory, memory

SESSIONS = 20
# The first ones pay for pools, caches and the heap's first growth; the later ones are what is counted.
BEFORE, MORE = 500, 1500
BEATING = 5000
_BEATING_SESSIONS = 50
# Of a load: as a heart beats each ten seconds, twice for everybody.
_BEATING_TIMES = 8.0


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


async def measure_beats(server: RunningServer, effort: Effort) -> Figures:
    tally, seconds = Tally(), effort.seconds * _BEATING_TIMES
    sessions = await server.open_sessions(effort.some(_BEATING_SESSIONS))
    connections = min(BEATING, effort.largest) // _BEATING_SESSIONS
    try:
        without, _ = await _idle_cpu(server, seconds / 2)
        await fill(server.address, sessions, server.token, connections, tally)
        await asyncio.sleep(effort.settle)
        clients = [client for session in sessions for client in (session.trainer, *session.trainees) if client]
        before = sum(client.beats for client in clients)
        percent, others = await _idle_cpu(server, seconds)
        beats = sum(client.beats for client in clients) - before
    finally:
        cut_all(sessions)
    microseconds = (percent - without) * 1e4 * seconds
    return {
        "connections": len(clients),
        "beats": beats,
        "beat_us": microseconds / max(1, beats),
        "second_us": microseconds / len(clients) / seconds,
        "without_percent": without,
        "percent": percent,
        "others_percent": others,
    }


async def _idle_cpu(server: RunningServer, seconds: float) -> tuple[float, float]:
    """Percent of a core: the server's, and others'."""
    meter, began = server.meter(), perf_counter()
    # The time over which it is counted.
    await asyncio.sleep(seconds)
    cpu, took = meter.read(), perf_counter() - began
    return cpu["server"] / took * 100, others_percent(cpu, took)


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

HEARTBEAT = Scenario(
    name="heartbeat",
    title=f"{BEATING:,} idle trainees: CPU of the process above that without them",
    peers=(SHILLER, STOCK, NODE),
    columns=(
        Column("connections", "connections"),
        Column("beats", "pings answered"),
        Column("beat_us", "CPU µs/ping", 2),
        Column("second_us", "CPU µs/connection and second", 2),
        Column("without_percent", "% without", 2),
        Column("percent", "% with", 2),
        Column("others_percent", "others' CPU %"),
    ),
    compared="beat_us",
    measure=measure_beats,
    once=True,
)
