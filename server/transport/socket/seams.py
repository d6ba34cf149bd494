"""Where Shiller holds on to more of python-socketio, python-engineio and uvicorn than they promise.

All names of theirs that are private, or public without being documented, are listed and looked for here. Private ones
are used in no other file; the others only by what is here, and by classes of ours that override a method of theirs
(`FanOut`, `SafePacket`, `Namespace`, the web server in `server/commands/serve.py`). `tests/socket/test_seams.py` holds
this to be true. If one of them is gone, or a version is not one that was looked through, the server refuses to start:
the libraries' own way would keep neither the order of messages nor the bounds of what waits for a client.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Protocol

import engineio
import socketio
import uvicorn
from uvicorn.protocols import utils as uvicorn_utils
from uvicorn.server import ServerState

from server.transport.socket.outgoing import Outgoing


class LibraryMismatch(Exception):
    """A library is not as it was when this was written; says which, and what to install."""


@dataclass(frozen=True, slots=True)
class Pin:
    """The versions of a library that were looked through: from the first on, below the second."""

    library: str
    first: tuple[int, int]
    below: tuple[int, int]

    def __str__(self) -> str:
        return f"{self.library}>={_written(self.first)},<{_written(self.below)}"


# pyproject.toml asks for the same.
PINS = (
    Pin("python-engineio", (4, 15), (4, 16)),
    Pin("python-socketio", (5, 18), (5, 19)),
    Pin("uvicorn", (0, 50), (0, 55)),
)

# By library, what has them, and their names.
NAMES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "python-engineio": {
        # `_async` is the table of its driver, whose entry "websocket" runs a connection.
        "server": ("_async", "create_queue", "sockets", "handlers", "generate_id", "reason", "logger", "ping_timeout"),
        "connection": (
            "queue", "connected", "upgrading", "upgraded", "closed", "last_ping", "server", "sid",
            "receive", "send", "close", "check_ping_timeout",
        ),
        # By which both measure how long a ping has had no answer.
        "connection's file": ("time",),
        "file below that": ("time",),
    },
    "python-socketio": {
        "server": ("eio", "environ", "manager", "namespace_handlers"),
        # Members come and go by the first three.
        "client manager": (
            "basic_enter_room", "basic_leave_room", "basic_close_room", "get_participants", "sid_from_eio_sid",
            "is_connected", "disconnect", "emit",
        ),
        "packet": ("decode", "uses_binary_events", "packet_type", "json"),
        "namespace": ("trigger_event",),
    },
    "uvicorn": {
        # What a class given as `ws` is called with, and what it finds there.
        "configuration": ("ws_max_size", "loaded_app", "root_path", "asgi_version"),
        "server state": ("connections", "tasks", "default_headers"),
        "server": ("startup", "main_loop", "on_tick", "handle_exit", "shutdown", "started", "should_exit"),
        "protocols.utils": ("get_local_addr", "get_remote_addr", "is_ssl"),
    },
}  # fmt: skip

Environ = MutableMapping[str, Any]
# Runs one connection, until it is over or somebody else looks after it.
Run = Callable[[Environ], Awaitable[Any]]


class EngineSocket(Protocol):
    """A connection of python-engineio."""

    sid: str
    server: Any
    queue: Outgoing
    connected: bool
    upgrading: bool
    upgraded: bool
    closed: bool
    # When the ping was sent that has no answer yet, in time.monotonic() (`measure_evenly`).
    last_ping: float | None

    async def receive(self, pkt: Any) -> None: ...
    async def send(self, pkt: Any) -> None: ...
    async def close(self, *, wait: bool, abort: bool, reason: str) -> None: ...
    async def check_ping_timeout(self) -> bool: ...


class NamespaceHandler(Protocol):
    """A namespace that was registered at python-socketio."""

    async def trigger_event(self, event: str, *args: Any) -> Any:
        """What it returns is the ack."""


class WebServerConfig(Protocol):
    """What uvicorn was told."""

    ws_max_size: int
    loaded_app: Any
    root_path: str

    @property
    def asgi_version(self) -> str: ...


class WebServerState(Protocol):
    """What uvicorn keeps of its connections."""

    connections: set[Any]
    tasks: set[asyncio.Task[None]]
    default_headers: list[tuple[bytes, bytes]]


# Whether the libraries are those that this was written for


async def _nothing(scope: Any, receive: Any, send: Any) -> None: ...


def owners_of_names() -> Iterator[Any]:
    """What has the names of each part of NAMES, in their order."""
    # With a logger of ours, for they give their own a handler otherwise; and quiet, for nobody is being served.
    quiet = logging.getLogger("shiller.seams")
    quiet.setLevel(logging.WARNING)
    engine = engineio.AsyncServer(async_mode="asgi", logger=quiet)
    yield engine
    yield import_module("engineio.async_socket").AsyncSocket(engine, "")
    yield from _timed_files()
    make: Any = socketio.AsyncServer
    server = make(async_mode="asgi", logger=quiet, engineio_logger=quiet)
    yield server
    yield server.manager
    yield import_module("socketio.packet").Packet()
    yield socketio.AsyncNamespace("/")
    config = uvicorn.Config(_nothing, log_config=None, lifespan="off")
    config.load()
    yield config
    yield ServerState()
    yield uvicorn.Server(config)
    yield uvicorn_utils


def check_libraries(
    installed: Callable[[str], str] = version, look: Callable[[], Iterator[Any]] = owners_of_names
) -> None:
    """Raises LibraryMismatch. `look` gives what has the names, in the order of NAMES."""
    for pin in PINS:
        try:
            found = installed(pin.library)
        except PackageNotFoundError:
            raise LibraryMismatch(f"{pin.library} is not installed as a package. Install {pin}") from None
        if not pin.first <= _read(found) < pin.below:
            raise LibraryMismatch(f"{pin.library} {found} is not one that this server knows. Install {pin}")
    owners = look()
    for pin in PINS:
        for part, names in NAMES[pin.library].items():
            try:
                owner = next(owners)
            except (ImportError, AttributeError, TypeError) as error:
                raise LibraryMismatch(f"{pin.library} has another {part}: {error}. Install {pin}") from None
            for name in names:
                if not hasattr(owner, name):
                    raise LibraryMismatch(f"{pin.library} has no {name} in its {part}. Install {pin}")


def _read(found: str) -> tuple[int, int]:
    first, second, *_ = (*found.split("."), "0")
    return int(first), int(second)


def _written(numbers: tuple[int, int]) -> str:
    return ".".join(map(str, numbers))


# Connections


def sockets_of(server: Any) -> dict[str, EngineSocket]:
    """The connections of a python-socketio server, by their Engine.IO id."""
    sockets: dict[str, EngineSocket] = server.eio.sockets
    return sockets


def ping_timeout_of(server: Any) -> float:
    """Seconds."""
    seconds: float = server.eio.ping_timeout
    return seconds


def namespace_of(server: Any, engine_socket: EngineSocket, name: str) -> tuple[str, NamespaceHandler] | None:
    """A connection's id in a namespace, and who answers there; None if it was not let in."""
    namespace: NamespaceHandler | None = server.namespace_handlers.get(name)
    sid: str | None = server.manager.sid_from_eio_sid(engine_socket.sid, name)
    if namespace is None or sid is None or not server.manager.is_connected(sid, name):
        return None
    return sid, namespace


