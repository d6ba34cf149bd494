"""A day of a hall over a line that is cut in the middle of its bytes, while both servers are killed: every record
arrives, whole, once, and the same byte for byte.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from pathlib import Path
from typing import Any

import httpx

from tests.support.halls import Hall, Json, a_hall
from tests.support.own_postgres import own_postgres
from tests.support.postgres import DatabaseServer
from tests.support.scenario import ServerProcess, errors_in
from tests.support.scenario_clients import eventually, new_id

SESSIONS = 20
ROOMS = 2
EVENTS = 100
CUTS = 50
KILLS = 10
SEED = 20261128


def cut_lengths(chance: random.Random) -> list[int]:
    """Of all sizes alike: within the first line of a call, and within its hundred-thousandth byte. All of them together
    are less than the day, so that the day itself brings them about.
    """
    return [int(10 ** chance.uniform(0, 5.2)) for _ in range(CUTS)]


def an_event_of_the_day(chance: random.Random, session_id: str, number: int) -> Json:
    bodies: list[Json] = [
        {
            "kind": "vitals",
            "vitals": {"heart_rate": chance.randint(40, 180)},
            "ramp_seconds": chance.choice([0, 2.5, 60]),
        },
        {"kind": "vitals", "vitals": {"temperature": chance.randint(350, 400) / 10}, "flags": {"cpr": True}},
        {"kind": "vitals", "rhythm": chance.choice(["sinus", "asystole"]), "flags": {"cpr": None}},
        {"kind": "note", "text": f"Größe; «ça va», {number}: \U0001f691"},
        {"kind": "action", "action": "nibp_start"},
    ]
    return {
        "id": new_id(),
        "entityType": "SESSION_EVENT",
        "entityId": new_id(),
        "operation": "CREATE",
        "localVersion": 0,
        "payload": {"session_id": session_id, **chance.choice(bodies)},
    }


async def until_taken(hall: Hall, method: str, url: str, body: Json) -> httpx.Response:
    """Whatever happens to the hall meanwhile: the same again, until it is answered."""

    async def look() -> httpx.Response | None:
        try:
            answer = await hall.trainer.request(method, f"{hall.server.url}{url}", json=body)
        except httpx.TransportError:
            return None
        assert answer.status_code in (200, 201, 429, 503), answer.text
        return answer if answer.status_code in (200, 201) else None

    return await eventually(look, f"{method} {url} to be answered", patience=300)


async def record_day(hall: Hall, chance: random.Random) -> list[str]:
    """Sessions, and what happens in them, as tablets of the hall send it: in two rooms at once."""
    sessions = [new_id() for _ in range(SESSIONS)]

    async def record_in(room: int) -> None:
        for number in range(room, SESSIONS, ROOMS):
            await record_session(hall, chance, sessions[number], f"Case {number}", f"tablet {room}")

    await asyncio.gather(*(record_in(room) for room in range(ROOMS)))
    return sessions


async def record_session(hall: Hall, chance: random.Random, session_id: str, title: str, tablet: str) -> None:
    body = {"id": session_id, "title": title, "vitals": {"heart_rate": 80}}
    await until_taken(hall, "POST", "/api/v1/sessions", body)
    events = [an_event_of_the_day(chance, session_id, each) for each in range(EVENTS)]
    for half in (events[: EVENTS // 2], events[EVENTS // 2 :]):
        answer = await until_taken(hall, "POST", "/api/sync/up", {"clientId": tablet, "events": half})
        assert len(answer.json()["acknowledged"]) == len(half), answer.text
    await until_taken(hall, "POST", f"/api/v1/sessions/{session_id}/close", {})
    await annotate(hall, chance, session_id)


async def annotate(hall: Hall, chance: random.Random, session_id: str) -> None:
    """Two of them after the end; one is edited, once it may have been sent, and so is a sheet."""
    path, made = f"/api/v1/sessions/{session_id}/annotations", [new_id(), new_id()]
    for annotation_id in made:
        body = {
            "id": annotation_id,
            "at": "2026-11-28T09:00:00.000Z",
            "kind": "delta",
            "text": f"Größe {chance.random()}",
        }
        await until_taken(hall, "POST", path, body)
    await until_taken(hall, "PATCH", f"{path}/{chance.choice(made)}", {"text": "edited", "kind": "plus"})
    for comment in ("first", "better"):
        await until_taken(hall, "PUT", f"/api/v1/sessions/{session_id}/scores", {"items": {}, "comment": comment})


async def kill_now_and_then(server: ServerProcess, chance: random.Random, errors: list[str]) -> None:
    for _ in range(KILLS // 2):
        await asyncio.sleep(chance.uniform(0.1, 0.6))
        server.kill()
        errors += errors_in(server.log)
        await asyncio.to_thread(server.restart_on_same_port)


async def ask_without_pause(hall: Hall) -> None:
    """As somebody who taps the line again and again: no pause after a failure is waited for."""
    while True:
        with contextlib.suppress(httpx.TransportError):
            await hall.at_hall("POST", "/upstream/now")
        await asyncio.sleep(0.1)


async def test_a_day_arrives_whole_through_cuts_and_kills(tmp_path: Path, database_server: DatabaseServer) -> None:
    chance = random.Random(SEED)
    errors: list[str] = []
    # Two PostgreSQLs, as a hall's laptop has one of its own.
    with own_postgres() as own:
        async with a_hall(tmp_path, database_server, DATABASE_URL=own.url) as hall:
            await _a_day_arrives(hall, chance, errors)


async def _a_day_arrives(hall: Hall, chance: random.Random, errors: list[str]) -> None:
    await hall.log_in()
    hall.line.cut_after(cut_lengths(chance))
    tapping = asyncio.create_task(ask_without_pause(hall))
    killing = [asyncio.create_task(kill_now_and_then(server, chance, errors)) for server in (hall.server, hall.central)]
    sessions = await record_day(hall, chance)
    await asyncio.gather(*killing)

    async def all_cuts() -> bool:
        return hall.line.cuts_made == CUTS

    await eventually(all_cuts, "the last cut", patience=180)
    await hall.sent(patience=180)
    tapping.cancel()
    await asyncio.gather(tapping, return_exceptions=True)
    for some in (sessions[: SESSIONS // 2], sessions[SESSIONS // 2 :]):
        await asyncio.gather(*(assert_same(hall, each) for each in some))
    assert not errors
    assert not errors_in(hall.server.log)
    assert not errors_in(hall.central.log)


async def assert_same(hall: Hall, session_id: str) -> None:
    path = f"/sessions/{session_id}"
    here, there = (await hall.at_hall("GET", path)).json(), (await hall.at_central("GET", path)).json()
    told: tuple[str, ...] = (
        "last_seq",
        "last_values",
        "closed_at",
        "close_reason",
        "created_at",
        "title",
        "trainer_id",
    )
    assert {name: here[name] for name in told} == {name: there[name] for name in told}
    assert here["last_seq"] > EVENTS
    mine, theirs = await hall.at_hall("GET", f"{path}/annotations"), await hall.at_central("GET", f"{path}/annotations")
    assert len(mine.json()["items"]) == 2
    assert mine.content == theirs.content
    mine, theirs = await hall.at_hall("GET", f"{path}/debrief"), await hall.at_central("GET", f"{path}/debrief")
    assert [each["comment"] for each in mine.json()["scores"]["sheets"]] == ["better"]
    assert mine.content == theirs.content
    for values in ("pushed", "shown", "true"):
        export: dict[str, Any] = {"params": {"format": "csv", "values": values}}
        mine = await hall.at_hall("GET", f"{path}/export", **export)
        theirs = await hall.at_central("GET", f"{path}/export", **export)
        assert mine.status_code == theirs.status_code == 200
        assert mine.content == theirs.content
