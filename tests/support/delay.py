"""A line between a browser and a server: slow, held up, or cut, at a moment that the test chooses."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from urllib.parse import urlsplit

from tests.support.patience import PATIENCE_SECONDS


class Line:
    """Listens at `url` and passes on to the server at `target_url`, every byte as it is.

    `delay` is what each chunk waits in either direction (seconds): latency, not bandwidth. Browsers send the
    `Host` of `url`, and pages of `url` are therefore the server's own.
    """

    def __init__(self, target_url: str) -> None:
        target = urlsplit(target_url)
        self._target = (target.hostname or "127.0.0.1", target.port or 80)
        self._server: asyncio.Server | None = None
        self._port = 0
        self._links: set[asyncio.Task[None]] = set()
        self._answers_flow = asyncio.Event()
        self._answers_flow.set()
        self._answer_held = asyncio.Event()
        self.delay = 0.0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    async def come_up(self) -> None:
        self._server = await asyncio.start_server(self._join, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def go_down(self) -> None:
        """As a network that is gone: what is open is cut, new connections are refused."""
        assert self._server is not None
        self._server.close()
        await self.cut()
        await self._server.wait_closed()

    async def cut(self) -> None:
        """Every open connection; new ones are let in. What was on its way is lost."""
        links = tuple(self._links)
        for link in links:
            link.cancel()
        await asyncio.gather(*links, return_exceptions=True)

    def hold_answers(self) -> None:
        """What the server says from now on waits here; what it is told goes through."""
        self._answer_held.clear()
        self._answers_flow.clear()

    async def answer_held(self) -> None:
        """Until the server has said something that is held."""
        await asyncio.wait_for(self._answer_held.wait(), PATIENCE_SECONDS)

    def let_flow(self) -> None:
        self._answers_flow.set()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = asyncio.current_task()
        assert link is not None
        self._links.add(link)
        ends = [writer]
        try:
            # A cut shows as an error on either side; both ends are let go then.
            with contextlib.suppress(asyncio.CancelledError):
                to_reader, to_writer = await asyncio.open_connection(*self._target)
                ends.append(to_writer)
                async with asyncio.TaskGroup() as both:
                    both.create_task(self._pass_on(reader, to_writer, are_answers=False))
                    both.create_task(self._pass_on(to_reader, writer, are_answers=True))
        except* OSError:
            pass
        finally:
            self._links.discard(link)
            for end in ends:
                end.transport.abort()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, are_answers: bool) -> None:
        """Chunks in order, each `delay` after it came; several may be under way at a time."""
        clock = asyncio.get_running_loop().time
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

        async def receive() -> None:
            while data := await reader.read(65536):
                under_way.put_nowait((clock() + self.delay, data))
            under_way.put_nowait((clock() + self.delay, b""))

        async with asyncio.TaskGroup() as group:
            group.create_task(receive())
            while True:
                due, data = await under_way.get()
                await asyncio.sleep(due - clock())
                if are_answers and not self._answers_flow.is_set():
                    self._answer_held.set()
                    await self._answers_flow.wait()
                if not data:
                    writer.write_eof()
                    return
                writer.write(data)


@contextlib.asynccontextmanager
async def line_to(target_url: str) -> AsyncGenerator[Line]:
    line = Line(target_url)
    await line.come_up()
    try:
        yield line
    finally:
        await line.go_down()
