"""One Engine.IO connection on a WebSocket, without a task of its own: the WebSocket calls, nobody waits.

It takes the place of the library's writer, reader and ping tasks, and of their queue.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from engineio import packet
from engineio.exceptions import EngineIOError

from server.transport.socket import frames
from server.transport.socket.inbox import Inbox
from server.transport.socket.outgoing import Line
from server.transport.socket.seams import EngineSocket
from server.transport.socket.websocket import WebSocket

if TYPE_CHECKING:
    from server.transport.socket.heartbeat import Heartbeat

# What a client may send once it is connected: CLOSE, PONG, MESSAGE, UPGRADE.
_KINDS = ("1", "3", "4", "5")
_PONG = "3"
# Messages that wait for the one before them; a client that sends more is not read from.
UNREAD_MESSAGES = 64


class Connection:
    __slots__ = (
        "_heartbeat",
        "_inbox",
        "_is_closed",
        "_reading",
        "_unread",
        "beat",
        "engine_socket",
        "is_awaiting_pong",
        "wire",
    )

    def __init__(self, engine_socket: EngineSocket, wire: WebSocket, heartbeat: Heartbeat, inbox: Inbox) -> None:
        """`engine_socket` is the library's; its queue is a Line."""
        self.engine_socket = engine_socket
        self.wire = wire
        self.is_awaiting_pong = False
        # Its place in the heartbeat's round.
        self.beat = 0
        self._heartbeat = heartbeat
        self._inbox = inbox
        self._unread: deque[str] | None = None
        self._reading: asyncio.Task[None] | None = None
        self._is_closed = False

    @property
    def line(self) -> Line:
        return self.engine_socket.queue

    def begin(self) -> None:
        """The WebSocket is open; from now on everything goes through it."""
        self._heartbeat.add(self)
        self.wire.take_over(self)
        self.line.attach(self.wire)

    def text_received(self, text: str) -> None:
        if text == _PONG:
            self.is_awaiting_pong = False
            # The library's own mark, which its first ping may have set.
            self.engine_socket.last_ping = None
        elif text.startswith(_KINDS) and not self._is_closed:
            if self._unread is None:
                if not self.line.is_full and self._inbox.take(self.engine_socket, text):
                    return
                self._unread = deque()
            self._unread.append(text)
            if len(self._unread) > UNREAD_MESSAGES:
                self.wire.pause_reading()
            self._begin_reading()

    def lagging(self) -> None:
        self._heartbeat.watch(self)

    def drained(self) -> None:
        self.is_awaiting_pong = False  # whoever takes so much is alive
        self.line.drain()
        if self._unread is None and not self.line.is_full:
            self.wire.resume_reading()
        self._begin_reading()

    def closed(self) -> None:
        self._is_closed = True
        self._heartbeat.remove(self)
        self.line.clear()
        self._begin_reading()

    def _begin_reading(self) -> None:
        if self._reading is None and (self._unread is not None or self._is_closed):
            self._reading = asyncio.get_running_loop().create_task(self._read())

    async def _read(self) -> None:
        """In order, and each only when the one before it was handed on, as the library does it."""
        while self._unread and not self.line.is_full:
            await self._receive(self._unread.popleft())
        self._reading = None
        if not self._unread:
            self._unread = None
            if not self.line.is_full:
                self.wire.resume_reading()
        if self._is_closed:
            await end(self.engine_socket)

    async def _receive(self, text: str) -> None:
        socket = self.engine_socket
        if self._inbox.take(socket, text):
            return
        try:
            await socket.receive(packet.Packet(encoded_packet=text))
        except EngineIOError:
            pass  # it is being closed
        except Exception:
            # The library's own words and logger: what a client did wrong is sorted out there.
            socket.server.logger.exception("Unknown receive error")
        if socket.closed:
            self.wire.close(frames.NORMAL)


async def end(engine_socket: EngineSocket) -> None:
    """The connection is gone: tell the namespaces, once, and forget it."""
    engine = engine_socket.server
    await engine_socket.close(wait=False, abort=True, reason=engine.reason.TRANSPORT_CLOSE)
    engine.sockets.pop(engine_socket.sid, None)
    engine_socket.queue.clear()
