"""The journal's `Records` in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from server.domain.events import Event
from server.domain.session import Session
from server.ports.records import NO_LOGINS, Chain, Logins
from server.storage.memory.tables import Tables


class MemoryRecords:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def append(self, chains: Sequence[Chain], logins: Logins = NO_LOGINS) -> Collection[UUID]:
        await asyncio.sleep(0)
        return {
            chain[-1].session.id
            for chain in chains
            if all(map(self._stands, logins.get(chain[-1].session.id, ()))) and self._write(chain)
        }

    async def standing_logins(self, token_hashes: Collection[bytes]) -> Collection[bytes]:
        await asyncio.sleep(0)
        return [login for login in token_hashes if self._stands(login)]

    def _stands(self, login: bytes) -> bool:
        token = self._tables.tokens.get(login)
        return token is not None and self._tables.trainers[token.trainer_id].deleted_at is None

    async def read_sessions(self, session_ids: Collection[UUID]) -> Mapping[UUID, Session]:
        await asyncio.sleep(0)
        sessions = self._tables.sessions
        return {session_id: sessions[session_id] for session_id in session_ids if session_id in sessions}

    async def find_events(self, event_ids: Collection[UUID]) -> Mapping[UUID, Event]:
        await asyncio.sleep(0)
        events = self._tables.events
        return {event_id: events[event_id] for event_id in event_ids if event_id in events}

    def _write(self, chain: Chain) -> bool:
        first, last = chain[0], chain[-1]
        stored = self._tables.sessions[last.session.id]
        if (stored.last_seq, stored.version) != (first.event.seq - 1, last.session.version) or stored.closed_at:
            return False
        if any(recorded.event.id in self._tables.events for recorded in chain):
            return False
        for recorded in chain:
            self._tables.record(recorded)
        return True
