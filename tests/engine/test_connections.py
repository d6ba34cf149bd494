"""Connections of an engine without an app: who joins nothing, makes a crowd, floods, is silent, or asks twice."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import uvicorn
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from server.engine.outgoing import Frame
from server.engine.polling import ANSWER_PACKETS
from server.engine.server import ENDS_A_TURN, Engine
from server.engine.settings import FAMILIAR, EngineSettings, Joining, Rate, Why
from server.engine.websocket import WebSocket
from server.front.front import Front
from server.front.limits import Limits
from server.front.names import Names
from tests.support.door_notes import DoorNotes
from tests.support.patience import PATIENCE_SECONDS

NEVER = 1000.0
# Ten take a tenth of a second: a machine that is late by more than that takes it for a pause, and begins anew.
TIGHT = Rate(frames=100, frames_at_once=10, bytes=1e9, bytes_at_once=10**9)


class Served:
    """An engine that echoes, with what it told of its connections."""

    def __init__(self, settings: EngineSettings) -> None:
        self.cuts: Counter[str] = Counter()
        self.ended: list[str] = []
        self.heard: list[Any] = []
        self.engine = Engine(settings=settings, observer=self)
        self.engine.on("connect", self._connected)
        self.engine.on("message", self._echo)
        self.engine.on("disconnect", self._ended)
        self.url = ""

    def skipped(self, states: int) -> None: ...

    def cut(self, why: Why, address: str) -> None:
        self.cuts[why] += 1

    async def _connected(self, sid: str, environ: Any) -> None:
        """Who says so has joined at once, however late the machine is."""
        if "joins" in environ["QUERY_STRING"]:
            self.engine.joined(sid)

    async def _echo(self, sid: str, message: Any) -> None:
        self.heard.append(message)
        await self.engine.send(sid, message)

    async def _ended(self, sid: str, reason: str) -> None:
        self.ended.append(reason)

    def websocket(self, *, more: str = "") -> Any:
        return connect(f"ws{self.url[4:]}?EIO=4&transport=websocket{more}", compression=None)


@asynccontextmanager
async def _served(front: Any = "auto", **settings: Any) -> AsyncGenerator[tuple[Served, httpx.AsyncClient]]:
    served = Served(EngineSettings(**{"ping_seconds": NEVER, **settings}))
    listening = socket.create_server(("127.0.0.1", 0))
    served.url = f"http://127.0.0.1:{listening.getsockname()[1]}/engine.io/"
    app: Any = served.engine.handle_request
    options: dict[str, Any] = {"lifespan": "off", "log_config": None, "access_log": False, "interface": "asgi3"}
    server = uvicorn.Server(uvicorn.Config(app, ws=WebSocket, http=front, **options))
    serving = asyncio.create_task(server.serve([listening]))
    try:
        query = {"EIO": "4", "transport": "polling"}
        async with httpx.AsyncClient(base_url=served.url, params=query, timeout=PATIENCE_SECONDS) as http:
            yield served, http
    finally:
        server.should_exit = True
        await serving
        await served.engine.shutdown()


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():
            await asyncio.sleep(0.01)


async def _opened(http: httpx.AsyncClient) -> dict[str, str]:
    return {"sid": json.loads((await http.get("")).text[1:])["sid"]}


def _text_frames(texts: list[str]) -> bytes:
    """In one write; masked with zeros."""
    return b"".join(bytes([0x81, 0x80 | len(text)]) + b"\0\0\0\0" + text.encode() for text in texts)


async def _until_closed(client: ClientConnection) -> list[Any]:
    heard: list[Any] = []
    while True:
        try:
            heard.append(await asyncio.wait_for(client.recv(), PATIENCE_SECONDS))
        except ConnectionClosed:
            return heard


async def _answer_pings(client: ClientConnection) -> None:
    while True:
        while await client.recv() != "2":
            pass
        await client.send("3")


async def test_who_joins_nothing_is_ended_and_who_has_joined_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.engine.server.FAREWELL_SECONDS", NEVER)
    async with _served(ping_seconds=0.2, pong_seconds=NEVER, joining=Joining(seconds=0.4)) as (served, http):
        polls = await _opened(http)
        async with served.websocket(more="&joins") as joined, served.websocket() as idle:
            for_ever = json.loads((await joined.recv())[1:])["sid"]
            assert (await _until_closed(idle))[-1] == "1"
            await _until(lambda: served.cuts["unjoined"] == 2)
            assert (await http.get("", params=polls)).text.endswith("1")
            assert (await http.get("", params=polls)).status_code == 400
            assert list(served.engine.connections) == [for_ever]
            await joined.send("4still here")
            while await joined.recv() != "4still here":
                pass


@pytest.mark.parametrize("cut", [None, 20, 100])
async def test_what_comes_behind_the_upgrade_is_read(cut: int | None) -> None:
    """As clients send it: whatever they had to say while they tried the WebSocket."""
    async with _served() as (served, http):
        query = await _opened(http)
        async with connect(
            f"ws{served.url[4:]}?EIO=4&transport=websocket&sid={query['sid']}", compression=None
        ) as client:
            await client.send("2probe")
            assert await client.recv() == "3probe"
            sent = ["5", *(f"4message {number}" for number in range(60))]
            frames = _text_frames(sent)
            client.transport.write(frames[:cut])
            if cut is not None:
                connection = served.engine.connections[query["sid"]]
                await _until(lambda: connection.wire is not None)
                client.transport.write(frames[cut:])
            assert [await client.recv() for _ in range(60)] == sent[1:]


async def test_of_those_that_have_not_joined_the_eldest_makes_room() -> None:
    async with _served(joining=Joining(seconds=NEVER, at_most=3)) as (served, http):
        first, second = await _opened(http), await _opened(http)
        served.engine.joined(second["sid"])
        others = [await _opened(http) for _ in range(3)]
        assert served.cuts == {"crowded": 1}
        assert (await http.get("", params=first)).status_code == 400
        for query in (second, *others):
            assert (await http.post("", params=query, content="4x")).text == "ok"


async def test_room_is_made_only_by_whoever_holds_a_line() -> None:
    """One that polls holds none: a newcomer that was let in for it would be one too many."""
    async with _served(joining=Joining(seconds=NEVER)) as (served, http):
        polls = await _opened(http)
        assert not served.engine.give_way()
        async with served.websocket() as joined, served.websocket() as eldest, served.websocket() as other:
            for_ever = json.loads((await joined.recv())[1:])["sid"]
            served.engine.joined(for_ever)
            for client in (eldest, other):
                await client.recv()
            assert served.engine.give_way()
            await _until_closed(eldest)
            assert served.engine.give_way()
            await _until_closed(other)
            assert not served.engine.give_way()
            assert set(served.engine.connections) == {for_ever, polls["sid"]}
            assert served.cuts == {"crowded": 2}


async def test_an_address_has_so_many_that_poll_and_who_has_joined_nothing_makes_room() -> None:
    async with _served(joining=Joining(seconds=NEVER), polling_by_address=2) as (served, http), served.websocket():
        first, second = await _opened(http), await _opened(http)
        served.engine.joined(second["sid"])
        third = await _opened(http)
        assert served.cuts == {"crowded": 1}
        assert (await http.get("", params=first)).status_code == 400
        served.engine.joined(third["sid"])
        refused = await http.get("")
        assert (refused.status_code, served.cuts["crowded"]) == (429, 2)
        assert "from this address" in refused.text
        # A WebSocket is none of them, nor is who is gone.
        async with connect(f"ws{served.url[4:]}?EIO=4&transport=websocket&sid={third['sid']}") as client:
            await client.send("2probe")
            assert await client.recv() == "3probe"
            await client.send("5")
            await _until(lambda: served.engine.transport(third["sid"]) == "websocket")
            fourth = await _opened(http)
            served.engine.joined(fourth["sid"])
            assert (await http.get("")).status_code == 429
        await http.post("", params=fourth, content="1")
        await _opened(http)


async def test_of_who_has_not_joined_little_is_held_and_more_afterwards() -> None:
    joining = Joining(seconds=NEVER, message_bytes=100, rate=FAMILIAR)
    async with _served(message_bytes=1000, joining=joining) as (served, http):
        async with served.websocket() as client:
            sid = json.loads((await client.recv())[1:])["sid"]
            served.engine.joined(sid)
            await client.send("4" + "x" * 900)
            assert await client.recv() == "4" + "x" * 900
        async with served.websocket() as client:
            await client.recv()
            # What comes all at once need not be held.
            await client.send("4" + "x" * 900)
            assert await client.recv() == "4" + "x" * 900
            await client.send(["4", "y" * 200, "z" * 200])
            assert await client.recv() == "4" + "y" * 99
            await client.send("4" + "x" * 1000)
            await _until_closed(client)
            assert client.close_code == 1009
        query = await _opened(http)
        await http.post("", params=query, content="4" + "y" * 900)
        assert served.heard[-1] == "y" * 900


async def test_a_message_beyond_what_is_held_is_handed_on_as_far_as_it_was() -> None:
    async with _served(message_bytes=10, longest_message_bytes=1000) as (served, http):
        query = await _opened(http)
        assert (await http.post("", params=query, content="4" + "é" * 400)).status_code == 200
        assert (await http.post("", params=query, content="4" + "é" * 600)).status_code == 413
        async with served.websocket() as client:
            await client.recv()
            await client.send("4" + "é" * 400)
            assert await client.recv() == "4éééé"


async def test_a_flood_is_slowed_and_cut_with_its_reason() -> None:
    async with _served(rate=TIGHT, flood_seconds=0.3) as (served, http):
        async with served.websocket() as client:
            client.transport.write(b"\x81\x81\0\0\0\x003" * 5000)
            await _until_closed(client)
            assert client.close_code == 1008
        query = await _opened(http)
        assert (await http.post("", params=query, content="\x1e".join(["3"] * 20))).status_code == 200
        assert (await http.post("", params=query, content="\x1e".join(["3"] * 5000))).status_code == 400
        assert served.cuts == {"flood": 2}
        await _until(lambda: len(served.ended) == 2)


async def test_polled_bodies_of_few_packets_are_bounded_by_their_bytes() -> None:
    few = Rate(frames=1e9, frames_at_once=10**9, bytes=20_000, bytes_at_once=10_000)
    async with _served(rate=few, flood_seconds=0.3) as (served, http):
        query, body = await _opened(http), "6" + "x" * 20_000
        statuses: list[int] = []
        while 400 not in statuses and len(statuses) < 100:
            statuses.append((await http.post("", params=query, content=body)).status_code)
        assert (statuses[0], statuses[-1], served.cuts) == (200, 400, {"flood": 1})


async def test_a_silent_client_is_ended_on_either_transport() -> None:
    # Two rounds: a machine that stands still for one of them has not read the answer, which is there.
    async with _served(ping_seconds=0.3, pong_seconds=0.6) as (served, http):
        query = await _opened(http)
        async with served.websocket() as silent, served.websocket() as alive:
            answering = asyncio.create_task(_answer_pings(alive))
            await _until_closed(silent)
            await _until(lambda: len(served.ended) == 2)
            assert (await http.get("", params=query)).status_code == 400
            assert (served.ended, served.cuts) == (["ping timeout"] * 2, {"silent": 2})
            assert len(served.engine.connections) == 1
            answering.cancel()
            await asyncio.gather(answering, return_exceptions=True)


async def test_two_polls_at_once_end_the_connection_and_so_do_two_bodies() -> None:
    async with _served() as (served, http):
        query = await _opened(http)
        first = asyncio.ensure_future(http.get("", params=query))
        connection = served.engine.connections[query["sid"]]
        await _until(lambda: connection.outgoing.is_fetched)
        assert (await http.get("", params=query)).status_code == 400
        assert (await first).text == "1"
        await _until(lambda: served.ended == ["server disconnect"])

        query = await _opened(http)
        sending = asyncio.Event()

        async def slow_body() -> AsyncGenerator[bytes]:
            yield b"4x"
            await sending.wait()
            yield b"\x1e4y"

        first = asyncio.ensure_future(http.post("", params=query, content=slow_body()))
        connection = served.engine.connections[query["sid"]]
        await _until(lambda: connection.is_posting)
        assert (await http.post("", params=query, content="4z")).status_code == 400
        sending.set()
        await first
        await _until(lambda: len(served.ended) == 2)


async def test_who_has_left_what_it_joined_may_send_no_more_than_who_has_not_joined() -> None:
    """Or a connection that joins and leaves, again and again, would have the loop busy with nothing else."""
    little, much = replace(TIGHT, frames=0.001), replace(TIGHT, frames=1e9, frames_at_once=10**9)
    async with (
        _served(joining=Joining(seconds=NEVER, rate=little), rate=much, flood_seconds=0.0) as (served, _),
        served.websocket() as client,
    ):
        sid = json.loads((await client.recv())[1:])["sid"]
        wire = served.engine.connections[sid].wire
        served.engine.joined(sid)
        messages = _text_frames(["4one"] * 30)
        client.transport.write(messages)
        assert [await client.recv() for _ in range(30)] == ["4one"] * 30
        served.engine.left(sid)
        client.transport.write(messages)
        await _until(lambda: served.cuts["flood"] == 1 or len(served.heard) == 60)
        assert served.cuts == {"flood": 1}
        # Without the patience that it has with whoever is cut.
        assert wire is not None
        wire.abort()


async def test_others_have_a_turn_between_two_messages_of_one_connection() -> None:
    """Also if each is dealt with without a pause."""
    async with _served() as (served, _), served.websocket() as client:
        await client.recv()

        async def other() -> None:
            while True:
                served.heard.append("other")
                await asyncio.sleep(0)

        client.transport.write(_text_frames(["4one"] * 60))
        others = asyncio.create_task(other())
        assert [await client.recv() for _ in range(60)] == ["4one"] * 60
        others.cancel()
        assert "one one" not in " ".join(served.heard)


async def test_others_have_their_turn_while_many_end_at_once() -> None:
    async with _served() as (served, http):
        for _ in range(5 * ENDS_A_TURN):
            await _opened(http)

        async def other() -> None:
            while True:
                served.ended.append("other")
                await asyncio.sleep(0)

        others = asyncio.create_task(other())
        await served.engine.disconnect()
        await _until(lambda: served.ended.count("server disconnect") == 5 * ENDS_A_TURN)
        others.cancel()
        turns = " ".join(served.ended).split("other")
        assert max(turn.count("server disconnect") for turn in turns) <= ENDS_A_TURN < 16


async def test_no_poll_holds_up_who_has_let_them_go() -> None:
    """Whoever was let go asks again, and may come before the web server has closed its line."""
    async with _served() as (served, http):
        polling = await _opened(http)
        (connection,) = served.engine.connections.values()
        under_way = asyncio.create_task(http.get("", params=polling))
        await _until(lambda: connection.outgoing.is_fetched)
        served.engine.end_polls()
        assert (await under_way).text == "6"
        assert (await http.get("", params=polling)).text == "6"
        await served.engine.send(connection.sid, "what is there is brought")
        assert (await http.get("", params=polling)).text == "4what is there is brought"


async def test_what_waits_for_a_polling_client_is_fetched_after_its_connection_was_closed() -> None:
    async with _served() as (served, http):
        query = await _opened(http)
        await served.engine.send(query["sid"], "farewell")
        await served.engine.disconnect(query["sid"])
        assert (await http.get("", params=query)).text == "4farewell\x1e1"
        assert (await http.get("", params=query)).status_code == 400


@pytest.mark.parametrize(
    "query", [{"j": "0"}, {"transport": ""}, {"EIO": "3"}, {"transport": "websocket"}, {"sid": "x"}]
)
async def test_what_is_not_spoken_is_refused(query: dict[str, str]) -> None:
    async with _served() as (_, http):
        answer = await http.get("", params=query)
        assert answer.status_code == 400
        assert answer.headers["cache-control"] == "no-store"


async def test_a_second_websocket_counts_until_its_line_is_cut_whatever_its_client_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It was told that it is closed. Whoever does not answer holds a place for as long as that is waited for."""
    monkeypatch.setattr("server.engine.websocket.CLOSE_PATIENCE_SECONDS", NEVER)
    counted = DoorNotes()
    # Each is counted in all, as here, and by its address.
    for limits in (Limits(connections=4, own_connections=0), Limits(by_address=4)):
        front = Front(Names([]), None, limits, counted, counts_own=True)
        async with _served(front) as (served, http), served.websocket() as first:
            more = f"&sid={json.loads((await first.recv())[1:])['sid']}"
            deaf = [await _deaf(served, more) for _ in range(3)]
            await _until(lambda: counted.count() == 4)
            assert (await http.get("")).status_code in (429, 503)
            assert counted.count() == 4
            deaf.pop().close()
            await _until(lambda: counted.count() == 3)
            assert (await http.get("")).status_code == 200
            for each in deaf:
                each.close()
    assert counted.reasons == ["server_full", "address_full"]


