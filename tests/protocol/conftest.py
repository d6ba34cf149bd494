"""One web server for each way of pinging, all in one thread; `PROTOCOL_LIBRARY=1` for python-engineio's engine."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.protocol.app import Settings, listen, web_server
from tests.protocol.marks import BY_LIBRARY
from tests.protocol.wire import Server

KINDS = {
    # Pings nobody within a test.
    "calm": Settings(ping_interval=600, ping_timeout=600),
    # Pings at once and again, and waits for the answer.
    "lively": Settings(ping_interval=0.05, ping_timeout=600, join_seconds=0.1),
    # Gives up at once.
    "impatient": Settings(ping_interval=0.05, ping_timeout=0.05),
}


if BY_LIBRARY:

    @pytest.fixture(autouse=True)
    def may_log_errors(expects_errors: list[object]) -> None:
        """As it does for much that clients do wrong."""


@dataclass(frozen=True, slots=True)
class Running:
    ports: dict[str, int]


@pytest.fixture(scope="session")
def running() -> Iterator[Running]:
    listening = {kind: listen() for kind in KINDS}
    servers = {kind: web_server(settings, by_library=BY_LIBRARY) for kind, settings in KINDS.items()}

    async def serve() -> None:
        await asyncio.gather(*(server.serve(sockets=[listening[kind]]) for kind, server in servers.items()))

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    try:
        yield Running({kind: each.getsockname()[1] for kind, each in listening.items()})
    finally:
        for server in servers.values():
            server.should_exit = True
            server.force_exit = True
        thread.join(60)


@pytest.fixture
def calm(running: Running) -> Iterator[Server]:
    yield from _for_one_test(Server(running.ports["calm"]))


@pytest.fixture
def lively(running: Running) -> Iterator[Server]:
    yield from _for_one_test(Server(running.ports["lively"]))


@pytest.fixture
def impatient(running: Running) -> Iterator[Server]:
    yield from _for_one_test(Server(running.ports["impatient"]))


@pytest.fixture
def namespaces(running: Running) -> Iterator[Server]:
    """Socket.IO, where nobody is pinged."""
    yield from _for_one_test(Server(running.ports["calm"], "/socket.io/"))


@pytest.fixture
def hasty(running: Running) -> Iterator[Server]:
    """Socket.IO, where nobody stays who joins nothing."""
    yield from _for_one_test(Server(running.ports["lively"], "/socket.io/"))


def _for_one_test(server: Server) -> Iterator[Server]:
    yield server
    server.close()
