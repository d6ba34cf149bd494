"""What a recorded push costs: Shiller's journal beside what one would write by hand, on the same PostgreSQL.

    make bench            (or: python -m bench.push --seconds 5)

Each way is run in turn, several rounds over, in one process on one database; the figure to look at is
the ratio, for machines differ and are shared. Nothing is sent to anybody: the fan-out is measured apart.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import uvloop

from bench.database import as_server
from bench.peers.alone import Push, rate
from bench.peers.journal import pushing
from bench.peers.transaction import store
from server import clock
from server.commands.process_settings import collect_rarely
from server.domain.events import SYSTEM
from server.domain.people import School, Trainer
from server.domain.session import Session
from server.domain.vitals import START_VALUES
from server.ports.storage import Storage
from server.storage.embedded import EmbeddedPostgres
from server.storage.memory import MemoryStorage
from server.storage.migrations import migrate_up
from server.storage.postgres import PostgresStorage

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
            # Run as root, PostgreSQL has a user of its own, who has to pass.
            os.chmod(folder, 0o711)  # noqa: S103
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
    storage = await PostgresStorage.open(as_server(url))
    pool = await asyncpg.create_pool(url, min_size=10, max_size=10)
    trainer = await add_trainer(storage)
    memory = MemoryStorage()
    await memory.accounts.add_school(School(trainer.school_id, "Bench", trainer.created_at))
    ways: dict[str, tuple[Storage, Push]] = {
        "a transaction per push": (storage, partial(store, pool)),
        "Shiller, PostgreSQL": (storage, pushing(storage, trainer)),
        "Shiller, memory": (memory, pushing(memory, trainer)),
    }
    print(f"pushes per second, median of {ROUNDS} rounds of {seconds:g} s; ratio to a transaction per push")
    print(f"{'sessions at once':28}" + "".join(f"{sessions:>26}" for sessions in LOADS))
    rates: dict[tuple[str, int], list[float]] = {}
    for _ in range(ROUNDS):
        for sessions in LOADS:
            for name, (where, push) in ways.items():
                ids = [str(await open_session(where, trainer)) for _ in range(sessions)]
                rates.setdefault((name, sessions), []).append(await rate(push, ids, seconds))
    baseline = {n: statistics.median(rates["a transaction per push", n]) for n in LOADS}
    for name in ways:
        cells = [
            f"{statistics.median(rates[name, n]):>16,.0f}  x{statistics.median(rates[name, n]) / baseline[n]:<7.2f}"
            for n in LOADS
        ]
        print(f"{name:28}{''.join(cells)}")
    await pool.close()
    await storage.close()


async def add_trainer(storage: Storage) -> Trainer:
    now = clock.now()
    school = await storage.accounts.add_school(School(uuid4(), "Bench", now))
    trainer = Trainer(uuid4(), school.id, f"{uuid4()}@bench.invalid", "Bench", "admin", now, now)
    await storage.accounts.add_trainer(trainer, "-", SYSTEM)
    return trainer


async def open_session(storage: Storage, trainer: Trainer) -> UUID:
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
    await storage.sessions.add_session(session, None, SYSTEM)
    return id_


if __name__ == "__main__":
    uvloop.run(main())
