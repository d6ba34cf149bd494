"""Where templates are kept."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol
from uuid import UUID

from server.domain.events import Author
from server.domain.outcomes import Conflict, NotFound, Unchanged, VersionMismatch
from server.domain.template import Template, TemplateContent
from server.ports.results import Added, AlreadyThere, Cursor, Page


class TemplateStore(Protocol):
    async def add_template(self, template: Template, by: Author) -> Added[Template] | AlreadyThere[Template] | Conflict:
        """`judge_new_template`, atomically."""
        ...

    async def find_template(self, school_id: UUID, template_id: UUID) -> Template | None:
        """Tombstones too: a session's template stays known."""
        ...

    async def list_templates(self, school_id: UUID, limit: int, after: Cursor | None) -> Page[Template]:
        """Oldest first, without the deleted."""
        ...

    async def change_template(
        self,
        school_id: UUID,
        template_id: UUID,
        content: TemplateContent,
        expected_version: int | None,
        by: Author,
        now: datetime,
    ) -> Template | Unchanged[Template] | NotFound | VersionMismatch:
        """`judge_template_change`, atomically."""
        ...

    async def delete_template(
        self, school_id: UUID, template_id: UUID, expected_version: int | None, by: Author, now: datetime
    ) -> Template | Unchanged[Template] | NotFound | VersionMismatch:
        """`judge_template_removal`, atomically."""
        ...
