"""Edits of moments in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from server.domain.debrief.moment_edits import MomentChange, MomentEdit, changed_edit
from server.storage.memory.tables import Tables


class MemoryMoments:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def moment_edits(self, session_id: UUID) -> Sequence[MomentEdit]:
        await asyncio.sleep(0)
        found = [edit for edit in self._tables.moment_edits.values() if edit.session_id == session_id]
        return sorted(found, key=lambda edit: (edit.seq, edit.kind))

    async def change_moment(self, unedited: MomentEdit, change: MomentChange, now: datetime) -> MomentEdit:
        await asyncio.sleep(0)
        changed = changed_edit(self._tables.moment_edits.get(unedited.id, unedited), change, now)
        self._tables.moment_edits[changed.id] = changed
        return changed
