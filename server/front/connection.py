"""uvicorn's HTTP protocol, given by its setting `http`, with bounds on what a client may send and leave unanswered.

It is fed one piece of a message at a time: a head to its end, a body to its end. So at most one request is ever under
way; what a client has sent beyond it waits as bytes, unread, and reading pauses until the answer is written. uvicorn's
own way is to read all requests at once, each an object that waits.
"""

from __future__ import annotations

import asyncio
from math import inf
from typing import Any, cast
from uuid import uuid4

import httptools
from uvicorn.config import Config
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from server.front import refusals
from server.front.door import FrontDoor
from server.front.names import Names
from server.front.proxies import Networks
from server.front.refusals import FrontRefusal

_END = b"\r\n\r\n"
_LINE_ENDS = b"\r\n"
_EMPTY = (b"\r", b"\n")
# Between two of these the loop serves others.
_PIECES_IN_A_TURN = 64
_CHUNKS_IN_A_PIECE_BYTES = 16 * 1024
# More of these than one read brings come only if the transport does not pause.
_HELD_BYTES = 1024 * 1024
_HOST_BYTES = 300
_JUDGED = frozenset(
    {b"host", b"content-length", b"transfer-encoding", b"x-forwarded-for", b"x-forwarded-proto", b"forwarded"}
)


class _Refused(Exception):
    """Raised within the parser, which stops there."""


class _Flow(FlowControl):
    """uvicorn pauses for the app; this pauses besides, while requests wait for their turn."""

    def __init__(self, transport: asyncio.Transport) -> None:
        super().__init__(transport)
        self.is_held = False

    def pause_reading(self) -> None:
        if not self.read_paused:
            self.read_paused = True
            self._set()

    def resume_reading(self) -> None:
        if self.read_paused:
            self.read_paused = False
            self._set()

    def hold(self) -> None:
        if not self.is_held:
            self.is_held = True
            self._set()

    def release(self) -> None:
        if self.is_held:
            self.is_held = False
            self._set()

    def _set(self) -> None:
        if self._transport.is_closing():
            return
        if self.read_paused or self.is_held:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()


