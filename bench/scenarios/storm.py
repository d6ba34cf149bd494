"""A thousand trainees join one session in the same moment."""

from __future__ import annotations

import asyncio
from array import array
from time import perf_counter

from bench.effort import Effort
from bench.generator.clients import cut_all, fill
from bench.generator.tally import Tally, spread
from bench.scenarios.scenario import Column, Figures, Scenario, others_percent
from bench.servers import BARE, NODE, SHILLER, STOCK, RunningServer

TRAINEES = 1000


async def measure(server: RunningServer, effort: Effort) -> Figures:
    tally, trainees = Tally(), effort.some(TRAINEES)
    sessions = await server.open_sessions(1)
    await fill(server.address, sessions, server.token, 0, tally)
    meter, began = server.meter(), perf_counter()
    joined = await fill(server.address, sessions, server.token, trainees, tally, at_once=trainees)
    cpu, took = meter.read(), perf_counter() - began
    waited = spread(array("d", (moment - began for moment in joined)))
    # What it leaves to be done, and the first heartbeats.
    await asyncio.sleep(effort.settle)
    later = meter.read()["server"] - cpu["server"]
    cut_all(sessions)
    return {
        "join_us": cpu["server"] * 1e6 / trainees,
        "later_us": later * 1e6 / trainees,
        "postgres_us": cpu["postgres"] * 1e6 / trainees,
        "all_seconds": max(joined) - began,
        "p50_ms": waited.p50,
        "p99_ms": waited.p99,
        "generator_percent": cpu["generator"] / took * 100,
        "others_percent": others_percent(cpu, took),
    }


STORM = Scenario(
    name="storm",
    title=f"{TRAINEES} trainees join one session in the same moment",
    peers=(SHILLER, STOCK, NODE, BARE),
    columns=(
        Column("all_seconds", "all joined s", 2),
        Column("p50_ms", "p50 ms"),
        Column("p99_ms", "p99 ms"),
        Column("join_us", "CPU µs/join"),
        Column("later_us", "and afterwards"),
        Column("postgres_us", "PostgreSQL µs/join"),
        Column("others_percent", "others' CPU %"),
    ),
    compared="all_seconds",
    measure=measure,
)
