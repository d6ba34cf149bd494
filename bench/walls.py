"""What the walls between schools cost (docs/decisions/0022-walls.md): the same work with them and without, in turn.

    python -m bench.walls --rounds 12

Two databases of one embedded PostgreSQL, used by one process as the role that a server has; from one of them the
policies are taken away. Told is processor time, of this process and of PostgreSQL together, for each push or read:
other work on the machine changes it little. The ratio is that of all rounds.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from uuid import UUID

import psycopg
import uvloop

from bench.database import as_server, running_postgres
from bench.peers.alone import rate
from bench.peers.journal import pushing
from bench.push import add_trainer, open_session
from server.commands.process_settings import collect_rarely
from server.storage.postgres import PostgresStorage

WITH, WITHOUT = "with walls", "without"
SESSIONS_AT_ONCE = 50

Work = Callable[[float], Awaitable[float]]
"""Goes on for some seconds; how many a second it did."""


async def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--rounds", type=int, default=12)
    arguments.add_argument("--seconds", type=float, default=1.0, help="per way, kind of work and round")
    told = arguments.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="shiller-bench-", ignore_cleanup_errors=True) as folder,
        ExitStack() as stack,
    ):
        postgres = stack.enter_context(running_postgres(Path(folder)))
        urls = {way: stack.enter_context(postgres.database()) for way in (WITH, WITHOUT)}
        storages = {way: await PostgresStorage.open(as_server(url)) for way, url in urls.items()}
        _take_away(urls[WITHOUT])
        works = {way: await _works(storage) for way, storage in storages.items()}
        collect_rarely()

        def spent() -> float:
            return time.process_time() + postgres.cpu_seconds()

        for kind in works[WITH]:
            spending = await _measure({way: works[way][kind] for way in works}, told.rounds, told.seconds, spent)
            ratio = spending[WITH] / spending[WITHOUT]
            figures = ", ".join(f"{way} {seconds * 1e6:,.0f} µs" for way, seconds in spending.items())
            print(f"{kind:32}{figures}, x{ratio:.3f}")
        for storage in storages.values():
            await storage.close()


async def _measure(
    ways: Mapping[str, Work], rounds: int, seconds: float, spent: Callable[[], float]
) -> Mapping[str, float]:
    """Processor seconds for one, of each way; each goes first as often as the other."""
    costs, counts = dict.fromkeys(ways, 0.0), dict.fromkeys(ways, 0.0)
    for work in ways.values():
        await work(seconds)
    for number in range(rounds):
        for way in list(ways) if number % 2 else list(ways)[::-1]:
            before, began = spent(), time.perf_counter()
            done = await ways[way](seconds)
            counts[way] += done * (time.perf_counter() - began)
            costs[way] += spent() - before
    return {way: costs[way] / counts[way] for way in ways}


async def _works(storage: PostgresStorage) -> Mapping[str, Work]:
    trainer = await add_trainer(storage)
    sessions = [await open_session(storage, trainer) for _ in range(SESSIONS_AT_ONCE)]
    push, ids = pushing(storage, trainer), [str(each) for each in sessions]
    return {
        "a push, one session": partial(rate, push, ids[:1]),
        f"a push, {SESSIONS_AT_ONCE} sessions at once": partial(rate, push, ids),
        "a session by its id": partial(_reading, partial(storage.sessions.find_session, sessions[0])),
        "200 events of a session": partial(_reading, partial(storage.sessions.events_after, sessions[0], 0, 200)),
        "two lists of a school": partial(_reading, partial(_list, storage, trainer.school_id)),
    }


async def _list(storage: PostgresStorage, school_id: UUID) -> None:
    page = await storage.accounts.list_trainers(school_id, 50, None)
    assert page.items  # noqa: S101 - else nothing is measured
    await storage.templates.list_templates(school_id, 50, None)


async def _reading(read: Callable[[], Awaitable[object]], seconds: float) -> float:
    began, count = time.perf_counter(), 0
    while (spent := time.perf_counter() - began) < seconds:
        await asyncio.gather(*(read() for _ in range(4)))
        count += 4
    return count / spent


def _take_away(url: str) -> None:
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        walled = connection.execute("SELECT polrelid::regclass::text FROM pg_policy WHERE polname = 'wall'").fetchall()
        for (table,) in walled:
            connection.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY".encode())


if __name__ == "__main__":
    uvloop.run(main())
