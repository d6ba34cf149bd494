"""Watching: catching up, notes, actions, the clock, and what a change made twice does once."""

from __future__ import annotations

import asyncio
import time

from tests.support.scenario_clients import World, new_id
from tests.support.scenario_values import EVENT_KEYS, SESSION_KEYS, SIGNS, seconds_between


async def test_a_watcher_catches_up_from_where_it_was(world: World) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    line = await world.trainer_line()
    for rate in range(60, 70):
        await line.push(session, vitals={"heart_rate": rate})
    events = await trainer.events(session)

    everything = await line.ask("session:watch", {"session_id": session["id"]})
    assert set(everything) == {"ok", "session", "events", "trainees", "server_time"}
    assert set(everything["session"]) == SESSION_KEYS
    assert everything["session"]["last_seq"] == events[-1]["seq"]
    for after_seq, expected in ((0, events), (7, events[7:]), (len(events), []), (999_999, [])):
        ack = await line.ask("session:watch", {"session_id": session["id"], "after_seq": after_seq})
        assert ack["events"] == expected


async def test_a_catch_up_is_at_most_a_thousand_events(memory_world: World) -> None:
    trainer = await memory_world.person("trainer")
    session = await trainer.open_session()
    line = await memory_world.trainer_line()
    for rate in range(1005):
        await line.push(session, vitals={"heart_rate": rate % 300})
    ack = await line.ask("session:watch", {"session_id": session["id"], "after_seq": 0})
    assert [event["seq"] for event in ack["events"]] == list(range(1, 1001))
    rest = await line.ask("session:watch", {"session_id": session["id"], "after_seq": 1000})
    assert [event["seq"] for event in rest["events"]] == list(range(1001, 1006))


async def test_after_unwatching_nothing_is_heard(world: World) -> None:
    session = await (await world.person("trainer")).open_session()
    staying, leaving = await world.watch(session), await world.watch(session)

    assert await leaving.ask("session:unwatch", {"session_id": session["id"]}) == {"ok": True}
    event = await staying.push(session, vitals={"spo2": 70})
    await staying.expect_seq(event["seq"])
    await leaving.settled()
    assert leaving.all("vitals:pushed") == leaving.all("event:added") == []
    assert (await leaving.ask("session:unwatch", {"session_id": session["id"]}))["ok"]


async def test_several_sessions_on_one_line(world: World) -> None:
    trainer = await world.person("trainer")
    one, two, three = [await trainer.open_session() for _ in range(3)]
    line = await world.watch(one)
    await line.ask("session:watch", {"session_id": two["id"]})
    pushed = [await line.push(session, vitals={"spo2": 70}) for session in (one, two, three)]
    await line.settled()
    assert {told["session_id"] for told in line.all("vitals:pushed")} == {one["id"], two["id"]}
    assert [told["id"] for told in line.all("event:added")] == [event["id"] for event in pushed[:2]]


async def test_watching_twice_tells_once(world: World) -> None:
    session = await (await world.person("trainer")).open_session()
    line = await world.watch(session)
    await line.ask("session:watch", {"session_id": session["id"]})
    await line.push(session, vitals={"spo2": 70})
    await line.settled()
    assert len(line.stored_vitals()) == len(line.all("event:added")) == 1


async def test_notes_by_both_doors(world: World) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    watcher, trainee = await world.watch(session), await world.join(session)

    texts = ["Airway open?", 'é 漢字 😀 "quoted", comma\nand a second line', "x" * 2000]
    by_socket = [
        (await watcher.ask("note:add", {"id": new_id(), "session_id": session["id"], "text": text}))["event"]
        for text in texts
    ]
    body = {"id": new_id(), "kind": "note", "text": "by HTTP"}
    by_http = await trainer.post(f"/sessions/{session['id']}/events", body, 201)

    notes = [*by_socket, by_http]
    assert [note["text"] for note in notes] == [*texts, "by HTTP"]
    for note in notes:
        assert set(note) == EVENT_KEYS
        assert note["kind"] == "note"
        assert all(note[sign] is None for sign in SIGNS)
        assert await watcher.expect("event:added", lambda told, id_=note["id"]: told["id"] == id_) == note
    assert [event for event in await trainer.events(session) if event["kind"] == "note"] == notes
    await trainee.settled()
    assert not trainee.all("event:added")
    assert not trainee.all("vitals:pushed")


async def test_a_trainees_action_is_recorded_and_seen(world: World) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    watcher, trainee = await world.watch(session), await world.join(session, "Ann")

    details = {"cuff": "adult", "nested": {"tries": [1, 2]}, "at": "2026-11-21T09:30:00.123Z"}
    message = {"id": new_id(), "action": "nibp_start", "details": details}
    event = (await trainee.ask("action:take", message))["event"]

    assert set(event) == EVENT_KEYS
    assert (event["id"], event["kind"]) == (message["id"], "action")
    assert event["by"] == {"role": "trainee", "id": trainee.seat["id"], "name": "Ann"}
    assert (event["text"], event["details"]) == ("nibp_start", {**details, "action": "nibp_start"})
    assert await watcher.expect("event:added", lambda told: told["id"] == event["id"]) == event
    assert event in await trainer.events(session)
    for action in ("alarm_silence", "marker", "something_new"):
        assert (await trainee.ask("action:take", {"id": new_id(), "action": action}))["event"]["kind"] == "action"
    last_values = (await trainer.get(f"/sessions/{session['id']}"))["last_values"]
    assert {**last_values, "nibp": None} == session["last_values"]
    assert last_values["nibp"]["started_at"] == event["created_at"]


