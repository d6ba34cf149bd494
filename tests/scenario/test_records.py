"""Reading back: events, lists with a cursor, and the export."""

from __future__ import annotations

import csv
import io
import json

import pytest

from tests.support.scenario_clients import Json, Person, World, eventually, new_id
from tests.support.scenario_values import EVENT_KEYS, SESSION_KEYS, SIGNS, UNITS, folded


async def _busy_session(world: World, trainer: Person, title: str = "Busy") -> Json:
    """A closed session with events of every kind."""
    session = await trainer.open_session(title=title)
    watcher, trainee = await world.watch(session), await world.join(session, "Ann")
    await watcher.push(session, vitals={"heart_rate": 140, "temperature": 38.5}, flags={"cpr": True}, ramp_seconds=30)
    await watcher.push(session, rhythm="asystole")
    await watcher.ask("note:add", {"id": new_id(), "session_id": session["id"], "text": 'a "note", é\nline 2'})
    await trainee.ask("action:take", {"id": new_id(), "action": "nibp_start", "details": {"cuff": "adult"}})
    await watcher.note(session, marker="adrenaline", made_at=session["created_at"])
    await watcher.ask("session:close", {"session_id": session["id"]})
    return await trainer.get(f"/sessions/{session['id']}")


async def test_events_are_read_page_by_page(world: World) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    line = await world.trainer_line()
    for rate in range(60):
        await line.push(session, vitals={"heart_rate": rate})
    path = f"/sessions/{session['id']}/events"

    first = await trainer.get(path)
    assert set(first) == {"items", "last_seq"}
    assert [event["seq"] for event in first["items"]] == list(range(1, 51))
    assert first["last_seq"] == 60
    page = await trainer.get(path, after=50, limit=7)
    assert [event["seq"] for event in page["items"]] == list(range(51, 58))
    for after in (60, 61, 1_000_000):
        assert await trainer.get(path, after=after) == {"items": [], "last_seq": 60}
    assert len((await trainer.get(path, limit=200))["items"]) == 60


async def test_sessions_are_listed_newest_first(world: World) -> None:
    trainer = await world.person("trainer")
    opened = [(await trainer.open_session(title=f"List {number}"))["id"] for number in range(5)]
    await trainer.post(f"/sessions/{opened[1]}/close")
    world_line = await world.watch({"id": opened[2]})
    await world_line.push({"id": opened[2]}, vitals={"spo2": 70})

    async def listed(**query: object) -> list[Json]:
        found: list[Json] = []
        cursor: dict[str, str] = {}
        while True:
            page = await trainer.get("/sessions", **query, **cursor)
            assert set(page) == {"items", "next_cursor"}
            found += page["items"]
            if page["next_cursor"] is None:
                return found
            cursor = {"cursor": page["next_cursor"]}

    everything = await listed(status="all", limit=2)
    ids = [one["id"] for one in everything]
    assert len(ids) == len(set(ids))
    assert [id_ for id_ in ids if id_ in opened] == opened[::-1]
    assert ids == [one["id"] for one in await listed(status="all", limit=200)]
    still_open = {one["id"] for one in await listed(status="open", limit=3)}
    ended = {one["id"] for one in await listed(status="ended", limit=3)}
    assert still_open & set(opened) == set(opened) - {opened[1]}
    assert opened[1] in ended
    assert not still_open & ended
    by_id = {one["id"]: one for one in everything}
    assert set(by_id[opened[2]]) == {*SESSION_KEYS, "event_count", "trainee_count"}
    assert (by_id[opened[2]]["event_count"], by_id[opened[2]]["trainee_count"]) == (1, 0)


async def test_new_sessions_do_not_disturb_a_listing_under_way(world: World) -> None:
    trainer = await world.person("trainer")
    before = [(await trainer.open_session())["id"] for _ in range(4)]
    first = await trainer.get("/sessions", limit=2, status="all")
    await trainer.open_session()
    second = await trainer.get("/sessions", limit=2, status="all", cursor=first["next_cursor"])
    assert [one["id"] for one in (*first["items"], *second["items"])] == before[::-1]


