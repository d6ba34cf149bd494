"""The HTTP request that opens a WebSocket: judged by `websockets`, told to the app as an ASGI scope."""

from __future__ import annotations

import asyncio
import logging
from typing import Any
from urllib.parse import unquote

from websockets.http11 import Request
from websockets.server import ServerProtocol

from server.transport.socket import seams
from server.transport.socket.seams import WebServerConfig


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

    def accepted(self, headers: list[tuple[bytes, bytes]], subprotocol: str | None) -> bytes:
        """The answer that makes it a WebSocket."""
        self._response.headers.pop("Date", None)
        for name, value in headers:
            self._response.headers[name.decode("latin-1")] = value.decode("latin-1")
        if subprotocol is not None:
            self._response.headers["Sec-WebSocket-Protocol"] = subprotocol
        return self._written()

    def refused(self, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> bytes:
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


def _scope(asked: Request, config: WebServerConfig, transport: asyncio.Transport) -> dict[str, Any]:
    raw_path, _, query = asked.path.partition("?")
    offered = ",".join(asked.headers.get_all("Sec-WebSocket-Protocol"))
    return {
        "type": "websocket",
        "asgi": {"version": config.asgi_version, "spec_version": "2.4"},
        "http_version": "1.1",
        "scheme": "wss" if seams.is_tls(transport) else "ws",
        "server": seams.local_address(transport),
        "client": seams.remote_address(transport),
        "root_path": config.root_path,
        "path": config.root_path + unquote(raw_path),
        "raw_path": config.root_path.encode("ascii") + raw_path.encode("ascii"),
        "query_string": query.encode("ascii"),
        "headers": [
            (name.lower().encode("ascii"), value.encode("latin-1")) for name, value in asked.headers.raw_items()
        ],
        "subprotocols": [name.strip() for name in offered.split(",") if name.strip()],
    }
