"""Whatever changes a row that devices keep, by any door: it is in every device's next pull, or it fails."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest

from server.transport.site import endpoints
from server.transport.socket.messages import CLIENT_MESSAGES
from tests.scenario.conftest import PASSWORD, Stage
from tests.support.devices import Json, Tablet, an_event
from tests.support.patience import PATIENCE_SECONDS
from tests.support.postgres import DatabaseServer
from tests.support.scenario import DEMO_EMAIL, errors_in, run_command, serving
from tests.support.scenario_clients import Person, World


class Watch:
    """Two devices that have pulled everything, and what each is told next."""

    def __init__(self, world: World, stack: AsyncExitStack, database_url: str, folder: Path) -> None:
        self.world = world
        self.stack = stack
        self.database_url = database_url
        self.folder = folder
        self.devices: list[Tablet] = []
        self.cursors: list[int] = []
        self.made: dict[str, Any] = {}

    async def begin(self) -> None:
        for who in ("admin", "trainer"):
            http = await self.stack.enter_async_context(
                httpx.AsyncClient(base_url=self.world.server.url, timeout=PATIENCE_SECONDS)
            )
            http.headers["Authorization"] = f"Bearer {self.world.tokens[who]}"
            device = Tablet(http, f"{who}'s")
            page = await device.down(0, limit=1000)
            assert not page["hasMore"]
            self.devices.append(device)
            self.cursors.append(page["syncTimestamp"])

    async def told(self) -> set[tuple[str, str, str]]:
        """Type, id and operation of what is new, the same on each device."""
        told: list[set[tuple[str, str, str]]] = []
        for place, device in enumerate(self.devices):
            page = await device.down(self.cursors[place], limit=1000)
            self.cursors[place] = page["syncTimestamp"]
            told.append({(each["entityType"], each["entityId"], each["operation"]) for each in page["changes"]})
        assert told[0] == told[1]
        return told[0]

    async def command(self, *words: str) -> str:
        done = await asyncio.to_thread(run_command, *words, folder=self.folder, DATABASE_URL=self.database_url)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
async def watch(tmp_path: Path, database_server: DatabaseServer) -> AsyncGenerator[Watch]:
    name = database_server.create_database(database_server.template)
    url = database_server.url_of(name)
    try:
        with serving(tmp_path / "server", DATABASE_URL=url, SEED_DEMO="true", EXPIRY_SECONDS="1") as server:
            stage = Stage(server)
            stage.set_up_accounts()
            async with AsyncExitStack() as stack:
                watch = Watch(World(server, stage.tokens, stage.accounts, stack), stack, url, tmp_path)
                await watch.begin()
                yield watch
                assert not errors_in(server.log)
    finally:
        database_server.drop_database(name)


async def test_every_writer_by_name(watch: Watch) -> None:  # noqa: C901 - one after the other, each a line or two
    admin, trainer = [await watch.world.person(who) for who in ("admin", "trainer")]
    person = {"email": "w@example.org", "name": "W", "password": PASSWORD, "role": "trainer"}
    made = watch.made

    async def keep(name: str, doing: Awaitable[Json]) -> str:
        made[name] = await doing
        return made[name]["id"]

    async def open_session() -> str:
        return await keep("session", trainer.open_session())

    async def close_by_socket() -> str:
        session = await trainer.open_session()
        await watch.told()
        line = await watch.world.trainer_line()
        await line.ask("session:close", {"session_id": session["id"]})
        return session["id"]

    async def expire() -> str:
        """By the job: its time is over in a moment."""
        session = await trainer.open_session()
        await watch.told()
        with psycopg.connect(watch.database_url) as connection:
            (version,) = connection.execute(
                "UPDATE sync_head SET version = version + 1 WHERE school_id = %s RETURNING version",
                (session["school_id"],),
            ).fetchone()  # type: ignore[misc]
            connection.execute(
                "UPDATE sessions SET created_at = now() - interval '2 h', expires_at = now(), sync_version = %s"
                " WHERE id = %s",
                (version, session["id"]),
            )
        await watch.command("expire")
        return session["id"]

    async def close_by_command() -> str:
        session = await trainer.open_session()
        await watch.told()
        await watch.command("session", "close", session["id"])
        return session["id"]

    async def add_trainer_by_command() -> str:
        await watch.command("trainer", "add", "c@example.org", "--name", "C", "--school", "Demo school", "--role",
                            "trainer", "--password", PASSWORD)  # fmt: skip
        people = (await admin.get("/trainers?limit=100"))["items"]
        return next(each["id"] for each in people if each["email"] == "c@example.org")

    async def password_by_command() -> str:
        await watch.command("trainer", "passwd", "w2@example.org", "--password", PASSWORD)
        return made["trainer"]["id"]

    async def seed_again() -> str:
        await watch.command("seed")
        return ""

    async def by_a_device() -> str:
        event = an_event()
        await watch.devices[1].acknowledgement(event)
        return event["entityId"]

    async def by_a_phone() -> str:
        entity_id = str(uuid4())
        row = {"id": entity_id, "title": "By a phone", "_status": "created", "_changed": ""}
        page = await trainer.get("/sync/watermelon/pull", last_pulled_at="null")
        body = {"templates": {"created": [row], "updated": [], "deleted": []}}
        await trainer.call(
            "POST", "/sync/watermelon/push", 200, params={"last_pulled_at": page["timestamp"]}, json=body
        )
        return entity_id

    async def by_a_simple_client() -> str:
        change = {"entityType": "TEMPLATE", "tempId": "temp-1", "payload": {"title": "By a simple client"}}
        told = await trainer.post("/sync/mark-synced", {"deviceId": "simple", "changes": [change]})
        return told["ids"]["temp-1"]

    async def by_a_choice() -> str:
        """Of the device's side of a conflict."""
        device = watch.devices[1]
        conflict = await device.conflict(an_event(operation="UPDATE"))
        assert await watch.told() == set()
        path = f"/api/sync/conflicts/{conflict['conflictId']}/resolve"
        answer = await device.http.post(path, json={"keep": "local", "serverVersion": 0})
        assert answer.status_code == 200, answer.text
        return answer.json()["entityId"]

    async def by_hand() -> str:
        template = made["template"]
        with psycopg.connect(watch.database_url) as connection:
            row = connection.execute(
                "UPDATE sync_head SET version = version + 1 WHERE school_id = %s RETURNING version",
                (template["school_id"],),
            ).fetchone()
            assert row is not None
            connection.execute(
                "UPDATE session_templates SET content = jsonb_set(content, '{title}', '\"By hand\"'),"
                " sync_version = %s WHERE id = %s",
                (row[0], template["id"]),
            )
        return template["id"]

    async def by_a_hall() -> str:
        hall = await admin.post("/halls", {"name": "North", "trainers": "all"}, 201)
        headers = {"Authorization": f"Bearer {hall['token']}"}
        payload = {
            "code": "HHHHHH", "title": "In the hall", "trainer_id": watch.world.accounts["trainer"]["id"], "limits": {},
            "created_at": "2026-11-28T09:00:00.000Z", "expires_at": "2096-11-28T09:00:00.000Z",
        }  # fmt: skip
        sent = an_event(entityType="SESSION", payload=payload)
        async with httpx.AsyncClient(
            base_url=watch.world.url, headers=headers, trust_env=False, timeout=PATIENCE_SECONDS
        ) as http:
            answer = await http.post("/api/sync/up", json={"clientId": "disk", "events": [sent]})
        assert len(answer.json()["acknowledged"]) == 1, answer.text
        made["of the hall"] = {"id": sent["entityId"]}
        return sent["entityId"]

    async def take_over() -> str:
        session_id = made["of the hall"]["id"]
        await admin.post(f"/sessions/{session_id}/take-over")
        return session_id

    async def come_in_by_invitation() -> str:
        asked = {"email": "i@example.org", "name": "I", "role": "trainer"}
        invited = await admin.post("/invitations", asked, 201)
        token = invited["url"].rsplit("/", 1)[1]
        stranger = await watch.world.person()
        return (await stranger.post("/invitations/accept", {"token": token, "password": PASSWORD}))["trainer"]["id"]

    async def choose_a_password() -> str:
        deputy = await watch.world.person("deputy")
        await deputy.post("/me/password", {"password": PASSWORD, "new_password": f"{PASSWORD}-2"}, 204)
        return watch.world.accounts["deputy"]["id"]

    async def begin_homework() -> str:
        cases = (await trainer.get("/templates?limit=100"))["items"]
        case = next(each for each in cases if any(step["transitions"] for step in each["steps"]))
        until = (datetime.now(UTC) + timedelta(days=1)).isoformat()
        asked = {"template_id": case["id"], "title": "Alone", "until": until}
        given = await trainer.post("/assignments", asked, 201)
        stranger = await watch.world.person()
        await stranger.post(f"/assignments/{given['token']}/open", {"name": "Ann"}, 201)
        [made_by_it] = (await trainer.get(f"/assignments/{given['id']}/tries"))["items"]
        return made_by_it["session_id"]

    async def patch(who: Person, name: str, path: str, body: Json) -> str:
        item = made[name]
        await who.call("PATCH", f"{path}/{item['id']}", json=body)
        return item["id"]

    async def delete(who: Person, name: str, path: str) -> str:
        await who.call("DELETE", f"{path}/{made[name]['id']}")
        return made[name]["id"]

    async def close() -> str:
        await trainer.post(f"/sessions/{made['session']['id']}/close")
        return made["session"]["id"]

    async def take_controls() -> str:
        colleague = await watch.world.person("colleague")
        await colleague.post(f"/sessions/{made['session']['id']}/controls")
        return made["session"]["id"]

    async def go_on_again() -> str:
        made_so = trainer.post(f"/sessions/{made['session']['id']}/fork", {"after_seq": 1}, 201)
        return await keep("fork", made_so)

    async def lock(method: str, body: Json | None = None) -> str:
        await trainer.call(method, f"/sessions/{made['session']['id']}/lock", json=body)
        return made["session"]["id"]

    async def take_names_out() -> str:
        await admin.post(f"/sessions/{made['session']['id']}/names-out", {})
        return made["session"]["id"]

    writers: list[tuple[str, str, str, Callable[[], Awaitable[str]]]] = [
        ("POST /trainers", "TRAINER", "CREATE", lambda: keep("trainer", admin.post("/trainers", person, 201))),
        ("PATCH /trainers/{id}", "TRAINER", "UPDATE",
         lambda: patch(admin, "trainer", "/trainers", {"email": "w2@example.org"})),
        ("shiller trainer passwd", "TRAINER", "UPDATE", password_by_command),
        ("DELETE /trainers/{id}", "TRAINER", "DELETE", lambda: delete(admin, "trainer", "/trainers")),
        ("shiller trainer add", "TRAINER", "CREATE", add_trainer_by_command),
        ("POST /invitations/accept", "TRAINER", "CREATE", come_in_by_invitation),
        ("POST /me/password", "TRAINER", "UPDATE", choose_a_password),
        ("POST /templates", "TEMPLATE", "CREATE",
         lambda: keep("template", trainer.post("/templates", {"title": "A"}, 201))),
        ("PATCH /templates/{id}", "TEMPLATE", "UPDATE",
         lambda: patch(trainer, "template", "/templates", {"title": "B"})),
        ("psql, as docs/architecture.md says", "TEMPLATE", "UPDATE", by_hand),
        ("DELETE /templates/{id}", "TEMPLATE", "DELETE", lambda: delete(trainer, "template", "/templates")),
        ("POST /api/sync/up", "TEMPLATE", "CREATE", by_a_device),
        ("POST /api/sync/up of a hall", "SESSION", "CREATE", by_a_hall),
        ("POST /sessions/{id}/take-over", "SESSION", "UPDATE", take_over),
        ("POST /api/sync/conflicts/{id}/resolve", "TEMPLATE", "CREATE", by_a_choice),
        ("POST /sync/watermelon/push", "TEMPLATE", "CREATE", by_a_phone),
        ("POST /sync/mark-synced", "TEMPLATE", "CREATE", by_a_simple_client),
        ("POST /sessions", "SESSION", "CREATE", open_session),
        ("PATCH /sessions/{id}", "SESSION", "UPDATE",
         lambda: patch(trainer, "session", "/sessions", {"title": "B"})),
        ("POST /sessions/{id}/controls", "SESSION", "UPDATE", take_controls),
        ("POST /sessions/{id}/fork", "SESSION", "CREATE", go_on_again),
        ("POST /sessions/{id}/close", "SESSION", "UPDATE", close),
        ("POST /sessions/{id}/lock", "SESSION", "UPDATE", lambda: lock("POST", {"reason": "An inquiry"})),
        ("DELETE /sessions/{id}/lock", "SESSION", "UPDATE", lambda: lock("DELETE")),
        ("POST /sessions/{id}/names-out", "SESSION", "UPDATE", take_names_out),
        ("session:close", "SESSION", "UPDATE", close_by_socket),
        ("POST /assignments/{token}/open", "SESSION", "CREATE", begin_homework),
        ("the job that ends sessions, or shiller expire", "SESSION", "UPDATE", expire),
        ("shiller session close", "SESSION", "UPDATE", close_by_command),
    ]  # fmt: skip
    for name, entity_type, operation, write in writers:
        entity_id = await write()
        assert await watch.told() == {(entity_type, entity_id, operation)}, name
    await seed_again()
    assert await watch.told() == set(), "the seeds were there"


