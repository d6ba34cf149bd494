"""What one client may send, leave unanswered and leave unread; each in time, with bounds that a test can wait for."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
import uvloop
from websockets.asyncio.client import connect

from server.front.connection import HttpConnection
from server.front.door import FrontDoor
from server.front.front import Front
from server.front.limits import Limits
from server.front.names import Names
from server.front.tls import TlsHandshake
from tests.support.certificates import make_certificate
from tests.support.patience import PATIENCE_SECONDS

# Long for whoever sends, short for whoever waits.
SOON = 0.5
# Nobody's first byte is so late on a busy machine.
SILENT = 3.0
HOST = b"Host: localhost\r\n"
GET = b"GET /x HTTP/1.1\r\n" + HOST + b"\r\n"
POST = b"POST /x HTTP/1.1\r\n" + HOST


@dataclass
class House:
    port: int = 0
    under_way: int = 0
    most_under_way: int = 0
    paths: list[str] = field(default_factory=list[str])
    headers: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    reasons: list[str] = field(default_factory=list[str])
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)
    count: Callable[[], float] = lambda: -1
    answer: bytes = b"ok"
    clients: list[Client] = field(default_factory=list["Client"])
    front: Any = None

    def cut(self, reason: str) -> None:
        self.reasons.append(reason)

    def count_connections(self, count: Callable[[], float]) -> None:
        self.count = count

    async def app(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            while (await receive())["type"] == "websocket.receive":
                pass
            return
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            size = 0
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return
                size += len(message["body"])
                if not message["more_body"]:
                    break
            self.paths.append(scope["path"])
            self.headers.append({name.decode(): value.decode() for name, value in scope["headers"]})
            await self.may_answer.wait()
            body = self.answer if size == 0 else b"%d" % size
            length = (b"content-length", b"%d" % len(body))
            await send({"type": "http.response.start", "status": 200, "headers": [length]})
            await send({"type": "http.response.body", "body": body})
        finally:
            self.under_way -= 1

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not condition():
                await asyncio.sleep(0.01)


@asynccontextmanager
async def opened(
    limits: Limits, *, proxies: str | None = None, tls: ssl.SSLContext | None = None
) -> AsyncGenerator[House]:
    house = House()
    house.may_answer.set()
    front: Any = Front(Names(["training.example.org"]), proxies, limits, house, counts_own=True, tls=tls)
    house.front = front
    listening = socket.create_server(("127.0.0.1", 0))
    house.port = listening.getsockname()[1]
    config = uvicorn.Config(
        house.app, http=front, ws="websockets-sansio", interface="asgi3", lifespan="off",
        log_config=None, access_log=False,
        timeout_keep_alive=30,
    )  # fmt: skip
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve([listening]))
    await house.until(lambda: server.started)
    try:
        yield house
    finally:
        for client in house.clients:
            client.writer.transport.abort()
        await asyncio.sleep(0)
        server.should_exit = True
        await serving


class Client:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def come(cls, house: House, *sent: bytes) -> Client:
        client = cls(*await asyncio.open_connection("127.0.0.1", house.port))
        house.clients.append(client)
        for piece in sent:
            client.writer.write(piece)
        return client

    async def answer(self) -> tuple[int, dict[str, str], bytes]:
        async with asyncio.timeout(PATIENCE_SECONDS):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
            first, *lines = head.strip().split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in lines)
            return int(first.split()[1]), headers, await self.reader.readexactly(int(headers["content-length"]))

    async def end(self) -> bytes:
        """What still comes until the server ends the line, which it must."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            try:
                return await self.reader.read()
            except ConnectionError:
                return b""
            finally:
                self.writer.close()

    def leave(self) -> None:
        self.writer.close()


async def refused(client: Client, status: int, code: str) -> str:
    answered, headers, body = await client.answer()
    problem = json.loads(body)
    assert (answered, problem["status"], problem["code"]) == (status, status, code)
    assert headers["content-type"] == "application/problem+json"
    assert headers["connection"] == "close"
    assert await client.end() == b""
    return problem["detail"]


