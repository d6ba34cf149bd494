"""The HTTP request that opens a WebSocket: judged by `websockets`, told to the app as an ASGI scope.

The app refuses it as any ASGI app does. It lets it in by `Opening.accept` alone, which it finds in the scope.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol
from urllib.parse import unquote

from websockets.datastructures import Headers as RequestHeaders
from websockets.exceptions import InvalidHeader
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


def _judge() -> ServerProtocol:
    # It tells of every connection; with uvicorn's own lines it is kept quiet.
    return ServerProtocol(logger=logging.getLogger("uvicorn.error"))


_SWITCHING = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"

# Of requests that are as they should be it keeps nothing, so one is enough for all of them.
_JUDGE = _judge()


class Handshake:
    def __init__(self, request: bytes, config: WebServerConfig, transport: asyncio.Transport) -> None:
        """`request` is all of it, as uvicorn hands it over."""
        self._key = ""
        self.answer = b""
        self.scope: dict[str, Any] | None = None
        asked = _read(request)
        if asked is None:
            self.answer = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
            return
        try:
            self._key, *_ = _JUDGE.process_request(asked)
        except Exception:
            # It says why, each in the way that is laid down for it.
            self.answer = _judge().accept(asked).serialize()
            return
        self.scope = _scope(asked, config, transport)

    def accepted(self, headers: Headers) -> bytes:
        """The answer that makes it a WebSocket."""
        fields = ((b"Sec-WebSocket-Accept", self._key.encode()), *headers)
        return b"".join((_SWITCHING, *(b"%b: %b\r\n" % field for field in fields), b"\r\n"))

    def refused(self, status: int, headers: Headers, body: bytes) -> bytes:
        """The answer that makes it none."""
        response = _judge().reject(status, "")
        response.body = body
        replaced = {"Content-Length": str(len(body))} | {
            name.decode("latin-1"): value.decode("latin-1") for name, value in headers
        }
        for name, value in replaced.items():
            # Setting alone would add a second one.
            response.headers.pop(name, None)
            response.headers[name] = value
        return response.serialize()


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

    def accept(self, receiver: Any, headers: Headers = (), first: bytes = b"") -> bool:
        """Make it a WebSocket whose texts go to `receiver`. False if it is gone or refused. `first`: the frames that
        the client is told together with the answer, which spares a call of the system.
        """
        if self._handshake is None:
            return False
        answer, self._handshake = self._handshake.accepted([*self._headers, *headers]), None
        self._socket.opened(answer + first, receiver)
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


def _read(request: bytes) -> Request | None:
    """A request that the web server has read and written anew; None for one that no WebSocket begins with."""
    head, *lines = request.decode("latin-1").split("\r\n")
    method, path, protocol = head.split(" ", 2)
    headers = RequestHeaders()
    try:
        for line in filter(None, lines):
            name, _, value = line.partition(":")
            headers[name] = value.strip(" \t")
    except InvalidHeader:
        return None
    has_body = "Transfer-Encoding" in headers or not set(headers.get_all("Content-Length")) <= {"0"}
    return Request(path, headers, method, protocol) if path.isascii() and not has_body else None


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
