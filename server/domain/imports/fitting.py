"""The one place in which what any file holds is brought into our ranges; it tells each change.

What an importer makes of a file is a template as a client would write it (`RawCase`), with numbers that may be texts
or out of range, and texts of any length. Whatever cannot be fitted is left out, by its name.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace
from typing import cast

from server.domain.case import (
    AT_SECONDS_LIMIT,
    CHECKLIST_LIMIT,
    CHECKLIST_TEXT_LIMIT,
    ITEM_STEM,
    STEP_STEM,
    STEPS_LIMIT,
    TARGETS_LIMIT,
    Step,
    made_keys,
)
from server.domain.case_reading import StepDraft, read_steps
from server.domain.imports.fitting_signs import fit_flags, fit_pressures, fit_rhythm, fit_signs
from server.domain.imports.fitting_ways import calm_rounds, fit_ways
from server.domain.imports.keys import fit_key, without_repeats
from server.domain.imports.numbers import fit_number
from server.domain.imports.report import Report, plain
from server.domain.imports.shapes import list_of, object_of, tell_unknown
from server.domain.imports.texts import fit_line, fit_text
from server.domain.limits import LIMIT_NAMES
from server.domain.outcomes import FieldError, InvalidFields
from server.domain.template import (
    DURATION_MINUTES_LIMIT,
    LANGUAGE_PATTERN,
    TEMPLATE_FIELDS,
    TemplateContent,
    TemplateDraft,
    case_errors,
    judge_template,
)
from server.domain.text import DESCRIPTION_LIMIT, NOTE_LIMIT, TITLE_LIMIT
from server.domain.transition_reading import note_transition_errors, read_transitions
from server.domain.vitals import RAMP_SECONDS_LIMIT, SIGNS, SignName

RawCase = Mapping[str, object]

UNTITLED = "Imported case"
_UNTITLED_STEP = "Step"
_STEP_FIELDS = ("key", "title", "note", "vitals", "rhythm", "flags", "ramp_seconds", "at_seconds", "transitions")
_ITEM_FIELDS = ("key", "text", "critical", "marker", "target_seconds", "from")
_TARGET_FIELDS = ("marker", "from", "seconds")


def fit_case(raw: RawCase, report: Report) -> Generator[None, None, TemplateContent | InvalidFields]:
    """In pieces. Paths in the report are those of the template."""
    tell_unknown(raw, tuple(TEMPLATE_FIELDS), "", report)
    start = StepDraft(
        title="",
        vitals=fit_signs(raw.get("vitals"), "vitals", report),
        rhythm=fit_rhythm(raw.get("rhythm"), "rhythm", report),
        flags=fit_flags(raw.get("flags"), "flags", report),
    )
    steps = yield from _fit_steps(raw.get("steps"), report)
    yield from calm_rounds(steps, report)
    start, *played = fit_pressures([start, *steps], report)
    yield
    checklist = yield from _fit_checklist(raw.get("checklist"), report)
    yield
    duration = fit_number(raw.get("duration_minutes"), 1, DURATION_MINUTES_LIMIT, 0, "duration_minutes", report)
    percent = fit_number(raw.get("pass_percent"), 1, 100, 0, "pass_percent", report)
    draft = TemplateDraft(
        title=_titled(raw.get("title"), "title", UNTITLED, report),
        description=fit_text(raw.get("description"), DESCRIPTION_LIMIT, "description", report),
        public_title=fit_line(raw.get("public_title"), TITLE_LIMIT, "public_title", report),
        vitals=start.vitals,
        rhythm=start.rhythm,
        flags=start.flags,
        limits=_fit_limits(raw.get("limits"), report),
        checklist=checklist,
        targets=_fit_targets(raw.get("targets"), report),
        duration_minutes=cast("int | None", duration),
        pass_percent=cast("int | None", percent),
        language=_fit_language(raw.get("language"), report),
    )
    yield
    return (yield from _judge(draft, played))


def _judge(draft: TemplateDraft, steps: Sequence[StepDraft]) -> Generator[None, None, TemplateContent | InvalidFields]:
    """As `judge_template`, which takes all steps in one go."""
    content = judge_template(draft)
    if isinstance(content, InvalidFields):
        return content
    errors: list[FieldError] = []
    read: list[Step] = []
    for place, step in enumerate(steps):
        bare = read_steps([replace(step, transitions=None)], errors)
        ways = read_transitions(step.transitions, f"steps.{place}.transitions", errors)
        read += [replace(each, transitions=ways) for each in bare]
        yield
    note_transition_errors([(step.key, step.transitions) for step in read], "steps", errors)
    yield
    whole = replace(content, steps=tuple(read))
    errors += case_errors(whole)
    return InvalidFields(tuple(errors)) if errors else whole


def _fit_steps(raw: object, report: Report) -> Generator[None, None, list[StepDraft]]:
    listed = [
        object_of(each, f"steps.{place}", report)
        for place, each in enumerate(list_of(raw, STEPS_LIMIT, "steps", report))
    ]
    given = [fit_key(step.get("key"), STEP_STEM, f"steps.{place}.key", report) for place, step in enumerate(listed)]
    keys = made_keys(without_repeats(given), STEP_STEM)
    # Of two steps that the file calls the same, ways lead to the first.
    by_name: dict[object, str] = {}
    for key, step in zip(keys, listed, strict=True):
        name = step.get("key")
        if isinstance(name, str | int):
            by_name.setdefault(name, key)
        by_name.setdefault(key, key)
    steps: list[StepDraft] = []
    for place, (key, step) in enumerate(zip(keys, listed, strict=True)):
        where = f"steps.{place}"
        ways = fit_ways(step.get("transitions"), by_name, f"{where}.transitions", report)
        steps.append(_fit_step(step, key, place, ways, report))
        yield
    return steps


def _fit_step(step: RawCase, key: str, place: int, ways: Sequence[object], report: Report) -> StepDraft:
    where = f"steps.{place}"
    tell_unknown(step, _STEP_FIELDS, where, report)
    note = fit_text(step.get("note"), NOTE_LIMIT, f"{where}.note", report)
    seconds = fit_number(step.get("at_seconds"), 0, AT_SECONDS_LIMIT, 0, f"{where}.at_seconds", report)
    return StepDraft(
        title=_titled(step.get("title"), f"{where}.title", f"{_UNTITLED_STEP} {place + 1}", report),
        vitals=fit_signs(step.get("vitals"), f"{where}.vitals", report),
        rhythm=fit_rhythm(step.get("rhythm"), f"{where}.rhythm", report),
        flags=fit_flags(step.get("flags"), f"{where}.flags", report),
        ramp_seconds=fit_number(step.get("ramp_seconds"), 0, RAMP_SECONDS_LIMIT, 3, f"{where}.ramp_seconds", report),
        at_seconds=cast("int | None", seconds),
        note=note or None,
        key=key,
        transitions=ways,
    )


def _fit_limits(raw: object, report: Report) -> dict[str, Mapping[str, object]]:
    """Only those that can stand; the others are the adult ones."""
    fitted: dict[str, Mapping[str, object]] = {}
    sides = object_of(raw, "limits", report)
    tell_unknown(sides, LIMIT_NAMES, "limits", report)
    for name in LIMIT_NAMES:
        if name not in sides:
            continue
        where = f"limits.{name}"
        sign = SIGNS[cast(SignName, "systolic" if name == "mean" else name)]
        pair = object_of(sides[name], where, report)
        low, high = (
            fit_number(pair.get(side), sign.minimum, sign.maximum, sign.decimals, f"{where}.{side}", report)
            for side in ("low", "high")
        )
        if low is not None and high is not None and low >= high:
            report.add("not_understood", where, name=f"{low}–{high}")
            continue
        fitted[name] = {"low": low, "high": high}
    return fitted


def _fit_checklist(raw: object, report: Report) -> Generator[None, None, list[object]]:
    listed = [
        {"text": each} if isinstance(each, str) else object_of(each, f"checklist.{place}", report)
        for place, each in enumerate(list_of(raw, CHECKLIST_LIMIT, "checklist", report))
    ]
    given = [fit_key(item.get("key"), ITEM_STEM, f"checklist.{place}.key", report) for place, item in enumerate(listed)]
    keys = made_keys(without_repeats(given), ITEM_STEM)
    items: list[object] = []
    for place, (key, item) in enumerate(zip(keys, listed, strict=True)):
        yield
        where = f"checklist.{place}"
        tell_unknown(item, _ITEM_FIELDS, where, report)
        text = fit_line(item.get("text"), CHECKLIST_TEXT_LIMIT, f"{where}.text", report)
        if not text:
            report.add("not_understood", where, name=key)
            continue
        items.append(
            {
                "key": key,
                "text": text,
                "critical": item.get("critical") is True,
                "marker": fit_key(item.get("marker"), "marker", f"{where}.marker", report),
                "target_seconds": _fit_seconds(item.get("target_seconds"), f"{where}.target_seconds", report),
                "from": fit_key(item.get("from"), "start", f"{where}.from", report),
            }
        )
    return items


def _fit_targets(raw: object, report: Report) -> list[object]:
    targets: list[object] = []
    for place, each in enumerate(list_of(raw, TARGETS_LIMIT, "targets", report)):
        where = f"targets.{place}"
        item = object_of(each, where, report)
        tell_unknown(item, _TARGET_FIELDS, where, report)
        marker = fit_key(item.get("marker"), "marker", f"{where}.marker", report)
        seconds = _fit_seconds(item.get("seconds"), f"{where}.seconds", report)
        if marker is None or seconds is None:
            report.add("not_understood", where, name=plain(item.get("marker", "")))
            continue
        since = fit_key(item.get("from"), "start", f"{where}.from", report)
        targets.append({"marker": marker, "seconds": seconds, "from": since})
    return targets


def _fit_seconds(raw: object, where: str, report: Report) -> object:
    return fit_number(raw, 1, AT_SECONDS_LIMIT, 0, where, report)


def _fit_language(raw: object, report: Report) -> str | None:
    if raw is None or raw == "":
        return None
    if isinstance(raw, str) and re.fullmatch(LANGUAGE_PATTERN, raw):
        return raw
    report.add("not_understood", "language", name=plain(raw))
    return None


def _titled(raw: object, where: str, instead: str, report: Report) -> str:
    title = fit_line(raw, TITLE_LIMIT, where, report)
    if title:
        return title
    report.add("title_made", where, to=instead)
    return instead
