"""Devices that send what they may not, or what nobody can read: refused by name, nothing half applied, nothing told."""

from __future__ import annotations

import gzip
import json
import re
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from server.transport.devices.sync import UP_LIMIT_BYTES
from tests.support.devices import Json, Tablet, an_event
from tests.support.houses import furnish
from tests.support.making import BY, a_template
from tests.support.ward import PASSWORD, Ward


async def test_what_cannot_be_read_is_rejected_alone_and_by_its_name(ward: Ward) -> None:
    cases: list[tuple[Json, str, str | None]] = [
        (an_event("PATIENT"), "unknown_type", None),
        (an_event("session"), "unknown_type", None),
        (an_event(entityId="x"), "invalid_fields", "entityId"),
        (an_event(entityId=None), "invalid_fields", "entityId"),
        (an_event(operation="PUT"), "invalid_fields", "operation"),
        (an_event(operation=["CREATE"]), "invalid_fields", "operation"),
        (an_event(payload=None), "invalid_fields", "payload"),
        (an_event(payload=[1]), "invalid_fields", "payload"),
        (an_event(payload={}), "invalid_fields", "payload.title"),
        (an_event(payload={"title": ""}), "invalid_fields", "payload.title"),
        (an_event(payload={"title": 5}), "invalid_fields", "payload.title"),
        (an_event(payload={"title": "A\x00"}), "invalid_fields", "payload.title"),
        (an_event(payload={"title": "A", "colour": "red"}), "invalid_fields", "payload.colour"),
        (an_event(payload={"title": "A", "steps": "none"}), "invalid_fields", "payload.steps"),
        (an_event(payload={"title": "A", "password": PASSWORD}), "invalid_fields", "payload.password"),
        (an_event(localVersion=-1), "invalid_fields", "localVersion"),
        (an_event(localVersion=True), "invalid_fields", "localVersion"),
        (an_event(localVersion=1.5), "invalid_fields", "localVersion"),
        (an_event(localVersion="soon"), "invalid_fields", "localVersion"),
        (an_event(localVersion=2**53), "invalid_fields", "localVersion"),
        (an_event(seq="x"), "invalid_fields", "seq"),
        (an_event(operation="UPDATE", changedFields="title"), "invalid_fields", "changedFields"),
        (an_event(operation="UPDATE", changedFields=["colour"]), "invalid_fields", "changedFields"),
        (an_event(operation="UPDATE", changedFields=["steps"]), "invalid_fields", "changedFields"),
        (an_event(operation="UPDATE", changedFields=[{"a": 1}]), "invalid_fields", "changedFields"),
        (an_event(tenantId=str(uuid4())), "forbidden", None),
        (an_event(tenantId=5), "forbidden", None),
        (an_event("SESSION", "DELETE"), "forbidden", None),
        (an_event("SESSION_EVENT", "UPDATE", payload={}), "forbidden", None),
        (an_event("SESSION_EVENT", payload={}), "invalid_fields", "payload.session_id"),
        (an_event("SESSION_EVENT", payload={"session_id": str(uuid4())}), "invalid_fields", "payload.kind"),
        (
            an_event("SESSION_EVENT", payload={"session_id": str(uuid4()), "kind": "note", "text": "x"}),
            "invalid_fields",
            "payload.session_id",
        ),
        (an_event("TRAINER", payload={"name": "Eve"}), "forbidden", None),
        (an_event("TRAINER", "DELETE"), "forbidden", None),
    ]
    before = await ward.versions()
    alone = an_event()
    answer = await ward.trainer.up(*(event for event, _, _ in cases), alone)
    assert [each["outboxEventId"] for each in answer["acknowledged"]] == [alone["id"]]
    assert answer["conflicts"] == []
    told = {each["outboxEventId"]: each for each in answer["rejected"]}
    for event, reason, field in cases:
        rejected = told.pop(event["id"])
        assert rejected["reason"] == reason, event
        if field is not None:
            assert field in [error["field"] for error in rejected["errors"]], (event, rejected)
    assert not told
    assert [id for id, _ in (await ward.versions())[len(before) :]] == [UUID(alone["entityId"])]


async def test_a_call_that_cannot_be_read_is_refused_whole(ward: Ward) -> None:
    good = an_event()
    cases: list[tuple[Json, str]] = [
        ({"events": [good, 5]}, "events.1"),
        ({"events": [good, {**an_event(), "id": "x"}]}, "events.1.id"),
        ({"events": [good, {**an_event(), "id": None}]}, "events.1.id"),
        ({"events": good}, "events"),
        ({}, "events"),
        ({"events": [good], "clientId": ""}, "clientId"),
        ({"events": [good], "clientId": "x" * 101}, "clientId"),
        ({"events": [good], "clientId": "a\x00"}, "clientId"),
        ({"events": [good], "clientId": 5}, "clientId"),
        ({"events": [good], "serverEpoch": 5}, "serverEpoch"),
    ]
    before = await ward.versions()
    for body, field in cases:
        answer = await ward.trainer.ask("up", body)
        assert answer.status_code == 422, (body, answer.text)
        assert field in [error["field"] for error in answer.json()["errors"]], answer.text
    assert await ward.versions() == before


