"""One connection to Redis, written to and read without a task, a lock or a turn of the loop for a message.

What Redis says is RESP 2: `+OK`, `-ERR …`, `:1`, `$5` with so many bytes behind it, `*3` with so many values behind it.
The library of the same name reads the address, and makes what TLS needs; its own connections cost a push a third of
what it costs without them.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from typing import Any, cast

from redis.asyncio.connection import SSLConnection, parse_url

_HOST, _PORT = "localhost", 6379


class RedisRefused(ConnectionError):
    """It answered with an error."""


Answered = Callable[[Any], None]


class RedisLine(asyncio.Protocol):
    def __init__(self, answered: Answered) -> None:
        """`answered` gets every value that Redis sends."""
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Fails when the connection is over, and says why."""
        self._answered = answered
        self._transport: asyncio.Transport | None = None
        self._rest = b""

    @staticmethod
    async def open(url: str, answered: Answered) -> RedisLine:
        """Connected and logged in, as far as it has been said: a refusal comes as the first answer."""
        address: Any = parse_url(url)
        loop, line = asyncio.get_running_loop(), RedisLine(answered)
        if "path" in address:
            await loop.create_unix_connection(lambda: line, address["path"])
        else:
            kind: Any = address.pop("connection_class", None)
            with_tls: Any = SSLConnection(**address) if kind is SSLConnection else None
            tls: ssl.SSLContext | None = with_tls and with_tls.ssl_context.get()
            host, port = address.get("host", _HOST), address.get("port", _PORT)
            await loop.create_connection(lambda: line, host, port, ssl=tls)
        if password := address.get("password"):
            line.write(command("AUTH", *filter(None, (address.get("username"), password))))
        return line

    def write(self, said: bytes) -> None:
        """Nothing, on a line that is ending: `lost` says so in a moment."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(said)

    def end(self, why: Exception) -> None:
        if not self.lost.done():
            self.lost.set_exception(why)
            # Nobody may be left to hear it.
            self.lost.exception()
        self.close()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()
        self.lost.cancel()

    # Called by the loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        data, at = self._rest + data, 0
        try:
            while (read := _value(data, at)) is not None:
                value, at = read
                self._answered(value)
        except (ConnectionError, ValueError) as refused:
            self.end(refused)
        self._rest = data[at:]

    def connection_lost(self, exc: Exception | None) -> None:
        self.end(exc or ConnectionError("Redis closed the connection"))


def command(*parts: str | bytes) -> bytes:
    encoded = [part.encode() if isinstance(part, str) else part for part in parts]
    return b"".join([b"*%d\r\n" % len(encoded), *(b"$%d\r\n%b\r\n" % (len(part), part) for part in encoded)])


def _value(data: bytes, at: int) -> tuple[Any, int] | None:
    """The value that begins there, and where the next one does; None if it is not all there yet."""
    end = data.find(b"\r\n", at)
    if end < 0:
        return None
    kind, text, at = data[at : at + 1], data[at + 1 : end], end + 2
    match kind:
        case b"$":
            end = at + int(text)
            if end < at:
                return None, at
            return (data[at:end], end + 2) if len(data) >= end + 2 else None
        case b"*":
            values: list[Any] = []
            for _ in range(int(text)):
                if (read := _value(data, at)) is None:
                    return None
                value, at = read
                values.append(value)
            return values, at
        case b":" | b"+":
            return text, at
        case b"-":
            raise RedisRefused(text.decode(errors="replace"))
        case _:
            raise RedisRefused(f"it speaks another protocol: {kind!r}")
