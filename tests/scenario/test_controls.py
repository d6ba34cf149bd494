"""A trainer takes the controls of a colleague's session: recorded, and the owner is told."""

from __future__ import annotations

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

    heard = len(watcher.heard)
    again = await colleague.post(f"{path}/controls")
    assert again["version"] == taken.json()["version"]
    await owner.post(f"{path}/controls")
    await watcher.settled()
    assert [name for name, _ in watcher.heard[heard:]] == []
    assert len(await owner.events(session)) == 2


async def test_nothing_is_taken_in_a_session_that_is_over(world: World) -> None:
    owner, colleague = await world.person("trainer"), await world.person("colleague")
    session = await owner.open_session()
    await owner.post(f"/sessions/{session['id']}/close")
    for person in (owner, colleague):
        assert (await person.post(f"/sessions/{session['id']}/controls", status=410))["code"] == "session_closed"
    await colleague.post(f"/sessions/{new_id()}/controls", status=404)