BY_HAND = [
    "UPDATE trainers SET name = 'x' WHERE email = %(email)s",
    "UPDATE session_templates SET content = '{}'",
    "UPDATE session_templates SET deleted_at = now()",
    "UPDATE sessions SET title = 'x'",
    "UPDATE sessions SET public_title = 'x'",
    "UPDATE sessions SET trainee_name = 'x'",
    "UPDATE sessions SET co_trainer_ids = ARRAY[gen_random_uuid()]",
    "UPDATE sessions SET shows_conditions = NOT shows_conditions",
    "UPDATE sessions SET hall_id = NULL, version = version + 1",
    "UPDATE sessions SET limits = '{}'",
    "UPDATE sessions SET expires_at = now(), closed_at = now(), close_reason = 'closed'",
    "DELETE FROM session_templates",
    "DELETE FROM sessions",
    "DELETE FROM trainers WHERE email = %(email)s",
    "TRUNCATE session_templates CASCADE",
    "INSERT INTO session_templates (id, school_id, content) SELECT gen_random_uuid(), id, '{}' FROM schools",
    "INSERT INTO trainers (id, school_id, email, password_hash, name, role)"
    " SELECT gen_random_uuid(), id, 'x@example.org', 'x', 'x', 'trainer' FROM schools",
]


