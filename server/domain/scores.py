"""Scores: each evaluator's own sheet on what was done in a session, over the checklist that the session copied."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, cast
from uuid import UUID, uuid5

from server.domain.audit import author_of
from server.domain.case import Case, ChecklistItem
from server.domain.events import Author
from server.domain.outcomes import (
    ERRORS_TOLD,
    FieldError,
    Forbidden,
    InvalidFields,
    NotFound,
    VersionMismatch,
    version_mismatch,
)
from server.domain.people import Trainer
from server.domain.permissions import judge_action
from server.domain.session import Session
from server.domain.text import KEY_RULE, NOTE_LIMIT, is_key, shown, text_error
from server.domain.timestamps import read_timestamp, write_optional_timestamp

Score = Literal[0, 1, 2, "na"]
"""Not done, partly done, done; not applicable."""

FULL_SCORE = 2
NOT_APPLICABLE = "na"
ITEM_COMMENT_LIMIT = 1000
PASS_PERCENT = 70
"""Of a case that names none of its own."""

_ITEM_FIELDS = ("score", "at", "comment")


@dataclass(frozen=True, slots=True)
class ItemScore:
    """`at` is the moment at which it was done, or seen not to be."""

    score: Score
    at: datetime | None = None
    comment: str = ""

    def as_json(self) -> dict[str, object]:
        return {"score": self.score, "at": write_optional_timestamp(self.at), "comment": self.comment}


@dataclass(frozen=True, slots=True)
class ScoreSheet:
    """`items` by the keys of the checklist; what is not in it is not scored."""

    session_id: UUID
    school_id: UUID
    by: Author
    items: Mapping[str, ItemScore]
    comment: str
    created_at: datetime
    updated_at: datetime
    version: int = 1

    @property
    def id(self) -> UUID:
        """Of one evaluator there is one, in whichever storage."""
        return uuid5(self.session_id, f"sheet of {self.by.id}")


@dataclass(frozen=True, slots=True)
class ScoreDraft:
    """A sheet as its evaluator sent it: shaped, not yet judged."""

    items: Mapping[str, object]
    comment: str = ""


@dataclass(frozen=True, slots=True)
class SheetResult:
    """Both are None where nothing was to be scored."""

    percent: float | None
    is_passed: bool | None


@dataclass(frozen=True, slots=True)
class Scores:
    """What a debrief says of them: the sheets with their results, and the items that were scored apart."""

    sheets: Sequence[tuple[ScoreSheet, SheetResult]]
    differences: Sequence[str]


def judge_sheet(
    session: Session, case: Case | None, trainer: Trainer, draft: ScoreDraft, now: datetime
) -> ScoreSheet | NotFound | Forbidden | InvalidFields:
    """The caller's own sheet, as if it were their first."""
    if refusal := judge_action(trainer, "score", session):
        return refusal
    errors: list[FieldError] = []
    items = _read_items(draft.items, () if case is None else case.checklist, errors)
    if error := text_error("comment", draft.comment, NOTE_LIMIT, required=False):
        errors.append(error)
    if errors:
        return InvalidFields(tuple(errors))
    within = {
        key: item if item.at is None else replace(item, at=session.moment_within(item.at, now))
        for key, item in items.items()
    }
    return ScoreSheet(session.id, session.school_id, author_of(trainer), within, draft.comment.strip(), now, now)


def judge_replacement(
    known: ScoreSheet | None, sheet: ScoreSheet, expected_version: int | None
) -> ScoreSheet | VersionMismatch:
    """What stands from now on where `known` did. The same sheet again changes nothing."""
    version = 0 if known is None else known.version
    if mismatch := version_mismatch(expected_version, version):
        return mismatch
    if known is None:
        return sheet
    if (known.items, known.comment, known.by) == (sheet.items, sheet.comment, sheet.by):
        return known
    return replace(sheet, created_at=known.created_at, version=known.version + 1)


def result_of(case: Case | None, sheet: ScoreSheet) -> SheetResult:
    """What is not scored counts 0, what is not applicable does not count; what is critical has to be done in full."""
    counted = [
        (item, score) for item in _checklist(case) if (score := _counted_score(sheet, item.key)) != NOT_APPLICABLE
    ]
    most = FULL_SCORE * len(counted)
    if most == 0:
        return SheetResult(None, None)
    total = sum(score for _, score in counted)
    enough = 100 * total >= _pass_percent(case) * most
    critical_done = all(score == FULL_SCORE for item, score in counted if item.critical)
    return SheetResult(round(100 * total / most, 1), enough and critical_done)


def differences_of(case: Case | None, sheets: Sequence[ScoreSheet]) -> tuple[str, ...]:
    """The keys of the items that two evaluators scored apart, in the order of the checklist.

    Whoever has scored nothing at all yet takes no part in it.
    """
    begun = [sheet for sheet in sheets if sheet.items]
    keys = (item.key for item in _checklist(case))
    return tuple(key for key in keys if len({_counted_score(sheet, key) for sheet in begun}) > 1)


