"""Templates: the reusable starting point of a session, with the steps of its case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from server.domain.limits import Limits, limits_as_json, limits_from_json, read_limits
from server.domain.outcomes import FieldError, InvalidFields
from server.domain.patches import read_patch, read_stored_patch
from server.domain.text import DESCRIPTION_LIMIT, NOTE_LIMIT, TITLE_LIMIT, line_error, one_line, text_error
from server.domain.vitals import START_VALUES, VitalsPatch, fold

STEPS_LIMIT = 100
CHECKLIST_LIMIT = 100
CHECKLIST_TEXT_LIMIT = 200
AT_SECONDS_LIMIT = 24 * 3600

# Any moment will do where only the merged targets are looked at.
_SOME_MOMENT = datetime.fromisoformat("2000-01-01T00:00:00+00:00")


@dataclass(frozen=True, slots=True)
class Step:
    """One click of the trainer's: what changes, and when in the case it is meant to (seconds from its start)."""

    title: str
    patch: VitalsPatch
    at_seconds: int | None = None
    note: str | None = None

    def as_json(self) -> dict[str, object]:
        return {
            "title": self.title,
            "at_seconds": self.at_seconds,
            "ramp_seconds": self.patch.ramp_seconds,
            "vitals": dict(self.patch.signs),
            "rhythm": self.patch.rhythm,
            "flags": dict(self.patch.flags),
            "note": self.note,
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, object]) -> Step:
        return cls(
            title=cast(str, raw["title"]),
            patch=read_stored_patch(raw),
            at_seconds=cast(int | None, raw.get("at_seconds")),
            note=cast(str | None, raw.get("note")),
        )


@dataclass(frozen=True, slots=True)
class TemplateContent:
    """What a trainer edits; `start` is the patient as the session opens."""

    title: str
    description: str
    start: VitalsPatch
    steps: tuple[Step, ...]
    limits: Limits
    checklist: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        return {
            "title": self.title,
            "description": self.description,
            "vitals": dict(self.start.signs),
            "rhythm": self.start.rhythm,
            "flags": dict(self.start.flags),
            "steps": [step.as_json() for step in self.steps],
            "limits": limits_as_json(self.limits),
            "checklist": list(self.checklist),
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, object]) -> TemplateContent:
        """Read back what `as_json` wrote; it was validated then."""
        return cls(
            title=cast(str, raw["title"]),
            description=cast(str, raw["description"]),
            start=read_stored_patch({key: raw[key] for key in ("vitals", "rhythm", "flags")}),
            steps=tuple(Step.from_json(step) for step in cast(list[Mapping[str, object]], raw["steps"])),
            limits=limits_from_json(cast(Mapping[str, object], raw["limits"])),
            checklist=tuple(cast(list[str], raw["checklist"])),
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


@dataclass(frozen=True, slots=True)
class StepDraft:
    """A step as a client sent it: shaped, not yet judged."""

    title: str
    vitals: object = None
    rhythm: object = None
    flags: object = None
    ramp_seconds: object = None
    at_seconds: int | None = None
    note: str | None = None

    @classmethod
    def of(cls, step: Step) -> StepDraft:
        return cls(
            title=step.title,
            vitals=dict(step.patch.signs),
            rhythm=step.patch.rhythm,
            flags=dict(step.patch.flags),
            ramp_seconds=step.patch.ramp_seconds,
            at_seconds=step.at_seconds,
            note=step.note,
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
    checklist: Sequence[str] = ()

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
            checklist=content.checklist,
        )


def judge_template(draft: TemplateDraft) -> TemplateContent | InvalidFields:
    """Every field that is wrong is named, and so is the first step after which the case cannot be."""
    errors: list[FieldError] = []
    _note_error(errors, line_error("title", draft.title, TITLE_LIMIT))
    _note_error(errors, text_error("description", draft.description, DESCRIPTION_LIMIT, required=False))
    start = _read_part(errors, read_patch(draft.vitals, draft.rhythm, draft.flags))
    steps = _read_steps(draft.steps, errors)
    limits = read_limits(draft.limits or {}, errors)
    if len(draft.checklist) > CHECKLIST_LIMIT:
        errors.append(FieldError("checklist", f"may hold at most {CHECKLIST_LIMIT} entries"))
    for place, entry in enumerate(draft.checklist[:CHECKLIST_LIMIT]):
        _note_error(errors, line_error(f"checklist.{place}", entry, CHECKLIST_TEXT_LIMIT))
    if not errors:
        _play_through(start, steps, errors)
    if errors:
        return InvalidFields(tuple(errors))
    return TemplateContent(
        title=one_line(draft.title),
        description=draft.description.strip(),
        start=start,
        steps=steps,
        limits=limits,
        checklist=tuple(one_line(entry) for entry in draft.checklist),
    )


def _read_steps(drafts: Sequence[StepDraft], errors: list[FieldError]) -> tuple[Step, ...]:
    if len(drafts) > STEPS_LIMIT:
        errors.append(FieldError("steps", f"may hold at most {STEPS_LIMIT} steps"))
        return ()
    steps: list[Step] = []
    for place, draft in enumerate(drafts):
        prefix = f"steps.{place}."
        _note_error(errors, line_error(f"{prefix}title", draft.title, TITLE_LIMIT))
        if draft.note is not None:
            _note_error(errors, text_error(f"{prefix}note", draft.note, NOTE_LIMIT))
        if draft.at_seconds is not None and not 0 <= draft.at_seconds <= AT_SECONDS_LIMIT:
            errors.append(FieldError(f"{prefix}at_seconds", f"must be from 0 to {AT_SECONDS_LIMIT}"))
        patch = _read_part(
            errors, read_patch(draft.vitals, draft.rhythm, draft.flags, draft.ramp_seconds, prefix=prefix)
        )
        steps.append(Step(one_line(draft.title), patch, draft.at_seconds, draft.note))
    return tuple(steps)


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


def _read_part(errors: list[FieldError], read: VitalsPatch | InvalidFields) -> VitalsPatch:
    if isinstance(read, InvalidFields):
        errors.extend(read.errors)
        return VitalsPatch()
    return read


def _note_error(errors: list[FieldError], error: FieldError | None) -> None:
    if error is not None:
        errors.append(error)
