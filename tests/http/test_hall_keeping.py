"""A session of a hall whose names go out at the central server: the hall deletes its copy in the next night."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from tests.http.test_hall_logins import BELA, Pair, pair
from tests.support.running import connected
from tests.support.scenario_clients import eventually

API = "/api/v1"
__all__ = ["pair"]


async def test_a_hall_forgets_a_session_whose_names_are_out(pair: Pair) -> None:
    await pair.let_in(**BELA)
    session = (await pair.hall.http.post(f"{API}/sessions", json={"title": "Sepsis"})).json()
    path = f"{API}/sessions/{session['id']}"
    async with connected(pair.hall.url, "/trainee", {"code": session["code"], "name": "Ann"}) as ann:
        await ann.wait_for("session:joined")
        await ann.call("action:take", {"id": str(uuid4()), "action": "nibp_start"})
    locked = await pair.hall.http.post(f"{path}/lock", json={"reason": "Mine"})
    assert (locked.status_code, locked.json()["code"]) == (403, "forbidden")
    await pair.hall.http.post(f"{path}/close")

    async def has_ended() -> bool:
        await pair.status()
        there = (await pair.central.http.get(f"{path}/debrief")).json()
        return bool(there.get("attendance")) and (await pair.central.http.get(path)).json()["closed_at"] is not None

    await eventually(has_ended, "the record to be whole at the central")
    out = await pair.central.http.post(f"{path}/names-out", json={})
    assert out.status_code == 200, out.text
    assert (await pair.hall.http.get(path)).json()["names_out_at"] is None

    pair.now.wait(timedelta(days=1))
    await pair.central.login()
    await pair.let_in(**BELA)

    async def is_forgotten() -> bool:
        await pair.status()
        return (await pair.hall.http.get(path)).status_code == 404

    await eventually(is_forgotten, "the hall to delete its copy")
    status: dict[str, Any] = await pair.status()
    assert (status["problem"], status["refused"], status["waiting"]["sessions"]) == (None, [], 0)
    assert (await pair.hall.http.get(f"{API}/sessions")).json()["items"] == []
    events = (await pair.central.http.get(f"{path}/events")).json()["items"]
    assert [event["by"]["name"] for event in events if event["by"]["role"] == "trainee"] == ["Trainee 1"]
    debrief = (await pair.central.http.get(f"{path}/debrief")).json()
    assert [each["name"] for each in debrief["attendance"]] == ["Trainee 1"]
