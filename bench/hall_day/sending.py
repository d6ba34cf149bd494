"""What the central's own pushes feel of twenty halls that send at once."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import httpx

from bench.generator.clients import cut_all, fill
from bench.generator.load import Load, Measured
from bench.generator.tally import Tally
from bench.hall_day.central import add_hall, as_admin, count, end, until
from bench.hall_day.day import a_record, a_session, folded
from bench.servers import PROJECT, RunningServer
from server.domain.events import Author
from server.domain.hall_records import hash_of_events, hash_of_values
from server.json_text import write_json
from server.transport.wire.answers import event_answer, session_answer
from server.upstream.envelopes import event_envelope
from server.upstream.records import EVENTS_AT_ONCE

HALLS = 20
_ALL_EVENTS = (
    "SELECT count(*) FROM session_events WHERE session_id IN (SELECT id FROM sessions WHERE hall_id IS NOT NULL)"
)
OWN_SESSIONS, OWN_TRAINEES, OWN_RATE = 10, 5, 4.0
# A hall in which as much goes on as at the central sends a hundred events so often; and one that has a day to bring.
PAUSES = {"as much as goes on here": EVENTS_AT_ONCE / (OWN_SESSIONS * OWN_RATE), "without a pause": 0.0}


async def measure_pushes_beside(seconds: float, central: RunningServer) -> None:
    tally = Tally()
    sessions = await central.open_sessions(OWN_SESSIONS)
    await fill(central.address, sessions, central.token, OWN_TRAINEES, tally)
    load = Load(sessions, tally, central.meter)
    try:
        quiet = await load.push_steadily(OWN_RATE, seconds=seconds, warm_up=1)
        async with as_admin(central) as admin:
            halls = [await add_hall(admin, f"Hall {number}") for number in range(HALLS)]
            me = (await admin.get("/me")).json()
        print(f"own pushes, {OWN_SESSIONS} x {OWN_TRAINEES} at {OWN_RATE:g}/s: p99 {quiet.latency.p99:.1f} ms quiet")
        for how, pause in PAUSES.items():
            busy, rate = await _pushes_beside(load, seconds, central, halls, {"me": me, "pause": pause})
            ratio = busy.latency.p99 / quiet.latency.p99
            told = f"while {HALLS} halls send {how} ({rate:,.0f} events/s): p99 {busy.latency.p99:.1f} ms"
            print(f"{told}, ratio {ratio:.2f} (bar 2)")
    finally:
        cut_all(sessions)


async def _pushes_beside(
    load: Load, seconds: float, central: RunningServer, halls: Sequence[dict[str, Any]], told: dict[str, Any]
) -> tuple[Measured, float]:
    """And the events of halls that arrive in a second."""
    first = count(central.database_url, _ALL_EVENTS)
    # In a process of their own: what they do is not what is measured.
    senders = _launch_senders(central, {**told, "halls": halls})
    try:
        await until(lambda: count(central.database_url, _ALL_EVENTS) > first + EVENTS_AT_ONCE * len(halls))
        began, before = time.perf_counter(), count(central.database_url, _ALL_EVENTS)
        busy = await load.push_steadily(OWN_RATE, seconds=seconds, warm_up=1)
        return busy, (count(central.database_url, _ALL_EVENTS) - before) / (time.perf_counter() - began)
    finally:
        end(senders)


def _launch_senders(central: RunningServer, told: dict[str, Any]) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.hall_day", "--as-senders"], cwd=PROJECT, stdin=subprocess.PIPE
    )
    door = process.stdin
    if door is None:
        raise RuntimeError("the senders cannot be told what to send")
    door.write(write_json({**told, "port": central.address.port}).encode())
    door.close()
    return process


async def send_all(told: dict[str, Any]) -> None:
    await asyncio.gather(*(_send_without_end(hall, told) for hall in told["halls"]))


async def _send_without_end(hall: dict[str, Any], told: dict[str, Any]) -> None:
    """A hall with one session after the other."""
    me, pause = told["me"], float(told["pause"])
    chance = random.Random(hall["id"])  # noqa: S311 - each hall its own, the same at every run
    by = Author("trainer", UUID(me["id"]), me["name"])
    headers = {
        "Authorization": f"Bearer {hall['token']}",
        "Content-Type": "application/json",
        "Accept-Encoding": "identity",
    }
    url = f"http://127.0.0.1:{told['port']}"
    await asyncio.sleep(chance.uniform(0, pause))
    async with httpx.AsyncClient(base_url=url, headers=headers, trust_env=False, timeout=60) as http:
        while True:
            session = a_session(UUID(me["school_id"]), UUID(me["id"]), "Sent")
            record = a_record(session, by, EVENTS_AT_ONCE, chance)
            envelopes = [event_envelope(event) for event in record]
            envelopes[-1]["lastValuesSha256"] = hash_of_values(folded(record))
            envelopes[-1]["eventsSha256"] = hash_of_events([event_answer(event) for event in record])
            put = {
                "id": str(uuid4()), "entityType": "SESSION", "entityId": str(session.id), "operation": "CREATE",
                "localVersion": 0, "payload": {**session_answer(session), "case": None, "seats": []},
            }  # fmt: skip
            for events in ([put], envelopes):
                body = write_json({"clientId": f"hall {hall['id']}", "lastSyncTimestamp": 0, "events": events}).encode()
                await _up(http, body, chance)
            await asyncio.sleep(pause)


async def _up(http: httpx.AsyncClient, body: bytes, chance: random.Random) -> None:
    while True:
        answer = await http.post("/api/sync/up", content=body)
        if answer.status_code != 429:
            break
        await asyncio.sleep(float(answer.headers["Retry-After"]) * chance.uniform(0.5, 1))
    if answer.raise_for_status().json()["rejected"]:
        raise RuntimeError(answer.text[:500])
