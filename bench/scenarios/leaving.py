"""Five thousand trainees are gone in the same moment: of one session, and of five hundred. Do other sessions notice?

Their connections are cut by the generator, as when a school loses its network. What the server spends until it has let
go of them all is its own time; the generator, which closes as many sockets beside it, has another core. Meanwhile
trainers of other sessions push as before. And what it takes of one of two processes, which tell each other who is
there.
"""

from __future__ import annotations

import asyncio

import httpx

from bench.effort import Effort
from bench.generator.clients import LoadedSession, cut_all, fill
from bench.generator.load import Load, Measured
from bench.generator.tally import Tally
from bench.scenarios.processes import two_processes
from bench.scenarios.scenario import Column, Figures, Scenario
from bench.servers import HOST, SHILLER, RunningServer

LEAVERS, FEW = 5000, 500
CLASS = 10
OTHERS, OTHERS_CLASS, RATE = 20, 5, 5.0
_GONE_AFTER_SECONDS = 0.5
_CUT_AT_ONCE = 50


async def measure(server: RunningServer, effort: Effort) -> Figures:
    tally, leavers = Tally(), min(effort.some(LEAVERS), effort.largest - OTHERS * OTHERS_CLASS - OTHERS)
    others = await server.open_sessions(OTHERS)
    classes = await server.open_sessions(leavers // CLASS)
    try:
        await fill(server.address, others, server.token, OTHERS_CLASS, tally)
        load = Load(others, tally, server.meter)
        quiet = await load.push_steadily(RATE, seconds=effort.seconds, warm_up=effort.warm_up)
        few = await _left(server, classes[:1], min(FEW, leavers))
        one = await _left(server, classes[:1], leavers)
        many = await _left(server, classes, CLASS)
        one_beside = await _beside(server, classes[:1], leavers, load, effort)
        many_beside = await _beside(server, classes, CLASS, load, effort)
    finally:
        cut_all([*others, *classes])
    several = await _left_by_several(server, leavers)
    return {
        "few_us": few * 1e6 / min(FEW, leavers),
        "one_us": one * 1e6 / leavers,
        "many_us": many * 1e6 / leavers,
        "growth": one / leavers / (few / min(FEW, leavers)),
        "seconds": max(one, many),
        "several_seconds": several,
        "quiet_ms": quiet.latency.p99,
        "one_ms": one_beside.latency.p99,
        "many_ms": many_beside.latency.p99,
        "beside": max(one_beside.latency.p99, many_beside.latency.p99) / quiet.latency.p99,
        "missing": quiet.missing + one_beside.missing + many_beside.missing,
        "late_ms": max(one_beside.lateness.p99, many_beside.lateness.p99),
    }


async def _left_by_several(server: RunningServer, leavers: int) -> float:
    """The longer of both, at a process that has another one beside it."""
    async with two_processes(server) as (first, _):
        classes = await first.open_sessions(leavers // CLASS)
        try:
            one = await _left(first, classes[:1], leavers)
            return max(one, await _left(first, classes, CLASS))
        finally:
            cut_all(classes)


async def _left(server: RunningServer, sessions: list[LoadedSession], trainees: int) -> float:
    """The server's seconds of a processor until it has let go of them all."""
    await _join(server, sessions, trainees)
    before = await _connections(server)
    meter, count = server.meter(), sum(len(session.trainees) for session in sessions)
    cut_all(sessions)
    while await _connections(server) > before - count:  # noqa: ASYNC110 - of another process
        await asyncio.sleep(0.02)
    return meter.read()["server"]


async def _beside(
    server: RunningServer, sessions: list[LoadedSession], trainees: int, load: Load, effort: Effort
) -> Measured:
    await _join(server, sessions, trainees)
    leaving = asyncio.create_task(_cut(sessions, effort.warm_up + _GONE_AFTER_SECONDS))
    try:
        return await load.push_steadily(RATE, seconds=effort.seconds, warm_up=effort.warm_up)
    finally:
        await leaving


async def _cut(sessions: list[LoadedSession], seconds: float) -> None:
    """After so many, as fast as the generator can without being late with its own pushes."""
    await asyncio.sleep(seconds)
    for number, client in enumerate([client for session in sessions for client in session.trainees]):
        client.cut()
        if number % _CUT_AT_ONCE == 0:
            await asyncio.sleep(0)
    cut_all(sessions)


async def _join(server: RunningServer, sessions: list[LoadedSession], trainees: int) -> None:
    """A trainer watches none of them: nobody is told who has left."""
    await fill(server.address, sessions, server.token, trainees, Tally())


async def _connections(server: RunningServer) -> float:
    async with httpx.AsyncClient(base_url=f"http://{HOST}:{server.address.port}", trust_env=False, timeout=60) as http:
        text = (await http.get("/metrics")).text
    (line,) = [each for each in text.splitlines() if each.startswith('shiller_connections{namespace="/trainee"}')]
    return float(line.split()[-1])


LEAVING = Scenario(
    name="leaving",
    title=f"{LEAVERS} trainees are cut off in the same moment, of one session and of {LEAVERS // CLASS}",
    peers=(SHILLER,),
    columns=(
        Column("few_us", f"CPU µs/leaver, {FEW} of one", 1),
        Column("one_us", "all of one", 1),
        Column("many_us", "of many", 1),
        Column("growth", "all to few", 2),
        Column("seconds", "CPU s for all", 2),
        Column("several_seconds", "with REDIS_URL", 2),
        Column("quiet_ms", "others' p99 ms quiet", 1),
        Column("one_ms", "beside one", 1),
        Column("many_ms", "beside many", 1),
        Column("beside", "ratio", 2),
        Column("missing", "missing"),
        Column("late_ms", "late ms", 1),
    ),
    compared="one_us",
    measure=measure,
)
