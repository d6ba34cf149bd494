"""Everybody is told the same in the same order, whichever way it goes: our WebSocket, another one, long-polling."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from tests.support.raw import RawPoller, RawWebSocket, read_message
from tests.support.running import RunningServer, running_server

AT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
SESSION = str(UUID(int=1))
END = "session:closed"


@asynccontextmanager
async def _session(**options: Any) -> AsyncGenerator[tuple[RunningServer, Any]]:
    async with running_server(now=lambda: AT, **options) as server:
        login = await server.login()
        session = await server.open_session(id=SESSION, title="The same")
        yield server, {"token": login["token"], "code": session["code"]}


_WHEN_IT_COMES = ("trainees:changed", "session:joined", "sync:changed")


async def _push(server: RunningServer, number: int, **more: Any) -> int:
    body = {"id": str(UUID(int=1000 + number)), "kind": "vitals", "vitals": {"heart_rate": number % 300}, **more}
    answer = await server.http.post(f"/api/v1/sessions/{SESSION}/events", json=body)
    assert answer.status_code in (200, 201), answer.text
    seq: int = answer.json()["seq"]
    return seq


async def _a_session(server: RunningServer) -> None:
    """Something of everything that is told, a repeat among it, and the end."""
    for number in range(30):
        await _push(server, number, flags={"cpr": number % 2 == 0, f"flag_{number}": "é€😀" * 10})
        if number % 3 == 0:
            await _push(server, number)
        if number % 10 == 0:
            await server.http.patch(f"/api/v1/sessions/{SESSION}", json={"public_title": f"Title {number}"})
        note = {"id": str(UUID(int=2000 + number)), "kind": "note", "text": "x" * (1 + number * 50)}
        assert (await server.http.post(f"/api/v1/sessions/{SESSION}/events", json=note)).status_code == 201
    assert (await server.http.post(f"/api/v1/sessions/{SESSION}/close")).status_code == 200


def _told(packets: list[str], code: str) -> list[Any]:
    """What the server said by itself, but for what comes when it comes: who is there, and that something changed."""
    text = json.dumps([message for packet in packets if (message := read_message(packet)) is not None])
    # What the server makes up: the code, and ids that are not ours.
    text = re.sub(rf"{code}|(?!0{{8}})[0-9a-f]{{8}}-[0-9a-f-]{{27}}", "made up", text)
    return [message for message in json.loads(text) if message[0] not in _WHEN_IT_COMES]


async def _what_everybody_hears(**options: Any) -> list[list[Any]]:
    """The messages to a trainee and a watcher on a WebSocket, and to a trainee and a watcher that poll."""
    async with _session(**options) as (server, auth):
        trainee, trainer = {"code": auth["code"]}, {"token": auth["token"]}
        web = [
            await RawWebSocket.connect(server.url, "/trainee", trainee),
            await RawWebSocket.connect(server.url, "/trainer", trainer),
        ]
        polling = [
            await RawPoller.connect(server.url, "/trainee", trainee),
            await RawPoller.connect(server.url, "/trainer", trainer),
        ]
        await web[0].read_until('42/trainee,["session:joined"')
        await polling[0].poll_until('42/trainee,["session:joined"')
        watch = f'42/trainer,7["session:watch",{{"session_id":"{SESSION}"}}]'
        await web[1].send(watch)
        await web[1].read_until("43/trainer,7[")
        await polling[1].send(watch)
        await polling[1].poll_until("43/trainer,7[")

        namespaces = ("/trainee", "/trainer")
        *heard, _ = await asyncio.gather(
            *(one.read_until(f'42{name},["{END}"') for one, name in zip(web, namespaces, strict=True)),
            *(one.poll_until(f'42{name},["{END}"') for one, name in zip(polling, namespaces, strict=True)),
            _a_session(server),
        )
        for one in web:
            one.leave()
        for one in polling:
            await one.leave()
        return [_told(packets, auth["code"]) for packets in heard]


async def test_on_a_websocket_and_by_long_polling_it_is_the_same() -> None:
    told = await _what_everybody_hears()
    names = [[name for name, _ in one] for one in told]
    # 30 pushes, 4 new titles and the end; watchers also get each event, the end's own among them.
    assert [len(one) for one in names] == [34, 95, 34, 95]
    assert told[0] == told[2]
    assert told[1] == told[3]


async def test_acks_and_broadcasts_keep_their_order() -> None:
    """One connection that pushes, watches, and asks, all at once and without waiting."""
    async with _session() as (server, auth):
        line = await RawWebSocket.connect(server.url, "/trainer", {"token": auth["token"]})
        await line.send(f'42/trainer,0["session:watch",{{"session_id":"{SESSION}"}}]')
        await line.read_until("43/trainer,0[")
        for number in range(1, 301):
            about = {"id": str(UUID(int=number)), "session_id": SESSION}
            match number % 3:
                case 0:
                    sent: list[Any] = ["clock:read", {}]
                case 1:
                    sent = ["note:add", {**about, "text": "x" * number * 5}]
                case _:
                    sent = ["vitals:push", {**about, "vitals": {"spo2": number % 100}}]
            await line.send(f"42/trainer,{number}{json.dumps(sent)}")
        heard: list[str] = []
        while sum(packet.startswith("43/trainer,") for packet in heard) < 300:
            heard += await line.read_until("4")
        line.leave()

    added: list[int] = []
    pushed: list[int] = []
    acked: list[int] = []
    for packet in heard:
        if (message := read_message(packet)) is not None:
            name, data = message
            if name == "event:added":
                added.append(data["seq"])
            elif name == "vitals:pushed":
                pushed.append(data["seq"])
        else:
            (ack,) = json.loads(packet[packet.index("[") :])
            assert ack["ok"]
            if "event" in ack:
                acked.append(ack["event"]["seq"])
                assert ack["event"]["seq"] in added
    assert added == sorted(added)
    assert len(added) == 200
    # It did not read while it sent, so that a state may have been skipped; the newest never is.
    assert pushed == sorted(pushed)
    assert pushed[-1] == 200
    assert acked == sorted(acked)
    assert len(acked) == 200


@pytest.mark.parametrize("gives_up", [False, True], ids=["moves", "gives up"])
async def test_a_connection_that_moves_in_a_stream_of_pushes(gives_up: bool) -> None:
    """From long-polling to a WebSocket, as browsers do: nothing is lost, nothing comes twice."""
    async with _session() as (server, auth):
        poller = await RawPoller.connect(server.url, "/trainee", {"code": auth["code"]})
        heard = await poller.poll_until('42/trainee,["session:joined"')
        last, has_moved = 0, asyncio.Event()

        async def push_on() -> None:
            nonlocal last
            while last < 60 or not has_moved.is_set():
                last = await _push(server, last)
            for _ in range(40):
                last = await _push(server, last)

        pushing = asyncio.create_task(push_on())
        while len(heard) < 20:
            heard += await poller.poll()
        web = await RawWebSocket.open(server.url, sid=poller.sid)
        # The poll that is under way while the client asks to move.
        polling = asyncio.create_task(poller.poll())
        await web.send("2probe")
        assert await web.read() == "3probe"
        heard += await polling
        if gives_up:
            web.leave()
            has_moved.set()
            await pushing
            while not heard[-1].startswith('42/trainee,["vitals:pushed"') or not _has_seq(heard[-1], last):
                heard += await poller.poll()
        else:
            await web.send("5")
            has_moved.set()
            await pushing
            while not _has_seq(heard[-1], last):
                heard.append(await web.read())
            web.leave()
        await poller.leave()
    seqs = [
        message[1]["seq"] for packet in heard if (message := read_message(packet)) and message[0] == "vitals:pushed"
    ]
    assert seqs == list(range(1, last + 1))


def _has_seq(packet: str, seq: int) -> bool:
    message = read_message(packet)
    return message is not None and message[1].get("seq") == seq
