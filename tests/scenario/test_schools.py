"""Promise 6: one school never sees another's data, by any door, and is not told that it exists."""

from __future__ import annotations

from pathlib import Path

from tests.support.scenario import run_command
from tests.support.scenario_clients import Json, World, new_id
from tests.support.scenario_problems import check_invalid, check_problem

TEMPLATE = {"title": "Secret case", "vitals": {"spo2": 70}}


async def test_another_schools_session_is_not_there(two_schools: World) -> None:
    trainer, outsider = await two_schools.person("trainer"), await two_schools.person("outsider")
    opened = await trainer.open_session(title="Secret")
    path = f"/sessions/{opened['id']}"
    ann = await two_schools.join(opened, "Ann")
    share = await trainer.post(f"{path}/share", {"days": 1}, 201)
    session = await trainer.get(path)
    event = {"id": new_id(), "kind": "note", "text": "x"}
    note = {"id": new_id(), "at": session["created_at"], "kind": "note", "text": "Secret"}
    annotation = await trainer.post(f"{path}/annotations", note, 201)
    for method, where, body in (
        ("GET", path, None),
        ("PATCH", path, {"title": "Mine"}),
        ("POST", f"{path}/close", {}),
        ("POST", f"{path}/events", event),
        ("GET", f"{path}/events", None),
        ("GET", f"{path}/debrief", None),
        ("GET", f"{path}/annotations", None),
        ("POST", f"{path}/annotations", {"id": new_id(), "at": session["created_at"], "kind": "note", "text": "x"}),
        ("PATCH", f"{path}/annotations/{annotation['id']}", {"text": "x"}),
        ("DELETE", f"{path}/annotations/{annotation['id']}", None),
        ("PATCH", f"{path}/moments/0/opened", {"is_hidden": True}),
        ("GET", f"{path}/export", None),
        ("GET", f"{path}/export?format=json", None),
        ("GET", f"{path}/names-out", None),
        ("POST", f"{path}/names-out", {}),
        ("POST", f"{path}/lock", {"reason": "Mine"}),
        ("DELETE", f"{path}/lock", None),
        ("GET", f"{path}/seats/{ann.seat['id']}/export", None),
        ("POST", f"{path}/views", {"view": "opened"}),
        ("POST", f"{path}/fork", {"after_seq": 1}),
        ("GET", f"{path}/scores", None),
        ("PUT", f"{path}/scores", {"items": {}, "comment": "x"}),
        ("GET", f"{path}/share", None),
        ("POST", f"{path}/share", {"days": 1}),
        ("DELETE", f"{path}/share", None),
        ("GET", f"{path}/case", None),
    ):
        theirs = await outsider.call(method, where, 404, json=body)
        nobodys = await outsider.call(method, where.replace(session["id"], new_id()), 404, json=body)
        assert theirs.json() == nobodys.json()
    assert await trainer.get(path) == session
    assert await trainer.events(session) == []
    assert (await trainer.get(f"{path}/annotations"))["items"] == [annotation]
    assert (await trainer.get(f"{path}/scores"))["sheets"] == []
    assert [each["expires_at"] for each in (await trainer.get(f"{path}/share"))["items"]] == [share["expires_at"]]
    for status in ("open", "ended", "all"):
        listed = await outsider.get("/sessions", status=status, limit=200)
        assert all(one["school_id"] == outsider.account["school_id"] for one in listed["items"])


async def test_another_schools_session_is_silent_on_the_socket(two_schools: World) -> None:
    trainer = await two_schools.person("trainer")
    session = await trainer.open_session()
    ann = await two_schools.join(session, "Ann")
    line, watcher = await two_schools.trainer_line("outsider"), await two_schools.watch(session)
    target = {"session_id": session["id"]}
    for message, data in (
        ("session:watch", {}),
        ("session:watch", {"after_seq": 0}),
        ("vitals:push", {"id": new_id(), "vitals": {"spo2": 70}}),
        ("note:add", {"id": new_id(), "text": "x"}),
        ("session:close", {}),
        ("trainee:remove", {"seat_id": ann.seat["id"]}),
    ):
        theirs = await line.refused(message, {**target, **data})
        nobodys = await line.refused(message, {**data, "session_id": new_id()})
        assert theirs["code"] == "not_found"
        assert theirs == nobodys
    await watcher.push(session, vitals={"spo2": 80})
    await watcher.ask("session:close", target)
    await ann.expect("session:closed")
    await line.settled()
    # What is told of one's own school may come late, on a busy machine.
    assert [name for name, _ in line.heard if name != "sync:changed"] == ["connect"]


