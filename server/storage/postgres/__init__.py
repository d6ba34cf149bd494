"""PostgreSQL 15 and later, through asyncpg; SQL stands next to its use."""

from __future__ import annotations

import asyncio
from uuid import UUID

import structlog

from server.live.journal import Journal
from server.live.known_logins import KnownLogins
from server.live.known_sessions import KnownSessions
from server.live.late_storage import LateStorage
from server.live.late_writes import LateWrites
from server.live.settings import LIVE_SETTINGS, LiveSettings
from server.ports.results import StorageUnavailable
from server.storage.postgres.accounts import PostgresAccounts
from server.storage.postgres.annotations import PostgresAnnotations
from server.storage.postgres.assignments import PostgresAssignments
from server.storage.postgres.attendance import PostgresAttendance
from server.storage.postgres.audit import PostgresAudit
from server.storage.postgres.comparison import PostgresComparison
from server.storage.postgres.database import CONNECTION_SETTINGS, ConnectionSettings, Database
from server.storage.postgres.dedicated_connection import DedicatedConnection
from server.storage.postgres.halls import PostgresHalls
from server.storage.postgres.invitations import PostgresInvitations
from server.storage.postgres.keeping import PostgresKeeping
from server.storage.postgres.keys import PostgresKeys
from server.storage.postgres.moments import PostgresMoments
from server.storage.postgres.moving import PostgresMoving
from server.storage.postgres.records import PostgresRecords
from server.storage.postgres.reflections import PostgresReflections
from server.storage.postgres.room import Room
from server.storage.postgres.school_transaction import SchoolTransactions
from server.storage.postgres.scores import PostgresScores
from server.storage.postgres.sessions import PostgresSessions
from server.storage.postgres.shares import PostgresShares
from server.storage.postgres.sync import PostgresSync
from server.storage.postgres.templates import PostgresTemplates
from server.storage.postgres.upstream import PostgresUpstream

log = structlog.get_logger("shiller.storage")


class PostgresStorage:
    def __init__(
        self,
        url: str,
        database: Database,
        records: PostgresRecords,
        connections: ConnectionSettings,
        live: LiveSettings,
    ) -> None:
        self._database = database
        self._records = records
        self._ping_timeout_seconds = connections.ping_timeout_seconds
        self._silence_seconds = connections.silence_seconds
        self._close_timeout_seconds = connections.close_timeout_seconds
        self._room = Room(database.every_school)
        self._pinging: asyncio.Task[None] | None = None
        self._pinging_since = 0.0
        known_sessions = KnownSessions(live)
        self._known_sessions = known_sessions
        self._journal = Journal(records, known_sessions, live)
        self._late = LateStorage(live, lambda: self._journal.is_late)
        known_logins = KnownLogins(live)
        self._writes = LateWrites(live, self._late)
        schools = SchoolTransactions(database)
        self.accounts = PostgresAccounts(database, schools, known_logins, self._late)
        self.sessions = PostgresSessions(database, schools, self._journal, known_sessions, self._late, self._writes)
        self.templates = PostgresTemplates(database, schools)
        self.assignments = PostgresAssignments(database, schools, known_sessions)
        self.audit = PostgresAudit(database)
        self.sync = PostgresSync(database, schools, known_sessions, known_logins)
        self.annotations = PostgresAnnotations(database)
        self.moments = PostgresMoments(database)
        self.scores = PostgresScores(database)
        self.reflections = PostgresReflections(database)
        self.shares = PostgresShares(database)
        self.attendance = PostgresAttendance(database)
        self.comparison = PostgresComparison(database)
        self.halls = PostgresHalls(database, schools, known_sessions)
        self.invitations = PostgresInvitations(database, schools)
        self.keeping = PostgresKeeping(database, schools, known_sessions)
        self.keys = PostgresKeys(database)
        self.moving = PostgresMoving(url, connections)
        self.upstream = PostgresUpstream(url, connections, database, schools, known_logins, self.attendance)

    @classmethod
    async def open(
        cls,
        url: str,
        *,
        connections: ConnectionSettings = CONNECTION_SETTINGS,
        live: LiveSettings = LIVE_SETTINGS,
        watches_room: bool = False,
    ) -> PostgresStorage:
        """Connect to a migrated database. Raises StorageUnavailable if it cannot be reached.

        `watches_room`: look every few seconds whether its disk is full, as a server does that may write at any time.
        """
        database = await Database.open(url, connections)
        dedicated = [DedicatedConnection(url, connections) for _ in range(live.groups_under_way)]
        await asyncio.gather(*(connection.connect() for connection in dedicated))
        storage = cls(url, database, PostgresRecords(dedicated), connections, live)
        if watches_room:
            storage._room.start()
        return storage

    @property
    def waiting_events(self) -> int:
        return self._journal.waiting

    def hear(self, session_id: UUID, seq: int | None, pushed: str) -> None:
        self._known_sessions.hear(session_id, seq, pushed)

    async def ping(self) -> None:
        if self._journal.is_refused:
            raise StorageUnavailable(f"{self._journal.waiting} events wait to be stored")
        if self._room.lack is not None:
            raise StorageUnavailable(f"the database has no room to write: {self._room.lack}")
        # One question at a time, left to itself when it is late; whoever asks then need not wait once more.
        loop = asyncio.get_running_loop()
        if self._pinging is None or self._pinging.done():
            self._pinging = asyncio.create_task(self._ask_whether_it_writes())
            self._pinging.add_done_callback(_take_note)
            self._pinging_since = loop.time()
        patience = max(0.1, self._pinging_since + self._ping_timeout_seconds - loop.time())
        answered, _ = await asyncio.wait({self._pinging}, timeout=patience)
        if not answered:
            if self._room.silent_seconds < self._silence_seconds:
                return
            raise StorageUnavailable(f"no answer within {self._ping_timeout_seconds:g} s")
        self._pinging.result()

    async def _ask_whether_it_writes(self) -> None:
        if await self._database.every_school.fetchval("SHOW transaction_read_only") == "on":
            raise StorageUnavailable("the database is read-only")

    async def close(self) -> None:
        """What waits is written if the database answers; all of it takes no longer than the settings allow."""
        try:
            async with asyncio.timeout(self._close_timeout_seconds):
                await self._close_in_order()
        except TimeoutError:
            log.warning("the database does not answer, and its connections are cut")
            self._records.close()
            self._database.cut()

    async def _close_in_order(self) -> None:
        await self._room.close()
        if self._pinging is not None:
            self._pinging.cancel()
            await asyncio.gather(self._pinging, return_exceptions=True)
        is_away = self._journal.is_away
        await self._journal.close()
        if not is_away:
            # Before `late` ends whatever nobody waits for any more.
            await self._writes.close()
        self._records.close()
        await self._late.close()
        await self.sessions.close()
        await self._database.close()


def _take_note(answered: asyncio.Task[None]) -> None:
    """A late answer may be an outage that nobody waits for any more; asyncio logs one that nobody has looked at."""
    if not answered.cancelled():
        answered.exception()
