"""Templates: every trainer of a school may use and edit them; observers read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from server.domain.audit import author_of
from server.domain.dry_run import DryRun, Tried, dry_moves, run_seconds
from server.domain.events import Author
from server.domain.imports.dispatch import ImportedCases, import_cases
from server.domain.outcomes import Conflict, Forbidden, InvalidFields, NotFound, Unchanged, VersionMismatch
from server.domain.people import Trainer
from server.domain.permissions import judge_school_action
from server.domain.template import NO_TEMPLATE, Template, TemplateDraft, judge_template
from server.ports.results import Added, AlreadyThere, Cursor, Page
from server.ports.slices import Slices, in_slices
from server.ports.templates import TemplateStore

# Each holds a file and what it was read into, and takes the time of one processor.
_IMPORTS_AT_ONCE = 2


class Templates:
    def __init__(self, store: TemplateStore) -> None:
        self._store = store
        self._imports = asyncio.Semaphore(_IMPORTS_AT_ONCE)

    async def list(self, trainer: Trainer, limit: int, after: Cursor | None) -> Page[Template]:
        return await self._store.list_templates(trainer.school_id, limit, after)

    async def find(self, trainer: Trainer, template_id: UUID) -> Template | NotFound:
        """A deleted one too, with its `deleted_at`: sessions that came from it still name it."""
        return await self._store.find_template(trainer.school_id, template_id) or NO_TEMPLATE

    async def add(
        self, trainer: Trainer, template_id: UUID | None, draft: TemplateDraft, now: datetime
    ) -> Added[Template] | AlreadyThere[Template] | Forbidden | Conflict | InvalidFields:
        if refusal := judge_school_action(trainer, "edit_templates"):
            return refusal
        return await self.add_to_school(trainer.school_id, template_id, draft, author_of(trainer), now)

    async def add_to_school(
        self, school_id: UUID, template_id: UUID | None, draft: TemplateDraft, by: Author, now: datetime
    ) -> Added[Template] | AlreadyThere[Template] | Conflict | InvalidFields:
        """Add one without asking who wants it: for the seeds."""
        content = judge_template(draft)
        if isinstance(content, InvalidFields):
            return content
        template = Template(template_id or uuid4(), school_id, content, created_at=now, updated_at=now)
        return await self._store.add_template(template, by)

    async def dry_run(self, draft: TemplateDraft, tried: Sequence[Tried]) -> DryRun | InvalidFields:
        """What the case would do by itself, if this were tried in it. Nothing is stored."""
        content = judge_template(draft)
        if isinstance(content, InvalidFields):
            return content
        slices, done = Slices(), DryRun()
        for so_far in dry_moves(content.start, content.steps, tried, run_seconds(content.duration_minutes)):
            done = so_far
            await slices.breathe()
        return done

    async def read_file(self, trainer: Trainer, body: bytes) -> ImportedCases | Forbidden:
        """The cases of a file, ours or another tool's, as drafts. Nothing is stored."""
        if refusal := judge_school_action(trainer, "edit_templates"):
            return refusal
        async with self._imports:
            return await in_slices(import_cases(body))

    async def change(
        self,
        trainer: Trainer,
        template_id: UUID,
        edit: Callable[[TemplateDraft], TemplateDraft],
        expected_version: int | None,
        now: datetime,
    ) -> Template | Forbidden | NotFound | VersionMismatch | InvalidFields:
        """Apply `edit` to the template as it is; what others changed meanwhile is edited, never undone."""
        if refusal := judge_school_action(trainer, "edit_templates"):
            return refusal
        while True:
            template = await self._store.find_template(trainer.school_id, template_id)
            if template is None or template.deleted_at is not None:
                return NO_TEMPLATE
            content = judge_template(edit(TemplateDraft.of(template.content)))
            if isinstance(content, InvalidFields):
                return content
            version = template.version if expected_version is None else expected_version
            outcome = await self._store.change_template(
                trainer.school_id, template_id, content, version, author_of(trainer), now
            )
            if isinstance(outcome, Unchanged):
                return outcome.item
            if not isinstance(outcome, VersionMismatch) or expected_version is not None:
                return outcome

    async def delete(
        self, trainer: Trainer, template_id: UUID, expected_version: int | None, now: datetime
    ) -> Template | Forbidden | NotFound | VersionMismatch:
        if refusal := judge_school_action(trainer, "edit_templates"):
            return refusal
        by = author_of(trainer)
        outcome = await self._store.delete_template(trainer.school_id, template_id, expected_version, by, now)
        return outcome.item if isinstance(outcome, Unchanged) else outcome
