"""Templates: the reusable starting point of a session, with its case."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast
from uuid import UUID

from server.domain.case import Case, ChecklistItem, Step, Target, stored_checklist, stored_steps, stored_targets
from server.domain.case_reading import StepDraft, note_error, read_checklist, read_steps, read_targets
from server.domain.limits import Limits, limits_as_json, limits_from_json, read_limits
from server.domain.outcomes import (
    ID_TAKEN,
    Conflict,
    FieldError,
    InvalidFields,
    NotFound,
    Unchanged,
    VersionMismatch,
    version_mismatch,
)
from server.domain.patches import read_patch, read_stored_patch
from server.domain.text import DESCRIPTION_LIMIT, TITLE_LIMIT, line_error, one_line, text_error
from server.domain.vitals import START_VALUES, VitalsPatch, fold

DURATION_MINUTES_LIMIT = 30 * 24 * 60
LANGUAGE_PATTERN = "^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$"
DURATION_RULE = f"must be from 1 to {DURATION_MINUTES_LIMIT}"
PERCENT_RULE = "must be from 1 to 100"
LANGUAGE_RULE = 'must be a short tag such as "fr" or "en-GB"'

# What a template consists of, by the names that clients know.
TEMPLATE_FIELDS = frozenset(
    (
        "title",
        "public_title",
        "description",
        "duration_minutes",
        "pass_percent",
        "vitals",
        "rhythm",
        "flags",
        "steps",
        "limits",
        "checklist",
        "targets",
        "language",
    )
)

NO_TEMPLATE = NotFound("There is no such template.")

# Any moment will do where only the merged targets are looked at.
_SOME_MOMENT = datetime.fromisoformat("2000-01-01T00:00:00+00:00")


@dataclass(frozen=True, slots=True)
class TemplateContent:
    """What a trainer edits; `start` is the patient as the session opens, `public_title` what a trainee may read."""

    title: str
    description: str
    start: VitalsPatch
    steps: tuple[Step, ...]
    limits: Limits
    checklist: tuple[ChecklistItem, ...]
    public_title: str = ""
    duration_minutes: int | None = None
    targets: tuple[Target, ...] = ()
    language: str | None = None
    pass_percent: int | None = None

    def as_json(self) -> dict[str, object]:
        return {
            "title": self.title,
            "public_title": self.public_title,
            "description": self.description,
            "duration_minutes": self.duration_minutes,
            "pass_percent": self.pass_percent,
            "vitals": dict(self.start.signs),
            "rhythm": self.start.rhythm,
            "flags": dict(self.start.flags),
            "steps": [step.as_json() for step in self.steps],
            "limits": limits_as_json(self.limits),
            "checklist": [item.as_json() for item in self.checklist],
            "targets": [target.as_json() for target in self.targets],
            "language": self.language,
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, object]) -> TemplateContent:
        """Read back what `as_json` wrote; it was validated then, maybe when a template had fewer parts."""
        return cls(
            title=cast(str, raw["title"]),
            description=cast(str, raw["description"]),
            start=read_stored_patch({key: raw[key] for key in ("vitals", "rhythm", "flags")}),
            steps=stored_steps(raw["steps"]),
            limits=limits_from_json(cast(Mapping[str, object], raw["limits"])),
            checklist=stored_checklist(raw["checklist"]),
            public_title=cast(str, raw.get("public_title", "")),
            duration_minutes=cast(int | None, raw.get("duration_minutes")),
            targets=stored_targets(raw.get("targets", ())),
            language=cast(str | None, raw.get("language")),
            pass_percent=cast(int | None, raw.get("pass_percent")),
        )


@dataclass(frozen=True, slots=True)
class Template:
    id: UUID
    school_id: UUID
    content: TemplateContent
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None = None
    version: int = 1

    def case(self) -> Case:
        """The copy that a session takes."""
        content = self.content
        return Case(
            self.id,
            self.version,
            content.description,
            content.steps,
            content.checklist,
            content.targets,
            content.pass_percent,
        )


@dataclass(frozen=True, slots=True)
class TemplateDraft:
    """A template as a client sent it: shaped, not yet judged."""

    title: str
    description: str = ""
    vitals: object = None
    rhythm: object = None
    flags: object = None
    steps: Sequence[StepDraft] = ()
    limits: Mapping[str, Mapping[str, object]] | None = None
    checklist: Sequence[object] = ()
    public_title: str = ""
    duration_minutes: int | None = None
    targets: Sequence[object] = ()
    language: str | None = None
    pass_percent: int | None = None

    @classmethod
    def of(cls, content: TemplateContent) -> TemplateDraft:
        """The draft that would make this content, to edit parts of it."""
        return cls(
            title=content.title,
            description=content.description,
            vitals=dict(content.start.signs),
            rhythm=content.start.rhythm,
            flags=dict(content.start.flags),
            steps=tuple(StepDraft.of(step) for step in content.steps),
            limits=limits_as_json(content.limits),
            checklist=tuple(item.as_json() for item in content.checklist),
            public_title=content.public_title,
            duration_minutes=content.duration_minutes,
            targets=tuple(target.as_json() for target in content.targets),
            language=content.language,
            pass_percent=content.pass_percent,
        )


def judge_new_template(template: Template, known: Template | None) -> Template | Conflict:
    """What stands under the new one's id from now on; `known` is what did so before, a tombstone too."""
    if known is None:
        return template
    return known if known.school_id == template.school_id else ID_TAKEN


