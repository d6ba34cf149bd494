"""The example of docs/writing-cases.md does what the page says that it does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from server.domain.case_reading import StepDraft
from server.domain.dry_run import Tried, dry_run
from server.domain.events import NoteAdded
from server.domain.template import TemplateContent, TemplateDraft, judge_template

PAGE = (Path(__file__).parents[2] / "docs" / "writing-cases.md").read_text(encoding="utf-8")
NALOXONE = {"to": "wakes", "automatic": True, "on": {"marker": "naloxone"}}
FALLEN = {"when": [{"sign": "spo2", "op": "lt", "value": 75}], "hold": 60}
STEPS: list[dict[str, Any]] = [
    {
        "key": "slow",
        "title": "Breathing slows",
        "vitals": {"spo2": 85, "respiratory_rate": 5, "etco2": 64},
        "ramp_seconds": 120,
        "transitions": [NALOXONE, {"to": "stops", "automatic": True, "on": {"after": 180}}],
    },
    {
        "key": "stops",
        "title": "Stops breathing",
        "vitals": {"spo2": 70, "respiratory_rate": 0},
        "ramp_seconds": 45,
        "transitions": [NALOXONE, {"to": "arrest", "on": FALLEN}],
    },
    {
        "key": "wakes",
        "title": "Wakes up",
        "vitals": {"spo2": 96, "respiratory_rate": 14, "etco2": 40},
        "ramp_seconds": 60,
        "transitions": [{"to": "slow", "on": {"after": 600}}],
    },
    {"key": "arrest", "title": "Arrest", "flags": {"pulseless": True}},
]


def _content() -> TemplateContent:
    signs = {"heart_rate": 74, "systolic": 112, "diastolic": 70, "spo2": 94, "respiratory_rate": 9, "etco2": 48}
    draft = TemplateDraft("Example", vitals=signs, steps=[StepDraft(**step) for step in STEPS])
    content = judge_template(draft)
    assert isinstance(content, TemplateContent)
    return content


def test_the_dry_runs_of_the_page_are_those_of_its_example() -> None:
    content, titles = _content(), {step["key"]: step["title"] for step in STEPS}
    blocks = re.findall(r"^```\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    assert len(blocks) == 2
    for block, tried in zip(blocks, ([], [Tried(150, NoteAdded(marker="naloxone"))]), strict=True):
        run = dry_run(content.start, content.steps, tried)
        assert run.warnings == ()
        told = [(each.at_seconds, titles[each.step or ""]) for each in run.moves]
        told += [(each.at_seconds, titles[each.to or ""]) for each in run.suggestions]
        said = re.findall(r"^(\d+):(\d\d) +(?:The case starts with |The button )?“([^”]+)”", block, re.MULTILINE)
        assert [(60 * int(minutes) + int(seconds), title) for minutes, seconds, title in said] == [
            (int(at), title) for at, title in told
        ]


def test_every_step_of_the_example_stands_in_its_table() -> None:
    for step in STEPS:
        assert f"| {step['title']} |" in PAGE
