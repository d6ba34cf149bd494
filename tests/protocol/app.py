"""A server that does what the public test suites of Engine.IO 4 and Socket.IO 5 expect, and what our own tests ask.

`python -m tests.protocol.app PORT` serves it on 127.0.0.1, by Shiller's engine; `--library` by python-engineio's:

- `/engine.io/` sends every message back;
- `/socket.io/` has the namespaces `/` and `/custom`.

What else it can be told to do is for our own tests, and stands at `_echo` and `_Listener`.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import socket
from dataclasses import dataclass
from functools import partial
from typing import Any

import engineio
import socketio
import uvicorn
from engineio.payload import Payload

from server.engine import libraries
from server.engine.connection import Connection
from server.engine.server import Engine
from server.engine.settings import EngineSettings, Joining
from server.engine.websocket import WebSocket

# Beyond it a connection is cut or an upload refused.
MAX_PAYLOAD = 1_000_000
# Lets everybody in.
CUSTOM, CLOSED = "/custom", "/closed"
_ASKS_TO_JOIN = "0"

_QUIET = logging.getLogger("tests.protocol")
_QUIET.setLevel(logging.CRITICAL + 1)


@dataclass(frozen=True, slots=True)
class Settings:
    ping_interval: float
    ping_timeout: float
    max_payload: int = MAX_PAYLOAD
    # Whoever joins no namespace by then is cut.
    join_seconds: float = 60.0
    # Between the answer to who joins and what it is told first.
    pause_seconds: float = 0.0


# What the public suites ask for. Of two messages that come in one piece their client hears only the first.
OFFICIAL = Settings(ping_interval=0.3, ping_timeout=0.2, join_seconds=1.0, pause_seconds=0.03)


def asgi_app(settings: Settings, *, by_library: bool) -> Any:
    if by_library:
        engine: Any = engineio.AsyncServer(**_library_options(settings))
        server: Any = socketio.AsyncServer(engineio_logger=_QUIET, namespaces="*", **_library_options(settings))
    else:
        engine = Engine(settings=_engine_settings(settings))
        joining = Joining(seconds=settings.join_seconds)
        by_engine = partial(Engine, settings=_engine_settings(settings, joining), taken=_is_out_of_place)
        server = libraries.socket_server(by_engine, async_mode="asgi", namespaces="*", logger=_QUIET)
    _echo(engine)
    for name in ("/", CUSTOM):
        _Listener(server, name, settings.pause_seconds)
    server.on("connect", _refuse, namespace=CLOSED)
    # python-socketio itself would refuse unknown ones in a text, where the documents have an object.
    server.on("connect", _refuse_unknown, namespace="*")
    return socketio.ASGIApp(server, engineio.ASGIApp(engine, engineio_path="engine.io"), socketio_path="socket.io")


def _engine_settings(settings: Settings, joining: Joining | None = None) -> EngineSettings:
    return EngineSettings(
        ping_seconds=settings.ping_interval,
        pong_seconds=settings.ping_timeout,
        message_bytes=settings.max_payload,
        may_connect=lambda origin, environ: True,
        joining=joining,
    )


def _is_out_of_place(connection: Connection, message: str | bytes) -> bool:
    """python-socketio passes over what comes before anything was joined; by the documents it ends the connection."""
    if connection.has_joined or message[:1] == _ASKS_TO_JOIN:
        return False
    connection.close()
    return True


def _library_options(settings: Settings) -> dict[str, Any]:
    return {
        "async_mode": "asgi",
        "ping_interval": settings.ping_interval,
        "ping_timeout": settings.ping_timeout,
        "max_http_buffer_size": settings.max_payload,
        "cors_allowed_origins": "*",
        "logger": _QUIET,
    }


def _echo(engine: Any) -> None:
    """Sends every message back. `pour N` gets the numbers below N as well; `leave` is disconnected instead."""

    async def message(sid: str, data: Any) -> None:
        if data == "leave":
            await engine.disconnect(sid)
            return
        await engine.send(sid, data)
        if isinstance(data, str) and data.startswith("pour "):
            _keep(asyncio.create_task(_pour(engine, sid, int(data.removeprefix("pour ")))))

    engine.on("connect", _let_in)
    engine.on("disconnect", _let_in)
    engine.on("message", message)


async def _let_in(sid: str, about: Any) -> None: ...


async def _pour(engine: Any, sid: str, count: int) -> None:
    for number in range(count):
        await engine.send(sid, str(number))
        await asyncio.sleep(0.001)


async def _refuse(sid: str, environ: Any, auth: Any = None) -> None:
    raise socketio.exceptions.ConnectionRefusedError("Not authorized", {"token": auth})


async def _refuse_unknown(namespace: str, sid: str, environ: Any, auth: Any = None) -> None:
    raise socketio.exceptions.ConnectionRefusedError("Invalid namespace")


class _Listener:
    """`message` comes back as `message-back`; `message-with-ack` is acknowledged with what it brought.

    `ask-me` gets a `question` with what it brought, whose ack comes back as `answered`. `pour` gets as many `drop` as
    it says, numbered. `send-away` is disconnected from its namespace.
    """

    def __init__(self, server: Any, namespace: str, pause_seconds: float) -> None:
        self._server = server
        self._namespace = namespace
        self._pause_seconds = pause_seconds
        listeners = {
            "connect": self._connect,
            "message": self._message,
            "message-with-ack": self._message_with_ack,
            "ask-me": self._ask_me,
            "pour": self._pour,
            "send-away": self._send_away,
        }
        for name, listener in listeners.items():
            server.on(name, listener, namespace=namespace)

    async def _tell(self, sid: str, name: str, *arguments: Any, **options: Any) -> None:
        await self._server.emit(name, arguments, to=sid, namespace=self._namespace, **options)

    async def _connect(self, sid: str, environ: Any, auth: Any = None) -> None:
        engine = libraries.engine_of(self._server)
        engine_sid = libraries.engine_sid_of(self._server, sid, self._namespace)
        if isinstance(engine, Engine) and engine_sid is not None:
            engine.joined(engine_sid)
        # It is let in when this has returned; what is told before that would come before it.
        _keep(asyncio.create_task(self._greet(sid, auth or {})))

    async def _greet(self, sid: str, auth: Any) -> None:
        if self._pause_seconds:
            await asyncio.sleep(self._pause_seconds)
        await self._tell(sid, "auth", auth)

    async def _message(self, sid: str, *arguments: Any) -> None:
        await self._tell(sid, "message-back", *arguments)

    async def _message_with_ack(self, sid: str, *arguments: Any) -> tuple[Any, ...]:
        return arguments

    async def _ask_me(self, sid: str, *arguments: Any) -> None:
        async def answered(*answer: Any) -> None:
            await self._tell(sid, "answered", *answer)

        await self._tell(sid, "question", *arguments, callback=answered)

    async def _pour(self, sid: str, count: int) -> None:
        for number in range(count):
            await self._tell(sid, "drop", number)

    async def _send_away(self, sid: str) -> None:
        await self._server.disconnect(sid, namespace=self._namespace)


_tasks: set[asyncio.Task[None]] = set()


def _keep(task: asyncio.Task[None]) -> None:
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


def web_server(settings: Settings, *, by_library: bool) -> uvicorn.Server:
    if by_library:
        # What has gathered at a client that polls comes in one body.
        Payload.max_decode_packets = 1024
    return uvicorn.Server(
        uvicorn.Config(
            asgi_app(settings, by_library=by_library),
            ws="websockets-sansio" if by_library else WebSocket,
            ws_max_size=settings.max_payload,
            ws_ping_interval=None,
            lifespan="off",
            log_config=None,
            access_log=False,
        )
    )


def listen(port: int = 0) -> socket.socket:
    # Named as TCP, for asyncio turns Nagle's delay off only on sockets that say what they are.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    listening.listen(1024)
    return listening


def main() -> None:
    parser = argparse.ArgumentParser(description="A server for the public test suites of Engine.IO and Socket.IO.")
    parser.add_argument("port", type=int)
    parser.add_argument("--library", action="store_true", help="by python-engineio instead of Shiller's engine")
    arguments = parser.parse_args()
    server = web_server(OFFICIAL, by_library=arguments.library)
    asyncio.run(server.serve(sockets=[listen(arguments.port)]))


if __name__ == "__main__":
    main()
