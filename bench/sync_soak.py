"""Worlds of devices that work offline, one after the other, for as long as is said: `python -m bench.sync_soak`.

What each is judged by stands in tests/support/sync_world.py. A seed that fails is printed with what was wrong; the same
seed makes the same world again in memory, and nearly the same on PostgreSQL, where calls truly run at once.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
import traceback
from contextlib import AbstractAsyncContextManager

from tests.support.postgres import DatabaseServerOfTheRun
from tests.support.sync_running import memory_world, postgres_world
from tests.support.sync_world import World


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m bench.sync_soak", description=__doc__)
    asked.add_argument("--minutes", type=float, default=5.0)
    asked.add_argument("--seed", type=int, default=1000, help="of the first world")
    asked.add_argument("--rounds", type=int, default=60, help="of each world")
    asked.add_argument("--storage", choices=["memory", "postgres"], default="memory")
    options = asked.parse_args()
    server = DatabaseServerOfTheRun(None)
    try:
        return _soak(options, server)
    finally:
        server.stop()


def _soak(options: argparse.Namespace, server: DatabaseServerOfTheRun) -> int:
    until = time.monotonic() + options.minutes * 60
    seed, failed, writes = options.seed, 0, 0
    while time.monotonic() < until:
        try:
            writes += asyncio.run(_live(seed, options.rounds, server if options.storage == "postgres" else None))
        except Exception:
            failed += 1
            print(f"seed {seed}:", file=sys.stderr)
            traceback.print_exc()
        seed += 1
    print(f"{seed - options.seed} worlds, {writes} acknowledged edits, {failed} worlds failed")
    return 1 if failed else 0


async def _live(seed: int, rounds: int, server: DatabaseServerOfTheRun | None) -> int:
    if server is None:
        return await _lived(memory_world(seed), rounds)
    databases = server.get()
    name = databases.create_database(databases.template)
    try:
        return await _lived(postgres_world(seed, databases.url_of(name)), rounds)
    finally:
        databases.drop_database(name)


async def _lived(opening: AbstractAsyncContextManager[World], rounds: int) -> int:
    async with opening as world:
        await world.live(rounds)
        await world.settle()
        await world.check()
        return sum(len(writes) for school in world.schools for writes in school.ledger.writes.values())


if __name__ == "__main__":
    sys.exit(main())
