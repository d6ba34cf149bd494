"""A server that does what the public test suites of Engine.IO 4 and Socket.IO 5 expect, and what our own tests ask.

`python -m tests.protocol.app PORT` serves it on 127.0.0.1, by Shiller's engine; `--library` by python-engineio's:

- `/engine.io/` sends every message back;
- `/socket.io/` has the namespaces `/` and `/custom`.

What else it can be told to do is for our own tests, and stands at `_engine_io` and `_socket_io`.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import socket
from dataclasses import dataclass
from typing import Any

import engineio
import socketio
import uvicorn
from engineio.payload import Payload

# Beyond it a connection is cut or an upload refused.
MAX_PAYLOAD = 1_000_000
# Lets everybody in.
CUSTOM, CLOSED = "/custom", "/closed"

_QUIET = logging.getLogger("tests.protocol")
_QUIET.setLevel(logging.CRITICAL + 1)


@dataclass(frozen=True, slots=True)
class Settings:
    ping_interval: float
    ping_timeout: float
    max_payload: int = MAX_PAYLOAD
    # Whoever joins no namespace by then is cut.
    join_seconds: float = 60.0


# What the public suites ask for.
OFFICIAL = Settings(ping_interval=0.3, ping_timeout=0.2, join_seconds=1.0)


def asgi_app(settings: Settings, *, by_library: bool) -> Any:
    engine, server = _engine_io(settings), _socket_io(settings)
    return socketio.ASGIApp(server, engineio.ASGIApp(engine, engineio_path="engine.io"), socketio_path="socket.io")


def _options(settings: Settings) -> dict[str, Any]:
    return {
        "async_mode": "asgi",
        "ping_interval": settings.ping_interval,
        "ping_timeout": settings.ping_timeout,
        "max_http_buffer_size": settings.max_payload,
        "cors_allowed_origins": "*",
        "logger": _QUIET,
    }


def _engine_io(settings: Settings) -> Any:
    """Sends every message back. `pour N` gets the numbers below N as well; `leave` is disconnected instead."""
    engine: Any = engineio.AsyncServer(**_options(settings))

    async def message(sid: str, data: Any) -> None:
        if data == "leave":
            await engine.disconnect(sid)
            return
        await engine.send(sid, data)
        if isinstance(data, str) and data.startswith("pour "):
            _keep(asyncio.create_task(_pour(engine, sid, int(data.removeprefix("pour ")))))

    engine.on("connect", _let_in)
    engine.on("message", message)
    return engine


async def _let_in(sid: str, environ: Any) -> None: ...


async def _pour(engine: Any, sid: str, count: int) -> None:
    for number in range(count):
        await engine.send(sid, str(number))
        await asyncio.sleep(0.001)


def _socket_io(settings: Settings) -> Any:
    """`message` comes back as `message-back`; `message-with-ack` is acknowledged with what it brought.

    `ask-me` gets a `question` with what it brought, whose ack comes back as `answered`. `pour` gets as many `drop` as
    it says, numbered. `send-away` is disconnected from its namespace.
    """
    server: Any = socketio.AsyncServer(engineio_logger=_QUIET, **_options(settings))
    for name in ("/", CUSTOM):
        _listen(server, name)

    async def refuse(sid: str, environ: Any, auth: Any = None) -> None:
        raise socketio.exceptions.ConnectionRefusedError("Not authorized", {"token": auth})

    server.on("connect", refuse, namespace=CLOSED)
    return server


def _listen(server: Any, namespace: str) -> None:
    async def tell(sid: str, name: str, *arguments: Any, **options: Any) -> None:
        await server.emit(name, arguments, to=sid, namespace=namespace, **options)

    async def connect(sid: str, environ: Any, auth: Any = None) -> None:
        # It is let in when this has returned; what is told before that would come before it.
        _keep(asyncio.create_task(tell(sid, "auth", auth or {})))

    async def message(sid: str, *arguments: Any) -> None:
        await tell(sid, "message-back", *arguments)

    async def message_with_ack(sid: str, *arguments: Any) -> tuple[Any, ...]:
        return arguments

    async def ask_me(sid: str, *arguments: Any) -> None:
        async def answered(*answer: Any) -> None:
            await tell(sid, "answered", *answer)

        await tell(sid, "question", *arguments, callback=answered)

    async def pour(sid: str, count: int) -> None:
        for number in range(count):
            await tell(sid, "drop", number)

    async def send_away(sid: str) -> None:
        await server.disconnect(sid, namespace=namespace)

    for name, listener in (
        ("connect", connect),
        ("message", message),
        ("message-with-ack", message_with_ack),
        ("ask-me", ask_me),
        ("pour", pour),
        ("send-away", send_away),
    ):
        server.on(name, listener, namespace=namespace)


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
            ws="websockets-sansio",
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
