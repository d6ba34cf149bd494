"""judge_template and the limits: what a trainer may save as the starting point of a session."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.case import CHECKLIST_LIMIT, STEPS_LIMIT, ChecklistItem, Target
from server.domain.case_reading import StepDraft
from server.domain.limits import ADULT_LIMITS, LIMIT_NAMES, Limit, limits_as_json, limits_from_json, read_limits
from server.domain.outcomes import FieldError, InvalidFields
from server.domain.template import (
    TemplateContent,
    TemplateDraft,
    judge_template,
)
from server.domain.text import is_seen
from server.domain.vitals import SIGNS, VitalsPatch
from tests.support.strategies import json_values, patches, storable_text

DRAFT = TemplateDraft(
    title=" Anaphylaxis ",
    description=" after a bee sting ",
    vitals={"heart_rate": 110, "temperature": 37},
    rhythm="svt",
    flags={"haemorrhage": True, "ecg_off": None},
    steps=(
        StepDraft("Worse", vitals={"systolic": 70, "diastolic": 40}, ramp_seconds=90.5, at_seconds=120, note="BP"),
        StepDraft("Arrest", rhythm="asystole", flags={"pulseless": True}),
    ),
    limits={"heart_rate": {"low": 40, "high": None}, "mean": {"low": 55}},
    checklist=("Call for help",),
)


def _fields(draft: TemplateDraft) -> list[str]:
    judged = judge_template(draft)
    return [error.field for error in judged.errors] if isinstance(judged, InvalidFields) else []


def _judged(draft: TemplateDraft) -> TemplateContent:
    judged = judge_template(draft)
    assert isinstance(judged, TemplateContent), judged
    return judged


def test_a_template_is_read_with_the_adult_limits_under_its_own() -> None:
    content = _judged(DRAFT)
    assert (content.title, content.description) == ("Anaphylaxis", "after a bee sting")
    assert content.start == VitalsPatch(
        {"heart_rate": 110, "temperature": 37.0}, "svt", {"haemorrhage": True, "ecg_off": None}
    )
    assert content.steps[0].patch == VitalsPatch({"systolic": 70, "diastolic": 40}, ramp_seconds=90.5)
    assert (content.steps[0].at_seconds, content.steps[0].note) == (120, "BP")
    assert content.checklist == (ChecklistItem("item_1", "Call for help"),)
    assert content.limits == {**ADULT_LIMITS, "heart_rate": Limit(40, None), "mean": Limit(55, None)}


def test_a_template_comes_back_from_json_and_from_its_own_draft() -> None:
    content = _judged(DRAFT)
    assert TemplateContent.from_json(json.loads(json.dumps(content.as_json()))) == content
    assert _judged(TemplateDraft.of(content)) == content


def test_a_template_of_before_there_were_keys_reads_as_it_was() -> None:
    old = _judged(DRAFT).as_json()
    for name in ("public_title", "duration_minutes", "targets", "language"):
        del old[name]
    old["checklist"] = ["Call for help"]
    old["steps"] = [{key: value for key, value in step.items() if key != "key"} for step in cast(Any, old["steps"])]
    assert TemplateContent.from_json(old) == _judged(DRAFT)
    assert [step.key for step in TemplateContent.from_json(old).steps] == ["step_1", "step_2"]


def test_keys_are_made_where_there_are_none_and_none_twice() -> None:
    draft = replace(
        DRAFT,
        steps=(StepDraft("a"), StepDraft("b", key="step_1"), StepDraft("c", key="worse"), StepDraft("d")),
        checklist=("Help", {"key": "item_1", "text": "Oxygen"}, {"text": "Fluid", "critical": True}),
    )
    assert [step.key for step in _judged(draft).steps] == ["step_2", "step_1", "worse", "step_4"]
    assert [item.key for item in _judged(draft).checklist] == ["item_2", "item_1", "item_3"]


def test_a_template_says_what_a_trainee_reads_how_long_it_takes_and_how_soon_things_are_due() -> None:
    item = {
        "key": "shock",
        "text": " First  shock ",
        "critical": True,
        "marker": "defibrillation",
        "target_seconds": 120,
        "from": "arrest",
    }
    content = _judged(
        replace(
            DRAFT,
            public_title=" Patiente,  34 ans ",
            duration_minutes=45,
            checklist=(item,),
            targets=(
                {"marker": "adrenaline", "seconds": 300},
                {"marker": "ecg_12", "from": "adrenaline", "seconds": 1},
            ),
            language="fr",
        )
    )
    assert (content.public_title, content.duration_minutes, content.language) == ("Patiente, 34 ans", 45, "fr")
    assert content.checklist == (ChecklistItem("shock", "First shock", True, "defibrillation", 120, "arrest"),)
    assert content.targets == (Target("adrenaline", 300, "start"), Target("ecg_12", 1, "adrenaline"))
    assert TemplateContent.from_json(json.loads(json.dumps(content.as_json()))) == content
    assert _judged(TemplateDraft.of(content)) == content


text = storable_text.filter(is_seen)
lines = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")))
step_drafts = st.builds(
    lambda title, patch, at_seconds, note: StepDraft(
        title, dict(patch.signs), patch.rhythm, dict(patch.flags), patch.ramp_seconds, at_seconds, note
    ),
    lines.map(lambda title: title[:200]).filter(is_seen),
    patches,
    st.none() | st.integers(0, 86_400),
    st.none() | text.map(lambda note: note[:2000]).filter(is_seen),
)


@given(st.builds(replace, st.just(DRAFT), steps=st.lists(step_drafts, max_size=4)))
def test_a_template_is_good_or_names_the_step_that_is_not(draft: TemplateDraft) -> None:
    judged = judge_template(draft)
    if isinstance(judged, InvalidFields):
        # Each step is right by itself; only what they come to in their order may be refused.
        assert {error.field.split(".", 2)[2] for error in judged.errors} <= {
            "vitals.systolic",
            "vitals.diastolic",
            "flags",
        }
        place = int(judged.errors[0].field.split(".")[1])
        assert _fields(replace(draft, steps=draft.steps[:place])) == []
        assert _fields(replace(draft, steps=draft.steps[: place + 1])) == [error.field for error in judged.errors]
    else:
        assert TemplateContent.from_json(json.loads(json.dumps(judged.as_json()))) == judged
        assert _judged(TemplateDraft.of(judged)) == judged


@given(vitals=json_values, rhythm=json_values, flags=json_values, ramp_seconds=json_values)
def test_whatever_a_step_holds_is_refused_under_its_place(
    vitals: object, rhythm: object, flags: object, ramp_seconds: object
) -> None:
    step = StepDraft("Worse", vitals, rhythm, flags, ramp_seconds)
    assert all(field.startswith("steps.1.") for field in _fields(replace(DRAFT, steps=(StepDraft("fine"), step))))


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"title": "  "}, ["title"]),
        ({"title": "x" * 201}, ["title"]),
        ({"description": "x" * 2001}, ["description"]),
        ({"description": "\x00"}, ["description"]),
        ({"vitals": {"heart_rate": -1, "pulse": 3}}, ["vitals.heart_rate", "vitals.pulse"]),
        ({"vitals": {"systolic": 70}}, ["vitals.systolic"]),
        ({"rhythm": "tango"}, ["rhythm"]),
        ({"flags": {"Cpr": True}}, ["flags.Cpr"]),
        ({"steps": (StepDraft("a"),) * (STEPS_LIMIT + 1)}, ["steps"]),
        ({"steps": (StepDraft("a"),) * STEPS_LIMIT}, []),
        ({"steps": (StepDraft(""), StepDraft("b", note=" "))}, ["steps.0.title", "steps.1.note"]),
        (
            {"steps": (StepDraft("a", at_seconds=-1), StepDraft("b", at_seconds=86_401))},
            ["steps.0.at_seconds", "steps.1.at_seconds"],
        ),
        ({"steps": (StepDraft("a", vitals={"spo2": 101}),)}, ["steps.0.vitals.spo2"]),
        (
            {"steps": (StepDraft("a", vitals={"systolic": 90}), StepDraft("b", vitals={"diastolic": 91}))},
            ["steps.1.vitals.diastolic"],
        ),
        ({"checklist": ("x",) * (CHECKLIST_LIMIT + 1)}, ["checklist"]),
        ({"checklist": ("x",) * CHECKLIST_LIMIT}, []),
        ({"public_title": "x" * 201}, ["public_title"]),
        ({"duration_minutes": 0}, ["duration_minutes"]),
        ({"duration_minutes": 43_201}, ["duration_minutes"]),
        ({"duration_minutes": 43_200, "language": "en-GB"}, []),
        ({"language": "French"}, ["language"]),
        ({"language": ""}, ["language"]),
        (
            {"steps": (StepDraft("a", key="A"), StepDraft("b", key="b"), StepDraft("c", key="b"))},
            ["steps.0.key", "steps.2.key"],
        ),
        (
            {"checklist": (5, {"text": ""}, {"text": "x", "critical": 1, "when": 2}, {"key": "K"})},
            [
                "checklist.0",
                "checklist.1.text",
                "checklist.2.when",
                "checklist.2.critical",
                "checklist.3.text",
                "checklist.3.key",
            ],
        ),
        (
            {"checklist": ({"key": "k", "text": "a"}, {"key": "k", "text": "b", "target_seconds": 0, "marker": "M"})},
            ["checklist.1.marker", "checklist.1.target_seconds", "checklist.1.key"],
        ),
        (
            {"targets": ({"marker": "x", "seconds": 1.5}, {"seconds": 1}, "x", {"marker": "x", "from": "X", "to": 1})},
            [
                "targets.0.seconds",
                "targets.1.marker",
                "targets.2",
                "targets.3.to",
                "targets.3.from",
                "targets.3.seconds",
            ],
        ),
        ({"targets": ({"marker": "x", "seconds": 1},) * 101}, ["targets"]),
        ({"checklist": ("a", "", "x" * 201)}, ["checklist.1", "checklist.2"]),
        ({"limits": {"heart_rate": {"low": 120, "high": 50}}}, ["limits.heart_rate"]),
        ({"limits": {"spo2": {"high": 101}, "etco2": {"low": "30"}}}, ["limits.spo2.high", "limits.etco2.low"]),
        ({"title": "", "rhythm": 1, "checklist": ("",)}, ["title", "rhythm", "checklist.0"]),
    ],
)
def test_every_wrong_field_of_a_template_is_named(change: dict[str, object], fields: list[str]) -> None:
    assert _fields(replace(DRAFT, **change)) == fields


sides = st.fixed_dictionaries({}, optional={"low": json_values | st.integers(0, 300), "high": st.integers(0, 300)})


@given(st.dictionaries(st.sampled_from(LIMIT_NAMES) | st.text(max_size=4), sides, max_size=5))
def test_limits_are_within_their_signs_or_named(raw: dict[str, dict[str, object]]) -> None:
    errors: list[FieldError] = []
    limits = read_limits(raw, errors)
    assert all(error.field.split(".")[0] == "limits" for error in errors)
    if any(name not in ADULT_LIMITS for name in raw):
        assert errors
    if not errors:
        assert set(limits) == set(LIMIT_NAMES)
        for name, limit in limits.items():
            sign = SIGNS["systolic" if name == "mean" else name]
            known = [side for side in (limit.low, limit.high) if side is not None]
            assert all(sign.minimum <= side <= sign.maximum for side in known)
            assert known == sorted(set(known)), "low is below high"
        assert limits_from_json(json.loads(json.dumps(limits_as_json(limits)))) == limits


def test_the_adult_limits_are_limits_themselves() -> None:
    errors: list[FieldError] = []
    assert read_limits(limits_as_json(ADULT_LIMITS), errors) == ADULT_LIMITS
    assert errors == []
