"""A case that the screens made of a recording: taken by the server, and played by it within the stated deviation."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from server import clock
from server.domain.outcomes import InvalidFields
from server.domain.template import TemplateContent
from server.domain.vitals import SIGN_NAMES, START_VALUES, LastValues, VitalsPatch, fold, value_at
from server.transport.http.endpoint import API
from tests.support.running import RunningServer, running_server
from tests.support.scenario_clients import Json, eventually, new_id

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent.parent / "vectors" / "recorded.json").read_text(encoding="utf-8")
)["vectors"]
START = datetime.fromisoformat("2026-11-21T09:30:00+00:00")


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["case"])
async def test_a_recorded_case_plays_what_was_recorded(vector: dict[str, Any]) -> None:
    standing = StandingClock()
    async with running_server(now=standing.now) as server:
        await server.login()
        made = await server.http.post(f"{API}/templates", json=vector["template"])
        assert made.status_code == 201, made.text
        # Stored as it was made, with nothing tidied.
        assert {name: made.json()[name] for name in vector["template"]} == vector["template"]
        tried = {"template": vector["template"], "markers": [], "actions": []}
        run = (await server.http.post(f"{API}/templates/dry-run", json=tried)).json()
        played = [last async for last in _played(server, standing, made.json())]
    assert run["warnings"] == []
    assert run["suggestions"] == []
    content = TemplateContent.from_json(made.json())
    first, *later = content.steps
    # By itself, without anybody's doing: one step after the other, when the recording says.
    moves = {move["step"]: move["at_seconds"] for move in run["moves"]}
    assert {step.key: moves[step.key] for step in later} == {step.key: step.at_seconds for step in later}
    states = [(0.0, _folded(START_VALUES, content.start, 0))]
    for step in (first, *later):
        second = moves.get(step.key, 0.0)
        states.append((second, _folded(states[-1][1], step.patch, second)))
    # A session of it has the same values in each step as soon as they have arrived.
    assert len(played) == len(states) - 1
    for last, (_, state) in zip(played, states[1:], strict=True):
        arrived = {name: value_at(state, name, START + timedelta(days=1)) for name in SIGN_NAMES}
        assert {name: last[name] for name in SIGN_NAMES} == arrived
        assert last["flags"] == state.flags
    for name, measured in vector["measured"].items():
        furthest = max(abs(_shown(states, name, second) - value) for second, value in measured)
        assert round(furthest, 1) == vector["deviations"][name], name


@dataclass
class StandingClock:
    """A slow machine takes longer than some steps do."""

    at: datetime = field(default_factory=clock.now)

    def now(self) -> datetime:
        return self.at


async def _played(server: RunningServer, standing: StandingClock, template: Json) -> AsyncIterator[Json]:
    """The values of a session in which the case goes by itself, at each of its steps."""
    session = await server.open_session(template_id=template["id"])
    path = f"{API}/sessions/{session['id']}"
    played = {"id": new_id(), "kind": "vitals", "step": template["steps"][0]["key"]}
    (await server.http.post(f"{path}/events", json=played)).raise_for_status()
    yield (await server.http.get(path)).json()["last_values"]
    for before, step in pairwise(template["steps"]):
        standing.at += timedelta(seconds=step["at_seconds"] - before["at_seconds"])

        async def come(key: str = step["key"]) -> bool:
            events = (await server.http.get(f"{path}/events?limit=200")).raise_for_status().json()["items"]
            return [event["step"] for event in events if event["step"] is not None][-1] == key

        await eventually(come, step["key"])
        yield (await server.http.get(path)).json()["last_values"]


def _folded(last: LastValues, patch: VitalsPatch, second: float) -> LastValues:
    folded = fold(last, patch, START + timedelta(seconds=second))
    assert not isinstance(folded, InvalidFields)
    return folded


def _shown(states: list[tuple[float, LastValues]], name: Any, second: int) -> float:
    last = [state for begun, state in states if begun <= second][-1]
    return value_at(last, name, START + timedelta(seconds=second))