class HttpConnection(HttpToolsProtocol):
    def __init__(
        self,
        door: FrontDoor,
        names: Names,
        proxies: Networks,
        named_proxies: Networks,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        below: asyncio.Transport | None = None,
    ) -> None:
        """`proxies` may say for whom they ask; `named_proxies` are those of them that the server was told of.

        `below` carries the protected connection that this one speaks through, if it does.
        """
        door.watch(server_state)
        super().__init__(config, server_state, app_state, _loop)
        self._door = door
        self._limits = door.limits
        self._names = names
        self._proxies = proxies
        self._named_proxies = named_proxies
        self._below = below
        self._pace: _Flow
        self._peer: str | None = None
        self._requests = 0
        # What has come and was not read yet, from `_at` on.
        self._held = b""
        self._at = 0
        self._is_scheduled = False
        # Of the message that is being read: where it is, and what has come of its head, or since the last of its body.
        self._is_in_body = False
        self._is_chunked = False
        self._body_left = 0
        self._fields = 0
        self._becomes_websocket = False
        self._dry_bytes = 0
        self._tail = b""
        self._refusal: FrontRefusal | None = None
        # By the loop's clock.
        self._deadline = inf
        self._body_began = 0.0
        self._body_bytes = 0
        self._unsent = 0
        self._stalled_since = inf
        self._is_leaving = False
        self._lingers = False

    # What asyncio calls

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.flow = self._pace = _Flow(transport)
        self._peer = self.client[0] if self.client else None
        if self._door.is_closed:
            # Accepted, or through its handshake, only after uvicorn told its connections to end: it would wait for
            # this one, which has heard nothing.
            transport.close()
            return
        self._deadline = self.loop.time() + self._limits.silent_seconds
        refusal = self._door.admit(self, self._peer)
        if refusal is not None:
            self._refuse(refusal)

    def connection_lost(self, exc: Exception | None) -> None:
        self._door.is_gone(self)
        self._held = b""
        if self._lingers:
            self._lingers = False
            self._door.has_lingered()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._is_leaving:
            return
        if self._held:
            # It came although reading pauses.
            self._held = self._held[self._at :] + data
            self._at = 0
            if len(self._held) > _HELD_BYTES:
                self._refuse(refusals.BAD_REQUEST)
            return
        self._held = data
        self._at = 0
        self._go_on()

    # What uvicorn and the parser call

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._refusal = None

    def on_headers_complete(self) -> None:
        self._refusal = self._head_refusal() or self._judged()
        if self._refusal is not None:
            raise _Refused
        if self._requests == 0:
            self._door.has_asked(self)
        self._requests += 1
        self._dry_bytes = 0
        self._fields = len(self.headers)
        self._is_in_body = True
        self._deadline = inf
        before = self.cycle
        super().on_headers_complete()
        # uvicorn begins no answer of its own to what is to become a WebSocket.
        self._becomes_websocket = self.cycle is before
        if self._requests >= self._limits.requests and not self._becomes_websocket:
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        self._dry_bytes = 0
        self._body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._is_in_body = False
        self._is_chunked = False
        self._dry_bytes = 0
        self._deadline = inf
        if self._under_way() is None:
            self._deadline = self.loop.time() + self.timeout_keep_alive
        super().on_message_complete()

    def on_response_complete(self) -> None:
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        patience = self._limits.unread_body_seconds if self._is_in_body else self.timeout_keep_alive
        self._deadline = self.loop.time() + patience
        if self._held:
            self._go_on_soon(0.0 if self._is_in_body else self._limits.pipelined_seconds)

    def handle_websocket_upgrade(self) -> None:
        # It may stand behind another request, which was answered first.
        self._pace.release()
        self.flow.resume_reading()
        super().handle_websocket_upgrade()
        # The parser knows this connection: as a circle they would stay until the collector comes by.
        self.parser = None  # type: ignore[assignment]
        self._door.hand_over(self, self.transport.get_protocol(), self.server_state.connections)

    # What the door calls

    @property
    def is_idle(self) -> bool:
        is_reading = self._is_in_body or self._dry_bytes > 0
        if self._requests == 0 or self._under_way() is not None or is_reading or self._is_leaving:
            return False
        # An answer is whole when it was written; it may still wait for the client to take it.
        below = 0 if self._below is None else self._below.get_write_buffer_size()
        return self.transport.get_write_buffer_size() + below == 0

    def look(self, now: float) -> None:
        if now >= self._deadline:
            self._be_late(now)
        if self.flow.write_paused or self.transport.is_closing():
            self._look_at_writing(now)
        else:
            self._stalled_since = inf

    def give_way(self) -> None:
        self._door.cut("silent" if self._requests == 0 else "idle", self._peer)
        self.transport.abort()

    # Reading

    def _go_on(self) -> None:
        for _ in range(_PIECES_IN_A_TURN):
            if self._is_leaving or self.transport.is_closing():
                self._held = b""
                return
            if not self._is_in_body and not self._dry_bytes and self._held[self._at : self._at + 1] in _EMPTY:
                self._skip_empty_lines()
            if self._at >= len(self._held):
                self._held = b""
                self._pace.release()
                return
            if not self._is_in_body and self._under_way() is not None:
                # What comes now is the next request, and this one has no whole answer yet.
                self._pace.hold()
                return
            if not self._feed():
                self._held = b""
                return
        self._pace.hold()
        self._go_on_soon()

    def _go_on_soon(self, seconds: float = 0.0) -> None:
        if not self._is_scheduled:
            self._is_scheduled = True
            self.loop.call_later(seconds, self._go_on_now)

    def _go_on_now(self) -> None:
        self._is_scheduled = False
        if self._held and self.parser is not None:
            self._go_on()

    def _parser(self) -> httptools.HttpRequestParser:
        assert self.parser is not None  # noqa: S101 - only once the connection is lost
        return self.parser

    def _skip_empty_lines(self) -> None:
        """Before a request: they are no beginning of one."""
        rest = self._held[self._at :]
        self._at += len(rest) - len(rest.lstrip(_LINE_ENDS))

    def _under_way(self) -> RequestResponseCycle | None:
        """The request whose answer is not whole yet."""
        cycle = cast("RequestResponseCycle | None", self.cycle)
        return None if cycle is None or cycle.response_complete else cycle

    def _feed(self) -> bool:
        """One piece; False: there is nothing more to be read here."""
        begin, end = self._at, self._end_of_piece()
        piece = self._held if begin == 0 and end == len(self._held) else self._held[begin:end]
        self._at = end
        is_chunked = self._is_chunked
        was_reading = self._is_in_body or self._dry_bytes > 0
        if self._is_in_body and not self._is_chunked:
            self._body_left -= len(piece)
        else:
            self._dry_bytes += len(piece)
        try:
            self._parser().feed_data(piece)
        except httptools.HttpParserUpgrade:
            if self._becomes_websocket:
                self.handle_websocket_upgrade()
                return False
            # Asked for something that is not spoken here: it goes on in HTTP/1.1.
        except httptools.HttpParserError:
            self._refuse(self._refusal or refusals.BAD_REQUEST)
            return False
        if is_chunked:
            # What follows a body in chunks (trailers) is none of the app's, which has read the head already.
            del self.headers[self._fields :]
        if self._dry_bytes and (refusal := self._head_refusal()) is not None:
            self._refuse(refusal)
            return False
        if self._is_in_body and self._deadline == inf:
            self._begin_body_clock(self.loop.time())
        elif self._dry_bytes and not self._is_in_body and not was_reading:
            self._deadline = self.loop.time() + self._limits.head_seconds
        return True

    def _end_of_piece(self) -> int:
        """A piece never reaches into the next message.

        Heads end with an empty line, and so do bodies in chunks; the same in the middle of one does no harm.
        """
        held, begin = self._held, self._at
        if self._is_in_body and not self._is_chunked:
            return min(len(held), begin + max(1, self._body_left))
        most = _CHUNKS_IN_A_PIECE_BYTES if self._is_in_body else self._limits.head_bytes + 1 - self._dry_bytes
        limit = min(len(held), begin + max(1, most))
        tail, self._tail = self._tail, b""
        if tail:
            found = (tail + held[begin : min(limit, begin + len(_END) - 1)]).find(_END)
            if found >= 0:
                return begin + found + len(_END) - len(tail)
        found = held.find(_END, begin, limit)
        if found >= 0:
            return found + len(_END)
        self._tail = (tail + held[max(begin, limit - 3) : limit])[-3:]
        return limit

    # Judging

    def _head_refusal(self) -> FrontRefusal | None:
        """What has come of a head, or of what follows a body, is too much."""
        limits = self._limits
        if not self._is_in_body and len(self.url or b"") > limits.request_line_bytes:
            return refusals.uri_too_long(limits.request_line_bytes)
        if self._dry_bytes > limits.head_bytes or len(self.headers or ()) > limits.fields:
            return refusals.head_too_large(limits.head_bytes, limits.fields)
        return None

    def _judged(self) -> FrontRefusal | None:
        """Of a whole head: for whom it is. Reads besides how its body comes."""
        host: bytes | None = None
        is_forwarded = False
        self._body_left = self._body_bytes = 0
        for name, value in self.headers:
            if name not in _JUDGED:
                continue
            if name == b"host":
                if host is not None:
                    return refusals.BAD_HOST
                host = value
            elif name == b"content-length":
                # The parser has refused what is no number.
                self._body_left = int(value)
            elif name == b"transfer-encoding":
                self._is_chunked = True
            else:
                is_forwarded = True
        if is_forwarded and self._peer is not None and self._proxies.has(self._peer):
            self._door.is_forwarded(self)
        else:
            is_forwarded = False
        if host is None:
            return refusals.BAD_HOST if self._parser().get_http_version() == "1.1" else None
        return self._host_refusal(host, is_forwarded)

    def _host_refusal(self, value: bytes, is_forwarded: bool) -> FrontRefusal | None:
        host = value.decode("latin-1").strip()
        knows = self._names.knows(host) if len(host) <= _HOST_BYTES else None
        if knows:
            return None
        if is_forwarded or (self._peer is not None and self._named_proxies.has(self._peer)):
            # A proxy may ask by a name of its own; it has judged what browsers sent.
            return None
        return refusals.BAD_HOST if knows is None else refusals.wrong_host(host)

    # Time

    def _begin_body_clock(self, now: float) -> None:
        self._body_began = now
        self._body_bytes = 0
        self._deadline = now + self._limits.body_seconds

    def _be_late(self, now: float) -> None:
        if self._is_leaving:
            self.transport.abort()
        elif self._is_in_body:
            self._judge_body(now)
        elif self._dry_bytes:
            self._refuse(refusals.HEAD_LATE)
        elif self._requests == 0:
            self._door.cut("silent", self._peer)
            self.transport.abort()
        else:
            self.transport.close()

    def _judge_body(self, now: float) -> None:
        if self._under_way() is None:
            self.transport.close()
            return
        if self.flow.read_paused or self._pace.is_held:
            # It is the app that does not read.
            self._begin_body_clock(now)
            return
        limits = self._limits
        self._deadline = self._body_began + limits.body_seconds + self._body_bytes / limits.body_rate
        if now >= self._deadline:
            self._refuse(refusals.BODY_LATE)

    def _look_at_writing(self, now: float) -> None:
        unsent = self.transport.get_write_buffer_size()
        if unsent != self._unsent or self._stalled_since == inf:
            self._unsent = unsent
            self._stalled_since = now
        elif unsent and now - self._stalled_since >= self._limits.stalled_seconds:
            self._door.cut("stalled", self._peer)
            self.transport.abort()

    # Refusing

    def _refuse(self, refusal: FrontRefusal) -> None:
        if self._is_leaving or self.transport.is_closing():
            return
        self._is_leaving = True
        self._held = b""
        request_id = uuid4().hex
        self._door.cut(refusal.reason, self._peer, request_id)
        if (cycle := self._under_way()) is not None:
            # The app reads a body that does not come: to it, the client is gone.
            cycle.disconnected = True
            cycle.message_event.set()
            self.flow.resume_writing()
            if cycle.response_started:
                self.transport.close()
                return
        self.transport.write(refusal.written(self.server_state.default_headers, request_id))
        self._leave()

    def _leave(self) -> None:
        """Closing while the client still sends would reset the line, and the client would not read the answer."""
        if not self.transport.can_write_eof() or not self._door.may_linger():
            self.transport.close()
            return
        self._lingers = True
        self.transport.write_eof()
        self.flow.resume_reading()
        self._pace.release()
        self._deadline = self.loop.time() + self._limits.leaving_seconds