@pytest.fixture
async def house() -> AsyncGenerator[House]:
    async with opened(Limits(requests=20)) as house:
        yield house


async def test_a_head_that_does_not_end(house: House) -> None:
    for sent, status, code in (
        (b"GET /" + b"a" * 200_000, 414, "uri_too_long"),
        (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 414, "uri_too_long"),
        (b"GET / HTTP/1.1\r\nx: " + b"a" * 400_000, 431, "head_too_large"),
        (b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 60_000, 431, "head_too_large"),
        (b"GET / HTTP/1.1\r\n" + HOST + b"x: y\r\n" * 100 + b"\r\n", 431, "head_too_large"),
        (POST + b"transfer-encoding: chunked\r\n\r\n0\r\nx: " + b"a" * 200_000, 431, "head_too_large"),
    ):
        await refused(await Client.come(house, sent), status, code)
    await house.until(lambda: house.count() == 0)


async def test_what_is_no_request(house: House) -> None:
    for sent in (
        b"\x16\x03\x01\x02\x00\x01\x00", b"GET / HTTP/1.1\r\n\r\n", GET.replace(HOST, HOST * 2), b"GARBAGE\r\n\r\n",
        GET.replace(b"localhost", b"a/b"), POST + b"content-length: x\r\n\r\n",
        POST + b"content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n",
    ):  # fmt: skip
        await refused(await Client.come(house, sent), 400, "bad_request")


async def test_a_name_that_is_not_ours(house: House) -> None:
    for name, forwarded, is_known in (
        (b"evil.example:8000", b"", False),
        (b"training.example.org", b"", True),
        (b"192.168.1.20:8000", b"", True),
        # A proxy on this machine, as is believed unless the server was told of others.
        (b"upstream.example", b"X-Forwarded-For: 192.0.2.9\r\n", True),
    ):
        client = await Client.come(house, b"GET /x HTTP/1.1\r\nHost: " + name + b"\r\n" + forwarded + b"\r\n")
        if is_known:
            assert (await client.answer())[0] == 200
            client.leave()
        else:
            detail = await refused(client, 421, "wrong_host")
            assert "PUBLIC_URL" in detail
            assert '"evil.example:8000"' in detail


async def test_pipelined_requests_are_answered_in_their_order_one_after_another(house: House) -> None:
    house.paths.clear()
    house.headers.clear()
    house.most_under_way = 0
    sized = POST + b"content-length: 70000\r\n\r\n" + b"\r\n" * 35_000
    chunked = POST + b"transfer-encoding: chunked\r\n\r\n4\r\n\r\n\r\n\r\n3\r\nabc\r\n0\r\nx-late: 1\r\n\r\n"
    # Not spoken here, so it goes on as before.
    upgrade = GET.replace(HOST, HOST + b"Connection: Upgrade\r\nUpgrade: h2c\r\n")
    sent = b"\r\n".join([GET.replace(b"/x", b"/%d" % number) for number in range(5)]) + sized + chunked + upgrade + GET
    expected = [*[f"/{number}" for number in range(5)], "/x", "/x", "/x", "/x"]
    for size in (len(sent), 4096, 7):
        client = await Client.come(house)
        for begin in range(0, len(sent), size):
            client.writer.write(sent[begin : begin + size])
            if size < 4096 and begin % 700 == 0:
                await client.writer.drain()
        bodies = [(await client.answer())[2] for _ in expected]
        assert bodies == [b"ok"] * 5 + [b"70000", b"7", b"ok", b"ok"]
        client.leave()
    assert house.paths == expected * 3
    assert house.most_under_way == 1
    assert not any("x-late" in headers for headers in house.headers)


async def test_who_asks_before_the_answer_waits_and_others_do_not() -> None:
    async with opened(Limits(pipelined_seconds=1000)) as house:
        hasty = await Client.come(house, GET.replace(b"/x", b"/hasty") * 3)
        assert (await hasty.answer())[0] == 200
        patient = await Client.come(house)
        for _ in range(10):
            patient.writer.write(GET)
            assert (await patient.answer())[0] == 200
        assert house.paths == ["/hasty"] + ["/x"] * 10


