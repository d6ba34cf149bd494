"""Where it is kept who did what. What edits something writes its entry itself, in the same transaction."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from server.domain.audit import EVERYTHING, AuditEntry, AuditFilter
from server.ports.results import Cursor, Page


class AuditStore(Protocol):
    async def add_entry(self, entry: AuditEntry) -> None:
        """For what changes nothing and is told all the same, such as an export. One that is there stays as it is."""
        ...

    async def list_entries(
        self, school_id: UUID, limit: int, after: Cursor | None, wanted: AuditFilter = EVERYTHING
    ) -> Page[AuditEntry]:
        """Newest first."""
        ...
