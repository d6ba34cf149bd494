"""What people wrote of a session beside its record, from wherever each of it is kept."""

from __future__ import annotations

from uuid import UUID

from server.domain.free_texts import WrittenBeside
from server.ports.storage import Storage


async def written_beside(storage: Storage, session_id: UUID) -> WrittenBeside:
    return WrittenBeside(
        await storage.scores.list_sheets(session_id),
        await storage.reflections.list_reflections(session_id),
        await storage.moments.moment_edits(session_id),
    )