async def test_a_connection_has_so_many_requests(house: House) -> None:
    client = await Client.come(house, GET * 30)
    answers = [(await client.answer())[1].get("connection") for _ in range(20)]
    assert answers == [None] * 19 + ["close"]
    assert await client.end() == b""


async def test_reading_pauses_while_an_answer_is_owed(house: House) -> None:
    house.may_answer.clear()
    house.paths.clear()
    client = await Client.come(house)
    sending = asyncio.create_task(_send_much(client, GET * 1000))
    try:
        await house.until(lambda: house.paths == ["/x"])
        # The system's buffers fill up, and then nothing more is taken.
        sent = -1
        while sent != client.writer.transport.get_write_buffer_size():
            sent = client.writer.transport.get_write_buffer_size()
            await asyncio.sleep(0.2)
        assert not sending.done()
        assert house.paths == ["/x"]
    finally:
        house.may_answer.set()
        sending.cancel()
        client.leave()


async def _send_much(client: Client, sent: bytes) -> None:
    while True:
        client.writer.write(sent)
        await client.writer.drain()


async def test_whoever_is_slow_or_silent_is_ended() -> None:
    limits = Limits(silent_seconds=SILENT, head_seconds=SOON, body_seconds=SOON, body_rate=10**9, stalled_seconds=SOON)
    async with opened(limits) as house:
        house.answer = b"x" * 20_000_000
        silent = await Client.come(house)
        head = await Client.come(house, b"GET / HTTP/1.1\r\n")
        body = await Client.come(house, POST + b"content-length: 100\r\n\r\nabc")
        chunked = await Client.come(house, POST + b"transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n")
        unread = await Client.come(house, GET)
        await refused(head, 408, "request_timeout")
        await refused(body, 408, "request_timeout")
        await refused(chunked, 408, "request_timeout")
        assert await silent.end() == b""
        await house.until(lambda: house.count() == 0)
        assert sorted(house.reasons) == ["body_late", "body_late", "head_late", "silent", "stalled"]
        assert house.under_way == 0
        unread.leave()


async def test_an_address_has_so_many_connections_and_a_websocket_is_one_until_it_ends() -> None:
    async with opened(Limits(by_address=3)) as house:
        url = f"ws://127.0.0.1:{house.port}/"
        async with connect(url, proxy=None), connect(url, proxy=None):
            house.may_answer.clear()
            busy = await Client.come(house, GET)
            await house.until(lambda: house.under_way == 1)
            assert house.count() == 3
            detail = await refused(await Client.come(house, GET), 429, "rate_limited")
            assert "CONNECTIONS_BY_ADDRESS" in detail
            house.may_answer.set()
            assert (await busy.answer())[0] == 200
            # It asks nothing any more: it gives way.
            again = await Client.come(house, GET)
            assert (await again.answer())[0] == 200
            assert await busy.end() == b""
            assert (house.count(), house.reasons) == (3, ["address_full", "idle"])
        await house.until(lambda: house.count() == 1)
        again.leave()
        await house.until(lambda: house.count() == 0)


async def test_who_has_not_taken_its_whole_answer_gives_no_way() -> None:
    async with opened(Limits(connections=1)) as house:
        house.answer = b"x" * 20_000_000
        slow = await Client.come(house, GET)
        await house.until(lambda: house.paths == ["/x"] and house.under_way == 0)
        await refused(await Client.come(house, GET), 503, "server_full")
        status, _, body = await slow.answer()
        assert (status, body == house.answer) == (200, True)
        house.answer = b"ok"
        assert (await (await Client.come(house, GET)).answer())[0] == 200
        assert await slow.end() == b""


