"""What one more trainee costs: in a session that is empty, and in one that is full.

One after the other, with a name and without one, while a trainer watches each session and is told of everybody. The
blocks take turns, so that a busy moment of the machine is shared. CPU of the server and of PostgreSQL together.
"""

from __future__ import annotations

from time import perf_counter

from bench.effort import Effort
from bench.generator.clients import Address, LoadedSession, TraineeClient, TrainerClient, connect, cut_all, fill
from bench.generator.tally import Tally
from bench.generator.wire import text_frame
from bench.scenarios.scenario import Column, Figures, Scenario, others_percent
from bench.servers import SHILLER, RunningServer

SEATS = 1000
JOINS = 100
BLOCKS = 4
_CHANGED = b'42/trainer,["trainees:changed"'


class _Watcher(TrainerClient):
    """Counts how often it is told who is there."""

    told = 0

    def receive(self, data: bytes, start: int, end: int) -> None:
        if data.startswith(_CHANGED, start):
            self.told += 1
        else:
            super().receive(data, start, end)


async def measure(server: RunningServer, effort: Effort) -> Figures:
    tally, seats, joins = Tally(), effort.some(SEATS), effort.some(JOINS)
    sessions = await server.open_sessions(1 + 2 * BLOCKS)
    full, empty = sessions[0], sessions[1:]
    watchers = [await _watch(server, session, tally) for session in sessions]
    await fill(server.address, [full], server.token, seats, tally)
    began = perf_counter()
    spent = dict.fromkeys(("empty", "full", "nameless_empty", "nameless_full"), 0.0)
    generator = machine = postgres = 0.0
    try:
        for block in range(2 * BLOCKS):
            is_nameless = block % 2 == 1
            for session, where in ((empty[block], "empty"), (full, "full")):
                meter = server.meter()
                for number in range(joins):
                    name = "" if is_nameless else f"Block {block} number {number}"
                    session.trainees.append(await _join(server.address, session, name, tally))
                cpu = meter.read()
                spent[f"nameless_{where}" if is_nameless else where] += cpu["server"] + cpu["postgres"]
                generator, machine = generator + cpu["generator"], machine + cpu["machine"]
                postgres += cpu["postgres"]
    finally:
        told = sum(watcher.told for watcher in watchers)
        cut_all(sessions)
    each = {where: seconds * 1e6 / joins / BLOCKS for where, seconds in spent.items()}
    took = perf_counter() - began
    ours = {"machine": machine, "server": sum(spent.values()) - postgres, "postgres": postgres, "generator": generator}
    return {
        "named_us": each["empty"],
        "named_full_us": each["full"],
        "named_ratio": each["full"] / each["empty"],
        "nameless_us": each["nameless_empty"],
        "nameless_full_us": each["nameless_full"],
        "nameless_ratio": each["nameless_full"] / each["nameless_empty"],
        "told": told,
        "others_percent": others_percent(ours, took),
    }


async def _watch(server: RunningServer, session: LoadedSession, tally: Tally) -> _Watcher:
    watcher = await connect(server.address, _Watcher(server.address, server.token, tally))
    watcher.write(text_frame(f'42/trainer,["session:watch",{{"session_id":"{session.id}"}}]'))
    session.trainer = watcher
    return watcher


async def _join(address: Address, session: LoadedSession, name: str, tally: Tally) -> TraineeClient:
    return await connect(address, TraineeClient(address, session, name, tally))


ONE_MORE = Scenario(
    name="joins",
    title=f"one more trainee, in an empty session and in one of {SEATS} seats, watched",
    peers=(SHILLER,),
    columns=(
        Column("named_us", "CPU µs/join, empty"),
        Column("named_full_us", "full"),
        Column("named_ratio", "ratio", 2),
        Column("nameless_us", "nameless, empty"),
        Column("nameless_full_us", "full"),
        Column("nameless_ratio", "ratio", 2),
        Column("told", "lists told"),
        Column("others_percent", "others' CPU %"),
    ),
    compared="named_full_us",
    measure=measure,
)
