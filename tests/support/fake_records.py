"""The journal's storage in the test's hand: it keeps what is written, and fails as it is told to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from uuid import UUID

from server.domain.events import Event
from server.domain.session import Session
from server.ports.records import NO_LOGINS, Chain, Logins
from server.ports.results import StorageUnavailable
from server.storage.memory.records import MemoryRecords
from server.storage.memory.tables import Tables
from tests.support.patience import PATIENCE_SECONDS


class FakeRecords:
    def __init__(self) -> None:
        self.tables = Tables()
        self._memory = MemoryRecords(self.tables)
        self._opened = asyncio.Event()
        self._opened.set()
        self.is_away = False
        self.is_read_only = False
        """It answers questions and takes nothing, as a standby does."""
        self.lost_answers = 0
        """So many groups are written, and nobody hears of it."""
        self.is_away_after_loss = False
        """It goes away with the answer that is lost."""
        self.held: set[UUID] = set()
        """Sessions whose row somebody else holds."""
        self.faulty: set[UUID] = set()
        """Events that cannot be written, for no fault of the storage."""
        self.fails: Callable[[], bool] = lambda: False
        """Asked before and after each question: whether the storage is lost at that moment."""
        self.groups: list[Sequence[UUID]] = []
        """The sessions of each group that came."""
        self.questions = 0

    def add(self, session: Session) -> Session:
        self.tables.sessions[session.id] = session
        self.tables.records[session.id] = []
        return session

    def close_gate(self) -> None:
        """What comes from now on waits."""
        self._opened.clear()

    def open_gate(self) -> None:
        self._opened.set()

    async def until_groups(self, count: int) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(self.groups) < count:
                await asyncio.sleep(0)

    async def append(self, chains: Sequence[Chain], logins: Logins = NO_LOGINS) -> Collection[UUID]:
        self.groups.append([chain[0].session.id for chain in chains])
        await self._answer()
        if self.is_read_only:
            raise StorageUnavailable("read-only")
        if any(recorded.event.id in self.faulty for chain in chains for recorded in chain):
            raise ValueError("this cannot be written")
        written = await self._memory.append([chain for chain in chains if chain[0].session.id not in self.held], logins)
        if self.lost_answers:
            self.lost_answers -= 1
            self.is_away = self.is_away_after_loss
            raise StorageUnavailable("the answer was lost")
        self._may_fail()
        return written

    async def read_sessions(self, session_ids: Collection[UUID]) -> Mapping[UUID, Session]:
        await self._answer()
        return await self._memory.read_sessions(session_ids)

    async def find_events(self, event_ids: Collection[UUID]) -> Mapping[UUID, Event]:
        await self._answer()
        return await self._memory.find_events(event_ids)

    async def standing_logins(self, token_hashes: Collection[bytes]) -> Collection[bytes]:
        await self._answer()
        return await self._memory.standing_logins(token_hashes)

    async def _answer(self) -> None:
        self.questions += 1
        await self._opened.wait()
        await asyncio.sleep(0)
        if self.is_away:
            raise StorageUnavailable("away")
        self._may_fail()

    def _may_fail(self) -> None:
        if self.fails():
            raise StorageUnavailable("lost")
