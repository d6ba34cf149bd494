"""Templates in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import datetime
from uuid import UUID, uuid4

from server.domain.audit import AuditEntry, entry_of_edit
from server.domain.events import Author
from server.domain.outcomes import Conflict, NotFound, Unchanged, VersionMismatch
from server.domain.template import (
    Template,
    TemplateContent,
    changed_template_fields,
    judge_new_template,
    judge_template_change,
    judge_template_removal,
)
from server.ports.results import Added, AlreadyThere, Cursor, Page
from server.storage.memory.tables import Tables, page_of


class MemoryTemplates:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def add_template(self, template: Template, by: Author) -> Added[Template] | AlreadyThere[Template] | Conflict:
        await asyncio.sleep(0)
        known = self._tables.templates.get(template.id)
        outcome = judge_new_template(template, known)
        if not isinstance(outcome, Template):
            return outcome
        if known is not None:
            return AlreadyThere(known)
        self._write(template, entry_of_edit(uuid4(), "added", template, by))
        return Added(template)

    async def find_template(self, school_id: UUID, template_id: UUID) -> Template | None:
        await asyncio.sleep(0)
        return self._find(school_id, template_id)

    async def list_templates(self, school_id: UUID, limit: int, after: Cursor | None) -> Page[Template]:
        await asyncio.sleep(0)
        rows = [
            template
            for template in self._tables.templates.values()
            if template.school_id == school_id and template.deleted_at is None
        ]
        return page_of(rows, limit, after)

    async def change_template(
        self,
        school_id: UUID,
        template_id: UUID,
        content: TemplateContent,
        expected_version: int | None,
        by: Author,
        now: datetime,
    ) -> Template | Unchanged[Template] | NotFound | VersionMismatch:
        await asyncio.sleep(0)
        template = self._find(school_id, template_id)
        changed = judge_template_change(template, content, expected_version, now)
        if template is None or not isinstance(changed, Template):
            return changed
        fields = changed_template_fields(template.content, changed.content)
        self._write(changed, entry_of_edit(uuid4(), "changed", changed, by, fields), fields)
        return changed

    async def delete_template(
        self, school_id: UUID, template_id: UUID, expected_version: int | None, by: Author, now: datetime
    ) -> Template | Unchanged[Template] | NotFound | VersionMismatch:
        await asyncio.sleep(0)
        deleted = judge_template_removal(self._find(school_id, template_id), expected_version, now)
        if isinstance(deleted, Template):
            self._write(deleted, entry_of_edit(uuid4(), "deleted", deleted, by))
        return deleted

    def _find(self, school_id: UUID, template_id: UUID) -> Template | None:
        template = self._tables.templates.get(template_id)
        return template if template is not None and template.school_id == school_id else None

    def _write(self, template: Template, entry: AuditEntry, fields: Collection[str] | None = None) -> None:
        self._tables.templates[template.id] = template
        self._tables.logs[template.school_id].edited(entry, fields)
