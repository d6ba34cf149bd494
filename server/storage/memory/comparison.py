"""What attempts are compared by, in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from server.domain.annotations import Annotation
from server.domain.case import Case
from server.domain.debrief.for_times import for_times
from server.domain.events import Event
from server.domain.scores import ScoreSheet
from server.domain.session import Session
from server.ports.comparison import EndedSession
from server.storage.memory.tables import Tables


class MemoryComparison:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def ended_sessions(
        self,
        school_id: UUID,
        template_id: UUID,
        since: datetime | None,
        until: datetime | None,
        limit: int,
        now: datetime,
    ) -> Sequence[EndedSession]:
        await asyncio.sleep(0)
        found = [
            EndedSession(session.id, session.created_at, ended_at, session.last_seq, self._seats(session))
            for session in self._tables.sessions.values()
            if session.school_id == school_id
            and session.template_id == template_id
            and session.forked_from is None
            and (since is None or session.created_at >= since)
            and (until is None or session.created_at < until)
            and (ended_at := session.ended_at(now)) is not None
        ]
        attended = [each for each in found if each.seats > 0]
        return sorted(attended, key=lambda each: (each.opened_at, each.id), reverse=True)[:limit]

    async def cases_of(self, session_ids: Collection[UUID]) -> Mapping[UUID, Case]:
        await asyncio.sleep(0)
        cases = self._tables.cases
        return {each: replace(cases[each], steps=()) for each in session_ids if each in cases}

    async def key_events_of(self, session_ids: Collection[UUID]) -> Mapping[UUID, Sequence[Event]]:
        await asyncio.sleep(0)
        found: dict[UUID, Sequence[Event]] = {}
        for session_id in session_ids:
            if left := for_times(self._tables.records.get(session_id, [])):
                found[session_id] = left
        return found

    async def marked_annotations_of(self, session_ids: Collection[UUID]) -> Mapping[UUID, Sequence[Annotation]]:
        await asyncio.sleep(0)
        wanted = set(session_ids)
        found: dict[UUID, list[Annotation]] = {}
        for each in sorted(self._tables.annotations.values(), key=lambda each: (each.created_at, each.id)):
            if each.session_id in wanted and each.marker is not None and each.deleted_at is None:
                found.setdefault(each.session_id, []).append(each)
        return found

    async def sheets_of(self, session_ids: Collection[UUID]) -> Mapping[UUID, Sequence[ScoreSheet]]:
        await asyncio.sleep(0)
        wanted = set(session_ids)
        found: dict[UUID, list[ScoreSheet]] = {}
        for sheet in sorted(self._tables.score_sheets.values(), key=lambda each: (each.created_at, str(each.by.id))):
            if sheet.session_id in wanted:
                found.setdefault(sheet.session_id, []).append(sheet)
        return found

    def _seats(self, session: Session) -> int:
        seats = (self._tables.seats[seat_id] for seat_id in self._tables.seats_of[session.id])
        return sum(seat.removed_at is None for seat in seats)
