"""What Prometheus may ask. Every app has a registry of its own, so two fit in one process."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from server.domain.events import EventKind

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

# From a group commit on a fast disk to a storage that is nearly gone.
_ACK_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.connections = Gauge(
            "shiller_connections", "Open Socket.IO connections.", ["namespace"], registry=self._registry
        )
        self._live_sessions = Gauge(
            "shiller_live_sessions",
            "Sessions with at least one connection to this process.",
            registry=self._registry,
        )
        self._events = Counter("shiller_events", "Events recorded.", ["kind"], registry=self._registry)
        self.pushes = Counter(
            "shiller_pushes",
            "Vitals pushes recorded, by the door they came through.",
            ["door"],
            registry=self._registry,
        )
        self._foreseen = Counter(
            "shiller_provisional_pushes",
            "Vitals pushes told before they were stored, because the storage was late.",
            registry=self._registry,
        )
        self._waiting_events = Gauge(
            "shiller_waiting_events", "Events that wait to be stored.", registry=self._registry
        )
        self.ack_seconds = Histogram(
            "shiller_ack_seconds",
            "From receiving a Socket.IO message to its ack.",
            ["message"],
            buckets=_ACK_BUCKETS,
            registry=self._registry,
        )
        self.refusals = Counter(
            "shiller_refusals", "What was refused, by its code.", ["door", "code"], registry=self._registry
        )
        self.states_skipped = Counter(
            "shiller_states_skipped",
            "States that a slow client was not told, because a newer one came.",
            registry=self._registry,
        )
        self.laggards_cut = Counter(
            "shiller_laggards_cut",
            "Connections cut because their client did not take what it was told.",
            registry=self._registry,
        )
        self.connections_cut = Counter(
            "shiller_connections_cut",
            "Connections that the server ended by itself, by why: too much sent, nothing joined, no answer to a ping.",
            ["why"],
            registry=self._registry,
        )
        self._cut = Counter(
            "shiller_http_cut",
            "Requests refused, and connections cut, before the app saw them, by the reason.",
            ["reason"],
            registry=self._registry,
        )
        self._open = Gauge(
            "shiller_open_connections",
            "Open connections, HTTP and WebSockets, of clients that were let in.",
            registry=self._registry,
        )
        self.http_seconds = Histogram(
            "shiller_http_seconds",
            "HTTP requests by route and status.",
            ["method", "route", "status"],
            registry=self._registry,
        )
        self.rpc_under_way = Gauge("shiller_rpc_under_way", "Calls over gRPC under way.", registry=self._registry)
        self.rpc_seconds = Histogram(
            "shiller_rpc_seconds",
            "Calls over gRPC by method and status.",
            ["method", "status"],
            registry=self._registry,
        )

        self._events_of = {kind: self._events.labels(kind) for kind in get_args(EventKind)}

    # What `ports/broadcast.py: EventCounts` asks for

    def event_recorded(self, kind: EventKind) -> None:
        self._events_of[kind].inc()

    def vitals_foreseen(self) -> None:
        self._foreseen.inc()

    def count_live_sessions(self, live: Callable[[], float]) -> None:
        self._live_sessions.set_function(live)

    def count_waiting_events(self, waiting: Callable[[], float]) -> None:
        self._waiting_events.set_function(waiting)

    # What `server/front/door.py: Note` asks for

    def cut(self, reason: str) -> None:
        self._cut.labels(reason).inc()

    def count_connections(self, count: Callable[[], float]) -> None:
        self._open.set_function(count)

    def tell_others(self, is_up: Callable[[], float], processes: Callable[[], float]) -> None:
        """For one of several processes."""
        redis_up = Gauge("shiller_redis_up", "1 while the line over Redis is up, else 0.", registry=self._registry)
        redis_up.set_function(is_up)
        others = Gauge("shiller_other_processes", "Server processes heard over Redis.", registry=self._registry)
        others.set_function(processes)

    def text(self) -> bytes:
        return generate_latest(self._registry)
