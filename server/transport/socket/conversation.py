"""A WebSocket as an ASGI app sees it: `receive` and `send`, for as long as nobody has taken it over."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Protocol

import structlog

from server.transport.socket import frames
from server.transport.socket.handshake import Handshake

Event = MutableMapping[str, Any]
Headers = list[tuple[bytes, bytes]]
App = Callable[[Any, Callable[[], Awaitable[Event]], Callable[[Event], Awaitable[None]]], Awaitable[None]]

log = structlog.get_logger("shiller.websocket")


class ConversationSocket(Protocol):
    """The connection that is talked through."""

    @property
    def is_open(self) -> bool:
        """It is a WebSocket by now, and still is one."""
        ...

    @property
    def is_lagging(self) -> bool:
        """Its client does not take what is written."""
        ...

    def opened(self, answer: bytes) -> None:
        """The app has accepted."""

    def refused(self, answer: bytes) -> None:
        """It has not, and the connection ends."""

    def write(self, frame: bytes) -> None: ...
    def close(self, code: int, reason: str = "") -> None: ...
    def pause_reading(self) -> None: ...
    def resume_reading(self) -> None: ...


class Conversation:
    def __init__(self, socket: ConversationSocket, handshake: Handshake, headers: Headers) -> None:
        """`headers` go into every answer, besides the app's own."""
        self._socket = socket
        self._handshake: Handshake | None = handshake
        self._headers = headers
        self._come: deque[Event] = deque([{"type": "websocket.connect"}])
        self._more = asyncio.Event()
        self._is_drained = asyncio.Event()
        self._is_over = False
        self._is_left = False
        self._denial: tuple[int, Headers, bytes] | None = None

    async def run(self, app: App, scope: Event) -> None:
        """The app's call; when it returns, so does the connection, unless it was taken over."""
        try:
            await app(scope, self.receive, self.send)
        except frames.Gone:
            pass
        except Exception:
            log.exception("a websocket failed")
        if self._is_left:
            return
        if self._socket.is_open:
            self._socket.close(frames.NORMAL)
        elif self._handshake is not None:
            self._answer(self._handshake.refused(500, self._headers, b""))

    async def receive(self) -> Event:
        while not self._come:
            self._more.clear()
            await self._more.wait()
        event = self._come.popleft()
        if not self._come and self._socket.is_open:
            self._socket.resume_reading()
        return event

    async def send(self, event: Event) -> None:
        while self._socket.is_lagging and not self._is_over:
            self._is_drained.clear()
            await self._is_drained.wait()
        if self._is_over:
            raise frames.Gone
        match event["type"]:
            case "websocket.accept" if self._handshake is not None:
                own = [(name.lower(), value) for name, value in event.get("headers") or ()]
                self._socket.opened(self._handshake.accepted(self._headers + own, event.get("subprotocol")))
                self._handshake = None
            case "websocket.send" if self._socket.is_open:
                text = event.get("text")
                self._socket.write(frames.data_frame(event["bytes"] if text is None else text))
            case "websocket.close" if self._handshake is not None:
                self._answer(self._handshake.refused(403, self._headers, b""))
            case "websocket.close":
                self._socket.close(event.get("code", frames.NORMAL), event.get("reason") or "")
            case "websocket.http.response.start" if self._handshake is not None:
                self._denial = (event["status"], list(event.get("headers") or ()), b"")
            case "websocket.http.response.body" if self._handshake is not None and self._denial is not None:
                status, headers, body = self._denial
                self._denial = (status, headers, body + event.get("body", b""))
                if not event.get("more_body"):
                    self._answer(self._handshake.refused(status, self._headers + headers, self._denial[2]))
            case kind:
                raise RuntimeError(f"{kind} cannot be sent now")

    def received(self, payload: str | bytes) -> None:
        self._tell({"type": "websocket.receive", "text" if isinstance(payload, str) else "bytes": payload})
        # One at a time: what the app does not take waits in the client.
        self._socket.pause_reading()

    def drained(self) -> None:
        self._is_drained.set()

    def lost(self, code: int) -> None:
        if not self._is_over:
            self._is_over = True
            self._tell({"type": "websocket.disconnect", "code": code})
            self._is_drained.set()

    def refuse(self) -> None:
        """The server stops before the app has answered."""
        if self._handshake is not None:
            self._answer(self._handshake.refused(503, self._headers, b""))

    def leave(self) -> list[str]:
        """Somebody else takes over; the texts that nobody has read."""
        self._is_left = True
        self._socket.resume_reading()
        return [event["text"] for event in self._come if "text" in event]

    def _tell(self, event: Event) -> None:
        self._come.append(event)
        self._more.set()

    def _answer(self, answer: bytes) -> None:
        self._handshake = None
        self._socket.refused(answer)
        self.lost(frames.ABNORMAL)
