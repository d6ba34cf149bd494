"""A WebSocket that opens on /socket.io: a new Engine.IO connection, or one that moves here from long-polling."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from engineio import packet

from server.transport.socket import frames, seams
from server.transport.socket.connection import Connection, ConnectionWatch
from server.transport.socket.inbox import Inbox
from server.transport.socket.seams import EngineSocket, Environ, Run
from server.transport.socket.websocket import EXTENSION, WebSocket

# A client that began to move and does not go on.
PROBE_SECONDS = 20.0
# What is judged later, when a namespace is connected: the cookie and where it may be used from.
_KEPT_OF_REQUEST = ("HTTP_COOKIE", "HTTP_HOST", "HTTP_ORIGIN")
_KEPT_OF_SCOPE = ("type", "scheme", "client")


class Acceptor:
    def __init__(self, server: Any, watch: ConnectionWatch) -> None:
        self._server = server
        self._watch = watch
        self._inbox = Inbox(server)

    async def run(self, socket: EngineSocket, environ: Environ, run_by_library: Run) -> Any:
        wire = environ["asgi.scope"].get("extensions", {}).get(EXTENSION)
        if not isinstance(wire, WebSocket):
            return await run_by_library(environ)  # under another web server
        with contextlib.suppress(frames.Gone):
            await environ["asgi.send"]({"type": "websocket.accept"})
        if socket.connected:
            if not await _moved(socket, environ):
                return ""
        elif not wire.is_open:
            await seams.end(socket)
            return ""
        socket.connected = socket.upgraded = True
        self._forget_request(socket.sid, environ)
        Connection(socket, wire, self._watch, self._inbox).begin()
        return ""

    def _forget_request(self, sid: str, environ: Environ) -> None:
        scope = environ["asgi.scope"]
        kept: dict[str, Any] = {name: environ[name] for name in _KEPT_OF_REQUEST if name in environ}
        kept["asgi.scope"] = {name: scope[name] for name in _KEPT_OF_SCOPE}
        seams.forget_request(self._server, sid, kept)


async def _moved(socket: EngineSocket, environ: Environ) -> bool:
    """Whether the client has done what Engine.IO asks for; until then everything goes by long-polling."""
    socket.upgrading = True
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            if await _next_text(environ) != "2probe":
                return False
            await environ["asgi.send"]({"type": "websocket.send", "text": "3probe"})
            # Ends the poll that is under way.
            await socket.queue.put(packet.Packet(packet.NOOP))
            return await _next_text(environ) == "5" and not socket.closed
    except (TimeoutError, frames.Gone):
        return False
    finally:
        socket.upgrading = False


async def _next_text(environ: Environ) -> str | None:
    event = await environ["asgi.receive"]()
    return event.get("text") if event["type"] == "websocket.receive" else None