@pytest.mark.parametrize("depth", [32, 300, 700])
async def test_what_is_nested_too_deeply_in_one_event_is_rejected_alone(ward: Ward, depth: int) -> None:
    deep = "[" * depth + "]" * depth
    session_id = str(uuid4())
    cases: list[tuple[Json, str, str | None]] = [
        (an_event(payload={"title": "A", "steps": "DEEP"}), "invalid_fields", "payload.steps"),
        (an_event(payload={"title": "DEEP"}), "invalid_fields", "payload.title"),
        (an_event(payload={"title": "A", "colour": "DEEP"}), "invalid_fields", "payload.colour"),
        (an_event(payload={"title": "A", "created_at": "DEEP"}), "invalid_fields", "payload.created_at"),
        (an_event(payload="DEEP"), "invalid_fields", "payload"),
        (an_event("SESSION", payload={"limits": {"spo2": "DEEP"}}), "invalid_fields", "payload.limits"),
        (an_event("SESSION_EVENT", payload={"session_id": session_id, "kind": "action", "action": "marker",
                                            "details": {"a": "DEEP"}}), "invalid_fields", "payload.details"),
        (an_event(operation="UPDATE", changedFields="DEEP"), "invalid_fields", "changedFields"),
        (an_event(operation="UPDATE", changedFields=["DEEP"]), "invalid_fields", "changedFields"),
        (an_event(entityId="DEEP"), "invalid_fields", "entityId"),
        (an_event(localVersion="DEEP"), "invalid_fields", "localVersion"),
        (an_event(seq="DEEP"), "invalid_fields", "seq"),
        (an_event(operation="DEEP"), "invalid_fields", "operation"),
        (an_event("DEEP"), "unknown_type", None),
        (an_event(tenantId="DEEP"), "forbidden", None),
    ]  # fmt: skip
    # What is not looked at may be anything.
    taken = [an_event(), an_event(status="DEEP", createdAt="DEEP"), an_event(operation="DELETE", payload={"a": "DEEP"})]
    before = await ward.versions()
    text = json.dumps({"clientId": "trainer's", "events": [*(event for event, _, _ in cases), *taken]})
    answer = await _send(ward.trainer, text.replace('"DEEP"', deep).encode())
    assert answer.status_code == 200, answer.text
    assert [each["outboxEventId"] for each in answer.json()["acknowledged"]] == [event["id"] for event in taken]
    told = {each["outboxEventId"]: each for each in answer.json()["rejected"]}
    for event, reason, field in cases:
        rejected = told.pop(event["id"])
        assert rejected["reason"] == reason, event
        assert field is None or field in [error["field"] for error in rejected["errors"]], (event, rejected)
    assert len(await ward.versions()) == len(before) + 2
    calls = (await ward.admin.http.get("/api/sync/log")).json()["items"]
    assert (await ward.admin.http.get(f"/api/sync/log/{calls[0]['id']}")).status_code == 200


