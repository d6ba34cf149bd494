"""What is refused of a case, and what is warned of: the vectors that the editor's own judgment is held to as well."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from server.domain.case_reading import StepDraft
from server.domain.dry_run import case_warnings
from server.domain.outcomes import InvalidFields
from server.domain.template import TemplateDraft, judge_template

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent.parent / "vectors" / "case_faults.json").read_text(encoding="utf-8")
)["vectors"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["case"])
def test_a_case_is_judged_as_the_vector_says(vector: dict[str, Any]) -> None:
    parts: dict[str, Any] = {"title": "A case", **vector["draft"]}
    steps = tuple(StepDraft(**step) for step in parts.pop("steps", ()))
    judged = judge_template(TemplateDraft(**parts, steps=steps))
    if isinstance(judged, InvalidFields):
        assert sorted({error.field for error in judged.errors}) == vector["errors"]
        assert vector["warnings"] == []
    else:
        assert vector["errors"] == []
        warnings = sorted([warning.code, warning.step] for warning in case_warnings(judged.steps))
        assert warnings == vector["warnings"]
