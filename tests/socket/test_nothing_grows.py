"""What a server keeps of sessions that are over has a bound: after twice as many of them there is no more of anything.

The bounds are made small here, and time passes between the sessions, for what drains away takes hours of it. Objects
are counted and not bytes: the bytes are `bench --only hour`.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from server.domain.attendance import SeatSpan
from server.domain.text import likeness
from server.live.attendance import Attendance, AttendanceSettings
from server.live.trainee_lists import TraineeLists
from server.service import guessing
from server.storage.postgres import seat_naming
from server.storage.postgres.database import ConnectionSettings
from server.transport.socket.rooms import session_room
from tests.support.census import census
from tests.support.clocks import SteppingClock
from tests.support.houses import UNHURRIED, open_postgres
from tests.support.raw import RawWebSocket
from tests.support.running import RunningServer, running_server
from tests.support.scenario_clients import eventually

SESSIONS = 12
FEW = 8
LIVE = replace(UNHURRIED, sessions_known=FEW, events_known=FEW, logins_known=FEW)
# Each learns the statements by itself, until it knows them.
CONNECTIONS = ConnectionSettings(pool_size=1)
# A day for as many sessions as are compared, so that what is done once a day is done as often; the login lasts longer.
A_WHILE = timedelta(days=1) / SESSIONS
TOKEN_HOURS = "100"


@pytest.fixture
def small_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guessing, "SEEN_KEPT", FEW)
    monkeypatch.setattr(seat_naming, "SESSIONS_KEPT", FEW)
    # Who has just left is kept for as long as they may come back.
    often = AttendanceSettings(seen_every_seconds=0.5, written_after_seconds=0.1)
    monkeypatch.setitem(Attendance.__init__.__kwdefaults__ or {}, "settings", often)


async def _say(line: RawWebSocket, namespace: str, message: str, data: Any) -> None:
    await line.send(f"42{namespace},1{json.dumps([message, data])}")
    assert '"ok":true' in (await line.read_until(f"43{namespace},1["))[-1]


async def _take_part(server: RunningServer, code: str) -> None:
    """Twice a new seat, and an action from each."""
    for _ in range(2):
        line = await RawWebSocket.connect(server.url, "/trainee", {"code": code, "name": f"Ann {uuid4()}"})
        await line.read_until('42/trainee,["session:joined"')
        await _say(line, "/trainee", "action:take", {"id": str(uuid4()), "action": "nibp_start"})
        line.leave()


async def _visit(server: RunningServer, token: str) -> None:
    """A session from its opening to its debrief, and what people mistype meanwhile."""
    session = await server.open_session(title=f"Session {uuid4()}")
    about = {"session_id": session["id"]}
    trainer = await RawWebSocket.connect(server.url, "/trainer", {"token": token})
    await _say(trainer, "/trainer", "session:watch", about)
    await _take_part(server, session["code"])
    push = {"id": str(uuid4()), **about, "vitals": {"heart_rate": 90}, "ramp_seconds": 60}
    await _say(trainer, "/trainer", "vitals:push", push)
    await _say(trainer, "/trainer", "note:add", {"id": str(uuid4()), **about, "text": "Seen"})
    trainer.leave()
    one = f"/api/v1/sessions/{session['id']}"
    shared = (await server.http.post(f"{one}/share")).json()
    assert (await server.http.post("/api/v1/join", json={"code": "ZZZZZZ"})).status_code == 404
    mistyped = {"email": f"{uuid4()}@example.org", "password": "mistyped"}
    assert (await server.http.post("/api/v1/auth/login", json=mistyped)).status_code == 401
    assert shared["url"]
    assert (await server.http.post(f"{one}/close")).status_code == 200
    for path in (f"{one}/debrief", f"{one}/export?format=csv", f"{one}/export?format=json", "/api/v1/sessions"):
        assert (await server.http.get(path)).status_code == 200, path


async def _visits(server: RunningServer, token: str, now: SteppingClock) -> None:
    for _ in range(SESSIONS):
        await _visit(server, token)
        now.wait(A_WHILE)

    async def all_settled() -> bool:
        under_way = {getattr(task.get_coro(), "__qualname__", "") for task in asyncio.all_tasks()}
        return (
            not server.app.sockets.engine.connections
            and TraineeLists._tell.__qualname__ not in under_way
            and not census()[SeatSpan.__name__]
        )

    await eventually(all_settled, "all connections to be gone, told and written down")
    # Kept by thousands, and texts alone.
    session_room.cache_clear()
    likeness.cache_clear()


@pytest.mark.usefixtures("small_bounds")
async def test_twice_as_many_sessions_leave_no_more_behind(database_url: str) -> None:
    now = SteppingClock()
    async with (
        open_postgres(database_url, live=LIVE, connections=CONNECTIONS) as storage,
        running_server(storage, now=now, TOKEN_HOURS=TOKEN_HOURS) as server,
    ):
        token = (await server.login())["token"]
        # Until what has a bound is full, and what is made once is made.
        await _visits(server, token, now)
        before = census()
        await _visits(server, token, now)
        after = census()
        grown = _grown(before, after)
        if grown:
            # The driver learns a statement when it is first asked, once, which may be late for one that is rarely
            # needed. What is kept of sessions is more with each of them.
            await _visits(server, token, now)
            grown &= _grown(after, census())
        assert grown == Counter()


def _grown(before: Counter[str], after: Counter[str]) -> Counter[str]:
    return Counter({what: more for what in after if (more := after[what] - before[what]) >= SESSIONS / 2})
