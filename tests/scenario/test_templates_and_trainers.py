"""What a school keeps: templates, and the accounts of its trainers."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest

from tests.support.scenario_clients import Json, Line, World, new_id
from tests.support.scenario_problems import check_invalid
from tests.support.scenario_values import START_VALUES, seconds_between

TEMPLATE: Json = {
    "title": "Asthma, severe",
    "description": "A 20-year-old.\nWheezes.",
    "vitals": {"heart_rate": 120, "spo2": 88, "respiratory_rate": 32},
    "rhythm": "sinus",
    "flags": {"respiratory_distress": True},
    "steps": [{"title": "Tires", "at_seconds": 60, "ramp_seconds": 30, "vitals": {"respiratory_rate": 12}}],
    "limits": {"spo2": {"low": 85, "high": None}},
    "checklist": [
        {
            "key": "oxygen",
            "text": "Oxygen",
            "critical": True,
            "marker": "oxygen",
            "target_seconds": 60,
            "from": "start",
        },
        {
            "key": "salbutamol",
            "text": "Salbutamol",
            "critical": False,
            "marker": None,
            "target_seconds": None,
            "from": None,
        },
    ],
    "public_title": "Patiente, 34 ans",
    "duration_minutes": 45,
    "targets": [{"marker": "adrenaline", "from": "arrest", "seconds": 300}],
    "language": "fr",
}


async def _listed(person: Any, path: str) -> list[str]:
    ids: list[str] = []
    cursor: Json = {}
    while True:
        page = await person.get(path, limit=3, **cursor)
        ids += [one["id"] for one in page["items"]]
        if page["next_cursor"] is None:
            return ids
        cursor = {"cursor": page["next_cursor"]}


async def test_the_life_of_a_template(world: World) -> None:
    trainer = await world.person("trainer")
    made = await trainer.post("/templates", TEMPLATE, 201)
    path = f"/templates/{made['id']}"

    for name in TEMPLATE.keys() - {"steps", "limits"}:
        assert made[name] == TEMPLATE[name]
    assert TEMPLATE["steps"][0].items() <= made["steps"][0].items()
    assert made["limits"]["spo2"] == {"low": 85, "high": None}
    assert made["deleted_at"] is None
    assert await trainer.get(path) == made
    assert made["id"] in await _listed(trainer, "/templates")

    changed = await trainer.patch(path, {"title": "Asthma, mild", "vitals": {"spo2": 94}})
    assert (changed["title"], changed["vitals"]) == ("Asthma, mild", {"spo2": 94})
    assert changed["checklist"] == TEMPLATE["checklist"]
    assert changed["version"] > made["version"]
    stale = await trainer.patch(path, {"title": "x"}, 412, **{"If-Match": f'"{made["version"]}"'})
    assert stale["code"] == "version_mismatch"

    session = await trainer.open_session(template_id=made["id"])
    assert session["last_values"] == {**START_VALUES, "spo2": 94, "flags": TEMPLATE["flags"]}

    kept = await trainer.call("DELETE", path, 412, headers={"If-Match": f'"{made["version"]}"'})
    assert kept.json()["code"] == "version_mismatch"
    assert await trainer.get(path) == changed
    present = {"If-Match": f'"{changed["version"]}"'}
    deleted = await trainer.call("DELETE", path, headers=present)
    assert (deleted.status_code, deleted.json()["id"]) == (200, made["id"])
    # Whoever did not hear of it may say it again.
    assert (await trainer.call("DELETE", path, 200, headers=present)).json() == deleted.json()
    assert made["id"] not in await _listed(trainer, "/templates")
    assert (await trainer.get(path))["deleted_at"] == deleted.json()["deleted_at"] is not None
    refused = await trainer.call("POST", "/sessions", json={"template_id": made["id"]})
    check_invalid(refused, "template_id")
    assert (await trainer.get(f"/sessions/{session['id']}"))["template_id"] == made["id"]


async def test_a_deleted_template_is_shown_with_its_tombstone(world: World) -> None:
    trainer = await world.person("trainer")
    made = await trainer.post("/templates", TEMPLATE, 201)
    deleted = await trainer.call("DELETE", f"/templates/{made['id']}")
    assert (deleted.status_code, deleted.json()["deleted_at"] is not None) == (200, True)
    assert await trainer.get(f"/templates/{made['id']}") == deleted.json()


async def test_a_bare_text_is_an_item_and_a_step_without_a_key_gets_one(world: World) -> None:
    trainer = await world.person("trainer")
    body = {"title": "T", "checklist": ["Oxygen", {"text": "Fluid", "key": "fluid"}], "steps": [{"title": "Worse"}]}
    made = await trainer.post("/templates", body, 201)
    bare = {"critical": False, "marker": None, "target_seconds": None, "from": None}
    assert made["checklist"] == [{"key": "item_1", "text": "Oxygen", **bare}, {"key": "fluid", "text": "Fluid", **bare}]
    assert [step["key"] for step in made["steps"]] == ["step_1"]
    parts = ("public_title", "duration_minutes", "targets", "language")
    assert [made[name] for name in parts] == ["", None, [], None]
    keyed = await trainer.patch(f"/templates/{made['id']}", {"steps": [{"title": "Worse", "key": "worse"}]})
    assert [step["key"] for step in keyed["steps"]] == ["worse"]


async def test_a_session_takes_public_title_limits_and_duration_from_its_template(world: World) -> None:
    trainer = await world.person("trainer")
    made = await trainer.post("/templates", TEMPLATE, 201)
    session = await trainer.open_session(template_id=made["id"])
    assert (session["title"], session["public_title"]) == (made["title"], made["public_title"])
    assert session["limits"] == made["limits"]
    assert seconds_between(session["created_at"], session["expires_at"]) == 45 * 60
    own = await trainer.open_session(template_id=made["id"], public_title="", duration_minutes=5)
    assert own["public_title"] == ""
    assert seconds_between(own["created_at"], own["expires_at"]) == 5 * 60


@pytest.mark.parametrize("nothing", ["", "  ", "\u200b"])
async def test_a_title_of_which_nothing_is_seen_is_none(world: World, nothing: str) -> None:
    trainer = await world.person("trainer")
    made = await trainer.post("/templates", TEMPLATE, 201)
    assert (await trainer.open_session(template_id=made["id"], title=nothing))["title"] == made["title"]
    assert (await trainer.open_session(title=nothing))["title"] == ""


async def test_no_trainee_reads_the_name_of_the_case(world: World) -> None:
    trainer = await world.person("trainer")
    made = await trainer.post("/templates", {**TEMPLATE, "title": "Tension pneumothorax"}, 201)
    session = await trainer.open_session(template_id=made["id"])
    ann = await world.join(session, "Ann")
    step = made["steps"][0]
    line = await world.trainer_line("trainer")
    await line.push(session, vitals=step["vitals"])
    await ann.expect("vitals:pushed")
    joined = await (await world.person()).post("/join", {"code": session["code"]})
    assert joined["session"]["title"] == ann.joined["session"]["title"] == "Patiente, 34 ans"
    await trainer.patch(f"/sessions/{session['id']}", {"public_title": "Another patient"})
    assert (await ann.expect("session:updated"))["title"] == "Another patient"
    await trainer.post(f"/sessions/{session['id']}/close", {})
    await ann.expect("session:closed")
    told = json.dumps([joined, [data for _, data in ann.heard]])
    for word in ("pneumothorax", step["title"], made["id"]):
        assert word not in told


async def test_a_session_s_own_limits_conditions_and_co_trainers_are_changed(world: World) -> None:
    trainer, observer, colleague = [await world.person(who) for who in ("trainer", "observer", "colleague")]
    session = await trainer.open_session()
    assert (session["co_trainer_ids"], session["shows_conditions"], session["forked_from"]) == ([], False, None)
    assert session["paused_at"] is None
    path, ids = f"/sessions/{session['id']}", [colleague.account["id"]]
    sent = {"limits": {"spo2": {"low": 85, "high": None}}, "co_trainer_ids": ids * 2, "shows_conditions": True}
    changed = await trainer.patch(path, sent)
    assert changed["limits"] == {**session["limits"], "spo2": {"low": 85, "high": None}}
    assert (changed["co_trainer_ids"], changed["shows_conditions"]) == (ids, True)
    refused = await trainer.patch(
        path, {"co_trainer_ids": [*ids, observer.account["id"], new_id()], "limits": {"spo2": {"low": 101}}}, 422
    )
    fields = {error["field"] for error in refused["errors"]}
    assert fields == {"co_trainer_ids.1", "co_trainer_ids.2", "limits.spo2.low"}
    ann = await world.join(session, "Ann")
    assert ann.joined["session"]["shows_conditions"] is True
    assert ann.joined["session"]["limits"] == changed["limits"]


async def test_a_template_made_twice_is_one(world: World) -> None:
    trainer = await world.person("trainer")
    body = {**TEMPLATE, "id": new_id()}
    made = await trainer.post("/templates", body, 201)
    assert await trainer.post("/templates", body, 200) == made
    assert (await _listed(trainer, "/templates")).count(made["id"]) == 1


async def test_the_life_of_a_trainer(world: World) -> None:
    admin, stranger = await world.person("admin"), await world.person()
    body = {"email": f"{new_id()}@demo.example", "name": "Nurse", "password": "first-password", "role": "trainer"}
    made = await admin.post("/trainers", body, 201)
    path = f"/trainers/{made['id']}"

    UUID(made["id"])
    assert (made["email"], made["name"], made["role"]) == (body["email"], "Nurse", "trainer")
    assert made["school_id"] == admin.account["school_id"]
    assert not [name for name in made if "password" in name]
    assert await admin.get(path) == made
    assert made["id"] in await _listed(admin, "/trainers")

    login = {"email": body["email"], "password": "first-password"}
    token = (await stranger.post("/auth/login", login))["token"]
    nurse = await world.person(token=token)
    assert await nurse.get("/me") == made
    assert (await admin.patch(path, {"name": "Nurse Two"}))["name"] == "Nurse Two"
    assert (await nurse.get("/me"))["name"] == "Nurse Two"
    assert (await admin.patch(path, {"role": "observer"}))["role"] == "observer"
    # Another role ends every login.
    await nurse.call("POST", "/sessions", 401, json={})
    await admin.patch(path, {"password": "second-password"})
    assert (await stranger.post("/auth/login", login, 401))["code"] == "unauthenticated"
    token = (await stranger.post("/auth/login", {**login, "password": "second-password"}))["token"]

    await admin.call("DELETE", path, 412, headers={"If-Match": '"99"'})
    deleted = await admin.call("DELETE", path)
    assert deleted.status_code == 200
    assert (await (await world.person(token=token)).get("/me", 401))["code"] == "unauthenticated"
    await stranger.post("/auth/login", {**login, "password": "second-password"}, 401)
    assert made["id"] not in await _listed(admin, "/trainers")


async def test_an_email_belongs_to_one_account(world: World) -> None:
    admin = await world.person("admin")
    body = {"email": world.accounts["trainer"]["email"].upper(), "name": "Twin", "password": "some-password"}
    assert (await admin.post("/trainers", body, 409))["code"] == "conflict"


@pytest.mark.parametrize("who", ["trainer", "observer"])
async def test_accounts_are_for_admins(world: World, who: str) -> None:
    person = await world.person(who)
    me = f"/trainers/{person.account['id']}"
    body = {"email": f"{new_id()}@x.example", "name": "X", "password": "some-password", "role": "admin"}
    for method, path, sent in (
        ("GET", "/trainers", None),
        ("POST", "/trainers", body),
        ("GET", me, None),
        ("PATCH", me, {"role": "admin"}),
        ("DELETE", me, None),
    ):
        answer = await person.call(method, path, 403, json=sent) if sent else await person.call(method, path, 403)
        assert answer.json()["code"] == "forbidden"
    assert (await person.get("/me"))["role"] == who


async def test_an_observer_sees_and_changes_nothing(world: World) -> None:
    trainer, observer = await world.person("trainer"), await world.person("observer")
    session = await trainer.open_session()
    path = f"/sessions/{session['id']}"
    assert await observer.get(path) == session
    event = {"id": new_id(), "kind": "vitals", "vitals": {"spo2": 70}}
    for method, where, body in (
        ("POST", "/sessions", {}),
        ("PATCH", path, {"title": "x"}),
        ("POST", f"{path}/close", {}),
        ("POST", f"{path}/events", event),
        ("POST", "/templates", TEMPLATE),
    ):
        assert (await observer.call(method, where, 403, json=body)).json()["code"] == "forbidden"
    assert await trainer.get(path) == session
    await _may_only_watch(world, session, "observer")


async def test_a_colleague_watches_and_adds_notes(world: World) -> None:
    trainer, colleague = await world.person("trainer"), await world.person("colleague")
    session = await trainer.open_session()
    event = {"id": new_id(), "kind": "vitals", "vitals": {"spo2": 70}}
    answer = await colleague.post(f"/sessions/{session['id']}/events", event, 403)
    assert answer["code"] == "forbidden"
    line, watcher = await world.watch(session, "colleague"), await world.watch(session)
    note = {"id": new_id(), "session_id": session["id"], "text": "Seen from behind"}
    added = (await line.ask("note:add", note))["event"]
    assert added["by"]["id"] == colleague.account["id"]
    assert await watcher.expect("event:added") == added


async def _may_only_watch(world: World, session: Json, who: str) -> None:
    ann = await world.join(session, "Ann")
    line = await world.watch(session, who)
    target = {"session_id": session["id"]}
    for message, data in (
        ("vitals:push", {"id": new_id(), "vitals": {"spo2": 70}}),
        ("note:add", {"id": new_id(), "text": "x"}),
        ("session:close", {}),
        ("trainee:remove", {"seat_id": ann.seat["id"]}),
    ):
        assert (await line.refused(message, {**target, **data}))["code"] == "forbidden"
    pusher = await world.trainer_line()
    pushed = await pusher.push(session, flags={"cpr": True})
    assert (await line.expect("event:added"))["id"] == pushed["id"]
    record = await pusher.ask("session:watch", {"session_id": session["id"], "after_seq": 0})
    assert record["events"] == [pushed]
    assert [one["connected"] for one in record["trainees"]] == [True]


async def test_a_logout_ends_the_token_and_its_sockets(world: World) -> None:
    admin, stranger = await world.person("admin"), await world.person()
    body = {"email": f"{new_id()}@demo.example", "name": "Leaver", "password": "some-password"}
    await admin.post("/trainers", body, 201)
    login = {"email": body["email"], "password": body["password"]}
    tokens = [(await stranger.post("/auth/login", login))["token"] for _ in range(2)]
    assert tokens[0] != tokens[1]
    lines = [await Line(world.url, "/trainer", {"token": token}).connect() for token in tokens]
    for line in lines:
        world.stack.push_async_callback(line.disconnect)

    leaver = await world.person(token=tokens[0])
    assert (await leaver.call("POST", "/auth/logout", 204)).content == b""

    assert (await leaver.get("/me", 401))["code"] == "unauthenticated"
    await lines[0].expect("disconnect")
    refused = Line(world.url, "/trainer", {"token": tokens[0]})
    assert (await refused.refusal())["code"] == "unauthenticated"
    await lines[1].clock()
    await (await world.person(token=tokens[1])).get("/me")


async def test_a_trainer_who_is_deleted_is_cut_off(world: World) -> None:
    admin, stranger = await world.person("admin"), await world.person()
    body = {"email": f"{new_id()}@demo.example", "name": "Gone", "password": "some-password"}
    made = await admin.post("/trainers", body, 201)
    login = {"email": body["email"], "password": body["password"]}
    line = Line(world.url, "/trainer", {"token": (await stranger.post("/auth/login", login))["token"]})
    world.stack.push_async_callback(line.disconnect)
    await line.connect()
    await admin.call("DELETE", f"/trainers/{made['id']}")
    await line.expect("disconnect")
