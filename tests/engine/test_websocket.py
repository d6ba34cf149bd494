"""Our WebSocket under uvicorn, spoken to by other people's clients."""

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

from server.engine import frames
from server.engine.opening import EXTENSION
from server.engine.settings import EngineSettings, Rate
from server.engine.websocket import WebSocket
from tests.support.patience import PATIENCE_SECONDS

App = Callable[[Any, Callable[[], Awaitable[Any]], Callable[[Any], Awaitable[None]]], Awaitable[None]]


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
    """Lets everybody in, answers every message by itself, and keeps what it was told."""

    def __init__(self, settings: EngineSettings | None = None, *, answers: bool = True) -> None:
        self.scope: Any = None
        self.heard: list[str | bytes] = []
        self.is_over = asyncio.Event()
        self.is_flooding = False
        self.wire: WebSocket | None = None
        self._settings = settings or EngineSettings()
        self._answers = answers
        self._held: list[bytes] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scope = scope
        assert (await receive())["type"] == "websocket.connect"
        assert scope["extensions"][EXTENSION].accept(self, [(b"x-own", b"1")])

    def opened(self, wire: WebSocket) -> None:
        self.wire = wire
        wire.give(self._settings, self)

    def received(self, message: str | bytes) -> None:
        self.heard.append(message)
        if self._answers:
            self.say(message)

    def say(self, message: str | bytes) -> None:
        assert self.wire is not None
        self._held.append(frames.data_frame(message))
        self.drained()

    def flooding(self, seconds: float) -> bool:
        self.is_flooding = True
        return seconds >= self._settings.flood_seconds

    def lagging(self) -> None: ...

    def drained(self) -> None:
        while self._held and self.wire is not None and self.wire.can_write:
            self.wire.write(self._held.pop(0))

    def closed(self) -> None:
        self.is_over.set()

    async def over(self) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self.is_over.wait()


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
    await echo.over()
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


async def test_a_client_that_reads_late_gets_everything() -> None:
    echo = Echo(answers=False)
    async with _served(echo) as (url, _), connect(url, compression=None, max_queue=1) as client:
        await client.send("go")
        await _until(lambda: bool(echo.heard))
        for _ in range(300):
            echo.say("x" * 50_000)
        assert echo.wire is not None
        assert not echo.wire.can_write
        assert sum([len(await client.recv()) for _ in range(300)]) == 300 * 50_000
        assert echo.wire.can_write


@pytest.mark.parametrize("code", [1000, 1001, 4321])
async def test_either_side_closes_with_its_code(code: int) -> None:
    ours, theirs = Echo(), Echo()
    async with _served(ours) as (url, _), connect(url) as client:
        await _until(lambda: ours.wire is not None)
        assert ours.wire is not None
        ours.wire.close(code, "enough")
        with pytest.raises(ConnectionClosed):
            await client.recv()
        assert (client.close_code, client.close_reason) == (code, "enough")
        await ours.over()
    async with _served(theirs) as (url, _), connect(url) as client:
        await client.close(code, "bye")
        assert client.close_code == code
        await theirs.over()


async def test_a_client_that_is_gone_without_a_word() -> None:
    echo = Echo()
    async with _served(echo) as (url, _):
        client = await connect(url)
        client.transport.abort()
        await echo.over()


@pytest.mark.parametrize(
    ("sent", "code"), [(b"\x81\x01x", 1002), (b"\x81\x82\0\0\0\0\xff\xff", 1007), (b"\x81\xfe\xff\xff\0\0\0\0", 1009)]
)
async def test_what_breaks_the_protocol_ends_the_connection(sent: bytes, code: int) -> None:
    echo = Echo(EngineSettings(message_bytes=1000))
    async with _served(echo) as (url, _), connect(url) as client:
        client.transport.write(sent)
        with pytest.raises(ConnectionClosed):
            await client.recv()
        assert client.close_code == code
        await echo.over()


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
    await echo.over()


async def test_an_app_that_accepts_by_asgi_is_told_how(expects_errors: list[Any]) -> None:
    async def accept(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "websocket.accept"})

    async with _served(accept) as (url, _):
        with pytest.raises(InvalidStatus):
            await connect(url)
    assert EXTENSION in str(expects_errors[0].exc_info[1])


async def test_a_client_that_pings_and_does_not_read_is_owed_one_answer() -> None:
    echo = Echo(EngineSettings(rate=Rate(1e6, 10**6, 1e12, 10**12)))
    async with _served(echo) as (url, _):
        reader, writer = await _raw(url)
        # Nothing of what the server says is read from here on.
        reader.feed_data = lambda data: None  # type: ignore[method-assign]
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        await _until(lambda: echo.wire is not None)
        assert echo.wire is not None
        large = frames.data_frame("x" * 60_000)
        while echo.wire.can_write:
            echo.wire.write(large)
        writer.write(b"".join(_masked(0x9, b"%08d" % number) for number in range(20_000)) + _masked(0x1, b"last"))
        await _until(lambda: echo.heard == ["last"])
        # The rest of one frame, of which the system may have taken more meanwhile; all answers would be 200,000 bytes.
        assert echo.wire.unsent() <= len(large)
        writer.transport.abort()
        await echo.over()


async def test_whoever_sends_too_much_is_not_read_for_a_while_and_cut_in_the_end() -> None:
    rate = Rate(frames=1000, frames_at_once=10, bytes=1e9, bytes_at_once=10**9)
    echo = Echo(EngineSettings(rate=rate, flood_seconds=0.3), answers=False)
    async with _served(echo) as (url, _):
        # Its budget grows from the moment in which the connection is taken.
        began = asyncio.get_running_loop().time()
        reader, writer = await _raw(url)
        writer.write(_masked(0x1, b"3") * 100_000)
        said = await asyncio.wait_for(reader.readexactly(4), PATIENCE_SECONDS)
        assert frames.read_close(said[2:]) == frames.POLICY
        seconds = asyncio.get_running_loop().time() - began
        writer.transport.abort()
        await echo.over()
    # No more than the rate, and what may come at once: once after a rest, and once more.
    assert len(echo.heard) <= rate.frames * seconds + 2 * rate.frames_at_once
    assert echo.is_flooding


async def test_who_sends_much_and_then_rests_is_no_flood() -> None:
    rate = Rate(frames=1000, frames_at_once=10, bytes=1e9, bytes_at_once=10**9)
    echo = Echo(EngineSettings(rate=rate, flood_seconds=0.2))
    async with _served(echo) as (url, _), connect(url, compression=None) as client:
        for _ in range(5):
            for number in range(100):
                await client.send(str(number))
            assert [await client.recv() for _ in range(100)] == [str(number) for number in range(100)]
            await asyncio.sleep(0.05)
    assert len(echo.heard) == 500


async def _raw(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A WebSocket by hand, opened."""
    host, port = url.removeprefix("ws://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
    return reader, writer


def _masked(kind: int, payload: bytes) -> bytes:
    return bytes([0x80 | kind, 0x80 | len(payload)]) + b"\0\0\0\0" + payload


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():
            await asyncio.sleep(0.01)
