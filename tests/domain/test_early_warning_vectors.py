"""NEWS2 along a record, true and as the team could know it: the screens, which find it without a network, have the
same vectors.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from server.domain.debrief.course import Course, Watch
from server.domain.debrief.early_warning import EarlyWarning, EarlyWarningWatch
from server.domain.debrief.known_warning import KnownWarningWatch
from server.domain.events import ActionTaken, CasePaused, CaseResumed, Fact
from tests.support.debriefing import a_record, pushed
from tests.support.making import NOW, later

_FOLDER = Path(__file__).parents[1] / "vectors"
_VECTORS = json.loads((_FOLDER / "early_warning.json").read_text())["vectors"]
_KNOWN = json.loads((_FOLDER / "known_warning.json").read_text())["vectors"]


def _fact(change: dict[str, Any]) -> Fact:
    if "push" in change:
        return pushed(**change["push"])
    if "action" in change:
        return ActionTaken(change["action"])
    return CasePaused() if "pause" in change else CaseResumed()


def _seconds(at: datetime) -> float:
    return round((at - NOW).total_seconds(), 3)


def _watched(vector: dict[str, Any], watch: Watch) -> None:
    course = Course(NOW, [watch])
    for event in a_record(*((change["at"], _fact(change)) for change in vector["changes"])):
        course.follow(event)
    course.advance(later(vector["until"]))


def _told(scores: Sequence[EarlyWarning]) -> list[dict[str, Any]]:
    return [
        {
            "at": _seconds(score.at),
            "total": score.total,
            "band": score.band,
            "missing": list(score.missing),
            "mean": score.mean,
            "shock_index": score.shock_index,
        }
        for score in scores
    ]


@pytest.mark.parametrize("vector", _VECTORS, ids=[vector["name"] for vector in _VECTORS])
def test_the_scores_and_crossings_of_a_record(vector: dict[str, Any]) -> None:
    watch = EarlyWarningWatch()
    _watched(vector, watch)
    assert vector["scores"] == _told(watch.scores)
    assert vector["crossings"] == [
        {"at": _seconds(crossing.at), "limit": crossing.limit, "total": crossing.total} for crossing in watch.crossings
    ]


@pytest.mark.parametrize("vector", _KNOWN, ids=[vector["name"] for vector in _KNOWN])
def test_the_scores_that_a_team_could_know(vector: dict[str, Any]) -> None:
    watch = KnownWarningWatch()
    _watched(vector, watch)
    assert vector["scores"] == _told(watch.scores)
