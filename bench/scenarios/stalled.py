"""Trainees among five hundred stop reading: do the others notice, and what does the server keep for each?

Their sockets read nothing from the start. Large states are pushed until the kernel's own buffers for them are full, and
then four thousand more: by how much the server's memory grows from when they have joined, beyond what four thousand
pushes add without them, is what it keeps. Then the class joins, the state is small again, and the class is measured.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from time import perf_counter

from bench.effort import Effort
from bench.generator.clients import LoadedSession, TraineeClient, connect, cut_all, fill
from bench.generator.load import Load
from bench.generator.tally import Tally
from bench.scenarios.scenario import HEALTH, Column, Figures, Scenario, figures
from bench.servers import NODE, SHILLER, RunningServer
from bench.usage import memory, unsent

TRAINEES = 500
# So many that what each of them costs stands out from what the heap does by itself.
STALLED_AT_ONCE = 32
RATE = 20.0
_LITTLE = 4096
_LARGE = {f"flag_{number:02}_of_a_state_that_is_big": "x" * 64 for number in range(30)}
_PUSHES_AT_ONCE = 16
_STEP_SECONDS = 0.5
# Of three kilobytes each: twelve megabytes.
_PUSHES = 4000
# Another server is slower, and one that is stalled for long is cut.
_PUSHES_SECONDS = 10.0
_ONE_PATIENCE_SECONDS = 30.0


async def measure(server: RunningServer, effort: Effort) -> Figures:
    tally, trainees = Tally(), max(2, effort.some(TRAINEES))
    alone, stalled = await server.open_sessions(2)
    clients: list[TraineeClient] = []
    try:
        without = await _class(server, alone, tally, effort, trainees)
        cut_all([alone])
        await fill(server.address, [stalled], server.token, 0, tally)
        pushing = _Pushing(server, stalled, tally)
        await pushing.one(_LARGE)
        # What a server remembers of pushes, up to its bound, and the room that its heap takes for them.
        await pushing.many(effort)
        by_itself = await pushing.many(effort)
        clients += [await _stop_reading(server, stalled, tally) for _ in range(max(2, effort.some(STALLED_AT_ONCE)))]
        before = memory(server.pid).own
        await pushing.until_full(clients)
        grown = memory(server.pid).own - before + await pushing.many(effort)
        there = pushing.count(clients)
        await pushing.one(dict.fromkeys(_LARGE))
        with_them = await _class(server, stalled, tally, effort, trainees - 1)
        cut = len(clients) - pushing.count(clients)
    finally:
        for client in clients:
            client.cut()
        cut_all([alone, stalled])
    return {
        "without_ms": without["p99_ms"],
        "with_ms": with_them["p99_ms"],
        "without_p50_ms": without["p50_ms"],
        "with_p50_ms": with_them["p50_ms"],
        "kept_kib": (grown - by_itself) / len(clients) / 1024,
        "by_itself_kib": by_itself / 1024,
        "there": there,
        "cut": cut,
        "missing": with_them["missing"],
        "twice_percent": with_them["twice_percent"],
        "late_ms": with_them["late_ms"],
        "others_percent": with_them["others_percent"],
    }


async def _class(server: RunningServer, session: LoadedSession, tally: Tally, effort: Effort, trainees: int) -> Figures:
    await fill(server.address, [session], server.token, trainees, tally)
    load = Load([session], tally, server.meter)
    return figures(await load.push_steadily(RATE, seconds=effort.seconds, warm_up=effort.warm_up))


async def _stop_reading(server: RunningServer, session: LoadedSession, tally: Tally) -> TraineeClient:
    """It is no member of the session's list: nobody waits for what it is told."""
    client = await connect(
        server.address, TraineeClient(server.address, session, "Stalled", tally), read_buffer=_LITTLE
    )
    client.stop_reading()
    return client


class _Pushing:
    """To one session, as fast as is acknowledged."""

    def __init__(self, server: RunningServer, session: LoadedSession, tally: Tally) -> None:
        self._server, self._session, self._tally = server, session, tally
        self._load = Load([session], tally, server.meter)

    async def one(self, flags: Mapping[str, str | None]) -> None:
        if self._session.trainer is None:
            raise RuntimeError("the session has no trainer")
        number = self._session.trainer.push(self._session, perf_counter(), "," + json.dumps(flags)[1:-1])
        async with asyncio.timeout(_ONE_PATIENCE_SECONDS):
            while not self._tally.acked[number]:  # noqa: ASYNC110 - an event for each push would cost more
                await asyncio.sleep(0.01)

    async def many(self, effort: Effort) -> int:
        """Bytes by which the server grew at most while it was given `_PUSHES`."""
        before, pushed, most = memory(self._server.pid).own, 0, 0
        until = perf_counter() + _PUSHES_SECONDS
        while pushed < effort.some(_PUSHES) and perf_counter() < until:
            pushed += await self._some()
            most = max(most, memory(self._server.pid).own - before)
        return most

    def count(self, clients: Sequence[TraineeClient]) -> int:
        """Those that the server has not cut."""
        port = self._server.address.port
        return sum(unsent(port, client.local_port) is not None for client in clients)

    async def until_full(self, clients: Sequence[TraineeClient]) -> None:
        """The kernel takes no more for any of them."""
        filled, port = -1, self._server.address.port
        while (unread := sum(unsent(port, client.local_port) or 0 for client in clients)) > filled:
            filled = unread
            await self._some()

    async def _some(self) -> int:
        return (await self._load.push_when_acked(seconds=_STEP_SECONDS, warm_up=0.0, at_once=_PUSHES_AT_ONCE)).pushes


STALLED = Scenario(
    name="stalled",
    title=f"1 x {TRAINEES} trainees, {RATE:g} pushes/s; {STALLED_AT_ONCE} more read nothing",
    peers=(SHILLER, NODE),
    columns=(
        Column("without_p50_ms", "p50 ms without", 1),
        Column("with_p50_ms", "with", 1),
        Column("without_ms", "p99 ms without", 1),
        Column("with_ms", "with", 1),
        Column("kept_kib", "kept for each KiB", 1),
        Column("by_itself_kib", "grown without KiB"),
        Column("there", "not cut by then"),
        Column("cut", "cut off"),
        *HEALTH,
    ),
    compared="with_ms",
    measure=measure,
)
