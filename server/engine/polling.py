"""Engine.IO by long-polling: a GET brings what is held, a POST brings packets. One of each at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from typing import Any

from server.engine import packets
from server.engine.connection import BY_LOSS, Connection
from server.engine.outgoing import Frame
from server.engine.settings import EngineSettings

Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

TEXT: Headers = [(b"content-type", b"text/plain; charset=UTF-8")]
# Of what is held one answer brings so much; the rest comes with the next ones, which need not wait. python-engineio's
# client hangs up on an answer of more packets.
ANSWER_BYTES = 1024 * 1024
ANSWER_PACKETS = 16
SPIN_SECONDS = 0.05
_SEPARATOR = packets.SEPARATOR.encode()
# The longest body of who has not joined is as long as so many of the longest messages then.
STRANGERS_PACKETS = 16

NOOP = Frame("", packets.NOOP)


class Left(Exception):
    """The client has hung up in the middle of its request."""


async def answer(send: Send, status: int, body: str, headers: Headers) -> None:
    written = body.encode()
    length = (b"content-length", str(len(written)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": written})


async def fetch(connection: Connection, receive: Receive) -> str:
    """The body of a poll's answer, as soon as there is something, or the connection is over.

    A client that hangs up meanwhile ends its connection: by the protocol it has only one poll.
    """
    if connection.upgrade is not None and connection.upgrade.has_probed and connection.outgoing.is_empty:
        return await nothing()
    waiting, leaving = connection.outgoing.wait(), asyncio.ensure_future(_leave(receive))
    try:
        await asyncio.wait({waiting, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not waiting.done():
            connection.end(BY_LOSS)
            raise Left
    finally:
        leaving.cancel()
    fetched = connection.outgoing.fetch(ANSWER_BYTES, ANSWER_PACKETS)
    return packets.SEPARATOR.join(frame.text for frame in fetched or (NOOP,))


async def _leave(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def nothing() -> str:
    """The body of an answer that brings nothing and waits for nothing, but for so long that a client does not spin."""
    await asyncio.sleep(SPIN_SECONDS)
    return NOOP.text


def longest_body(connection: Connection, settings: EngineSettings) -> int:
    """Bytes that a body may have. Who has not joined yet has little to say."""
    joining = settings.joining
    if joining is None or connection.has_joined:
        return settings.longest_bytes
    return joining.message_bytes * STRANGERS_PACKETS


async def take(connection: Connection, settings: EngineSettings, receive: Receive) -> int:
    """Hand on the packets of a body as they come; the status of the answer: 200, 400 or 413.

    Whoever sends more than may be is answered later, so that the next body comes later.
    """
    reader = BodyReader(settings, connection.has_joined)
    try:
        async for chunk, is_last in _chunks(receive):
            if connection.budget.spend_bytes(len(chunk)) and not await _settle(connection):
                return 400
            for packet in reader.feed(chunk, is_last=is_last):
                if connection.is_closed or not await _take(connection, settings, packet):
                    return 400
            if reader.size > longest_body(connection, settings):
                return 413
    except UnicodeDecodeError:
        return 400
    return 200


async def _settle(connection: Connection) -> bool:
    """Wait for as long as nothing more may be read; False if it has sent too much for too long, and is cut."""
    now = asyncio.get_running_loop().time()
    wait = connection.budget.settle(now)
    if wait > 0:
        if connection.budget.over_for(now) >= connection.flood_seconds:
            connection.cut("flood")
            return False
        await asyncio.sleep(wait)
    return True


async def _take(connection: Connection, settings: EngineSettings, packet: str) -> bool:
    if connection.budget.spend_frame() and not await _settle(connection):
        return False
    message = packets.read_base64(packet) if packet.startswith(packets.BASE64) else packet
    if message is None or not (isinstance(message, bytes) or message[:1] in packets.FROM_CLIENT):
        return settings.is_forgiving
    connection.received(message)
    await connection.settled()
    return True


async def _chunks(receive: Receive) -> AsyncGenerator[tuple[bytes, bool]]:
    while True:
        event = await receive()
        if event["type"] == "http.disconnect":
            raise Left
        is_last = not event.get("more_body")
        yield event.get("body") or b"", is_last
        if is_last:
            return


class BodyReader:
    """The packets of a body, one by one; of each no more is held than may be while it is not finished."""

    def __init__(self, settings: EngineSettings, has_joined: bool) -> None:
        joining = settings.joining
        self._whole = settings.message_bytes
        self._held = self._whole if joining is None or has_joined else joining.message_bytes
        self._errors = "replace" if settings.is_forgiving else "strict"
        self._gathered = bytearray()
        self.size = 0

    def feed(self, chunk: bytes, *, is_last: bool) -> Iterator[str]:
        """The packets that are complete by now, one after another. Raises UnicodeDecodeError."""
        self.size += len(chunk)
        begin = 0
        while (end := chunk.find(_SEPARATOR, begin)) >= 0:
            yield self._complete(chunk, begin, end)
            begin = end + 1
        if is_last:
            yield self._complete(chunk, begin, len(chunk))
        elif len(self._gathered) < self._held:
            self._gathered += chunk[begin : begin + self._held - len(self._gathered)]

    def _complete(self, chunk: bytes, begin: int, end: int) -> str:
        room = self._held - len(self._gathered) if self._gathered else self._whole
        packet = bytes(self._gathered) + chunk[begin : min(end, begin + room)]
        # It may end within a character.
        is_cut = end - begin > room or (bool(self._gathered) and room <= 0)
        self._gathered = bytearray()
        return packet.decode("utf-8", "ignore" if is_cut else self._errors)
