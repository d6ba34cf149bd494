"""NEWS2 along a record: the same vectors are for the screens, which find it without a network."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from server.domain.debrief.course import Course
from server.domain.debrief.early_warning import EarlyWarningWatch
from server.domain.events import CasePaused, CaseResumed, Fact
from tests.support.debriefing import a_record, pushed
from tests.support.making import NOW, later

_VECTORS = json.loads((Path(__file__).parents[1] / "vectors/early_warning.json").read_text())["vectors"]


def _fact(change: dict[str, Any]) -> Fact:
    if "push" in change:
        return pushed(**change["push"])
    return CasePaused() if "pause" in change else CaseResumed()


def _seconds(at: datetime) -> float:
    return round((at - NOW).total_seconds(), 3)


@pytest.mark.parametrize("vector", _VECTORS, ids=[vector["name"] for vector in _VECTORS])
def test_the_scores_and_crossings_of_a_record(vector: dict[str, Any]) -> None:
    watch = EarlyWarningWatch()
    course = Course(NOW, [watch])
    for event in a_record(*((change["at"], _fact(change)) for change in vector["changes"])):
        course.follow(event)
    course.advance(later(vector["until"]))
    assert vector["scores"] == [
        {
            "at": _seconds(score.at),
            "total": score.total,
            "band": score.band,
            "missing": list(score.missing),
            "mean": score.mean,
            "shock_index": score.shock_index,
        }
        for score in watch.scores
    ]
    assert vector["crossings"] == [
        {"at": _seconds(crossing.at), "limit": crossing.limit, "total": crossing.total} for crossing in watch.crossings
    ]
