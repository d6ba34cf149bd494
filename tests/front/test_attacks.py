"""Floods against a server as a process of its own: what they make it hold, and whether others get in meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import AsyncExitStack, suppress

import httpx
import pytest

from tests.support.memory import MIB, resident, settles
from tests.support.patience import PATIENCE_SECONDS
from tests.support.scenario import ServerProcess, serving

GROWTH_BYTES = 16 * MIB
HOST = b"Host: localhost\r\n"
GET = b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n"
# In all 1.1 million requests, or 64 MiB.
ATTACKERS = 16


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[ServerProcess]:
    with serving(tmp_path_factory.mktemp("attacked"), USE_IN_MEMORY="true", LOG_LEVEL="error") as server:
        yield server


async def _warm(server: ServerProcess) -> int:
    """What it holds after some requests of the kind."""
    async with httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=PATIENCE_SECONDS) as client:
        for _ in range(50):
            assert (await client.get("/healthz")).status_code == 200
    return resident(server.running.pid)


async def _send(server: ServerProcess, stack: AsyncExitStack, first: bytes, more: bytes, times: int) -> None:
    """Without reading anything, until it is cut or stuck."""
    _, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=1024)
    stack.callback(_end, writer)
    writer.write(first)
    with suppress(ConnectionError, TimeoutError):
        for _ in range(times):
            writer.write(more)
            async with asyncio.timeout(1):
                await writer.drain()


def _end(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


@pytest.mark.parametrize(
    ("first", "more", "times"),
    [
        (b"GET / HTTP/1.1\r\n" + HOST + b"x: ", b"a" * MIB, 4),
        (b"GET /", b"a" * MIB, 4),
        (b"GET / HTTP/1.1\r\n" + HOST, b"a: b\r\n" * 100_000, 7),
        (b"", GET * 1000, 70),
        (b"POST /api/v1/auth/login HTTP/1.1\r\n" + HOST + b"content-type: application/json\r\n"
         b"content-length: 100000000\r\n\r\n", b" " * MIB, 4),
    ],
    ids=["a field without end", "an address without end", "fields without end", "pipelined", "a body for nobody"],
)  # fmt: skip
async def test_a_flood_is_not_held(server: ServerProcess, first: bytes, more: bytes, times: int) -> None:
    before = await _warm(server)
    async with AsyncExitStack() as stack:
        await asyncio.gather(*(_send(server, stack, first, more, times) for _ in range(ATTACKERS)))
        # While they all stand there.
        await settles(server.running.pid, before + GROWTH_BYTES, PATIENCE_SECONDS)
        await _warm(server)
    await settles(server.running.pid, before + GROWTH_BYTES, PATIENCE_SECONDS)


async def test_hundreds_who_say_nothing_or_half_of_it_keep_nobody_out(server: ServerProcess) -> None:
    before = await _warm(server)
    async with AsyncExitStack() as stack:
        for number in range(400):
            _, writer = await asyncio.open_connection("127.0.0.1", server.port)
            stack.callback(_end, writer)
            writer.write(b"" if number % 2 else b"GET / HTTP/1.1\r\nHost: loc")
        await _warm(server)
        await settles(server.running.pid, before + GROWTH_BYTES, PATIENCE_SECONDS)
