"""Between the web server and Engine.IO: what is no Engine.IO packet never reaches it.

Its readers end the connection, or log a traceback, on some of it; junk is simply dropped here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

# What a client may send (Engine.IO 4): CLOSE, PING (as the probe of an upgrade), PONG, MESSAGE, UPGRADE.
_KINDS = ("1", "2", "3", "4", "5")
_POLLED_KINDS = ("1", "3", "4", "5")
_SEPARATOR = "\x1e"


def guarded(app: App, path: str, largest_body: int) -> App:
    """`app` answers Engine.IO below `path`; everything else passes through untouched."""

    async def guard(scope: Message, receive: Receive, send: Send) -> None:
        kind = scope["type"]
        if kind == "websocket":
            await app(scope, _frames(receive), send)
        elif kind == "http" and scope["path"].startswith(path):
            await _poll(app, scope, receive, send, largest_body)
        else:
            await app(scope, receive, send)

    return guard


async def _poll(app: App, scope: Message, receive: Receive, send: Send, largest: int) -> None:
    if scope["method"] == "POST":
        body = await _read_body(receive, largest)
        if body is None:
            await _refuse(send, 413, b"The payload is too large.")
            return
        receive = _once(_packets_of(body))
    try:
        if scope["method"] == "GET":
            await _while_connected(app, scope, receive, send)
        else:
            await app(scope, receive, send)
    except KeyError:
        # What the library raises, before it answers, for a connection that is over.
        await _refuse(send, 400, b"This connection is over.")


def _frames(receive: Receive) -> Receive:
    """Binary frames are dropped too (their text is None): no message of ours is binary."""

    async def receive_packets() -> Message:
        while True:
            message = await receive()
            text = message.get("text")
            if message["type"] != "websocket.receive" or (text is not None and text.startswith(_KINDS)):
                return message

    return receive_packets


async def _while_connected(app: App, scope: Message, receive: Receive, send: Send) -> None:
    """A poll whose client leaves is over: the library would wait on, and a stop with it."""
    first = await receive()

    async def receive_first() -> Message:
        return first

    async def left() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    polling, leaving = asyncio.ensure_future(app(scope, receive_first, send)), asyncio.ensure_future(left())
    try:
        await asyncio.wait({polling, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not polling.done():
            # It takes this for the end of its patience and closes the connection.
            polling.cancel()
        await polling
    finally:
        leaving.cancel()


async def _read_body(receive: Receive, largest: int) -> bytes | None:
    """All of a polled body; None for one that is too large, or whose sender has left."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        body += message.get("body") or b""
        if len(body) > largest:
            return None
        if not message.get("more_body"):
            return bytes(body)


def _packets_of(body: bytes) -> bytes:
    packets = body.decode("utf-8", "replace").split(_SEPARATOR)
    return _SEPARATOR.join(packet for packet in packets if packet.startswith(_POLLED_KINDS)).encode()


def _once(body: bytes) -> Receive:
    async def receive_body() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_body


async def _refuse(send: Send, status: int, words: bytes) -> None:
    headers = [(b"content-type", b"text/plain"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": words})
