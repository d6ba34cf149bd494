"""Pushes, pauses and resumptions against the vectors that the screens are held to as well."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from server.domain.events import CasePaused, CaseResumed, Fact, VitalsPushed, fold_fact
from server.domain.patches import read_patch
from server.domain.timestamps import read_timestamp
from server.domain.vitals import START_VALUES, LastValues, VitalsPatch, value_at

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent.parent / "vectors" / "pauses.json").read_text(encoding="utf-8")
)["vectors"]


def _fact(move: dict[str, Any]) -> Fact:
    if "pause" in move:
        return CasePaused()
    if "resume" in move:
        return CaseResumed()
    patch = read_patch(**move["push"])
    assert isinstance(patch, VitalsPatch)
    return VitalsPushed(patch)


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_what_is_shown_is_what_the_vector_says(vector: dict[str, Any]) -> None:
    last = START_VALUES
    for move in vector["moves"]:
        after = fold_fact(last, _fact(move), read_timestamp(move["at"]))
        assert isinstance(after, LastValues)
        last = after
    written = last.as_json()
    assert (written["ramps"], written.get("paused_at")) == (vector["ramps"], vector["paused_at"])
    assert LastValues.from_json(json.loads(json.dumps(written))) == last
    for shown in vector["shown"]:
        assert value_at(last, shown["sign"], read_timestamp(shown["at"])) == shown["value"], shown["at"]
