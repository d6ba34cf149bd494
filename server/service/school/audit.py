"""Who did what in a school, for its admins."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from server.domain.audit import EVERYTHING, AuditEntry, AuditFilter, Subject, View, author_of, entry_of_view
from server.domain.events import Author
from server.domain.outcomes import Forbidden
from server.domain.people import Trainer
from server.domain.permissions import judge_school_action
from server.domain.session import Session
from server.ports.audit import AuditStore
from server.ports.results import Cursor, Page


class Audit:
    def __init__(self, store: AuditStore) -> None:
        self._store = store

    async def list(
        self, admin: Trainer, limit: int, after: Cursor | None, wanted: AuditFilter = EVERYTHING
    ) -> Page[AuditEntry] | Forbidden:
        """Newest first."""
        if refusal := judge_school_action(admin, "read_audit"):
            return refusal
        return await self._store.list_entries(admin.school_id, limit, after, wanted)

    async def session_exported(self, session: Session, by: Author, file_format: str, now: datetime) -> None:
        """To be told when the download begins: whether it was read to its end, nobody here knows."""
        subject = Subject("session", session.id)
        entry = AuditEntry(uuid4(), session.school_id, now, by, "exported", subject, {"format": file_format})
        await self._store.add_entry(entry)

    async def seat_exported(self, session: Session, seat_id: UUID, trainer: Trainer, now: datetime) -> None:
        """As `session_exported`: of what there is about one person."""
        subject = Subject("session", session.id)
        details = {"format": "json", "seat_id": str(seat_id)}
        entry = AuditEntry(uuid4(), session.school_id, now, author_of(trainer), "exported", subject, details)
        await self._store.add_entry(entry)

    async def debrief_viewed(self, session: Session, view: View, trainer: Trainer, now: datetime) -> None:
        """Of a session that has ended; whoever watches one that runs is seen there."""
        if session.over(now) is not None:
            await self._store.add_entry(entry_of_view(session, view, trainer, uuid4(), now))

    async def school_exported(self, admin: Trainer, now: datetime) -> None:
        """As `session_exported`."""
        subject = Subject("school", admin.school_id)
        await self._store.add_entry(AuditEntry(uuid4(), admin.school_id, now, author_of(admin), "exported", subject))