async def test_counts_of_events_and_trainees(world: World) -> None:
    trainer = await world.person("trainer")
    session = await _busy_session(world, trainer)

    async def counted() -> Json | None:
        """With the trainee, whose seat a busy storage writes somewhat later."""
        listed = (await trainer.get("/sessions", status="ended", limit=200))["items"]
        found = next(one for one in listed if one["id"] == session["id"])
        return found if found["trainee_count"] else None

    told = await eventually(counted, "the trainee to be counted")
    assert told["event_count"] == len(await trainer.events(session)) == session["last_seq"]
    assert told["trainee_count"] == 1


async def test_export_as_csv(world: World) -> None:
    trainer = await world.person("trainer")
    session = await _busy_session(world, trainer)
    response = await trainer.call("GET", f"/sessions/{session['id']}/export", 200, params={"format": "csv"})

    assert response.headers["content-type"].startswith("text/csv")
    assert response.headers["content-disposition"].startswith("attachment")
    assert ".csv" in response.headers["content-disposition"]
    header, *rows = list(csv.reader(io.StringIO(response.text)))
    for sign, unit in UNITS.items():
        assert any(sign in title and unit in title for title in header), (sign, header)
    assert len(rows) == session["last_seq"]
    assert all(len(row) == len(header) for row in rows)
    column = {name: next(place for place, title in enumerate(header) if title.startswith(name)) for name in SIGNS}
    assert (rows[0][column["heart_rate"]], rows[0][column["temperature"]]) == ("140", "38.5")
    assert rows[0][column["spo2"]] == ""
    assert any('a "note", é\nline 2' in row for row in rows)
    place = {name: header.index(name) for name in ("seq", "made_at (UTC)", "step", "marker")}
    made = [(row[place["made_at (UTC)"]], row[place["step"]], row[place["marker"]]) for row in rows]
    events = await trainer.events(session)
    assert made == [(event["made_at"], event["step"] or "", event["marker"] or "") for event in events]
    assert made[-2][2] == "adrenaline"
    # Made before all others, and stored after them: rows stay in seq order.
    assert made[-2][0] < made[0][0]
    assert [int(row[place["seq"]]) for row in rows] == list(range(1, len(rows) + 1))
    assert any("asystole" in row for row in rows)


async def test_export_as_json(world: World) -> None:
    trainer = await world.person("trainer")
    session = await _busy_session(world, trainer)
    response = await trainer.call("GET", f"/sessions/{session['id']}/export", 200, params={"format": "json"})

    assert response.headers["content-type"].startswith("application/json")
    assert response.headers["content-disposition"].startswith("attachment")
    exported = json.loads(response.text)
    assert exported["session"] == session
    assert exported["events"] == await trainer.events(session)
    assert all(set(event) == EVENT_KEYS for event in exported["events"])
    targets = {name: value for name, value in session["last_values"].items() if name != "ramps"}
    assert folded(exported["events"]) == {**targets, "nibp": None}


@pytest.mark.parametrize("name", ["=1+2", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x","y")'])
async def test_a_spreadsheet_does_not_run_what_a_trainee_typed(memory_world: World, name: str) -> None:
    """Names and details come from people without an account, and go to a trainer's Excel."""
    trainer = await memory_world.person("trainer")
    session = await trainer.open_session()
    trainee = await memory_world.join(session, name)
    await trainee.ask("action:take", {"id": new_id(), "action": "marker", "details": {name[:8]: name}})
    text = (await trainer.call("GET", f"/sessions/{session['id']}/export", 200)).text
    cells = [cell for row in list(csv.reader(io.StringIO(text)))[1:] for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "\t", "\r")) or cell == "-1"]


async def test_an_export_is_streamed(world: World) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    line = await world.trainer_line()
    for _ in range(300):
        await line.ask("note:add", {"id": new_id(), "session_id": session["id"], "text": "n" * 2000})
    for format_ in ("csv", "json"):
        path = f"/sessions/{session['id']}/export?format={format_}"
        async with trainer.http.stream("GET", path) as response:
            assert "content-length" not in response.headers
            assert sum([len(chunk) async for chunk in response.aiter_bytes()]) > 300 * 2000


async def test_an_open_session_can_be_exported(world: World) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    empty = (await trainer.call("GET", f"/sessions/{session['id']}/export", 200)).text
    assert len(list(csv.reader(io.StringIO(empty)))) == 1
    exported = (await trainer.call("GET", f"/sessions/{session['id']}/export?format=json", 200)).json()
    assert exported["events"] == []
