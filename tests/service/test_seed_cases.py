"""The supplied cases move by themselves: untreated to a bad end, treated to a good one, and never to what cannot be."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime
from itertools import pairwise
from typing import Any, get_args

import pytest

from server.domain.case import Step
from server.domain.case_reading import StepDraft
from server.domain.circulation import has_pulse, is_on
from server.domain.dry_run import DryRun, Tried, case_warnings, dry_run
from server.domain.events import NoteAdded
from server.domain.outcomes import InvalidFields
from server.domain.template import TemplateContent, TemplateDraft, judge_template
from server.domain.transitions import After
from server.domain.vitals import SIGN_NAMES, START_VALUES, LastValues, SignName, VitalsPatch, fold
from server.service.seeds import Language, case_names, course, read_case

NOW = datetime.fromisoformat("2026-11-28T10:00:00+00:00")
LANGUAGES: tuple[Language, ...] = get_args(Language)
Moves = list[tuple[float, str | None]]


def _content(name: str, language: Language = "en") -> TemplateContent:
    case = read_case(name, language)
    names = [field.name for field in fields(TemplateDraft) if field.name in case and field.name != "steps"]
    draft = TemplateDraft(**{each: case[each] for each in names}, steps=[StepDraft(**step) for step in case["steps"]])
    content = judge_template(draft)
    assert not isinstance(content, InvalidFields), content
    return content


def _run(name: str, markers: list[tuple[int, str]]) -> DryRun:
    content = _content(name)
    return dry_run(content.start, content.steps, [Tried(at, NoteAdded(marker=marker)) for at, marker in markers])


def _moves(run: DryRun) -> Moves:
    """After the first step, which nothing leads to."""
    return [(move.at_seconds, move.step) for move in run.moves[1:]]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", case_names())
def test_a_case_is_accepted_without_a_warning(name: str, language: Language) -> None:
    content = _content(name, language)
    assert case_warnings(content.steps) == ()
    assert all(step.transitions for step in content.steps), "each step has a way out, the last one too"
    assert content.description
    assert content.language == language


# What happens to a patient for whom nobody does anything: seconds since the start of the case, worked out by hand.
UNTREATED: dict[str, Moves] = {
    "acute_coronary_syndrome": [
        (150, "ectopy"), (330, "ventricular_fibrillation"), (450, "fine_fibrillation"), (630, "asystole"), (930, None),
    ],
    "anaphylaxis": [(95, "onset"), (150, "airway_breathing"), (210, "shock"), (450, "arrest"), (750, None)],
    "asthma": [(180, "tiring"), (360, "near_fatal"), (600, "arrest"), (900, None)],
    "haemorrhage": [(140, "shock"), (380, "peri_arrest"), (500, "arrest"), (800, None)],
    "opioid_overdose": [(150, "hypoxia"), (330, "arrest"), (630, None)],
    "sepsis": [(180, "shock"), (420, "collapse"), (600, "arrest"), (900, None)],
}  # fmt: skip


@pytest.mark.parametrize("name", case_names())
def test_without_treatment_the_heart_stops_and_the_case_ends(name: str) -> None:
    run = _run(name, [])
    assert _moves(run) == UNTREATED[name]
    assert not has_pulse(_states(name)[run.moves[-1].left])


# What is done when, and where that leads.
TREATED: list[tuple[str, list[tuple[int, str]], Moves]] = [
    (
        "acute_coronary_syndrome",
        [(60, "ecg_12"), (340, "cpr_started"), (375, "defibrillation"), (495, "defibrillation"), (880, "handover")],
        [
            (150, "ectopy"), (330, "ventricular_fibrillation"), (340, "cpr"), (375, "first_shock"),
            (495, "organised_rhythm"), (615, "rosc"), (635, "care_after"), (810, "ready_for_lab"), (880, None),
        ],
    ),
    # Pads were on: a shock before the first compression.
    (
        "acute_coronary_syndrome",
        [(340, "defibrillation"), (470, "defibrillation"), (800, "handover")],
        [
            (150, "ectopy"), (330, "ventricular_fibrillation"), (340, "first_shock"), (470, "organised_rhythm"),
            (590, "rosc"), (610, "care_after"), (785, "ready_for_lab"), (800, None),
        ],
    ),
    # Late, and nobody shocks: asystole under the compressions.
    (
        "acute_coronary_syndrome",
        [(500, "cpr_started"), (810, "adrenaline"), (850, "rosc"), (1100, "handover")],
        [
            (150, "ectopy"), (330, "ventricular_fibrillation"), (450, "fine_fibrillation"), (500, "cpr"),
            (800, "asystole_cpr"), (850, "rosc"), (870, "care_after"), (1045, "ready_for_lab"), (1100, None),
        ],
    ),
    (
        "acute_coronary_syndrome",
        [(640, "cpr_started"), (650, "adrenaline"), (860, "adrenaline"), (1190, "handover")],
        [
            (150, "ectopy"), (330, "ventricular_fibrillation"), (450, "fine_fibrillation"), (630, "asystole"),
            (640, "asystole_cpr"), (860, "organised_rhythm"), (980, "rosc"), (1000, "care_after"),
            (1175, "ready_for_lab"), (1190, None),
        ],
    ),
    (
        "anaphylaxis",
        [(180, "im_adrenaline"), (450, "handover")],
        [
            (95, "onset"), (150, "airway_breathing"), (180, "early_adrenaline"), (330, "settling"), (405, "stable"),
            (450, None),
        ],
    ),
    (
        "anaphylaxis",
        [(250, "im_adrenaline"), (300, "fluid"), (600, "handover")],
        [
            (95, "onset"), (150, "airway_breathing"), (210, "shock"), (250, "adrenaline"), (300, "fluid"),
            (365, "settling"), (440, "stable"), (600, None),
        ],
    ),
    # One dose alone wears off after five minutes.
    (
        "anaphylaxis",
        [(250, "im_adrenaline"), (600, "im_adrenaline"), (700, "im_adrenaline"), (900, "handover")],
        [
            (95, "onset"), (150, "airway_breathing"), (210, "shock"), (250, "adrenaline"), (550, "shock"),
            (600, "adrenaline"), (700, "settling"), (775, "stable"), (900, None),
        ],
    ),
    (
        "anaphylaxis",
        [(470, "cpr_started"), (500, "adrenaline"), (620, "rosc"), (700, "handover")],
        [
            (95, "onset"), (150, "airway_breathing"), (210, "shock"), (450, "arrest"), (470, "cpr"), (620, "rosc"),
            (700, None),
        ],
    ),
    # Nobody but the markers: the second dose brings the pulse back.
    (
        "anaphylaxis",
        [(470, "cpr_started"), (500, "adrenaline"), (720, "adrenaline"), (800, "handover")],
        [
            (95, "onset"), (150, "airway_breathing"), (210, "shock"), (450, "arrest"), (470, "cpr"), (720, "rosc"),
            (800, None),
        ],
    ),
    (
        "asthma",
        [(40, "oxygen"), (60, "nebuliser"), (260, "magnesium"), (520, "handover")],
        [(60, "oxygen_nebuliser"), (210, "tiring"), (260, "turning"), (470, "stabilised"), (520, None)],
    ),
    (
        "asthma",
        [(60, "nebuliser"), (450, "magnesium"), (850, "handover")],
        [
            (60, "oxygen_nebuliser"), (210, "tiring"), (390, "near_fatal"), (450, "magnesium"),
            (600, "bronchodilation"), (780, "stabilised"), (850, None),
        ],
    ),
    (
        "asthma",
        [(420, "intubation"), (500, "handover")],
        [(180, "tiring"), (360, "near_fatal"), (420, "ventilated"), (500, None)],
    ),
    (
        "haemorrhage",
        [(170, "pelvic_binder"), (230, "blood"), (470, "pelvic_binder"), (760, "handover")],
        [
            (140, "shock"), (170, "binder"), (230, "permissive"), (430, "second_bleed"), (470, "transfusion"),
            (710, "surgery"), (760, None),
        ],
    ),
    (
        "haemorrhage",
        [(60, "blood"), (480, "blood"), (800, "handover")],
        [
            (60, "permissive"), (260, "second_bleed"), (440, "peri_arrest"), (480, "transfusion"), (720, "surgery"),
            (800, None),
        ],
    ),
    (
        "opioid_overdose",
        [(60, "ventilation"), (150, "naloxone"), (280, "naloxone"), (520, "naloxone"), (720, "handover")],
        [
            (60, "bag_mask"), (150, "first_naloxone"), (280, "second_naloxone"), (460, "relapse"), (520, "infusion"),
            (640, "stable"), (720, None),
        ],
    ),
    (
        "opioid_overdose",
        [
            (100, "naloxone"), (520, "ventilation"), (600, "naloxone"), (700, "naloxone"), (900, "naloxone"),
            (1100, "handover"),
        ],
        [
            (100, "first_naloxone"), (340, "slow_breathing"), (490, "hypoxia"), (520, "bag_mask"),
            (600, "first_naloxone"), (700, "second_naloxone"), (880, "relapse"), (900, "infusion"), (1020, "stable"),
            (1100, None),
        ],
    ),
    (
        "sepsis",
        [(120, "blood_cultures"), (150, "antibiotic"), (200, "fluid"), (400, "vasopressor"), (850, "handover")],
        [
            (180, "shock"), (200, "treatment"), (350, "second_fall"), (400, "noradrenaline"), (580, "perfusion"),
            (760, "ready_for_icu"), (850, None),
        ],
    ),
    # Fluid alone does not hold the pressure.
    (
        "sepsis",
        [(100, "fluid"), (300, "fluid"), (530, "vasopressor"), (950, "handover")],
        [
            (100, "treatment"), (250, "second_fall"), (490, "collapse"), (530, "noradrenaline"), (710, "perfusion"),
            (890, "ready_for_icu"), (950, None),
        ],
    ),
    (
        "sepsis",
        [(620, "cpr_started"), (700, "cpr_stopped"), (720, "cpr_started"), (800, "rosc"), (850, "handover")],
        [
            (180, "shock"), (420, "collapse"), (600, "arrest"), (620, "cpr"), (700, "arrest"), (720, "cpr"),
            (800, "rosc"), (850, None),
        ],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("name", "markers", "moves"), TREATED)
def test_treatment_leads_to_a_good_end(name: str, markers: list[tuple[int, str]], moves: Moves) -> None:
    run = _run(name, markers)
    assert _moves(run) == moves
    assert run.warnings == ()
    assert has_pulse(_states(name)[run.moves[-1].left]), "the handover is that of a living patient"


@pytest.mark.parametrize("name", case_names())
def test_a_case_that_is_treated_ends_within_twenty_minutes(name: str) -> None:
    assert any(each == name for each, _, _ in TREATED)
    assert all(moves[-1][0] <= 20 * 60 for each, _, moves in TREATED if each == name)


# Nobody decides for the trainer: the button lights up.
SUGGESTED: list[tuple[str, list[tuple[int, str]], Moves]] = [
    ("anaphylaxis", [(470, "cpr_started"), (500, "adrenaline"), (620, "rosc")], [(373.334, "arrest"), (500, "rosc")]),
    ("haemorrhage", [(60, "blood"), (300, "pelvic_binder")], [(420, "surgery")]),
    ("acute_coronary_syndrome", [(340, "defibrillation"), (470, "defibrillation")], []),
    ("opioid_overdose", [], [(270.577, "arrest")]),
]


@pytest.mark.parametrize(("name", "markers", "suggestions"), SUGGESTED)
def test_what_is_the_trainer_s_to_decide_is_suggested(
    name: str, markers: list[tuple[int, str]], suggestions: Moves
) -> None:
    assert [(each.at_seconds, each.to) for each in _run(name, markers).suggestions] == suggestions


@pytest.mark.parametrize("name", case_names())
def test_the_course_that_is_played_by_the_clock_goes_from_the_first_step_to_the_last(name: str) -> None:
    case = read_case(name)
    steps = course(case)
    times = [step["at_seconds"] for step in steps]
    assert (steps[0], steps[-1]) == (case["steps"][0], case["steps"][-1])
    assert times == sorted(set(times))
    assert times[0] == 0
    last = case["steps"][-1]
    assert any(each["to"] is None and each["on"] == {"marker": "handover"} for each in last["transitions"])


def _ways(name: str) -> Iterator[tuple[LastValues, Step]]:
    """Every state in which a step may be entered, along the transitions and by the clock, with that step."""
    content = _content(name)
    steps = {step.key: step for step in content.steps}
    by_clock = [step["key"] for step in course(read_case(name))]
    after = dict(pairwise(by_clock))
    open_ways = [(_arrived(START_VALUES, content.start), content.steps[0].key)]
    seen: set[str] = set()
    while open_ways:
        before, key = open_ways.pop()
        way = json.dumps([key, before.as_json()])
        if way in seen:
            continue
        seen.add(way)
        yield before, steps[key]
        there = _arrived(before, steps[key].patch)
        onwards = {each.to for each in steps[key].transitions if each.to} | {after.get(key, key)} - {key}
        open_ways.extend((there, to) for to in sorted(onwards))


def _arrived(last: LastValues, patch: VitalsPatch) -> LastValues:
    """When its ramps have ended."""
    folded = fold(last, VitalsPatch(patch.signs, patch.rhythm, patch.flags), NOW)
    assert not isinstance(folded, InvalidFields), folded
    return folded


def _states(name: str) -> dict[str, LastValues]:
    states: dict[str, LastValues] = {}
    for before, step in _ways(name):
        there = _arrived(before, step.patch)
        assert states.setdefault(step.key, there) == there, f"{step.key} is another patient on another way"
    return states


@pytest.mark.parametrize("name", case_names())
def test_a_step_is_the_same_patient_whichever_way_led_there(name: str) -> None:
    content = _content(name)
    assert set(_states(name)) == {step.key for step in content.steps}
    for step in content.steps:
        # So a trainer may click any of them; the temperature changes slowly, and stands only where it does.
        assert set(SIGN_NAMES) - set(step.patch.signs) <= {"temperature"}


@pytest.mark.parametrize("name", case_names())
def test_each_step_is_possible_as_a_whole(name: str) -> None:
    for key, last in _states(name).items():
        signs = last.signs
        if has_pulse(last):
            assert 15 <= signs["systolic"] - signs["diastolic"] <= 65, key
            assert signs["respiratory_rate"] > 0, key
            assert not any(is_on(last, flag) for flag in ("pulseless", "cpr", "cardiac_arrest")), key
            mean = (signs["systolic"] + 2 * signs["diastolic"]) / 3
            # Little blood to the lungs, little CO2 out of them.
            assert mean >= 50 or signs["etco2"] <= 25, key
            # Somebody who hardly breathes keeps the CO2.
            assert signs["respiratory_rate"] >= 9 or signs["etco2"] >= 50, key
            continue
        assert (signs["systolic"], signs["diastolic"]) == (0, 0), key
        assert signs["spo2"] <= 35, key
        assert all(is_on(last, flag) for flag in ("pulseless", "cardiac_arrest", "loss_of_consciousness")), key
        if is_on(last, "cpr"):
            assert 10 <= signs["etco2"] <= 20, key
            assert 6 <= signs["respiratory_rate"] <= 10, key
        else:
            assert (signs["respiratory_rate"], signs["etco2"]) == (0, 0), key


# A second, of a patient whose heart beats before and after.
FASTEST: dict[SignName, float] = {
    "heart_rate": 1, "systolic": 1, "diastolic": 1, "spo2": 0.3, "respiratory_rate": 0.5, "etco2": 0.5,
    "temperature": 0.01,
}  # fmt: skip


@pytest.mark.parametrize("name", case_names())
def test_nothing_snaps(name: str) -> None:
    for before, step in _ways(name):
        there = _arrived(before, step.patch)
        stays = [each.on.seconds for each in step.transitions if isinstance(each.on, After) and each.automatic]
        assert all(step.patch.ramp_seconds <= seconds for seconds in stays), step.key
        if not (has_pulse(before) and has_pulse(there)):
            continue
        for sign, fastest in FASTEST.items():
            change = abs(there.signs[sign] - before.signs[sign])
            assert change <= fastest * step.patch.ramp_seconds + 1e-9, (step.key, sign)


@pytest.mark.parametrize("name", case_names())
def test_a_return_of_the_circulation_raises_the_co2(name: str) -> None:
    """By 15 to 25 within some breaths; the finger's number starts low."""
    states = _states(name)
    back = states["rosc"].signs
    compressed = states["organised_rhythm" if name == "acute_coronary_syndrome" else "cpr"].signs
    assert 15 <= back["etco2"] - compressed["etco2"] <= 25
    assert 80 <= back["spo2"] <= 88
    assert 80 <= back["systolic"] <= 95
    assert 45 <= back["diastolic"] <= 60


