"""GET /comparison: of one school's ended sessions of a template, without people."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from server.domain.session import Session
from server.storage.memory import MemoryStorage
from server.transport.http.endpoint import API
from tests.support.houses import furnish
from tests.support.making import BY, NOW, a_content, a_seat, a_template, later
from tests.support.running import RunningServer, running_server


class Bay:
    """A server whose clock stands until somebody sets it, and a case that groups try."""

    def __init__(self, server: RunningServer, storage: MemoryStorage, clock: list[datetime]) -> None:
        self.server, self.storage, self.clock = server, storage, clock
        self.template: dict[str, Any] = {}

    async def prepare(self) -> None:
        await self.server.login()
        body = {
            "title": "VF; =1+1",
            "checklist": [{"key": "calls", "text": "Appelle;=2+2", "critical": True}],
            "targets": [{"marker": "defibrillation", "from": "arrest", "seconds": 120}],
        }
        answer = await self.server.http.post(f"{API}/templates", json=body)
        assert answer.status_code == 201, answer.text
        self.template = answer.json()

    async def attempt(self, people: int, *, shock_after: float | None, opened: float = 0) -> str:
        """An arrest after 10 s, the shock so long after it, and the end."""
        self.clock[0] = later(opened)
        # A login ends after some hours.
        await self.server.login()
        session = await self.server.open_session(template_id=self.template["id"])
        stored = await self.storage.sessions.find_session(UUID(session["id"]))
        assert isinstance(stored, Session)
        for _ in range(people):
            seat = a_seat(stored)
            await self.storage.sessions.add_seat(seat, seat.id.bytes)
        self.clock[0] = later(opened + 10)
        await self._record(session, {"kind": "vitals", "rhythm": "ventricular_fibrillation"})
        if shock_after is not None:
            self.clock[0] = later(opened + 10 + shock_after)
            await self._record(session, {"kind": "note", "marker": "defibrillation"})
        self.clock[0] += timedelta(seconds=100)
        assert (await self.server.http.post(f"{API}/sessions/{session['id']}/close")).status_code == 200
        return session["id"]

    async def _record(self, session: dict[str, Any], body: dict[str, Any]) -> None:
        body = {"id": str(uuid4()), **body}
        answer = await self.server.http.post(f"{API}/sessions/{session['id']}/events", json=body)
        assert answer.status_code == 201, answer.text

    async def compared(self, status: int = 200, **query: str) -> Any:
        query = {"template_id": self.template["id"], **query}
        answer = await self.server.http.get(f"{API}/comparison", params=query)
        assert answer.status_code == status, answer.text
        return answer


@pytest.fixture
async def bay() -> AsyncGenerator[Bay]:
    clock, storage = [NOW], MemoryStorage()
    async with running_server(storage, now=lambda: clock[0]) as server:
        bay = Bay(server, storage, clock)
        await bay.prepare()
        yield bay


async def test_four_people_are_told_nothing_and_five_are(bay: Bay) -> None:
    await bay.attempt(2, shock_after=60)
    await bay.attempt(2, shock_after=90)
    assert (await bay.compared()).json() == {"times": [], "items": [], "hidden": True}
    await bay.attempt(1, shock_after=None)
    assert (await bay.compared()).json() == {
        "times": [
            {
                "marker": "defibrillation", "from": "arrest", "n": 3, "share_done": 2 / 3,
                "median": 75, "range": [60, 90],
            },
            {
                "marker": "defibrillation", "from": "start", "n": 3, "share_done": 2 / 3,
                "median": 85, "range": [70, 100],
            },
        ],
        "items": [],
        "hidden": False,
    }  # fmt: skip


async def test_scores_are_compared_item_by_item(bay: Bay) -> None:
    for score in (2, 1, "na"):
        session_id = await bay.attempt(2, shock_after=60)
        body = {"items": {"calls": {"score": score}}}
        assert (await bay.server.http.put(f"{API}/sessions/{session_id}/scores", json=body)).status_code == 200
    await bay.attempt(5, shock_after=60)
    assert (await bay.compared()).json()["items"] == []
    session_id = await bay.attempt(1, shock_after=60)
    body = {"items": {"calls": {"score": 0}}}
    assert (await bay.server.http.put(f"{API}/sessions/{session_id}/scores", json=body)).status_code == 200
    assert (await bay.compared()).json()["items"] == [{"key": "calls", "n": 3, "median": 1, "range": [0, 2]}]
    written = (await bay.compared(format="csv", dialect="fr")).text
    assert 'item;calls;"Appelle;\'=2+2";' in written


async def test_a_late_marker_counts_though_the_attempt_was_compared_before(bay: Bay) -> None:
    session_id = await bay.attempt(5, shock_after=None)
    assert (await bay.compared()).json()["times"][0]["median"] is None
    body = {"id": str(uuid4()), "kind": "note", "at": later(40).isoformat(), "text": "x", "marker": "defibrillation"}
    assert (await bay.server.http.post(f"{API}/sessions/{session_id}/annotations", json=body)).status_code == 201
    assert (await bay.compared()).json()["times"][0]["median"] == 30


async def test_a_period_is_of_days_or_of_moments(bay: Bay) -> None:
    day = 24 * 3600
    await bay.attempt(5, shock_after=60)
    await bay.attempt(5, shock_after=90, opened=2 * day)
    medians = [
        [row["median"] for row in (await bay.compared(**query)).json()["times"]]
        for query in (
            {},
            {"from": "", "to": ""},
            {"to": "2026-11-21"},
            {"from": "2026-11-22"},
            {"from": "2026-11-23T09:30:00.123Z", "to": "2026-11-23T09:30:00.124Z"},
            {"to": "2026-11-21T09:30:00.123Z"},
        )
    ]
    assert medians == [[75, 85], [75, 85], [60, 70], [90, 100], [90, 100], []]


async def test_a_spreadsheet_reads_it_in_both_dialects(bay: Bay) -> None:
    await bay.attempt(3, shock_after=60.5)
    await bay.attempt(3, shock_after=None)
    plain, french = await bay.compared(format="csv"), await bay.compared(format="csv", dialect="fr")
    assert plain.headers["content-disposition"] == ('attachment; filename="shiller-2026-11-21-vf-1-1-comparison.csv"')
    assert list(csv.reader(io.StringIO(plain.text))) == [
        ["kind", "key", "text", "from", "n", "share_done", "median", "low", "high", "unit"],
        ["time", "defibrillation", "", "arrest", "2", "0.5", "60.5", "60.5", "60.5", "s"],
        ["time", "defibrillation", "", "start", "2", "0.5", "70.5", "70.5", "70.5", "s"],
    ]
    assert french.text.startswith("\ufefftype;clé;texte;depuis;n;part faite;médiane;minimum;maximum;unité\r\n")
    rows = list(csv.reader(io.StringIO(french.text.removeprefix("\ufeff")), delimiter=";"))
    assert rows[1][5:7] == ["0,5", "60,5"]


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ({"template_id": ""}, ["template_id"]),
        ({"template_id": "7"}, ["template_id"]),
        ({"from": "yesterday", "to": "2026-13-01"}, ["from", "to"]),
        ({"from": "2026-11-22", "to": "2026-11-20"}, ["to"]),
        ({"to": "9999-12-31", "format": "xml", "dialect": "de"}, ["to", "format", "dialect"]),
    ],
)
async def test_what_is_wrong_is_named(bay: Bay, query: dict[str, str], fields: list[str]) -> None:
    problem = (await bay.compared(422, **query)).json()
    assert [error["field"] for error in problem["errors"]] == fields


async def test_another_schools_template_is_not_there(bay: Bay) -> None:
    other = await furnish(bay.storage, "Another school")
    template = a_template(other.school, content=a_content())
    await bay.storage.templates.add_template(template, BY)
    await bay.compared(404, template_id=str(template.id))
    await bay.compared(404, template_id=str(uuid4()))


async def test_a_deleted_template_is_compared_still(bay: Bay) -> None:
    await bay.attempt(5, shock_after=60)
    assert (await bay.server.http.delete(f"{API}/templates/{bay.template['id']}")).status_code == 200
    assert len((await bay.compared()).json()["times"]) == 2


async def test_it_needs_a_login(bay: Bay) -> None:
    del bay.server.http.headers["Authorization"]
    bay.server.http.cookies.clear()
    await bay.compared(401)
