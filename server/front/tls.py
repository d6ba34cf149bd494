"""TLS, begun by ourselves: in uvicorn's own way a connection shows only when its handshake is over.

Whoever connects and says nothing would be no connection until then, hold a file, and be counted nowhere.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import cast

from uvicorn.protocols.utils import get_remote_addr

from server.front.door import FrontDoor

# Any more that comes before its end is no handshake of a client that means to ask something.
_EARLY_BYTES = 64 * 1024


class TlsHandshake(asyncio.Protocol):
    """A guest of the door until the connection is a protected one; then its place is that of whom `make` gives.

    `make` is told what carries the protected connection.
    """

    is_idle = False

    def __init__(
        self, door: FrontDoor, context: ssl.SSLContext, make: Callable[[asyncio.Transport], asyncio.Protocol]
    ) -> None:
        self._door = door
        self._context = context
        self._make = make
        self._raw: asyncio.Transport | None = None
        self._peer: str | None = None
        # What came before the handshake was begun, then what a client sends right behind its half of it.
        self._early = b""
        self._is_cut = False
        self._begun: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        raw = self._raw = cast(asyncio.Transport, transport)
        peer = get_remote_addr(raw)
        self._peer = None if peer is None else peer[0]
        if (refusal := self._door.admit(self, self._peer)) is not None:
            # Without a handshake there is no way to say why.
            self._door.cut(refusal.reason, self._peer)
            raw.abort()
            return
        self._begun = asyncio.get_running_loop().create_task(self._protect(raw))

    def data_received(self, data: bytes) -> None:
        """The first words of a handshake; or behind it, and protected already."""
        self._early += data
        if len(self._early) > _EARLY_BYTES:
            self.give_way()

    def connection_lost(self, exc: Exception | None) -> None:
        self._door.is_gone(self)

    def look(self, now: float) -> None:
        """The handshake has a time of its own."""

    def give_way(self) -> None:
        self._is_cut = True
        self._door.cut("silent", self._peer)
        if self._raw is not None:
            self._raw.abort()

    async def _protect(self, raw: asyncio.Transport) -> None:
        loop = asyncio.get_running_loop()
        first, self._early = self._early, b""
        if first:
            # Once `start_tls` has put its protocol in place, and before that hears of anything else.
            loop.call_soon(_hand_on, raw, first)
        transport: asyncio.Transport | None = None
        with suppress(OSError, ssl.SSLError, asyncio.CancelledError):
            transport = await loop.start_tls(
                raw,
                self,
                self._context,
                server_side=True,
                ssl_handshake_timeout=self._door.limits.head_seconds,
            )
        self._door.is_gone(self)
        if transport is None or transport.is_closing():
            if not self._is_cut:
                self._door.cut("handshake", self._peer)
            raw.abort()
            return
        connection = self._make(raw)
        transport.set_protocol(connection)
        connection.connection_made(transport)
        if self._early:
            connection.data_received(self._early)
            self._early = b""


def _hand_on(raw: asyncio.Transport, data: bytes) -> None:
    """As a transport does to an `asyncio.BufferedProtocol`, which those of TLS are (uvloop's without saying so)."""
    protocol = cast(asyncio.BufferedProtocol, raw.get_protocol())
    if raw.is_closing():
        return
    while data:
        room = memoryview(protocol.get_buffer(len(data)))[: len(data)]
        room[:] = data[: len(room)]
        protocol.buffer_updated(len(room))
        data = data[len(room) :]