async def test_a_simple_client_is_told_of_a_deep_change_by_its_name(ward: Ward) -> None:
    def change(temp_id: str, entity_type: str, **payload: Any) -> Json:
        return {"entityType": entity_type, "tempId": temp_id, "payload": payload}

    changes = [
        change("a", "TEMPLATE", title="A", steps="DEEP"),
        change("b", "DEEP", title="A"),
        change("c", "TEMPLATE", title="A"),
        change("b", "DEEP", title="A"),
    ]
    text = json.dumps({"deviceId": "d", "changes": changes}).replace('"DEEP"', "[" * 700 + "]" * 700)
    answer = await ward.trainer.http.post(
        "/api/v1/sync/mark-synced", content=text, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 200, answer.text
    assert list(answer.json()["ids"]) == ["c"]
    rejected = {each["tempId"]: each for each in answer.json()["rejected"]}
    assert rejected["a"]["errors"][0]["field"] == "payload.steps"
    assert rejected["b"]["reason"] == "unknown_type"


async def test_a_body_that_is_nested_too_deeply_is_refused_whole(ward: Ward) -> None:
    before = await ward.versions()
    a_call = {"clientId": "x", "events": [an_event()]}
    for body, depth in (
        ({**a_call, "events": [an_event(), an_event(payload="DEEP")]}, 5000),
        ({**a_call, "events": "DEEP"}, 100_000),
        ({**a_call, "serverEpoch": "DEEP"}, 300),
        ({**a_call, "lastSyncTimestamp": "DEEP"}, 300),
        ({**a_call, "events": [an_event(id="DEEP")]}, 300),
    ):
        answer = await _send(ward.trainer, json.dumps(body).replace('"DEEP"', "[" * depth + "]" * depth).encode())
        assert answer.status_code in (400, 422), (depth, answer.text)
    assert await ward.versions() == before


async def _send(device: Tablet, body: bytes, **headers: str) -> httpx.Response:
    while True:
        answer = await device.http.post(
            "/api/sync/up", content=body, headers={"Content-Type": "application/json", **headers}
        )
        if answer.status_code != 429:
            return answer


async def test_too_much_is_refused_and_nothing_of_it_taken(ward: Ward) -> None:
    before = await ward.versions()
    many = await ward.trainer.ask("up", {"events": [an_event() for _ in range(501)]})
    assert (many.status_code, many.json()["code"]) == (413, "too_large")
    body = json.dumps({"clientId": ward.trainer.client_id, "events": [an_event()]}).encode()
    large = await _send(ward.trainer, body + b" " * (UP_LIMIT_BYTES + 1 - len(body)))
    assert (large.status_code, large.json()["code"]) == (413, "too_large")
    assert await ward.versions() == before
    log = (await ward.admin.http.get("/api/sync/log")).json()["items"]
    assert [(each["status"], each["errorMessage"]) for each in log] == [("FAILED", "too_large")] * 2
    whole = await _send(ward.trainer, body + b" " * (UP_LIMIT_BYTES - len(body)))
    assert whole.status_code == 200
    most = await ward.trainer.up(*(an_event() for _ in range(500)))
    assert len(most["acknowledged"]) == 500


async def test_a_compressed_body_is_not_unpacked(ward: Ward) -> None:
    before = await ward.versions()
    bomb = gzip.compress(b'{"clientId": "x", "events": []}' + b" " * 50_000_000)
    assert len(bomb) < 100_000
    answer = await _send(ward.trainer, bomb, **{"Content-Encoding": "gzip"})
    assert answer.status_code in (400, 415), answer.text
    assert await ward.versions() == before


async def test_ids_of_another_school_lead_nowhere(ward: Ward) -> None:
    other = await furnish(ward.storage, "Another school")
    theirs = a_template(other.school, "Secret")
    await ward.storage.templates.add_template(theirs, BY)
    before = await ward.storage.sync.log_after(other.school.id, 0, 100)
    entity = {"entityId": str(theirs.id)}
    missing = {"entityId": str(uuid4())}
    for device in (ward.trainer, ward.observer, ward.admin):
        for entity_type, its in (
            ("TEMPLATE", str(theirs.id)),
            ("TRAINER", str(other.trainer.id)),
            ("SESSION", str(uuid4())),
        ):
            for operation in ("UPDATE", "DELETE"):
                payload = {"TEMPLATE": {"title": "x"}, "TRAINER": {"name": "x"}, "SESSION": {"title": "x"}}[entity_type]
                asked = [
                    an_event(entity_type, operation, entityId=each, payload=payload) for each in (its, str(uuid4()))
                ]
                answers = [await device.up(event) for event in asked]
                outcomes = [
                    [(kind, [each.get("reason") for each in answer[kind]]) for kind in sorted(answer) if answer[kind]]
                    for answer in (
                        {key: answer[key] for key in ("acknowledged", "conflicts", "rejected")} for answer in answers
                    )
                ]
                assert outcomes[0] == outcomes[1], (device.client_id, entity_type, operation)
                assert all(each["serverData"] is None for each in answers[0]["conflicts"])
    assert (await ward.trainer.rejection(an_event(**entity)))["reason"] == "id_taken"
    assert (await ward.observer.rejection(an_event(**entity)))["reason"] == "forbidden"
    assert (await ward.trainer.conflict(an_event(operation="UPDATE", **missing)))["reason"] == "missing"
    session = an_event("SESSION", payload={"title": "x", "template_id": str(theirs.id)})
    assert (await ward.trainer.rejection(session))["errors"][0]["field"] == "payload.template_id"
    session = an_event("SESSION", payload={"title": "x", "co_trainer_ids": [str(other.trainer.id)]})
    assert (await ward.trainer.rejection(session))["errors"][0]["field"].startswith("payload.co_trainer_ids")
    assert await ward.storage.sync.log_after(other.school.id, 0, 100) == before
    assert await ward.storage.templates.find_template(other.school.id, theirs.id) == theirs
    assert "Secret" not in json.dumps(await ward.trainer.down())


async def test_a_role_that_may_not_writes_nothing(ward: Ward) -> None:
    template = an_event()
    version = (await ward.trainer.acknowledgement(template))["serverVersion"]
    before = await ward.versions()
    its = {"entityId": template["entityId"], "localVersion": version}
    for event in (
        an_event(),
        an_event(operation="UPDATE", **its, payload={"title": "B"}),
        an_event(operation="DELETE", **its),
        an_event("SESSION", payload={"title": "x"}),
        an_event("TRAINER", payload={"name": "Eve"}),
    ):
        assert (await ward.observer.rejection(event))["reason"] == "forbidden", event
    eve = {"email": "eve@example.org", "name": "Eve", "role": "admin", "password": PASSWORD}
    assert (await ward.trainer.rejection(an_event("TRAINER", payload=eve)))["reason"] == "forbidden"
    assert await ward.versions() == before
    assert PASSWORD not in await ward.everything_kept()
    assert "eve@example.org" not in await ward.everything_kept()


async def test_a_colleagues_client_id_is_refused_for_the_call(ward: Ward) -> None:
    await ward.trainer.up(an_event())
    before = await ward.versions()
    borrowed = Tablet(ward.colleague.http, ward.trainer.client_id)
    for path, body in (("up", {"events": [an_event()]}), ("up", {"events": []}), ("down", {"lastSyncTimestamp": 0})):
        answer = await borrowed.ask(path, body)
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), path
    assert await ward.versions() == before


