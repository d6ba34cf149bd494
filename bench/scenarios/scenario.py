"""What a scenario is: a load, the servers that it is put on, and what is told of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from bench.effort import Effort
from bench.generator.load import Measured
from bench.servers import Peer, RunningServer

Figures = dict[str, float]


@dataclass(frozen=True)
class Column:
    """A figure of the table."""

    figure: str
    heading: str
    decimals: int = 0


@dataclass(frozen=True)
class Scenario:
    """`compared` is the figure whose ratio is told; what hardly changes from round to round is looked at once.

    `by_name`: it takes so long that it is measured only where it is asked for.
    """

    name: str
    title: str
    peers: tuple[Peer, ...]
    columns: tuple[Column, ...]
    compared: str
    measure: Callable[[RunningServer, Effort], Awaitable[Figures]]
    once: bool = False
    by_name: bool = False


LATENCY = (Column("p50_ms", "p50 ms", 1), Column("p95_ms", "p95 ms", 1), Column("p99_ms", "p99 ms", 1))
# What else went on: deliveries that never came, those that were told twice for the storage was late, how late the
# generator was, and what others took of a core meanwhile.
HEALTH = (
    Column("missing", "missing"),
    Column("twice_percent", "told twice %"),
    Column("late_ms", "late ms", 1),
    Column("others_percent", "others' CPU %"),
)
# Told when there are any: trainees without the newest state, deliveries out of order, lost connections, refused pushes.
TROUBLES = ("behind", "disordered", "lost", "refused")


def figures(measured: Measured) -> Figures:
    """CPU in microseconds, latency in milliseconds."""
    server, pushes = measured.cpu["server"] * 1e6, max(1, measured.pushes)
    return {
        "message_us": server / max(1, measured.messages),
        "push_us": server / pushes,
        "postgres_us": measured.cpu["postgres"] * 1e6 / pushes,
        "server_percent": server / measured.seconds / 1e4,
        "generator_percent": measured.cpu["generator"] / measured.seconds * 100,
        "others_percent": others_percent(measured.cpu, measured.seconds),
        "messages_per_second": measured.messages / measured.seconds,
        "pushes_per_second": measured.pushes / measured.seconds,
        "p50_ms": measured.latency.p50,
        "p95_ms": measured.latency.p95,
        "p99_ms": measured.latency.p99,
        "ack_p50_ms": measured.ack.p50,
        "ack_p99_ms": measured.ack.p99,
        "late_ms": measured.lateness.p99,
        "missing": measured.missing,
        "twice_percent": measured.confirmations / max(1, measured.messages) * 100,
        "behind": measured.behind,
        "disordered": measured.disordered,
        "lost": measured.lost,
        "refused": measured.refused,
        "octets": measured.octets_per_message,
    }


def others_percent(cpu: Mapping[str, float], seconds: float) -> float:
    """Of a core, taken by what is none of ours. The machine's clock is coarse, so a little below nothing is nothing."""
    ours = sum(cpu[who] for who in ("server", "postgres", "generator"))
    return max(0.0, cpu["machine"] - ours) / seconds * 100
