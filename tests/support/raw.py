"""Engine.IO spoken by hand: a WebSocket that reads only when it is told to, and long-polling."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from typing import Any
from urllib.parse import urlsplit

import httpx

from tests.support.patience import PATIENCE_SECONDS

# What the system receives for a client that does not read; it doubles it.
_RECEIVE_BUFFER_BYTES = 4096


class Closed(Exception):
    """The server has ended the connection."""


class RawWebSocket:
    """Nothing is read but by `read`; what the client does not read waits in the server."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self._come = bytearray()
        self._sending = asyncio.Lock()
        self._loop = asyncio.get_running_loop()

    @classmethod
    async def open(cls, url: str, **query: str) -> RawWebSocket:
        """To /socket.io; `query`: `sid` of a connection that moves here."""
        to = urlsplit(url)
        connected = socket.socket()
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER_BYTES)
        connected.setblocking(False)
        self = cls(connected)
        await self._loop.sock_connect(connected, (to.hostname, to.port))
        asked = "&".join(["EIO=4", "transport=websocket", *(f"{name}={value}" for name, value in query.items())])
        request = (
            f"GET /socket.io/?{asked} HTTP/1.1\r\nHost: {to.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        await self._loop.sock_sendall(connected, request.encode())
        head = await self._until(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101 "), head
        return self

    @classmethod
    async def connect(cls, url: str, namespace: str, auth: Any) -> RawWebSocket:
        """On a namespace, with its CONNECT answered."""
        self = await cls.open(url)
        assert (await self.read()).startswith("0{")
        await self.send(f"40{namespace},{json.dumps(auth)}")
        answer = await self.read()
        assert answer.startswith(f"40{namespace},{{"), answer
        return self

    async def send(self, text: str) -> None:
        payload, mask = text.encode(), os.urandom(4)
        size = len(payload)
        head = bytes([0x81, 0x80 | size]) if size < 126 else bytes([0x81, 0xFE]) + size.to_bytes(2, "big")
        key = int.from_bytes((mask * (size // 4 + 1))[:size], "big")
        masked = (int.from_bytes(payload, "big") ^ key).to_bytes(size, "big")
        async with self._sending:
            await self._loop.sock_sendall(self._socket, head + mask + masked)

    async def read(self) -> str:
        """The next message. Raises Closed, also when the server cuts the line."""
        while True:
            kind, size = await self._exactly(2)
            if size >= 126:
                size = int.from_bytes(await self._exactly(2 if size == 126 else 8), "big")
            payload = await self._exactly(size)
            if kind == 0x88:
                raise Closed(int.from_bytes(payload[:2], "big"))
            assert kind == 0x81, hex(kind)
            return payload.decode()

    async def read_until(self, start: str) -> list[str]:
        """All messages up to the first that begins so; pings are answered and left out."""
        found: list[str] = []
        while not found or not found[-1].startswith(start):
            message = await self.read()
            if message == "2":
                await self.send("3")
            else:
                found.append(message)
        return found

    async def until_closed(self) -> list[str]:
        """What comes until the server ends the connection. Nothing is answered."""
        found: list[str] = []
        try:
            while True:
                found.append(await self.read())
        except (Closed, ConnectionError):
            return found

    def leave(self) -> None:
        self._socket.close()

    async def _exactly(self, size: int) -> bytes:
        while len(self._come) < size:
            await self._more()
        taken = bytes(self._come[:size])
        del self._come[:size]
        return taken

    async def _until(self, end: bytes) -> bytes:
        while end not in self._come:
            await self._more()
        at = self._come.index(end) + len(end)
        taken = bytes(self._come[:at])
        del self._come[:at]
        return taken

    async def _more(self) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            data = await self._loop.sock_recv(self._socket, 4096)
        if not data:
            raise Closed
        self._come += data


class RawPoller:
    """Long-polling; nothing is fetched but by `poll`."""

    def __init__(self, url: str) -> None:
        self._http = httpx.AsyncClient(timeout=PATIENCE_SECONDS)
        self._url = f"{url}/socket.io/"
        self._query = {"EIO": "4", "transport": "polling"}
        # What came along with the connection's answer.
        self._come: list[str] = []

    @classmethod
    async def connect(cls, url: str, namespace: str, auth: Any) -> RawPoller:
        self = cls(url)
        opened = await self.poll()
        self._query["sid"] = json.loads(opened[0][1:])["sid"]
        await self.send(f"40{namespace},{json.dumps(auth)}")
        first, *self._come = await self.poll()
        assert first.startswith(f"40{namespace},{{")
        return self

    @property
    def sid(self) -> str:
        return self._query["sid"]

    async def send(self, packet: str) -> None:
        answer = await self._http.post(self._url, params=self._query, content=packet.encode())
        assert answer.status_code == 200, answer.text

    async def poll(self) -> list[str]:
        """Raises Closed if the server knows the connection no more."""
        if self._come:
            come, self._come = self._come, []
            return come
        answer = await self._http.get(self._url, params=self._query)
        if answer.status_code == 400:
            raise Closed
        assert answer.status_code == 200, answer.text
        return answer.text.split("\x1e") if answer.text else []

    async def poll_until(self, start: str) -> list[str]:
        """All packets up to the first that begins so, and what came along with it; pings are answered and left out."""
        found: list[str] = []
        while not any(packet.startswith(start) for packet in found):
            come = await self.poll()
            if "2" in come:
                await self.send("3")
            found += [packet for packet in come if packet != "2"]
        return found

    async def leave(self) -> None:
        await self._http.aclose()


def read_message(packet: str) -> tuple[str, Any] | None:
    """Name and data of a Socket.IO message; None for any other packet."""
    if not packet.startswith("42"):
        return None
    name, data = json.loads(packet[packet.index("[") :])
    return name, data