async def test_a_cursor_or_an_epoch_that_is_not_of_this_server_begins_again(ward: Ward) -> None:
    await ward.trainer.up(an_event())
    page = await ward.trainer.down()
    for path, body in (
        ("down", {"lastSyncTimestamp": page["syncTimestamp"] + 1}),
        ("down", {"lastSyncTimestamp": 2**53 - 1}),
        ("down", {"lastSyncTimestamp": page["syncTimestamp"], "serverEpoch": "another"}),
        ("down", {"lastSyncTimestamp": 0, "serverEpoch": "another"}),
        ("up", {"events": [an_event()], "serverEpoch": "another"}),
        ("up", {"events": [an_event()], "lastSyncTimestamp": page["syncTimestamp"] + 1}),
        ("up", {"events": [], "lastSyncTimestamp": str(2**53 - 1)}),
        # What was sent has not hidden that the cursor is of no use.
        ("down", {"lastSyncTimestamp": page["syncTimestamp"] + 1}),
    ):
        answer = await ward.trainer.ask(path, body)
        assert (answer.status_code, answer.json()["code"]) == (409, "resync_required"), (path, body)
    for cursor in (page["syncTimestamp"], str(page["syncTimestamp"])):
        again = await ward.trainer.down(cursor, serverEpoch=page["serverEpoch"])
        assert (again["changes"], again["syncTimestamp"]) == ([], page["syncTimestamp"])
    for cursor in (-1, "x", True, 1.5, [], {}, 2**53, "9" * 40):
        for path, body in (("down", {}), ("up", {"events": [an_event()]}), ("up", {"events": []})):
            answer = await ward.trainer.ask(path, {**body, "lastSyncTimestamp": cursor})
            assert answer.status_code == 422, (path, cursor)
            assert [error["field"] for error in answer.json()["errors"]] == ["lastSyncTimestamp"]
    for body in (
        {"limit": 0},
        {"limit": 1001},
        {"entityTypes": ["PATIENT"]},
        {"entityTypes": ["SESSION_EVENT"]},
        {"entityTypes": ["SESSION_EVENT", "PATIENT"]},
        {"limit": "5"},
    ):
        assert (await ward.trainer.ask("down", {"lastSyncTimestamp": 0, **body})).status_code == 422, body


async def test_a_repeated_batch_has_the_same_answers_and_no_second_effect(ward: Ward) -> None:
    template = an_event(payload={"title": "  A case "})
    made = (await ward.trainer.acknowledgement(template))["serverVersion"]
    await ward.colleague.up(an_event(operation="UPDATE", entityId=template["entityId"], localVersion=made,
                                     payload={"title": "B"}))  # fmt: skip
    batch = [
        an_event(payload={"title": " C ", "vitals": {"heart_rate": 90}}),
        an_event(operation="UPDATE", entityId=template["entityId"], localVersion=made, payload={"title": "D"}),
        an_event(payload={"colour": 1}),
        an_event(operation="DELETE"),
        template,
    ]
    first = await ward.trainer.up(*batch)
    before = await ward.versions()
    conflicts = (await ward.trainer.http.get("/api/sync/conflicts")).json()
    for again in (batch, [*batch, *batch], list(reversed(batch))):
        answer = await ward.trainer.up(*again)
        for kind in ("acknowledged", "conflicts", "rejected"):
            known = {each["outboxEventId"]: each for each in first[kind]}
            assert all(known[each["outboxEventId"]] == each for each in answer[kind])
            assert {each["outboxEventId"] for each in answer[kind]} == set(known)
    assert await ward.versions() == before
    assert (await ward.trainer.http.get("/api/sync/conflicts")).json() == conflicts
    assert (await ward.colleague.rejection(batch[0]))["reason"] == "id_taken"


