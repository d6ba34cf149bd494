"""Pushes as fast as they are stored: 200 sessions, whose trainers push again as soon as they are acknowledged."""

from __future__ import annotations

from bench.effort import Effort
from bench.generator.clients import cut_all, fill
from bench.generator.load import Load
from bench.generator.tally import Tally
from bench.peers import journal, transaction
from bench.scenarios.scenario import Column, Figures, Scenario, figures
from bench.servers import ASYNCPG, JOURNAL, NODE, NODE_ONE, SHILLER, STOCK, RunningServer

SESSIONS = 200
_WITHOUT_SERVER = {ASYNCPG.name: transaction.push_directly, JOURNAL.name: journal.push_directly}


async def measure(server: RunningServer, effort: Effort) -> Figures:
    tally = Tally()
    sessions = await server.open_sessions(effort.some(SESSIONS))
    if push_directly := _WITHOUT_SERVER.get(server.peer.name):
        ids = [session.id for session in sessions]
        return {"pushes_per_second": await push_directly(server.database_url, ids, effort.seconds)}
    await fill(server.address, sessions, server.token, 0, tally)
    try:
        load = Load(sessions, tally, server.meter)
        return figures(await load.push_when_acked(seconds=effort.seconds, warm_up=effort.warm_up))
    finally:
        cut_all(sessions)


PUSHES = Scenario(
    name="pushes",
    title=f"durable pushes/s, {SESSIONS} sessions, each trainer pushing as soon as the last push is acknowledged",
    peers=(SHILLER, STOCK, NODE, NODE_ONE, JOURNAL, ASYNCPG),
    columns=(
        Column("pushes_per_second", "pushes/s"),
        Column("push_us", "CPU µs/push"),
        Column("postgres_us", "PostgreSQL µs/push"),
        Column("ack_p50_ms", "ack p50 ms", 1),
        Column("ack_p99_ms", "ack p99 ms", 1),
        Column("generator_percent", "generator CPU %"),
    ),
    compared="pushes_per_second",
    measure=measure,
)