async def test_a_second_websocket_whose_client_does_not_answer_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.engine.websocket.CLOSE_PATIENCE_SECONDS", 0.1)
    async with _served() as (served, _), served.websocket() as first:
        deaf = await _deaf(served, f"&sid={json.loads((await first.recv())[1:])['sid']}")
        with deaf, contextlib.suppress(ConnectionError):
            while await asyncio.wait_for(asyncio.get_running_loop().sock_recv(deaf, 4096), PATIENCE_SECONDS):
                pass


async def _deaf(served: Served, more: str) -> socket.socket:
    """A WebSocket that was told that it is closed, and says nothing."""
    url, loop = urlsplit(served.url), asyncio.get_running_loop()
    line = socket.socket()
    line.setblocking(False)
    await loop.sock_connect(line, (url.hostname, url.port))
    request = (
        f"GET {url.path}?EIO=4&transport=websocket{more} HTTP/1.1\r\nHost: {url.netloc}\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    await loop.sock_sendall(line, request.encode())
    told = b""
    while b"another WebSocket already" not in told:
        told += await asyncio.wait_for(loop.sock_recv(line, 4096), PATIENCE_SECONDS)
    assert told.startswith(b"HTTP/1.1 101 ")
    return line


@pytest.mark.parametrize("is_polled", [True, False], ids=["in a poll", "between polls"])
async def test_last_words_that_are_more_than_one_answer_brings_come_with_the_next_ones(is_polled: bool) -> None:
    async with _served() as (served, http):
        known = await _opened(http)
        connection = served.engine.connections[known["sid"]]
        polls = [asyncio.create_task(http.get("", params=known))] if is_polled else []
        await _until(lambda: connection.outgoing.is_fetched == is_polled)
        words = [str(number) for number in range(2 * ANSWER_PACKETS)]
        for word in words:
            connection.tell(Frame(word))
        connection.close()
        came = list[str]()
        while "1" not in came:
            answer = await (polls.pop() if polls else http.get("", params=known))
            assert answer.status_code == 200, (came, answer.text)
            came += answer.text.split("\x1e")
        assert came == [*(f"4{word}" for word in words), "1"]
        assert (await http.get("", params=known)).status_code == 400