async def test_no_password_and_no_address_is_kept_where_it_does_not_belong(ward: Ward) -> None:
    secret = "correct horse battery"
    person = {"email": "new@example.org", "name": "New", "role": "trainer", "password": secret}
    event = an_event("TRAINER", payload=person)
    made = await ward.admin.acknowledgement(event)
    its = {"entityId": event["entityId"]}
    answers = [
        made,
        await ward.admin.up(event),
        await ward.admin.up(an_event("TRAINER", "UPDATE", **its, localVersion=made["serverVersion"],
                                     payload={"password": secret + "2"}, changedFields=["password"])),
        await ward.admin.up(an_event("TRAINER", "UPDATE", **its, localVersion=1, payload={**person, "name": "Z"})),
        await ward.admin.up(an_event("TRAINER", "UPDATE", payload=person)),
        await ward.trainer.up(an_event("TRAINER", "UPDATE", **its, payload=person)),
        await ward.trainer.down(),
        await ward.admin.down(),
        (await ward.admin.http.get("/api/sync/conflicts")).json(),
        (await ward.admin.http.get("/api/sync/log")).json(),
    ]  # fmt: skip
    told, kept = json.dumps(answers), await ward.everything_kept()
    for text in (told, kept):
        assert "correct horse" not in text
        assert "$2b$" not in text
        # The name of the field may be told, as of any other.
        assert re.search(r"""password['"]\s*:""", text) is None
    seen = await ward.trainer.down()
    assert "@" not in json.dumps(seen)
    login = await ward.server.http.post(
        "/api/v1/auth/login", json={"email": "new@example.org", "password": secret + "2"}
    )
    assert login.status_code == 200


async def test_a_taken_address_is_rejected_on_its_field_also_of_an_account_that_is_there(ward: Ward) -> None:
    person = {"email": "new@example.org", "name": "New", "role": "trainer", "password": PASSWORD}
    event = an_event("TRAINER", payload=person)
    made = await ward.admin.acknowledgement(event)
    for refused in (
        an_event("TRAINER", payload={**person, "email": "Trainer@example.org"}),
        an_event("TRAINER", "UPDATE", entityId=event["entityId"], localVersion=made["serverVersion"],
                 payload={"email": "trainer@example.org"}),
    ):  # fmt: skip
        rejected = await ward.admin.rejection(refused)
        assert rejected["reason"] == "invalid_fields"
        assert [error["field"] for error in rejected["errors"]] == ["email"]


async def test_addresses_change_hands_within_one_call(ward: Ward) -> None:
    def person(name: str) -> Json:
        return {"email": f"{name}@example.org", "name": name, "role": "trainer", "password": PASSWORD}

    people = [an_event("TRAINER", payload=person(name)) for name in ("ann", "ben", "cid", "dan")]
    made = await ward.admin.up(*people)
    assert len(made["acknowledged"]) == 4, made
    ann, ben, cid, dan = [each["entityId"] for each in people]

    def moved(entity_id: str, name: str) -> Json:
        payload = {"email": f"{name}@example.org"}
        return an_event("TRAINER", "UPDATE", entityId=entity_id, localVersion=made["acknowledged"][-1]["serverVersion"],
                        payload=payload)  # fmt: skip

    deleted = an_event("TRAINER", "DELETE", entityId=cid, localVersion=made["acknowledged"][-1]["serverVersion"])
    after = an_event("TRAINER", payload={**person("cid"), "name": "Cid the younger"})
    answer = await ward.admin.up(
        moved(ann, "aside"), moved(ben, "ann"), moved(ann, "ben"), deleted, after, moved(dan, "else")
    )
    assert len(answer["acknowledged"]) == 6, answer
    emails = {each["entityId"]: each["payload"]["email"] for each in (await ward.admin.down())["changes"]
              if each["entityType"] == "TRAINER"}  # fmt: skip
    assert emails[ann] == "ben@example.org"
    assert emails[ben] == "ann@example.org"
    assert emails[after["entityId"]] == "cid@example.org"
    assert emails[dan] == "else@example.org"


@pytest.mark.parametrize("value", ["\x00", "\ud800", float("nan"), {"a": ["\x00"]}])
async def test_what_the_server_owns_may_hold_anything(ward: Ward, value: Any) -> None:
    template = an_event()
    await ward.trainer.up(template)
    change = an_event(operation="UPDATE", entityId=template["entityId"], payload={"title": "B", "created_at": value})
    change["localVersion"] = 2**50
    body = json.dumps({"clientId": "trainer's", "events": [change, an_event()]}).encode()
    answer = await _send(ward.trainer, body)
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["conflicts"]) == 1
    assert len(answer.json()["acknowledged"]) == 1
    assert (await ward.trainer.http.get("/api/sync/conflicts")).status_code == 200


