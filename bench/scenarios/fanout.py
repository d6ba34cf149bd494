"""Pushes at a steady rate, to few large sessions and to many small ones."""

from __future__ import annotations

import asyncio

from bench.effort import Effort
from bench.generator.clients import cut_all, fill
from bench.generator.load import Load
from bench.generator.tally import Tally
from bench.scenarios.scenario import HEALTH, LATENCY, Column, Figures, Scenario, figures
from bench.servers import BARE, BARE_STORED, NODE, SHILLER, STOCK, RunningServer

_COLUMNS = (
    Column("message_us", "CPU µs/message", 1),
    Column("push_us", "CPU µs/push"),
    Column("postgres_us", "PostgreSQL µs/push"),
    *LATENCY,
    Column("ack_p99_ms", "ack p99 ms", 1),
    *HEALTH,
)


def _fanout(sessions: int, trainees: int, rate: float) -> Scenario:
    async def measure(server: RunningServer, effort: Effort) -> Figures:
        tally = Tally()
        opened = await server.open_sessions(effort.some(sessions))
        await fill(server.address, opened, server.token, effort.some(trainees), tally)
        try:
            # What joining leaves to be done (whoever was there is written down two seconds later) is part of joining.
            await asyncio.sleep(effort.settle)
            load = Load(opened, tally, server.meter)
            return figures(await load.push_steadily(rate, seconds=effort.seconds, warm_up=effort.warm_up))
        finally:
            cut_all(opened)

    return Scenario(
        name=f"{sessions}x{trainees}",
        title=f"{sessions} x {trainees} trainees, {rate:g} pushes/s in each session",
        peers=(SHILLER, STOCK, NODE, BARE, BARE_STORED),
        columns=_COLUMNS,
        compared="push_us" if sessions > 1 else "message_us",
        measure=measure,
    )


HALL = _fanout(1, 500, 20)
SCHOOL = _fanout(100, 10, 5)
PAIRS = _fanout(500, 2, 2)
