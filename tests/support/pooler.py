"""A pooler before PostgreSQL: PgBouncer where the system has it, else one of our own that treats a client as it does.

What matters of it here: it lets nobody in who says a word at the login that it does not know; the number that it gives
to a client is no backend's; and between two transactions a client may be given another connection.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pwd
import struct
import subprocess
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import psycopg
from psycopg.conninfo import conninfo_to_dict

from tests.support import programs
from tests.support.folders import passable_folder
from tests.support.ports import free_port
from tests.support.scenario import PATIENCE_SECONDS, wait_until

Mode = Literal["session", "transaction"]

_KNOWN_WORDS = {"user", "database", "client_encoding", "application_name", "DateStyle", "TimeZone"}
_ENCRYPTION_WORDS = (80877103, 80877104)
_HEAD = struct.Struct("!ci")


@contextmanager
def pooler(url: str, mode: Mode) -> Generator[str]:
    """The address by which the database at `url` is reached through it; `url` names a folder with a socket."""
    words = {name: str(value) for name, value in conninfo_to_dict(url).items()}
    program, port = programs.pgbouncer(), free_port()
    through = f"postgresql://{words['user']}@127.0.0.1:{port}/{words['dbname']}?sslmode=disable"
    running = _own(words, mode, port) if program is None else _pgbouncer(program, words, mode, port)
    with running:
        wait_until(lambda: _answers(through), "the pooler to answer")
        yield through


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


@contextmanager
def _pgbouncer(program: str, words: dict[str, str], mode: Mode, port: int) -> Generator[None]:
    with passable_folder("pooler") as folder:
        yield from _run(program, words, mode, port, folder)


def _run(program: str, words: dict[str, str], mode: Mode, port: int, folder: Path) -> Generator[None]:
    settings = folder / "pgbouncer.ini"
    settings.write_text(
        f"[databases]\n{words['dbname']} = host={words['host']} port={words['port']} user={words['user']}\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n"
        f"pool_mode = {mode}\ndefault_pool_size = 30\nlogfile = {folder / 'pgbouncer.log'}\n"
    )
    user = None
    if os.geteuid() == 0:
        # It refuses to run as root, and so does the database.
        user = pwd.getpwuid(Path(words["host"]).stat().st_uid).pw_uid
        for each in (folder, settings):
            os.chown(each, user, -1)
    process = subprocess.Popen([program, "--quiet", settings], user=user, cwd=folder)
    try:
        yield
    finally:
        process.kill()
        process.wait(PATIENCE_SECONDS)


@contextmanager
def _own(words: dict[str, str], mode: Mode, port: int) -> Generator[None]:
    loop = asyncio.new_event_loop()
    socket_path = f"{words['host']}/.s.PGSQL.{words['port']}"
    running = _Pooler(socket_path, words["user"], words["dbname"], mode)
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(running.listen(port), loop).result(PATIENCE_SECONDS)
        yield
    finally:
        asyncio.run_coroutine_threadsafe(running.close(), loop).result(PATIENCE_SECONDS)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(PATIENCE_SECONDS)
        loop.close()


@dataclass
class _Backend:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    greeting: bytes
    """The parameters that the server told at the login."""


@dataclass
class _Pooler:
    socket_path: str
    user: str
    database: str
    mode: Mode
    idle: list[_Backend] = field(default_factory=list)
    clients: set[asyncio.Task[None]] = field(default_factory=set)
    server: asyncio.Server | None = None

    async def listen(self, port: int) -> None:
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", port)

    async def close(self) -> None:
        assert self.server is not None
        self.server.close()
        for task in self.clients:
            task.cancel()
        await asyncio.gather(*self.clients, return_exceptions=True)
        for backend in self.idle:
            backend.writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.clients.add(task)
        task.add_done_callback(self.clients.discard)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            if await self._let_in(reader, writer):
                await _Client(self, reader, writer).run()
        writer.close()

    async def _let_in(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        while True:
            length, code = struct.unpack("!ii", await reader.readexactly(8))
            rest = await reader.readexactly(length - 8)
            if code not in _ENCRYPTION_WORDS:
                break
            writer.write(b"N")
        if code >> 16 != 3:
            return False
        said = rest.rstrip(b"\0").decode().split("\0")
        unknown = next((word for word in said[::2] if word not in _KNOWN_WORDS), None)
        if unknown is not None:
            text = f"SFATAL\0VFATAL\0C08P01\0Munsupported startup parameter: {unknown}\0\0".encode()
            writer.write(_HEAD.pack(b"E", len(text) + 4) + text)
            await writer.drain()
            return False
        backend = await self.take()
        self.idle.append(backend)
        writer.write(_HEAD.pack(b"R", 8) + bytes(4) + backend.greeting)
        writer.write(_HEAD.pack(b"K", 12) + os.urandom(8) + _HEAD.pack(b"Z", 5) + b"I")
        return True

    async def take(self) -> _Backend:
        """The one that was used last, as PgBouncer does."""
        if self.idle:
            return self.idle.pop()
        reader, writer = await asyncio.open_unix_connection(self.socket_path)
        words = f"user\0{self.user}\0database\0{self.database}\0\0".encode()
        writer.write(struct.pack("!ii", len(words) + 8, 196608) + words)
        greeting = b""
        while True:
            kind, message = await _read(reader)
            if kind == b"S":
                greeting += message
            elif kind == b"Z":
                return _Backend(reader, writer, greeting)
            assert kind in b"RSK", message


@dataclass
class _Client:
    pooler: _Pooler
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    backend: _Backend | None = None
    asked: int = 0
    """Questions of which the end was not answered yet."""
    answering: asyncio.Task[None] | None = None

    async def run(self) -> None:
        try:
            while True:
                kind, message = await _read(self.reader)
                if kind == b"X":
                    return
                if self.backend is None:
                    self.backend = await self.pooler.take()
                    self.answering = asyncio.create_task(self._answer(self.backend))
                self.asked += kind in (b"Q", b"S")
                self.backend.writer.write(message)
        finally:
            if self.answering is not None:
                self.answering.cancel()
            if self.backend is not None:
                # Whatever it was told goes with it.
                self.backend.writer.close()

    async def _answer(self, backend: _Backend) -> None:
        while True:
            kind, message = await _read(backend.reader)
            if kind == b"Z":
                self.asked -= 1
                if self.pooler.mode == "transaction" and message[-1:] == b"I" and not self.asked:
                    self.backend = None
                    self.pooler.idle.append(backend)
                    self.writer.write(message)
                    return
            self.writer.write(message)


async def _read(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    head = await reader.readexactly(5)
    kind, length = _HEAD.unpack(head)
    return kind, head + await reader.readexactly(length - 4)
