"""Who may do what: the table is that of docs/api.md, and nothing else grants or refuses."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.outcomes import Forbidden, NotFound
from server.domain.people import Trainer
from server.domain.permissions import (
    PERMISSIONS,
    RELATIONS,
    Action,
    Relation,
    judge_action,
    judge_school_action,
    relation_to,
)
from tests.support.making import a_school, a_seat, a_session, a_trainer
from tests.support.scenario_permissions import TABLE

SERVER = Path(__file__).parents[2] / "server"
VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[1] / "vectors" / "relations.json").read_text("utf-8"))
SCHOOL, OTHER_SCHOOL = a_school(), a_school("Another school")
OWNER, CO_TRAINER = a_trainer(SCHOOL), a_trainer(SCHOOL)
SESSION = a_session(OWNER, co_trainer_ids=(CO_TRAINER.id,))
PEOPLE: dict[Relation, Trainer] = {
    "owner": OWNER,
    "co_trainer": CO_TRAINER,
    "admin": a_trainer(SCHOOL, "admin"),
    "trainer": a_trainer(SCHOOL),
    "observer": a_trainer(SCHOOL, "observer"),
}


def test_the_table_is_the_contracts() -> None:
    assert set(PERMISSIONS) == set(get_args(Action))
    assert {action: set(granted) for action, granted in PERMISSIONS.items()} == TABLE


@pytest.mark.parametrize("vector", VECTORS["vectors"], ids=lambda vector: vector["name"])
def test_everybody_is_to_a_session_what_the_vectors_say(vector: dict[str, Any]) -> None:
    """The screens are held to the same ones."""
    told, who = VECTORS["session"], vector["trainer"]
    session = replace(
        SESSION,
        school_id=UUID(told["school_id"]),
        trainer_id=UUID(told["trainer_id"]),
        co_trainer_ids=tuple(UUID(each) for each in told["co_trainer_ids"]),
    )
    trainer = replace(a_trainer(SCHOOL, who["role"]), id=UUID(who["id"]), school_id=UUID(who["school_id"]))
    assert relation_to(session, trainer) == vector["relation"]


def test_the_vectors_know_every_relation_of_a_trainer() -> None:
    assert {vector["relation"] for vector in VECTORS["vectors"]} == {*PEOPLE, None}


def test_a_trainee_is_one_in_its_own_session_only() -> None:
    seat = a_seat(SESSION)
    assert relation_to(SESSION, seat) == "trainee"
    assert relation_to(a_session(OWNER), seat) is None
    assert isinstance(judge_action(seat, "take_action", a_session(OWNER)), NotFound)


@given(st.sampled_from(get_args(Action)), st.sampled_from(sorted(PEOPLE)))
def test_an_action_is_refused_exactly_where_the_table_does_not_grant_it(action: Action, relation: Relation) -> None:
    refusal = judge_action(PEOPLE[relation], action, SESSION)
    assert (refusal is None) == (relation in TABLE[action])
    assert refusal is None or isinstance(refusal, Forbidden)
    role = PEOPLE[relation].role
    assert (judge_school_action(PEOPLE[relation], action) is None) == (role in TABLE[action])


@given(st.sampled_from(get_args(Action)), st.sampled_from(sorted(PEOPLE)))
def test_another_school_is_told_nothing(action: Action, relation: Relation) -> None:
    stranger = replace(PEOPLE[relation], school_id=OTHER_SCHOOL.id)
    nobodys = NotFound("There is no such session.")
    assert judge_action(stranger, action, SESSION) == nobodys


@pytest.mark.parametrize(
    ("relation", "action", "way_out"),
    [
        ("trainer", "push_vitals", "take the controls first"),
        ("trainer", "close_session", "take the controls first"),
        ("observer", "push_vitals", "ask a trainer"),
        ("observer", "add_note", "ask a trainer"),
        ("observer", "take_controls", "ask a trainer"),
        ("observer", "open_session", "ask a trainer"),
        ("trainer", "manage_trainers", "ask one of yours"),
        ("observer", "read_audit", "ask one of yours"),
        ("owner", "edit_annotations_of_others", "add an annotation of your own"),
    ],
)
def test_a_refusal_names_the_way_out(relation: Relation, action: Action, way_out: str) -> None:
    refusal = judge_action(PEOPLE[relation], action, SESSION)
    assert isinstance(refusal, Forbidden)
    assert way_out in refusal.detail


def test_a_trainee_is_told_that_it_takes_a_trainer() -> None:
    for action in get_args(Action):
        refusal = judge_action(a_seat(SESSION), action, SESSION)
        assert (refusal is None) == ("trainee" in TABLE[action])
        assert refusal is None or "Only a trainer does this" in getattr(refusal, "detail", "")
    assert set(RELATIONS) == {*PEOPLE, "trainee"}


# A hall looks whether an account of its central is written as it was.
_KEEP_THE_CENTRALS_ACCOUNTS = {"upstream/taking.py"}
# A school keeps an admin, whoever asks: a rule of the accounts, not a permission.
_KEEP_AN_ADMIN = {"domain/people.py", "storage/memory/accounts.py"}


def _modules() -> Iterator[tuple[str, ast.Module]]:
    for path in SERVER.rglob("*.py"):
        yield str(path.relative_to(SERVER)), ast.parse(path.read_text(encoding="utf-8"))


def test_no_other_module_refuses() -> None:
    refusing = {
        name
        for name, module in _modules()
        for node in ast.walk(module)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Forbidden"
    }
    assert refusing == {"domain/permissions.py"}


def test_no_other_module_looks_at_a_role_or_at_whose_a_session_is() -> None:
    asking = {
        name
        for name, module in _modules()
        for node in ast.walk(module)
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq | ast.NotEq | ast.In | ast.NotIn)
        for side in ast.walk(node)
        if isinstance(side, ast.Attribute) and side.attr in ("role", "trainer_id", "co_trainer_ids")
    }
    assert asking - _KEEP_AN_ADMIN - _KEEP_THE_CENTRALS_ACCOUNTS <= {"domain/permissions.py"}
