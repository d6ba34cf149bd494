"""What lies between a device and the server in some schools: HTTP passes, a WebSocket does not, and nobody says so."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import re
from collections.abc import AsyncGenerator
from typing import Literal
from urllib.parse import urlsplit

Filtering = Literal["swallowed", "unanswered", "none"]
"""Of a WebSocket: answered with 101, and nothing passes afterwards; not even that; all of it passes."""

_WEBSOCKET = re.compile(rb"^upgrade: *websocket\r$", re.IGNORECASE | re.MULTILINE)
_KEY = re.compile(rb"^sec-websocket-key: *(\S+)\r$", re.IGNORECASE | re.MULTILINE)
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Filter:
    """Listens at `url`."""

    def __init__(self, target_url: str, filtering: Filtering) -> None:
        parts = urlsplit(target_url)
        self._target = (parts.hostname, parts.port)
        self._filtering = filtering
        self._server: asyncio.Server | None = None
        self._links: set[asyncio.Task[None]] = set()
        self.url = ""
        self.websockets = 0
        """That were asked for."""

    async def listen(self) -> None:
        self._server = await asyncio.start_server(self._join, "127.0.0.1", 0)
        self.url = "http://{}:{}".format(*self._server.sockets[0].getsockname())

    async def cut(self) -> None:
        """Every open connection; new ones are let in."""
        links = tuple(self._links)
        for link in links:
            link.cancel()
        await asyncio.gather(*links, return_exceptions=True)

    async def close(self) -> None:
        assert self._server is not None
        self._server.close()
        await self.cut()
        await self._server.wait_closed()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = asyncio.current_task()
        assert link is not None
        self._links.add(link)
        ends = [writer]
        try:
            with contextlib.suppress(OSError, asyncio.CancelledError):
                to_reader, to_writer = await asyncio.open_connection(*self._target)
                ends.append(to_writer)
                ways = {
                    asyncio.ensure_future(self._ask(reader, to_writer, writer)),
                    asyncio.ensure_future(_carry(to_reader, writer)),
                }
                try:
                    await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    for way in ways:
                        way.cancel()
                    await asyncio.gather(*ways, return_exceptions=True)
        finally:
            self._links.discard(link)
            for end in ends:
                end.transport.abort()

    async def _ask(
        self, reader: asyncio.StreamReader, to_writer: asyncio.StreamWriter, writer: asyncio.StreamWriter
    ) -> None:
        while asked := await reader.read(65536):
            if _WEBSOCKET.search(asked):
                self.websockets += 1
                if self._filtering != "none":
                    if self._filtering == "swallowed":
                        writer.write(_accepted(asked))
                    await _swallow(reader)
                    return
            to_writer.write(asked)
            await to_writer.drain()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()


async def _swallow(reader: asyncio.StreamReader) -> None:
    while await reader.read(65536):
        pass


def _accepted(request: bytes) -> bytes:
    key = _KEY.search(request)
    assert key is not None
    answer = base64.b64encode(hashlib.sha1(key[1] + _GUID).digest())  # noqa: S324 - RFC 6455 asks for it
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + answer + b"\r\n\r\n"
    )


@contextlib.asynccontextmanager
async def filter_before(target_url: str, filtering: Filtering) -> AsyncGenerator[Filter]:
    between = Filter(target_url, filtering)
    await between.listen()
    try:
        yield between
    finally:
        await between.close()
