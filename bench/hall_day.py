"""A hall's day at the central server: `python -m bench.hall_day`.

How fast it arrives, against COPY of the same events into the same table; and what the central's own pushes feel of
twenty halls that send at once.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, LiteralString
from uuid import UUID, uuid4

import asyncpg
import httpx
import psycopg
from psycopg.sql import SQL, Identifier

from bench.database import Postgres, running_postgres
from bench.generator.clients import cut_all, fill
from bench.generator.load import Load
from bench.generator.tally import Tally
from bench.servers import PROJECT, SHILLER, RunningServer, running
from bench.usage import tree_cpu_seconds
from server import clock
from server.domain.events import Author, Event, VitalsPushed, fold_fact
from server.domain.hall_records import hash_of_events, hash_of_values
from server.domain.opening import draw_code
from server.domain.outcomes import InvalidFields
from server.domain.session import Session
from server.domain.vitals import START_VALUES, VitalsPatch
from server.json_text import write_json
from server.storage.postgres import PostgresStorage
from server.storage.postgres.rows import INSERT_EVENT, event_values
from server.transport.wire.answers import event_answer, session_answer
from server.upstream.envelopes import event_envelope
from server.upstream.records import EVENTS_AT_ONCE

HALLS = 20
_ALL_EVENTS = (
    "SELECT count(*) FROM session_events WHERE session_id IN (SELECT id FROM sessions WHERE hall_id IS NOT NULL)"
)
OWN_SESSIONS, OWN_TRAINEES, OWN_RATE = 10, 5, 4.0


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m bench.hall_day", description=__doc__)
    asked.add_argument("--sessions", type=int, default=50)
    asked.add_argument("--events", type=int, default=2000, help="of each session")
    asked.add_argument("--seconds", type=float, default=8.0, help="of each load of the central's own pushes")
    asked.add_argument("--as-senders", action="store_true", help=argparse.SUPPRESS)
    options = asked.parse_args()
    if options.as_senders:
        asyncio.run(_send_all(json.load(sys.stdin)))
        return
    with tempfile.TemporaryDirectory(prefix="shiller-hall-day-") as place:
        folder = Path(place)
        with running_postgres(folder) as postgres:
            asyncio.run(_measure(options, postgres, folder))


async def _measure(options: argparse.Namespace, postgres: Postgres, folder: Path) -> None:
    async with running(SHILLER, postgres, folder) as central:
        await _arrival(options, postgres, folder, central)
    async with running(SHILLER, postgres, folder) as central:
        await _while_halls_send(options, central)


# How fast a day arrives


async def _arrival(options: argparse.Namespace, postgres: Postgres, folder: Path, central: RunningServer) -> None:
    async with _admin(central) as admin:
        added = await _add_hall(admin, "The hall")
        body = {"email": "ada@bench.example", "name": "Ada", "password": "of-the-bench", "role": "trainer"}
        trainer = (await admin.post("/trainers", json=body)).raise_for_status().json()
    school_id, trainer_id = UUID(trainer["school_id"]), UUID(trainer["id"])
    with postgres.database() as url, postgres.database() as copied_url:
        hall = _launch(central, url, added["token"], folder)
        try:
            await _until(lambda: _count(url, "SELECT count(*) FROM trainers") > 0)
        finally:
            _end(hall)
        events = options.sessions * options.events
        await _fill_day(url, school_id, trainer_id, options.sessions, options.events)
        copied, copied_cpu = _copy(copied_url, url, postgres)
        hall = _launch(central, url, added["token"], folder)
        sent = "SELECT coalesce(sum(pushed_seq), 0) FROM upstream_rows"
        try:
            await _until(lambda: _count(url, sent) > 0)
            began, first, before = time.perf_counter(), _count(url, sent), _cpu_of(central, hall, postgres)
            await _until(lambda: _count(url, sent) >= events)
            took, after = time.perf_counter() - began, _cpu_of(central, hall, postgres)
        finally:
            _end(hall)
    rate, by_copy = (events - first) / took, events / copied
    print(f"a day of {options.sessions} x {options.events} events arrives at {rate:,.0f} events/s")
    print(f"COPY of the same events into the same table: {by_copy:,.0f} events/s; ratio {rate / by_copy:.3f} (bar 0.5)")
    # What the rates are on a machine with other work on it depends on that; what an event costs does not.
    costs = {name: (after[name] - before[name]) / (events - first) * 1e6 for name in before}
    told = ", ".join(f"{name} {cost:.0f}" for name, cost in costs.items())
    by_copy_cost = copied_cpu / events * 1e6
    ratio = by_copy_cost / sum(costs.values())
    print(f"processor time of an event, in us: {told}; COPY {by_copy_cost:.0f}; ratio {ratio:.3f}")


def _cpu_of(central: RunningServer, hall: subprocess.Popen[bytes], postgres: Postgres) -> dict[str, float]:
    return {
        "central": tree_cpu_seconds(central.pid),
        "hall": tree_cpu_seconds(hall.pid),
        "PostgreSQL of both": postgres.cpu_seconds(),
    }


async def _fill_day(url: str, school_id: UUID, trainer_id: UUID, sessions: int, events: int) -> None:
    """What a hall has at the end of a day; straight into its tables."""
    storage = await PostgresStorage.open(url)
    connection = await asyncpg.connect(url)
    await connection.set_type_codec("jsonb", encoder=write_json, decoder=str, schema="pg_catalog")
    chance = random.Random(1)  # noqa: S311 - the same day at every run
    by = Author("trainer", trainer_id, "Ada")
    try:
        for number in range(sessions):
            session = _a_session(school_id, trainer_id, f"Day {number}")
            await storage.sessions.add_session(session, None, by)
            record = _a_record(session, by, events, chance)
            await connection.executemany(INSERT_EVENT, [event_values(event) for event in record])
            await connection.execute(
                "UPDATE sessions SET last_seq = $2, last_values = $3 WHERE id = $1",
                session.id, events, _folded(record).as_json(),
            )  # fmt: skip
    finally:
        await connection.close()
        await storage.close()


def _copy(url: str, from_url: str, postgres: Postgres) -> tuple[float, float]:
    """The seconds that COPY takes, and those of PostgreSQL's processors; the sessions are there already, and the text
    is made before.
    """
    with closing(psycopg.connect(from_url)) as source, closing(psycopg.connect(url, autocommit=True)) as target:
        for table in ("schools", "trainers", "sessions"):
            _copy_in(target, table, _copied_out(source, table))
        text = _copied_out(source, "session_events")
        began, before = time.perf_counter(), postgres.cpu_seconds()
        _copy_in(target, "session_events", text)
        return time.perf_counter() - began, postgres.cpu_seconds() - before


def _copied_out(source: psycopg.Connection[Any], table: str) -> bytes:
    with source.cursor().copy(SQL("COPY {} TO STDOUT").format(Identifier(table))) as copy:
        return b"".join(bytes(chunk) for chunk in copy)


def _copy_in(target: psycopg.Connection[Any], table: str, text: bytes) -> None:
    with target.cursor().copy(SQL("COPY {} FROM STDIN").format(Identifier(table))) as copy:
        copy.write(text)


def _a_session(school_id: UUID, trainer_id: UUID, title: str) -> Session:
    now = clock.now() - timedelta(hours=1)
    return Session(
        id=uuid4(), code=draw_code(), title=title, trainee_name=None, trainer_id=trainer_id, school_id=school_id,
        template_id=None, created_at=now, updated_at=now, expires_at=now + timedelta(hours=8), last_values=START_VALUES,
    )  # fmt: skip


def _a_record(session: Session, by: Author, events: int, chance: random.Random) -> Sequence[Event]:
    def event(seq: int, at: datetime) -> Event:
        patch = VitalsPatch({"heart_rate": chance.randint(40, 180), "spo2": chance.randint(70, 100)})
        return Event(uuid4(), session.id, seq, at, at, by, VitalsPushed(patch))

    return [event(seq, session.created_at + timedelta(milliseconds=1500 * seq)) for seq in range(1, events + 1)]


def _folded(record: Sequence[Event]) -> Any:
    last = START_VALUES
    for event in record:
        folded = fold_fact(last, event.fact, event.created_at)
        if isinstance(folded, InvalidFields):
            raise RuntimeError(f"a push that cannot be: {folded}")
        last = folded
    return last


# What the central's own pushes feel


async def _while_halls_send(options: argparse.Namespace, central: RunningServer) -> None:
    tally = Tally()
    sessions = await central.open_sessions(OWN_SESSIONS)
    await fill(central.address, sessions, central.token, OWN_TRAINEES, tally)
    load = Load(sessions, tally, central.meter)
    try:
        quiet = await load.push_steadily(OWN_RATE, seconds=options.seconds, warm_up=1)
        async with _admin(central) as admin:
            halls = [await _add_hall(admin, f"Hall {number}") for number in range(HALLS)]
            me = (await admin.get("/me")).json()
        # In a process of their own: what they do is not what is measured.
        senders = _launch_senders(central, halls, me)
        try:
            await _until(lambda: _count(central.database_url, _ALL_EVENTS) > EVENTS_AT_ONCE * len(halls))
            began, before = time.perf_counter(), _count(central.database_url, _ALL_EVENTS)
            busy = await load.push_steadily(OWN_RATE, seconds=options.seconds, warm_up=1)
            rate = (_count(central.database_url, _ALL_EVENTS) - before) / (time.perf_counter() - began)
        finally:
            _end(senders)
    finally:
        cut_all(sessions)
    print(f"own pushes, {OWN_SESSIONS} x {OWN_TRAINEES} at {OWN_RATE:g}/s: p99 {quiet.latency.p99:.1f} ms quiet")
    print(f"while {HALLS} halls send ({rate:,.0f} events/s): p99 {busy.latency.p99:.1f} ms")
    print(f"ratio {busy.latency.p99 / quiet.latency.p99:.2f} (bar 2)")


def _launch_senders(
    central: RunningServer, halls: Sequence[dict[str, Any]], me: dict[str, Any]
) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.hall_day", "--as-senders"], cwd=PROJECT, stdin=subprocess.PIPE
    )
    door = process.stdin
    if door is None:
        raise RuntimeError("the senders cannot be told what to send")
    door.write(write_json({"port": central.address.port, "halls": halls, "me": me}).encode())
    door.close()
    return process


async def _send_all(told: dict[str, Any]) -> None:
    await asyncio.gather(*(_send_without_end(told["port"], hall, told["me"]) for hall in told["halls"]))


async def _send_without_end(port: int, hall: dict[str, Any], me: dict[str, Any]) -> None:
    """A hall with one session after the other."""
    chance = random.Random(hall["id"])  # noqa: S311 - each hall its own, the same at every run
    by = Author("trainer", UUID(me["id"]), me["name"])
    headers = {
        "Authorization": f"Bearer {hall['token']}",
        "Content-Type": "application/json",
        "Accept-Encoding": "identity",
    }
    url = f"http://127.0.0.1:{port}"
    async with httpx.AsyncClient(base_url=url, headers=headers, trust_env=False, timeout=60) as http:
        while True:
            session = _a_session(UUID(me["school_id"]), UUID(me["id"]), "Sent")
            record = _a_record(session, by, EVENTS_AT_ONCE, chance)
            envelopes = [event_envelope(event) for event in record]
            envelopes[-1]["lastValuesSha256"] = hash_of_values(_folded(record))
            envelopes[-1]["eventsSha256"] = hash_of_events([event_answer(event) for event in record])
            put = {
                "id": str(uuid4()), "entityType": "SESSION", "entityId": str(session.id), "operation": "CREATE",
                "localVersion": 0, "payload": {**session_answer(session), "case": None, "seats": []},
            }  # fmt: skip
            for events in ([put], envelopes):
                body = write_json({"clientId": f"hall {hall['id']}", "lastSyncTimestamp": 0, "events": events}).encode()
                await _up(http, body, chance)


async def _up(http: httpx.AsyncClient, body: bytes, chance: random.Random) -> None:
    while True:
        answer = await http.post("/api/sync/up", content=body)
        if answer.status_code != 429:
            break
        await asyncio.sleep(float(answer.headers["Retry-After"]) * chance.uniform(0.5, 1))
    if answer.raise_for_status().json()["rejected"]:
        raise RuntimeError(answer.text[:500])


def _admin(central: RunningServer) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {central.token}"}
    url = f"http://127.0.0.1:{central.address.port}/api/v1"
    return httpx.AsyncClient(base_url=url, headers=headers, trust_env=False, timeout=60)


async def _add_hall(admin: httpx.AsyncClient, name: str) -> dict[str, Any]:
    answer = await admin.post("/halls", json={"name": name, "trainers": "all"})
    added: dict[str, Any] = answer.raise_for_status().json()
    return added


def _launch(central: RunningServer, url: str, token: str, folder: Path) -> subprocess.Popen[bytes]:
    variables = {
        "PATH": os.environ["PATH"], "PYTHONPATH": str(PROJECT), "PORT": "0", "DATABASE_URL": url,
        "SYNC_UPSTREAM_URL": f"http://127.0.0.1:{central.address.port}", "SYNC_UPSTREAM_TOKEN": token,
        "SYNC_SECONDS": "1",
    }  # fmt: skip
    with (folder / "hall.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "server", "serve"], cwd=folder, env=variables, stdout=log, stderr=log
        )


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    process.wait(30)


def _count(url: str, sql: LiteralString) -> int:
    with closing(psycopg.connect(url)) as connection:
        row = connection.execute(sql).fetchone()
    assert row is not None  # noqa: S101 - a count always has a row
    return int(row[0])


async def _until(is_so: Any) -> None:
    while True:
        if await asyncio.to_thread(is_so):
            return
        # Another process is asked: it has no way to tell this one.
        await asyncio.sleep(0.1)


if __name__ == "__main__":
    main()