async def test_what_the_server_owns_is_let_be_of_every_kind_of_entity(ward: Ward) -> None:
    owned = dict.fromkeys(
        (
            "id", "school_id", "version", "created_at", "updated_at", "deleted_at", "code", "last_values", "last_seq",
            "closed_at", "close_reason",
        ),
        "anything",
    )  # fmt: skip
    trainer = {"name": "Ann", "email": "ann@example.org", "role": "trainer", "password": PASSWORD}
    for entity_type, payload in (("TEMPLATE", {"title": "A"}), ("SESSION", {"title": "A"}), ("TRAINER", trainer)):
        await ward.admin.acknowledgement(an_event(entity_type, payload={**payload, **owned}))


async def test_an_events_id_is_answered_as_it_was_sent_and_an_entitys_as_the_server_writes_it(ward: Ward) -> None:
    event = an_event(id=str(uuid4()).upper(), entityId=str(uuid4()).upper(), tenantId=ward.school_id.upper())
    told = await ward.trainer.acknowledgement(event)
    assert (told["outboxEventId"], told["entityId"]) == (event["id"], event["entityId"].lower())
    assert told["serverData"]["payload"]["id"] == told["entityId"]
    assert await ward.trainer.acknowledgement(event) == told
    lower = {**event, "id": event["id"].lower()}
    assert (await ward.trainer.acknowledgement(lower))["serverEventId"] == told["serverEventId"]


async def test_a_choice_of_the_own_side_writes_only_what_was_changed(ward: Ward) -> None:
    template = an_event(payload={"title": "A", "description": "a"})
    made = (await ward.trainer.acknowledgement(template))["serverVersion"]
    its = {"entityId": template["entityId"], "localVersion": made}
    await ward.colleague.up(an_event(operation="UPDATE", **its, payload={"title": "B", "description": "b"}))
    conflict = await ward.trainer.conflict(
        an_event(operation="UPDATE", **its, payload={"title": "C", "description": "a"}, changedFields=["title"])
    )
    answer = await ward.trainer.http.post(
        f"/api/sync/conflicts/{conflict['conflictId']}/resolve",
        json={"keep": "local", "serverVersion": conflict["serverData"]["version"]},
    )
    assert answer.status_code == 200, answer.text
    payload = answer.json()["serverData"]["payload"]
    assert (payload["title"], payload["description"]) == ("C", "b")


async def test_whoever_resolves_the_conflict_of_a_forgotten_device_does_not_become_its_owner(ward: Ward) -> None:
    conflict = await ward.trainer.conflict(an_event(operation="UPDATE"))
    forgotten = await ward.admin.http.delete("/api/sync/devices/trainer's")
    assert forgotten.status_code == 204
    answer = await ward.admin.http.post(
        f"/api/sync/conflicts/{conflict['conflictId']}/resolve", json={"keep": "server", "serverVersion": 0}
    )
    assert answer.status_code == 200, answer.text
    assert (await ward.admin.http.get("/api/sync/conflicts")).json()["items"] == []
    await ward.trainer.up(an_event())


async def _opened(ward: Ward, **payload: Any) -> str:
    event = an_event("SESSION", payload={"title": "A session", **payload})
    await ward.trainer.acknowledgement(event)
    return event["entityId"]


def _fact(session_id: str, kind: str, **fields: Any) -> Json:
    return an_event("SESSION_EVENT", payload={"session_id": session_id, "kind": kind, **fields})


async def test_events_of_a_record_are_stored_in_the_order_in_which_they_were_sent(ward: Ward) -> None:
    template = an_event(payload={"title": "A case", "steps": [{"title": "One"}]})
    await ward.trainer.acknowledgement(template)
    session_id = await _opened(ward, template_id=template["entityId"])
    batch: list[Json] = [_fact(session_id, "note", text=f"one of many {number}") for number in range(20)]
    for number in range(4):
        batch += [
            _fact(session_id, "vitals", vitals={"heart_rate": 100 + number}),
            _fact(session_id, "note", text=f"note {number}"),
            _fact(session_id, "case", action=("start", "pause")[number % 2]),
        ]
    answer = await ward.trainer.up(*batch)
    assert len(answer["acknowledged"]) == len(batch), answer
    record = (await ward.trainer.http.get(f"/api/v1/sessions/{session_id}/events?limit=200")).json()["items"]
    # The case adds events of its own, and an action that was so already none.
    seqs = {event["id"]: event["seq"] for event in record}
    stored = [event["entityId"] for event in batch if event["entityId"] in seqs]
    assert len(stored) >= 2 * len(batch) // 3
    assert stored == sorted(stored, key=lambda each: seqs[each])
    told = {each["entityId"]: each["serverVersion"] for each in answer["acknowledged"]}
    assert [told[each] for each in stored] == [seqs[each] for each in stored]
    assert (await ward.trainer.up(*batch))["acknowledged"] == answer["acknowledged"]


