"""What it costs to be one of several processes: the same pushes with REDIS_URL and without, on the same database.

The two servers take turns, slice by slice, so that a busy moment of the machine is shared. A third one is the other
process of the one with Redis: one trainee more of each session is there, and hears what is pushed here.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.effort import Effort
from bench.generator.clients import LoadedSession, cut_all, fill
from bench.generator.load import Load
from bench.generator.tally import Tally
from bench.scenarios.scenario import Column, Figures, Scenario, figures
from bench.servers import SHILLER, RunningServer, beside
from tests.support.redis import redis_server

SESSIONS, TRAINEES, RATE = 50, 10, 5.0
SLICES = 5


@dataclass
class _Side:
    server: RunningServer
    sessions: list[LoadedSession]
    tally: Tally
    slices: list[Figures]

    async def push(self, effort: Effort) -> None:
        load = Load(self.sessions, self.tally, self.server.meter)
        measured = await load.push_steadily(RATE, seconds=effort.seconds, warm_up=effort.warm_up)
        self.slices.append(figures(measured))

    def median(self, figure: str) -> float:
        return statistics.median(each[figure] for each in self.slices)


async def measure(server: RunningServer, effort: Effort) -> Figures:
    async with two_processes(server) as (with_redis, other):
        sides = [await _side(each, effort) for each in (server, with_redis)]
        await fill(other.address, sides[1].sessions, other.token, 1, sides[1].tally)
        try:
            for _ in range(SLICES):
                for side in sides:
                    await side.push(effort)
        finally:
            for side in sides:
                cut_all(side.sessions)
    alone, several = sides
    return {
        "alone_us": alone.median("push_us"),
        "several_us": several.median("push_us"),
        "cpu_ratio": several.median("push_us") / alone.median("push_us"),
        "postgres_ratio": several.median("postgres_us") / alone.median("postgres_us"),
        "alone_ms": alone.median("p50_ms"),
        "several_ms": several.median("p50_ms"),
        "latency_ratio": several.median("p50_ms") / alone.median("p50_ms"),
        "ack_ratio": several.median("ack_p50_ms") / alone.median("ack_p50_ms"),
        "missing": alone.median("missing") + several.median("missing"),
        "others_percent": alone.median("others_percent"),
    }


@asynccontextmanager
async def two_processes(server: RunningServer) -> AsyncGenerator[tuple[RunningServer, RunningServer]]:
    """Of a server of their own that has several, on the same database."""
    async with AsyncExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="shiller-bench-")))
        redis = running.enter_context(redis_server(folder))
        first, second = [
            await running.enter_async_context(beside(server, folder / f"{name}.log", REDIS_URL=redis.url))
            for name in ("first", "second")
        ]
        yield first, second


async def _side(server: RunningServer, effort: Effort) -> _Side:
    tally, sessions = Tally(), await server.open_sessions(effort.some(SESSIONS))
    await fill(server.address, sessions, server.token, effort.some(TRAINEES), tally)
    return _Side(server, sessions, tally, [])


PROCESSES = Scenario(
    name="processes",
    title=f"{SESSIONS} x {TRAINEES} trainees, {RATE:g} pushes/s in each session, without and with REDIS_URL",
    peers=(SHILLER,),
    columns=(
        Column("alone_us", "CPU µs/push without"),
        Column("several_us", "with"),
        Column("cpu_ratio", "ratio", 2),
        Column("postgres_ratio", "PostgreSQL's ratio", 2),
        Column("alone_ms", "p50 ms without", 2),
        Column("several_ms", "with", 2),
        Column("latency_ratio", "ratio", 2),
        Column("ack_ratio", "ack's ratio", 2),
        Column("missing", "missing"),
        Column("others_percent", "others' CPU %"),
    ),
    compared="cpu_ratio",
    measure=measure,
)