async def test_an_action_keeps_what_else_the_trainee_sent_with_it(world: World) -> None:
    session = await (await world.person("trainer")).open_session()
    trainee = await world.join(session, "Ann")
    details = {"action": "mine", "value": 5}
    event = (await trainee.ask("action:take", {"id": new_id(), "action": "marker", "details": details}))["event"]
    assert (event["text"], event["details"]) == ("marker", {"action": "marker", "value": 5})


async def test_the_clock(world: World) -> None:
    session = await (await world.person("trainer")).open_session()
    line, trainee = await world.trainer_line(), await world.join(session)
    began = time.monotonic()
    times = [await line.clock(), await trainee.clock(), await line.clock(), await trainee.clock()]
    assert times == sorted(times)
    assert all(len(time) == len("2026-11-21T09:30:00.123Z") and time.endswith("Z") for time in times)
    assert seconds_between(times[0], times[-1]) <= time.monotonic() - began + 0.01
    assert set(await line.ask("clock:read", {})) == {"ok", "server_time"}


async def test_a_push_sent_twice_is_stored_once_and_told_once(world: World) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    watcher, trainee = await world.watch(session), await world.join(session, "Ann")
    body = {"id": new_id(), "vitals": {"spo2": 70}}
    path = f"/sessions/{session['id']}/events"

    event = (await watcher.ask("vitals:push", {**body, "session_id": session["id"]}))["event"]
    assert (await watcher.ask("vitals:push", {**body, "session_id": session["id"]}))["event"] == event
    assert await trainer.post(path, {**body, "kind": "vitals"}, 200) == event
    changed = {**body, "vitals": {"spo2": 12}, "kind": "vitals"}
    again = await trainer.call("POST", path, json=changed)
    assert (again.status_code, again.json()) == (200, event)

    last = await watcher.push(session, vitals={"heart_rate": 55})
    await trainee.expect_seq(last["seq"])
    await watcher.expect_seq(last["seq"])
    for screen in (watcher, trainee):
        assert [told["seq"] for told in screen.stored_vitals()] == [event["seq"], last["seq"]]
    assert [told["id"] for told in watcher.all("event:added")] == [event["id"], last["id"]]
    assert [one["id"] for one in await trainer.events(session)] == [event["id"], last["id"]]
    assert (await trainer.get(f"/sessions/{session['id']}"))["last_values"]["spo2"] == 70


async def test_notes_and_actions_sent_twice(world: World) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    watcher, trainee = await world.watch(session), await world.join(session, "Ann")
    note = {"id": new_id(), "session_id": session["id"], "text": "once"}
    action = {"id": new_id(), "action": "marker"}
    for line, message, data in ((watcher, "note:add", note), (trainee, "action:take", action)):
        first = (await line.ask(message, data))["event"]
        assert (await line.ask(message, data))["event"] == first
    assert [event["id"] for event in await trainer.events(session)] == [note["id"], action["id"]]
    await watcher.settled()
    assert len(watcher.all("event:added")) == 2


async def test_a_session_opened_twice_is_one(world: World) -> None:
    trainer = await world.person("trainer")
    body = {"id": new_id(), "title": "Once"}
    session = await trainer.post("/sessions", body, 201)
    assert await trainer.post("/sessions", body, 200) == session
    assert await trainer.post("/sessions", {**body, "title": "Twice"}, 200) == session
    listed = (await trainer.get("/sessions", limit=200))["items"]
    assert [one["id"] for one in listed].count(body["id"]) == 1


async def test_an_id_used_in_another_session_stores_nothing(world: World) -> None:
    trainer = await world.person("trainer")
    one, other = await trainer.open_session(), await trainer.open_session()
    body = {"id": new_id(), "kind": "note", "text": "in the first"}
    await trainer.post(f"/sessions/{one['id']}/events", body, 201)
    assert (await trainer.post(f"/sessions/{other['id']}/events", body, 409))["code"] == "conflict"
    assert await trainer.events(other) == []


async def test_many_pushes_at_once_keep_their_order(world: World) -> None:
    """Sent without waiting for acks: seq follows the order of sending on one line, and every screen ends the same."""
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    watcher, trainee = await world.watch(session), await world.join(session, "Ann")
    events = await asyncio.gather(*(watcher.push(session, vitals={"heart_rate": rate}) for rate in range(100)))
    assert sorted(event["seq"] for event in events) == list(range(1, 101))
    final = (await trainer.get(f"/sessions/{session['id']}"))["last_values"]
    for screen in (watcher, trainee):
        assert (await screen.expect_seq(100))["last_values"] == final
        seqs = [told["seq"] for told in screen.stored_vitals()]
        assert seqs == sorted(seqs)
    assert [event["heart_rate"] for event in sorted(events, key=lambda event: event["seq"])] == list(range(100))
