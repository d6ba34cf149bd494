"""A line to PostgreSQL that counts round trips, and can be held up or cut at a chosen moment."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncGenerator
from pathlib import Path
from urllib.parse import urlsplit

from psycopg.conninfo import conninfo_to_dict

from tests.support.patience import PATIENCE_SECONDS

# Frontend messages after which the client waits for an answer: Sync, Flush and a simple Query.
_ASKING = {b"S", b"H", b"Q"}


class _Line:
    """One connection through the proxy."""

    has_said = False


class PostgresProxy:
    """Listens on a Unix socket at `url` and passes on to the server behind `target_url`."""

    def __init__(self, target_url: str, folder: Path) -> None:
        self._target = conninfo_to_dict(target_url)
        self._folder = folder
        self._server: asyncio.Server | None = None
        self._links: set[asyncio.StreamWriter] = set()
        self._joins: set[asyncio.Task[None]] = set()
        self._is_down = True
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._answer_held = asyncio.Event()
        self._held_at: bytes | None = None
        self._held_after = b""
        self._held_line: _Line | None = None
        """Whose answer is waited for; others of the same moment are held as well. None: anybody's."""
        self.cut_at: int | None = None
        """The round trip whose question goes through, and whose answer does not."""
        self.round_trips = 0
        self.lines_ended = 0
        """By either side."""
        self.delay_seconds = 0.0
        """How late every answer is."""
        user, database = self._target.get("user", "postgres"), urlsplit(target_url).path
        password = f":{self._target['password']}" if self._target.get("password") else ""
        self.url = f"postgresql://{user}{password}@{database}?host={folder}"

    async def listen(self) -> None:
        self._is_down = False
        self._server = await asyncio.start_unix_server(self._join, self._folder / ".s.PGSQL.5432")

    async def go_down(self) -> None:
        """As a server that is gone: lines are cut, new ones refused."""
        assert self._server is not None
        self._is_down = True
        self._server.close()
        self.cut()
        await self._server.wait_closed()
        if self._joins:
            await asyncio.wait(self._joins)
        (self._folder / ".s.PGSQL.5432").unlink(missing_ok=True)

    def cut(self) -> None:
        for writer in self._links:
            writer.transport.abort()

    def hold_answers(self) -> None:
        """What the server answers from now on waits here; what it is asked goes through."""
        self._answer_held.clear()
        self._held_line = None
        self._flowing.clear()

    def hold_answer_to(self, words: bytes, after: bytes = b"") -> None:
        """`hold_answers`, from the next question on in which these words are, on a line that said `after` before."""
        self._answer_held.clear()
        self._held_at, self._held_after = words, after

    async def answer_held(self) -> None:
        """Until the server has answered something that is held: what was asked is done by then."""
        await asyncio.wait_for(self._answer_held.wait(), PATIENCE_SECONDS)

    def let_flow(self) -> None:
        self._held_at = None
        self._flowing.set()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._joins.add(task)
        try:
            await self._pass_on(reader, writer)
        finally:
            self._joins.discard(task)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, port = str(self._target.get("host") or "localhost"), int(self._target.get("port") or 5432)
        try:
            if host.startswith("/"):
                to_reader, to_writer = await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
            else:
                to_reader, to_writer = await asyncio.open_connection(host, port)
        except OSError:
            # The server itself is gone.
            writer.transport.abort()
            return
        both = {writer, to_writer}
        if self._is_down:
            for end in both:
                end.transport.abort()
            return
        self._links |= both
        try:
            # A cut line shows as an error on either side; both ends are let go then.
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                line = _Line()
                asking = asyncio.ensure_future(self._pass_questions(reader, to_writer, line))
                answering = asyncio.ensure_future(self._pass_answers(to_reader, writer, line))
                await asyncio.wait({asking, answering}, return_when=asyncio.FIRST_COMPLETED)
                for end in (asking, answering):
                    end.cancel()
                await asyncio.gather(asking, answering, return_exceptions=True)
        finally:
            self._links -= both
            self.lines_ended += 1
            for each in both:
                each.transport.abort()

    async def _pass_questions(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, line: _Line) -> None:
        kind = b""  # the first message of a connection has none
        while True:
            length = await reader.readexactly(4)
            body = await reader.readexactly(int.from_bytes(length) - 4)
            if self._held_at is not None:
                line.has_said = line.has_said or self._held_after in body
                if line.has_said and self._held_at in body:
                    self._held_at, self._held_line = None, line
                    self._flowing.clear()
            writer.write(kind + length + body)
            self.round_trips += kind in _ASKING
            if self.round_trips == self.cut_at:
                return
            kind = await reader.readexactly(1)

    async def _pass_answers(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, line: _Line) -> None:
        while data := await reader.read(65536):
            if not self._flowing.is_set() and self._held_line in (None, line):
                self._answer_held.set()
            await self._flowing.wait()
            if self.delay_seconds:
                await asyncio.sleep(self.delay_seconds)
            writer.write(data)


@contextlib.asynccontextmanager
async def postgres_proxy(target_url: str) -> AsyncGenerator[PostgresProxy]:
    # Short, because a socket's path may have about 100 characters only.
    with tempfile.TemporaryDirectory(prefix="shiller-proxy-") as folder:
        proxy = PostgresProxy(target_url, Path(folder))
        await proxy.listen()
        try:
            yield proxy
        finally:
            proxy.let_flow()
            await proxy.go_down()
