"""What one more trainee costs: in a session that is empty, and in one that is full.

One after the other, with a name and without one, while a trainer watches each session and is told of everybody. The
blocks take turns, so that a busy moment of the machine is shared. CPU of the server and of PostgreSQL together.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from time import perf_counter

from bench.effort import Effort
from bench.generator.clients import LoadedSession, TraineeClient, TrainerClient, connect, cut_all, fill
from bench.generator.tally import Tally
from bench.generator.wire import text_frame
from bench.scenarios.scenario import Column, Figures, Scenario, others_percent
from bench.servers import SHILLER, RunningServer

SEATS = 1000
JOINS = 100
BLOCKS = 5
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
    whole, began = server.meter(), perf_counter()
    spent: dict[str, list[float]] = {"named": [], "named_full": [], "nameless": [], "nameless_full": []}
    try:
        for block in range(2 * BLOCKS):
            kind = "nameless" if block % 2 else "named"
            for session, where in ((empty[block], ""), (full, "_full")):
                meter = server.meter()
                for number in range(joins):
                    name = "" if block % 2 else f"Block {block} number {number}"
                    client = TraineeClient(server.address, session, name, tally)
                    session.trainees.append(await connect(server.address, client))
                cpu = meter.read()
                spent[kind + where].append((cpu["server"] + cpu["postgres"]) * 1e6 / joins)
        cpu, took = whole.read(), perf_counter() - began
    finally:
        cut_all(sessions)
    return {
        **{f"{kind}_us": median(each) for kind, each in spent.items()},
        "named_ratio": _ratio(spent["named_full"], spent["named"]),
        "nameless_ratio": _ratio(spent["nameless_full"], spent["nameless"]),
        "told": sum(watcher.told for watcher in watchers),
        "others_percent": others_percent(cpu, took),
    }


def _ratio(full: Sequence[float], empty: Sequence[float]) -> float:
    """Of two blocks that were measured side by side."""
    return median(above / below for above, below in zip(full, empty, strict=True))


async def _watch(server: RunningServer, session: LoadedSession, tally: Tally) -> _Watcher:
    watcher = await connect(server.address, _Watcher(server.address, server.token, tally))
    watcher.write(text_frame(f'42/trainer,["session:watch",{{"session_id":"{session.id}"}}]'))
    session.trainer = watcher
    return watcher


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
