"""Annotations over HTTP: beside the record, by everybody of the school, in an ended session too."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.scenario_clients import Json, World, new_id

KEYS = {
    "id", "session_id", "at", "kind", "text", "marker", "by", "created_at", "updated_at", "deleted_at", "version",
}  # fmt: skip


def _note(session: Json, **fields: Any) -> Json:
    return {"id": new_id(), "at": session["created_at"], "kind": "plus", "text": "Called early", **fields}


@pytest.mark.parametrize("is_over", [False, True])
async def test_everybody_of_the_school_annotates_and_the_record_does_not_move(world: World, is_over: bool) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session(vitals={"spo2": 80})
    if is_over:
        await trainer.post(f"/sessions/{session['id']}/close")
    path = f"/sessions/{session['id']}/annotations"
    before = await trainer.get(f"/sessions/{session['id']}"), await trainer.events(session)
    added: list[Json] = []
    for who in ("trainer", "colleague", "admin", "observer"):
        person = await world.person(who)
        body = _note(session, text=f" {who}: né 🚑 ", marker="help_called")
        annotation = await person.post(path, body, 201)
        assert set(annotation) == KEYS
        assert {name: annotation[name] for name in body} == {**body, "text": f"{who}: né 🚑"}
        assert annotation["by"] == {"role": "trainer", "id": person.account["id"], "name": person.account["name"]}
        assert (annotation["session_id"], annotation["version"]) == (session["id"], 1)
        assert await person.post(path, {**body, "text": "another"}) == annotation
        added.append(annotation)
    assert await trainer.get(path) == {"items": added, "next_cursor": None}
    first = await trainer.get(path, limit=3)
    second = await trainer.get(path, limit=3, cursor=first["next_cursor"])
    assert [*first["items"], *second["items"]] == added
    assert (await trainer.get(f"/sessions/{session['id']}"), await trainer.events(session)) == before


async def test_its_author_and_the_admins_change_and_delete_it(world: World) -> None:
    trainer, observer, admin = [await world.person(who) for who in ("trainer", "observer", "admin")]
    session = await trainer.open_session()
    path = f"/sessions/{session['id']}/annotations"
    annotation = await observer.post(path, _note(session, marker="adrenaline"), 201)
    one = f"{path}/{annotation['id']}"
    for method, body in (("PATCH", {"text": "Mine"}), ("DELETE", None)):
        refused = await trainer.call(method, one, 403, json=body)
        assert "author or an admin" in refused.json()["detail"]

    changed = await observer.call("PATCH", one, 200, json={"kind": "delta", "text": "Late", "marker": None})
    assert changed.headers["etag"] == '"2"'
    expected = {**annotation, "kind": "delta", "text": "Late", "marker": None, "version": 2}
    assert changed.json() == {**expected, "updated_at": changed.json()["updated_at"]}
    await admin.patch(one, {"text": "x"}, 412, **{"If-Match": '"1"'})
    assert (await admin.patch(one, {}, 200, **{"If-Match": '"2"'})) == changed.json()
    assert (await admin.patch(one, {"text": "Better"}, 200))["by"] == annotation["by"]

    await admin.call("DELETE", one, 412, headers={"If-Match": '"2"'})
    deleted = (await admin.call("DELETE", one, 200, headers={"If-Match": '"3"'})).json()
    assert deleted["deleted_at"] is not None
    assert (await observer.call("DELETE", one, 200)).json() == deleted
    await observer.patch(one, {"text": "x"}, 404)
    assert (await trainer.get(path))["items"] == []


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"text": ""}, ["text"]),
        ({"text": "x" * 2001}, ["text"]),
        ({"text": "\u0000"}, ["text"]),
        ({"marker": "Not a key"}, ["marker"]),
        ({"kind": "event", "at": "yesterday", "seq": 1}, ["at", "kind", "seq"]),
        ({"id": 7, "text": None}, ["id", "text"]),
    ],
)
async def test_every_wrong_field_is_named(memory_world: World, fields: Json, wrong: list[str]) -> None:
    trainer = await memory_world.person("trainer")
    session = await trainer.open_session()
    path = f"/sessions/{session['id']}/annotations"
    problem = await trainer.post(path, _note(session, **fields), 422)
    assert sorted(error["field"] for error in problem["errors"]) == wrong
    assert (await trainer.get(path))["items"] == []


async def test_what_is_not_there_is_not_found(memory_world: World) -> None:
    trainer = await memory_world.person("trainer")
    session, other = await trainer.open_session(), await trainer.open_session()
    annotation = await trainer.post(f"/sessions/{session['id']}/annotations", _note(session), 201)
    for where in (
        f"/sessions/{other['id']}/annotations/{annotation['id']}",
        f"/sessions/{session['id']}/annotations/{new_id()}",
        f"/sessions/{session['id']}/annotations/none",
        f"/sessions/{new_id()}/annotations/{annotation['id']}",
    ):
        await trainer.patch(where, {"text": "x"}, 404)
        await trainer.call("DELETE", where, 404)
    await trainer.post(f"/sessions/{other['id']}/annotations", _note(other, id=annotation["id"]), 409)
    await trainer.post(f"/sessions/{new_id()}/annotations", _note(other), 404)
    await trainer.get(f"/sessions/{new_id()}/annotations", 404)
