"""A shell's usual limit of open files is low, and each connection is one."""

from __future__ import annotations

import asyncio
import resource
import subprocess
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import httpx

from tests.support.database_process import kill_with_children, postmaster_in
from tests.support.scenario import (
    PATIENCE_SECONDS,
    PROJECT,
    ServerProcess,
    end,
    end_database_left_in,
    scrubbed_environment,
)
from tests.support.scenario_clients import eventually

SOFT_LIMIT = 128
HARD_LIMIT = 256
SILENT = 300


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


def _launch_with_a_hard_limit(server: ServerProcess) -> None:
    """By a shell, for the limit cannot be raised again by whoever has lowered it."""
    server.folder.mkdir(exist_ok=True)
    command = ["/bin/sh", "-c", f'ulimit -n {HARD_LIMIT}; exec "$@"', "sh", sys.executable, "-m", "server", "serve"]
    environment = scrubbed_environment({"PORT": "0", "PYTHONPATH": str(PROJECT), **server.variables})
    with server.stdout_path.open("wb") as out, server.stderr_path.open("wb") as err:
        server.process = subprocess.Popen(command, cwd=server.folder, env=environment, stdout=out, stderr=err)


async def test_silent_connections_leave_files_for_the_database_and_for_newcomers(
    tmp_path: Path, data_dir: Path
) -> None:
    server = ServerProcess(tmp_path, {"DATA_DIR": str(data_dir), "SEED_DEMO": "false"})
    try:
        _launch_with_a_hard_limit(server)
        await asyncio.to_thread(server.wait_for_url)
        async with AsyncExitStack() as stack:
            silent: list[asyncio.StreamWriter] = []
            stack.callback(lambda: [writer.transport.abort() for writer in silent])
            for _ in range(SILENT):
                async with asyncio.timeout(PATIENCE_SECONDS):
                    silent.append((await asyncio.open_connection("127.0.0.1", server.port))[1])
            client = await stack.enter_async_context(
                httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=PATIENCE_SECONDS)
            )

            async def is_ready() -> bool:
                return (await client.get("/readyz")).status_code == 200

            assert await is_ready(), "a newcomer gets in, and the database answers"
            killed = postmaster_in(data_dir / "postgres")
            await asyncio.to_thread(kill_with_children, killed)

            async def is_started_again() -> bool:
                return await is_ready() and postmaster_in(data_dir / "postgres") != killed

            await eventually(is_started_again, "the database to be started again", patience=2 * PATIENCE_SECONDS)
    finally:
        end(server)
        end_database_left_in(data_dir)
