"""Homework: what may be given, when it may be begun, and what a case becomes that nobody stands beside."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from server.domain.assignments import (
    NO_ASSIGNMENT,
    NOT_ALONE,
    OPEN_TRIES_LIMIT,
    TOO_MANY_TRIES,
    Assignment,
    AssignmentDraft,
    actions_alone,
    alone,
    ends_alone,
    judge_assignment,
    judge_try,
    judge_withdrawal,
    runs_alone,
    session_of_try,
)
from server.domain.case import ChecklistItem, Step, Target
from server.domain.outcomes import Forbidden, HomeworkOver, HomeworkWithdrawn, InvalidFields, Unchanged
from server.domain.template import Template, judge_template
from server.domain.text import NAME_LIMIT, TITLE_LIMIT
from server.domain.transitions import After, ByHand, OnAction, OnMarker, Transition, Trigger
from server.domain.vitals import VitalsPatch
from server.transport.wire.reading import template_draft
from server.transport.wire.requests import TemplateBody
from tests.support.making import NOW, a_content, a_school, a_template, a_trainer, later

SCHOOL = a_school()
TRAINER = a_trainer(SCHOOL)
SEEDS = sorted((Path(__file__).parents[2] / "seeds" / "templates").glob("*.json"))


def _step(key: str, *ways: Transition) -> Step:
    return Step(key, key.title(), VitalsPatch(), transitions=ways)


def _way(to: str | None, on: Trigger, *, automatic: bool = True) -> Transition:
    return Transition(to, on, automatic)


def _case(*steps: Step, **content: Any) -> Template:
    return a_template(SCHOOL, content=a_content(steps=steps, **content))


QUICK = _case(_step("a", _way("b", OnMarker("oxygen"))), _step("b", _way(None, After(60))))


def _judged(template: Template | None = QUICK, trainer: Any = TRAINER, **fields: Any) -> Any:
    made = {"template_id": QUICK.id, "title": "A man of 58", "until": later(3600)} | fields
    return judge_assignment(trainer, AssignmentDraft(**made), template, "token", uuid4(), NOW)


def _given(**fields: Any) -> Assignment:
    assignment = _judged()
    assert isinstance(assignment, Assignment)
    return replace(assignment, **fields)


def test_what_is_given_names_all_that_is_wrong_with_it() -> None:
    assert isinstance(_judged(), Assignment)
    wrong = _judged(None, title=" ", until=NOW)
    assert isinstance(wrong, InvalidFields)
    assert [error.field for error in wrong.errors] == ["title", "until", "template_id"]
    for template in (replace(QUICK, deleted_at=NOW), _case()):
        refused = _judged(template)
        assert isinstance(refused, InvalidFields)
        assert [error.field for error in refused.errors] == ["template_id"]
    assert isinstance(_judged(until=later(367 * 86_400)), InvalidFields)


def test_observers_give_none() -> None:
    assert isinstance(_judged(trainer=a_trainer(SCHOOL, "observer")), Forbidden)


@pytest.mark.parametrize(
    "way",
    [
        _way("b", ByHand(), automatic=False),
        _way("b", After(5), automatic=False),
        # Only a trainer sees it.
        _way("b", OnMarker("rosc")),
    ],
)
def test_what_stands_still_without_a_trainer_is_refused_with_the_way_out(way: Transition) -> None:
    assert _judged(_case(_step("a", way), _step("b"))) == InvalidFields((NOT_ALONE,))


def test_a_copy_waits_for_the_trainee_where_the_template_waits_for_the_trainer() -> None:
    steps = (
        _step("a", _way("b", OnMarker("adrenaline", 2)), _way("b", OnMarker("rosc")), _way("b", After(9))),
        _step("b", _way(None, OnAction("handover"))),
    )
    a, b = alone(_case(*steps).case()).steps
    assert [each.on for each in a.transitions] == [OnAction("adrenaline", 2), OnMarker("rosc"), After(9)]
    assert b == steps[1]


def test_whether_it_ends_with_nobody_there_follows_from_the_ways_that_are_taken_so() -> None:
    end = _step("end", _way(None, OnMarker("rosc")))
    ring = (_step("a", _way("b", After(5))), _step("b", _way("a", After(5)), _way("end", ByHand())))
    assert not ends_alone(alone(_case(*ring, end).case()).steps)
    assert runs_alone(alone(_case(*ring, end).case()).steps)
    assert ends_alone((ring[0], _step("b", _way(None, After(5)))))
    assert not ends_alone(())
    assert not runs_alone(())


def test_what_is_offered_is_what_the_case_waits_for_and_asks_for_and_no_key_of_the_monitor() -> None:
    template = _case(
        _step("a", _way("b", OnMarker("fluid")), _way("b", OnAction("nibp_start")), _way("b", OnMarker("rosc"))),
        _step("b", _way(None, OnAction("handover")), _way("a", OnMarker("blood"), automatic=False)),
        checklist=(ChecklistItem("one", "Calls", marker="help"), ChecklistItem("two", "Looks")),
        targets=(Target("help", 60), Target("rosc", 60), Target("oxygen", 60)),
    )
    assert actions_alone(template.case()) == ("help", "oxygen", "fluid", "handover")


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem)
def test_the_supplied_cases_can_all_be_given(path: Path) -> None:
    content = judge_template(template_draft(TemplateBody.model_validate(json.loads(path.read_text())))[1])
    assert not isinstance(content, InvalidFields)
    case = a_template(SCHOOL, content=content).case()
    assert runs_alone(alone(case).steps)
    assert ends_alone(alone(case).steps)
    assert 3 <= len(actions_alone(case)) <= 16


def test_one_more_is_begun_until_its_date_and_within_the_bound() -> None:
    given = _given()
    assert judge_try(given, OPEN_TRIES_LIMIT - 1, NOW) == given
    assert judge_try(given, OPEN_TRIES_LIMIT, NOW) == TOO_MANY_TRIES
    assert judge_try(given, 0, given.until) == HomeworkOver(given.until)
    assert judge_try(given, 0, given.until - timedelta(milliseconds=1)) == given
    assert judge_try(replace(given, withdrawn_at=NOW), 0, later(9999)) == HomeworkWithdrawn()


def test_it_is_taken_back_by_whoever_gave_it_or_an_admin() -> None:
    given = _given()
    taken = replace(given, withdrawn_at=later(5))
    for trainer in (TRAINER, a_trainer(SCHOOL, "admin")):
        assert judge_withdrawal(given, trainer, later(5)) == taken
        assert judge_withdrawal(taken, trainer, later(9)) == Unchanged(taken)
    for trainer in (a_trainer(SCHOOL), a_trainer(SCHOOL, "observer")):
        assert isinstance(judge_withdrawal(given, trainer, NOW), Forbidden)
    for assignment in (None, given):
        assert judge_withdrawal(assignment, a_trainer(a_school(), "admin"), NOW) == NO_ASSIGNMENT


def test_its_session_says_whose_homework_it_is_and_no_trainee_reads_the_name_of_the_case() -> None:
    session_id = uuid4()
    french = _case(*QUICK.content.steps, language="fr", duration_minutes=20)
    new = session_of_try(_given(title="Homme de 58 ans"), french, "  Léa\tR. ", session_id)
    assert (new.title, new.public_title, new.trainee_name) == (
        "Devoir : Homme de 58 ans · Léa R.",
        "Homme de 58 ans",
        "Léa R.",
    )
    assert (new.id, new.duration) == (session_id, timedelta(minutes=20))
    longest = session_of_try(_given(title="x" * TITLE_LIMIT), QUICK, "y" * NAME_LIMIT, session_id)
    assert longest.errors() == []
    assert longest.title is not None
    assert longest.title.startswith("Homework: x")
    assert longest.title.endswith(" · " + "y" * NAME_LIMIT)
    assert longest.duration == timedelta(hours=1)
