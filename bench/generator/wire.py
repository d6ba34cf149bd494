"""The client's side of a WebSocket, as thin as it goes.

Frames are cut out of what the socket gives and handed on as a place in those bytes. Frames to the server
are masked, as they must be, with a key of zeros, so that they can be built beforehand. Like a browser it
offers permessage-deflate; what a server then compresses is inflated, and costs that server its CPU.
"""

from __future__ import annotations

import asyncio
import zlib
from abc import ABC, abstractmethod
from typing import cast

_UPGRADE = (
    "GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: c2hpbGxlci1iZW5jaC0wMA==\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n"
)
_TEXT, _CLOSE, _PING = 0x81, 0x88, 0x89
_DEFLATED_TEXT = 0xC1
_TAIL = b"\x00\x00\xff\xff"
_NO_MASK = b"\x00\x00\x00\x00"


def text_frame(text: str) -> bytes:
    return _frame(_TEXT, text.encode())


def _frame(kind: int, payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        head = bytes((kind, 0x80 | size))
    elif size < 65536:
        head = bytes((kind, 0x80 | 126)) + size.to_bytes(2, "big")
    else:
        head = bytes((kind, 0x80 | 127)) + size.to_bytes(8, "big")
    return head + _NO_MASK + payload


class Wire(asyncio.Protocol, ABC):
    """One connection. `receive` gets each text message; `lost` is called when the server has left."""

    def __init__(self, path: str, host: str) -> None:
        self._request = _UPGRADE.format(path=path, host=host).encode()
        self._is_open = False
        self._rest = b""
        self._inflater = zlib.decompressobj(-15)
        self.transport: asyncio.Transport | None = None

    @abstractmethod
    def receive(self, data: bytes, start: int, end: int) -> None:
        """A text message: `data[start:end]`."""

    def lost(self) -> None:
        """The connection is over, whoever ended it."""

    def write(self, frame: bytes) -> None:
        if self.transport is not None:
            self.transport.write(frame)

    def stop_reading(self) -> None:
        if self.transport is not None:
            self.transport.pause_reading()

    def cut(self) -> None:
        if self.transport is not None:
            self.transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.write(self._request)

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        self.lost()

    def data_received(self, data: bytes) -> None:
        if self._rest:
            data = self._rest + data
            self._rest = b""
        at = 0 if self._is_open else self._upgraded(data)
        length = len(data)
        while length - at >= 2:
            size = data[at + 1]
            start = at + 2
            if size == 126:
                start += 2
                if start > length:
                    break
                size = data[at + 2] << 8 | data[at + 3]
            elif size == 127:
                start += 8
                if start > length:
                    break
                size = int.from_bytes(data[at + 2 : start], "big")
            end = start + size
            if end > length:
                break
            if data[at] == _TEXT:
                self.receive(data, start, end)
            else:
                self._rare(data[at], data[start:end])
            at = end
        if at < length:
            self._rest = data[at:]

    def _upgraded(self, data: bytes) -> int:
        """Where the frames begin; the end of the data while the head of the answer is not whole."""
        end = data.find(b"\r\n\r\n")
        if end < 0:
            self._rest = data
            return len(data)
        if not data.startswith(b"HTTP/1.1 101"):
            raise ConnectionError(data[:end].decode("latin-1"))
        self._is_open = True
        return end + 4

    def _rare(self, kind: int, payload: bytes) -> None:
        if kind == _DEFLATED_TEXT:
            text = self._inflater.decompress(payload + _TAIL)
            self.receive(text, 0, len(text))
        elif kind == _PING:
            self.write(_frame(0x8A, payload))
        elif kind == _CLOSE:
            self.cut()
        else:
            raise ConnectionError(f"a frame of kind {kind:#x}, which no server here sends")
