"""The audit of each school in PostgreSQL."""

from __future__ import annotations

from uuid import UUID

import asyncpg

from server.domain.audit import EVERYTHING, AuditEntry, AuditFilter, Subject
from server.ports.results import Cursor, Page
from server.storage.postgres.database import Database
from server.storage.postgres.rows import author_from, page_of, plain_moment, plain_uuid
from server.storage.postgres.school_transaction import audit_values, insert_audit

_ADD = f"{insert_audit()} ON CONFLICT (id) DO NOTHING"


class PostgresAudit:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add_entry(self, entry: AuditEntry) -> None:
        await self._database.of(entry.school_id).execute(_ADD, *audit_values(entry))

    async def list_entries(
        self, school_id: UUID, limit: int, after: Cursor | None, wanted: AuditFilter = EVERYTHING
    ) -> Page[AuditEntry]:
        rows = await self._database.of(school_id).fetch(
            """
            SELECT *, at AS created_at FROM audit
            WHERE school_id = $1 AND ($2::timestamptz IS NULL OR (at, id) < ($2, $3))
              AND ($5::uuid IS NULL OR by_id = $5) AND ($6::text IS NULL OR subject_type = $6)
            ORDER BY at DESC, id DESC LIMIT $4
            """,
            school_id,
            after.created_at if after else None,
            after.id if after else None,
            limit + 1,
            wanted.by,
            wanted.about,
        )
        return page_of(rows, limit, entry_from)


def entry_from(row: asyncpg.Record) -> AuditEntry:
    return AuditEntry(
        id=plain_uuid(row["id"]),
        school_id=plain_uuid(row["school_id"]),
        at=plain_moment(row["at"]),
        by=author_from(row["by_id"], row["by_name"]),
        action=row["action"],
        subject=Subject(row["subject_type"], plain_uuid(row["subject_id"])),
        details=row["details"],
    )
