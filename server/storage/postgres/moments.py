"""Edits of moments in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from server.domain.debrief.moment_edits import MomentChange, MomentEdit, changed_edit
from server.storage.postgres.database import Database
from server.storage.postgres.rows import plain_moment, plain_uuid

if TYPE_CHECKING:
    import asyncpg


MOMENT_COLUMNS = ("id", "session_id", "school_id", "seq", "kind", "is_hidden", "title", "updated_at", "version")
_ADD = f"""
INSERT INTO moment_edits ({", ".join(MOMENT_COLUMNS)}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (id) DO NOTHING
"""  # noqa: S608 - only the constant list of columns is filled in
_WRITE = "UPDATE moment_edits SET is_hidden = $2, title = $3, updated_at = $4, version = $5 WHERE id = $1"


class PostgresMoments:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def moment_edits(self, session_id: UUID) -> Sequence[MomentEdit]:
        rows = await self._database.every_school.fetch(
            'SELECT * FROM moment_edits WHERE session_id = $1 ORDER BY seq, kind COLLATE "C"', session_id
        )
        return [moment_edit_from(row) for row in rows]

    async def change_moment(self, unedited: MomentEdit, change: MomentChange, now: datetime) -> MomentEdit:
        async with self._database.of(unedited.school_id).transaction() as connection:
            # Put there first, so that of two who change it at once the second waits for the first.
            await connection.execute(_ADD, *moment_edit_values(unedited))
            row = await connection.fetchrow("SELECT * FROM moment_edits WHERE id = $1 FOR NO KEY UPDATE", unedited.id)
            changed = changed_edit(unedited if row is None else moment_edit_from(row), change, now)
            values = (changed.id, changed.is_hidden, changed.title, changed.updated_at, changed.version)
            await connection.execute(_WRITE, *values)
            return changed


def moment_edit_values(edit: MomentEdit) -> tuple[object, ...]:
    return (
        edit.id,
        edit.session_id,
        edit.school_id,
        edit.seq,
        edit.kind,
        edit.is_hidden,
        edit.title,
        edit.updated_at,
        edit.version,
    )


def moment_edit_from(row: asyncpg.Record) -> MomentEdit:
    return MomentEdit(
        session_id=plain_uuid(row["session_id"]),
        school_id=plain_uuid(row["school_id"]),
        seq=row["seq"],
        kind=row["kind"],
        is_hidden=row["is_hidden"],
        title=row["title"],
        updated_at=plain_moment(row["updated_at"]),
        version=row["version"],
    )
