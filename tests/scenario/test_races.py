"""The same thing from two sides at the same moment."""

from __future__ import annotations

import asyncio

import socketio

from tests.support.scenario_clients import Json, Line, World, new_id


async def test_one_id_from_many_sides_is_stored_and_told_once(world: World) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    lines = [await world.watch(session) for _ in range(3)]
    body = {"id": new_id(), "vitals": {"spo2": 70}}
    path = f"/sessions/{session['id']}/events"

    acks = asyncio.gather(*(line.ask("vitals:push", {**body, "session_id": session["id"]}) for line in lines * 4))
    posts = asyncio.gather(*(trainer.call("POST", path, json={**body, "kind": "vitals"}) for _ in range(8)))
    answers = [ack["event"] for ack in await acks] + [answer.json() for answer in await posts]

    assert all(event == answers[0] for event in answers)
    assert [answer.status_code for answer in await posts].count(201) <= 1
    assert [event["id"] for event in await trainer.events(session)] == [body["id"]]
    for line in lines:
        await line.settled()
        assert [told["id"] for told in line.all("event:added")] == [body["id"]]
        assert len(line.stored_vitals()) == 1


async def test_one_session_opened_from_many_sides(world: World) -> None:
    trainer = await world.person("trainer")
    body = {"id": new_id(), "title": "Once", "vitals": {"spo2": 70}}
    answers = await asyncio.gather(*(trainer.call("POST", "/sessions", json=body) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [200] * 9 + [201]
    assert len({answer.text for answer in answers}) == 1


async def test_one_version_changed_from_two_sides(world: World) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    headers = {"If-Match": f'"{session["version"]}"'}
    answers = await asyncio.gather(
        *(
            trainer.call("PATCH", f"/sessions/{session['id']}", json={"title": f"Title {number}"}, headers=headers)
            for number in range(8)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 7
    winner = next(answer.json() for answer in answers if answer.status_code == 200)
    assert await trainer.get(f"/sessions/{session['id']}") == winner


async def test_a_session_closed_from_many_sides_ends_once(world: World) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    watcher, ann = await world.watch(session), await world.join(session, "Ann")
    path = f"/sessions/{session['id']}/close"
    closed = await asyncio.gather(*(trainer.post(path) for _ in range(5)))
    assert all(one == closed[0] for one in closed)
    await ann.expect("disconnect")
    await watcher.settled()
    assert len(watcher.all("session:closed")) == len(ann.all("session:closed")) == 1
    assert len(await trainer.events(session)) == closed[0]["last_seq"]


async def test_nothing_comes_after_the_close(world: World) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    line = await world.watch(session)
    pushing = [asyncio.create_task(_push_until_refused(line, session)) for _ in range(4)]
    await line.expect("vitals:pushed", lambda told: (told["seq"] or 0) >= 40)
    closed = (await line.ask("session:close", {"session_id": session["id"]}))["session"]
    stored = [id_ for ids in await asyncio.gather(*pushing) for id_ in ids]

    events = await trainer.events(session)
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert len(events) == closed["last_seq"]
    assert {event["id"] for event in events if event["kind"] == "vitals"} == set(stored)
    names = [name for name, _ in line.heard]
    ended = len(names) - names[::-1].index("session:closed")
    assert "vitals:pushed" not in names[ended:]


async def _push_until_refused(line: Line, session: Json) -> list[str]:
    stored: list[str] = []
    while True:
        body = {"id": new_id(), "session_id": session["id"], "vitals": {"spo2": len(stored) % 100}}
        ack = await line.send("vitals:push", body)
        if not ack["ok"]:
            assert ack["error"]["code"] == "session_closed"
            return stored
        stored.append(body["id"])


async def test_a_trainee_that_joins_while_the_session_closes_is_told(world: World) -> None:
    trainer = await world.person("trainer")
    for _ in range(5):
        session = await trainer.open_session()
        lines = [world.knock(code=session["code"], name="Late") for _ in range(4)]
        joining = [asyncio.create_task(_joined_or_refused(line)) for line in lines]
        await asyncio.sleep(0)
        await trainer.post(f"/sessions/{session['id']}/close")
        for line, code in zip(lines, await asyncio.gather(*joining), strict=True):
            if code is None:
                assert (await line.expect("session:closed"))["reason"] == "closed"
                await line.expect("disconnect")
            else:
                assert code == "session_closed"
            await line.disconnect()


async def _joined_or_refused(line: Line) -> str | None:
    try:
        await line.connect()
    except socketio.exceptions.ConnectionError:
        return (await line.expect("connect_error"))["data"]["code"]
    return None
