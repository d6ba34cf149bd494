"""From a hundred connections to five thousand: does a message cost more when there are more to serve?

In classes of a hundred. «Same each» keeps what each class does, so that the load grows with the connections;
«same in all» keeps the messages a second, so that the further connections only add what they cost by being there.
"""

from __future__ import annotations

from bench.effort import Effort
from bench.generator.clients import LoadedSession, cut_all, fill
from bench.generator.load import Load
from bench.generator.tally import Tally
from bench.scenarios.scenario import HEALTH, Column, Figures, Scenario, figures
from bench.servers import BARE, NODE, SHILLER, RunningServer

CLASS = 100
FEW, MANY = 5, 50
RATE = 2.0


async def measure(server: RunningServer, effort: Effort) -> Figures:
    tally, size = Tally(), effort.some(CLASS)
    many = min(MANY, effort.largest // CLASS)
    opened = await server.open_sessions(many)
    there: list[LoadedSession] = []

    async def with_classes(count: int, rate: float) -> Figures:
        new = opened[len(there) : count]
        await fill(server.address, new, server.token, size, tally)
        there.extend(new)
        load = Load(there, tally, server.meter)
        return figures(await load.push_steadily(rate, seconds=effort.seconds, warm_up=effort.warm_up))

    try:
        one = await with_classes(1, RATE * many)
        few = await with_classes(FEW, RATE)
        few_busy = await with_classes(FEW, RATE * many / FEW)
        last = await with_classes(many, RATE)
    finally:
        cut_all(opened)
    return {
        "connections": many * size,
        "one_us": one["message_us"],
        "few_us": few["message_us"],
        "few_busy_us": few_busy["message_us"],
        "many_us": last["message_us"],
        "same_each": last["message_us"] / few["message_us"],
        "same_in_all": last["message_us"] / few_busy["message_us"],
        "p99_ms": last["p99_ms"],
        "missing": last["missing"],
        "twice_percent": last["twice_percent"],
        "late_ms": last["late_ms"],
        "others_percent": last["others_percent"],
    }


GROWTH = Scenario(
    name="growth",
    title=f"CPU µs/message in classes of {CLASS}: {FEW * CLASS} connections against {MANY * CLASS} "
    f"at {RATE:g} pushes/s in each class, and at {RATE * MANY * CLASS:,.0f} messages/s in all",
    peers=(SHILLER, NODE, BARE),
    columns=(
        Column("one_us", "100, same in all", 1),
        Column("few_us", "500, same each", 1),
        Column("few_busy_us", "500, same in all", 1),
        Column("connections", "most connections"),
        Column("many_us", "with them", 1),
        Column("same_each", "ratio, same each", 2),
        Column("same_in_all", "ratio, same in all", 2),
        Column("p99_ms", "p99 ms", 1),
        *HEALTH,
    ),
    compared="many_us",
    measure=measure,
)
