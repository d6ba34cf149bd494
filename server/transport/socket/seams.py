"""Where Shiller holds on to more of python-socketio, python-engineio and uvicorn than they promise.

All such names are here, and nowhere else. `what_is_missing` looks whether they are still there; if not, everything
goes the libraries' own way, which is slower and says the same.

- python-engineio: the table of its driver, `_async`, whose entry "websocket" runs a connection; the attributes of
  its sockets in `EngineSocket`; `create_queue` and `sockets` of its server, which have no underscore but no
  documentation either.
- python-socketio: `rooms`, `environ`, `eio` and `namespace_handlers`, likewise; and that members come and go by the
  client manager's `basic_enter_room` and `basic_leave_room`, and are known by its `sid_from_eio_sid`
  and `is_connected`.
- uvicorn: what a class given as `ws` is called with, and what it finds in `Config` and `ServerState` (`WebSocket`
  and `Handshake` use them); `uvicorn.protocols.utils`.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Protocol

import engineio
import socketio

from server.transport.socket.outgoing import Line

# Looked through for these; pyproject.toml asks for the same.
_VERSIONS = {"python-socketio": "5.18.", "python-engineio": "4.15."}
_SOCKET_ATTRIBUTES = ("queue", "connected", "upgrading", "upgraded", "closed", "last_ping")
_SOCKET_METHODS = ("receive", "close", "check_ping_timeout")

Environ = MutableMapping[str, Any]
# Runs one connection, until it is over or somebody else looks after it.
Run = Callable[[Environ], Awaitable[Any]]


class EngineSocket(Protocol):
    """A connection of python-engineio."""

    sid: str
    server: Any
    queue: Line
    connected: bool
    upgrading: bool
    upgraded: bool
    closed: bool
    # When the ping was sent that has no answer yet, in time.time().
    last_ping: float | None

    async def receive(self, pkt: Any) -> None: ...
    async def close(self, *, wait: bool, abort: bool, reason: str) -> None: ...
    async def check_ping_timeout(self) -> bool: ...


class NamespaceHandler(Protocol):
    """A namespace that was registered at python-socketio."""

    async def trigger_event(self, event: str, *args: Any) -> Any:
        """What it returns is the ack."""


def what_is_missing(versions: Callable[[str], str] = version) -> str | None:
    """Why the fan-out cannot be used; None if it can."""
    for package, known in _VERSIONS.items():
        try:
            if not versions(package).startswith(known):
                return f"{package} {versions(package)} is not {known}x"
        except PackageNotFoundError:
            return f"{package} is not installed as a package"
    try:
        return _what_is_missing_in_code()
    except (ImportError, AttributeError, TypeError) as error:
        return f"something was renamed: {error}"


def _what_is_missing_in_code() -> str | None:
    # With a logger of ours, for it gives its own a handler otherwise; and quiet, for nobody is being served.
    quiet = logging.getLogger("shiller.seams")
    quiet.setLevel(logging.WARNING)
    engine = engineio.AsyncServer(async_mode="asgi", logger=quiet)
    if "websocket" not in engine._async:
        return "python-engineio's driver has no way to run a WebSocket"
    if not callable(engine.create_queue) or not isinstance(engine.sockets, dict):
        return "python-engineio has no create_queue, or no sockets"
    socket = import_module("engineio.async_socket").AsyncSocket(engine, "")
    for name in (*_SOCKET_ATTRIBUTES, *_SOCKET_METHODS):
        if not hasattr(socket, name):
            return f"a socket of python-engineio has no {name}"
    make: Any = socketio.AsyncServer
    server = make(async_mode="asgi", logger=engine.logger, engineio_logger=engine.logger)
    for name in ("basic_enter_room", "basic_leave_room", "get_participants", "sid_from_eio_sid", "is_connected"):
        if not callable(getattr(server.manager, name)):
            return f"python-socketio's client manager has no {name}"
    if not isinstance(server.namespace_handlers, dict):
        return "python-socketio has no table of its namespaces"
    if not isinstance(server.environ, dict) or "connect" not in server.eio.handlers:
        return "python-socketio has no environ, or does not hear of connections"
    return None


def sockets_of(server: Any) -> dict[str, EngineSocket]:
    """The connections of a python-socketio server, by their Engine.IO id."""
    sockets: dict[str, EngineSocket] = server.eio.sockets
    return sockets


def namespace_of(server: Any, engine_socket: EngineSocket, name: str) -> tuple[str, NamespaceHandler] | None:
    """A connection's id in a namespace, and who answers there; None if it was not let in."""
    namespace: NamespaceHandler | None = server.namespace_handlers.get(name)
    sid: str | None = server.manager.sid_from_eio_sid(engine_socket.sid, name)
    if namespace is None or sid is None or not server.manager.is_connected(sid, name):
        return None
    return sid, namespace


def use_lines(server: Any, make_line: Callable[[], Line]) -> None:
    """Every new connection's queue is such a line."""
    server.eio.create_queue = make_line


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
