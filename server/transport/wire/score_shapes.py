"""The shapes of score sheets: what an evaluator sends, what a debrief says."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, StrictStr, WithJsonSchema, with_config
from typing_extensions import TypedDict

from server.domain.scores import ITEM_COMMENT_LIMIT, ItemScore, Score, Scores, ScoreSheet, SheetResult
from server.domain.text import NOTE_LIMIT
from server.domain.timestamps import write_optional_timestamp
from server.transport.wire import rules
from server.transport.wire.answers import author_answer
from server.transport.wire.requests import Request
from server.transport.wire.schemas import KEY_PATTERN
from server.transport.wire.shapes import AuthorAnswer, MomentText

_CLOSED = ConfigDict(extra="forbid")
_ITEM_SCHEMA = {
    "type": "object",
    "properties": {
        "score": {"enum": [0, 1, 2, "na"], "description": "Not done, partly done, done; not applicable."},
        "at": {"type": ["string", "null"], "format": "date-time"},
        "comment": {"type": ["string", "null"], "maxLength": ITEM_COMMENT_LIMIT},
    },
    "required": ["score"],
    "additionalProperties": False,
}
# Shaped here for the documents only; judged by the domain, for only it knows the checklist.
ItemsPart = Annotated[
    dict[str, Any],
    WithJsonSchema(
        {
            "type": "object",
            "propertyNames": {"pattern": KEY_PATTERN},
            "additionalProperties": _ITEM_SCHEMA,
            "description": "By the keys of the checklist of the session's case; what is left out is not scored.",
        }
    ),
    rules.items,
]
CommentPart = Annotated[
    StrictStr, WithJsonSchema({"type": "string", "maxLength": NOTE_LIMIT}), rules.text(NOTE_LIMIT, required=False)
]


class ScoresBody(Request):
    items: ItemsPart
    comment: CommentPart | None = None


@with_config(_CLOSED)
class ItemScoreAnswer(TypedDict):
    score: Score
    at: MomentText | None
    comment: str


@with_config(_CLOSED)
class ScoreSheetAnswer(TypedDict):
    """`percent` and `is_passed` are null where nothing was to be scored."""

    by: AuthorAnswer
    items: dict[str, ItemScoreAnswer]
    comment: str
    percent: float | None
    is_passed: bool | None


@with_config(_CLOSED)
class DifferenceAnswer(TypedDict):
    """An item of the checklist that two evaluators scored apart."""

    key: str


@with_config(_CLOSED)
class ScoresAnswer(TypedDict):
    """Everybody's sheets in the order in which they were begun."""

    sheets: list[ScoreSheetAnswer]
    differences: list[DifferenceAnswer]


def scores_answer(scores: Scores) -> ScoresAnswer:
    return {
        "sheets": [sheet_answer(sheet, result) for sheet, result in scores.sheets],
        "differences": [{"key": key} for key in scores.differences],
    }


def sheet_answer(sheet: ScoreSheet, result: SheetResult) -> ScoreSheetAnswer:
    return {
        "by": author_answer(sheet.by),
        "items": {key: _item_answer(item) for key, item in sheet.items.items()},
        "comment": sheet.comment,
        "percent": result.percent,
        "is_passed": result.is_passed,
    }


def _item_answer(item: ItemScore) -> ItemScoreAnswer:
    return {"score": item.score, "at": write_optional_timestamp(item.at), "comment": item.comment}