# Where each comes from is in docs/clinical.md.
FIGURES = {
    ("ecg_12", "start"): 600,
    ("antibiotic", "start"): 3600,
    ("cpr_started", "arrest"): 60,
    ("defibrillation", "arrest"): 120,
    ("adrenaline", "arrest"): 300,
}


@pytest.mark.parametrize("name", case_names())
def test_targets_are_figures_that_have_a_source(name: str) -> None:
    case = read_case(name)
    targets = {(each["marker"], each["from"]): each["seconds"] for each in case["targets"]}
    assert targets
    assert targets.items() <= FIGURES.items()
    items = {(each["marker"], each["from"]): each["target_seconds"] for each in case["checklist"] if "from" in each}
    assert items == targets
    assert any(each["critical"] for each in case["checklist"])


@pytest.mark.parametrize("name", case_names())
def test_what_moves_a_case_is_asked_for_by_it(name: str) -> None:
    """So its one-tap button stands first; those of a resuscitation always do."""
    usual = {"cpr_started", "cpr_stopped", "rosc", "defibrillation", "adrenaline", "intubation"}
    case = read_case(name)
    asked = {each["marker"] for each in case["checklist"] if "marker" in each} | usual
    moving = {each["on"].get("marker") for step in case["steps"] for each in step["transitions"]} - {None}
    assert moving <= asked


ENGLISH = {
    "the",
    "of",
    "and",
    "is",
    "are",
    "to",
    "your",
    "with",
    "this",
    "not",
    "from",
    "by",
    "he",
    "she",
    "no",
    "pulse",
}
FRENCH = {"le", "la", "les", "des", "une", "est", "dans", "pour", "avec", "il", "elle", "sans", "pas", "du", "au"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", case_names())
def test_a_case_speaks_one_language(name: str, language: Language) -> None:
    strange = FRENCH if language == "en" else ENGLISH
    for text in _texts(read_case(name, language)):
        assert not strange & set(re.findall(r"[^\W\d_]+", text.lower())), text


def _texts(case: Any) -> list[str]:
    steps, checklist = case["steps"], case["checklist"]
    labels = [each["label"] for step in steps for each in step["transitions"] if "label" in each]
    said = [text for step in steps for text in (step["title"], step["note"])]
    return [
        case["title"],
        case["public_title"],
        case["description"],
        *said,
        *labels,
        *(item["text"] for item in checklist),
    ]
