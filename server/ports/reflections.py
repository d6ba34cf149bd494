"""Where the trainees' own words are kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from server.domain.case import Case
from server.domain.outcomes import InvalidFields
from server.domain.reflections import Reflection, ReflectionChange, ToldReflection
from server.domain.session import Seat


class ReflectionStore(Protocol):
    async def find_reflection(self, session_id: UUID, author_hash: bytes) -> Reflection | None: ...

    async def change_reflection(
        self, first: Reflection, seat: Seat, case: Case | None, change: ReflectionChange
    ) -> Reflection | InvalidFields:
        """`judge_reflection` of the one that its author has, or of `first`, atomically."""
        ...

    async def list_reflections(self, session_id: UUID) -> Sequence[ToldReflection]:
        """Those that say something, in an order that does not tell who was first."""
        ...
