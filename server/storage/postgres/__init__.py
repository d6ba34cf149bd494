"""PostgreSQL 15 and later, through asyncpg; SQL stands next to its use."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from server.live.journal import Journal
from server.live.known_sessions import Heads
from server.live.late_storage import Patience
from server.ports.results import StorageUnavailable
from server.storage.postgres.accounts import PostgresAccounts
from server.storage.postgres.database import Database
from server.storage.postgres.records import RecordsLine
from server.storage.postgres.sessions import PostgresSessions
from server.storage.postgres.templates import PostgresTemplates

# Whoever asks whether it is there wants to know soon; a storage that hangs is as good as none.
PING_TIMEOUT_SECONDS = 1
# More at a time make the groups smaller and the work larger; measured with bench/push.py.
GROUPS_UNDER_WAY = 2


class PostgresStorage:
    def __init__(self, database: Database, lines: Sequence[RecordsLine]) -> None:
        self._database = database
        self._pinging: asyncio.Task[None] | None = None
        self._pinging_since = 0.0
        heads = Heads()
        self._journal = Journal(lines, heads)
        self._patience = Patience(lambda: self._journal.is_late)
        self.accounts = PostgresAccounts(database, self._patience)
        self.sessions = PostgresSessions(database, self._journal, heads, self._patience)
        self.templates = PostgresTemplates(database)

    @classmethod
    async def open(cls, url: str) -> PostgresStorage:
        """Connect to a migrated database. Raises StorageUnavailable if it cannot be reached."""
        database = await Database.open(url)
        lines = [RecordsLine(url) for _ in range(GROUPS_UNDER_WAY)]
        await asyncio.gather(*(line.connect() for line in lines))
        return cls(database, lines)

    @property
    def waiting_events(self) -> int:
        return self._journal.waiting

    async def ping(self) -> None:
        # One question at a time, left to itself when it is late; whoever asks then need not wait once more.
        loop = asyncio.get_running_loop()
        if self._pinging is None or self._pinging.done():
            self._pinging = asyncio.create_task(self._database.execute("SELECT 1"))
            self._pinging.add_done_callback(_take_note)
            self._pinging_since = loop.time()
        patience = max(0.1, self._pinging_since + PING_TIMEOUT_SECONDS - loop.time())
        answered, _ = await asyncio.wait({self._pinging}, timeout=patience)
        if not answered:
            raise StorageUnavailable(f"no answer within {PING_TIMEOUT_SECONDS} s")
        self._pinging.result()

    async def close(self) -> None:
        if self._pinging is not None:
            self._pinging.cancel()
            await asyncio.gather(self._pinging, return_exceptions=True)
        await self._journal.close()
        await self._patience.close()
        await self._database.close()


def _take_note(answered: asyncio.Task[None]) -> None:
    """A late answer may be an outage that nobody waits for any more; asyncio logs one that nobody has looked at."""
    if not answered.cancelled():
        answered.exception()
