"""python-socketio's server on an engine of ours, as Shiller wants it: before anybody is let in."""

from __future__ import annotations

import logging
import time
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import structlog

from server.engine import libraries
from server.engine.server import Engine
from server.engine.settings import POLLING_BY_ADDRESS, EngineSettings, Environ, Joining, Scope, Why
from server.front.proxies import client_of
from server.transport.metrics import Metrics
from server.transport.origins import COOKIE, JOINED_COOKIE, Origins
from server.transport.socket.broadcast import SocketBroadcast
from server.transport.socket.fanout import FanOut
from server.transport.socket.inbox import Inbox
from server.transport.socket.messages import TRAINEE, TRAINER
from server.transport.socket.namespace import scheme_of
from server.transport.socket.packet import MESSAGE_LIMIT_BYTES, SafeJson, SafePacket

log = structlog.get_logger("shiller.socket")

# Beyond this a message is not even refused by its ack: the connection is cut.
LONGEST_MESSAGE_BYTES = 4 * 1024 * 1024
# Of one that is too long so much is held: what asks for the ack, and enough to know that it is too long.
_HELD_BYTES = MESSAGE_LIMIT_BYTES + 1024
# What is judged later, when a namespace is connected: the cookie and where it may be used from.
_KEPT_OF_REQUEST = {b"cookie": "HTTP_COOKIE", b"host": "HTTP_HOST", b"origin": "HTTP_ORIGIN"}
_LONGEST_HEADER = 300
_COOKIES = (COOKIE, JOINED_COOKIE)
# What an operator has to look at; once in so many seconds for each reason, however often it happens.
_IN_LOG = ("flood", "crowded")
SAID_EVERY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class HeartbeatSettings:
    """`ping_seconds`: from ping to ping, and for the answer to one, so that a dropped tablet shows as dropped within
    twice that. `stall_seconds`: how long a client may take nothing of what waits for it.
    """

    ping_seconds: float = 10.0
    stall_seconds: float = 15.0


HEARTBEAT_SETTINGS = HeartbeatSettings()


class SocketServer:
    def __init__(
        self,
        origins: Origins,
        metrics: Metrics,
        port: int,
        heartbeat: HeartbeatSettings = HEARTBEAT_SETTINGS,
        joining: Joining | None = None,
        by_address: int | None = None,
    ) -> None:
        """`port`: where this process is reached. `by_address`: connections that one may have; None: the
        usual number. Raises LibraryMismatch if the libraries are not those we know."""
        libraries.check_libraries()
        self._origins = origins
        fan_out, inbox = FanOut(), Inbox()
        settings = EngineSettings(
            ping_seconds=heartbeat.ping_seconds,
            pong_seconds=heartbeat.ping_seconds,
            stall_seconds=heartbeat.stall_seconds,
            message_bytes=_HELD_BYTES,
            longest_message_bytes=LONGEST_MESSAGE_BYTES,
            takes_binary=False,
            is_forgiving=True,
            joining=joining or Joining(),
            polling_by_address=by_address or POLLING_BY_ADDRESS,
            may_connect=self._may_connect,
            environ_of=_environ_of,
        )
        # All polls of a connection have to reach the process that has it: its id says which, for a proxy to read.
        engine = partial(Engine, settings=settings, observer=_Counts(metrics), taken=inbox.take, id_prefix=f"{port}-")
        self.library: Any = libraries.socket_server(
            engine,
            client_manager=fan_out,
            serializer=SafePacket,
            json=SafeJson,
            namespaces=[TRAINER, TRAINEE],
            logger=_logger("socketio"),
        )
        inbox.server = self.library
        self.engine: Engine = libraries.engine_of(self.library)
        self.broadcast = SocketBroadcast(self.library, fan_out)

    def _may_connect(self, origin: str, environ: dict[str, Any]) -> bool:
        return self._origins.may_connect(origin, scheme_of(environ), environ.get("HTTP_HOST", ""))


class _Counts:
    """What the engine does by itself, for whoever runs it."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._unsaid: Counter[Why] = Counter()
        self._said: dict[Why, float] = {}

    def skipped(self, states: int) -> None:
        self._metrics.states_skipped.inc(states)

    def cut(self, why: Why, address: str) -> None:
        self._metrics.connections_cut.labels(why).inc()
        if why in ("behind", "stalled"):
            self._metrics.laggards_cut.inc()
        if why in _IN_LOG:
            self._unsaid[why] += 1
            now = time.monotonic()
            if now - self._said.get(why, -SAID_EVERY_SECONDS) >= SAID_EVERY_SECONDS:
                self._said[why] = now
                log.warning("connections were cut", reason=why, count=self._unsaid.pop(why), last_address=address)


@lru_cache(maxsize=256)
def _one_for_all(text: str) -> str:
    """A host and an origin are the same for nearly everybody."""
    return text


def _environ_of(scope: Scope) -> Environ:
    """Little, for it is kept for each connection."""
    client = scope["client"]
    environ: Environ = {"REMOTE_ADDR": client_of(client[0]) if client else "", "REQUEST_SCHEME": scope["scheme"]}
    for name, value in scope["headers"]:
        if (key := _KEPT_OF_REQUEST.get(name)) is not None:
            text = value.decode("latin-1")
            environ[key] = _own_cookies(text) if name == b"cookie" else _one_for_all(text[:_LONGEST_HEADER])
    return environ


def _own_cookies(text: str) -> str:
    pairs = (pair.strip() for pair in text.split(";"))
    return "; ".join(pair for pair in pairs if pair.partition("=")[0] in _COOKIES and len(pair) <= _LONGEST_HEADER)


def _is_our_fault(record: logging.LogRecord) -> bool:
    """The library logs what clients do wrong as errors of ours, a ValueError's traceback included."""
    return record.exc_info is not None and not isinstance(record.exc_info[1], ValueError)


def _logger(name: str) -> logging.Logger:
    logger = logging.getLogger(f"shiller.{name}")
    logger.setLevel(logging.WARNING)
    logger.addFilter(_is_our_fault)
    return logger
