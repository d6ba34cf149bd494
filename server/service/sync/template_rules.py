"""What is special to templates that devices edit."""

from __future__ import annotations

from dataclasses import replace

from server.domain.devices import Entity
from server.domain.judging import Merged, Rejected, Row
from server.domain.outcomes import FieldError, InvalidFields
from server.domain.permissions import judge_school_action
from server.domain.template import (
    TEMPLATE_FIELDS,
    Template,
    TemplateContent,
    case_errors,
    judge_template_removal,
    laid_over,
)
from server.service.sync.events import NEEDED_OF_NEW, DeviceEdit, TemplateValues
from server.service.sync.school_state import FORBIDDEN, REQUIRED, SchoolState


class TemplateRules:
    fields: frozenset[str] = TEMPLATE_FIELDS

    def permit(self, event: DeviceEdit, row: Row[Entity] | None, school: SchoolState) -> Rejected | None:
        return FORBIDDEN if judge_school_action(school.actor, "edit_templates") else None

    def merge(self, event: DeviceEdit, row: Row[Entity] | None, school: SchoolState) -> Merged[Entity] | InvalidFields:
        there = row.entity if row is not None else None
        assert there is None or isinstance(there, Template)  # noqa: S101 - rows are kept by their type
        if event.edit.operation == "DELETE":
            removed = judge_template_removal(there, None, school.now)
            assert isinstance(removed, Template)  # noqa: S101 - what is gone already is not merged
            return Merged(removed, is_same=False)
        assert isinstance(event.values, TemplateValues)  # noqa: S101 - events are read by their type
        missing = [name for name in NEEDED_OF_NEW["TEMPLATE"] if name not in event.edit.named]
        if there is None and missing:
            return InvalidFields(tuple(FieldError(name, REQUIRED) for name in missing))
        below = there.content if there is not None else event.values.content
        content = laid_over(below, event.values.content, event.edit.written)
        is_alive = there is not None and there.deleted_at is None
        if there is not None and content == there.content and is_alive:
            return Merged(there, is_same=True)
        if errors := case_errors(content):
            return InvalidFields(errors)
        return Merged(_template(event, there, content, school), is_same=False)


def _template(event: DeviceEdit, there: Template | None, content: TemplateContent, school: SchoolState) -> Template:
    now = school.now
    if there is None:
        return Template(event.entity_id, school.actor.school_id, content, created_at=now, updated_at=now)
    return replace(there, content=content, updated_at=now, deleted_at=None, version=there.version + 1)
