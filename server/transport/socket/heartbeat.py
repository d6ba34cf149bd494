"""Looks after all connections of a server with one task: pings, and cutting those that are gone or do not read.

The library has a task, a timer or two and a queue for each connection instead; at 5000 connections they take a
tenth of a processor.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

from engineio import packet

from server.transport.metrics import Metrics
from server.transport.socket import seams
from server.transport.socket.connection import Connection
from server.transport.socket.outgoing import Frame

PING_SECONDS = 10.0
STALL_SECONDS = 15.0
# A round is divided into so many beats, so that not everybody is pinged at once.
BEATS = 20
WATCH_EVERY_SECONDS = 1.0

_PING = Frame(packet.Packet(packet.PING))


@dataclass(frozen=True, slots=True)
class HeartbeatSettings:
    """`ping_seconds`: from ping to ping; a client that has not answered one by the next is gone, so that a dropped
    tablet shows as dropped within twice that. `stall_seconds`: how long a client may take nothing of what waits for it.
    """

    ping_seconds: float = PING_SECONDS
    stall_seconds: float = STALL_SECONDS


HEARTBEAT_SETTINGS = HeartbeatSettings()


class Heartbeat:
    def __init__(self, server: Any, metrics: Metrics, settings: HeartbeatSettings) -> None:
        self._server = server
        self._metrics = metrics
        self._settings = settings
        self._beats: list[set[Connection]] = [set() for _ in range(BEATS)]
        self._places = 0
        # The connections that do not take what is written: what waited when it last became less, and when that was.
        self._lagging: dict[Connection, tuple[int, float]] = {}
        self._ending: set[asyncio.Task[Any]] = set()

    def add(self, connection: Connection) -> None:
        self._places += 1
        connection.beat = self._places % BEATS
        self._beats[connection.beat].add(connection)

    def watch(self, connection: Connection) -> None:
        self._lagging[connection] = (connection.wire.unsent(), time.monotonic())

    def remove(self, connection: Connection) -> None:
        self._beats[connection.beat].discard(connection)
        self._lagging.pop(connection, None)

    async def run(self) -> None:
        beat, watched = 0, time.monotonic()
        while True:
            await asyncio.sleep(self._settings.ping_seconds / BEATS)
            self._ping(self._beats[beat])
            beat = (beat + 1) % BEATS
            if time.monotonic() - watched >= WATCH_EVERY_SECONDS:
                watched = time.monotonic()
                self._cut_stalled(watched)
                self._look_after_the_rest(watched)

    def _ping(self, connections: set[Connection]) -> None:
        for connection in list(connections):
            if connection.wire.is_lagging:
                continue  # it would not see it; `_cut_stalled` looks after it
            if connection.is_awaiting_pong:
                connection.wire.abort()
            else:
                connection.is_awaiting_pong = True
                connection.outgoing.tell(_PING)

    def _cut_stalled(self, now: float) -> None:
        for connection, (waited, since) in list(self._lagging.items()):
            waits = connection.wire.unsent()
            if not connection.wire.is_lagging:
                del self._lagging[connection]
            elif waits < waited:
                self._lagging[connection] = (waits, now)
            elif now - since > self._settings.stall_seconds:
                self._metrics.laggards_cut.inc()
                connection.wire.abort()

    def _look_after_the_rest(self, now: float) -> None:
        """Those that poll: what the library's own task does, and cutting those that do not fetch what they are told."""
        sockets = seams.sockets_of(self._server)
        for sid, socket in list(sockets.items()):
            if socket.closed:
                sockets.pop(sid, None)
            elif socket.queue.is_attached:
                continue
            elif socket.queue.is_over:
                self._begin(seams.end(socket))
            elif socket.last_ping and now - socket.last_ping > seams.ping_timeout_of(self._server):
                self._begin(socket.check_ping_timeout())

    def _begin(self, ending: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.get_running_loop().create_task(ending)
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
