"""Everything in this process, gone when it stops. The readable reference of what a storage does.

Each method lets others run once, before it reads, as every caller of a storage has to expect; it never waits between
reading and writing, so each is atomic on the event loop. Events are recorded by
the same journal as on a database.
"""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from server.live.journal import Journal
from server.live.known_sessions import KnownSessions
from server.live.settings import LIVE_SETTINGS
from server.storage.memory.accounts import MemoryAccounts
from server.storage.memory.annotations import MemoryAnnotations
from server.storage.memory.assignments import MemoryAssignments
from server.storage.memory.attendance import MemoryAttendance
from server.storage.memory.audit import MemoryAudit
from server.storage.memory.comparison import MemoryComparison
from server.storage.memory.halls import MemoryHalls
from server.storage.memory.invitations import MemoryInvitations
from server.storage.memory.keeping import MemoryKeeping
from server.storage.memory.keys import MemoryKeys
from server.storage.memory.moments import MemoryMoments
from server.storage.memory.moving import MemoryMoving
from server.storage.memory.records import MemoryRecords
from server.storage.memory.reflections import MemoryReflections
from server.storage.memory.scores import MemoryScores
from server.storage.memory.sessions import MemorySessions
from server.storage.memory.shares import MemoryShares
from server.storage.memory.sync import MemorySync
from server.storage.memory.tables import Tables
from server.storage.memory.templates import MemoryTemplates

# What is written here is written in the next turn of the loop: nothing is late, and one group at a time is enough.
_LIVE_SETTINGS = replace(LIVE_SETTINGS, late_seconds=60.0, groups_under_way=1)


class MemoryStorage:
    def __init__(self) -> None:
        tables = Tables()
        known_sessions = KnownSessions(_LIVE_SETTINGS)
        self._known_sessions = known_sessions
        self._journal = Journal(MemoryRecords(tables), known_sessions, _LIVE_SETTINGS)
        self.accounts = MemoryAccounts(tables)
        self.sessions = MemorySessions(tables, self._journal, known_sessions)
        self.templates = MemoryTemplates(tables)
        self.assignments = MemoryAssignments(tables, known_sessions)
        self.annotations = MemoryAnnotations(tables)
        self.moments = MemoryMoments(tables)
        self.scores = MemoryScores(tables)
        self.reflections = MemoryReflections(tables)
        self.shares = MemoryShares(tables)
        self.attendance = MemoryAttendance(tables)
        self.comparison = MemoryComparison(tables)
        self.audit = MemoryAudit(tables)
        self.sync = MemorySync(tables, known_sessions)
        self.halls = MemoryHalls(tables, known_sessions)
        self.invitations = MemoryInvitations(tables)
        self.keeping = MemoryKeeping(tables, known_sessions)
        self.keys = MemoryKeys()
        self.moving = MemoryMoving(tables)
        # What a hall has to send must outlive its process.
        self.upstream = None

    @property
    def waiting_events(self) -> int:
        return self._journal.waiting

    def hear(self, session_id: UUID, seq: int | None, pushed: str) -> None:
        self._known_sessions.hear(session_id, seq, pushed)

    async def ping(self) -> None:
        pass

    async def close(self) -> None:
        await self._journal.close()
