"""What was asked of Shiller, as ratios of medians of one run, and whether it is so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from bench.report import Results, aligned
from bench.scenarios.attacks import (
    ABOVE_BAR_MIB,
    AFTER_BAR_MIB,
    ATTACKED,
    GONE_BAR_SECONDS,
    NEWCOMER_BAR_SECONDS,
    P99_BAR,
    SILENT,
    SILENT_BAR_SECONDS,
)
from bench.servers import ASYNCPG, BARE, BEFORE, EACH, JOURNAL, NODE, PLAIN, SHILLER, STOCK, Peer

# The least by which two p99 of the same load differ from one run to the next, whatever the machine.
_NOISE = 1.25


@dataclass(frozen=True)
class Bar:
    """`measured` is None where the run has not measured it."""

    text: str
    way: Literal["at most", "at least", "below"]
    wanted: float
    unit: str
    measured: Callable[[Results], float | None]

    def is_met(self, value: float) -> bool:
        match self.way:
            case "at most":
                return value <= self.wanted
            case "at least":
                return value >= self.wanted
            case "below":
                return value < self.wanted


def _against(scenario: str, figure: str, peer: Peer, own: Peer = SHILLER) -> Callable[[Results], float | None]:
    def measured(results: Results) -> float | None:
        ours = results.median(scenario, own.name, figure)
        other = results.median(scenario, peer.name, figure)
        return ours / other if ours is not None and other else None

    return measured


def _own(scenario: str, figure: str) -> Callable[[Results], float | None]:
    return lambda results: results.median(scenario, SHILLER.name, figure)


def _own_ratio(scenario: str, figure: str, other: str) -> Callable[[Results], float | None]:
    def measured(results: Results) -> float | None:
        above, below = _own(scenario, figure)(results), _own(scenario, other)(results)
        return above / below if above is not None and below else None

    return measured


def _worst(scenario: str, figure: str, *peers: Peer) -> Callable[[Results], float | None]:
    """The highest of all rounds and peers."""

    def measured(results: Results) -> float | None:
        samples = results.peers(scenario)
        values = [sample[figure] for peer in peers for sample in samples.get(peer.name, []) if figure in sample]
        return max(values, default=None)

    return measured


def _most(figure: str, *scenarios: str) -> Callable[[Results], float | None]:
    def measured(results: Results) -> float | None:
        values = [_own(scenario, figure)(results) for scenario in scenarios]
        known = [value for value in values if value is not None]
        return max(known) if known else None

    return measured


_MESSAGE = "CPU per delivered message, 1 x 500 at 20/s"
_MOST = "most messages/s at p99 < 100 ms, 20 x 50"
_GROWTH = "CPU per delivered message at 5000 connections against 500"
_DURABLE = "durable pushes/s, 200 sessions, to a transaction per push"
_STALLED = "stalled trainees among 500"
_ATTACKED = "the worst of the attacks"

BARS = (
    Bar(f"{_MESSAGE}, to a bare broadcast", "at most", 1.15, "x", _against("1x500", "message_us", BARE)),
    Bar(f"{_MESSAGE}, to Node", "at most", 0.55, "x", _against("1x500", "message_us", NODE)),
    Bar(f"{_MESSAGE}, to python-socketio", "at most", 0.25, "x", _against("1x500", "message_us", STOCK)),
    Bar("p99 push to screen at that load, to Node", "below", 1.0, "x", _against("1x500", "p99_ms", NODE)),
    Bar("CPU per push, 100 x 10 at 5/s, to Node", "at most", 0.6, "x", _against("100x10", "push_us", NODE)),
    Bar("CPU per push, 500 x 2 at 2/s, to Node", "at most", 0.6, "x", _against("500x2", "push_us", NODE)),
    Bar(f"{_MOST}, to Node", "at least", 2.8, "x", _against("most", "messages_per_second", NODE)),
    Bar(f"{_MOST}, to python-socketio", "at least", 6.0, "x", _against("most", "messages_per_second", STOCK)),
    Bar(
        f"{_DURABLE}, both without a server around them", "at least", 5.0, "x",
        _against("pushes", "pushes_per_second", ASYNCPG, own=JOURNAL),
    ),
    Bar(
        f"{_DURABLE}, ours through Socket.IO", "at least", 5.0, "x",
        _against("pushes", "pushes_per_second", ASYNCPG),
    ),
    Bar(f"{_GROWTH}, same messages for each", "at most", 1.1, "x", _own("growth", "same_each")),
    Bar(f"{_GROWTH}, same messages in all", "at most", 1.1, "x", _own("growth", "same_in_all")),
    Bar("CPU per join, 1,000 at once, to Node", "at most", 0.6, "x", _against("storm", "join_us", NODE)),
    Bar("a join with a name, 1,000 seats to none", "at most", 1.2, "x", _own("joins", "named_ratio")),
    Bar("a join without a name, 1,000 seats to none", "at most", 1.2, "x", _own("joins", "nameless_ratio")),
    Bar("memory per idle connection, to Node", "at most", 1.0, "x", _against("memory", "own_kib", NODE)),
    Bar("memory per idle connection", "at most", 8.0, "KiB", _own("memory", "own_kib")),
    # By ping it is two calls of the system and a wakeup, which take more than this in any language.
    Bar("CPU of an idle connection's heartbeats in a second, 5,000 at 10 s", "at most", 5.0, "µs",
        _own("heartbeat", "second_us")),
    Bar("the same by ping and its pong, to Node", "at most", 1.0, "x", _against("heartbeat", "beat_us", NODE)),
    Bar("1,000 open sessions with cases of which nothing is due", "at most", 0.5, "% of a core",
        _own("cases", "cases_percent")),
    Bar("the debrief of 20,000 events, to reading them as CSV", "at most", 2.0, "x", _own("debrief", "to_csv")),
    Bar("the debrief of 20,000 events", "at most", 1500.0, "ms", _own("debrief", "debrief_ms")),
    Bar("the page of that debrief, the record on the device", "at most", 1500.0, "ms", _own("debrief", "page_ms")),
    Bar("the same on a new device", "at most", 1500.0, "ms", _own("debrief", "first_page_ms")),
    Bar("the work of a step of its scrubber, p95", "at most", 16.0, "ms", _own("debrief", "scrub_p95_ms")),
    Bar("the heap of its page when it is scrubbed all over, to that before", "at most", 1.25, "x",
        _own_ratio("debrief", "scrubbed_mib", "heap_mib")),
    Bar("comparing 1,000 attempts for the first time, to reading 20,000 events as CSV", "at most", 2.0, "x",
        _own("comparison", "to_csv")),
    Bar(f"{_STALLED}: p99 of the others, to theirs without", "at most", _NOISE, "x",
        _own_ratio("stalled", "with_ms", "without_ms")),
    Bar(f"{_STALLED}: kept for each, in the worst round", "at most", 64.0, "KiB",
        _worst("stalled", "kept_kib", SHILLER)),
    Bar(f"{_ATTACKED}: p99 of a push's ack, to quiet", "at most", P99_BAR, "x",
        _worst("attacks", "ack_ratio", *ATTACKED)),
    Bar(f"{_ATTACKED}: p99 push to screen, to quiet", "at most", P99_BAR, "x",
        _worst("attacks", "shown_ratio", *ATTACKED)),
    Bar(f"{_ATTACKED}: memory above quiet", "at most", ABOVE_BAR_MIB, "MiB",
        _worst("attacks", "above_mib", *ATTACKED)),
    Bar(f"{_ATTACKED}: memory above quiet when it is over", "at most", AFTER_BAR_MIB, "MiB",
        _worst("attacks", "after_mib", *ATTACKED)),
    Bar(f"{_ATTACKED}: until somebody new is in", "at most", NEWCOMER_BAR_SECONDS, "s",
        _worst("attacks", "newcomer_seconds", *ATTACKED)),
    Bar(f"{_ATTACKED}: until a crowd that asks for nothing is gone", "at most", GONE_BAR_SECONDS, "s",
        _worst("attacks", "gone_seconds", *(each for each in ATTACKED if each.name != SILENT))),
    Bar("until a crowd that does not say a word is gone", "at most", SILENT_BAR_SECONDS, "s",
        _worst("attacks", "gone_seconds", *(each for each in ATTACKED if each.name == SILENT))),
    Bar("a device's pull of 10,000 templates, to the plain endpoint", "at most", 1.5, "x",
        _against("pull", "seconds", PLAIN)),
    Bar("a device's push of 1,000 templates, to the plain endpoint", "at most", 2.5, "x",
        _against("up", "seconds", PLAIN)),
    Bar("the school's lock, 500 templates as sets, to event by event", "at most", 0.4, "x",
        _against("up", "lock_ms", EACH)),
    Bar("a phone's first pull of 50,000 templates, to a SELECT and its encoding", "at most", 2.0, "x",
        _against("phone", "seconds", PLAIN)),
    Bar("a phone's pull of 1,000 changes, to its first one", "at most", 0.1, "x",
        _own_ratio("phone", "delta_seconds", "seconds")),
    Bar("memory above idle in all that devices do", "at most", 64.0, "MiB",
        _most("grown_mib", "pull", "up", "phone", "beside")),
    Bar("CPU per push with REDIS_URL and another process, to that without", "at most", 1.3, "x",
        _own("processes", "cpu_ratio")),
    Bar("p50 push to screen with REDIS_URL, to that without", "at most", 1.3, "x", _own("processes", "latency_ratio")),
    Bar("5,000 trainees cut off in the same moment", "at most", 1.0, "s of CPU", _own("leaving", "seconds")),
    Bar("the same with REDIS_URL, of the process that they leave", "at most", 1.0, "s of CPU",
        _own("leaving", "several_seconds")),
    Bar("a leaver's CPU when 5,000 leave a session, to that when 500 do", "at most", 1.5, "x",
        _own("leaving", "growth")),
    Bar("p99 of other sessions' pushes while they leave, to theirs in quiet", "at most", 2.0, "x",
        _own("leaving", "beside")),
    Bar("memory at the end of an hour of mixed load, to that when the server knew as many sessions as it keeps",
        "at most", 1.05, "x", _own("hour", "to_full")),
    Bar("durable pushes/s, to those of the commit before", "at least", 0.95, "x",
        _against("pushes", "pushes_per_second", BEFORE)),
    Bar("p99 of `vitals:push` beside two busy devices, to that without", "at most", 2.0, "x",
        _own_ratio("beside", "beside_ms", "alone_ms")),
)  # fmt: skip


def judged(results: Results) -> str:
    """The bars that this run can say something about, as a table."""
    rows: list[list[str]] = []
    for bar in BARS:
        value = bar.measured(results)
        if value is not None:
            is_met = "met" if bar.is_met(value) else "NOT MET"
            rows.append([bar.text, f"{bar.way} {bar.wanted:g} {bar.unit}", f"{value:.2f} {bar.unit}", is_met])
    return aligned(["asked for", "", "measured", ""], rows) if rows else ""