async def test_a_repeat_that_names_another_entity_is_told_that_of_the_first_answer(ward: Ward) -> None:
    """Whether the repeat comes later or in the same call, and whatever it names."""
    template, session_id = an_event(payload={"title": " A case "}), await _opened(ward)
    note = _fact(session_id, "note", text="one")
    first = await ward.trainer.up(template, note)
    assert [told["entityId"] for told in first["acknowledged"]] == [template["entityId"], note["entityId"]]
    for known in (template, note):
        others = (an_event(), an_event("SESSION"), an_event("PATIENT"), _fact(session_id, "note", text="other"))
        for other in others:
            answer = await ward.trainer.up({**other, "id": known["id"]})
            assert answer["acknowledged"] == [
                each for each in first["acknowledged"] if each["outboxEventId"] == known["id"]
            ]
    one, other = an_event(), an_event()
    told = (await ward.trainer.up(one, {**other, "id": one["id"]}))["acknowledged"]
    assert [each["entityId"] for each in told] == [one["entityId"]] * 2
    fact, other = (_fact(session_id, "note", text=text) for text in ("two", "three"))
    told = (await ward.trainer.up(fact, {**other, "id": fact["id"]}))["acknowledged"]
    assert [each["entityId"] for each in told] == [fact["entityId"]] * 2


async def test_an_id_that_was_seen_is_answered_as_it_was_also_of_an_event_of_a_record(ward: Ward) -> None:
    session_id = await _opened(ward)
    early = _fact(str(uuid4()), "note", text="too early")
    refused = await ward.trainer.rejection(early)
    opened = an_event("SESSION", entityId=early["payload"]["session_id"], payload={"title": "Later"})
    await ward.trainer.acknowledgement(opened)
    assert await ward.trainer.rejection(early) == refused
    one = _fact(session_id, "note", text="one")
    other = {**_fact(session_id, "note", text="other"), "id": one["id"]}
    answer = await ward.trainer.up(one, other, one)
    assert len(answer["acknowledged"]) == 3
    assert len({told["serverVersion"] for told in answer["acknowledged"]}) == 1
    record = (await ward.trainer.http.get(f"/api/v1/sessions/{session_id}/events?limit=200")).json()["items"]
    assert [event["text"] for event in record if event["kind"] == "note"] == ["one"]
    edit = {**an_event(), "id": one["id"]}
    again = await ward.trainer.up(edit)
    assert [told["serverVersion"] for told in again["acknowledged"]] == [answer["acknowledged"][0]["serverVersion"]]


async def test_a_session_is_edited_by_its_own_and_not_when_it_is_over(ward: Ward) -> None:
    session_id = await _opened(ward)
    its = {"entityId": session_id}
    version = next(
        each["serverVersion"] for each in (await ward.trainer.down())["changes"] if each["entityId"] == session_id
    )
    for device in (ward.colleague, ward.observer):
        edit = an_event("SESSION", "UPDATE", **its, localVersion=version, payload={"title": "B"})
        assert (await device.rejection(edit))["reason"] == "forbidden"
    await ward.colleague.http.post(f"/api/v1/sessions/{session_id}/controls")
    page = await ward.trainer.down()
    row = next(each for each in page["changes"] if each["entityId"] == session_id)
    assert len(row["payload"]["co_trainer_ids"]) == 1
    whole = an_event(
        "SESSION", "UPDATE", **its, localVersion=row["serverVersion"], payload={**row["payload"], "title": "C"}
    )
    taken = await ward.colleague.acknowledgement(whole)
    past = an_event("SESSION", "UPDATE", **its, localVersion=taken["serverVersion"],
                    payload={"expires_at": "2020-01-01T00:00:00.000Z"})  # fmt: skip
    rejected = await ward.trainer.rejection(past)
    assert [error["field"] for error in rejected["errors"]] == ["payload.expires_at"]
    await ward.trainer.http.post(f"/api/v1/sessions/{session_id}/close")
    late = an_event("SESSION", "UPDATE", **its, localVersion=2**40, payload={"title": "D"})
    assert (await ward.trainer.rejection(late))["reason"] == "session_over"
    fact = _fact(session_id, "vitals", vitals={"heart_rate": 99})
    assert (await ward.trainer.rejection(fact))["reason"] == "session_over"


async def test_a_conflict_about_a_session_that_has_ended_is_told_so_to_its_owner(ward: Ward) -> None:
    session_id = await _opened(ward)
    for title in ("B", "C"):
        changed = await ward.trainer.http.patch(f"/api/v1/sessions/{session_id}", json={"title": title})
        assert changed.status_code == 200, changed.text
    edit = an_event("SESSION", "UPDATE", entityId=session_id, localVersion=1, payload={"title": "D"})
    conflict = await ward.trainer.conflict(edit)
    await ward.trainer.http.post(f"/api/v1/sessions/{session_id}/close")
    path, choice = f"/api/sync/conflicts/{conflict['conflictId']}/resolve", {"keep": "local", "serverVersion": 0}
    moved = await ward.trainer.http.post(path, json=choice)
    assert (moved.status_code, moved.json()["code"]) == (409, "conflict")
    choice["serverVersion"] = moved.json()["serverData"]["version"]
    for device in (ward.trainer, ward.admin):
        refused = await device.http.post(path, json=choice)
        assert (refused.status_code, refused.json()["code"]) == (410, "session_closed"), refused.text
    kept = await ward.trainer.http.post(path, json={**choice, "keep": "server"})
    assert kept.status_code == 200, kept.text
    assert kept.json()["serverData"]["payload"]["title"] == "C"


