"""Our WebSocket under uvicorn, spoken to by other people's clients, for an ASGI app that knows nothing of it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.frames import Opcode

from server.transport.socket.websocket import EXTENSION, WebSocket

App = Callable[[Any, Callable[[], Awaitable[Any]], Callable[[Any], Awaitable[None]]], Awaitable[None]]
PATIENCE_SECONDS = 30


@asynccontextmanager
async def _served(app: App, **options: Any) -> AsyncGenerator[tuple[str, uvicorn.Server]]:
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, ws=WebSocket, lifespan="off", log_config=None, access_log=False, **options)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve([listening]))
    try:
        yield f"ws://127.0.0.1:{listening.getsockname()[1]}", server
    finally:
        server.should_exit = True
        await serving


class Echo:
    """Answers every message by itself, and keeps what it was told."""

    def __init__(self) -> None:
        self.scope: Any = None
        self.events: list[Any] = []
        self.is_over = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scope = scope
        assert (await receive())["type"] == "websocket.connect"
        await send({"type": "websocket.accept", "headers": [(b"x-own", b"1")], "subprotocol": None})
        while (event := await receive())["type"] == "websocket.receive":
            self.events.append(event)
            await send({"type": "websocket.send", "bytes": event.get("bytes"), "text": event.get("text")})
        self.events.append(event)
        self.is_over.set()


async def test_messages_of_every_size_come_back() -> None:
    echo = Echo()
    async with _served(echo) as (url, _), connect(f"{url}/a%20b?c=d", max_size=None, compression=None) as client:
        assert client.response is not None
        assert client.response.headers["x-own"] == "1"
        for message in ["", "é😀", "x" * 125, "x" * 126, "x" * 70_000, b"", b"\x00\xff" * 40_000]:
            await client.send(message)
            assert await client.recv() == message
        await client.send(["in ", "three ", "pieces"])
        assert await client.recv() == "in three pieces"
        assert await asyncio.wait_for(await client.ping(), PATIENCE_SECONDS) >= 0
    async with asyncio.timeout(PATIENCE_SECONDS):
        await echo.is_over.wait()
    assert echo.events[-1] == {"type": "websocket.disconnect", "code": 1000}
    assert (echo.scope["path"], echo.scope["query_string"], echo.scope["scheme"]) == ("/a b", b"c=d", "ws")
    assert echo.scope["client"][0] == "127.0.0.1"
    assert (b"host", url.removeprefix("ws://").encode()) in echo.scope["headers"]


async def test_a_client_that_offers_compression_gets_none() -> None:
    async with _served(Echo()) as (url, _), connect(url) as client:
        assert client.protocol.extensions == []
        await client.send("as it is")
        assert await client.recv() == "as it is"


async def test_many_messages_at_once_keep_their_order() -> None:
    async with _served(Echo()) as (url, _), connect(url, compression=None) as client:
        for number in range(2000):
            await client.send(str(number))
        assert [await client.recv() for _ in range(2000)] == [str(number) for number in range(2000)]


async def test_a_client_that_reads_late_gets_everything_and_the_app_waits_for_it() -> None:
    sent = 0

    async def pour(scope: Any, receive: Any, send: Any) -> None:
        nonlocal sent
        await receive()
        await send({"type": "websocket.accept"})
        while sent < 500:
            await send({"type": "websocket.send", "text": "x" * 50_000})
            sent += 1

    async with _served(pour) as (url, _):
        async with connect(url, compression=None, max_queue=1) as client:
            before = -1
            async with asyncio.timeout(PATIENCE_SECONDS):
                while before != sent or not sent:
                    before = sent
                    await asyncio.sleep(0.2)
            assert sent < 500
            assert sum([len(await client.recv()) for _ in range(500)]) == 500 * 50_000
            with pytest.raises(ConnectionClosed):
                await client.recv()
        assert client.close_code == 1000


@pytest.mark.parametrize("code", [1000, 1001, 4321])
async def test_either_side_closes_with_its_code(code: int) -> None:
    async def leave(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close", "code": code, "reason": "enough"})

    async with _served(leave) as (url, _), connect(url) as client:
        with pytest.raises(ConnectionClosed):
            await client.recv()
        assert (client.close_code, client.close_reason) == (code, "enough")

    echo = Echo()
    async with _served(echo) as (url, _), connect(url) as client:
        await client.close(code, "bye")
        async with asyncio.timeout(PATIENCE_SECONDS):
            await echo.is_over.wait()
        assert echo.events == [{"type": "websocket.disconnect", "code": code}]


async def test_a_client_that_is_gone_without_a_word() -> None:
    echo = Echo()
    async with _served(echo) as (url, _):
        client = await connect(url)
        client.transport.abort()
        async with asyncio.timeout(PATIENCE_SECONDS):
            await echo.is_over.wait()
    assert echo.events == [{"type": "websocket.disconnect", "code": 1006}]


@pytest.mark.parametrize(
    ("frames", "code"), [(b"\x81\x01x", 1002), (b"\x81\x82\0\0\0\0\xff\xff", 1007), (b"\x81\xfe\xff\xff\0\0\0\0", 1009)]
)
async def test_what_breaks_the_protocol_ends_the_connection(frames: bytes, code: int) -> None:
    echo = Echo()
    async with _served(echo, ws_max_size=1000) as (url, _), connect(url) as client:
        client.transport.write(frames)
        with pytest.raises(ConnectionClosed):
            await client.recv()
        assert client.close_code == code
        async with asyncio.timeout(PATIENCE_SECONDS):
            await echo.is_over.wait()


async def test_the_app_refuses() -> None:
    async def refuse(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "websocket.close"})

    async def explain(scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"content-type", b"text/x-why")]
        await send({"type": "websocket.http.response.start", "status": 418, "headers": headers})
        await send({"type": "websocket.http.response.body", "body": b"a tea", "more_body": True})
        await send({"type": "websocket.http.response.body", "body": b"pot"})

    for app, status, body in ((refuse, 403, b""), (explain, 418, b"a teapot")):
        async with _served(app) as (url, _):
            with pytest.raises(InvalidStatus) as refused:
                await connect(url)
            response = refused.value.response
            assert (response.status_code, response.body) == (status, body)
            assert response.headers.get_all("content-length") == [str(len(body))]
    assert response.headers.get_all("content-type") == ["text/x-why"]


async def test_an_app_that_breaks_is_logged_and_answered(expects_errors: list[Any]) -> None:
    async def broken(scope: Any, receive: Any, send: Any) -> None:
        raise LookupError

    async with _served(broken) as (url, _):
        with pytest.raises(InvalidStatus) as refused:
            await connect(url)
        assert refused.value.response.status_code == 500
    assert len(expects_errors) == 1


@pytest.mark.parametrize(
    "request_",
    [b"Upgrade: websocket\r\n", b"Upgrade: websocket\r\nSec-WebSocket-Key: short\r\n"],
    ids=["no key", "bad key"],
)
async def test_a_request_that_is_none(request_: bytes) -> None:
    async with _served(Echo()) as (url, _):
        host, port = url.removeprefix("ws://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n" + request_ + b"\r\n")
        assert (await asyncio.wait_for(reader.read(), PATIENCE_SECONDS)).startswith(b"HTTP/1.1 400 ")
        writer.close()


async def test_a_server_that_stops_says_that_it_comes_back() -> None:
    echo = Echo()
    async with _served(echo) as (url, server), connect(url) as client:
        await client.send("x")
        await client.recv()
        server.should_exit = True
        with pytest.raises(ConnectionClosed):
            await client.recv()
        assert client.close_code == 1012
    assert echo.events[-1]["type"] == "websocket.disconnect"


async def test_who_takes_over_gets_the_messages_and_may_write() -> None:
    class Shout:
        wire: WebSocket
        is_closed = False

        def text_received(self, text: str) -> None:
            payload = text.upper().encode()
            self.wire.write(bytes([0x80 | Opcode.TEXT, len(payload)]) + payload)

        def lagging(self) -> None: ...
        def drained(self) -> None: ...

        def closed(self) -> None:
            self.is_closed = True

    shout, has_returned = Shout(), asyncio.Event()

    async def hand_over(scope: Any, receive: Any, send: Any) -> None:
        shout.wire = scope["extensions"][EXTENSION]
        assert (await receive())["type"] == "websocket.connect"
        await send({"type": "websocket.accept"})
        # It is not read from while a message waits for the app; that one is not lost either.
        async with asyncio.timeout(PATIENCE_SECONDS):
            while shout.wire.transport.is_reading():
                await asyncio.sleep(0.01)
        shout.wire.take_over(shout)
        has_returned.set()

    async with _served(hand_over) as (url, _):
        async with connect(url, compression=None) as client:
            await client.send("early")
            await has_returned.wait()
            for word in ("one", "two"):
                await client.send(word)
            assert [await client.recv() for _ in range(3)] == ["EARLY", "ONE", "TWO"]
            assert not shout.is_closed
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not shout.is_closed:
                await asyncio.sleep(0.01)
