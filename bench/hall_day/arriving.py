"""How fast a day arrives at the central server, against COPY of the same events into the same table."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from psycopg.sql import SQL, Identifier

from bench.database import Postgres
from bench.hall_day.central import add_hall, as_admin, count, end, until
from bench.hall_day.day import fill_day
from bench.hall_day.judging import judge_day
from bench.servers import PROJECT, RunningServer
from bench.usage import tree_cpu_seconds


async def measure_arrival(
    sessions: int, events_each: int, postgres: Postgres, folder: Path, central: RunningServer
) -> None:
    async with as_admin(central) as admin:
        added = await add_hall(admin, "The hall")
        body = {"email": "ada@bench.example", "name": "Ada", "password": "of-the-bench", "role": "trainer"}
        trainer = (await admin.post("/trainers", json=body)).raise_for_status().json()
    school_id, trainer_id = UUID(trainer["school_id"]), UUID(trainer["id"])
    with postgres.database() as url, postgres.database() as copied_url:
        hall = _launch(central, url, added["token"], folder)
        try:
            await until(lambda: count(url, "SELECT count(*) FROM trainers") > 0)
        finally:
            end(hall)
        events = sessions * events_each
        await fill_day(url, school_id, trainer_id, sessions, events_each)
        copied, copied_cpu = _copy(copied_url, url, postgres)
        hall = _launch(central, url, added["token"], folder)
        sent = "SELECT coalesce(sum(pushed_seq), 0) FROM upstream_rows"
        try:
            await until(lambda: count(url, sent) > 0)
            began, first, before = time.perf_counter(), count(url, sent), _cpu_of(central, hall, postgres)
            await until(lambda: count(url, sent) >= events)
            took, after = time.perf_counter() - began, _cpu_of(central, hall, postgres)
        finally:
            end(hall)
    if first >= events:
        sys.exit(f"a day of {events} events has arrived before it could be looked at: take a longer one")
    rate, by_copy = (events - first) / took, events / copied
    print(f"a day of {sessions} x {events_each} events arrives at {rate:,.0f} events/s")
    print(f"COPY of the same events into the same table: {by_copy:,.0f} events/s; ratio {rate / by_copy:.3f} (bar 0.5)")
    # What the rates are on a machine with other work on it depends on that; what an event costs does not.
    costs = {name: (after[name] - before[name]) / (events - first) * 1e6 for name in before}
    told = ", ".join(f"{name} {cost:.0f}" for name, cost in costs.items())
    by_copy_cost = copied_cpu / events * 1e6
    ratio = by_copy_cost / sum(costs.values())
    print(f"processor time of an event, in us: {told}; COPY {by_copy_cost:.0f}; ratio {ratio:.3f}")
    judged = judge_day(sessions, events_each)
    reading, folding = judged.reading / events * 1e6, judged.folding / events * 1e6
    print(
        f"of that at the central, if it did nothing else: reading {reading:.1f}, folding and comparing {folding:.1f}; "
        f"ratio of COPY to both {by_copy_cost / (reading + folding):.2f}"
    )


def _cpu_of(central: RunningServer, hall: subprocess.Popen[bytes], postgres: Postgres) -> dict[str, float]:
    return {
        "central": tree_cpu_seconds(central.pid),
        "hall": tree_cpu_seconds(hall.pid),
        "PostgreSQL of both": postgres.cpu_seconds(),
    }


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
