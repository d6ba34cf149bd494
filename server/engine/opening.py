"""The HTTP request that opens a WebSocket: judged by `websockets`, told to the app as an ASGI scope.

The app refuses it as any ASGI app does. It lets it in by `Opening.accept` alone, which it finds in the scope.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol
from urllib.parse import unquote

from websockets.http11 import Request
from websockets.server import ServerProtocol

from server.engine import libraries
from server.engine.libraries import WebServerConfig
from server.engine.settings import Scope

# By which the app finds the Opening among the scope's extensions.
EXTENSION = "server.engine"

Headers = Sequence[tuple[bytes, bytes]]
App = Callable[[Scope, Callable[[], Awaitable[Any]], Callable[[Any], Awaitable[None]]], Awaitable[None]]

log = logging.getLogger("shiller.engine")


class Handshake:
    def __init__(self, request: bytes, config: WebServerConfig, transport: asyncio.Transport) -> None:
        """`request` is all of it, as uvicorn hands it over."""
        # It tells of every connection; with uvicorn's own lines it is kept quiet.
        self._protocol = ServerProtocol(logger=logging.getLogger("uvicorn.error"))
        self._protocol.receive_data(request)
        asked = next((event for event in self._protocol.events_received() if isinstance(event, Request)), None)
        self.answer = b""
        self.scope: dict[str, Any] | None = None
        if asked is None:
            self.answer = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
            return
        self._response = self._protocol.accept(asked)
        if self._response.status_code != 101:
            self.answer = self._written()
            return
        self.scope = _scope(asked, config, transport)

    def accepted(self, headers: Headers) -> bytes:
        """The answer that makes it a WebSocket."""
        self._response.headers.pop("Date", None)
        for name, value in headers:
            self._response.headers[name.decode("latin-1")] = value.decode("latin-1")
        return self._written()

    def refused(self, status: int, headers: Headers, body: bytes) -> bytes:
        """The answer that makes it none."""
        self._response = self._protocol.reject(status, "")
        self._response.body = body
        replaced = {"Content-Length": str(len(body))} | {
            name.decode("latin-1"): value.decode("latin-1") for name, value in headers
        }
        for name, value in replaced.items():
            # Setting alone would add a second one.
            self._response.headers.pop(name, None)
            self._response.headers[name] = value
        return self._written()

    def _written(self) -> bytes:
        self._protocol.send_response(self._response)
        return b"".join(self._protocol.data_to_send())


class OpeningSocket(Protocol):
    """The connection that asks to become a WebSocket."""

    def opened(self, answer: bytes, receiver: Any) -> None:
        """It is one from now on, and what comes goes to the receiver."""

    def refused(self, answer: bytes) -> None:
        """It becomes none, and ends."""


class Opening:
    """From the request to its answer; afterwards there is none."""

    __slots__ = ("_denial", "_gone", "_handshake", "_headers", "_socket")

    def __init__(self, socket: OpeningSocket, handshake: Handshake, headers: Headers) -> None:
        """`headers` go into every answer."""
        self._socket = socket
        self._handshake: Handshake | None = handshake
        self._headers = list(headers)
        self._gone = asyncio.Event()
        self._denial: tuple[int, list[tuple[bytes, bytes]], bytes] = (403, [], b"")

    async def run(self, app: App, scope: Scope) -> None:
        """The app's call. What it neither accepts nor refuses is refused."""
        scope["extensions"] = {"websocket.http.response": {}, EXTENSION: self}
        try:
            await app(scope, self._receive(), self._send)
        except Exception:
            log.exception("a request for a WebSocket failed")
            self.refuse(500)
        self.refuse(403)

    def accept(self, receiver: Any, headers: Headers = ()) -> bool:
        """Make it a WebSocket whose texts go to `receiver`. False if it is gone or refused."""
        if self._handshake is None:
            return False
        answer, self._handshake = self._handshake.accepted([*self._headers, *headers]), None
        self._socket.opened(answer, receiver)
        return True

    def refuse(self, status: int, headers: Headers = (), body: bytes = b"") -> None:
        """Nothing, if it was answered before."""
        if self._handshake is None:
            return
        answer = self._handshake.refused(status, [*self._headers, *headers], body)
        self._handshake = None
        self._gone.set()
        self._socket.refused(answer)

    def lost(self) -> None:
        """The client has left before it was answered."""
        self._handshake = None
        self._gone.set()

    def _receive(self) -> Callable[[], Awaitable[Any]]:
        told = iter([{"type": "websocket.connect"}])

        async def receive() -> Any:
            if (event := next(told, None)) is not None:
                return event
            await self._gone.wait()
            return {"type": "websocket.disconnect", "code": 1006}

        return receive

    async def _send(self, event: Any) -> None:
        match event["type"]:
            case "websocket.close":
                self.refuse(403)
            case "websocket.http.response.start":
                self._denial = (event["status"], list(event.get("headers") or ()), b"")
            case "websocket.http.response.body":
                status, headers, body = self._denial
                self._denial = (status, headers, body + event.get("body", b""))
                if not event.get("more_body"):
                    self.refuse(*self._denial)
            case kind:
                raise RuntimeError(f"a WebSocket is accepted by the scope's extension {EXTENSION}, not by {kind}")


def _scope(asked: Request, config: WebServerConfig, transport: asyncio.Transport) -> dict[str, Any]:
    raw_path, _, query = asked.path.partition("?")
    offered = ",".join(asked.headers.get_all("Sec-WebSocket-Protocol"))
    return {
        "type": "websocket",
        "asgi": {"version": config.asgi_version, "spec_version": "2.4"},
        "http_version": "1.1",
        "scheme": "wss" if libraries.is_tls(transport) else "ws",
        "server": libraries.local_address(transport),
        "client": libraries.remote_address(transport),
        "root_path": config.root_path,
        "path": config.root_path + unquote(raw_path),
        "raw_path": config.root_path.encode("ascii") + raw_path.encode("ascii"),
        "query_string": query.encode("ascii"),
        "headers": [
            (name.lower().encode("ascii"), value.encode("latin-1")) for name, value in asked.headers.raw_items()
        ],
        "subprotocols": [name.strip() for name in offered.split(",") if name.strip()],
    }
