"""The moments of a record: the same vectors are for the screens, which find them without a network."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from server.domain.events import ActionTaken, CaseEnded, CasePaused, CaseResumed, Fact, NoteAdded, SessionEnded
from tests.support.debriefing import debriefed, pushed
from tests.support.making import NOW

_VECTORS = json.loads((Path(__file__).parents[1] / "vectors/moments.json").read_text())["vectors"]
_CASE: dict[str, Fact] = {"paused": CasePaused(), "resumed": CaseResumed(), "ended": CaseEnded()}


def _fact(event: dict[str, Any]) -> Fact:
    match event:
        case {"push": patch}:
            return pushed(event.get("step"), **patch)
        case {"note": note}:
            return NoteAdded(**note)
        case {"action": action}:
            return ActionTaken(action, event.get("details", {}))
        case {"end": reason}:
            return SessionEnded(reason)
        case _:
            return _CASE[event["case"]]


@pytest.mark.parametrize("vector", _VECTORS, ids=[vector["name"] for vector in _VECTORS])
def test_the_moments_of_a_record(vector: dict[str, Any]) -> None:
    debrief = debriefed(*((event["at"], _fact(event)) for event in vector["events"]), until=vector["until"])
    expected = vector["moments"]
    assert len(debrief.moments) == len(expected)
    assert [
        [(moment.at - NOW).total_seconds(), moment.seq, moment.kind, {key: moment.details.get(key) for key in told}]
        for moment, (*_, told) in zip(debrief.moments, expected, strict=True)
    ] == expected
