"""While somebody attacks: does the class notice, does the server grow, and is it afterwards as it was?

Each attack has a fresh server, and a class that is measured in quiet first. A row is an attack; the first one is none,
and tells what two loads of the same class differ by on this machine.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace

from bench.attack import Attack, attacking
from bench.attackers import ATTACKERS, CROWDS
from bench.effort import Effort
from bench.generator.clients import LoadedSession, TraineeClient, connect, cut_all, fill
from bench.generator.load import Load, Measured
from bench.generator.tally import Spread, Tally
from bench.scenarios.scenario import HEALTH, Column, Figures, Scenario, figures
from bench.servers import SHILLER, Peer, RunningServer
from bench.usage import PeakMemory, memory

TRAINEES = 20
RATE = 50.0
P99_BAR, ABOVE_BAR_MIB, AFTER_BAR_MIB = 2.0, 16.0, 4.0
# A connection that joins nothing ends after 20 s; the rest is for the heartbeat's next round, and a busy machine.
GONE_BAR_SECONDS, NEWCOMER_BAR_SECONDS = 25.0, 25.0
# A browser connects before it knows what it will ask.
SILENT = "silent"
SILENT_BAR_SECONDS = 80.0
# More than the files that the server may open.
CROWD, FILES = 300, 256
_GONE_PATIENCE_SECONDS = 30.0
_SILENT_PATIENCE_SECONDS = 90.0
_PUSH_PATIENCE_SECONDS = 15.0
_TRY_SECONDS = 2.0
_MIB = 1024**2


async def measure(server: RunningServer, effort: Effort) -> Figures:
    tally, sessions = Tally(), await server.open_sessions(1)
    await fill(server.address, sessions, server.token, TRAINEES, tally)
    load = Load(sessions, tally, server.meter)
    try:
        quiet = await _pushed(load, effort)
        before, peak = memory(server.pid).resident, PeakMemory(server.pid)
        async with _attack(server, sessions[0].code) as attack:
            began = time.monotonic()
            attacked = await _pushed(load, effort)
            newcomer = await _newcomer(server, sessions[0], tally)
            gone = await _gone(server, attack, began)
            above = peak.grown()
        after = await _settled(server.pid, before, effort)
    finally:
        cut_all(sessions)
    told = figures(attacked)
    return {
        "quiet_ms": quiet.ack.p99,
        "ack_ratio": _p99(attacked, attacked.ack) / _p99(quiet, quiet.ack),
        "shown_ratio": _p99(attacked, attacked.latency) / _p99(quiet, quiet.latency),
        "above_mib": above / _MIB,
        "after_mib": (after - before) / _MIB,
        "newcomer_seconds": newcomer,
        "gone_seconds": gone,
        "server_percent": told["server_percent"],
        "sent_per_second": 0.0 if attack is None else attack.told["messages"] / attack.seconds,
        "cuts": 0.0 if attack is None else attack.told["cuts"] + attack.told["refused"],
        **{column.figure: told[column.figure] for column in HEALTH},
    }


@asynccontextmanager
async def _attack(server: RunningServer, code: str) -> AsyncGenerator[Attack | None]:
    name = server.peer.name
    if name not in ATTACKERS:
        yield None
        return
    count = CROWD if name in CROWDS else CROWD // 3
    async with attacking(name, server.address.host, server.address.port, code, count) as attack:
        yield attack


async def _pushed(load: Load, effort: Effort) -> Measured:
    return await load.push_steadily(
        RATE, seconds=effort.seconds * 1.6, warm_up=effort.warm_up, patience=_PUSH_PATIENCE_SECONDS
    )


def _p99(measured: Measured, of: Spread) -> float:
    """Milliseconds; what never came is as late as there was patience for it."""
    has_come = measured.missing * 100 <= measured.messages and not math.isnan(of.p99)
    return of.p99 if has_come else max(_PUSH_PATIENCE_SECONDS * 1000, of.p99)


async def _newcomer(server: RunningServer, session: LoadedSession, tally: Tally) -> float:
    """Seconds until somebody new is in, who tries again whenever it takes long."""
    began = time.monotonic()
    while True:
        client = TraineeClient(server.address, session, "Newcomer", tally)
        try:
            async with asyncio.timeout(_TRY_SECONDS):
                await connect(server.address, client)
        except (OSError, TimeoutError):
            client.cut()
            if time.monotonic() - began > _GONE_PATIENCE_SECONDS:
                return _GONE_PATIENCE_SECONDS
            await asyncio.sleep(0.2)
            continue
        client.cut()
        return time.monotonic() - began


async def _gone(server: RunningServer, attack: Attack | None, began: float) -> float:
    """Seconds until the server has ended every connection of a crowd; 0 for an attack of another kind."""
    if attack is None or server.peer.name not in CROWDS:
        return 0.0
    patience = _SILENT_PATIENCE_SECONDS if server.peer.name == SILENT else _GONE_PATIENCE_SECONDS
    await attack.is_gone(patience - (time.monotonic() - began))
    return time.monotonic() - began


async def _settled(pid: int, before: int, effort: Effort) -> int:
    """What it holds when it is back, or when there was time enough."""
    until = time.monotonic() + 2 * effort.settle
    # No sign says that a process has let go of something.
    while (held := memory(pid).resident) > before and time.monotonic() < until:  # noqa: ASYNC110
        await asyncio.sleep(0.25)
    return held


def _attacked(name: str) -> Peer:
    peer = replace(SHILLER, name=name, title=f"{SHILLER.title} under attack")
    if name not in CROWDS:
        return peer
    return replace(peer, command=("sh", "-c", f'ulimit -n {FILES} && exec "$0" "$@"', *SHILLER.command))


ATTACKED = tuple(_attacked(name) for name in ATTACKERS)

ATTACKS = Scenario(
    name="attacks",
    title=f"1 x {TRAINEES} trainees, {RATE:g} pushes/s, under attack; bars: p99 {P99_BAR:g} x quiet, "
    f"{ABOVE_BAR_MIB:g} MiB above, {AFTER_BAR_MIB:g} after, a newcomer in, and a crowd of {CROWD} "
    f"(for {FILES} files) gone, in {GONE_BAR_SECONDS:g} s, a silent one in {SILENT_BAR_SECONDS:g}",
    peers=(SHILLER, *ATTACKED),
    columns=(
        Column("quiet_ms", "quiet ack p99 ms", 1),
        Column("ack_ratio", "ack x", 2),
        Column("shown_ratio", "shown x", 2),
        Column("above_mib", "MiB above", 1),
        Column("after_mib", "after", 1),
        Column("newcomer_seconds", "newcomer s", 2),
        Column("gone_seconds", "gone s", 1),
        Column("sent_per_second", "sent/s"),
        Column("cuts", "cut"),
        Column("server_percent", "server %"),
        *HEALTH,
    ),
    compared="ack_ratio",
    measure=measure,
    once=True,
)
