"""A TCP line between two servers that is cut in the middle of whatever goes through it, after so many bytes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import asynccontextmanager

_CHUNK = 16 * 1024


class CuttingLine:
    """Listens on a port of its own and passes on to `to_port`."""

    def __init__(self, to_port: int) -> None:
        self.to_port = to_port
        self.cuts_made = 0
        self.is_down = False
        """As a network that is away: what is there is cut, and what comes too."""
        self.held_bytes = 0
        self._open = asyncio.Event()
        self._open.set()
        self._cuts: Iterator[int] = iter(())
        self._left: int | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self._links: set[asyncio.Future[None]] = set()

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def listen(self) -> None:
        self._server = await asyncio.start_server(self._link, "127.0.0.1", 0)

    def cut_after(self, lengths: Iterable[int]) -> None:
        """Each time after so many bytes, in either direction together; once they are used up it holds."""
        self._cuts = iter(lengths)
        self._left = next(self._cuts, None)

    def cut(self) -> None:
        for writer in tuple(self._writers):
            writer.transport.abort()

    def go_down(self) -> None:
        self.is_down = True
        self.cut()

    def come_up(self) -> None:
        self.is_down = False

    def hold(self) -> None:
        """What comes from now on is kept, until it is let go: whoever sent it waits for an answer."""
        self.held_bytes = 0
        self._open.clear()

    def let_go(self) -> None:
        self._open.set()

    async def close(self) -> None:
        assert self._server is not None
        self._server.close()
        self.go_down()
        if self._links:
            await asyncio.wait(self._links)
        await self._server.wait_closed()

    def _link(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Kept from the first moment on, so that whoever closes the line waits for it.
        link = asyncio.ensure_future(self._pass_both(reader, writer))
        self._links.add(link)
        link.add_done_callback(self._links.discard)

    async def _pass_both(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            to_reader, to_writer = await asyncio.open_connection("127.0.0.1", self.to_port)
        except OSError:
            writer.transport.abort()
            return
        both = {writer, to_writer}
        self._writers |= both
        if self.is_down:
            self.cut()
        try:
            with contextlib.suppress(OSError):
                ways = [
                    asyncio.ensure_future(self._pass(reader, to_writer)),
                    asyncio.ensure_future(self._pass(to_reader, writer)),
                ]
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
        finally:
            self._writers -= both
            for each in both:
                each.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(_CHUNK):
            if not self._open.is_set():
                self.held_bytes += len(data)
                await self._open.wait()
            if self._left is not None and len(data) >= self._left:
                # What comes before the cut arrives: the other end is left in the middle of it.
                writer.write(data[: self._left])
                await writer.drain()
                self._left = next(self._cuts, None)
                self.cuts_made += 1
                return
            if self._left is not None:
                self._left -= len(data)
            writer.write(data)
            await writer.drain()


@asynccontextmanager
async def cutting_line(to_port: int) -> AsyncGenerator[CuttingLine]:
    line = CuttingLine(to_port)
    await line.listen()
    try:
        yield line
    finally:
        await line.close()
