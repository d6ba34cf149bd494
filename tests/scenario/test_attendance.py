"""Who was there when: shown with the record, kept beside it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest

from server.domain.attendance import SeatSpan
from server.live.attendance import ATTENDANCE_SETTINGS
from tests.support.houses import open_postgres
from tests.support.running import connected, running_server
from tests.support.scenario_clients import Json, Person, World, eventually


async def _attendance(person: Person, session: Json) -> dict[str, list[Json]]:
    """The spans of each trainee, by name."""
    debrief = await person.get(f"/sessions/{session['id']}/debrief")
    assert {"duration_seconds", "attendance"} <= set(debrief)
    assert all(set(each) == {"seat_id", "name", "spans"} for each in debrief["attendance"])
    return {each["name"]: each["spans"] for each in debrief["attendance"]}


async def test_it_is_shown_while_the_session_is_open_and_after_its_end(world: World) -> None:
    trainer, observer = await world.person("trainer"), await world.person("observer")
    session = await trainer.open_session()
    ann, bob = await world.join(session, "Ann"), await world.join(session, "Bob")

    async def both_are_there() -> dict[str, list[Json]] | None:
        """A busy storage writes their seats somewhat later."""
        told = await _attendance(observer, session)
        return told if len(told) == 2 else None

    joined = await eventually(both_are_there, "both to be listed")
    assert {name: [span["left_at"] for span in spans] for name, spans in joined.items()} == {
        "Ann": [None],
        "Bob": [None],
    }
    await bob.disconnect()

    async def bob_has_left() -> bool:
        return (await _attendance(trainer, session))["Bob"][0]["left_at"] is not None

    await eventually(bob_has_left, "Bob to have left")
    closed = await trainer.post(f"/sessions/{session['id']}/close")
    await ann.expect("session:closed")
    after = await _attendance(observer, session)
    assert list(after) == ["Ann", "Bob"]
    assert after["Ann"] == [{"joined_at": joined["Ann"][0]["joined_at"], "left_at": closed["closed_at"]}]
    assert after["Bob"][0]["joined_at"] == joined["Bob"][0]["joined_at"]
    assert after["Bob"][0]["left_at"] <= closed["closed_at"]

    debrief = await trainer.get(f"/sessions/{session['id']}/debrief")
    lasted = datetime.fromisoformat(closed["closed_at"]) - datetime.fromisoformat(closed["created_at"])
    assert debrief["duration_seconds"] == int(lasted.total_seconds())
    exported = json.loads((await trainer.call("GET", f"/sessions/{session['id']}/export?format=json", 200)).text)
    assert exported["attendance"] == debrief["attendance"]
    assert [event["kind"] for event in exported["events"]] == ["lifecycle"]


async def test_a_seat_that_was_taken_away_was_there_all_the_same(world: World) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    ann, watcher = await world.join(session, "Ann"), await world.watch(session)
    await watcher.ask("trainee:remove", {"session_id": session["id"], "seat_id": ann.seat["id"]})
    await ann.expect("disconnect")

    async def ann_has_left() -> bool:
        return (await _attendance(trainer, session))["Ann"][0]["left_at"] is not None

    await eventually(ann_has_left, "Ann to have left")
    assert (await watcher.ask("session:watch", {"session_id": session["id"]}))["trainees"] == []


async def test_nobody_was_in_an_empty_session(world: World) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    assert await _attendance(trainer, session) == {}


async def test_a_class_that_joins_flaps_and_leaves_costs_the_record_nothing(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """40 trainees who come and go 11 times: no event, and a statement every other second."""
    statements: list[int] = []
    async with open_postgres(database_url) as storage:
        put = storage.attendance.put_spans

        async def put_and_count(spans: Sequence[SeatSpan], seen_at: datetime) -> None:
            statements.append(len(spans))
            await put(spans, seen_at)

        monkeypatch.setattr(storage.attendance, "put_spans", put_and_count)
        async with running_server(storage) as server:
            await server.login()
            session = await server.open_session()
            began = time.monotonic()

            async def come_and_go(name: str) -> None:
                auth: dict[str, Any] = {"code": session["code"], "name": name}
                for _ in range(11):
                    async with connected(server.url, "/trainee", auth) as trainee:
                        auth["seat"] = (await trainee.wait_for("session:joined"))["seat"]["token"]

            await asyncio.gather(*(come_and_go(f"Trainee {number}") for number in range(40)))
            path = f"/api/v1/sessions/{session['id']}"

            async def everybody_has_left() -> Any:
                attendance = (await server.http.get(f"{path}/debrief")).json()["attendance"]
                return attendance if all(each["spans"][-1]["left_at"] for each in attendance) else None

            flapping = len(statements)
            lasted = time.monotonic() - began
            attendance = await eventually(everybody_has_left, "everybody to have left")
            after = (await server.http.get(path)).json()
            assert after == session
            assert (await server.http.get(f"{path}/events")).json()["items"] == []
    assert len(attendance) == 40
    assert flapping <= 2 + lasted / ATTENDANCE_SETTINGS.written_after_seconds
    assert [len(each["spans"]) for each in attendance] == [1] * 40
