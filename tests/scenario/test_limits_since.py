"""Which alarm limits a session had when: told with its debrief, whoever changed them and by whatever door."""

from __future__ import annotations

from typing import Any

from tests.support.devices import an_event
from tests.support.scenario_clients import Json, Person, World, new_id


def _low(spo2: int) -> Json:
    return {"spo2": {"low": spo2, "high": None}}


class Tablet:
    """Of a trainer, and often without a network."""

    def __init__(self, person: Person) -> None:
        self._person = person
        self._client_id = new_id()

    async def version_of(self, session: Json) -> int:
        after, found = 0, 0
        while not found:
            page = await self._ask("down", lastSyncTimestamp=after, entityTypes=["SESSION"])
            found = next((each["serverVersion"] for each in page["changes"] if each["entityId"] == session["id"]), 0)
            assert found or page["hasMore"]
            after = page["syncTimestamp"]
        return found

    async def send(self, event: Json) -> None:
        answer = await self._ask("up", lastSyncTimestamp=0, events=[event])
        assert [each["outboxEventId"] for each in answer["acknowledged"]] == [event["id"]], answer

    async def _ask(self, call: str, **body: Any) -> Any:
        url = f"{self._person.url}/api/sync/{call}"
        return (await self._person.call("POST", url, 200, json={"clientId": self._client_id, **body})).json()


async def test_a_debrief_tells_which_limits_held_when(world: World) -> None:
    trainer, observer = await world.person("trainer"), await world.person("observer")
    session = await trainer.open_session(vitals={"heart_rate": 82})
    path = f"/sessions/{session['id']}"
    opened = {"at": session["created_at"], "limits": session["limits"]}

    async def told() -> Any:
        return (await observer.get(f"{path}/debrief"))["limits_since"]

    assert await told() == [opened]
    await trainer.patch(path, {"title": "Sepsis", "limits": _low(90)})
    assert await told() == [opened]
    ann = await world.join(session, "Ann")
    lowered = await trainer.patch(path, {"limits": _low(85)})
    heard = await ann.expect("session:updated")
    assert heard["limits"] == lowered["limits"]
    await trainer.post(f"{path}/events", {"id": new_id(), "kind": "vitals", "vitals": {"spo2": 84}}, 201)
    by_hand = {"at": lowered["updated_at"], "limits": lowered["limits"]}
    assert await told() == [opened, by_hand]

    # A device that was offline: from when its edit came here, for no monitor had it before.
    tablet = Tablet(trainer)
    version = await tablet.version_of(session)
    await tablet.send(
        an_event("SESSION", "UPDATE", entityId=session["id"], payload={"limits": _low(80)}, localVersion=version)
    )
    by_device = await trainer.get(path)
    assert by_device["limits"] == {**session["limits"], **_low(80)}
    all_of_them = [opened, by_hand, {"at": by_device["updated_at"], "limits": by_device["limits"]}]
    assert await told() == all_of_them

    closed = await trainer.post(f"{path}/close")
    assert await told() == all_of_them
    # The record knows nothing of it: what was pushed, and the end.
    assert [event["kind"] for event in await trainer.events(session)] == ["vitals", "vitals", "lifecycle"]
    assert closed["limits"] == by_device["limits"]
    shared = await trainer.post(f"{path}/share", {"days": 1}, 201)
    page = await (await world.person()).get(f"/shares/{shared['url'].rpartition('/shared/')[2]}")
    assert (page["limits_since"], page["limits"]) == (all_of_them, by_device["limits"])
