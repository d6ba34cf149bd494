"""Templates in PostgreSQL."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, cast
from uuid import UUID

import asyncpg

from server.domain.outcomes import Conflict, NotFound, VersionMismatch
from server.domain.template import Template, TemplateContent
from server.ports.results import Added, AlreadyThere, Cursor, Page
from server.storage.postgres.database import Database, next_sync_version
from server.storage.postgres.rows import page_of, template_from

if TYPE_CHECKING:
    from server.storage.postgres.database import Connection

_NO_TEMPLATE = NotFound("There is no such template.")


class PostgresTemplates:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add_template(self, template: Template) -> Added[Template] | AlreadyThere[Template] | Conflict:
        try:
            async with self._database.transaction() as connection:
                version = await next_sync_version(connection, template.school_id, template.updated_at)
                await connection.execute(
                    """
                    INSERT INTO session_templates
                        (id, school_id, content, created_at, updated_at, version, sync_version)
                    VALUES ($1, $2, $3, $4, $5, $6, $7)
                    """,
                    template.id,
                    template.school_id,
                    template.content.as_json(),
                    template.created_at,
                    template.updated_at,
                    template.version,
                    version,
                )
        except asyncpg.UniqueViolationError:
            known = await self.find_template(template.school_id, template.id)
            if known is None:
                return Conflict("This id is taken; make a new one (a random UUID).")
            return AlreadyThere(known)
        return Added(template)

    async def find_template(self, school_id: UUID, template_id: UUID) -> Template | None:
        row = await self._database.fetchrow(
            "SELECT * FROM session_templates WHERE id = $1 AND school_id = $2", template_id, school_id
        )
        return None if row is None else template_from(row)

    async def list_templates(self, school_id: UUID, limit: int, after: Cursor | None) -> Page[Template]:
        rows = await self._database.fetch(
            """
            SELECT * FROM session_templates
            WHERE school_id = $1 AND deleted_at IS NULL
              AND ($2::timestamptz IS NULL OR (created_at, id) > ($2, $3))
            ORDER BY created_at, id LIMIT $4
            """,
            school_id,
            after.created_at if after else None,
            after.id if after else None,
            limit + 1,
        )
        return page_of(rows, limit, template_from)

    async def change_template(
        self,
        school_id: UUID,
        template_id: UUID,
        content: TemplateContent,
        expected_version: int | None,
        now: datetime,
    ) -> Template | NotFound | VersionMismatch:
        async with self._database.transaction() as connection:
            version = await next_sync_version(connection, school_id, now)
            template = await _lock_template(connection, school_id, template_id)
            if template is None or template.deleted_at is not None:
                return _NO_TEMPLATE
            if expected_version is not None and expected_version != template.version:
                return VersionMismatch(template.version)
            row = await connection.fetchrow(
                """
                UPDATE session_templates
                SET content = $2, updated_at = $3, version = version + 1, sync_version = $4, last_client = NULL
                WHERE id = $1 RETURNING *
                """,
                template_id,
                content.as_json(),
                now,
                version,
            )
            return template_from(cast(asyncpg.Record, row))

    async def delete_template(self, school_id: UUID, template_id: UUID, now: datetime) -> Template | NotFound:
        async with self._database.transaction() as connection:
            version = await next_sync_version(connection, school_id, now)
            template = await _lock_template(connection, school_id, template_id)
            if template is None:
                return _NO_TEMPLATE
            if template.deleted_at is not None:
                return template
            row = await connection.fetchrow(
                """
                UPDATE session_templates
                SET deleted_at = $2, updated_at = $2, version = version + 1, sync_version = $3, last_client = NULL
                WHERE id = $1 RETURNING *
                """,
                template_id,
                now,
                version,
            )
            return template_from(cast(asyncpg.Record, row))


async def _lock_template(connection: Connection, school_id: UUID, template_id: UUID) -> Template | None:
    row = await connection.fetchrow(
        "SELECT * FROM session_templates WHERE id = $1 AND school_id = $2 FOR NO KEY UPDATE",
        template_id,
        school_id,
    )
    return None if row is None else template_from(row)