async def test_what_a_proxy_passes_on_is_not_one_client() -> None:
    forwarded = GET.replace(HOST, b"Host: upstream.example\r\nX-Forwarded-For: 192.0.2.9\r\n")
    async with opened(Limits(by_address=2)) as house:
        for _ in range(4):
            assert (await (await Client.come(house, forwarded)).answer())[0] == 200
        assert house.count() == 4
    async with opened(Limits(by_address=2), proxies="192.0.2.1") as house:
        await refused(await Client.come(house, forwarded), 421, "wrong_host")


async def test_whoever_comes_as_the_server_stops_is_let_go_at_once(tmp_path: Path) -> None:
    """Told to end are those that uvicorn knows by then. It would wait for one that comes later."""
    context, trusting = _contexts(tmp_path)
    async with opened(Limits()) as house, opened(Limits(), tls=context) as protected:
        early = await Client.come(house, GET)
        assert (await early.answer())[0] == 200
        shaking_hands = await Client.come(protected)
        await house.until(lambda: protected.count() == 1)
        for each in (house, protected):
            each.front.close()
        assert await (await Client.come(house)).end() == b""
        await shaking_hands.writer.start_tls(trusting, server_hostname="127.0.0.1")
        assert await shaking_hands.end() == b""
        early.writer.write(GET)
        assert (await early.answer())[0] == 200


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def test_under_tls_a_connection_counts_from_its_beginning_and_has_a_while_for_its_handshake(
    tmp_path: Path, loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    """Their ways to begin TLS are not the same."""
    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(_tls_course(*_contexts(tmp_path)))
        runner.run(_tls_untaken(*_contexts(tmp_path)))


def _contexts(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """The server's, and that of a client that trusts it."""
    certificate = make_certificate(folder)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate.path, certificate.key_path)
    return context, ssl.create_default_context(cafile=str(certificate.path))


async def _tls_course(context: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    async with opened(Limits(by_address=3, head_seconds=SILENT), tls=context) as house:
        silent = await Client.come(house)
        plain = await Client.come(house, GET)
        await house.until(lambda: house.count() > 0 and "handshake" in house.reasons)
        assert b"HTTP/1.1 200" not in await plain.end()
        async with httpx.AsyncClient(verify=trusting, trust_env=False, timeout=PATIENCE_SECONDS) as client:
            for _ in range(3):
                answer = await client.post(f"https://127.0.0.1:{house.port}/x", content=b"y" * 100_000)
                assert (answer.status_code, answer.content) == (200, b"100000")
            async with connect(f"wss://127.0.0.1:{house.port}/", ssl=trusting, proxy=None):
                while "silent" not in house.reasons:
                    await Client.come(house)
                assert await silent.end() == b""
            await house.until(lambda: house.reasons.count("handshake") >= 2)
        await house.until(lambda: house.count() == 0)


async def _tls_untaken(context: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    """What waits may wait below the protected connection only."""
    made: list[tuple[HttpConnection, asyncio.Transport]] = []

    class Noted(TlsHandshake):
        def __init__(self, door: FrontDoor, context: ssl.SSLContext, make: Any) -> None:
            def noted(below: asyncio.Transport) -> HttpConnection:
                below.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65_536)
                made.append((make(below), below))
                return made[-1][0]

            super().__init__(door, context, noted)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("server.front.front.TlsHandshake", Noted)
        async with opened(Limits(requests=10**6), tls=context) as house:
            # Less than what makes the protected connection wait.
            house.answer = b"x" * 40_000
            narrow = socket.create_connection(("127.0.0.1", house.port))
            narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
            client = Client(*await asyncio.open_connection(sock=narrow, ssl=trusting, server_hostname="127.0.0.1"))
            house.clients.append(client)
            while not made or not made[0][1].get_write_buffer_size():
                asked = len(house.paths)
                client.writer.write(GET)
                await house.until(lambda asked=asked: len(house.paths) > asked and house.under_way == 0)
            ((connection, _),) = made
            assert (connection.transport.get_write_buffer_size(), connection.is_idle) == (0, False)