async def forget_member(server: Any, sid: str, namespace: str) -> None:
    """One that went away while it was let in: the library keeps it, and tells nobody."""
    await server.manager.disconnect(sid, namespace, ignore_queue=True)


async def end(engine_socket: EngineSocket) -> None:
    """The connection is gone: tell the namespaces, once, and forget it."""
    engine = engine_socket.server
    await engine_socket.close(wait=False, abort=True, reason=engine.reason.TRANSPORT_CLOSE)
    engine.sockets.pop(engine_socket.sid, None)
    engine_socket.queue.clear()


def log_bad_packet(engine_socket: EngineSocket) -> None:
    """Within an except: by the library's own words and logger, for what a client did wrong is sorted out there."""
    engine_socket.server.logger.exception("Unknown receive error")


# How the libraries are made to go our way


def say_whose(server: Any, port: int) -> None:
    """All long-polls of a connection have to reach the process that has it: its id says which, for a proxy to read."""
    engine = server.eio
    generate_id = engine.generate_id
    engine.generate_id = lambda: f"{port}-{generate_id()}"


class _EvenTime:
    """In place of the module `time`."""

    time = staticmethod(time.monotonic)


def measure_evenly() -> None:
    """A wall clock that is set would cut everybody who polls, or nobody for as long as it was put back."""
    for file in _timed_files():
        file.time = _EvenTime


def _timed_files() -> Iterator[Any]:
    yield import_module("engineio.async_socket")
    yield import_module("engineio.base_socket")


def use_outgoing(server: Any, make: Callable[[], Outgoing]) -> None:
    """Every new connection's queue is such a one."""
    server.eio.create_queue = make


def ping_ourselves(server: Any) -> None:
    """Keep the library from beginning a task for the pings of a connection on a WebSocket."""
    engine = server.eio
    connect: Callable[[str, Environ], Awaitable[Any]] = engine.handlers["connect"]

    async def connect_without_ping(sid: str, environ: Environ) -> Any:
        if environ["asgi.scope"]["type"] == "websocket":
            # It begins one for a socket whose last ping has been answered, as a new one claims.
            engine.sockets[sid].last_ping = None
        return await connect(sid, environ)

    engine.on("connect", connect_without_ping)


def run_websockets(server: Any, run: Callable[[EngineSocket, Environ, Run], Awaitable[Any]]) -> None:
    """`run` looks after each WebSocket; its last argument is the library's own way of doing so."""
    engine = server.eio
    library = engine._async["websocket"]

    def make(run_by_library: Any, engine_: Any) -> Run:
        socket: EngineSocket = run_by_library.__self__

        async def run_it(environ: Environ) -> Any:
            return await run(socket, environ, library(run_by_library, engine_))

        return run_it

    # The table is the module's, shared by all servers of the process.
    engine._async = {**engine._async, "websocket": make}


def forget_request(server: Any, sid: str, kept: Mapping[str, Any]) -> None:
    """Of the request that opened a connection keep only this; the library keeps all of it, 4 KB, for its whole life."""
    environ = server.environ.get(sid)
    if environ is not None:
        environ.clear()
        environ.update(kept)


# uvicorn


def local_address(transport: asyncio.Transport) -> tuple[str, int | None] | None:
    return uvicorn_utils.get_local_addr(transport)


def remote_address(transport: asyncio.Transport) -> tuple[str, int | None] | None:
    return uvicorn_utils.get_remote_addr(transport)


def is_tls(transport: asyncio.Transport) -> bool:
    return uvicorn_utils.is_ssl(transport)
