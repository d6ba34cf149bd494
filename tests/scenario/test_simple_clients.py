"""Clients that give what they make ids of their own, and are told the real ones."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.scenario_clients import Json, Person, World, new_id
from tests.support.scenario_problems import check_invalid, check_problem


def change(entity_type: str, temp_id: Any, **payload: Any) -> Json:
    return {"entityType": entity_type, "tempId": temp_id, "payload": payload}


@pytest.fixture
async def trainer(world: World) -> Person:
    return await world.person("trainer")


async def mark(person: Person, device: str, *changes: Json) -> Json:
    return await person.post("/sync/mark-synced", {"deviceId": device, "changes": list(changes)})


async def test_everything_and_then_what_changed(trainer: Person) -> None:
    first = await trainer.post("/sync/initial")
    assert first["changes"]["templates"]["updated"]
    assert first["changes"]["trainers"]["updated"]
    made = await mark(trainer, new_id(), change("TEMPLATE", "t1", title="Made"))
    pending = await trainer.get("/sync/pending", since=first["timestamp"])
    assert [row["id"] for row in pending["changes"]["templates"]["updated"]] == [made["ids"]["t1"]]
    assert (await trainer.get("/sync/pending", since=pending["timestamp"]))["timestamp"] == pending["timestamp"]


async def test_temp_ids_become_real_ones_once(trainer: Person) -> None:
    device = new_id()
    steps = [{"title": "One"}]
    changes = [
        change("SESSION", "s1", title="A session", template_id="t1"),
        change("SESSION_EVENT", "e1", session_id="s1", kind="note", text="A note"),
        change("TEMPLATE", "t1", title="A template", steps=json.dumps(steps), limits=""),
        change("TEMPLATE", -2, title="Another", steps=steps),
    ]
    first = await mark(trainer, device, *changes)
    assert set(first["ids"]) == {"s1", "e1", "t1", "-2"}
    assert first["conflicts"] == first["rejected"] == []
    session = await trainer.get(f"/sessions/{first['ids']['s1']}")
    assert session["template_id"] == first["ids"]["t1"]
    assert [event["id"] for event in await trainer.events(session)] == [first["ids"]["e1"]]
    assert await mark(trainer, device, *changes) == first
    assert await mark(trainer, device, change("TEMPLATE", "t1", title="Not the same")) == {
        "ids": {"t1": first["ids"]["t1"]}, "conflicts": [], "rejected": []
    }  # fmt: skip
    template = await trainer.get(f"/templates/{first['ids']['t1']}")
    assert (template["title"], template["version"]) == ("A template", 1)
    # Another device's are its own.
    other = await mark(trainer, new_id(), change("TEMPLATE", "t1", title="A template"))
    assert other["ids"]["t1"] != first["ids"]["t1"]


async def test_a_temp_id_stands_for_the_same_in_later_calls(trainer: Person) -> None:
    device = new_id()
    first = await mark(trainer, device, change("TEMPLATE", "t1", title="Earlier"))
    second = await mark(trainer, device, change("SESSION", "s1", title="Later", template_id="t1"))
    session = await trainer.get(f"/sessions/{second['ids']['s1']}")
    assert session["template_id"] == first["ids"]["t1"]


async def test_who_counts_may_point_by_number(trainer: Person) -> None:
    device = new_id()
    first = await mark(
        trainer,
        device,
        change("TEMPLATE", -1, title="Counted"),
        change("SESSION", 0, title="First", template_id=-1),
        change("SESSION_EVENT", 2, session_id=0, kind="note", text="By number"),
    )
    assert (set(first["ids"]), first["rejected"]) == ({"-1", "0", "2"}, [])
    session = await trainer.get(f"/sessions/{first['ids']['0']}")
    assert session["template_id"] == first["ids"]["-1"]
    assert [event["text"] for event in await trainer.events(session)] == ["By number"]
    later = await mark(trainer, device, change("SESSION", 3, title="Later", template_id=-1))
    assert (await trainer.get(f"/sessions/{later['ids']['3']}"))["template_id"] == first["ids"]["-1"]
    # A column of a phone says by 0 that there is none.
    without = await mark(trainer, device, change("SESSION", 4, title="Of no template", template_id=0))
    assert (await trainer.get(f"/sessions/{without['ids']['4']}"))["template_id"] is None


async def test_what_was_rejected_may_be_put_right(trainer: Person) -> None:
    device = new_id()
    answer = await mark(trainer, device, change("TEMPLATE", "t1", title=""), change("TEMPLATE", "t2", title="Good"))
    assert set(answer["ids"]) == {"t2"}
    [rejected] = answer["rejected"]
    assert (rejected["tempId"], rejected["reason"]) == ("t1", "invalid_fields")
    assert rejected["errors"][0]["field"] == "payload.title"
    answer = await mark(trainer, device, change("TEMPLATE", "t1", title="Put right"))
    assert (await trainer.get(f"/templates/{answer['ids']['t1']}"))["title"] == "Put right"


ACCOUNT = {"name": "N", "email": "n@x.example", "role": "admin", "password": "long enough"}
FACT = {"session_id": "none", "kind": "note", "text": "T"}
BAD_CHANGES: dict[str, tuple[Any, str, str]] = {
    "an unknown type": (change("LESSON", "a"), "unknown_type", ""),
    "no payload": ({"entityType": "TEMPLATE", "tempId": "a"}, "invalid_fields", "payload"),
    "steps that are no JSON": (change("TEMPLATE", "a", title="T", steps="["), "invalid_fields", "payload.steps"),
    "an unknown field": (change("TEMPLATE", "a", title="T", colour="red"), "invalid_fields", "payload.colour"),
    "a trainer, by a trainer": (change("TRAINER", "a", **ACCOUNT), "forbidden", ""),
    "an event of no session": (change("SESSION_EVENT", "a", **FACT), "invalid_fields", "payload.session_id"),
}  # fmt: skip


@pytest.mark.parametrize(("bad", "reason", "field"), BAD_CHANGES.values(), ids=BAD_CHANGES)
async def test_bad_changes_are_named(trainer: Person, bad: Json, reason: str, field: str) -> None:
    [rejected] = (await mark(trainer, new_id(), bad))["rejected"]
    assert (rejected["tempId"], rejected["reason"]) == ("a", reason)
    if field:
        assert field in [error["field"] for error in rejected["errors"]]


async def test_calls_that_are_refused_whole(trainer: Person, world: World) -> None:
    device, good = new_id(), change("TEMPLATE", "t1", title="T")
    for body, named in (
        ({"deviceId": "", "changes": []}, "deviceId"),
        ({"changes": []}, "deviceId"),
        ({"deviceId": device}, "changes"),
        ({"deviceId": device, "changes": [7]}, "changes.0"),
        ({"deviceId": device, "changes": [good, {**good, "tempId": ""}]}, "changes.1.tempId"),
        ({"deviceId": device, "changes": [{**good, "tempId": None}]}, "changes.0.tempId"),
        ({"deviceId": device, "changes": [good, change("SESSION", "t1")]}, "changes.1.tempId"),
    ):
        check_invalid(await trainer.call("POST", "/sync/mark-synced", 422, json=body), named)
    many = {"deviceId": device, "changes": [good] * 501}
    check_problem(await trainer.call("POST", "/sync/mark-synced", json=many), 413, "too_large")
    check_invalid(await trainer.call("GET", "/sync/pending", 422, params={"since": "yesterday"}), "since")
    newest = (await trainer.post("/sync/initial"))["timestamp"]
    late = await trainer.call("GET", "/sync/pending", params={"since": newest + 10_000_000})
    check_problem(late, 409, "resync_required")
    await mark(trainer, device, good)
    colleague = await world.person("colleague")
    body = {"deviceId": device, "changes": [good]}
    refused = await colleague.call("POST", "/sync/mark-synced", json=body)
    check_problem(refused, 403, "forbidden")
    # Each door has a name of its own for it.
    assert "clientId" not in refused.json()["detail"]


async def test_an_observer_changes_nothing(world: World) -> None:
    observer = await world.person("observer")
    [rejected] = (await mark(observer, new_id(), change("TEMPLATE", "t1", title="T")))["rejected"]
    assert rejected["reason"] == "forbidden"
    assert (await observer.post("/sync/initial"))["changes"]["templates"]["updated"]
