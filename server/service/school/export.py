"""Everything of a school, taken away by its admin."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import datetime
from uuid import UUID

from server import __version__
from server.domain.moving import ExportBegun, Part
from server.domain.outcomes import Forbidden, RateLimited
from server.domain.people import Trainer
from server.domain.permissions import judge_school_action
from server.ports.moving import MovingStore
from server.service.school.audit import Audit

# Each reads a whole school, beside live pushes.
EXPORTS_AT_A_TIME = 2
RETRY_SECONDS = 10


class ExportUnderWay:
    """To be ended however it ends: until then the school's next one is refused."""

    def __init__(self, parts: AsyncGenerator[Part], under_way: set[UUID], school_id: UUID) -> None:
        self.parts = parts
        self._under_way = under_way
        self._school_id = school_id

    async def end(self) -> None:
        self._under_way.discard(self._school_id)
        await self.parts.aclose()


class SchoolExport:
    def __init__(self, store: MovingStore, audit: Audit, write_attendance: Callable[[], Awaitable[None]]) -> None:
        """`write_attendance` writes who came and went here and is not yet stored."""
        self._store = store
        self._audit = audit
        self._write_attendance = write_attendance
        self._under_way: set[UUID] = set()

    def refusal(self, admin: Trainer) -> Forbidden | RateLimited | None:
        """Why none can begin now."""
        if refusal := judge_school_action(admin, "export_school"):
            return refusal
        is_full = admin.school_id in self._under_way or len(self._under_way) >= EXPORTS_AT_A_TIME
        return RateLimited(RETRY_SECONDS, "An export of a school is being made already") if is_full else None

    async def begin(self, admin: Trainer, now: datetime) -> ExportUnderWay | Forbidden | RateLimited:
        if refusal := self.refusal(admin):
            return refusal
        self._under_way.add(admin.school_id)
        try:
            await self._write_attendance()
            await self._audit.school_exported(admin, now)
        except BaseException:
            self._under_way.discard(admin.school_id)
            raise
        return ExportUnderWay(self._parts(admin.school_id, now), self._under_way, admin.school_id)

    async def _parts(self, school_id: UUID, now: datetime) -> AsyncGenerator[Part]:
        yield ExportBegun(now, __version__)
        parts = self._store.read_school(school_id)
        try:
            async for part in parts:
                yield part
        finally:
            await parts.aclose()
