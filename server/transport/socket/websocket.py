"""A WebSocket under uvicorn, by its `ws` setting: little memory for each connection, and writable without a coroutine.

An ASGI app talks to it as to any other. One that finds it in the scope (`EXTENSION`) may take it over: from then on
messages go to a receiver of its own, it writes frames by itself, and its ASGI call may return.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from typing import Any, Protocol, cast

from uvicorn.config import Config
from uvicorn.server import ServerState

from server.transport.socket import frames
from server.transport.socket.conversation import Conversation
from server.transport.socket.frames import FrameError, FrameReader
from server.transport.socket.handshake import Handshake
from server.transport.socket.outgoing import Send

EXTENSION = "shiller.websocket"

# Under TLS, whose records the transport writes: above the first nothing more is written until the client has taken all
# but the second.
HIGH_WATER_BYTES = 64 * 1024
LOW_WATER_BYTES = 16 * 1024
# What the system may keep unsent: it would keep megabytes, in memory and older than the newest state.
UNSENT_IN_SYSTEM_BYTES = 32 * 1024
# For the client's half of the closing; one that says nothing, or does not read, is cut.
CLOSE_PATIENCE_SECONDS = 5.0


class Receiver(Protocol):
    """Who takes over."""

    def text_received(self, text: str) -> None: ...

    def lagging(self) -> None:
        """The client does not take what is written: no `can_write` until it has."""

    def drained(self) -> None:
        """It has."""

    def closed(self) -> None:
        """Called once; nothing comes afterwards."""


class WebSocket(asyncio.Protocol):
    """uvicorn makes one for each connection that asks to become a WebSocket."""

    __slots__ = (
        "_app_state",
        "_closing",
        "_config",
        "_conversation",
        "_is_lost",
        "_reader",
        "_receiver",
        "_server_state",
        "can_write",
        "is_lagging",
        "is_open",
        "send",
        "transport",
    )

    def __init__(self, config: Config, server_state: ServerState, app_state: dict[str, Any]) -> None:
        self.transport: asyncio.Transport = cast(asyncio.Transport, None)
        self.is_open = False
        self.is_lagging = False
        # Both of them: the one thing to look at before a broadcast writes.
        self.can_write = False
        self._config = config
        self._server_state = server_state
        self._app_state = app_state
        self._reader = FrameReader(config.ws_max_size)
        self._conversation: Conversation | None = None
        self._receiver: Receiver | None = None
        self._closing: asyncio.TimerHandle | None = None
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
        self._server_state.connections.add(cast(Any, self))

    def data_received(self, data: bytes) -> None:
        if self._conversation is None and self._receiver is None:
            self._begin(data)
            return
        if not self.is_open and self._closing is None:
            return
        try:
            for kind, payload in self._reader.feed(data):
                self._take(kind, payload)
        except FrameError as error:
            self.close(error.code, error.reason)
            self.transport.close()

    def pause_writing(self) -> None:
        self.is_lagging = True
        self.can_write = False
        if self._receiver is not None:
            self._receiver.lagging()

    def resume_writing(self) -> None:
        self.is_lagging = False
        self.can_write = self.is_open
        if self._receiver is not None:
            self._receiver.drained()
        elif self._conversation is not None:
            self._conversation.drained()

    def eof_received(self) -> None:
        """The transport closes by itself."""

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_lost = True
        self.send = _nothing
        self.is_open = self.can_write = False
        self._server_state.connections.discard(cast(Any, self))
        if self._closing is not None:
            self._closing.cancel()
            self._closing = None
        if self._receiver is not None:
            self._receiver.closed()
        elif self._conversation is not None:
            self._conversation.lost(frames.ABNORMAL)

    def shutdown(self) -> None:
        """The server stops; the client shall come back."""
        if self._conversation is not None and not self.is_open:
            self._conversation.refuse()
            self.transport.close()
        else:
            # The line itself is cut when the client has answered: cutting it while the client still sends would reset
            # it, and the client would lose the last acks that it has not read.
            self.close(frames.RESTARTING)

    # What the app calls

    def opened(self, answer: bytes) -> None:
        """The app has accepted."""
        self.transport.write(answer)
        self.is_open = self.can_write = not self._is_lost

    def take_over(self, receiver: Receiver) -> None:
        """Only after the connection was accepted. What has come and was not yet read is received at once."""
        conversation = self._conversation
        assert conversation is not None and self.is_open  # noqa: S101, PT018 - the app's own mistake
        self._receiver = receiver
        self._conversation = None
        for text in conversation.leave():
            receiver.text_received(text)

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
        self.resume_reading()
        self._closing = asyncio.get_running_loop().call_later(CLOSE_PATIENCE_SECONDS, self.abort)

    def abort(self) -> None:
        """Cut it now; what waits is thrown away."""
        self.is_open = self.can_write = False
        self.transport.abort()

    def pause_reading(self) -> None:
        if not self.transport.is_closing():
            self.transport.pause_reading()

    def resume_reading(self) -> None:
        if not self.transport.is_closing():
            self.transport.resume_reading()

    # Its own

    def _begin(self, request: bytes) -> None:
        """uvicorn hands the whole request over at once."""
        handshake = Handshake(request, self._config, self.transport)
        if handshake.scope is None:
            self.transport.write(handshake.answer)
            self.transport.close()
            return
        scope = {**handshake.scope, "state": self._app_state.copy()}
        scope["extensions"] = {"websocket.http.response": {}, EXTENSION: self}
        self._conversation = Conversation(self, handshake, self._server_state.default_headers)
        task = asyncio.get_running_loop().create_task(self._conversation.run(cast(Any, self._config).loaded_app, scope))
        self._server_state.tasks.add(task)
        task.add_done_callback(self._server_state.tasks.discard)

    def _take(self, kind: int, payload: bytes) -> None:
        if kind == frames.CLOSE:
            self._close_answered(payload)
        elif not self.is_open:
            return  # on its way while we were closing
        elif kind == frames.PING:
            self.transport.write(frames.control_frame(frames.PONG, payload))
        elif kind == frames.PONG:
            return
        elif self._receiver is not None:
            if kind == frames.TEXT:
                self._receiver.text_received(payload.decode())
        elif self._conversation is not None:
            self._conversation.received(payload.decode() if kind == frames.TEXT else payload)

    def _close_answered(self, payload: bytes) -> None:
        code = frames.read_close(payload)
        if self._conversation is not None:
            self._conversation.lost(code)
        self.close(frames.NORMAL if code == frames.NO_CODE else code)
        self.transport.close()


def _nothing(frame: bytes) -> int:
    """Where there is no way past the transport."""
    return 0


class _Borrowed(socket.socket):
    """The transport's socket, which the transport closes."""

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
