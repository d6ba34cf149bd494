"""What is used of python-socketio and uvicorn beyond what they promise.

All names of theirs that are private, or public without being documented, are listed and looked for here. The private
one is used in no other file (`tests/engine/test_libraries.py`); the others by what is here, and by classes of ours that
override a method of theirs (`FanOut`, `SafePacket`, `Namespace`, the web server in `server/commands/serve.py`). If one
of them is gone, or a version is not one that was looked through, the server refuses to start, and says what to install.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Protocol

import socketio
import uvicorn
from uvicorn.protocols import utils as uvicorn_utils
from uvicorn.server import ServerState


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
    Pin("python-socketio", (5, 18), (5, 19)),
    Pin("uvicorn", (0, 50), (0, 55)),
)

# By library, what has them, and their names.
NAMES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "python-socketio": {
        # The first makes the engine: the class below overrides it.
        "server": ("_engineio_server_class", "eio", "environ", "manager", "namespace_handlers"),
        # Members come and go by the first three.
        "client manager": (
            "basic_enter_room", "basic_leave_room", "basic_close_room", "get_participants", "get_rooms",
            "sid_from_eio_sid", "eio_sid_from_sid", "is_connected", "disconnect", "emit", "basic_disconnect",
            "pre_disconnect", "callbacks", "pending_connect",
        ),
        "packet": ("decode", "encode", "uses_binary_events", "packet_type", "json"),
        "namespace": ("trigger_event",),
    },
    "uvicorn": {
        # What `server/front/` reads HTTP by.
        "httptools' protocol": (
            "data_received", "on_message_begin", "on_headers_complete", "on_message_complete",
            "handle_websocket_upgrade", "timeout_keep_alive_handler", "send_400_response",
        ),
        # What a class given as `ws` is called with, and what it finds there.
        "configuration": ("loaded_app", "root_path", "asgi_version"),
        "server state": ("connections", "tasks", "default_headers"),
        "server": ("startup", "main_loop", "on_tick", "handle_exit", "shutdown", "started", "should_exit"),
        "protocols.utils": ("get_local_addr", "get_remote_addr", "is_ssl"),
    },
}  # fmt: skip


class NamespaceHandler(Protocol):
    """A namespace that was registered at python-socketio."""

    async def trigger_event(self, event: str, *args: Any) -> Any:
        """What it returns is the ack."""


class WebServerConfig(Protocol):
    """What uvicorn was told."""

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
    quiet = logging.getLogger("shiller.libraries")
    quiet.setLevel(logging.WARNING)
    make: Any = socketio.AsyncServer
    server = make(async_mode="asgi", logger=quiet, engineio_logger=quiet)
    yield server
    yield server.manager
    yield import_module("socketio.packet").Packet()
    yield socketio.AsyncNamespace("/")
    yield import_module("uvicorn.protocols.http.httptools_impl").HttpToolsProtocol
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


# python-socketio


def socket_server(engine: Callable[..., Any], **options: Any) -> Any:
    """A python-socketio server on an engine of one's own. `options`: its own, and those that the engine takes."""

    class _Server(socketio.AsyncServer):
        def _engineio_server_class(self) -> Any:
            return engine

    make: Any = _Server
    return make(**options)


def engine_of(server: Any) -> Any:
    return server.eio


def namespace_of(server: Any, name: str) -> NamespaceHandler | None:
    """Who answers there; None if there is no such namespace."""
    namespace: NamespaceHandler | None = server.namespace_handlers.get(name)
    return namespace


def sid_of(server: Any, engine_sid: str, namespace: str) -> str | None:
    """A connection's id in a namespace; None if it was not let in."""
    sid: str | None = server.manager.sid_from_eio_sid(engine_sid, namespace)
    return None if sid is None or not server.manager.is_connected(sid, namespace) else sid


def engine_sid_of(server: Any, sid: str, namespace: str) -> str | None:
    """The connection that is known by this id in a namespace."""
    found: str | None = server.manager.eio_sid_from_sid(sid, namespace)
    return found


async def forget_member(server: Any, sid: str, namespace: str) -> None:
    """One that went away while it was let in: the library keeps it, and tells nobody."""
    await server.manager.disconnect(sid, namespace, ignore_queue=True)


# uvicorn


def local_address(transport: asyncio.Transport) -> tuple[str, int | None] | None:
    return uvicorn_utils.get_local_addr(transport)


def remote_address(transport: asyncio.Transport) -> tuple[str, int | None] | None:
    return uvicorn_utils.get_remote_addr(transport)


def is_tls(transport: asyncio.Transport) -> bool:
    return uvicorn_utils.is_ssl(transport)
