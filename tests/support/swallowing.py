"""A way to a server on which the network fails as radio does: nothing comes through, and nobody is told."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from urllib.parse import urlsplit


class SwallowingProxy:
    """Passes on what comes in at `url`. What was swallowed once never passes again; new connections do."""

    def __init__(self, target_url: str) -> None:
        parts = urlsplit(target_url)
        self._target = (parts.hostname, parts.port)
        self._server: asyncio.Server | None = None
        self._links: set[_Link] = set()
        self._is_swallowing = False
        self.url = ""

    async def listen(self) -> None:
        self._server = await asyncio.start_server(self._join, "127.0.0.1", 0)
        self.url = "http://{}:{}".format(*self._server.sockets[0].getsockname())

    def swallow(self) -> None:
        """Everything, both ways, and of new connections too, until `pass_on`; neither end sees anything of it."""
        self._is_swallowing = True
        for link in self._links:
            link.is_dead = True

    def pass_on(self) -> None:
        self._is_swallowing = False

    async def close(self) -> None:
        assert self._server is not None
        self._server.close()
        links = list(self._links)
        for link in links:
            link.abort()
        await asyncio.gather(*(link.is_gone.wait() for link in links))
        await self._server.wait_closed()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        to_reader, to_writer = await asyncio.open_connection(*self._target)
        link = _Link(writer, to_writer)
        link.is_dead = self._is_swallowing
        self._links.add(link)
        try:
            await asyncio.gather(link.carry(reader, to_writer), link.carry(to_reader, writer))
        finally:
            link.abort()
            self._links.discard(link)
            link.is_gone.set()


class _Link:
    def __init__(self, *writers: asyncio.StreamWriter) -> None:
        self._writers = writers
        self.is_dead = False
        self.is_gone = asyncio.Event()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One way. What is dead is still read, and its end is not passed on either."""
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                if not self.is_dead:
                    writer.write(data)
                    await writer.drain()
        if not self.is_dead:
            self.abort()

    def abort(self) -> None:
        for writer in self._writers:
            writer.transport.abort()


@contextlib.asynccontextmanager
async def swallowing_proxy(target_url: str) -> AsyncGenerator[SwallowingProxy]:
    proxy = SwallowingProxy(target_url)
    await proxy.listen()
    try:
        yield proxy
    finally:
        await proxy.close()