def scores_of(case: Case | None, sheets: Sequence[ScoreSheet]) -> Scores:
    return Scores([(sheet, result_of(case, sheet)) for sheet in sheets], differences_of(case, sheets))


def stored_items(raw: Mapping[str, Mapping[str, object]]) -> Mapping[str, ItemScore]:
    """Read back what `ItemScore.as_json` wrote."""
    return {key: _stored_item(item) for key, item in raw.items()}


def _stored_item(raw: Mapping[str, object]) -> ItemScore:
    at = cast("str | None", raw["at"])
    return ItemScore(cast(Score, raw["score"]), None if at is None else read_timestamp(at), cast(str, raw["comment"]))


def _checklist(case: Case | None) -> Sequence[ChecklistItem]:
    return () if case is None else case.checklist


def _pass_percent(case: Case | None) -> int:
    return PASS_PERCENT if case is None or case.pass_percent is None else case.pass_percent


def _counted_score(sheet: ScoreSheet, key: str) -> Score:
    item = sheet.items.get(key)
    return 0 if item is None else item.score


def read_bare_scores(
    raw: Mapping[str, object], checklist: Sequence[ChecklistItem], where: str, errors: list[FieldError]
) -> Mapping[str, Score]:
    """Scores with nothing beside them, as trainees give themselves; in the order of the checklist."""
    keys = _known_keys(raw, checklist, where, errors)
    return {key: _read_score(raw, key, f"{where}.{key}", errors) for key in keys}


def read_any_items(raw: Mapping[str, object], errors: list[FieldError]) -> Mapping[str, ItemScore]:
    """Of a sheet that was judged where it was written, by a checklist that is not looked at here."""
    _note_wrong_keys(raw, "items", errors)
    return {key: _read_item(raw[key], f"items.{key}", errors) for key in raw}


def read_any_scores(raw: Mapping[str, object], errors: list[FieldError]) -> Mapping[str, Score]:
    """Likewise."""
    _note_wrong_keys(raw, "scores", errors)
    return {key: _read_score(raw, key, f"scores.{key}", errors) for key in raw}


def _note_wrong_keys(raw: Mapping[str, object], where: str, errors: list[FieldError]) -> None:
    errors += [FieldError(f"{where}.{shown(key)}", KEY_RULE) for key in raw if not is_key(key)][:ERRORS_TOLD]


def _read_items(
    raw: Mapping[str, object], checklist: Sequence[ChecklistItem], errors: list[FieldError]
) -> dict[str, ItemScore]:
    """In the order of the checklist."""
    keys = _known_keys(raw, checklist, "items", errors)
    return {key: _read_item(raw[key], f"items.{key}", errors) for key in keys}


def _known_keys(
    raw: Mapping[str, object], checklist: Sequence[ChecklistItem], where: str, errors: list[FieldError]
) -> Sequence[str]:
    known = [item.key for item in checklist]
    unknown: Iterator[str] = (key for key in raw if key not in known)
    for key, _ in zip(unknown, range(ERRORS_TOLD), strict=False):
        errors.append(FieldError(f"{where}.{shown(key)}", "is not an item of this session's checklist"))
    return [key for key in known if key in raw]


def _read_item(raw: object, where: str, errors: list[FieldError]) -> ItemScore:
    if not isinstance(raw, dict):
        errors.append(FieldError(where, "must be an object with a score"))
        return ItemScore(0)
    fields = cast(Mapping[str, object], raw)
    unknown: Iterator[str] = (name for name in fields if name not in _ITEM_FIELDS)
    for name, _ in zip(unknown, range(ERRORS_TOLD), strict=False):
        errors.append(FieldError(f"{where}.{shown(name)}", "is not a field of this"))
    return ItemScore(
        _read_score(fields, "score", f"{where}.score", errors),
        _read_moment(fields.get("at"), f"{where}.at", errors),
        _read_comment(fields.get("comment"), f"{where}.comment", errors),
    )


def _read_score(fields: Mapping[str, object], name: str, where: str, errors: list[FieldError]) -> Score:
    """`True` equals 1 and 1.0 does, too; neither is a score."""
    score = fields.get(name)
    if type(score) is int and 0 <= score <= FULL_SCORE:
        return cast(Score, score)
    if score == NOT_APPLICABLE:
        return "na"
    errors.append(FieldError(where, 'must be 0, 1, 2 or "na"' if name in fields else "is required"))
    return 0


def _read_moment(raw: object, where: str, errors: list[FieldError]) -> datetime | None:
    if raw is None:
        return None
    try:
        if isinstance(raw, str):
            return read_timestamp(raw)
    except (ValueError, OverflowError):
        pass
    errors.append(FieldError(where, "must be a moment such as 2026-11-21T09:30:00.000Z"))
    return None


def _read_comment(raw: object, where: str, errors: list[FieldError]) -> str:
    if raw is None:
        return ""
    if not isinstance(raw, str):
        errors.append(FieldError(where, "must be a text"))
        return ""
    if error := text_error(where, raw, ITEM_COMMENT_LIMIT, required=False):
        errors.append(error)
    return raw.strip()
