"""What /api/sync promises a device, sentence by sentence, where no other test shows it."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

from server.service.sync.pages import PAGE_BYTES
from tests.support.devices import Json, Tablet, an_event
from tests.support.ward import Ward


async def _resolve(device: Tablet, conflict: Json, **choice: Any) -> tuple[int, Json]:
    path = f"/api/sync/conflicts/{conflict['conflictId']}/resolve"
    answer = await device.http.post(path, json=choice)
    return answer.status_code, answer.json()


async def _a_conflict(ward: Ward) -> Json:
    """A colleague has called it B, the trainer wants C."""
    template = an_event(payload={"title": "A", "description": "a"})
    made = (await ward.trainer.acknowledgement(template))["serverVersion"]
    its = {"entityId": template["entityId"], "localVersion": made}
    await ward.colleague.acknowledgement(an_event(operation="UPDATE", **its, payload={"title": "B"}))
    return {
        **await ward.trainer.conflict(an_event(operation="UPDATE", **its, payload={"title": "C"})),
        "entityId": template["entityId"],
    }


async def test_what_is_stored_otherwise_than_it_was_sent_comes_back(ward: Ward) -> None:
    session = await ward.trainer.acknowledgement(an_event("SESSION", payload={"title": "A session"}))
    assert len(session["serverData"]["payload"]["code"]) == 6
    assert session["serverData"]["version"] == session["serverVersion"]
    whole = session["serverData"]["payload"]
    told = await ward.trainer.acknowledgement(
        an_event("SESSION", "UPDATE", entityId=session["entityId"], localVersion=session["serverVersion"],
                 payload={"title": "B", "code": "XXXXXX", "last_seq": 99, "last_values": None, "closed_at": "now"})
    )  # fmt: skip
    assert "serverData" not in told
    [stored] = [each for each in (await ward.trainer.down())["changes"] if each["entityId"] == session["entityId"]]
    same = {name: value for name, value in whole.items() if name not in ("title", "updated_at", "version")}
    assert {name: stored["payload"][name] for name in same} == same
    assert stored["payload"]["title"] == "B"
    # The very version is in the device's hands: nothing is told again.
    assert "serverData" not in await ward.trainer.acknowledgement(
        an_event("SESSION", "UPDATE", entityId=session["entityId"], localVersion=told["serverVersion"],
                 payload={"title": "B"})
    )  # fmt: skip


async def test_pages_have_the_types_that_were_asked_for_and_no_more_than_their_limit(ward: Ward) -> None:
    await ward.trainer.up(*(an_event() for _ in range(210)))
    await ward.trainer.acknowledgement(an_event("SESSION", payload={"title": "A session"}))
    page = await ward.trainer.down()
    assert (len(page["changes"]), page["hasMore"]) == (200, True)
    for types, expected in ((["SESSION"], {"SESSION"}), (["TRAINER", "SESSION"], {"TRAINER", "SESSION"}),
                            (["SESSION_EVENT", "SESSION"], {"SESSION"}), ([], set())):  # fmt: skip
        page = await ward.trainer.down(entityTypes=types)
        assert {each["entityType"] for each in page["changes"]} == expected, types
        assert not page["hasMore"]
    assert len((await ward.trainer.down(limit=1000))["changes"]) > 210
    assert len((await ward.trainer.down(limit=1))["changes"]) == 1


async def test_a_page_has_at_most_a_mebibyte(ward: Ward) -> None:
    # Of letters that take two bytes each.
    await ward.trainer.up(*(an_event(payload={"title": "A", "description": "é" * 2000}) for _ in range(400)))
    seen: list[str] = []
    cursor, pages = 0, 0
    while True:
        answer = await ward.trainer.ask(
            "down", {"lastSyncTimestamp": cursor, "limit": 1000, "entityTypes": ["TEMPLATE"]}
        )
        page = answer.json()
        assert len(answer.content) <= PAGE_BYTES, len(answer.content)
        seen += [each["entityId"] for each in page["changes"]]
        cursor, pages = page["syncTimestamp"], pages + 1
        if not page["hasMore"]:
            break
    assert len(seen) == len(set(seen)) >= 400
    assert pages > 1


async def test_of_colleagues_as_much_is_told_as_the_role_sees_and_a_new_role_begins_again(ward: Ward) -> None:
    async def people(device: Tablet) -> list[Json]:
        return [each["payload"] for each in (await device.down(entityTypes=["TRAINER"]))["changes"]]

    assert {frozenset(each) for each in await people(ward.trainer)} == {frozenset(("id", "name", "role", "deleted_at"))}
    assert all("@" in each["email"] for each in await people(ward.admin))
    page = await ward.trainer.down()
    known = {"lastSyncTimestamp": page["syncTimestamp"], "serverEpoch": page["serverEpoch"]}
    promoted = await ward.admin.http.patch(f"/api/v1/trainers/{ward.trainer.trainer_id}", json={"role": "admin"})
    assert promoted.status_code == 200, promoted.text
    login = await ward.server.http.post(
        "/api/v1/auth/login", json={"email": "trainer@example.org", "password": "a long password"}
    )
    ward.trainer.http.headers["Authorization"] = f"Bearer {login.json()['token']}"
    for path, body in (("down", known), ("up", {**known, "events": [an_event()]})):
        answer = await ward.trainer.ask(path, body)
        assert (answer.status_code, answer.json()["code"]) == (409, "resync_required"), path
    assert all("@" in each["email"] for each in await people(ward.trainer))


async def test_a_conflict_lists_both_sides_and_is_resolved_for_the_server(ward: Ward) -> None:
    conflict = await _a_conflict(ward)
    [item] = (await ward.trainer.http.get("/api/sync/conflicts")).json()["items"]
    assert set(item) == {"id", "clientId", "trainerId", "entityType", "entityId", "reason", "localPayload",
                         "localFields", "serverData", "createdAt", "resolvedAt", "kept"}  # fmt: skip
    assert (item["id"], item["reason"], item["localPayload"]) == (
        conflict["conflictId"],
        "changed_since",
        {"title": "C"},
    )
    assert item["serverData"] == conflict["serverData"]
    assert (item["serverData"]["payload"]["title"], item["serverData"]["modifiedBy"]["name"]) == ("B", "colleague")
    assert (await ward.colleague.http.get("/api/sync/conflicts")).json()["items"] == []
    version = conflict["serverData"]["version"]
    before = await ward.versions()
    for device, expected in ((ward.colleague, 404), (ward.trainer, 200), (ward.trainer, 200)):
        status, answer = await _resolve(device, conflict, keep="server", serverVersion=version)
        assert status == expected, answer
    assert (answer["entityId"], answer["serverVersion"]) == (conflict["entityId"], version)
    assert answer["serverData"]["payload"]["title"] == "B"
    assert await ward.versions() == before
    status, answer = await _resolve(ward.trainer, conflict, keep="local", serverVersion=version)
    assert (status, answer["code"]) == (409, "conflict")
    assert (await ward.trainer.http.get("/api/sync/conflicts")).json()["items"] == []
    unknown = {"conflictId": str(uuid4())}
    assert (await _resolve(ward.trainer, unknown, keep="server", serverVersion=0))[0] == 404


async def test_a_conflict_is_resolved_for_the_device_on_the_version_that_was_looked_at(ward: Ward) -> None:
    conflict = await _a_conflict(ward)
    version = conflict["serverData"]["version"]
    its = {"entityId": conflict["entityId"], "localVersion": version}
    await ward.colleague.acknowledgement(an_event(operation="UPDATE", **its, payload={"title": "D"}))
    for keep in ("local", "server"):
        status, moved = await _resolve(ward.trainer, conflict, keep=keep, serverVersion=version)
        assert (status, moved["code"]) == (409, "conflict")
        assert (moved["serverData"]["payload"]["title"], moved["serverData"]["modifiedBy"]["name"]) == (
            "D",
            "colleague",
        )
    newest = moved["serverData"]["version"]
    for wrong, field in (({"title": ""}, "payload.title"), ({"colour": 1}, "payload.colour")):
        status, refused = await _resolve(ward.trainer, conflict, keep="local", serverVersion=newest, payload=wrong)
        assert (status, [each["field"] for each in refused["errors"]]) == (422, [field])
    for _ in range(2):
        status, answer = await _resolve(ward.trainer, conflict, keep="local", serverVersion=newest)
        assert status == 200, answer
        payload = answer["serverData"]["payload"]
        assert (payload["title"], payload["description"]) == ("C", "a")
        assert answer["serverVersion"] == answer["serverData"]["version"] > newest
    assert (await ward.trainer.http.get("/api/sync/conflicts")).json()["items"] == []


async def test_a_conflict_ends_when_its_client_writes_on_the_version_that_it_was_shown(ward: Ward) -> None:
    conflict = await _a_conflict(ward)
    its = {"entityId": conflict["entityId"]}
    await ward.trainer.conflict(an_event(operation="UPDATE", **its, localVersion=1, payload={"title": "E"}))
    assert len((await ward.trainer.http.get("/api/sync/conflicts")).json()["items"]) == 2
    edit = an_event(operation="UPDATE", **its, localVersion=conflict["serverData"]["version"], payload={"title": "C"})
    await ward.trainer.acknowledgement(edit)
    assert (await ward.trainer.http.get("/api/sync/conflicts")).json()["items"] == []


async def test_the_log_has_a_row_for_each_call_that_brought_something(ward: Ward) -> None:
    made = an_event()
    await ward.trainer.up(made, an_event(operation="UPDATE"), an_event(payload={}))
    page = await ward.trainer.down()
    await ward.trainer.down(page["syncTimestamp"])
    assert (await ward.trainer.ask("up", {"events": 5})).status_code == 422
    log = (await ward.admin.http.get("/api/sync/log")).json()
    assert [(each["direction"], each["status"], each["errorMessage"]) for each in log["items"]] == [
        ("UP", "FAILED", "invalid_fields"), ("DOWN", "SUCCESS", None), ("UP", "PARTIAL", None)
    ]  # fmt: skip
    up = log["items"][-1]
    counts = {"eventsCount": 3, "acknowledgedCount": 1, "conflictsCount": 1, "rejectedCount": 1}
    assert {name: up[name] for name in counts} == counts
    assert set(up) == {*counts, "id", "tenantId", "clientId", "direction", "status", "startedAt", "completedAt",
                       "duration", "errorMessage"}  # fmt: skip
    found = (await ward.admin.http.get(f"/api/sync/log/{up['id']}")).json()
    assert found["events"][0] == {
        "outboxEventId": made["id"], "entityType": "TEMPLATE", "entityId": made["entityId"], "outcome": "acknowledged",
        "reason": None,
    }  # fmt: skip
    first = (await ward.admin.http.get("/api/sync/log?limit=2")).json()
    rest = (await ward.admin.http.get("/api/sync/log", params={"cursor": first["next_cursor"]})).json()
    assert [*first["items"], *rest["items"]] == log["items"]
    assert rest["next_cursor"] is None
    for device in (ward.trainer, ward.observer):
        assert (await device.http.get("/api/sync/log")).status_code == 403
        assert (await device.http.get(f"/api/sync/log/{up['id']}")).status_code == 403


async def test_more_calls_at_a_time_than_two_of_a_school_are_told_to_wait(ward: Ward) -> None:
    async def up(device: Tablet) -> tuple[int, str | None]:
        events = [an_event(payload={"title": "A", "steps": [{"title": "One"}] * 20}) for _ in range(200)]
        answer = await device.http.post("/api/sync/up", json={"clientId": device.client_id, "events": events})
        return answer.status_code, answer.headers.get("Retry-After")

    devices = [Tablet(ward.trainer.http, f"tablet {number}") for number in range(8)]
    answers = await asyncio.gather(*(up(device) for device in devices))
    assert {status for status, _ in answers} == {200, 429}, answers
    assert all(after is not None and int(after) >= 1 for status, after in answers if status == 429)