async def test_what_would_reach_no_device_fails_by_hand(watch: Watch) -> None:
    trainer = await watch.world.person("trainer")
    await trainer.open_session()
    await watch.told()
    for sql in BY_HAND:
        with psycopg.connect(watch.database_url) as connection, pytest.raises(psycopg.IntegrityError):
            connection.execute(sql, {"email": DEMO_EMAIL})
    assert await watch.told() == set()


def test_no_door_is_forgotten() -> None:
    """Whoever adds a call or a message that edits such a row adds it above."""
    calls = {
        f"{each.method} {each.path}"
        for each in endpoints("http://localhost")
        if each.changes_something
        and re.match("/(trainers|templates|sessions|sync|invitations|me|assignments)", each.path)
    }
    # Their rows are not what devices keep by the log: a session's record and what stands beside it, an invitation, a
    # homework; or they only read, and forget. The first admin is made before any device is there.
    beside = {
        each
        for each in calls
        if re.search(
            "/(events|pause|resume|annotations|down|hello|initial|devices|dry-run|import|find|logins|moments|scores|share|views)",
            each,
        )
        or re.search("(POST|DELETE) /(invitations|assignments)(/{id})?$", each)
    }
    assert calls - beside == {
        "POST /trainers", "PATCH /trainers/{id}", "DELETE /trainers/{id}",
        "POST /templates", "PATCH /templates/{id}", "DELETE /templates/{id}",
        "POST /sessions", "PATCH /sessions/{id}", "POST /sessions/{id}/controls", "POST /sessions/{id}/close",
        "POST /sessions/{id}/fork", "POST /sessions/{id}/take-over", "POST /sessions/{id}/names-out",
        "POST /sessions/{id}/lock", "DELETE /sessions/{id}/lock", "POST /sync/up",
        "POST /sync/conflicts/{id}/resolve", "POST /sync/watermelon/push", "POST /sync/mark-synced",
        "POST /invitations/accept", "POST /me/password", "POST /assignments/{token}/open",
    }  # fmt: skip
    messages = {message for messages in CLIENT_MESSAGES.values() for message in messages}
    beside = {"session:watch", "session:unwatch"}
    assert {each for each in messages if each.startswith("session:")} - beside == {"session:close"}
