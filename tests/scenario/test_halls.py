"""A hall server at the central's door: its token, what it sends, and what everybody else is told meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from server.domain.audit import author_of
from server.domain.debrief.moment_edits import MomentEdit
from server.domain.hall_beside import beside_type
from server.domain.people import School, Trainer
from server.domain.record import Recorded
from server.domain.reflections import Reflection
from server.domain.scores import ItemScore, ScoreSheet
from server.domain.session import Session
from server.ports.storage import Storage
from server.storage.memory import MemoryStorage
from server.transport.moving.beside import told_beside
from server.transport.wire.answers import annotation_answer
from tests.support.hall_side import HallSide, an_envelope
from tests.support.houses import UNHURRIED, open_postgres
from tests.support.making import a_seat, an_action, an_annotation, later
from tests.support.patience import PATIENCE_SECONDS
from tests.support.running import RunningServer, connected, running_server


@dataclass
class Central:
    """`http` has the demo admin's token, `hall_http` that of the hall."""

    server: RunningServer
    school: School
    admin: Trainer
    hall_http: httpx.AsyncClient
    side: HallSide
    added: dict[str, Any]

    @property
    def http(self) -> httpx.AsyncClient:
        return self.server.http

    async def hello(self, **body: Any) -> httpx.Response:
        made = {"clientId": "disk", "release": "1.0", "waiting": {"templates": 0, "sessions": 0, "events": 0}}
        return await self.hall_http.post("/api/sync/hello", json=made | body)

    async def up(self, *events: dict[str, Any], **body: Any) -> dict[str, Any]:
        made = {"clientId": "disk", "lastSyncTimestamp": None, "events": list(events)}
        answer = await self.hall_http.post("/api/sync/up", json=made | body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def down(self, **body: Any) -> dict[str, Any]:
        answer = await self.hall_http.post("/api/sync/down", json={"clientId": "disk", "lastSyncTimestamp": 0} | body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def sent(self, pushes: int = 2, **fields: Any) -> Session:
        """A session that runs in the hall, with all its events so far."""
        session = await self.side.record(await self.side.open(**fields), pushes)
        answer = await self.up(await self.side.sent_session(session), *await self.side.sent_events(session))
        assert not answer["rejected"], answer
        return session

    async def session(self, session_id: UUID) -> dict[str, Any]:
        answer = await self.http.get(f"/api/v1/sessions/{session_id}")
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture(params=["memory", "postgres"])
async def storage(request: pytest.FixtureRequest) -> AsyncIterator[Storage]:
    if request.param == "memory":
        yield MemoryStorage()
        return
    async with open_postgres(request.getfixturevalue("database_url"), live=UNHURRIED) as opened:
        yield opened


@pytest.fixture
async def central(storage: Storage) -> AsyncIterator[Central]:
    async with running_server(storage) as server:
        await server.login()
        me = (await server.http.get("/api/v1/me")).json()
        admin = await storage.accounts.find_trainer(UUID(me["school_id"]), UUID(me["id"]))
        school = await storage.accounts.find_school(UUID(me["school_id"]))
        assert admin is not None
        assert school is not None
        added = await server.http.post("/api/v1/halls", json={"name": "North", "trainers": [str(admin.id)]})
        assert added.status_code == 201, added.text
        hall = await storage.halls.find_hall(school.id, UUID(added.json()["id"]))
        assert hall is not None
        headers = {"Authorization": f"Bearer {added.json()['token']}"}
        async with httpx.AsyncClient(base_url=server.url, headers=headers, timeout=PATIENCE_SECONDS) as hall_http:
            side = await HallSide.of(hall, school, admin)
            yield Central(server, school, admin, hall_http, side, added.json())


def code_of(answer: httpx.Response) -> str:
    return answer.json()["code"]


async def test_the_token_is_told_once_and_opens_sync_alone(central: Central) -> None:
    token = central.added["token"]
    assert token.startswith("shh_")
    assert len(token) == len("shh_") + 43
    listed = (await central.http.get("/api/v1/halls")).json()
    assert [each["name"] for each in listed["items"]] == ["North"]
    assert token not in str(listed)
    for method, path in (("GET", "/api/v1/me"), ("GET", "/api/v1/sessions"), ("GET", "/api/v1/halls"),
                         ("GET", "/api/sync/conflicts"), ("GET", "/api/sync/log"),
                         ("POST", "/api/v1/sync/initial")):  # fmt: skip
        answer = await central.hall_http.request(method, path, json={} if method == "POST" else None)
        assert (answer.status_code, code_of(answer)) == (401, "unauthenticated"), path
    assert (await central.hello()).status_code == 200


async def test_hello_tells_where_things_stand(central: Central) -> None:
    session = await central.sent()
    waiting = {"templates": 1, "sessions": 2, "events": 30, "annotations": 4, "since": "2026-11-28T10:00:00.000Z"}
    answer = (await central.hello(sessions=[str(session.id), str(uuid4())], waiting=waiting, clockOffsetMs=-30)).json()
    last = (await central.http.get(f"/api/v1/sessions/{session.id}/events")).json()["items"][-1]["id"]
    assert answer["sessions"] == {
        str(session.id): {"lastSeq": 4, "takenOver": False, "lastEventId": last, "isForgotten": False}
    }
    assert answer["school"] == {"id": str(central.school.id), "name": central.school.name}
    assert answer["hall"] == {"id": central.added["id"], "name": "North", "trainers": [str(central.admin.id)]}
    assert answer["serverEpoch"] == (await central.up())["serverEpoch"] == (await central.down())["serverEpoch"]
    [hall] = (await central.http.get("/api/v1/halls")).json()["items"]
    assert (hall["waiting"], hall["clock_offset_ms"], hall["release"]) == (waiting, -30, "1.0")
    assert hall["open_sessions"] == 1
    assert hall["last_seen_at"] is not None
    told = await central.session(session.id)
    assert told["hall"] == {"id": central.added["id"], "name": "North", "heard_at": hall["last_seen_at"]}
    assert told["clock_offset_ms"] == 120


async def test_only_a_hall_says_hello(central: Central) -> None:
    body = {"clientId": "x", "release": "1", "waiting": {}}
    answer = await central.http.post("/api/sync/hello", json=body)
    assert (answer.status_code, code_of(answer)) == (403, "forbidden")
    answer = await central.http.post("/api/sync/hello", json=body, headers={"Authorization": "Bearer x"})
    assert (answer.status_code, code_of(answer)) == (401, "unauthenticated")
    answer = await central.hello(waiting={"events": -1})
    assert (answer.status_code, code_of(answer)) == (422, "invalid_fields")


async def test_a_client_of_somebody_else_is_refused(central: Central) -> None:
    sent = {"clientId": "tablet", "lastSyncTimestamp": None, "events": []}
    assert (await central.http.post("/api/sync/up", json=sent)).status_code == 200
    assert code_of(await central.hello(clientId="tablet")) == "forbidden"
    assert (await central.hall_http.post("/api/sync/up", json=sent)).status_code == 403
    assert (await central.hello()).status_code == 200
    assert (await central.http.post("/api/sync/up", json=sent | {"clientId": "disk"})).status_code == 403


async def test_the_record_is_the_same_byte_for_byte(central: Central) -> None:
    session = await central.side.open()
    await central.side.storage.sessions.add_seat(a_seat(session), b"seat")
    session = await central.side.close(await central.side.record(session, 3))
    events = await central.side.sent_events(session)
    await central.up(await central.side.sent_session(session))
    for event in events:
        alone = [each for each in events if each["payload"]["seq"] <= event["payload"]["seq"]]
        hashed = await central.side.part(session, 0, event["payload"]["seq"])
        answer = await central.up(*alone[:-1], {**alone[-1], "lastValuesSha256": hashed.folded})
        assert [each["serverVersion"] for each in answer["acknowledged"]] == [one["payload"]["seq"] for one in alone]
    told = await central.session(session.id)
    assert (told["close_reason"], told["last_seq"]) == ("closed", session.last_seq)
    there = (await central.http.get(f"/api/v1/sessions/{session.id}/events?limit=200")).json()
    assert there["items"] == [event["payload"] for event in events]
    export = await central.http.get(f"/api/v1/sessions/{session.id}/export")
    assert export.status_code == 200
    assert len(export.text.strip().splitlines()) == session.last_seq + 1
    assert (await central.http.get(f"/api/v1/sessions/{session.id}/debrief")).status_code == 200
    listed = (await central.http.get("/api/v1/sessions?status=ended")).json()["items"]
    assert [(each["id"], each["event_count"], each["trainee_count"]) for each in listed] == [
        (str(session.id), session.last_seq, 1)
    ]


async def test_a_wrong_event_stops_its_session_and_no_other(central: Central) -> None:
    good = await central.side.record(await central.side.open())
    bad = await central.side.record(await central.side.open())
    broken = await central.side.sent_events(bad)
    broken[1]["payload"]["surprise"] = 1
    answer = await central.up(
        await central.side.sent_session(good), await central.side.sent_session(bad),
        *broken, *await central.side.sent_events(good),
    )  # fmt: skip
    refused = {each["outboxEventId"]: each for each in answer["rejected"]}
    assert set(refused) == {each["id"] for each in broken}
    assert refused[broken[1]["id"]]["errors"] == [{"field": "payload.surprise", "message": "is not a field of this"}]
    assert refused[broken[0]["id"]]["errors"][0]["field"] == "session"
    assert (await central.session(good.id))["last_seq"] == 4
    assert (await central.session(bad.id))["last_seq"] == 0
    del broken[1]["payload"]["surprise"]
    assert not (await central.up(*broken))["rejected"]
    assert (await central.session(bad.id))["last_seq"] == 4


async def test_a_byte_changed_on_the_way_is_refused(central: Central) -> None:
    session = await central.side.record(await central.side.open())
    await central.up(await central.side.sent_session(session))
    for field, value in (("heart_rate", 141), ("created_at", "2026-11-21T09:30:02.000Z"), ("text", "nope")):
        events = await central.side.sent_events(session)
        place = 1 if field == "text" else 0
        events[place]["payload"][field] = value
        answer = await central.up(*events)
        assert len(answer["rejected"]) == 4, field
        assert answer["rejected"][-1]["errors"][0]["field"] == "eventsSha256"
    events = await central.side.sent_events(session)
    del events[-1]["eventsSha256"]
    events[2]["payload"]["heart_rate"] = 139
    [*_, last] = (await central.up(*events))["rejected"]
    assert last["errors"][0]["field"] == "lastValuesSha256"
    assert (await central.session(session.id))["last_seq"] == 0


async def test_two_copies_of_one_disk(central: Central) -> None:
    session = await central.sent()
    twin = await HallSide.of(central.side.hall, central.school, central.admin)
    clone = await twin.open(id=session.id, code=session.code)
    clone = await twin.record(clone, 3)
    answer = await central.up(*await twin.sent_events(clone))
    assert {each["reason"] for each in answer["rejected"]} == {"seq_taken"}
    assert (await central.session(session.id))["last_seq"] == 4


async def test_a_gap_names_what_is_expected(central: Central) -> None:
    session = await central.side.record(await central.side.open(), 3)
    await central.up(await central.side.sent_session(session))
    [first, *_] = (await central.up(*await central.side.sent_events(session, 3)))["rejected"]
    assert first["reason"] == "invalid_fields"
    assert first["errors"] == [{"field": "seq", "message": "is 4, but the next event of this session is 1"}]


async def test_annotations_of_the_hall_are_shown_as_they_are(central: Central) -> None:
    session = await central.sent()
    path = f"/api/v1/sessions/{session.id}/annotations"
    sent = an_annotation_of(central, session, text="Called late: Größe")
    [taken] = (await central.up(sent))["acknowledged"]
    assert taken["serverVersion"] == 1
    assert (await central.up(sent))["acknowledged"] == [taken]
    assert (await central.http.get(path)).json()["items"] == [sent["payload"]]
    # What is written here meanwhile stays, beside what the hall writes after that.
    own = {"id": str(uuid4()), "at": sent["payload"]["at"], "kind": "delta", "text": "Written here"}
    assert (await central.http.post(path, json=own)).status_code == 201
    edited = await central.http.patch(f"{path}/{sent['entityId']}", json={"text": "By the school"})
    assert edited.status_code == 200, edited.text
    later_there = {**sent, "id": str(uuid4()), "payload": {**sent["payload"], "text": "By the hall", "version": 2}}
    assert not (await central.up(later_there))["rejected"]
    told = (await central.http.get(path)).json()["items"]
    assert sorted(each["text"] for each in told) == ["By the hall", "By the school", "Written here"]


async def test_what_is_no_annotation_is_refused_by_its_field(central: Central) -> None:
    session = await central.sent()
    for field, wrong, named in (
        ("surprise", 1, "payload.surprise"), ("text", "", "payload.text"), ("at", "noon", "payload.at"),
        ("session_id", str(uuid4()), "payload.session_id"), ("id", str(uuid4()), "entityId"),
        ("by", {"role": "trainer", "id": str(uuid4()), "name": "Eve"}, "payload.by"),
        ("by", {"role": "trainee", "id": str(uuid4()), "name": "Eve"}, "payload.by.role"),
    ):  # fmt: skip
        sent = an_annotation_of(central, session, **{field: wrong})
        [refused] = (await central.up(sent))["rejected"]
        assert (refused["reason"], refused["errors"][0]["field"]) == ("invalid_fields", named)
    deletes = an_annotation_of(central, session) | {"operation": "DELETE"}
    [refused] = (await central.up(deletes))["rejected"]
    assert refused["reason"] == "forbidden"


def an_annotation_of(central: Central, session: Session, **fields: Any) -> dict[str, Any]:
    annotation = an_annotation(session, central.admin)
    sent = an_envelope("ANNOTATION", annotation.id, annotation_answer(annotation))
    return {**sent, "payload": sent["payload"] | fields}


async def test_what_a_debrief_writes_at_the_hall_is_shown_as_it_is(central: Central) -> None:
    session = await central.sent()
    path = f"/api/v1/sessions/{session.id}"
    sheet, words, moment = beside_of(central, session)
    answer = await central.up(sheet, words, moment)
    assert [each["serverVersion"] for each in answer["acknowledged"]] == [1, 1, 1], answer
    assert (await central.up(sheet, words, moment))["acknowledged"] == answer["acknowledged"]
    told = (await central.http.get(f"{path}/debrief")).json()
    [scored] = told["scores"]["sheets"]
    assert scored["by"]["id"] == str(central.admin.id)
    assert scored["items"] == sheet["payload"]["items"]
    [said] = told["reflections"]
    assert (said["name"], said["words"]) == (None, "J’ai tardé")
    # When own words came would tell whose they are.
    logged = str((await central.http.get("/api/sync/log")).json())
    assert words["entityId"] not in logged
    calls = (await central.http.get("/api/sync/log")).json()["items"]
    details = [(await central.http.get(f"/api/sync/log/{call['id']}")).text for call in calls]
    assert sheet["entityId"] in str(details)
    assert words["entityId"] not in str(details)


async def test_what_is_nothing_of_a_debrief_is_refused_by_its_field(central: Central) -> None:
    session = await central.sent()
    sheet, words, moment = beside_of(central, session)
    nobody = {"id": None, "name": "Nobody"}
    many = {f"k{place}": {"score": 1, "at": None, "comment": ""} for place in range(101)}
    for sent, field, wrong, named in (
        (sheet, "surprise", 1, "payload.surprise"),
        (sheet, "items", {"help": {"score": 3}}, "payload.items.help.score"),
        (sheet, "items", many, "payload.items"), (sheet, "by", nobody, "payload.by.id"),
        (sheet, "by", {"id": str(uuid4()), "name": "Eve"}, "payload.id"), (sheet, "id", str(uuid4()), "payload.id"),
        (words, "words", "a\u0000b", "payload.words"), (words, "id", str(uuid4()), "entityId"),
        (words, "author_hash", "x", "payload.author_hash"), (words, "seat_id", str(uuid4()), "payload.seat_id"),
        (moment, "kind", "party", "payload.kind"), (moment, "seq", 5, "payload.id"),
    ):  # fmt: skip
        changed = {**sent, "id": str(uuid4()), "payload": sent["payload"] | {field: wrong}}
        [refused] = (await central.up(changed))["rejected"]
        assert (refused["reason"], refused["errors"][0]["field"]) == ("invalid_fields", named)
    for sent in (sheet, words, moment):
        [refused] = (await central.up(sent | {"id": str(uuid4()), "operation": "DELETE"}))["rejected"]
        assert refused["reason"] == "forbidden"
    told = (await central.http.get(f"/api/v1/sessions/{session.id}/debrief")).json()
    assert (told["scores"]["sheets"], told["reflections"]) == ([], [])


def beside_of(central: Central, session: Session) -> list[dict[str, Any]]:
    by, items = author_of(central.admin), {"help": ItemScore(1, session.created_at, "Late")}
    moments = (session.created_at, session.created_at)
    rows = (
        ScoreSheet(session.id, session.school_id, by, items, "Größe", *moments),
        Reflection(uuid4(), session.id, session.school_id, b"x" * 32, None, "J’ai tardé", {"help": 1}, version=1),
        MomentEdit(session.id, session.school_id, 1, "arrest", True, "Arrêt", session.created_at, version=1),
    )
    return [an_envelope(beside_type(row), row.id, told_beside(row)) for row in rows]


async def test_a_code_in_use_is_told(central: Central) -> None:
    own = await central.server.open_session(title="Here")
    session = await central.side.open(code=own["code"])
    sent = await central.side.sent_session(session)
    for _ in range(2):
        [taken] = (await central.up(sent | {"id": str(uuid4())}))["acknowledged"]
        payload = taken["serverData"]["payload"]
        assert payload["code"] != own["code"]
        assert payload["code"] == (await central.session(session.id))["code"]


async def test_what_a_hall_may_not_send(central: Central) -> None:
    session = await central.side.open()
    trainer = an_envelope("TRAINER", central.admin.id, {"name": "X"}, operation="UPDATE")
    unknown = an_envelope("ROOM", uuid4(), {})
    gone = await central.side.sent_session(session) | {"operation": "DELETE"}
    odd = await central.side.sent_session(session, code="??", trainer_id="x", surprise=1)
    stranger = await central.side.sent_session(session, trainer_id=str(uuid4()))
    orphan = (await central.side.sent_events(await central.side.record(await central.side.open(), 1)))[0]
    for event, reason in (
        (trainer, "forbidden"), (unknown, "unknown_type"), (gone, "forbidden"), (odd, "invalid_fields"),
        (stranger, "invalid_fields"), (orphan, "invalid_fields"),
    ):  # fmt: skip
        [refused] = (await central.up(event))["rejected"]
        assert refused["reason"] == reason, event
    log = (await central.http.get("/api/sync/log")).json()["items"]
    assert log[0]["rejectedCount"] == 1
    assert log[0]["clientId"] == "disk"


async def test_templates_of_a_hall_are_judged_as_any_devices(central: Central) -> None:
    template = an_envelope("TEMPLATE", uuid4(), {"title": "From the hall"})
    first = await central.up(template)
    assert first["acknowledged"] == (await central.up(template))["acknowledged"]
    stale = an_envelope("TEMPLATE", UUID(template["entityId"]), {"title": "Older"}, operation="UPDATE")
    await central.http.patch(f"/api/v1/templates/{template['entityId']}", json={"title": "Here"})
    [conflict] = (await central.up(stale))["conflicts"]
    assert conflict["serverData"]["payload"]["title"] == "Here"
    entries = (await central.http.get("/api/v1/audit")).json()["items"]
    [added] = [each for each in entries if each["subject"]["id"] == template["entityId"] and each["action"] == "added"]
    assert added["by"] == {"id": None, "name": "North"}


async def test_the_hall_is_told_its_trainers_with_what_they_log_in_by(central: Central, storage: Storage) -> None:
    body = {"email": "bela@example.org", "name": "Bela", "password": "long-enough", "role": "trainer"}
    bela = (await central.http.post("/api/v1/trainers", json=body)).json()
    named = await central.down(entityTypes=["TRAINER", "TEMPLATE"])
    people = [each for each in named["changes"] if each["entityType"] == "TRAINER"]
    assert [each["entityId"] for each in people] == [str(central.admin.id)]
    assert people[0]["payload"]["password_hash"].startswith("$2b$")
    assert people[0]["payload"]["email"] == central.admin.email
    assert {each["entityType"] for each in named["changes"]} == {"TRAINER", "TEMPLATE"}
    everybody = await central.http.post("/api/v1/halls", json={"name": "South", "trainers": "all"})
    headers = {"Authorization": f"Bearer {everybody.json()['token']}"}
    asked = {"clientId": "south", "lastSyncTimestamp": 0, "entityTypes": ["TRAINER"], "limit": 1}
    answer = (await central.hall_http.post("/api/sync/down", json=asked, headers=headers)).json()
    assert [each["entityId"] for each in answer["changes"]] == [bela["id"]]
    assert answer["serverEpoch"] != named["serverEpoch"]
    promoted = {"role": "admin"}
    assert (await central.http.patch(f"/api/v1/trainers/{bela['id']}", json=promoted)).status_code == 200
    asked["lastSyncTimestamp"] = answer["syncTimestamp"]
    answer = (await central.hall_http.post("/api/sync/down", json=asked, headers=headers)).json()
    assert [(each["entityId"], each["operation"], each["payload"]) for each in answer["changes"]] == [
        (bela["id"], "DELETE", None)
    ]
    asked |= {"lastSyncTimestamp": 0, "entityTypes": ["SESSION"]}
    assert (await central.hall_http.post("/api/sync/down", json=asked, headers=headers)).status_code == 422


async def test_a_revoked_token_opens_nothing(central: Central) -> None:
    gone = await central.http.delete(f"/api/v1/halls/{central.added['id']}")
    assert gone.status_code == 200
    assert gone.json()["revoked_at"] is not None
    assert (await central.http.delete(f"/api/v1/halls/{central.added['id']}")).json() == gone.json()
    for path, body in (("hello", {"clientId": "d", "release": "1", "waiting": {}}),
                       ("up", {"clientId": "d", "events": []}), ("down", {"clientId": "d"})):  # fmt: skip
        answer = await central.hall_http.post(f"/api/sync/{path}", json=body)
        assert (answer.status_code, code_of(answer)) == (401, "hall_revoked")
    unknown = await central.hall_http.post("/api/sync/up", json={}, headers={"Authorization": "Bearer shh_x"})
    assert (unknown.status_code, code_of(unknown)) == (401, "unauthenticated")
    entries = (await central.http.get("/api/v1/audit")).json()["items"]
    assert [each["action"] for each in entries if each["subject"]["type"] == "hall"] == ["revoked", "added"]


async def test_everything_but_reading_is_done_in_the_hall(central: Central) -> None:
    session = await central.sent()
    base = f"/api/v1/sessions/{session.id}"
    push = {"id": str(uuid4()), "kind": "vitals", "vitals": {"heart_rate": 90}}
    calls: list[tuple[str, str, Any]] = [
        ("PATCH", base, {"title": "x"}), ("POST", f"{base}/close", {}), ("POST", f"{base}/pause", {}),
        ("POST", f"{base}/resume", {}), ("POST", f"{base}/controls", {}), ("POST", f"{base}/events", push),
        ("POST", f"{base}/events", {"id": str(uuid4()), "kind": "note", "text": "x"}),
        ("POST", f"{base}/events", {"id": str(uuid4()), "kind": "action", "action": "nibp_start"}),
        ("POST", "/api/v1/join", {"code": session.code}),
    ]  # fmt: skip
    for method, path, body in calls:
        answer = await central.http.request(method, path, json=body)
        assert (answer.status_code, code_of(answer)) == (409, "not_home"), (path, answer.text)
        assert '"North"' in answer.json()["detail"]
    note = {"id": str(uuid4()), "at": "2026-11-21T09:30:01.000Z", "kind": "plus", "text": "well done"}
    assert (await central.http.post(f"{base}/annotations", json=note)).status_code == 201
    device = {"clientId": "tablet", "lastSyncTimestamp": None, "events": [
        an_envelope("SESSION", session.id, {"title": "x"}, operation="UPDATE"),
        an_envelope("SESSION_EVENT", UUID(push["id"]), {**push, "session_id": str(session.id)}),
    ]}  # fmt: skip
    answer = (await central.http.post("/api/sync/up", json=device)).json()
    assert [each["reason"] for each in answer["rejected"]] == ["not_home", "not_home"]


async def test_sockets_watch_it_live_and_do_nothing_else(central: Central) -> None:
    session = await central.sent()
    token = central.http.headers["Authorization"].removeprefix("Bearer ")
    async with connected(central.server.url, "/trainer", {"token": token}) as watcher:
        watched = await watcher.call("session:watch", {"session_id": str(session.id)})
        assert watched["session"]["hall"]["name"] == "North"
        assert len(watched["events"]) == 4
        event_id = str(uuid4())
        for message, data in (
            ("vitals:push", {"id": event_id, "session_id": str(session.id), "vitals": {"heart_rate": 99}}),
            ("note:add", {"id": event_id, "session_id": str(session.id), "text": "x"}),
            ("case:control", {"id": event_id, "session_id": str(session.id), "action": "start"}),
            ("session:close", {"session_id": str(session.id)}),
            ("trainee:remove", {"session_id": str(session.id), "seat_id": event_id}),
        ):
            refused = await watcher.call(message, data)
            assert refused["error"]["code"] == "not_home", message
        more = await central.side.record(session, 2, since=10)
        await central.up(*await central.side.sent_events(more, 4))
        for seq in range(5, 9):
            await watcher.wait_for("event:added", lambda data, seq=seq: data["seq"] == seq)
        pushed = await watcher.wait_for("vitals:pushed", lambda data: data["seq"] == 7)
        assert pushed["last_values"]["heart_rate"] == 140
        await central.up(await central.side.sent_session(more, title="Renamed"))
        await watcher.wait_for("session:updated", lambda data: data["title"] == "Renamed")
        ended = await central.side.close(more)
        await central.up(*await central.side.sent_events(ended, 8))
        closed = await watcher.wait_for("session:closed")
        assert (closed["reason"], closed["last_seq"]) == ("closed", 9)
    refused = await central.http.post("/api/v1/join", json={"code": session.code})
    assert code_of(refused) == "session_closed"
    late = await central.http.patch(f"/api/v1/sessions/{session.id}", json={"title": "x"})
    assert code_of(late) == "session_closed"


async def test_a_lost_halls_session_goes_on_here(central: Central) -> None:
    session = await central.sent(expires_at=later(10**9))
    base = f"/api/v1/sessions/{session.id}"
    taken = await central.http.post(f"{base}/take-over")
    assert taken.status_code == 200, taken.text
    assert taken.json()["hall"] is None
    assert taken.json()["clock_offset_ms"] == 120
    assert (await central.http.post(f"{base}/take-over")).json() == taken.json()
    more = await central.side.record(session, 1, since=10)
    answer = await central.up(await central.side.sent_session(more), *await central.side.sent_events(more, 4))
    assert {each["reason"] for each in answer["rejected"]} == {"not_home"}
    assert (await central.hello(sessions=[str(session.id)])).json()["sessions"][str(session.id)]["takenOver"] is True
    push = {"id": str(uuid4()), "kind": "vitals", "vitals": {"heart_rate": 90}}
    assert (await central.http.post(f"{base}/events", json=push)).json()["seq"] == 5
    assert (await central.http.post("/api/v1/join", json={"code": session.code})).status_code == 200
    missing = await central.http.post(f"/api/v1/sessions/{uuid4()}/take-over")
    assert code_of(missing) == "not_found"


async def test_its_cuff_is_run_by_its_home_alone(central: Central) -> None:
    """Every minute, long ago by the clock of the hall: here nothing is measured until the session is at home here."""
    session = await central.side.open(expires_at=later(10**8))
    seat = a_seat(session)
    await central.side.storage.sessions.add_seat(seat, b"seat")
    draft = an_action(seat, "nibp_cycle", minutes=1)
    recorded = await central.side.storage.sessions.append_event(session.id, seat, draft, later(1))
    assert isinstance(recorded, Recorded), recorded
    cycling = await central.side.session(session.id)
    answer = await central.up(await central.side.sent_session(cycling), *await central.side.sent_events(cycling))
    assert not answer["rejected"], answer
    services = central.server.app.services
    assert session.id not in [each.id for each in await services.storage.sessions.due_sessions()]
    assert (await central.http.post(f"/api/v1/sessions/{session.id}/take-over")).status_code == 200
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (await central.session(session.id))["last_seq"] == cycling.last_seq:
            await asyncio.sleep(0.05)


async def test_a_phone_is_told_that_it_runs_elsewhere(central: Central) -> None:
    session = await central.sent()
    pulled = (await central.http.get("/api/v1/sync/watermelon/pull?last_pulled_at=0")).json()
    [row] = [each for each in pulled["changes"]["sessions"]["updated"] if each["id"] == str(session.id)]
    assert "North" in row["hall"]
    row["title"] = "Renamed"
    path = f"/api/v1/sync/watermelon/push?last_pulled_at={pulled['timestamp']}"
    answer = await central.http.post(path, json={"sessions": {"created": [], "updated": [row], "deleted": []}})
    assert answer.status_code == 422, answer.text
    assert "runs in a hall" in answer.json()["errors"][0]["message"]


async def test_an_admin_shuts_a_disk_out(central: Central) -> None:
    """As any device; the hall's token stays good for another disk."""
    assert (await central.hello()).status_code == 200
    [device] = [each for each in (await central.http.get("/api/sync/devices")).json()["items"] if each["hallId"]]
    assert (device["clientId"], device["trainerId"], device["hallId"]) == ("disk", None, central.added["id"])
    assert (await central.http.post("/api/sync/devices/disk/revocation", json={})).status_code < 300
    assert code_of(await central.hello()) == "device_revoked"
    for path in ("up", "down"):
        sent = {"clientId": "disk", "lastSyncTimestamp": 0, "events": []}
        assert code_of(await central.hall_http.post(f"/api/sync/{path}", json=sent)) == "device_revoked"
    assert (await central.hello(clientId="another disk")).status_code == 200


async def test_a_hall_with_a_cursor_that_was_never_given_begins_again(central: Central) -> None:
    """The central server's disk was put back as it was: to be seen by what is sent, which comes first."""
    sent = {"clientId": "disk", "events": [], "lastSyncTimestamp": (await central.down())["syncTimestamp"]}
    assert (await central.hall_http.post("/api/sync/up", json=sent)).status_code == 200
    sent["lastSyncTimestamp"] += 1
    assert code_of(await central.hall_http.post("/api/sync/up", json=sent)) == "resync_required"


async def test_halls_are_the_admins(central: Central) -> None:
    body = {"email": "bela@example.org", "name": "Bela", "password": "long-enough", "role": "trainer"}
    await central.http.post("/api/v1/trainers", json=body)
    login = {"email": body["email"], "password": body["password"]}
    token = (await central.http.post("/api/v1/auth/login", json=login)).json()["token"]
    bela = {"Authorization": f"Bearer {token}"}
    session = await central.sent()
    for method, path in (("GET", "/halls"), ("POST", "/halls"), ("DELETE", f"/halls/{central.added['id']}"),
                         ("POST", f"/sessions/{session.id}/take-over")):  # fmt: skip
        sent = {"name": "X", "trainers": "all"} if path == "/halls" else {}
        answer = await central.http.request(method, f"/api/v1{path}", json=sent, headers=bela)
        assert code_of(answer) == "forbidden", path


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "", "trainers": "all"}, "name"),
        ({"name": "X", "trainers": []}, "trainers"),
        ({"name": "X", "trainers": [str(uuid4())]}, "trainers.0"),
        ({"name": "X", "trainers": "some"}, "trainers"),
        ({"name": "X" * 101, "trainers": "all"}, "name"),
        ({"name": "X"}, "trainers"),
    ],
)
async def test_a_hall_is_named_and_says_for_whom(central: Central, body: dict[str, Any], field: str) -> None:
    answer = await central.http.post("/api/v1/halls", json=body)
    assert answer.status_code == 422
    assert field in [error["field"] for error in answer.json()["errors"]]
    taken = await central.http.post("/api/v1/halls", json={"name": "north", "trainers": "all"})
    assert code_of(taken) == "conflict"
