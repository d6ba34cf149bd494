"""The steps, the checklist and the targets of a case, as a client sent them: judged, every wrong field named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from server.domain.case import (
    AT_SECONDS_LIMIT,
    CASE_START,
    CHECKLIST_LIMIT,
    CHECKLIST_TEXT_LIMIT,
    ITEM_STEM,
    STEP_STEM,
    STEPS_LIMIT,
    TARGETS_LIMIT,
    ChecklistItem,
    Step,
    Target,
    made_keys,
)
from server.domain.outcomes import ERRORS_TOLD, FieldError, InvalidFields
from server.domain.patches import read_patch
from server.domain.text import KEY_RULE, NOTE_LIMIT, TITLE_LIMIT, is_key, line_error, one_line, shown, text_error
from server.domain.transition_reading import note_transition_errors, read_transitions
from server.domain.vitals import VitalsPatch

_ITEM_FIELDS = ("key", "text", "critical", "marker", "target_seconds", "from")
_TARGET_FIELDS = ("marker", "from", "seconds")
AT_SECONDS_RULE = f"must be from 0 to {AT_SECONDS_LIMIT}"


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
    key: str | None = None
    transitions: object = None

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
            key=step.key,
            transitions=[transition.as_json() for transition in step.transitions],
        )


def read_steps(drafts: Sequence[StepDraft], errors: list[FieldError]) -> tuple[Step, ...]:
    """Every wrong field goes into `errors`."""
    if len(drafts) > STEPS_LIMIT:
        errors.append(FieldError("steps", f"may hold at most {STEPS_LIMIT} steps"))
        return ()
    note_wrong_keys([draft.key for draft in drafts], "steps", errors)
    keys = made_keys([draft.key for draft in drafts], STEP_STEM)
    steps: list[Step] = []
    for place, (key, draft) in enumerate(zip(keys, drafts, strict=True)):
        prefix = f"steps.{place}."
        note_error(errors, line_error(f"{prefix}title", draft.title, TITLE_LIMIT))
        if draft.note is not None:
            note_error(errors, text_error(f"{prefix}note", draft.note, NOTE_LIMIT))
        if draft.at_seconds is not None and not 0 <= draft.at_seconds <= AT_SECONDS_LIMIT:
            errors.append(FieldError(f"{prefix}at_seconds", AT_SECONDS_RULE))
        patch = read_patch(draft.vitals, draft.rhythm, draft.flags, draft.ramp_seconds, prefix=prefix)
        if isinstance(patch, InvalidFields):
            errors.extend(patch.errors)
            patch = VitalsPatch()
        transitions = read_transitions(draft.transitions, f"{prefix}transitions", errors)
        steps.append(Step(key, one_line(draft.title), patch, draft.at_seconds, draft.note, transitions))
    note_transition_errors([(step.key, step.transitions) for step in steps], "steps", errors)
    return tuple(steps)


def read_checklist(raw: Sequence[object], errors: list[FieldError]) -> tuple[ChecklistItem, ...]:
    """Each item is an object of its fields, or a bare text."""
    if len(raw) > CHECKLIST_LIMIT:
        errors.append(FieldError("checklist", f"may hold at most {CHECKLIST_LIMIT} entries"))
        return ()
    wrong_before = len(errors)
    drafts = [_read_item(item, f"checklist.{place}", errors) for place, item in enumerate(raw)]
    given = [None if draft is None else draft.key or None for draft in drafts]
    note_wrong_keys(given, "checklist", errors)
    if len(errors) > wrong_before:
        return ()
    keys = made_keys(given, ITEM_STEM)
    return tuple(
        ChecklistItem(key, draft.text, draft.critical, draft.marker, draft.target_seconds, draft.since)
        for key, draft in zip(keys, drafts, strict=True)
        if draft is not None
    )


def read_targets(raw: Sequence[object], errors: list[FieldError]) -> tuple[Target, ...]:
    if len(raw) > TARGETS_LIMIT:
        errors.append(FieldError("targets", f"may hold at most {TARGETS_LIMIT} entries"))
        return ()
    targets: list[Target] = []
    for place, item in enumerate(raw):
        where = f"targets.{place}"
        fields = _fields_of(item, _TARGET_FIELDS, where, errors)
        if fields is None:
            continue
        marker = _read_key(fields.get("marker"), f"{where}.marker", errors, required=True)
        since = _read_key(fields.get("from"), f"{where}.from", errors)
        seconds = _read_seconds(fields.get("seconds"), f"{where}.seconds", errors, required=True)
        if marker is not None and seconds is not None:
            targets.append(Target(marker, seconds, since or CASE_START))
    return tuple(targets)


def note_error(errors: list[FieldError], error: FieldError | None) -> None:
    if error is not None:
        errors.append(error)


def _read_item(raw: object, where: str, errors: list[FieldError]) -> ChecklistItem | None:
    """With an empty key where none was sent."""
    if isinstance(raw, str):
        note_error(errors, line_error(where, raw, CHECKLIST_TEXT_LIMIT))
        return ChecklistItem("", one_line(raw))
    fields = _fields_of(raw, _ITEM_FIELDS, where, errors)
    if fields is None:
        return None
    text, critical = fields.get("text"), fields.get("critical", False)
    if not isinstance(text, str):
        errors.append(FieldError(f"{where}.text", "is required" if text is None else "must be a text"))
        text = ""
    else:
        note_error(errors, line_error(f"{where}.text", text, CHECKLIST_TEXT_LIMIT))
    if not isinstance(critical, bool):
        errors.append(FieldError(f"{where}.critical", "must be true or false"))
    return ChecklistItem(
        key=_read_text(fields.get("key"), f"{where}.key", errors) or "",
        text=one_line(text),
        critical=critical is True,
        marker=_read_key(fields.get("marker"), f"{where}.marker", errors),
        target_seconds=_read_seconds(fields.get("target_seconds"), f"{where}.target_seconds", errors),
        since=_read_key(fields.get("from"), f"{where}.from", errors),
    )


def _fields_of(raw: object, known: Sequence[str], where: str, errors: list[FieldError]) -> Mapping[str, object] | None:
    if not isinstance(raw, dict):
        errors.append(
            FieldError(where, "must be an object" if known == _TARGET_FIELDS else "must be a text or an object")
        )
        return None
    fields = cast(Mapping[str, object], raw)
    unknown: Iterator[str] = (name for name in fields if name not in known)
    for name, _ in zip(unknown, range(ERRORS_TOLD), strict=False):
        errors.append(FieldError(f"{where}.{shown(name)}", "is not a field of this"))
    return fields


def note_wrong_keys(keys: Sequence[str | None], part: str, errors: list[FieldError]) -> None:
    first: dict[str, int] = {}
    for place, key in enumerate(keys):
        if key is None:
            continue
        if not is_key(key):
            errors.append(FieldError(f"{part}.{place}.key", KEY_RULE))
        elif first.setdefault(key, place) != place:
            errors.append(FieldError(f"{part}.{place}.key", f"is the key of {part}.{first[key]} already"))


def _read_text(raw: object, where: str, errors: list[FieldError]) -> str | None:
    if raw is None or isinstance(raw, str):
        return raw
    errors.append(FieldError(where, "must be a text"))
    return None


def _read_key(raw: object, where: str, errors: list[FieldError], *, required: bool = False) -> str | None:
    if raw is None and not required:
        return None
    if not isinstance(raw, str) or not is_key(raw):
        errors.append(FieldError(where, "is required" if raw is None else KEY_RULE))
        return None
    return raw


def _read_seconds(raw: object, where: str, errors: list[FieldError], *, required: bool = False) -> int | None:
    if raw is None:
        if required:
            errors.append(FieldError(where, "is required"))
        return None
    if isinstance(raw, bool) or not isinstance(raw, int) or not 1 <= raw <= AT_SECONDS_LIMIT:
        errors.append(FieldError(where, f"must be a whole number of seconds from 1 to {AT_SECONDS_LIMIT}"))
        return None
    return raw