def judge_template_change(
    template: Template | None, content: TemplateContent, expected_version: int | None, now: datetime
) -> Template | Unchanged[Template] | NotFound | VersionMismatch:
    if template is None or template.deleted_at is not None:
        return NO_TEMPLATE
    if mismatch := version_mismatch(expected_version, template.version):
        return mismatch
    if content == template.content:
        return Unchanged(template)
    return replace(template, content=content, updated_at=now, version=template.version + 1)


def judge_template_removal(
    template: Template | None, expected_version: int | None, now: datetime
) -> Template | Unchanged[Template] | NotFound | VersionMismatch:
    """The tombstone. What is deleted already stays the tombstone that it is, whatever version was expected."""
    if template is None:
        return NO_TEMPLATE
    if template.deleted_at is not None:
        return Unchanged(template)
    if mismatch := version_mismatch(expected_version, template.version):
        return mismatch
    return replace(template, deleted_at=now, updated_at=now, version=template.version + 1)


def changed_template_fields(before: TemplateContent, after: TemplateContent) -> tuple[str, ...]:
    old = before.as_json()
    return tuple(name for name, value in after.as_json().items() if value != old[name])


def judge_template(draft: TemplateDraft) -> TemplateContent | InvalidFields:
    """Every field that is wrong is named, and so is the first step after which the case cannot be."""
    content = read_content(draft)
    if isinstance(content, InvalidFields):
        return content
    errors = case_errors(content)
    return InvalidFields(errors) if errors else content


def case_errors(content: TemplateContent) -> tuple[FieldError, ...]:
    """The first step after which the case cannot be, if there is one."""
    errors: list[FieldError] = []
    _play_through(content.start, content.steps, errors)
    return tuple(errors)


def laid_over(below: TemplateContent, above: TemplateContent, names: Collection[str]) -> TemplateContent:
    """The fields of these names from `above`, the others from `below`."""
    own = {name: getattr(above, name) for name in names if name not in ("vitals", "rhythm", "flags")}
    start = VitalsPatch(
        signs=(above if "vitals" in names else below).start.signs,
        rhythm=(above if "rhythm" in names else below).start.rhythm,
        flags=(above if "flags" in names else below).start.flags,
    )
    return replace(below, start=start, **own)


def read_content(draft: TemplateDraft) -> TemplateContent | InvalidFields:
    """Each field judged by itself; whether the case can be played is `case_errors`."""
    errors: list[FieldError] = []
    note_error(errors, line_error("title", draft.title, TITLE_LIMIT))
    note_error(errors, line_error("public_title", draft.public_title, TITLE_LIMIT, required=False))
    note_error(errors, text_error("description", draft.description, DESCRIPTION_LIMIT, required=False))
    note_error(errors, _duration_error(draft.duration_minutes))
    note_error(errors, _language_error(draft.language))
    note_error(errors, pass_percent_error(draft.pass_percent))
    start = read_patch(draft.vitals, draft.rhythm, draft.flags)
    if isinstance(start, InvalidFields):
        errors.extend(start.errors)
        start = VitalsPatch()
    steps = read_steps(draft.steps, errors)
    limits = read_limits(draft.limits or {}, errors)
    checklist = read_checklist(draft.checklist, errors)
    targets = read_targets(draft.targets, errors)
    if errors:
        return InvalidFields(tuple(errors))
    return TemplateContent(
        title=one_line(draft.title),
        description=draft.description.strip(),
        start=start,
        steps=steps,
        limits=limits,
        checklist=checklist,
        public_title=one_line(draft.public_title),
        duration_minutes=draft.duration_minutes,
        targets=targets,
        language=draft.language,
        pass_percent=draft.pass_percent,
    )


def _duration_error(minutes: int | None) -> FieldError | None:
    if minutes is None or 1 <= minutes <= DURATION_MINUTES_LIMIT:
        return None
    return FieldError("duration_minutes", DURATION_RULE)


def pass_percent_error(percent: int | None) -> FieldError | None:
    if percent is None or 1 <= percent <= 100:
        return None
    return FieldError("pass_percent", PERCENT_RULE)


def _language_error(tag: str | None) -> FieldError | None:
    if tag is None or re.fullmatch(LANGUAGE_PATTERN, tag):
        return None
    return FieldError("language", LANGUAGE_RULE)


def _play_through(start: VitalsPatch, steps: Sequence[Step], errors: list[FieldError]) -> None:
    """Steps may be clicked in any order, but at least their own order has to be possible."""
    last = START_VALUES
    for place, patch in enumerate((start, *(step.patch for step in steps))):
        folded = fold(last, patch, _SOME_MOMENT)
        if isinstance(folded, InvalidFields):
            prefix = "" if place == 0 else f"steps.{place - 1}."
            errors.extend(FieldError(prefix + error.field, error.message) for error in folded.errors)
            return
        last = folded
