"""A shell's usual limit of open files is low, and each connection is one."""

from __future__ import annotations

import asyncio
import resource
from contextlib import AsyncExitStack
from pathlib import Path

from tests.support.scenario import PATIENCE_SECONDS, ServerProcess, end

SOFT_LIMIT = 128


def _launch_with_few_files(server: ServerProcess) -> None:
    """A child takes over the limit that holds at the moment of its start."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (SOFT_LIMIT, hard))
    try:
        server.launch()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def test_more_connections_than_the_soft_limit_of_open_files(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path, {"USE_IN_MEMORY": "true"})
    try:
        _launch_with_few_files(server)
        await asyncio.to_thread(server.wait_for_url)
        async with AsyncExitStack() as stack, asyncio.timeout(PATIENCE_SECONDS):
            readers: list[asyncio.StreamReader] = []
            for _ in range(SOFT_LIMIT + 50):
                reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
                stack.push_async_callback(writer.wait_closed)
                stack.callback(writer.close)
                readers.append(reader)
            # The last ones, while all the others are open.
            for _ in range(3):
                writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
                assert (await reader.readline()).startswith(b"HTTP/1.1 200")
                await reader.readuntil(b"}")
    finally:
        end(server)
