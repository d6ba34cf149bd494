"""A TCP socket that speaks WebSocket only as far as a test wants it to."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import socket
import struct
from collections.abc import AsyncGenerator, Awaitable
from contextlib import asynccontextmanager
from typing import TypeVar
from urllib.parse import urlsplit

from tests.support.scenario import PATIENCE_SECONDS
from tests.support.scenario_clients import Json

T = TypeVar("T")

TEXT, BINARY, CLOSE, PING = 1, 2, 8, 9
# The smallest that the system makes of it is a few kilobytes.
_LITTLE = 1


class BareSocket:
    """Reads nothing that it was not asked to read."""

    def __init__(self, url: str, *, reads_little: bool = False) -> None:
        parts = urlsplit(url)
        self._address = (parts.hostname or "127.0.0.1", parts.port or 80)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.socket.setblocking(False)
        if reads_little:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _LITTLE)
        self._unread = b""

    async def connect(self) -> BareSocket:
        await self._patiently(asyncio.get_running_loop().sock_connect(self.socket, self._address))
        return self

    async def upgrade(self) -> BareSocket:
        """Become an Engine.IO connection; its first packet is read."""
        await self.connect()
        key = base64.b64encode(os.urandom(16)).decode()
        host = "{}:{}".format(*self._address)
        await self.send(
            f"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
        )
        head = await self._read_until(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101"), head
        assert (await self.read_frame()).startswith("0{")
        return self

    async def join(self, session: Json, name: str) -> BareSocket:
        """Take a seat; what follows `session:joined` is left unread."""
        await self.upgrade()
        await self.send_frame("40/trainee," + json.dumps({"code": session["code"], "name": name}))
        while not (await self.read_frame()).startswith('42/trainee,["session:joined"'):
            pass
        return self

    async def send(self, data: bytes) -> None:
        await self._patiently(asyncio.get_running_loop().sock_sendall(self.socket, data))

    async def send_frame(self, payload: str | bytes) -> None:
        await self.send(frame(payload))

    async def read_frame(self) -> str:
        """The next frame, as text. Raises EOFError if the server has cut the line."""
        _, length = struct.unpack("!BB", await self._read(2))
        if length == 126:
            (length,) = struct.unpack("!H", await self._read(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", await self._read(8))
        return (await self._read(length)).decode("utf-8", "replace")

    def vanish(self) -> None:
        """Gone, with a reset and without a word."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    async def is_cut(self) -> None:
        """Returns when the server has ended the connection."""
        try:
            while await self._receive():
                self._unread = b""
        except ConnectionError:
            return

    async def _read(self, size: int) -> bytes:
        while len(self._unread) < size:
            await self._receive_more()
        read, self._unread = self._unread[:size], self._unread[size:]
        return read

    async def _read_until(self, mark: bytes) -> bytes:
        while mark not in self._unread:
            await self._receive_more()
        read, _, self._unread = self._unread.partition(mark)
        return read

    async def _receive_more(self) -> None:
        try:
            received = await self._receive()
        except ConnectionError:
            received = b""
        if not received:
            raise EOFError
        self._unread += received

    async def _receive(self) -> bytes:
        return await self._patiently(asyncio.get_running_loop().sock_recv(self.socket, 65536))

    async def _patiently(self, doing: Awaitable[T]) -> T:
        return await asyncio.wait_for(doing, PATIENCE_SECONDS)


def frame(
    payload: str | bytes, *, first: int | None = None, length: int | None = None, is_masked: bool = True
) -> bytes:
    """A client's frame; `first` and `length` say something else of it than what is true."""
    opcode = TEXT if isinstance(payload, str) else BINARY
    body = payload.encode() if isinstance(payload, str) else payload
    said = len(body) if length is None else length
    mask_bit = 0x80 if is_masked else 0
    head = bytes([0x80 | opcode if first is None else first])
    if said < 126:
        head += bytes([mask_bit | said])
    elif said < 2**16:
        head += struct.pack("!BH", mask_bit | 126, said)
    else:
        head += struct.pack("!BQ", mask_bit | 127, said)
    # A mask of zeros is a mask, and leaves the payload as it is.
    return head + (bytes(4) if is_masked else b"") + body


@asynccontextmanager
async def bare_sockets() -> AsyncGenerator[list[BareSocket]]:
    """Those that are put into the list are closed at the end."""
    sockets: list[BareSocket] = []
    try:
        yield sockets
    finally:
        for each in sockets:
            each.socket.close()
