"""The audit of each school, in memory."""

from __future__ import annotations

import asyncio
from operator import attrgetter
from uuid import UUID

from server.domain.audit import EVERYTHING, AuditEntry, AuditFilter
from server.ports.results import Cursor, Page
from server.storage.memory.tables import Tables, page_of


class MemoryAudit:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def add_entry(self, entry: AuditEntry) -> None:
        await asyncio.sleep(0)
        entries = self._tables.logs[entry.school_id].audit
        if all(each.id != entry.id for each in entries):
            entries.append(entry)

    async def list_entries(
        self, school_id: UUID, limit: int, after: Cursor | None, wanted: AuditFilter = EVERYTHING
    ) -> Page[AuditEntry]:
        await asyncio.sleep(0)
        entries = filter(wanted.lets_through, self._tables.logs[school_id].audit)
        return page_of(entries, limit, after, newest_first=True, moment=attrgetter("at"))
