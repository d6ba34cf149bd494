"""Who may do what, asked at every door: each action by each relation, over HTTP and Socket.IO."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from server import clock
from server.domain.timestamps import write_timestamp
from tests.support.scenario_clients import Json, Line, Person, TraineeLine, World, new_id
from tests.support.scenario_permissions import TABLE

# By what each is to a session that `trainer` has opened, with `deputy` as its co-trainer.
PEOPLE = {"owner": "trainer", "co_trainer": "deputy", "admin": "admin", "trainer": "colleague", "observer": "observer"}
ROLES = ("admin", "trainer", "observer")


@dataclass
class Asked:
    """Somebody at a door, and what there is behind it."""

    person: Person
    owner: Person
    line: Line
    session: Json
    ann: TraineeLine
    annotation: Json
    """By somebody else."""
    template: Json
    account: Json
    assignment: Json
    """Given by somebody else."""

    @property
    def path(self) -> str:
        return f"/sessions/{self.session['id']}"

    def sync(self, path: str) -> str:
        """The calls of devices are not under /api/v1."""
        return f"{self.person.url}/api/sync/{path}"

    async def call(self, method: str, path: str, body: Any = None) -> str | None:
        """The code of the refusal, or None."""
        answer = await self.person.call(method, path, json=body)
        return None if answer.is_success else answer.json()["code"]

    async def call_after_the_end(self, method: str, path: str, body: Any = None) -> str | None:
        await self.owner.call("POST", f"{self.path}/close")
        return await self.call(method, f"{self.path}{path}", body)

    async def send(self, message: str, **data: Any) -> str | None:
        ack = await self.line.send(message, {"session_id": self.session["id"], **data})
        return None if ack["ok"] else ack["error"]["code"]


Door = Callable[[Asked], Awaitable[str | None]]


async def _control(asked: Asked, action: str) -> str | None:
    return await asked.send("case:control", id=new_id(), action=action)


VITALS = {"vitals": {"spo2": 80}}

IN_A_SESSION: list[tuple[str, str, Door]] = [
    ("lock_record", "POST", lambda asked: asked.call("POST", f"{asked.path}/lock", {"reason": "x"})),
    ("lock_record", "DELETE", lambda asked: asked.call("DELETE", f"{asked.path}/lock")),
    ("watch", "GET", lambda asked: asked.call("GET", asked.path)),
    ("watch", "events", lambda asked: asked.call("GET", f"{asked.path}/events")),
    ("watch", "case", lambda asked: asked.call("GET", f"{asked.path}/case")),
    ("watch", "export", lambda asked: asked.call("GET", f"{asked.path}/export")),
    ("watch", "debrief", lambda asked: asked.call("GET", f"{asked.path}/debrief")),
    ("score", "PUT", lambda asked: asked.call("PUT", f"{asked.path}/scores", {"items": {}, "comment": "x"})),
    ("edit_session", "share", lambda asked: asked.call("POST", f"{asked.path}/share")),
    ("edit_session", "unshare", lambda asked: asked.call("DELETE", f"{asked.path}/share")),
    ("take_names_out", "GET", lambda asked: asked.call_after_the_end("GET", "/names-out")),
    ("take_names_out", "POST", lambda asked: asked.call_after_the_end("POST", "/names-out", {})),
    ("watch", "annotations", lambda asked: asked.call("GET", f"{asked.path}/annotations")),
    ("watch", "session:watch", lambda asked: asked.send("session:watch")),
    ("push_vitals", "vitals:push", lambda asked: asked.send("vitals:push", id=new_id(), **VITALS)),
    (
        "push_vitals",
        "events",
        lambda asked: asked.call("POST", f"{asked.path}/events", {"id": new_id(), "kind": "vitals", **VITALS}),
    ),
    ("run_case", "pause", lambda asked: asked.call("POST", f"{asked.path}/pause")),
    ("run_case", "resume", lambda asked: asked.call("POST", f"{asked.path}/resume")),
    *(
        ("run_case", f"case:control-{action}", lambda asked, action=action: _control(asked, action))
        for action in ("start", "pause", "resume", "automation_off", "automation_on")
    ),
    ("add_note", "note:add", lambda asked: asked.send("note:add", id=new_id(), text="x")),
    (
        "add_note",
        "events",
        lambda asked: asked.call("POST", f"{asked.path}/events", {"id": new_id(), "kind": "note", "text": "x"}),
    ),
    ("add_marker", "note:add", lambda asked: asked.send("note:add", id=new_id(), marker="adrenaline")),
    (
        "add_marker",
        "events",
        lambda asked: asked.call("POST", f"{asked.path}/events", {"id": new_id(), "kind": "note", "marker": "rosc"}),
    ),
    ("take_action", "action:take", lambda asked: asked.send("action:take", id=new_id(), action="nibp_start")),
    (
        "take_action",
        "events",
        lambda asked: asked.call(
            "POST", f"{asked.path}/events", {"id": new_id(), "kind": "action", "action": "nibp_start"}
        ),
    ),
    (
        "annotate",
        "POST",
        lambda asked: asked.call(
            "POST",
            f"{asked.path}/annotations",
            {"id": new_id(), "at": asked.session["created_at"], "kind": "plus", "text": "x"},
        ),
    ),
    (
        "annotate",
        "PATCH moment",
        lambda asked: asked.call("PATCH", f"{asked.path}/moments/0/opened", {"is_hidden": True}),
    ),
    (
        "edit_annotations_of_others",
        "PATCH",
        lambda asked: asked.call("PATCH", f"{asked.path}/annotations/{asked.annotation['id']}", {"text": "y"}),
    ),
    (
        "edit_annotations_of_others",
        "DELETE",
        lambda asked: asked.call("DELETE", f"{asked.path}/annotations/{asked.annotation['id']}"),
    ),
    ("edit_session", "PATCH", lambda asked: asked.call("PATCH", asked.path, {"title": "x"})),
    ("close_session", "close", lambda asked: asked.call("POST", f"{asked.path}/close")),
    ("close_session", "session:close", lambda asked: asked.send("session:close")),
    ("remove_trainee", "trainee:remove", lambda asked: asked.send("trainee:remove", seat_id=asked.ann.seat["id"])),
    ("take_controls", "controls", lambda asked: asked.call("POST", f"{asked.path}/controls")),
]

IN_THE_SCHOOL: list[tuple[str, str, Door]] = [
    ("open_session", "POST", lambda asked: asked.call("POST", "/sessions", {})),
    ("edit_templates", "POST", lambda asked: asked.call("POST", "/templates", {"title": "x"})),
    (
        "edit_templates",
        "PATCH",
        lambda asked: asked.call("PATCH", f"/templates/{asked.template['id']}", {"title": "y"}),
    ),
    ("edit_templates", "DELETE", lambda asked: asked.call("DELETE", f"/templates/{asked.template['id']}")),
    ("set_homework", "POST", lambda asked: asked.call("POST", "/assignments", _homework(asked.template))),
    (
        "withdraw_homework_of_others",
        "DELETE",
        lambda asked: asked.call("DELETE", f"/assignments/{asked.assignment['id']}"),
    ),
    ("read_audit", "GET", lambda asked: asked.call("GET", "/audit")),
    ("see_devices", "devices", lambda asked: asked.call("GET", asked.sync("devices"))),
    ("see_devices", "log", lambda asked: asked.call("GET", asked.sync("log"))),
    ("export_school", "GET", lambda asked: asked.call("GET", "/school/export")),
    ("manage_halls", "list", lambda asked: asked.call("GET", "/halls")),
    ("manage_halls", "POST", lambda asked: asked.call("POST", "/halls", {"name": new_id(), "trainers": "all"})),
    ("manage_halls", "take-over", lambda asked: asked.call("POST", f"{asked.path}/take-over")),
    ("set_retention", "GET", lambda asked: asked.call("GET", "/school/retention")),
    (
        "set_retention",
        "PUT",
        lambda asked: asked.call("PUT", "/school/retention", {"names_months": 12, "records_months": None}),
    ),
    ("set_retention", "due", lambda asked: asked.call("GET", "/school/due")),
    ("manage_trainers", "list", lambda asked: asked.call("GET", "/trainers")),
    ("manage_trainers", "GET", lambda asked: asked.call("GET", f"/trainers/{asked.account['id']}")),
    (
        "manage_trainers",
        "POST",
        lambda asked: asked.call("POST", "/trainers", _account()),
    ),
    ("manage_trainers", "PATCH", lambda asked: asked.call("PATCH", f"/trainers/{asked.account['id']}", {"name": "y"})),
    ("manage_trainers", "DELETE", lambda asked: asked.call("DELETE", f"/trainers/{asked.account['id']}")),
]


MOVING = {"title": "x", "steps": [{"title": "x", "transitions": [{"to": None, "automatic": True, "on": {"after": 9}}]}]}


def _homework(template: Json) -> Json:
    return {"template_id": template["id"], "title": "x", "until": write_timestamp(clock.now() + timedelta(days=1))}


def _account() -> Json:
    return {"email": f"{uuid4()}@demo.example", "name": "x", "password": "some-password"}


def _named(doors: list[tuple[str, str, Door]]) -> list[Any]:
    return [pytest.param(action, door, id=f"{action}-{name}") for action, name, door in doors]


def test_every_action_has_a_door() -> None:
    doors = {action for action, _, _ in IN_A_SESSION + IN_THE_SCHOOL}
    assert doors == set(TABLE)


async def _at_the_door(world: World, who: str, *, in_school: bool = False) -> Asked:
    owner, admin = await world.person("trainer"), await world.person("admin")
    session = await owner.open_session()
    deputy = world.accounts["deputy"]
    session = await owner.patch(f"/sessions/{session['id']}", {"co_trainer_ids": [deputy["id"]]})
    author = owner if who == "observer" else await world.person("observer")
    annotation = {"id": new_id(), "at": session["created_at"], "kind": "note", "text": "x"}
    template = await admin.post("/templates", MOVING, 201) if in_school else {}
    return Asked(
        person=await world.person(who),
        owner=owner,
        line=await world.trainer_line(who),
        session=session,
        ann=await world.join(session, "Ann"),
        annotation=await author.post(f"/sessions/{session['id']}/annotations", annotation, 201),
        template=template,
        account=await admin.post("/trainers", _account(), 201) if in_school else {},
        assignment=await owner.post("/assignments", _homework(template), 201) if in_school else {},
    )


@pytest.mark.parametrize(("action", "door"), _named(IN_A_SESSION))
async def test_in_a_session_everybody_may_what_the_table_says(world: World, action: str, door: Door) -> None:
    answered = {relation: await door(await _at_the_door(world, who)) for relation, who in PEOPLE.items()}
    assert answered == {relation: None if relation in TABLE[action] else "forbidden" for relation in PEOPLE}


@pytest.mark.parametrize(("action", "door"), _named(IN_THE_SCHOOL))
async def test_in_the_school_everybody_may_what_the_table_says(world: World, action: str, door: Door) -> None:
    answered = {role: await door(await _at_the_door(world, PEOPLE[role], in_school=True)) for role in ROLES}
    assert answered == {role: None if role in TABLE[action] else "forbidden" for role in ROLES}


@pytest.mark.parametrize(("action", "door"), _named(IN_A_SESSION))
async def test_another_school_is_told_nothing(two_schools: World, action: str, door: Door) -> None:
    asked = await _at_the_door(two_schools, "trainer")
    asked.person, asked.line = await two_schools.person("outsider"), await two_schools.trainer_line("outsider")
    assert await door(asked) == "not_found"
    asked.session = {**asked.session, "id": new_id()}
    assert await door(asked) == "not_found"


async def test_a_trainee_takes_actions_and_does_nothing_else(world: World) -> None:
    asked = await _at_the_door(world, "trainer")
    assert "trainee" in TABLE["take_action"]
    await asked.ann.ask("action:take", {"id": new_id(), "action": "nibp_start"})
    for message, data in (
        ("session:watch", {}),
        ("vitals:push", {"id": new_id(), **VITALS}),
        ("note:add", {"id": new_id(), "text": "x"}),
        ("session:close", {}),
        ("trainee:remove", {"seat_id": asked.ann.seat["id"]}),
    ):
        refused = await asked.ann.refused(message, {"session_id": asked.session["id"], **data})
        assert refused["code"] == "forbidden"
    by_seat = await world.person(token=asked.ann.seat["token"])
    assert (await by_seat.get(asked.path, 401))["code"] == "unauthenticated"
