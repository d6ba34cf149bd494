"""The ways in which a Redis is reached: by a password, a socket in a folder, TLS; and what it says is read."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest
import uvloop

from server.bus.redis_line import RedisLine, RedisRefused, command
from tests.support.certificates import make_certificate
from tests.support.folders import passable_folder
from tests.support.patience import PATIENCE_SECONDS
from tests.support.redis import RedisServer, redis_server

PASSWORD = "p@ss/w:rd é"
IN_A_URL = "p%40ss%2Fw%3Ard%20%C3%A9"


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    # A path of over a hundred bytes is none for a socket.
    with passable_folder("redis") as folder:
        options = ("--requirepass", PASSWORD, "--unixsocket", str(folder / "redis.sock"))
        with redis_server(folder, *options) as server:
            yield server


async def _answers(url: str, *said: bytes, count: int) -> list[Any]:
    """The first so many of what it answers; raises why the line was lost."""
    heard: asyncio.Queue[Any] = asyncio.Queue()
    line = await RedisLine.open(url, heard.put_nowait)
    with closing(line):
        for one in said:
            line.write(one)
        answers: list[Any] = []
        while len(answers) < count:
            next_one = asyncio.ensure_future(heard.get())
            done, _ = await asyncio.wait([next_one, line.lost], timeout=PATIENCE_SECONDS, return_when="FIRST_COMPLETED")
            if next_one not in done:
                next_one.cancel()
                line.lost.result()
                raise TimeoutError
            answers.append(next_one.result())
        return answers


@pytest.mark.parametrize("user", ["", "default"])
async def test_a_password_of_any_letters_is_said(redis: RedisServer, user: str) -> None:
    url = f"redis://{user}:{IN_A_URL}@127.0.0.1:{redis.port}/0"
    assert await _answers(url, command("PING"), count=2) == [b"OK", b"PONG"]


@pytest.mark.parametrize("said", ["", "default:wrong@"])
async def test_a_wrong_or_missing_password_ends_the_line_with_what_redis_said(redis: RedisServer, said: str) -> None:
    with pytest.raises(RedisRefused, match=r"WRONGPASS|NOAUTH"):
        await _answers(f"redis://{said}127.0.0.1:{redis.port}", command("PING"), count=2)


async def test_a_socket_in_a_folder(redis: RedisServer) -> None:
    url = f"unix://:{IN_A_URL}@{redis.folder / 'redis.sock'}"
    assert await _answers(url, command("PING"), count=2) == [b"OK", b"PONG"]


def test_nothing_is_written_to_a_line_that_has_ended(redis: RedisServer) -> None:
    """With the server's loop, which takes it for a fault."""

    async def write_after_the_end() -> None:
        line = await RedisLine.open(f"unix://{redis.folder / 'redis.sock'}", lambda _: None)
        line.close()
        for _ in range(3):
            line.write(command("PING"))
            await asyncio.sleep(0)
        assert line.lost.cancelled()

    uvloop.run(write_after_the_end())


async def test_tls_with_a_certificate_that_is_trusted_and_with_none(redis: RedisServer, tmp_path: Path) -> None:
    async with _behind_tls(redis, tmp_path) as (port, trusted):
        url = f"rediss://:{IN_A_URL}@localhost:{port}"
        assert await _answers(f"{url}?ssl_ca_certs={trusted}", command("PING"), count=2) == [b"OK", b"PONG"]
        with pytest.raises(ssl.SSLCertVerificationError):
            await _answers(url, command("PING"), count=1)


async def test_what_comes_in_pieces_and_what_is_long_is_read_whole(redis: RedisServer) -> None:
    url = f"redis://:{IN_A_URL}@127.0.0.1:{redis.port}"
    long = b"\r\n" * 500_000
    subscribed = [b"subscribe", b"here", b"1"]
    assert await _answers(url, command("ECHO", long), command("SUBSCRIBE", "here"), count=3) == [
        b"OK",
        long,
        subscribed,
    ]


@asynccontextmanager
async def _behind_tls(redis: RedisServer, folder: Path) -> AsyncGenerator[tuple[int, Path]]:
    """A port that speaks TLS and passes on to it: not every Redis that tests are run with can."""
    certificate = make_certificate(folder)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate.path, certificate.key_path)
    passing: set[asyncio.Task[None]] = set()

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65_536):
                writer.write(data)
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def link(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_redis, to_redis = await asyncio.open_connection("127.0.0.1", redis.port)
        passing.update((asyncio.create_task(copy(reader, to_redis)), asyncio.create_task(copy(from_redis, writer))))

    server = await asyncio.start_server(link, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1], certificate.path
    finally:
        server.close()
        for task in passing:
            task.cancel()
        await asyncio.gather(*passing, return_exceptions=True)
