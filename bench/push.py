"""What a recorded push costs: Shiller's journal beside what one would write by hand, on the same PostgreSQL.

    make bench            (or: python -m bench.push --seconds 5)

Each way is run in turn, several rounds over, in one process on one database; the figure to look at is
the ratio, for machines differ and are shared. Nothing is sent to anybody: the fan-out is measured apart.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import uvloop

from server import clock
from server.commands.serve import collect_rarely
from server.domain.event import Author, EventDraft
from server.domain.session import Session
from server.domain.trainer import School, Trainer
from server.domain.vitals import START_VALUES, VitalsPatch
from server.storage.embedded import EmbeddedPostgres
from server.storage.memory import MemoryStorage
from server.storage.migrations import migrate_up
from server.storage.postgres import PostgresStorage
from server.storage.postgres.sessions import INSERT_EVENT
from server.storage.repository import Storage

Push = Callable[[UUID, int], Awaitable[None]]

ROUNDS = 3
# How many sessions push at once, each as soon as it is answered.
LOADS = (1, 50, 200)


async def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--seconds", type=float, default=2.0, help="per way, load and round")
    seconds = arguments.parse_args().seconds
    with tempfile.TemporaryDirectory(prefix="shiller-bench-", ignore_cleanup_errors=True) as folder:
        embedded = None
        url = os.environ.get("DATABASE_URL")
        if url is None:
            embedded = EmbeddedPostgres.start(Path(folder) / "postgres")
            url = embedded.url
        try:
            migrate_up(url)
            collect_rarely()
            await _compare(url, seconds)
        finally:
            if embedded is not None:
                embedded.stop()


async def _compare(url: str, seconds: float) -> None:
    storage = await PostgresStorage.open(url)
    pool = await asyncpg.create_pool(url, min_size=10, max_size=10)
    trainer = await _trainer(storage)
    memory = MemoryStorage()
    await memory.accounts.add_school(School(trainer.school_id, "Bench", trainer.created_at))
    ways: dict[str, tuple[Storage, Push]] = {
        "a transaction per push": (storage, _by_transaction(pool, trainer)),
        "Shiller, PostgreSQL": (storage, _by_journal(storage, trainer)),
        "Shiller, memory": (memory, _by_journal(memory, trainer)),
    }
    print(f"pushes per second, median of {ROUNDS} rounds of {seconds:g} s; ratio to a transaction per push")
    print(f"{'sessions at once':28}" + "".join(f"{sessions:>26}" for sessions in LOADS))
    rates: dict[tuple[str, int], list[float]] = {}
    for _ in range(ROUNDS):
        for sessions in LOADS:
            for name, (where, push) in ways.items():
                ids = [await _open(where, trainer) for _ in range(sessions)]
                rates.setdefault((name, sessions), []).append(await _rate(push, ids, seconds))
    baseline = {n: statistics.median(rates["a transaction per push", n]) for n in LOADS}
    for name in ways:
        cells = [
            f"{statistics.median(rates[name, n]):>16,.0f}  x{statistics.median(rates[name, n]) / baseline[n]:<7.2f}"
            for n in LOADS
        ]
        print(f"{name:28}{''.join(cells)}")
    await pool.close()
    await storage.close()


async def _rate(push: Push, sessions: Sequence[UUID], seconds: float) -> float:
    began = time.perf_counter()
    counts = await asyncio.gather(*(_keep_pushing(push, session, began + seconds) for session in sessions))
    return sum(counts) / (time.perf_counter() - began)


async def _keep_pushing(push: Push, session_id: UUID, until: float) -> int:
    count = 0
    while time.perf_counter() < until:
        await push(session_id, 60 + count % 100)
        count += 1
    return count


def _by_journal(storage: Storage, trainer: Trainer) -> Push:
    by = Author("trainer", trainer.id, trainer.name)

    async def push(session_id: UUID, heart_rate: int) -> None:
        draft = EventDraft(uuid4(), "vitals", by, patch=VitalsPatch({"heart_rate": heart_rate}))
        await storage.sessions.append_event(session_id, trainer, draft, clock.now())

    return push


def _by_transaction(pool: asyncpg.Pool[asyncpg.Record], trainer: Trainer) -> Push:
    """What one would write first: read and lock the row, change the values, insert, commit."""

    async def push(session_id: UUID, heart_rate: int) -> None:
        now = clock.now()
        async with pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(
                "SELECT last_values, last_seq FROM sessions WHERE id = $1 FOR UPDATE", session_id
            )
            assert row is not None  # noqa: S101 - the bench opened it, and nobody deletes it
            values = {**json.loads(row["last_values"]), "heart_rate": heart_rate}
            seq = row["last_seq"] + 1
            await connection.execute(
                "UPDATE sessions SET last_values = $2, last_seq = $3, updated_at = $4 WHERE id = $1",
                session_id,
                json.dumps(values),
                seq,
                now,
            )
            empty = [None] * 2
            await connection.execute(
                INSERT_EVENT,
                *(uuid4(), session_id, seq, "vitals", now, *empty, heart_rate, *empty, *empty),
                *(None, None, 0.0, None, None, "trainer", trainer.id, trainer.name),
            )

    return push


async def _trainer(storage: Storage) -> Trainer:
    now = clock.now()
    school = await storage.accounts.add_school(School(uuid4(), "Bench", now))
    trainer = Trainer(uuid4(), school.id, f"{uuid4()}@bench.invalid", "Bench", "admin", now, now)
    await storage.accounts.add_trainer(trainer, "-")
    return trainer


async def _open(storage: Storage, trainer: Trainer) -> UUID:
    now = clock.now()
    id_ = uuid4()
    session = Session(
        id=id_,
        code=id_.hex[:6],
        title="Bench",
        trainee_name=None,
        trainer_id=trainer.id,
        school_id=trainer.school_id,
        template_id=None,
        created_at=now,
        updated_at=now,
        expires_at=now + timedelta(hours=1),
        last_values=START_VALUES,
    )
    await storage.sessions.add_session(session, None)
    return id_


if __name__ == "__main__":
    uvloop.run(main())
