"""From what was measured to how large a machine has to be: a reckoning, not a measurement."""

from __future__ import annotations

from dataclasses import dataclass

from bench.report import Results, aligned
from bench.scenarios.growth import CLASS, FEW, MANY, RATE
from bench.servers import SHILLER

# What is left is for peaks: a class that joins, a push to a hall.
CORE_SHARE = 0.6
# A server that is this late does not keep up: it has more to do than it delivers, and no cost can be told from that.
SATURATED_MS = 1000.0
_CLASSES = (1, 10, 30, 100, 500)
_SECONDS_BETWEEN_PUSHES = (1, 10)


@dataclass(frozen=True)
class Costs:
    """CPU microseconds of the server: of a push, of a message, of a connection each second by being there."""

    push: float
    message: float
    connection: float

    def sessions(self, trainees: int, seconds_between_pushes: float) -> int:
        """That one process carries on its share of a core."""
        each = (self.push + self.message * trainees) / seconds_between_pushes + self.connection * (trainees + 1)
        return int(CORE_SHARE * 1e6 / each)


def costs(results: Results) -> Costs | None:
    """From a push to 500 and one to 10; a connection's own from 5000 and 500 at the same messages in all."""
    large = results.median("1x500", SHILLER.name, "push_us")
    small = results.median("100x10", SHILLER.name, "push_us")
    few = results.median("growth", SHILLER.name, "few_busy_us")
    many = results.median("growth", SHILLER.name, "many_us")
    connections = results.median("growth", SHILLER.name, "connections")
    waited = results.median("growth", SHILLER.name, "p99_ms")
    if large is None or small is None or few is None or many is None or connections is None or waited is None:
        return None
    if waited > SATURATED_MS:
        return None
    message = (large - small) / 490
    messages = RATE * MANY * CLASS
    being_there = max(0.0, (many - few) * messages / (connections - FEW * CLASS))
    return Costs(small - 10 * message, message, being_there)


def sized(results: Results) -> str:
    """What one process carries, by the size of the classes; nothing where it was not measured, or did not keep up."""
    cost = costs(results)
    if cost is None:
        return ""
    rows = [
        [f"{trainees}", *(_cell(cost, trainees, seconds) for seconds in _SECONDS_BETWEEN_PUSHES)]
        for trainees in _CLASSES
    ]
    headings = ["trainees in a session", *(f"a push every {seconds} s" for seconds in _SECONDS_BETWEEN_PUSHES)]
    return (
        f"A push costs {cost.push:,.0f} µs, each message of it {cost.message:.1f} µs, a connection by being there "
        f"{cost.connection:.1f} µs a second. On {CORE_SHARE:.0%} of such a core one process carries, in sessions "
        f"(and trainees):\n\n{aligned(headings, rows)}\n"
    )


def _cell(cost: Costs, trainees: int, seconds: float) -> str:
    sessions = cost.sessions(trainees, seconds)
    return f"{sessions:,} ({sessions * trainees:,})"
