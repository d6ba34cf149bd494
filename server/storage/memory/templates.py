"""Templates in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from server.domain.outcomes import (
    Conflict,
    NotFound,
    VersionMismatch,
)
from server.domain.template import Template, TemplateContent
from server.ports.results import Added, AlreadyThere, Cursor, Page
from server.storage.memory.tables import Tables, page_of, repeated


class MemoryTemplates:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def add_template(self, template: Template) -> Added[Template] | AlreadyThere[Template] | Conflict:
        known = self._tables.templates.get(template.id)
        if known is not None:
            return repeated(known, template.school_id)
        self._tables.templates[template.id] = template
        return Added(template)

    async def find_template(self, school_id: UUID, template_id: UUID) -> Template | None:
        template = self._tables.templates.get(template_id)
        return template if template is not None and template.school_id == school_id else None

    async def list_templates(self, school_id: UUID, limit: int, after: Cursor | None) -> Page[Template]:
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
        now: datetime,
    ) -> Template | NotFound | VersionMismatch:
        template = await self.find_template(school_id, template_id)
        if template is None or template.deleted_at is not None:
            return NotFound("There is no such template.")
        if expected_version is not None and expected_version != template.version:
            return VersionMismatch(template.version)
        changed = replace(template, content=content, updated_at=now, version=template.version + 1)
        self._tables.templates[template_id] = changed
        return changed

    async def delete_template(self, school_id: UUID, template_id: UUID, now: datetime) -> Template | NotFound:
        template = await self.find_template(school_id, template_id)
        if template is None:
            return NotFound("There is no such template.")
        if template.deleted_at is None:
            template = replace(template, deleted_at=now, updated_at=now, version=template.version + 1)
            self._tables.templates[template_id] = template
        return template
