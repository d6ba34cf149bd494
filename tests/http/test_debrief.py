"""The debrief over HTTP: of a case whose every second was worked out by hand, while it runs and after its end."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from server import clock
from server.storage.memory import MemoryStorage
from server.transport.http.endpoint import API
from server.transport.wire.debrief_shapes import DebriefAnswer
from tests.support.running import RunningServer, running_server
from tests.support.ward import Ward

Json = dict[str, Any]
CASE: Json = {
    "title": "Arrest",
    "steps": [{"key": "vf", "title": "Collapse", "rhythm": "ventricular_fibrillation", "flags": {"pulseless": True}}],
    "checklist": [{"key": "help", "text": "Calls for help", "marker": "help", "target_seconds": 60}],
    "targets": [{"marker": "defibrillation", "from": "arrest", "seconds": 120}],
}


class Course:
    """One session on a server whose clock stands wherever the test sets it: seconds since the opening."""

    def __init__(self) -> None:
        self._opened_at = clock.now()
        self._now = self._opened_at

    def now(self) -> datetime:
        return self._now

    async def open(self, server: RunningServer) -> None:
        self.http = server.http
        await server.login()
        template = (await server.http.post(f"{API}/templates", json=CASE)).json()
        self.session = await server.open_session(template_id=template["id"])

    def at(self, seconds: float) -> None:
        self._now = self._opened_at + timedelta(seconds=seconds)

    async def event(self, seconds: float, kind: str, **fields: Any) -> None:
        self.at(seconds)
        body = {"id": str(uuid4()), "kind": kind, **fields}
        answer = await self.http.post(f"{API}/sessions/{self.session['id']}/events", json=body)
        assert answer.status_code == 201, answer.text

    async def debrief(self) -> Json:
        answer = await self.http.get(f"{API}/sessions/{self.session['id']}/debrief")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def rename(self, seq: int, kind: str, **body: Any) -> httpx.Response:
        return await self.http.patch(f"{API}/sessions/{self.session['id']}/moments/{seq}/{kind}", json=body)

    def seconds(self, at: str) -> float:
        return (datetime.fromisoformat(at) - self._opened_at).total_seconds()


@asynccontextmanager
async def _course() -> AsyncGenerator[Course]:
    course = Course()
    async with running_server(MemoryStorage(), now=course.now) as server:
        await course.open(server)
        yield course


async def test_a_case_worked_out_by_hand_while_it_runs_and_after_its_end() -> None:
    async with _course() as course:
        await course.event(30, "vitals", vitals={"heart_rate": 131, "systolic": 85, "diastolic": 50, "spo2": 92})
        await course.event(50, "note", marker="help")
        await course.event(100, "vitals", step="vf")
        await course.event(110, "vitals", flags={"cpr": True})
        await course.event(142, "vitals", flags={"cpr": False})
        await course.event(145, "note", marker="defibrillation")
        running = await course.debrief()
        assert set(running) == set(DebriefAnswer.__annotations__)
        assert running["scores"] == {"sheets": [], "differences": []}
        assert [moment["kind"] for moment in running["moments"]].count("end") == 0
        assert (running["resuscitation"][0]["end"], running["resuscitation"][0]["end_at"]) == (None, None)
        await course.event(147, "vitals", rhythm="sinus", flags={"pulseless": None})
        course.at(200)
        assert (await course.http.post(f"{API}/sessions/{course.session['id']}/close")).status_code == 200
        sheet = {"items": {"help": {"score": 2}}}
        assert (await course.http.put(f"{API}/sessions/{course.session['id']}/scores", json=sheet)).status_code == 200
        ended = await course.debrief()

    assert ended["duration_seconds"] == 200
    assert [(course.seconds(moment["at"]), moment["seq"], moment["kind"]) for moment in ended["moments"]] == [
        (0, 0, "opened"), (30, 1, "news2_5"), (30, 1, "news2_7"), (50, 2, "bookmark"), (100, 3, "rhythm"),
        (100, 3, "step"), (100, 3, "arrest"), (145, 6, "bookmark"), (147, 7, "rhythm"), (147, 7, "arrest_end"),
        (200, 8, "end"),
    ]  # fmt: skip
    assert [tuple(time.values()) for time in ended["times"]] == [
        ("defibrillation", "arrest", 45, 120, True),
        ("defibrillation", "start", 145, None, None),
        ("help", "start", 50, 60, True),
    ]
    (sheet,) = ended["scores"]["sheets"]
    assert (sheet["by"]["name"], sheet["percent"], sheet["is_passed"]) == ("Demo Trainer", 100, True)
    assert (ended["scores"]["differences"], ended["reflections"]) == ([], [])
    (arrest,) = ended["resuscitation"]
    assert (arrest["onset_seq"], arrest["end"], arrest["seconds"], arrest["compressions_seconds"]) == (
        3,
        "rosc",
        47,
        32,
    )
    assert (arrest["to_compressions_seconds"], arrest["to_shock_seconds"], arrest["to_rosc_seconds"]) == (10, 45, 47)
    assert [(course.seconds(score["at"]), score["total"], score["band"]) for score in ended["news2"]] == [
        (0, 0, "low"), (30, 8, "high"), (100, None, None), (147, 8, "high"),
    ]  # fmt: skip
    assert (ended["news2"][1]["mean"], ended["news2"][1]["shock_index"]) == (62, 1.54)
    assert ended["news2"][1]["missing"] == ["consciousness", "oxygen"]
    assert set(ended["news2"][2]["parts"].values()) == {None}


async def test_a_moment_is_hidden_and_renamed_and_the_record_does_not_move() -> None:
    async with _course() as course:
        await course.event(10, "vitals", step="vf")
        before = await course.debrief()
        renamed = await course.rename(1, "arrest", title=" The  collapse ")
        assert renamed.status_code == 200
        assert renamed.json() == {**before["moments"][3], "title": "The collapse"}
        assert (await course.rename(1, "arrest", is_hidden=True)).json()["title"] == "The collapse"
        (changed,) = [each for each in (await course.debrief())["moments"] if each["kind"] == "arrest"]
        assert (changed["title"], changed["is_hidden"]) == ("The collapse", True)
        again = await course.rename(1, "arrest", title=None, is_hidden=False)
        assert again.json() == before["moments"][3]
        for seq, kind in ((2, "arrest"), (1, "cuff"), (10**12, "arrest")):
            assert (await course.rename(seq, kind, is_hidden=True)).status_code == 404
        refused = await course.rename(1, "arrest", title="x" * 500)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "title")
        events = (await course.http.get(f"{API}/sessions/{course.session['id']}/events")).json()["items"]
        assert len(events) == 1


@pytest.mark.parametrize("ward", ["memory"], indirect=True)
async def test_everybody_who_annotates_renames_moments(ward: Ward) -> None:
    session = (await ward.trainer.http.post(f"{API}/sessions", json={})).json()
    path = f"{API}/sessions/{session['id']}/moments/0/opened"
    for name in ("trainer", "colleague", "observer", "admin"):
        answer = await ward.devices[name].http.patch(path, json={"title": name})
        assert (answer.status_code, answer.json()["title"]) == (200, name)
