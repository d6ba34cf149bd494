"""A WebSocket under uvicorn, by its `ws` setting: little memory for each connection, and writable without a coroutine.

Here is read from the network and written to it, and here it is bounded: so many frames in a turn of the loop, so many
in a second (`Budget`), so much of one message (`FrameReader`), one answer owed to pings. Whatever is too much is not
read: it waits in the client.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from typing import Any, Protocol, cast

from server.engine import frames
from server.engine.budget import Budget
from server.engine.frames import FrameError, FrameReader, Message
from server.engine.libraries import WebServerConfig, WebServerState
from server.engine.opening import Handshake, Opening
from server.engine.outgoing import UNTAKEN, Send
from server.engine.settings import EngineSettings

# Under TLS, whose records the transport writes: above the first nothing more is written until the client has taken all
# but the second.
HIGH_WATER_BYTES = 32 * 1024
LOW_WATER_BYTES = 8 * 1024
# What the system may keep unsent: it would keep megabytes, in memory and older than the newest state.
UNSENT_IN_SYSTEM_BYTES = 32 * 1024
# For the client's half of the closing; one that says nothing, or does not read, is cut.
CLOSE_PATIENCE_SECONDS = 5.0
# Then the loop looks after all others before it goes on with this one.
FRAMES_A_TURN = 4

# Why nothing is read.
TURN, SPENT, UNREAD = 1, 2, 4


class Receiver(Protocol):
    """Who is told what comes on a WebSocket."""

    def received(self, message: str | bytes) -> None: ...

    def opened(self, wire: WebSocket) -> None:
        """Called first, when it can be written to."""

    def flooding(self, seconds: float) -> bool:
        """It has sent more than it may, for so long; True if it is to be cut."""
        ...

    def lagging(self) -> None:
        """The client does not take what is written: no `can_write` until it has."""

    def drained(self) -> None:
        """It has."""

    def closed(self) -> None:
        """Called once; nothing comes afterwards."""


class WebSocket(asyncio.Protocol):
    """uvicorn makes one for each connection that asks to become a WebSocket."""

    __slots__ = (
        "_app_state", "_closing", "_config", "_holds", "_is_lost", "_opening", "_owed", "_reader", "_receiver",
        "_server_state", "budget", "can_write", "is_lagging", "is_open", "send", "transport",
    )  # fmt: skip

    def __init__(self, config: WebServerConfig, server_state: WebServerState, app_state: dict[str, Any]) -> None:
        self.transport: asyncio.Transport = cast(asyncio.Transport, None)
        self.is_open = False
        self.is_lagging = False
        # Both of them: the one thing to look at before a broadcast writes.
        self.can_write = False
        self._config = config
        self._server_state = server_state
        self._app_state: dict[str, Any] | None = app_state
        self._reader: FrameReader | None = None
        self.budget: Budget | None = None
        self._opening: Opening | None = None
        self._receiver: Receiver | None = None
        self._closing: asyncio.TimerHandle | None = None
        self._holds = 0
        # The newest ping that has no answer yet, for its client does not read.
        self._owed: bytes | None = None
        self._is_lost = False
        self.send: Send = _nothing

    # What uvicorn and asyncio call

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        sender = _sender(self.transport)
        self.send = sender or _nothing
        if sender is None:
            self.transport.set_write_buffer_limits(HIGH_WATER_BYTES, LOW_WATER_BYTES)
        else:
            # It tells at once when something waits in it: what comes then must not overtake that.
            self.transport.set_write_buffer_limits(0)
        _keep_little_in_the_system(self.transport)
        self._server_state.connections.add(self)

    def data_received(self, data: bytes) -> None:
        if self._reader is not None:
            self._reader.feed(data)
            if self.budget is not None and self.budget.spend_bytes(len(data)):
                self._settle(self.budget)
            if not self._holds:
                self._read(self._reader)
        elif self._app_state is not None:
            self._begin(data, self._app_state)
        elif self._closing is None:
            # Nobody may send before the answer: what comes is not kept.
            self.abort()

    def pause_writing(self) -> None:
        self.is_lagging = True
        self.can_write = False
        if self._receiver is not None:
            self._receiver.lagging()

    def resume_writing(self) -> None:
        self.is_lagging = False
        self.can_write = self.is_open
        if self._owed is not None:
            payload, self._owed = self._owed, None
            self._answer_ping(payload)
        if self._receiver is not None:
            self._receiver.drained()

    def eof_received(self) -> None:
        """The transport closes by itself."""

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_lost = True
        self.send = _nothing
        self.is_open = self.can_write = False
        self._reader = None
        self._server_state.connections.discard(self)
        if self._closing is not None:
            self._closing.cancel()
            self._closing = None
        if self._opening is not None:
            self._opening.lost()
        receiver, self._receiver = self._receiver, None
        if receiver is not None:
            receiver.closed()

    def shutdown(self) -> None:
        """The server stops; the client shall come back."""
        if self._opening is not None:
            self._opening.refuse(503)
        # The line itself is cut when the client has answered: cutting it while the client still sends would reset it,
        # and the client would lose the last acks that it has not read.
        self.close(frames.RESTARTING)

    # What opens it

    def opened(self, answer: bytes, receiver: Receiver) -> None:
        self._opening = None
        self._receiver = receiver
        self.transport.write(answer)
        self.is_open = not self._is_lost
        self.can_write = self.is_open and not self.is_lagging
        receiver.opened(self)

    def refused(self, answer: bytes) -> None:
        self._opening = None
        self.transport.write(answer)
        self.transport.close()

    def give(self, settings: EngineSettings, receiver: Receiver) -> None:
        """From now on what comes is read, within these bounds. Until somebody has joined the lower ones hold."""
        joining = settings.joining
        self._receiver = receiver
        if self._reader is None:
            # Otherwise it has gone from one receiver to another, and what came behind that word is in its reader.
            self._reader = FrameReader(settings.message_bytes, settings.longest_bytes, settings.message_bytes)
            self.budget = Budget(settings.rate, _now())
        if joining is not None and self.budget is not None:
            self._reader.held = joining.message_bytes
            self.budget.rate = joining.rate

    def widen(self, settings: EngineSettings) -> None:
        """It has joined."""
        if self._reader is not None:
            self._reader.held = settings.message_bytes
        if self.budget is not None:
            self.budget.rate = settings.rate

    # What its owner calls

    def write(self, frame: bytes) -> None:
        """One or more frames, complete with their headers; only while `can_write`."""
        try:
            sent = self.send(frame)
        except OSError:
            sent = 0
        if sent < len(frame):
            self.write_rest(frame, sent)

    def write_rest(self, frame: bytes, sent: int) -> None:
        """What `send` has not taken; or could not, for the line is broken, which the transport finds out and tells."""
        self.transport.write(frame[sent:])

    def unsent(self) -> int:
        """Bytes that wait in the transport."""
        return 0 if self._is_lost else self.transport.get_write_buffer_size()

    def close(self, code: int, reason: str = "") -> None:
        """Say so, behind what is written already, and give the client a while to answer."""
        if not self.is_open:
            return
        self.is_open = self.can_write = False
        self.transport.write(frames.close_frame(code, reason))
        self.release(UNREAD | UNTAKEN)
        self._closing = asyncio.get_running_loop().call_later(CLOSE_PATIENCE_SECONDS, self.abort)

    def abort(self) -> None:
        """Cut it now; what waits is thrown away."""
        self.is_open = self.can_write = False
        self.transport.abort()

    def hold(self, why: int) -> None:
        """Read nothing until this, and whatever else holds, is released."""
        if not self._holds and not self.transport.is_closing():
            self.transport.pause_reading()
        self._holds |= why

    def release(self, why: int) -> None:
        if not self._holds & why:
            return
        self._holds &= ~why
        if not self._holds:
            # What has come already goes first, in a turn of its own.
            self._holds = TURN
            asyncio.get_running_loop().call_soon(self._go_on)

    # Its own

    def _begin(self, request: bytes, app_state: dict[str, Any]) -> None:
        """uvicorn hands the whole request over at once."""
        self._app_state = None
        handshake = Handshake(request, self._config, self.transport)
        if handshake.scope is None:
            self.transport.write(handshake.answer)
            self.transport.close()
            return
        scope = {**handshake.scope, "state": app_state.copy()}
        opening = self._opening = Opening(self, handshake, self._server_state.default_headers)
        task = asyncio.get_running_loop().create_task(opening.run(self._config.loaded_app, scope))
        self._server_state.tasks.add(task)
        task.add_done_callback(self._server_state.tasks.discard)

    def _go_on(self) -> None:
        self._holds &= ~TURN
        if self._reader is None:
            return  # nothing more is wanted of it
        if not self._holds:
            self._read(self._reader)
        if not self._holds and not self.transport.is_closing():
            self.transport.resume_reading()

    def _read(self, reader: FrameReader) -> None:
        """As much of what has come as belongs into one turn of the loop."""
        try:
            for _ in range(FRAMES_A_TURN):
                message = reader.next()
                if message is None:
                    return
                if self.budget is not None and self.budget.spend_frame():
                    self._settle(self.budget)
                self._take(message)
                if self._holds or self._reader is None:
                    return
        except FrameError as error:
            self._reader = None
            self.close(error.code, error.reason)
            self.transport.close()
            return
        if reader.has_more:
            self.hold(TURN)
            asyncio.get_running_loop().call_soon(self._go_on)

    def _settle(self, budget: Budget) -> None:
        now = _now()
        wait = budget.settle(now)
        if wait <= 0:
            return
        self.hold(SPENT)
        asyncio.get_running_loop().call_later(wait, self.release, SPENT)
        if self.is_open and self._receiver is not None and self._receiver.flooding(budget.over_for(now) + wait):
            self.close(frames.POLICY, "too much")
            self._reader = None

    def _take(self, message: Message) -> None:
        kind = message.kind
        if kind == frames.CLOSE:
            self._close_answered(message.payload)
        elif not self.is_open or self._receiver is None:
            return  # on its way while we were closing
        elif kind == frames.TEXT:
            self._receiver.received(message.text)
        elif kind == frames.BINARY:
            self._receiver.received(message.payload)
        elif kind == frames.PING:
            self._answer_ping(message.payload)

    def _answer_ping(self, payload: bytes) -> None:
        """The newest is enough (RFC 6455, 5.5.3), and whoever does not read is owed no more than one."""
        if self.can_write:
            self.write(frames.control_frame(frames.PONG, payload))
        else:
            self._owed = payload

    def _close_answered(self, payload: bytes) -> None:
        code = frames.read_close(payload)
        self._reader = None
        self.close(frames.NORMAL if code == frames.NO_CODE else code)
        self.transport.close()


def _now() -> float:
    return asyncio.get_running_loop().time()


def _nothing(frame: bytes) -> int:
    """Where there is no way past the transport."""
    return 0


class _Borrowed(socket.socket):
    """The transport's socket, which the transport closes."""

    __slots__ = ()

    def __del__(self) -> None:
        self.detach()


def _sender(transport: asyncio.Transport) -> Send | None:
    """Straight to the system, past the transport, which costs a broadcast a tenth more; None where that is no way."""
    connected = transport.get_extra_info("socket")
    if connected is None or transport.get_extra_info("ssl_object") is not None or sys.platform == "win32":
        return None
    return _Borrowed(connected.family, connected.type, connected.proto, fileno=connected.fileno()).send


def _keep_little_in_the_system(transport: asyncio.Transport) -> None:
    option = getattr(socket, "TCP_NOTSENT_LOWAT", None)
    connected = transport.get_extra_info("socket")
    if option is not None and connected is not None:
        with contextlib.suppress(OSError):  # no TCP
            connected.setsockopt(socket.IPPROTO_TCP, option, UNSENT_IN_SYSTEM_BYTES)
