"""Clients that do not take what they are told: the others never notice, memory is bounded, the newest gets through."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest

from server.transport.socket.socket_server import HeartbeatSettings
from tests.support.patience import PATIENCE_SECONDS
from tests.support.raw import Closed, RawPoller, RawWebSocket, read_message
from tests.support.running import RunningServer, connected, running_server

TRAINEE_BOUND_BYTES = 64 * 1024
# Longer than any test: who is cut is not cut for this.
NEVER = 1000.0

patient = HeartbeatSettings(stall_seconds=NEVER)


@asynccontextmanager
async def _session(heartbeat: HeartbeatSettings) -> AsyncGenerator[tuple[RunningServer, Any, dict[str, str]]]:
    """A session whose state has some four kilobytes."""
    async with running_server(heartbeat=heartbeat) as server:
        login = await server.login()
        session = await server.open_session()
        await _push(server, session, flags={f"flag_{number}": "x" * 64 for number in range(31)})
        yield server, session, {"token": login["token"]}


async def _push(server: RunningServer, session: Any, **what: Any) -> int:
    body = {"id": str(uuid4()), "kind": "vitals", **what}
    answer = await server.http.post(f"/api/v1/sessions/{session['id']}/events", json=body)
    assert answer.status_code == 201, answer.text
    seq: int = answer.json()["seq"]
    return seq


async def _push_many(server: RunningServer, session: Any, count: int) -> int:
    for number in range(count):
        last = await _push(server, session, vitals={"heart_rate": number % 300})
    return last


def _waiting(server: RunningServer) -> list[int]:
    """For each connection, the bytes that wait for its client in the server."""
    outgoings = [connection.outgoing for connection in server.app.sockets.engine.connections.values()]
    return [outgoing.held_bytes + outgoing.unsent() for outgoing in outgoings]


async def _metric(server: RunningServer, name: str) -> float:
    text = (await server.http.get("/metrics")).text
    return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(name))


async def _until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await condition():
            await asyncio.sleep(0.02)


async def _note_until(server: RunningServer, session: Any, metric: str, value: float) -> None:
    """Note after note of two kilobytes; what waits for anybody meanwhile is bounded."""

    async def has_come() -> bool:
        for _ in range(20):
            note = {"id": str(uuid4()), "kind": "note", "text": "x" * 2000}
            await server.http.post(f"/api/v1/sessions/{session['id']}/events", json=note)
        assert max(_waiting(server), default=0) < 1_200_000
        return await _metric(server, metric) == value

    await _until(has_come)


def _seqs(packets: list[str], name: str = "vitals:pushed") -> list[int]:
    messages = [message for packet in packets if (message := read_message(packet)) is not None]
    return [data["seq"] for said, data in messages if said == name]


async def test_a_trainee_that_stops_reading_skips_to_the_newest_state() -> None:
    async with _session(patient) as (server, session, _):
        auth = {"code": session["code"]}
        stalled = await RawWebSocket.connect(server.url, "/trainee", auth)
        await stalled.read_until('42/trainee,["session:joined"')
        async with connected(server.url, "/trainee", auth) as other:
            await other.wait_for("session:joined")
            most = 0
            for _ in range(10):
                last = await _push_many(server, session, 60)
                most = max([most, *_waiting(server)])
            await other.wait_for("vitals:pushed", lambda data: data["seq"] == last)
            assert [data["seq"] for name, data in other.told if name == "vitals:pushed"] == list(range(2, last + 1))
        # It is behind by two megabytes and a half.
        assert 0 < most < TRAINEE_BOUND_BYTES
        assert await _metric(server, "shiller_states_skipped_total") > 100
        assert await _metric(server, "shiller_laggards_cut_total") == 0

        heard = await stalled.read_until(f'42/trainee,["vitals:pushed",{{"session_id":"{session["id"]}","seq":{last},')
        seqs = _seqs(heard)
        assert seqs == sorted(set(seqs))
        assert len(seqs) < last - 100
        # It is as good as new.
        more = await _push(server, session, vitals={"spo2": 60})
        assert _seqs(await stalled.read_until('42/trainee,["vitals:pushed"')) == [more]
        assert max(_waiting(server)) == 0
        stalled.leave()


async def test_what_is_no_state_reaches_a_stalled_trainee_in_its_place() -> None:
    async with _session(patient) as (server, session, _):
        stalled = await RawWebSocket.connect(server.url, "/trainee", {"code": session["code"]})
        await stalled.read_until('42/trainee,["session:joined"')
        await _push_many(server, session, 200)
        path = f"/api/v1/sessions/{session['id']}"
        for title in ("skipped", "the last one"):
            assert (await server.http.patch(path, json={"public_title": title})).status_code == 200
        last = await _push(server, session, vitals={"spo2": 61})
        assert (await server.http.post(f"{path}/close")).status_code == 200

        heard = await stalled.read_until("41/trainee,")
        told = [message for packet in heard if (message := read_message(packet)) is not None]
        names = [name for name, _ in told]
        assert names[-3:] == ["session:updated", "vitals:pushed", "session:closed"]
        assert names.count("session:updated") == 1
        assert told[-3][1]["title"] == "the last one"
        assert told[-2][1]["seq"] == last
        stalled.leave()


async def test_a_trainee_that_takes_nothing_is_cut_and_finds_its_seat_again() -> None:
    async with _session(HeartbeatSettings(stall_seconds=0.3)) as (server, session, _):
        stalled = await RawWebSocket.connect(server.url, "/trainee", {"code": session["code"], "name": "Ada"})
        (joined,) = await stalled.read_until('42/trainee,["session:joined"')
        message = read_message(joined)
        assert message is not None
        seat = message[1]["seat"]
        last = await _push_many(server, session, 200)

        async def is_cut() -> bool:
            return await _metric(server, "shiller_laggards_cut_total") == 1

        await _until(is_cut)

        async def is_gone() -> bool:
            return await _metric(server, 'shiller_connections{namespace="/trainee"}') == 0

        await _until(is_gone)
        await stalled.until_closed()
        stalled.leave()
        auth = {"code": session["code"], "seat": seat["token"]}
        async with connected(server.url, "/trainee", auth) as again:
            joined_again = await again.wait_for("session:joined")
            assert joined_again["seat"] == seat
            assert joined_again["session"]["last_seq"] == last


async def test_one_that_reads_slowly_is_slow_and_not_gone() -> None:
    stall_seconds = 2.0
    async with _session(HeartbeatSettings(stall_seconds=stall_seconds)) as (server, session, _):
        slow = await RawWebSocket.connect(server.url, "/trainee", {"code": session["code"]})
        await slow.read_until('42/trainee,["session:joined"')
        heard: list[str] = []
        loop = asyncio.get_running_loop()
        behind_since: float | None = None
        while behind_since is None or loop.time() - behind_since < 3 * stall_seconds:
            last = await _push_many(server, session, 8)
            # The system hands on in steps of 16 KiB, which is what the server sees of it.
            heard += [await slow.read() for _ in range(6)]
            if behind_since is None and max(_waiting(server)) > 0:
                behind_since = loop.time()
        assert await _metric(server, "shiller_laggards_cut_total") == 0
        heard += await slow.read_until(f'42/trainee,["vitals:pushed",{{"session_id":"{session["id"]}","seq":{last},')
        assert _seqs(heard) == sorted(set(_seqs(heard)))
        slow.leave()


async def test_a_watcher_too_far_behind_is_cut_and_fetches_what_it_missed() -> None:
    """Events are no state: there is no skipping them."""
    async with _session(patient) as (server, session, trainer):
        watch = f'42/trainer,1["session:watch",{{"session_id":"{session["id"]}"}}]'
        stalled = await RawWebSocket.connect(server.url, "/trainer", trainer)
        await stalled.send(watch)
        await stalled.read_until("43/trainer,1[")
        await _note_until(server, session, "shiller_laggards_cut_total", 1)
        # What had reached its own system it may still read, or not.
        seen = max(_seqs(await stalled.until_closed(), "event:added"), default=1)
        stalled.leave()

        again = await RawWebSocket.connect(server.url, "/trainer", trainer)
        await again.send(watch.replace("}]", f',"after_seq":{seen}}}]'))
        (ack,) = json.loads((await again.read_until("43/trainer,1["))[-1].removeprefix("43/trainer,1"))
        assert [event["seq"] for event in ack["events"]] == list(range(seen + 1, ack["session"]["last_seq"] + 1))
        assert ack["events"]
        again.leave()


async def test_who_asks_and_does_not_read_the_answers_is_not_read_from() -> None:
    async with _session(patient) as (server, _, trainer):
        line = await RawWebSocket.connect(server.url, "/trainer", trainer)
        sent = 0

        # More than the systems of both keep between them.
        enough, padding = 50_000, "x" * 2000

        async def ask() -> None:
            nonlocal sent
            while sent < enough:
                await line.send(f'42/trainer,{sent}["clock:read",{{}},"{padding}"]')
                sent += 1

        asking = asyncio.create_task(ask())
        most = before = -1
        async with asyncio.timeout(PATIENCE_SECONDS):
            while before != sent:
                before = sent
                for _ in range(10):
                    await asyncio.sleep(0.05)
                    most = max(most, *_waiting(server))
        assert 0 < sent < enough
        assert most < TRAINEE_BOUND_BYTES
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        number = 0
        while number < sent:
            answer = await line.read()
            if answer != "2" and not answer.startswith('42/trainer,["sync:changed"'):
                assert answer.startswith(f"43/trainer,{number}[")
                number += 1
        line.leave()


async def test_a_polling_trainee_that_does_not_poll_skips_too() -> None:
    async with _session(patient) as (server, session, _):
        poller = await RawPoller.connect(server.url, "/trainee", {"code": session["code"]})
        await poller.poll_until('42/trainee,["session:joined"')
        last = await _push_many(server, session, 300)
        assert 0 < max(_waiting(server)) < TRAINEE_BOUND_BYTES
        seqs = _seqs(await poller.poll())
        assert seqs == sorted(set(seqs))
        assert seqs[-1] == last
        assert len(seqs) < 100
        await poller.leave()


async def test_a_polling_watcher_too_far_behind_is_cut() -> None:
    async with _session(patient) as (server, session, trainer):
        poller = await RawPoller.connect(server.url, "/trainer", trainer)
        await poller.send(f'42/trainer,1["session:watch",{{"session_id":"{session["id"]}"}}]')
        await poller.poll_until("43/trainer,1[")
        await _note_until(server, session, 'shiller_connections{namespace="/trainer"}', 0)
        assert await _metric(server, "shiller_laggards_cut_total") == 1
        with pytest.raises(Closed):
            await poller.poll()
        await poller.leave()
