"""The trainees' own words in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import UUID

from server.domain.case import Case
from server.domain.outcomes import InvalidFields
from server.domain.reflections import Reflection, ReflectionChange, ToldReflection, judge_reflection
from server.domain.session import Seat
from server.storage.memory.tables import Tables


class MemoryReflections:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def find_reflection(self, session_id: UUID, author_hash: bytes) -> Reflection | None:
        await asyncio.sleep(0)
        return self._tables.reflections.get((session_id, author_hash))

    async def change_reflection(
        self, first: Reflection, seat: Seat, case: Case | None, change: ReflectionChange
    ) -> Reflection | InvalidFields:
        await asyncio.sleep(0)
        place = (first.session_id, first.author_hash)
        outcome = judge_reflection(self._tables.reflections.get(place, first), seat, case, change)
        if isinstance(outcome, Reflection):
            self._tables.reflections[place] = outcome
        return outcome

    async def list_reflections(self, session_id: UUID) -> Sequence[ToldReflection]:
        await asyncio.sleep(0)
        said = [each for each in self._tables.reflections.values() if each.session_id == session_id]
        return [self._told(each) for each in sorted(said, key=lambda each: each.id) if not each.is_empty]

    def _told(self, reflection: Reflection) -> ToldReflection:
        seat = None if reflection.seat_id is None else self._tables.seats.get(reflection.seat_id)
        name = None if seat is None else seat.name
        return ToldReflection(reflection.id, reflection.seat_id, name, reflection.words, reflection.scores)