async def test_what_a_choice_names_is_looked_up_as_for_every_edit(ward: Ward) -> None:
    session_id = await _opened(ward)
    colleague, path = ward.colleague.trainer_id, f"/api/v1/sessions/{session_id}"
    assert (await ward.trainer.http.patch(path, json={"title": "B"})).status_code == 200
    edit = an_event("SESSION", "UPDATE", entityId=session_id, localVersion=1, payload={"title": "D"})
    conflict = await ward.trainer.conflict(edit)
    choice = {"keep": "local", "serverVersion": conflict["serverData"]["version"]}
    payload = {"title": "D", "co_trainer_ids": [str(uuid4())]}
    refused = await _resolve(ward.trainer, conflict, {**choice, "payload": payload})
    assert refused.status_code == 422
    assert [each["field"] for each in refused.json()["errors"]] == ["payload.co_trainer_ids.0"]
    payload["co_trainer_ids"] = [colleague]
    kept = await _resolve(ward.trainer, conflict, {**choice, "payload": payload})
    assert kept.status_code == 200, kept.text
    stored = (await ward.trainer.http.get(path)).json()
    assert (stored["title"], stored["co_trainer_ids"]) == ("D", [colleague])


async def test_a_choice_takes_nobody_elses_address(ward: Ward) -> None:
    path = f"/api/v1/trainers/{ward.trainer.trainer_id}"
    assert (await ward.admin.http.patch(path, json={"name": "B"})).status_code == 200
    edit = an_event(
        "TRAINER", "UPDATE", entityId=ward.trainer.trainer_id, localVersion=1, payload={"name": "D"},
        changedFields=["name"],
    )  # fmt: skip
    conflict = await ward.admin.conflict(edit)
    choice = {"keep": "local", "serverVersion": conflict["serverData"]["version"]}
    payload = {"name": "D", "email": "COLLEAGUE@example.org"}
    refused = await _resolve(ward.admin, conflict, {**choice, "payload": payload})
    assert (refused.status_code, [each["field"] for each in refused.json()["errors"]]) == (422, ["email"]), refused.text
    kept = await _resolve(ward.admin, conflict, {**choice, "payload": {"name": "D"}})
    assert kept.status_code == 200, kept.text


async def _resolve(device: Tablet, conflict: Json, choice: Json) -> httpx.Response:
    return await device.http.post(f"/api/sync/conflicts/{conflict['conflictId']}/resolve", json=choice)


async def test_what_a_session_is_opened_with_is_not_edited_without_effect(ward: Ward) -> None:
    template = an_event()
    await ward.trainer.acknowledgement(template)
    opening = {"template_id": template["entityId"], "duration_minutes": 30, "vitals": {"heart_rate": 90}}
    session_id = await _opened(ward, **opening)
    page = await ward.trainer.down(entityTypes=["SESSION"])
    [row] = [each for each in page["changes"] if each["entityId"] == session_id]
    its = {"entityId": session_id, "localVersion": row["serverVersion"]}
    cases: list[tuple[Json, set[str]]] = [
        ({"duration_minutes": 5}, {"payload.duration_minutes"}),
        ({"vitals": {"heart_rate": 90}, "title": 5}, {"payload.vitals", "payload.title"}),
        ({"duration_minutes": 0}, {"payload.duration_minutes"}),
        ({**row["payload"], "template_id": str(uuid4())}, {"payload.template_id"}),
    ]
    before = await ward.versions()
    for payload, fields in cases:
        rejected = await ward.trainer.rejection(an_event("SESSION", "UPDATE", **its, payload=payload))
        assert rejected["reason"] == "invalid_fields"
        assert sorted(error["field"] for error in rejected["errors"]) == sorted(fields), payload
    assert await ward.versions() == before
    # As it was told, and of a device that says what it has changed, the rest may be whatever it has.
    nothing = {"duration_minutes": None, "vitals": None}
    whole = an_event("SESSION", "UPDATE", **its, payload={**row["payload"], **nothing, "title": "B"})
    its["localVersion"] = (await ward.trainer.acknowledgement(whole))["serverVersion"]
    part = an_event("SESSION", "UPDATE", **its, payload={**opening, "title": "C"}, changedFields=["title"])
    await ward.trainer.acknowledgement(part)
    changed = an_event("SESSION", "UPDATE", **its, payload=opening, changedFields=["vitals"])
    assert [error["field"] for error in (await ward.trainer.rejection(changed))["errors"]] == ["changedFields"]
