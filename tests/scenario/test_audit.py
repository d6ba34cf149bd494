"""Who did what, as the school's admins read it; and what is no change at all."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.support.scenario import run_command
from tests.support.scenario_clients import Json, Person, World, new_id


async def _entries(admin: Person, subject_id: str) -> list[Json]:
    """Those of one subject, newest first, from all pages."""
    entries: list[Json] = []
    cursor: Json = {}
    while True:
        page = await admin.get("/audit", limit=50, **cursor)
        entries += page["items"]
        if page["next_cursor"] is None:
            return [entry for entry in entries if entry["subject"]["id"] == subject_id]
        cursor = {"cursor": page["next_cursor"]}


def _by(person: Person) -> Json:
    return {"id": person.account["id"], "name": person.account["name"]}


async def test_an_admin_reads_who_did_what(world: World) -> None:
    admin, trainer = await world.person("admin"), await world.person("trainer")
    session = await trainer.open_session(title="Sepsis")
    path = f"/sessions/{session['id']}"
    await admin.patch(path, {"title": "Septic shock", "trainee_name": "Group 2"})
    await trainer.call("GET", f"{path}/export", 200)
    await trainer.call("GET", f"{path}/export", 200, params={"format": "json"})
    await trainer.post(f"{path}/close")
    entries = await _entries(admin, session["id"])
    assert [(entry["by"], entry["action"], entry["details"]) for entry in entries] == [
        (_by(trainer), "closed", {"title": "Septic shock"}),
        (_by(trainer), "exported", {"format": "json"}),
        (_by(trainer), "exported", {"format": "csv"}),
        (_by(admin), "changed", {"fields": ["title", "trainee_name"]}),
        (_by(trainer), "opened", {"title": "Sepsis"}),
    ]
    assert all(set(entry) == {"id", "at", "by", "action", "subject", "details"} for entry in entries)
    assert {entry["subject"]["type"] for entry in entries} == {"session"}


async def test_no_password_is_told(world: World) -> None:
    admin = await world.person("admin")
    body = {"email": f"{new_id()}@demo.example", "name": "Nurse", "password": "first-password"}
    made = await admin.post("/trainers", body, 201)
    await admin.patch(f"/trainers/{made['id']}", {"password": "second-password", "role": "observer"})
    await admin.call("DELETE", f"/trainers/{made['id']}", 200)
    entries = await _entries(admin, made["id"])
    assert [(entry["action"], entry["details"]) for entry in entries] == [
        ("deleted", {"name": "Nurse"}),
        ("changed", {"fields": ["role", "password"]}),
        ("added", {"name": "Nurse"}),
    ]


@pytest.mark.parametrize("who", ["trainer", "observer"])
async def test_the_audit_is_for_admins(world: World, who: str) -> None:
    assert (await (await world.person(who)).get("/audit", 403))["code"] == "forbidden"
    await (await world.person()).get("/audit", 401)


async def test_another_schools_audit_is_not_seen(two_schools: World) -> None:
    outsider, trainer = await two_schools.person("outsider"), await two_schools.person("trainer")
    session = await trainer.open_session()
    assert await _entries(outsider, session["id"]) == []
    assert len(await _entries(await two_schools.person("admin"), session["id"])) == 1


async def test_what_changes_nothing_is_answered_and_told_to_nobody(world: World) -> None:
    trainer, admin = await world.person("trainer"), await world.person("admin")
    session = await trainer.open_session(title="As it is", trainee_name="Group 1")
    template = await trainer.post("/templates", {"title": "As it is", "vitals": {"spo2": 91}}, 201)
    account = await admin.get(f"/trainers/{trainer.account['id']}")
    watcher, ann = await world.watch(session), await world.join(session, "Ann")
    same: list[tuple[str, Json, list[Json]]] = [
        (f"/sessions/{session['id']}", session, [{"title": "As it is", "trainee_name": "Group 1"}]),
        (f"/templates/{template['id']}", template, [{"title": " As  it is"}, {"vitals": {"spo2": 91}}]),
        (f"/trainers/{account['id']}", account, [{"name": account["name"], "role": account["role"]}]),
    ]
    same[0][2].append({"expires_at": session["expires_at"]})
    for path, row, changes in same:
        before = await _entries(admin, row["id"])
        for change in ({}, *changes):
            assert await admin.patch(path, change) == row
            assert await admin.patch(path, change, **{"If-Match": f'"{row["version"]}"'}) == row
        assert (await admin.patch(path, {}, 412, **{"If-Match": '"99"'}))["code"] == "version_mismatch"
        assert await _entries(admin, row["id"]) == before
    # No login of that account has ended, and no screen has heard of anything.
    for line in (watcher, ann):
        await line.settled()
        assert line.all("session:updated") == []
    await trainer.get("/me")


async def _run(world: World, *arguments: str) -> Any:
    return await asyncio.to_thread(run_command, *arguments, folder=world.server.folder, **world.server.variables)


async def test_the_command_line_is_named(two_schools: World) -> None:
    admin, trainer = await two_schools.person("admin"), await two_schools.person("trainer")
    session = await trainer.open_session(title="Left open")
    for arguments in (("export", session["code"]), ("close", session["code"])):
        assert (await _run(two_schools, "session", *arguments)).returncode == 0
    told = [(entry["by"], entry["action"]) for entry in await _entries(admin, session["id"])]
    command_line = {"id": None, "name": "Command line"}
    assert told == [(command_line, "closed"), (command_line, "exported"), (_by(trainer), "opened")]


async def test_an_account_that_cannot_be_added_leaves_no_school(two_schools: World) -> None:
    school, email = f"School {new_id()}", f"{new_id()}@x.example"
    taken = two_schools.accounts["trainer"]["email"]
    add = ("trainer", "add")
    rest = ("--school", school, "--name", "Ada", "--password")
    for wrong in ((email, *rest, "short"), ("nobody", *rest, "some-password"), (taken, *rest, "long-enough")):
        assert (await _run(two_schools, *add, *wrong)).returncode != 0
    assert school not in (await _run(two_schools, "trainer", "list")).stdout
    ran = await _run(two_schools, *add, "nobody", "--school", " ", "--name", "Ada", "--password", "short")
    assert all(f"  {field}: " in ran.stderr for field in ("school", "email", "password")), ran.stderr

    assert (await _run(two_schools, *add, email, "--role", "admin", *rest, "some-password")).returncode == 0
    assert school in (await _run(two_schools, "trainer", "list")).stdout
    stranger = await two_schools.person()
    token = (await stranger.post("/auth/login", {"email": email, "password": "some-password"}))["token"]
    (entry,) = (await (await two_schools.person(token=token)).get("/audit"))["items"]
    assert (entry["by"]["name"], entry["action"], entry["details"]) == ("Command line", "added", {"name": "Ada"})
