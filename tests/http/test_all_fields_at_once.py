"""Every wrong field of a body is named in one answer: those of another shape, and those whose value cannot be."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import socketio
from pydantic import BaseModel

from server import clock
from server.domain.outcomes import FieldError, InvalidFields
from server.domain.timestamps import write_timestamp
from server.storage.memory import MemoryStorage
from server.transport.devices.requests import DownBody, MarkSyncedBody, UpBody
from server.transport.http.endpoint import API
from server.transport.wire.keeping_shapes import LockBody
from server.transport.wire.reading import read_model
from server.transport.wire.reflection_shapes import ReflectionBody
from server.transport.wire.requests import (
    ActionMessage,
    AnnotationBody,
    AnnotationChangeBody,
    AssignmentBody,
    DryRunBody,
    FirstAdminBody,
    ForkBody,
    HallBody,
    InvitationBody,
    NoteMessage,
    SessionBody,
    SessionChangeBody,
    TemplateBody,
    TraineeAuth,
    TrainerBody,
    VitalsMessage,
)
from server.transport.wire.score_shapes import ScoresBody
from server.transport.wire.share_shapes import ShareBody
from server.transport.wire.values import value_errors, with_all
from tests.support.devices import an_event
from tests.support.making import NOW
from tests.support.patience import PATIENCE_SECONDS
from tests.support.running import running_server
from tests.support.ward import Ward

Json = dict[str, Any]
PAST = "2020-01-01T00:00:00.000Z"
LONG = "x" * 2001

# Fields of another shape, fields with a value that cannot be; and where those are told.
BODIES: list[tuple[type[BaseModel], Json, Json, list[str]]] = [
    (
        SessionBody,
        {"id": "7", "nope": 1},
        {"title": LONG, "trainee_name": LONG, "duration_minutes": 0, "vitals": {"spo2": 101, "x": 1}},
        ["title", "trainee_name", "duration_minutes", "vitals.spo2", "vitals.x"],
    ),
    (
        SessionChangeBody,
        {"co_trainer_ids": ["7"]},
        {"title": " ", "expires_at": PAST, "limits": {"spo2": {"low": 101}}},
        ["title", "expires_at", "limits.spo2.low"],
    ),
    (ForkBody, {"moves_trainees": "yes"}, {"after_seq": 0, "title": "\x07"}, ["after_seq", "title"]),
    (
        TemplateBody,
        {"pass_percent": "most"},
        {
            "title": "",
            "duration_minutes": 0,
            "language": "french!",
            "rhythm": "waltz",
            "flags": {"A": True},
            "steps": [
                {"title": "", "at_seconds": -1, "ramp_seconds": -1, "note": " ", "transitions": [{}]},
                {"key": "A", "title": "b"},
            ],
            "checklist": ["", {"text": 7}],
            "targets": [{"marker": "A"}],
        },
        [
            "title",
            "duration_minutes",
            "rhythm",
            "flags.A",
            "steps.0.title",
            "steps.0.at_seconds",
            "steps.0.ramp_seconds",
            "steps.0.note",
            "steps.0.transitions.0.on",
            "steps.0.transitions.0.to",
            "checklist.0",
            "checklist.1.text",
            "targets.0.marker",
            "targets.0.seconds",
            "language",
            "steps.1.key",
        ],
    ),
    (DryRunBody, {"markers": 7}, {"template": {"title": ""}}, ["template.title"]),
    (TrainerBody, {"role": "boss"}, {"email": "x", "name": " ", "password": "short"}, ["email", "name", "password"]),
    (InvitationBody, {"role": 7}, {"email": "a\u200b@b.c", "name": "\u202e"}, ["email", "name"]),
    (
        FirstAdminBody,
        {"token": 7},
        {"school": "", "name": "", "email": "", "password": ""},
        ["school", "name", "email", "password"],
    ),
    (VitalsMessage, {"id": 7, "session_id": 7}, {"step": "A", "ramp_seconds": 4000}, ["ramp_seconds", "step"]),
    (NoteMessage, {"id": 7, "session_id": 7}, {}, ["text"]),
    (NoteMessage, {"id": 7, "session_id": 7}, {"text": LONG, "marker": "A"}, ["text", "marker"]),
    (ActionMessage, {"id": 7}, {"action": "nibp_cycle", "details": {"minutes": 7}}, ["details.minutes"]),
    (ActionMessage, {"id": 7}, {"action": "A", "details": 7}, ["action", "details"]),
    (AnnotationBody, {"id": 7, "at": 7}, {"kind": "note", "text": "\u200b"}, ["text"]),
    (AnnotationBody, {"id": 7, "at": 7}, {"kind": "note", "marker": ""}, ["text"]),
    (AnnotationChangeBody, {"at": 7}, {"kind": "plus", "marker": ""}, []),
    (AnnotationChangeBody, {"at": 7}, {"marker": "A"}, ["marker"]),
    (AssignmentBody, {"template_id": 7}, {"title": "", "until": PAST}, ["title", "until"]),
    (HallBody, {"trainers": 7}, {"name": ""}, ["name"]),
    (
        UpBody,
        {"serverEpoch": 7, "events": 7},
        {"clientId": "", "lastSyncTimestamp": "abc"},
        ["clientId", "lastSyncTimestamp"],
    ),
    (
        DownBody,
        {"serverEpoch": 7, "entityTypes": 7},
        {"clientId": "a\0", "lastSyncTimestamp": -1, "limit": 0},
        ["clientId", "lastSyncTimestamp", "limit"],
    ),
    (MarkSyncedBody, {"changes": 7}, {"deviceId": "x" * 101}, ["deviceId"]),
    (LockBody, {"nope": 1}, {"reason": " "}, ["reason"]),
    (ShareBody, {"nope": 1}, {"days": 0}, ["days"]),
    (ScoresBody, {"nope": 1}, {"items": {"a": {"score": 3}}, "comment": LONG}, ["items.a.score", "comment"]),
    (ReflectionBody, {"is_anonymous": 7}, {"words": LONG, "scores": {"a": 3}}, ["words", "scores.a"]),
    (TraineeAuth, {"code": 7}, {"name": LONG}, ["name"]),
]


@pytest.mark.parametrize(("model", "shapes", "values", "told"), BODIES, ids=lambda part: getattr(part, "__name__", ""))
def test_shapes_and_values_are_told_together(
    model: type[BaseModel], shapes: Json, values: Json, told: list[str]
) -> None:
    sent = {**shapes, **values}
    shaped = read_model(model, sent)
    assert isinstance(shaped, InvalidFields)
    fields = [error.field for error in with_all(shaped, model, sent, NOW).errors]
    assert len(set(fields)) == len(fields)
    wrong_shapes = {"co_trainer_ids.0" if name == "co_trainer_ids" else name for name in shapes}
    assert wrong_shapes <= set(fields)
    assert set(told) <= set(fields)
    # Alone they are the same: nothing is wrong for that something else is.
    assert {error.field for error in value_errors(model, values, NOW)} == set(told)


async def test_http_tells_them_in_one_answer() -> None:
    async with running_server(MemoryStorage()) as server:
        await server.login()
        session = await server.open_session()
        events = f"{API}/sessions/{session['id']}/events"
        soon = write_timestamp(clock.now() + timedelta(hours=1))
        asked: list[tuple[str, str, Json, set[str]]] = [
            (
                "POST",
                f"{API}/sessions",
                {"title": LONG, "duration_minutes": -1, "shows": 1},
                {"title", "duration_minutes", "shows"},
            ),
            (
                "POST",
                f"{API}/sessions",
                {"vitals": {"spo2": 101}, "title": LONG, "template_id": str(uuid4())},
                {"vitals.spo2", "title", "template_id"},
            ),
            (
                "POST",
                f"{API}/sessions",
                {"vitals": {"systolic": 80, "diastolic": 90}, "title": LONG, "template_id": str(uuid4())},
                {"vitals.diastolic", "title", "template_id"},
            ),
            ("POST", f"{API}/sessions", {"nope": 1, "template_id": str(uuid4())}, {"nope", "template_id"}),
            (
                "PATCH",
                f"{API}/sessions/{session['id']}",
                {"title": "", "co_trainer_ids": [session["trainer_id"], str(uuid4())], "shows_conditions": 1},
                {"title", "co_trainer_ids.1", "shows_conditions"},
            ),
            (
                "POST",
                events,
                {"kind": "vitals", "id": str(uuid4()), "step": "no_such", "vitals": {"spo2": 101}},
                {"step", "vitals.spo2"},
            ),
            (
                "POST",
                events,
                {"kind": "vitals", "id": str(uuid4()), "step": "no_such", "vitals": {"diastolic": 190}},
                {"step", "vitals.diastolic"},
            ),
            ("POST", f"{API}/sessions", {"title": LONG, "template_id": str(uuid4())}, {"title", "template_id"}),
            ("PATCH", f"{API}/sessions/{session['id']}", {"title": "", "expires_at": PAST}, {"title", "expires_at"}),
            ("POST", events, {"kind": "waltz", "id": 7, "made_at": 7}, {"kind", "id", "made_at"}),
            ("POST", events, {"kind": "action", "id": 7, "action": "A"}, {"id", "action"}),
            (
                "POST",
                f"{API}/trainers",
                {"email": "x", "name": "", "role": "boss"},
                {"email", "name", "role", "password"},
            ),
            (
                "POST",
                f"{API}/sessions/{session['id']}/fork",
                {"after_seq": 99, "title": LONG},
                {"after_seq", "title"},
            ),
            (
                "POST",
                f"{API}/sessions/{session['id']}/fork",
                {"after_seq": 99, "title": 7},
                {"after_seq", "title"},
            ),
            (
                "POST",
                f"{API}/assignments",
                {"title": " ", "until": soon, "template_id": str(uuid4())},
                {"title", "template_id"},
            ),
            (
                "POST",
                f"{API}/assignments",
                {"title": 7, "template_id": str(uuid4())},
                {"title", "until", "template_id"},
            ),
        ]
        for method, path, body, fields in asked:
            answer = await server.http.request(method, path, json=body)
            assert answer.status_code == 422, (path, body, answer.text)
            assert {error["field"] for error in answer.json()["errors"]} == fields, (path, body)


async def test_a_push_of_an_unknown_step_tells_its_wrong_values_too() -> None:
    async with running_server(MemoryStorage()) as server:
        token = (await server.login())["token"]
        session = await server.open_session()
        async with socketio.AsyncSimpleClient() as client:
            await client.connect(server.url, namespace="/trainer", auth={"token": token}, wait_timeout=PATIENCE_SECONDS)
            for wrong, field in (({"spo2": 101}, "vitals.spo2"), ({"diastolic": 190}, "vitals.diastolic")):
                push = {"id": str(uuid4()), "session_id": session["id"], "step": "no_such", "vitals": wrong}
                sent = {**push, "id": 7} if field == "vitals.spo2" else push
                ack = await client.call("vitals:push", sent, timeout=PATIENCE_SECONDS)
                told = {error["field"] for error in ack["error"]["errors"]}
                assert told == {"step", field} | ({"id"} if field == "vitals.spo2" else set())


async def test_devices_are_told_of_an_unknown_template_beside_bad_start_values() -> None:
    async with running_server(MemoryStorage()) as server:
        trainer = (await server.login())["trainer"]
        for wrong, field in (({"spo2": 101}, "vitals.spo2"), ({"systolic": 80, "diastolic": 90}, "vitals.diastolic")):
            colleagues = [trainer["id"], str(uuid4())]
            payload = {"template_id": str(uuid4()), "vitals": wrong, "co_trainer_ids": colleagues}
            event = {"entityType": "SESSION", "operation": "CREATE", "localVersion": 0, "payload": payload}
            sent = {"id": str(uuid4()), "entityId": str(uuid4()), **event}
            body = {"clientId": "tablet", "lastSyncTimestamp": 0, "events": [sent]}
            answer = (await server.http.post("/api/sync/up", json=body)).json()
            told = {error["field"].removeprefix("payload.") for error in answer["rejected"][0]["errors"]}
            assert told == {"template_id", field, "co_trainer_ids.1"}
            columns = {name: json.dumps(value) for name, value in payload.items() if name != "template_id"}
            row = {"id": str(uuid4()), "template_id": payload["template_id"], **columns}
            changes = {"sessions": {"created": [row], "updated": [], "deleted": []}}
            pushed = await server.http.post(f"{API}/sync/watermelon/push?last_pulled_at=0", json=changes)
            assert pushed.status_code == 422, pushed.text
            told = {error["field"].split(".", 2)[2] for error in pushed.json()["errors"]}
            assert told == {"template_id", field, "co_trainer_ids.1"}


@pytest.mark.parametrize(
    ("model", "sent"),
    [(ForkBody, {"after_seq": 0, "moves_trainees": "yes"}), (SessionChangeBody, {"shows_conditions": 1})],
)
def test_a_choice_of_two_is_asked_for_in_the_words_of_every_other(
    model: type[BaseModel], sent: dict[str, object]
) -> None:
    *_, field = sent
    assert read_model(model, sent) == InvalidFields((FieldError(field, "must be true or false"),))


def _rejected(answer: Json) -> list[set[str]]:
    """The fields of each, none of them told twice."""
    fields = [[error["field"] for error in each["errors"]] for each in answer["rejected"]]
    assert all(len(set(each)) == len(each) for each in fields), fields
    return [set(each) for each in fields]


async def test_devices_are_told_of_an_event_all_that_is_wrong(ward: Ward) -> None:
    there = an_event()
    await ward.trainer.acknowledgement(there)
    bad_number = {"seq": "x", "localVersion": -1}
    session_id = str(uuid4())
    cases: list[tuple[Json, set[str]]] = [
        (
            an_event("TEMPLATE", "UPDATE", **bad_number, entityId="x", changedFields=["colour"],
                     payload={"title": "", "vitals": {"spo2": 101}, "colour": 1}),
            {"seq", "localVersion", "entityId", "changedFields", "payload.title", "payload.vitals.spo2",
             "payload.colour"},
        ),
        (an_event(operation="PUT", payload={"title": ""}), {"operation", "payload.title"}),
        (an_event(seq="x", payload=5), {"seq", "payload"}),
        (an_event(seq="x", payload={}), {"seq", "payload.title"}),
        (an_event(payload={}), {"payload.title"}),
        (an_event(payload={"colour": 1, "rhythm": "waltz"}), {"payload.colour", "payload.rhythm", "payload.title"}),
        (an_event(payload={"title": 5, "colour": 1}), {"payload.colour", "payload.title"}),
        # One that is there has a title already.
        (an_event(entityId=there["entityId"], payload={"colour": 1}), {"payload.colour"}),
        (an_event(operation="UPDATE", payload={"colour": 1}), {"payload.colour"}),
        (
            an_event("SESSION_EVENT", seq=-1, payload={"session_id": "x", "kind": "note", "made_at": 5, "zzz": 1}),
            {"seq", "payload.session_id", "payload.made_at", "payload.zzz", "payload.text"},
        ),
        (
            an_event("SESSION_EVENT", entityId="x", payload={"session_id": session_id, "kind": "vitals", "step": "A"}),
            {"entityId", "payload.step"},
        ),
        (an_event("SESSION_EVENT", payload={"kind": "waltz"}), {"payload.session_id", "payload.kind"}),
        (
            an_event("SESSION", "UPDATE", payload={"title": 5, "expires_at": PAST}),
            {"payload.title", "payload.expires_at"},
        ),
        (
            an_event("SESSION", "UPDATE", seq="x", payload={"expires_at": PAST, "co_trainer_ids": [session_id]}),
            {"seq", "payload.expires_at", "payload.co_trainer_ids.0"},
        ),
        (
            an_event("SESSION", "UPDATE", seq="x", payload={"expires_at": PAST, "title": "A"}, changedFields=["title"]),
            {"seq"},
        ),
    ]  # fmt: skip
    answer = await ward.trainer.up(*(event for event, _ in cases))
    assert (answer["acknowledged"], answer["conflicts"]) == ([], [])
    for told, (event, fields) in zip(_rejected(answer), cases, strict=True):
        assert told == fields, event
    people = (an_event("TRAINER", payload={"name": 5}), an_event("TRAINER", seq="x", payload={"name": "A"}))
    needed = {"payload.email", "payload.role", "payload.password"}
    assert _rejected(await ward.admin.up(*people)) == [{"payload.name", *needed}, {"seq", *needed}]


async def test_whoever_resolves_a_conflict_is_told_all_that_is_wrong(ward: Ward) -> None:
    conflict = await ward.trainer.conflict(an_event(operation="UPDATE"))
    path = f"/api/sync/conflicts/{conflict['conflictId']}/resolve"
    cases: list[tuple[Json, set[str]]] = [
        ({}, {"keep", "serverVersion"}),
        ({"keep": "both", "serverVersion": None}, {"keep", "serverVersion"}),
        (
            {"keep": "both", "serverVersion": "x", "payload": {"title": "", "colour": 1}},
            {"keep", "serverVersion", "payload.title", "payload.colour"},
        ),
        ({"keep": "local", "serverVersion": -1, "payload": {"title": ""}}, {"serverVersion", "payload.title"}),
        ({"keep": "local", "serverVersion": True, "payload": 5}, {"serverVersion", "payload"}),
        # Nobody asks what would have been kept.
        ({"keep": "server", "serverVersion": 1.5, "payload": {"title": ""}}, {"serverVersion"}),
    ]
    for body, fields in cases:
        answer = await ward.trainer.http.post(path, json=body)
        assert answer.status_code == 422, answer.text
        told = [error["field"] for error in answer.json()["errors"]]
        assert sorted(told) == sorted(fields), body


async def test_of_columns_that_are_not_json_the_others_are_told_too(ward: Ward) -> None:
    row = {"id": str(uuid4()), "title": "", "rhythm": "waltz", "vitals": '{"spo2": 101}', "steps": "{bad", "colour": 1}
    told = {"title", "rhythm", "vitals.spo2", "steps", "colour"}
    ended = {"id": str(uuid4()), "title": "A", "expires_at": 1, "limits": "{bad"}
    changes = {"templates": {"created": [row], "updated": [], "deleted": []},
               "sessions": {"created": [ended], "updated": [], "deleted": []}}  # fmt: skip
    pushed = await ward.trainer.http.post(f"{API}/sync/watermelon/push?last_pulled_at=0", json=changes)
    assert pushed.status_code == 422, pushed.text
    assert sorted(error["field"] for error in pushed.json()["errors"]) == sorted(
        [f"templates.{row['id']}.{name}" for name in told]
        + [f"sessions.{ended['id']}.{name}" for name in ("limits", "expires_at")]
    )
    change = {"entityType": "TEMPLATE", "tempId": "t", "payload": {**row, "title": None}}
    marked = await ward.trainer.http.post(f"{API}/sync/mark-synced", json={"deviceId": "d", "changes": [change]})
    [rejected] = _rejected(marked.json())
    assert rejected >= {f"payload.{name}" for name in told}
