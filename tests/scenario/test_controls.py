"""A trainer takes the controls of a colleague's session: recorded, and the owner is told."""

from __future__ import annotations

import asyncio

from tests.support.scenario_clients import World, new_id


async def test_a_colleague_takes_the_controls_and_the_owner_is_told(world: World) -> None:
    owner, colleague = await world.person("trainer"), await world.person("colleague")
    session = await owner.open_session()
    path = f"/sessions/{session['id']}"
    watcher, trainee = await world.watch(session), await world.join(session, "Ann")
    line = await world.trainer_line("colleague")
    push = {"id": new_id(), "session_id": session["id"], "vitals": {"spo2": 80}}
    refused = await line.refused("vitals:push", push)
    assert refused["code"] == "forbidden"
    assert "take the controls" in refused["detail"]

    taken = await colleague.call("POST", f"{path}/controls", 200)
    assert taken.headers["etag"] == f'"{session["version"] + 1}"'
    assert taken.json()["co_trainer_ids"] == [colleague.account["id"]]
    (event,) = await owner.events(session)
    assert (event["kind"], event["details"]) == ("case", {"action": "controls_taken"})
    assert event["by"] == {"role": "trainer", "id": colleague.account["id"], "name": colleague.account["name"]}
    assert await watcher.expect("event:added") == event
    assert await watcher.expect("session:updated") == taken.json()
    await trainee.expect("session:updated")
    assert (await line.ask("vitals:push", push))["event"]["by"]["id"] == colleague.account["id"]

    # What was told of that push before its ack, and by another line.
    await watcher.settled()
    heard = len(watcher.heard)
    again = await colleague.post(f"{path}/controls")
    assert again["version"] == taken.json()["version"]
    await owner.post(f"{path}/controls")
    await watcher.settled()
    # That devices have something to pull, and who is there, may be told a little later.
    later = ("sync:changed", "trainees:changed")
    assert [name for name, _ in watcher.heard[heard:] if name not in later] == []
    assert len(await owner.events(session)) == 2


async def test_nothing_is_taken_in_a_session_that_is_over(world: World) -> None:
    owner, colleague = await world.person("trainer"), await world.person("colleague")
    session = await owner.open_session()
    await owner.post(f"/sessions/{session['id']}/close")
    for person in (owner, colleague):
        assert (await person.post(f"/sessions/{session['id']}/controls", status=410))["code"] == "session_closed"
    await colleague.post(f"/sessions/{new_id()}/controls", status=404)


async def test_two_trainers_steer_one_case_and_an_observer_steers_nothing(world: World) -> None:
    owner, colleague, observer = [await world.person(who) for who in ("trainer", "colleague", "observer")]
    by_marker = {"to": "better", "automatic": True, "on": {"marker": "naloxone", "count": 2}}
    steps = [
        {"key": "sleepy", "title": "Sleepy", "vitals": {"spo2": 90}, "transitions": [by_marker]},
        {"key": "better", "title": "Wakes", "vitals": {"spo2": 96}},
        {"key": "worse", "title": "Worse", "vitals": {"spo2": 80}},
    ]
    template = await owner.post("/templates", {"title": "Opioid", "steps": steps}, 201)
    session = await owner.open_session(template_id=template["id"])
    path, target = f"/sessions/{session['id']}", {"session_id": session["id"]}
    await colleague.post(f"{path}/controls")
    lines = [await world.watch(session, who) for who in ("trainer", "colleague", "observer")]
    own, other, watching = lines

    # One starts the case, each sets the marker once, and the two together move it.
    await own.ask("case:control", {"id": new_id(), **target, "action": "start"})
    for line in (own, other):
        await line.ask("note:add", {"id": new_id(), **target, "marker": "naloxone"})
    await watching.expect("event:added", lambda event: event["step"] == "better")
    # Both at once, and a step by one of them after what the case did by itself.
    await asyncio.gather(
        *(line.push(session, vitals={"etco2": value}) for line in (own, other) for value in range(30, 40))
    )
    await other.ask("vitals:push", {"id": new_id(), **target, "step": "worse"})

    for message, data in (
        ("vitals:push", {"step": "better"}),
        ("note:add", {"marker": "naloxone"}),
        ("case:control", {"action": "automation_off"}),
        ("action:take", {"action": "nibp_start"}),
    ):
        assert (await watching.refused(message, {"id": new_id(), **target, **data}))["code"] == "forbidden"
    assert (await observer.post(f"{path}/controls", status=403))["code"] == "forbidden"

    record = await owner.events(session)
    assert [event["seq"] for event in record] == list(range(1, len(record) + 1))
    played = [(event["step"], event["by"]["role"]) for event in record if event["step"] is not None]
    assert played == [("sleepy", "system"), ("better", "system"), ("worse", "trainer")]
    by = {event["by"]["id"] for event in record if event["kind"] == "vitals"}
    assert by == {owner.account["id"], colleague.account["id"], None}
    for line in lines:
        await line.expect_seq(len(record))
        # The event itself is told behind what it makes of the vitals.
        await line.settled()
        told = [event["id"] for event in line.all("event:added")]
        assert told == [event["id"] for event in record if event["id"] in set(told)]
        assert set(told) >= {event["id"] for event in record[2:]}
    # Whom the owner takes out of it steers no longer.
    await owner.patch(path, {"co_trainer_ids": []})
    assert (await other.refused("vitals:push", {"id": new_id(), **target, "vitals": {"spo2": 70}}))[
        "code"
    ] == "forbidden"
    assert await owner.events(session) == record