async def test_ids_of_another_school_cannot_be_taken(two_schools: World) -> None:
    trainer, outsider = await two_schools.person("trainer"), await two_schools.person("outsider")
    session = await trainer.open_session(title="Secret")
    template = await trainer.post("/templates", TEMPLATE, 201)
    note = {"id": new_id(), "kind": "note", "text": "Secret words"}
    await trainer.post(f"/sessions/{session['id']}/events", note, 201)
    own = await outsider.open_session()
    account = {"email": f"{new_id()}@x.example", "name": "X", "password": "some-password"}

    for path, body in (
        ("/sessions", {"id": session["id"]}),
        ("/templates", {"id": template["id"], "title": "Mine"}),
        (f"/sessions/{own['id']}/events", note),
        ("/trainers", {**account, "id": trainer.account["id"]}),
    ):
        answer = await outsider.call("POST", path, json=body)
        check_problem(answer, 409, "conflict")
        assert "Secret" not in answer.text
    assert await outsider.events(own) == []
    assert (await trainer.get(f"/sessions/{session['id']}"))["title"] == "Secret"


async def test_another_schools_template_is_not_there(two_schools: World) -> None:
    trainer, outsider = await two_schools.person("trainer"), await two_schools.person("outsider")
    template = await trainer.post("/templates", TEMPLATE, 201)
    path = f"/templates/{template['id']}"
    for method, body in (("GET", None), ("PATCH", {"title": "Mine"}), ("DELETE", None)):
        assert (await outsider.call(method, path, 404, json=body)).json()["code"] == "not_found"
    listed = (await outsider.get("/templates", limit=200))["items"]
    assert template["id"] not in [one["id"] for one in listed]
    theirs = await outsider.call("POST", "/sessions", json={"template_id": template["id"]})
    nobodys = await outsider.call("POST", "/sessions", json={"template_id": new_id()})
    check_invalid(theirs, "template_id")
    assert (theirs.status_code, theirs.json()) == (nobodys.status_code, nobodys.json())
    assert await trainer.get(path) == template


async def test_another_schools_trainers_are_not_there(two_schools: World) -> None:
    trainer, outsider = await two_schools.person("trainer"), await two_schools.person("outsider")
    admin = await two_schools.person("admin")
    path = f"/trainers/{trainer.account['id']}"
    for method, body in (("GET", None), ("PATCH", {"role": "admin"}), ("DELETE", None)):
        assert (await outsider.call(method, path, 404, json=body)).json()["code"] == "not_found"
    listed: list[Json] = (await outsider.get("/trainers", limit=200))["items"]
    # Other tests add trainers to both schools: theirs is here, and everybody here is theirs.
    assert outsider.account["id"] in {one["id"] for one in listed}
    assert {one["school_id"] for one in listed} == {outsider.account["school_id"]}
    assert (await admin.get(path))["role"] == "trainer"
    assert await trainer.get("/me") == trainer.account


async def test_a_seat_token_does_not_open_another_schools_session(two_schools: World) -> None:
    trainer, outsider = await two_schools.person("trainer"), await two_schools.person("outsider")
    session, theirs = await trainer.open_session(title="Secret"), await outsider.open_session(public_title="Theirs")
    ann = await two_schools.join(session, "Ann")
    visitor = await two_schools.join(theirs, "Visitor", seat=ann.seat["token"])
    assert visitor.joined["session"]["title"] == "Theirs"
    assert visitor.seat["id"] != ann.seat["id"]


async def test_the_command_line_lists_both_schools(two_schools: World, tmp_path: Path) -> None:
    listed = run_command("trainer", "list", folder=tmp_path, **two_schools.server.variables)
    assert listed.returncode == 0, listed.stderr
    assert "Demo school" in listed.stdout
    assert "Other school" in listed.stdout
    assert "head@other.example" in listed.stdout
