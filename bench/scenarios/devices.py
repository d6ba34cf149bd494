"""Devices that work offline, beside plain endpoints: what their calls take, and who waits for them."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import closing, contextmanager
from threading import Thread
from time import perf_counter, sleep
from uuid import UUID

import psycopg

from bench.effort import Effort
from bench.generator.clients import cut_all, fill
from bench.generator.device import Call, Device
from bench.generator.load import Load
from bench.generator.tally import Tally
from bench.peers.each import enrol, push_each
from bench.scenarios.scenario import Column, Figures, Scenario, figures, others_percent
from bench.servers import EACH, PLAIN, SHILLER, RunningServer
from bench.templates import BATCH, batch, seed_templates
from bench.usage import PeakMemory

PULLED, PHONE, DELTA = 10_000, 50_000, 1_000
SESSIONS, TRAINEES, RATE = 20, 10, 5.0
_LOCK_PATIENCE_SECONDS = 30.0

_LOCK_HEAD = "SELECT version FROM sync_head WHERE school_id = %s FOR UPDATE"
_WAITING = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


async def measure_pull(server: RunningServer, effort: Effort) -> Figures:
    count = effort.some(PULLED)
    await asyncio.to_thread(seed_templates, server.database_url, count)
    return await asyncio.to_thread(_measure, server, lambda device: device.pull_all(), count)


async def measure_push(server: RunningServer, effort: Effort) -> Figures:
    school = await asyncio.to_thread(seed_templates, server.database_url, 100)
    count = effort.some(BATCH)
    if server.peer is EACH:
        trainer = await enrol(server.database_url, school)
        body = batch(count)

        def push() -> object:
            return asyncio.run(push_each(server.database_url, trainer, body))

        return {"lock_ms": await asyncio.to_thread(_lock_held, server.database_url, school, push) * 1000}
    bodies = [batch(count), batch(count)]
    told = await asyncio.to_thread(_measure, server, lambda device: [device.push(body) for body in bodies], 2 * count)
    with closing(_device(server)) as device:
        body = batch(count)
        locked = await asyncio.to_thread(_lock_held, server.database_url, school, lambda: device.push(body))
    return {**told, "lock_ms": locked * 1000}


async def measure_phone(server: RunningServer, effort: Effort) -> Figures:
    """A first pull of everything, and another of what was added since."""
    count, delta = effort.some(PHONE), effort.some(DELTA)
    await asyncio.to_thread(seed_templates, server.database_url, count)
    since: list[int] = []

    def first(device: Device) -> Sequence[Call]:
        call = device.pull_as_phone(0)
        since.append(device.newest)
        return [call]

    told = await asyncio.to_thread(_measure, server, first, count)
    await asyncio.to_thread(seed_templates, server.database_url, delta)
    changed = await asyncio.to_thread(_measure, server, lambda device: [device.pull_as_phone(since[0])], delta)
    grown = max(told["grown_mib"], changed["grown_mib"])
    return {**told, "grown_mib": grown, "delta_seconds": changed["seconds"]}


async def measure_live(server: RunningServer, effort: Effort) -> Figures:
    """`vitals:push` first alone, then while one device pulls everything again and again and another one pushes."""
    await asyncio.to_thread(seed_templates, server.database_url, effort.some(PULLED))
    await asyncio.to_thread(_warm_up, server)
    tally = Tally()
    sessions = await server.open_sessions(effort.some(SESSIONS))
    try:
        await fill(server.address, sessions, server.token, effort.some(TRAINEES), tally)
        load = Load(sessions, tally, server.meter)

        async def pushed() -> Figures:
            return figures(await load.push_steadily(RATE, seconds=2 * effort.seconds, warm_up=effort.warm_up))

        alone = await pushed()
        peak = PeakMemory(server.pid)
        with _devices(server):
            beside = await pushed()
    finally:
        cut_all(sessions)
    return {
        "alone_p50_ms": alone["ack_p50_ms"],
        "beside_p50_ms": beside["ack_p50_ms"],
        "alone_ms": alone["ack_p99_ms"],
        "beside_ms": beside["ack_p99_ms"],
        "screen_alone_ms": alone["p99_ms"],
        "screen_beside_ms": beside["p99_ms"],
        "server_percent": beside["server_percent"],
        "grown_mib": peak.grown() / 1024**2,
        "missing": beside["missing"],
        "late_ms": beside["late_ms"],
        "others_percent": alone["others_percent"],
    }


def _measure(server: RunningServer, act: Callable[[Device], Sequence[Call]], rows: int) -> Figures:
    """What `act` takes of a server that has been asked before, and by how much that grows meanwhile."""
    _warm_up(server)
    peak, meter, began = PeakMemory(server.pid), server.meter(), perf_counter()
    with closing(_device(server)) as device:
        calls = act(device)
    cpu, took = meter.read(), perf_counter() - began
    told = sum(call.rows for call in calls)
    if told < rows:
        raise RuntimeError(f"{server.peer.name} told of {told} rows, not of {rows}")
    return {
        "seconds": sum(call.seconds for call in calls),
        "slowest_ms": max(call.seconds for call in calls) * 1000,
        "mib": sum(call.octets for call in calls) / 1024**2,
        "server_us": cpu["server"] * 1e6 / rows,
        "postgres_us": cpu["postgres"] * 1e6 / rows,
        "grown_mib": peak.grown() / 1024**2,
        "others_percent": others_percent(cpu, took),
    }


def _device(server: RunningServer) -> Device:
    return Device(server.address.host, server.address.port, server.token)


def _warm_up(server: RunningServer) -> None:
    """Each kind of call once, small: what a server makes at its first call it does not make again."""
    with closing(_device(server)) as device:
        device.push(batch(2))
        device.pull_page(0, limit=2)
        device.pull_as_phone(device.newest)


def _lock_held(url: str, school: UUID, act: Callable[[], object]) -> float:
    """For how long a call holds the school's row in sync_head, which everybody who edits in that school waits for.

    We hold the row; the call queues for it, and behind the call another connection of ours. PostgreSQL serves such a
    queue in order, so from the moment at which we let go to the one at which our other connection has the row is the
    call's time with it, commit included.
    """
    with (
        closing(psycopg.connect(url)) as holder,
        closing(psycopg.connect(url)) as next_one,
        closing(psycopg.connect(url, autocommit=True)) as watcher,
    ):
        holder.execute(_LOCK_HEAD, (school,))
        moments: list[float] = []

        def wait_for_the_row() -> None:
            next_one.execute(_LOCK_HEAD, (school,))
            moments.append(perf_counter())
            next_one.rollback()

        calling, waiting = Thread(target=act), Thread(target=wait_for_the_row)
        calling.start()
        _until_waiting(watcher, 1)
        waiting.start()
        _until_waiting(watcher, 2)
        holder.rollback()
        let_go = perf_counter()
        waiting.join()
        calling.join()
    return moments[0] - let_go


def _until_waiting(watcher: psycopg.Connection[tuple[int]], wanted: int) -> None:
    until = perf_counter() + _LOCK_PATIENCE_SECONDS
    while perf_counter() < until:
        row = watcher.execute(_WAITING).fetchone()
        if row is not None and row[0] >= wanted:
            return
        sleep(0.002)
    raise RuntimeError("nobody waits for the school's row")


@contextmanager
def _devices(server: RunningServer) -> Generator[None]:
    """Two processes. On the machines of others they would not take the server's processor, so they come last here."""
    # In one piece: a token may begin with a hyphen.
    address = ("--host", server.address.host, "--port", str(server.address.port), f"--token={server.token}")
    devices = [
        subprocess.Popen(
            (sys.executable, "-m", "bench.generator.device", does, *address),
            stdout=subprocess.PIPE,
            preexec_fn=lambda: os.nice(10),
        )
        for does in ("pull", "push")
    ]
    try:
        for device in devices:
            assert device.stdout is not None  # noqa: S101 - it is a pipe
            device.stdout.readline()
        yield
        if ended := [device.returncode for device in devices if device.poll() is not None]:
            raise RuntimeError(f"a device has ended by itself: {ended}")
    finally:
        for device in devices:
            device.kill()
            device.wait()
            if device.stdout is not None:
                device.stdout.close()


