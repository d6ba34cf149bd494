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
from server.domain.debrief.early_warning import NOTHING_RECORDED, EarlyWarning, EarlyWarningWatch, still_missing
from server.domain.debrief.known_warning import known_warning_at, lately
from server.domain.events import ActionTaken, CasePaused, CaseResumed, Fact
from server.domain.replay import Replay
from tests.support.debriefing import a_record, an_event, pushed
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
    """Asked where it changes; where that is, the screens find."""
    changes = [*vector["changes"], *({"at": score["at"]} for score in vector["scores"])]
    replay, missing, asked = Replay(NOW), NOTHING_RECORDED, list[EarlyWarning]()
    # Of several in one instant the last holds.
    for seq, change in enumerate(sorted(changes, key=lambda each: (each["at"], len(each) == 1)), 1):
        at = later(change["at"])
        if len(change) == 1:
            memory = replay.memory_at(at)
            assert memory is not None
            asked.append(known_warning_at(lately(memory, at), at, missing))
            assert known_warning_at(memory, at, missing) == asked[-1]
        else:
            replay.follow(an_event(seq, change["at"], _fact(change)))
            missing = still_missing(missing, replay.last)
    assert vector["scores"] == _told(asked)
