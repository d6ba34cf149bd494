"""Score sheets: what one may be, what it comes to, and where two differ."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.case import Case, ChecklistItem
from server.domain.outcomes import ERRORS_TOLD, FieldError, Forbidden, InvalidFields, NotFound, VersionMismatch
from server.domain.people import Trainer
from server.domain.scores import (
    ITEM_COMMENT_LIMIT,
    ItemScore,
    ScoreDraft,
    ScoreSheet,
    SheetResult,
    differences_of,
    judge_replacement,
    judge_sheet,
    result_of,
    stored_items,
)
from server.domain.text import NOTE_LIMIT
from tests.support.making import NOW, a_school, a_session, a_trainer, later

SCHOOL = a_school()
OWNER, COLLEAGUE, OBSERVER = a_trainer(SCHOOL), a_trainer(SCHOOL), a_trainer(SCHOOL, "observer")
SESSION = a_session(OWNER)
ITEMS = (
    ChecklistItem("help", "Calls for help"),
    ChecklistItem("shock", "Shocks", critical=True),
    ChecklistItem("drug", "Adrenaline"),
)
CASE = Case(uuid4(), 1, "", (), ITEMS, ())


def _sheet(items: dict[str, Any], trainer: Trainer = OWNER, case: Case | None = CASE) -> ScoreSheet:
    sheet = judge_sheet(SESSION, case, trainer, ScoreDraft({key: {"score": each} for key, each in items.items()}), NOW)
    assert isinstance(sheet, ScoreSheet), sheet
    return sheet


def _errors(items: dict[str, Any], comment: str = "") -> list[str]:
    outcome = judge_sheet(SESSION, CASE, OWNER, ScoreDraft(items, comment), NOW)
    assert isinstance(outcome, InvalidFields), outcome
    return [error.field for error in outcome.errors]


@pytest.mark.parametrize(
    ("scores", "percent", "is_passed"),
    [
        ({"help": 2, "shock": 2, "drug": 2}, 100.0, True),
        ({"help": 1, "shock": 2, "drug": 2}, 83.3, True),
        ({"shock": 2, "drug": 2}, 66.7, False),  # What is not scored counts 0.
        ({"help": 2, "shock": 1, "drug": 2}, 83.3, False),  # The critical one was not done in full.
        ({"help": "na", "shock": 2, "drug": 1}, 75.0, True),
        ({"help": 2, "shock": "na", "drug": 2}, 100.0, True),
        ({}, 0.0, False),
        ({"help": "na", "shock": "na", "drug": "na"}, None, None),
    ],
)
def test_what_a_sheet_comes_to(scores: dict[str, Any], percent: float | None, is_passed: bool | None) -> None:
    assert result_of(CASE, _sheet(scores)) == SheetResult(percent, is_passed)


@pytest.mark.parametrize(("passing", "is_passed"), [(None, True), (71, False), (70, True), (50, True), (100, False)])
def test_the_case_says_what_is_enough(passing: int | None, is_passed: bool) -> None:
    case = replace(CASE, checklist=tuple(ChecklistItem(f"i{n}", "x") for n in range(10)), pass_percent=passing)
    sheet = _sheet({f"i{n}": 2 for n in range(7)}, case=case)
    assert result_of(case, sheet) == SheetResult(70.0, is_passed)


def test_without_a_case_there_is_nothing_to_score() -> None:
    assert result_of(None, _sheet({}, case=None)) == SheetResult(None, None)
    outcome = judge_sheet(SESSION, None, OWNER, ScoreDraft({"help": {"score": 2}}), NOW)
    assert isinstance(outcome, InvalidFields)


def test_differences_stand_in_the_order_of_the_checklist() -> None:
    mine = _sheet({"drug": 1, "shock": 2, "help": 0})
    theirs = _sheet({"drug": "na", "shock": 2}, OBSERVER)
    assert differences_of(CASE, [mine, theirs]) == ("drug",)  # Not scored is no other thing than 0.
    assert differences_of(CASE, [mine, theirs, _sheet({"help": 1}, COLLEAGUE)]) == ("help", "shock", "drug")
    assert differences_of(CASE, [mine, _sheet({}, OBSERVER)]) == ()  # Whoever has not begun takes no part.
    assert differences_of(CASE, [mine]) == differences_of(CASE, []) == ()


@given(
    st.lists(
        st.fixed_dictionaries({}, optional=dict.fromkeys(("help", "shock", "drug"), st.sampled_from((0, 1, 2, "na"))))
    )
)
def test_order_of_evaluators_does_not_matter(scores: list[dict[str, Any]]) -> None:
    sheets = [_sheet(each) for each in scores]
    assert differences_of(CASE, sheets) == differences_of(CASE, sheets[::-1])
    for sheet in sheets:
        result = result_of(CASE, sheet)
        assert result.percent is None or 0 <= result.percent <= 100
        assert (result.percent is None) == (result.is_passed is None)


def test_every_wrong_field_is_named() -> None:
    items = {
        "help": {"score": True, "at": "noon", "comment": 3, "colour": "red"},
        "shock": {},
        "drug": 2,
        "hélp": {"score": 2},
    }
    assert _errors(items, "x" * (NOTE_LIMIT + 1)) == [
        "items.h\\xe9lp", "items.help.colour", "items.help.score", "items.help.at", "items.help.comment",
        "items.shock.score", "items.drug", "comment",
    ]  # fmt: skip
    outcome = judge_sheet(SESSION, CASE, OWNER, ScoreDraft({"shock": {}}), NOW)
    assert outcome == InvalidFields((FieldError("items.shock.score", "is required"),))
    assert len(_errors({f"x{n}": {"score": 1} for n in range(500)})) == ERRORS_TOLD


@pytest.mark.parametrize("score", [3, -1, 1.0, "2", "NA", None, [], True, False, 10**40])
def test_what_is_no_score(score: object) -> None:
    assert _errors({"help": {"score": score}}) == ["items.help.score"]


@pytest.mark.parametrize("comment", ["x" * (ITEM_COMMENT_LIMIT + 1), "a\x00b", "\ud800"])
def test_what_is_no_comment(comment: str) -> None:
    assert _errors({"help": {"score": 1, "comment": comment}}) == ["items.help.comment"]


def test_moments_are_kept_within_the_session() -> None:
    draft = ScoreDraft(
        {"help": {"score": 2, "at": "2026-11-21T09:00:00.000Z"}, "drug": {"score": 1, "at": None, "comment": " Late "}}
    )
    sheet = judge_sheet(SESSION, CASE, OWNER, draft, later(5))
    assert isinstance(sheet, ScoreSheet)
    assert sheet.items == {"help": ItemScore(2, NOW), "drug": ItemScore(1, None, "Late")}
    assert stored_items({key: item.as_json() for key, item in sheet.items.items()}) == sheet.items


def test_who_may() -> None:
    outcomes = {
        role: judge_sheet(SESSION, CASE, trainer, ScoreDraft({}), NOW)
        for role, trainer in (("observer", OBSERVER), ("colleague", COLLEAGUE), ("stranger", a_trainer(a_school())))
    }
    assert isinstance(outcomes["observer"], ScoreSheet)
    assert isinstance(outcomes["colleague"], ScoreSheet)
    assert isinstance(outcomes["stranger"], NotFound)
    assert not any(isinstance(each, Forbidden) for each in outcomes.values())


def test_a_sheet_takes_the_place_of_the_one_before() -> None:
    first = _sheet({"help": 1})
    assert judge_replacement(None, first, None) == judge_replacement(None, first, 0) == first
    assert judge_replacement(None, first, 1) == VersionMismatch(0)
    second = replace(_sheet({"help": 2}), created_at=later(9), updated_at=later(9))
    replaced = replace(second, created_at=NOW, version=2)
    assert judge_replacement(first, second, None) == judge_replacement(first, second, 1) == replaced
    assert judge_replacement(first, second, 0) == VersionMismatch(1)
    # The same again, as an outbox sends it, is no change.
    assert judge_replacement(first, replace(first, updated_at=later(9)), None) is first