_COSTS = (
    Column("slowest_ms", "slowest call ms"),
    Column("mib", "MiB", 1),
    Column("server_us", "CPU µs/row", 1),
    Column("postgres_us", "PostgreSQL µs/row", 1),
    Column("grown_mib", "memory above idle MiB", 1),
    Column("others_percent", "others' CPU %"),
)
_BOTH = (SHILLER, PLAIN)

PULL = Scenario(
    name="pull",
    title=f"a device pulls {PULLED:,} templates, page by page",
    peers=_BOTH,
    columns=(Column("seconds", "seconds", 2), *_COSTS),
    compared="seconds",
    measure=measure_pull,
)
UP = Scenario(
    name="up",
    title=f"a device pushes {2 * BATCH:,} new templates in two calls; for how long a third one locks the school",
    peers=(*_BOTH, EACH),
    columns=(Column("seconds", "seconds", 2), Column("lock_ms", "lock held ms"), *_COSTS),
    compared="seconds",
    measure=measure_push,
)
PHONE_PULL = Scenario(
    name="phone",
    title=f"a phone's first pull of {PHONE:,} templates, and its next one of {DELTA:,}",
    peers=_BOTH,
    columns=(Column("seconds", "first s", 2), Column("delta_seconds", "next s", 3), *_COSTS),
    compared="seconds",
    measure=measure_phone,
)
LIVE = Scenario(
    name="beside",
    title=f"{SESSIONS} x {TRAINEES} trainees, {RATE:g} pushes/s; one device pulls all, one pushes {BATCH} at a time",
    peers=(SHILLER,),
    columns=(
        Column("alone_p50_ms", "ack p50 ms alone", 1),
        Column("beside_p50_ms", "beside", 1),
        Column("alone_ms", "ack p99 ms alone", 1),
        Column("beside_ms", "beside", 1),
        Column("screen_alone_ms", "screen p99 ms alone", 1),
        Column("screen_beside_ms", "beside", 1),
        Column("server_percent", "server CPU %"),
        Column("grown_mib", "memory above idle MiB", 1),
        Column("missing", "missing"),
        Column("late_ms", "late ms", 1),
        Column("others_percent", "others' CPU %"),
    ),
    compared="beside_ms",
    measure=measure_live,
)
DEVICES = (PULL, UP, PHONE_PULL, LIVE)
