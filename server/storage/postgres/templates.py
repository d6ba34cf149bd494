"""Templates in PostgreSQL."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

import asyncpg

from server.domain.audit import entry_of_edit
from server.domain.events import Author
from server.domain.outcomes import Conflict, NotFound, Unchanged, VersionMismatch
from server.domain.sync import written_after, written_as_json, written_at_first
from server.domain.template import (
    Template,
    TemplateContent,
    changed_template_fields,
    judge_new_template,
    judge_template_change,
    judge_template_removal,
)
from server.ports.results import Added, AlreadyThere, Cursor, Page
from server.storage.postgres.database import Database
from server.storage.postgres.rows import page_of, template_from, written_from
from server.storage.postgres.school_transaction import SchoolChange, SchoolTransactions

_LOCK = "SELECT * FROM session_templates WHERE id = $1 AND school_id = $2 FOR NO KEY UPDATE"


class PostgresTemplates:
    def __init__(self, database: Database, schools: SchoolTransactions) -> None:
        self._database = database
        self._schools = schools

    async def add_template(self, template: Template, by: Author) -> Added[Template] | AlreadyThere[Template] | Conflict:
        async def add(school: SchoolChange) -> Added[Template]:
            await school.edit(
                entry_of_edit(uuid4(), "added", template, by),
                """
                INSERT INTO session_templates
                    (id, school_id, content, created_at, updated_at, version, sync_version, first_version, written)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8)
                """,
                template.id,
                template.school_id,
                template.content.as_json(),
                template.created_at,
                template.updated_at,
                template.version,
                school.write.version,
                written_as_json(written_at_first(school.write)),
            )
            return Added(template)

        try:
            return await self._schools.change(template.school_id, template.updated_at, add)
        except asyncpg.UniqueViolationError:
            row = await self._database.every_school.fetchrow(
                "SELECT * FROM session_templates WHERE id = $1", template.id
            )
            known = judge_new_template(template, None if row is None else template_from(row))
            return AlreadyThere(known) if isinstance(known, Template) else known

    async def find_template(self, school_id: UUID, template_id: UUID) -> Template | None:
        row = await self._database.of(school_id).fetchrow(
            "SELECT * FROM session_templates WHERE id = $1 AND school_id = $2", template_id, school_id
        )
        return None if row is None else template_from(row)

    async def list_templates(self, school_id: UUID, limit: int, after: Cursor | None) -> Page[Template]:
        rows = await self._database.of(school_id).fetch(
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
        by: Author,
        now: datetime,
    ) -> Template | Unchanged[Template] | NotFound | VersionMismatch:
        async def change(school: SchoolChange) -> Template | Unchanged[Template] | NotFound | VersionMismatch:
            row = await school.fetchrow(_LOCK, template_id, school_id)
            template = None if row is None else template_from(row)
            changed = judge_template_change(template, content, expected_version, now)
            if row is None or template is None or not isinstance(changed, Template):
                return changed
            fields = changed_template_fields(template.content, changed.content)
            await school.edit(
                entry_of_edit(uuid4(), "changed", changed, by, fields),
                """
                UPDATE session_templates
                SET content = $2, updated_at = $3, version = $4, sync_version = $5, written = $6
                WHERE id = $1
                """,
                template_id,
                changed.content.as_json(),
                changed.updated_at,
                changed.version,
                school.write.version,
                written_as_json(written_after(written_from(row), fields, school.write)),
            )
            return changed

        return await self._schools.change(school_id, now, change)

    async def delete_template(
        self, school_id: UUID, template_id: UUID, expected_version: int | None, by: Author, now: datetime
    ) -> Template | Unchanged[Template] | NotFound | VersionMismatch:
        async def delete(school: SchoolChange) -> Template | Unchanged[Template] | NotFound | VersionMismatch:
            row = await school.fetchrow(_LOCK, template_id, school_id)
            deleted = judge_template_removal(None if row is None else template_from(row), expected_version, now)
            if not isinstance(deleted, Template):
                return deleted
            await school.edit(
                entry_of_edit(uuid4(), "deleted", deleted, by),
                """
                UPDATE session_templates
                SET deleted_at = $2, updated_at = $3, version = $4, sync_version = $5, written = $6
                WHERE id = $1
                """,
                template_id,
                deleted.deleted_at,
                deleted.updated_at,
                deleted.version,
                school.write.version,
                written_as_json(written_at_first(school.write)),
            )
            return deleted

        return await self._schools.change(school_id, now, delete)
