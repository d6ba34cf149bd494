"""One trainee among five hundred stops reading: do the others notice, and what does the server keep for it?

Its socket reads nothing from the start. Large states are pushed until the kernel's own buffers for it are full,
and then more: by how much the server's memory grows meanwhile is what it keeps. Then the class joins, the state
is small again, and the class is measured.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from time import perf_counter

from bench.effort import Effort
from bench.generator.clients import LoadedSession, TraineeClient, connect, cut_all, fill
from bench.generator.load import Load
from bench.generator.tally import Tally
from bench.scenarios.scenario import HEALTH, Column, Figures, Scenario, figures
from bench.servers import NODE, SHILLER, RunningServer
from bench.usage import memory, unsent

TRAINEES = 500
RATE = 20.0
_LITTLE = 4096
_LARGE = {f"flag_{number:02}_of_a_state_that_is_big": "x" * 64 for number in range(30)}
_PUSHES_AT_ONCE = 16
_STEP_SECONDS = 0.5
# Of three kilobytes each: four megabytes.
_ENOUGH_PUSHES = 1300
# Shiller's journal knows 4096 events by heart; another server's heap would only get room to hide the growth in.
_REMEMBERED_PUSHES = 4500


async def measure(server: RunningServer, effort: Effort) -> Figures:
    tally, trainees = Tally(), max(2, effort.some(TRAINEES))
    alone, stalled = await server.open_sessions(2)
    try:
        without = await _class(server, alone, tally, effort, trainees)
        cut_all([alone])
        if server.peer.is_shiller:
            await _fill_memory(server, alone, tally)
        await fill(server.address, [stalled], server.token, 0, tally)
        client = await _stop_reading(server, stalled, tally)
        kept = await _overfill(server, stalled, client, tally)
        with_it = await _class(server, stalled, tally, effort, trainees - 1)
        is_cut = unsent(server.address.port, client.local_port) is None
        client.cut()
    finally:
        cut_all([alone, stalled])
    return {
        "without_ms": without["p99_ms"],
        "with_ms": with_it["p99_ms"],
        "without_p50_ms": without["p50_ms"],
        "with_p50_ms": with_it["p50_ms"],
        "kept_kib": kept / 1024,
        "cut": float(is_cut),
        "missing": with_it["missing"],
        "late_ms": with_it["late_ms"],
        "others_percent": with_it["others_percent"],
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


async def _fill_memory(server: RunningServer, session: LoadedSession, tally: Tally) -> None:
    """What the journal remembers of events, up to its bound: later growth is the stalled client's."""
    await fill(server.address, [session], server.token, 0, tally)
    load, pushed = Load([session], tally, server.meter), 0
    while pushed < _REMEMBERED_PUSHES:
        pushed += (await load.push_when_acked(seconds=_STEP_SECONDS, warm_up=0.0, at_once=_PUSHES_AT_ONCE)).pushes


async def _overfill(server: RunningServer, session: LoadedSession, client: TraineeClient, tally: Tally) -> int:
    """Bytes by which the server grew while it was given more for a client than the kernel takes for it."""
    load = Load([session], tally, server.meter)
    await _push_one(session, tally, _LARGE)

    async def push_some() -> int:
        return (await load.push_when_acked(seconds=_STEP_SECONDS, warm_up=0.0, at_once=_PUSHES_AT_ONCE)).pushes

    filled = -1
    while (unread := unsent(server.address.port, client.local_port)) is not None and unread > filled:
        filled = unread
        await push_some()
    before, pushed = memory(server.pid).own, 0
    while pushed < _ENOUGH_PUSHES and unsent(server.address.port, client.local_port) is not None:
        pushed += await push_some()
    grown = memory(server.pid).own - before
    await _push_one(session, tally, dict.fromkeys(_LARGE))
    return grown


async def _push_one(session: LoadedSession, tally: Tally, flags: Mapping[str, str | None]) -> None:
    if session.trainer is None:
        raise RuntimeError("the session has no trainer")
    number = session.trainer.push(session, perf_counter(), "," + json.dumps(flags)[1:-1])
    async with asyncio.timeout(10):
        while not tally.acked[number]:  # noqa: ASYNC110 - an event for each push would cost more
            await asyncio.sleep(0.01)


STALLED = Scenario(
    name="stalled",
    title=f"1 x {TRAINEES} trainees, {RATE:g} pushes/s; one of them reads nothing",
    peers=(SHILLER, NODE),
    columns=(
        Column("without_p50_ms", "p50 ms without", 1),
        Column("with_p50_ms", "with", 1),
        Column("without_ms", "p99 ms without", 1),
        Column("with_ms", "with", 1),
        Column("kept_kib", "kept for it KiB"),
        Column("cut", "cut off"),
        *HEALTH,
    ),
    compared="with_ms",
    measure=measure,
)
