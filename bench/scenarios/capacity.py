"""The most messages a second that are still delivered in time, found by searching upwards over the rate."""

from __future__ import annotations

from bench.effort import Effort
from bench.generator.clients import LoadedSession, cut_all, drop_lost, fill
from bench.generator.load import Load, Measured
from bench.generator.tally import Tally
from bench.scenarios.scenario import Column, Figures, Scenario, figures
from bench.servers import BARE, NODE, NODE_ONE, SHILLER, STOCK, RunningServer

SESSIONS, TRAINEES = 20, 50
IN_TIME_MS = 100.0
_FIRST_RATE = 8.0
_STEP = 1.6
_PRECISION = 1.06
# Of one core, or milliseconds late: from here on it is the generator that is measured, or the rest of the machine.
# So that may have been a moment of somebody else's, and it is tried again.
_TRIES = 3
_GENERATOR_BUSY_PERCENT, _GENERATOR_LATE_MS = 90.0, 50.0


async def measure(server: RunningServer, effort: Effort) -> Figures:
    tally, trainees = Tally(), effort.some(TRAINEES)
    sessions = await server.open_sessions(effort.some(SESSIONS))
    load = Load(sessions, tally, server.meter)
    passed, failed = 0.0, float("inf")
    best: Figures = {}
    is_generator_bound, tries = False, 0
    rate = _FIRST_RATE
    try:
        while failed / max(passed, 0.1) > _PRECISION:
            await _complete(server, sessions, trainees, tally)
            measured = await load.push_steadily(
                rate, seconds=effort.seconds / 2, warm_up=effort.warm_up / 2, patience=5.0
            )
            tries += 1
            if _is_in_time(measured):
                passed, best = rate, figures(measured)
            elif _is_generator_bound(measured) and tries < _TRIES:
                continue
            else:
                failed, is_generator_bound = rate, _is_generator_bound(measured)
                if passed == 0:
                    # Where none is in time, the slowest one tells how far from it that is.
                    best = {**figures(measured), "messages_per_second": 0.0}
            tries = 0
            rate = passed * _STEP if failed == float("inf") else (max(passed, failed / _STEP**2) * failed) ** 0.5
    finally:
        cut_all(sessions)
    return {**best, "generator_bound": float(is_generator_bound)}


async def _complete(server: RunningServer, sessions: list[LoadedSession], trainees: int, tally: Tally) -> None:
    """Whoever was cut off by the last load has to be there for the next."""
    drop_lost(sessions)
    for session in sessions:
        absent = trainees - len(session.trainees)
        if absent or session.trainer is None:
            await fill(server.address, [session], server.token, absent, tally)


def _is_in_time(measured: Measured) -> bool:
    undone = measured.missing + measured.refused + measured.lost
    return not undone and measured.latency.p99 < IN_TIME_MS


def _is_generator_bound(measured: Measured) -> bool:
    busy = measured.cpu["generator"] / measured.seconds * 100
    return busy > _GENERATOR_BUSY_PERCENT or measured.lateness.p99 > _GENERATOR_LATE_MS


CAPACITY = Scenario(
    name="most",
    title=f"most messages/s at p99 < {IN_TIME_MS:g} ms and none missing, {SESSIONS} x {TRAINEES} trainees",
    peers=(SHILLER, STOCK, NODE, NODE_ONE, BARE),
    columns=(
        Column("messages_per_second", "messages/s"),
        Column("message_us", "CPU µs/message", 1),
        Column("push_us", "CPU µs/push"),
        Column("server_percent", "server CPU %"),
        Column("p99_ms", "p99 ms", 1),
        Column("generator_percent", "generator CPU %"),
        Column("generator_bound", "generator-bound"),
    ),
    compared="messages_per_second",
    measure=measure,
)
