"""A hall server beside its central one: who logs in, what goes up and comes down, and what it says of itself."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest
import pytest_asyncio

from server.config import ConfigError, read_config
from tests.support.devices import an_event
from tests.support.halls import PASSWORD, TRAINER_EMAIL, Hall, Json, a_hall
from tests.support.patience import PATIENCE_SECONDS
from tests.support.postgres import DatabaseServer
from tests.support.scenario import ServerProcess, end, errors_in, run_command
from tests.support.scenario_clients import TraineeLine, eventually, new_id

# The servers that they share are talked to from one loop.
in_one_loop = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_hall(tmp_path_factory: pytest.TempPathFactory, database_server: DatabaseServer) -> AsyncIterator[Hall]:
    async with a_hall(tmp_path_factory.mktemp("hall"), database_server) as hall:
        yield hall


@pytest_asyncio.fixture(loop_scope="module")
async def hall(shared_hall: Hall) -> AsyncIterator[Hall]:
    """Well, and with nothing to send, as every test leaves it."""
    await shared_hall.log_in()
    await shared_hall.sent()
    yield shared_hall
    assert_no_errors(shared_hall)


@pytest_asyncio.fixture(loop_scope="module")
async def own_hall(tmp_path: Path, database_server: DatabaseServer) -> AsyncIterator[Hall]:
    """For a test after which it is not what it was."""
    async with a_hall(tmp_path, database_server) as hall:
        await hall.log_in()
        yield hall
        assert_no_errors(hall)


def assert_no_errors(hall: Hall) -> None:
    assert not errors_in(hall.server.log)
    assert not errors_in(hall.central.log)


async def push(hall: Hall, session: Json, heart_rate: int) -> None:
    body = {"id": new_id(), "kind": "vitals", "vitals": {"heart_rate": heart_rate}}
    assert (await hall.at_hall("POST", f"/sessions/{session['id']}/events", json=body)).status_code == 201


async def seen_at_central(hall: Hall, session: Json, last_seq: int) -> Json:
    async def look() -> Json | None:
        answer = await hall.at_central("GET", f"/sessions/{session['id']}")
        return answer.json() if answer.status_code == 200 and answer.json()["last_seq"] >= last_seq else None

    return await eventually(look, f"the central to have event {last_seq}")


async def an_observer(hall: Hall) -> httpx.AsyncClient:
    """Who watches and scores: an account of the central's, at the hall."""
    body = {"email": "ona@demo.example", "name": "Ona", "password": PASSWORD, "role": "observer"}
    assert (await hall.at_central("POST", "/trainers", json=body)).status_code == 201
    await hall.sent()
    login = {"email": body["email"], "password": PASSWORD}
    answer = await hall.trainer.post(f"{hall.server.url}/api/v1/auth/login", json=login)
    return httpx.AsyncClient(
        trust_env=False, headers={"Authorization": f"Bearer {answer.json()['token']}"}, timeout=PATIENCE_SECONDS
    )


async def debrief_at(hall: Hall, session: Json, observer: httpx.AsyncClient, trainees: list[TraineeLine]) -> None:
    """What is written at the hall, which has not reached the central yet: by its trainer, an observer and trainees."""
    path = f"/sessions/{session['id']}"
    sheet: Json = {"items": {"help": {"score": 2, "comment": "À temps"}}, "comment": "Calm"}
    assert (await hall.at_hall("PUT", f"{path}/scores", json=sheet)).status_code == 200
    sheet = {"items": {"help": {"score": "na"}}, "comment": ""}
    async with observer:
        answer = await observer.put(f"{hall.server.url}/api/v1{path}/scores", json=sheet)
        assert answer.status_code == 200, answer.text
    for trainee, words in zip(trainees, ({"words": "Too slow"}, {"words": "Lost", "is_anonymous": True}), strict=False):
        bearer = {"Authorization": f"Bearer {trainee.seat['token']}"}
        answer = await hall.trainer.put(f"{hall.server.url}/api/v1/reflection", json=words, headers=bearer)
        assert answer.status_code == 200, answer.text
    moment = (await hall.at_hall("GET", f"{path}/debrief")).json()["moments"][0]
    change = {"is_hidden": True, "title": "Unimportant"}
    answer = await hall.at_hall("PATCH", f"{path}/moments/{moment['seq']}/{moment['kind']}", json=change)
    assert answer.status_code == 200, answer.text


async def share(at: Callable[..., Awaitable[httpx.Response]], session: Json, server: ServerProcess) -> str:
    """The token of a new link to the debrief, which begins with the address of that server."""
    answer = await at("POST", f"/sessions/{session['id']}/share", json={"days": 3})
    assert answer.status_code == 201, answer.text
    base, _, token = answer.json()["url"].rpartition("/shared/")
    assert base == server.url
    return token


async def opened(token: str, server: ServerProcess) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE_SECONDS) as anybody:
        return await anybody.get(f"{server.url}/api/v1/shares/{token}")


@in_one_loop
async def test_a_day_without_the_central_is_there_afterwards(hall: Hall) -> None:
    observer = await an_observer(hall)
    case = {"title": "Sepsis", "checklist": [{"key": "help", "text": "Calls for help"}]}
    template = (await hall.at_hall("POST", "/templates", json=case)).json()
    await hall.sent()
    hall.line.go_down()
    await asyncio.to_thread(hall.central.stop)

    await hall.log_in()
    session = await hall.open_session(title="Offline", template_id=template["id"], vitals={"heart_rate": 70})
    names = ["Zoé", "Ben", "Ida"]
    trainees = [TraineeLine(hall.server.url, {"code": session["code"], "name": name}) for name in names]
    for trainee in trainees:
        await trainee.connect()
        await trainee.expect("session:joined")
    for heart_rate in (90, 120):
        await push(hall, session, heart_rate)
    limits = {"spo2": {"low": 85, "high": None}}
    changed = (await hall.at_hall("PATCH", f"/sessions/{session['id']}", json={"limits": limits})).json()

    async def waits() -> Json | None:
        await hall.at_hall("POST", "/upstream/now")
        status = await hall.status()
        return status if status["problem"] is not None else None

    status = await eventually(waits, "the hall to find that it is alone")
    assert (status["problem"]["kind"], status["is_well"]) == ("no_connection", False)
    assert (status["waiting"]["sessions"], status["waiting"]["events"]) == (1, 3)
    assert status["waiting"]["since"] == session["created_at"]
    told = await hall.command("sync", "status")
    assert told.returncode == 1
    assert "0 templates, 1 sessions, 3 events" in told.stdout
    # Again from here, and the team goes with it: the first one ends.
    body = {"id": new_id(), "after_seq": 2, "moves_trainees": True}
    forked = await hall.at_hall("POST", f"/sessions/{session['id']}/fork", json=body)
    assert forked.status_code == 201, forked.text
    for trainee in trainees:
        await trainee.expect("session:moved")
        await trainee.disconnect()
    await debrief_at(hall, session, observer, trainees)
    made_here = await share(hall.at_hall, session, hall.server)
    told_here = (await opened(made_here, hall.server)).json()
    assert told_here["moments"] == (await hall.at_hall("GET", f"/sessions/{session['id']}/debrief")).json()["moments"]

    await asyncio.to_thread(hall.central.restart_on_same_port)
    hall.line.come_up()
    # By the command line, beside the running server.
    now = await hall.command("sync", "now", "--json")
    assert now.returncode == 0, now.stdout + now.stderr
    assert json.loads(now.stdout)["is_well"]
    there = (await hall.at_central("GET", f"/sessions/{session['id']}")).json()
    assert (there["last_seq"], there["close_reason"]) == (4, "closed")
    assert there["hall"]["name"] == "Hall A"
    debrief = f"/sessions/{session['id']}/debrief"
    here = (await hall.at_hall("GET", debrief)).json()
    assert [each["name"] for each in here["attendance"]] == names
    moments = [session["created_at"], changed["updated_at"]]
    held = [session["limits"], {**session["limits"], **limits}]
    assert here["limits_since"] == [{"at": at, "limits": each} for at, each in zip(moments, held, strict=True)]
    assert [each["by"]["name"] for each in here["scores"]["sheets"]] == ["Ada", "Ona"]
    assert {(each["name"], each["words"]) for each in here["reflections"]} == {("Zoé", "Too slow"), (None, "Lost")}
    assert [each["title"] for each in here["moments"] if each["is_hidden"]] == ["Unimportant"]

    async def seen() -> bool:
        await hall.at_hall("POST", "/upstream/now")
        return (await hall.at_central("GET", debrief)).json() == here

    await eventually(seen, "the central to have the same debrief")
    # A link opens where it was made, and ends there; the other server has links of its own.
    made_there = await share(hall.at_central, session, hall.central)
    told_there = (await opened(made_there, hall.central)).json()
    assert {**told_there, "expires_at": None} == {**(await opened(made_here, hall.server)).json(), "expires_at": None}
    for made, server in ((made_here, hall.central), (made_there, hall.server)):
        assert (await opened(made, server)).status_code == 404
    assert (await hall.at_central("DELETE", f"/sessions/{session['id']}/share")).status_code == 200
    ended = [(await opened(*each)).status_code for each in ((made_there, hall.central), (made_here, hall.server))]
    assert ended == [404, 200]
    again = f"/sessions/{body['id']}"
    told = (await hall.at_central("GET", again)).json()
    assert told["forked_from"] == {"session_id": session["id"], "seq": 2}
    export = [await at("GET", f"{again}/export") for at in (hall.at_hall, hall.at_central)]
    assert export[0].content == export[1].content
    assert (await hall.at_hall("POST", f"{again}/close")).status_code == 200
    assert PASSWORD not in hall.server.log + hall.central.log
    assert "$2b$" not in hall.server.log + hall.central.log


@in_one_loop
async def test_a_template_edited_on_both_sides_is_settled_at_the_central(hall: Hall) -> None:
    made = await hall.at_hall("POST", "/templates", json={"title": "Sepsis", "description": "first"})
    template = made.json()
    await hall.sent()
    path = f"/templates/{template['id']}"
    assert (await hall.at_central("GET", path)).json()["title"] == "Sepsis"

    hall.line.go_down()
    await hall.at_hall("PATCH", path, json={"title": "Sepsis, by the hall", "description": "by the hall"})
    await hall.at_central("PATCH", path, json={"title": "Sepsis, by the school"})
    hall.line.come_up()
    await hall.sent()

    # It did not stop: it has the central's side, and a person at the central chooses.
    assert (await hall.at_hall("GET", path)).json()["title"] == "Sepsis, by the school"
    assert (await hall.status())["conflicts"] == 1
    listed = (await hall.admin.get(f"{hall.central.url}/api/sync/conflicts")).json()["items"]
    (conflict,) = [each for each in listed if each["entityId"] == template["id"]]
    assert conflict["localPayload"]["title"] == "Sepsis, by the hall"
    settled = await hall.admin.post(
        f"{hall.central.url}/api/sync/conflicts/{conflict['id']}/resolve",
        json={"keep": "local", "serverVersion": conflict["serverData"]["version"]},
    )
    assert settled.status_code == 200, settled.text
    await hall.sent()
    here, there = (await hall.at_hall("GET", path)).json(), (await hall.at_central("GET", path)).json()
    assert (here["title"], here["description"]) == ("Sepsis, by the hall", "by the hall")
    assert (there["title"], there["description"]) == ("Sepsis, by the hall", "by the hall")
    assert (await hall.status())["conflicts"] == 0

    await hall.at_central("DELETE", path)
    await hall.sent()
    assert (await hall.at_hall("GET", path)).json()["deleted_at"] is not None


@in_one_loop
async def test_accounts_come_from_the_central_and_are_changed_there_alone(hall: Hall) -> None:
    me = (await hall.at_hall("GET", "/me")).json()
    people = (await hall.at_central("GET", "/trainers")).json()["items"]
    assert me["id"] in [each["id"] for each in people]

    # The named ones alone are here: no admin, unless they are named.
    async def refused(email: str, password: str) -> int:
        body = {"email": email, "password": password}
        return (await hall.trainer.post(f"{hall.server.url}/api/v1/auth/login", json=body)).status_code

    assert await refused("demo@shiller.local", "demo-shiller") == 401

    payload = {"name": "Eve", "email": "eve@demo.example", "role": "trainer", "password": "eves-password"}
    up = {"clientId": "tablet", "events": [an_event("TRAINER", payload=payload)]}
    answer = (await hall.trainer.post(f"{hall.server.url}/api/sync/up", json=up)).json()
    assert [each["reason"] for each in answer["rejected"]] == ["forbidden"]
    added = await hall.command("trainer", "add", "eve@demo.example", "--name", "Eve", "--school", "Any")
    assert added.returncode == 1
    assert "central" in added.stderr

    changed = await hall.at_central("PATCH", f"/trainers/{me['id']}", json={"password": "another-password"})
    assert changed.status_code == 200

    async def cut() -> bool:
        await hall.at_hall("POST", "/upstream/now")
        return (await hall.at_hall("GET", "/me")).status_code == 401

    await eventually(cut, "the login by the old password to end at the hall")
    assert await refused(TRAINER_EMAIL, PASSWORD) == 401
    assert await refused(TRAINER_EMAIL, "another-password") == 200
    assert (await hall.at_central("PATCH", f"/trainers/{me['id']}", json={"password": PASSWORD})).status_code == 200


async def _refused_reason(hall: Hall, session: Json) -> str:
    """Why the central took no more of this session, which is all that it refused."""

    async def told() -> Json | None:
        status = await hall.status()
        return status if status["refused"] else None

    [refused] = (await eventually(told, "the hall to hear that its record is not taken"))["refused"]
    assert refused["id"] == session["id"]
    return str(refused["reason"])


@in_one_loop
async def test_a_hall_that_went_on_as_far_as_the_central_did_after_a_take_over_says_so(own_hall: Hall) -> None:
    hall = own_hall
    session = await hall.open_session(title="Taken over", vitals={"heart_rate": 70})
    await push(hall, session, 80)
    await seen_at_central(hall, session, 2)
    assert (await hall.at_central("POST", f"/sessions/{session['id']}/take-over")).status_code == 200
    body = {"id": new_id(), "kind": "note", "text": "Written at the central"}
    assert (await hall.at_central("POST", f"/sessions/{session['id']}/events", json=body)).status_code == 201
    await push(hall, session, 90)
    assert await _refused_reason(hall, session) == "not_home"


@in_one_loop
async def test_a_lost_hall_is_taken_over_and_a_revoked_one_forgets(own_hall: Hall) -> None:
    hall = own_hall
    session = await hall.open_session(title="Taken over", vitals={"heart_rate": 70})
    other = await hall.open_session(title="Its own")
    await push(hall, session, 80)
    await seen_at_central(hall, session, 2)
    assert (await hall.at_central("POST", f"/sessions/{session['id']}/close")).status_code == 409
    taken = await hall.at_central("POST", f"/sessions/{session['id']}/take-over")
    assert taken.status_code == 200, taken.text

    await push(hall, session, 90)
    sheet: Json = {"items": {}, "comment": "Written too late"}
    assert (await hall.at_hall("PUT", f"/sessions/{session['id']}/scores", json=sheet)).status_code == 200
    await push(hall, other, 100)
    await seen_at_central(hall, other, 1)

    async def told() -> Json | None:
        status = await hall.status()
        return status if len(status["refused"]) == 2 and status["waiting"]["events"] == 0 else None

    status = await eventually(told, "the hall to hear that the session has another home")
    refused = {each["type"]: each for each in status["refused"]}
    assert (refused["SESSION"]["id"], refused["SESSION"]["reason"]) == (session["id"], "not_home")
    assert refused["SCORE_SHEET"]["reason"] == "not_home"
    assert "taken over" in refused["SCORE_SHEET"]["errors"][0]["message"]
    assert (await hall.at_central("GET", f"/sessions/{session['id']}/debrief")).json()["scores"]["sheets"] == []
    # What the central does not take is here to be downloaded.
    assert "90" in (await hall.command("session", "export", session["id"])).stdout

    assert (await hall.at_central("DELETE", f"/halls/{hall.added['id']}")).status_code in (200, 204)

    async def revoked() -> bool:
        await hall.at_hall("POST", "/upstream/now")
        status = await hall.status()
        return status["problem"] is not None and status["problem"]["kind"] == "revoked"

    await eventually(revoked, "the hall to hear that its token is revoked")
    # Who steers an open session goes on; nobody comes in by a password that it should not know any more.
    await push(hall, other, 110)
    body = {"email": TRAINER_EMAIL, "password": PASSWORD}
    answer = await hall.trainer.post(f"{hall.server.url}/api/v1/auth/login", json=body)
    assert answer.status_code == 401
    assert "revoked" in (await hall.command("sync", "status")).stdout


@in_one_loop
async def test_a_central_put_back_from_a_backup_gets_again_what_it_lost(
    own_hall: Hall, database_server: DatabaseServer
) -> None:
    hall = own_hall
    session = await hall.open_session(title="Over two lives", vitals={"heart_rate": 70})
    old = (await hall.at_hall("POST", "/templates", json={"title": "Old"})).json()
    both = (await hall.at_hall("POST", "/templates", json={"title": "Both"})).json()
    await hall.sent()
    await asyncio.to_thread(hall.central.stop)
    backup = database_server.create_database(hall.database)
    try:
        await asyncio.to_thread(hall.central.restart_on_same_port)
        for heart_rate in (80, 90):
            await push(hall, session, heart_rate)
        new = (await hall.at_hall("POST", "/templates", json={"title": "New"})).json()
        await hall.at_hall("PATCH", f"/templates/{old['id']}", json={"title": "Old, edited"})
        body = {"email": "bob@demo.example", "name": "Bob", "password": PASSWORD, "role": "trainer"}
        assert (await hall.at_central("POST", "/trainers", json=body)).status_code == 201
        await hall.sent()
        login = {"email": body["email"], "password": PASSWORD}
        url = f"{hall.server.url}/api/v1/auth/login"
        assert (await hall.trainer.post(url, json=login)).status_code == 200

        hall.line.go_down()
        await asyncio.to_thread(hall.central.stop)
        hall.central.variables["DATABASE_URL"] = database_server.url_of(backup)
        await asyncio.to_thread(hall.central.restart_on_same_port)
        assert (await hall.at_central("GET", f"/sessions/{session['id']}")).json()["last_seq"] == 1
        # Edited there after it was put back, before the hall comes: a person has to see both.
        changed = await hall.at_central("PATCH", f"/templates/{both['id']}", json={"title": "Both, by the school"})
        assert changed.status_code == 200
        hall.line.come_up()
        await hall.sent()

        assert (await hall.at_central("GET", f"/sessions/{session['id']}")).json()["last_seq"] == 3
        assert (await hall.at_central("GET", f"/templates/{new['id']}")).json()["title"] == "New"
        assert (await hall.at_central("GET", f"/templates/{old['id']}")).json()["title"] == "Old, edited"
        assert (await hall.at_hall("GET", f"/templates/{both['id']}")).json()["title"] == "Both, by the school"
        listed = (await hall.admin.get(f"{hall.central.url}/api/sync/conflicts")).json()["items"]
        assert [each["localPayload"]["title"] for each in listed if each["entityId"] == both["id"]] == ["Both"]
        # An account that it has not got any more lets nobody in.
        assert (await hall.trainer.post(url, json=login)).status_code == 401
        assert (await hall.at_hall("GET", "/me")).status_code == 200
    finally:
        await asyncio.to_thread(hall.central.stop)
        database_server.drop_database(backup)


@in_one_loop
async def test_a_hall_whose_disk_was_put_back_does_not_take_the_centrals_record_for_its_own(
    own_hall: Hall, database_server: DatabaseServer
) -> None:
    hall = own_hall
    session = await hall.open_session(title="Recorded twice", vitals={"heart_rate": 70})
    await hall.sent()
    await asyncio.to_thread(hall.server.stop)
    image = database_server.create_database(urlsplit(hall.server.variables["DATABASE_URL"]).path[1:])
    try:
        await asyncio.to_thread(hall.server.restart_on_same_port)
        await push(hall, session, 80)
        await hall.sent()
        await asyncio.to_thread(hall.server.stop)
        hall.server.variables["DATABASE_URL"] = database_server.url_of(image)
        await asyncio.to_thread(hall.server.restart_on_same_port)
        await push(hall, session, 90)
        assert await _refused_reason(hall, session) == "seq_taken"
    finally:
        await asyncio.to_thread(hall.server.stop)
        database_server.drop_database(image)


@in_one_loop
async def test_a_hall_that_says_it_was_put_back_compares_everything_anew(hall: Hall) -> None:
    session = await hall.open_session(title="Kept", vitals={"heart_rate": 70})
    template = (await hall.at_hall("POST", "/templates", json={"title": "Kept"})).json()
    await hall.sent()
    for server in (hall.server, hall.central):
        said = await hall.command("sync", "restored", at=server)
        assert said.returncode == 0, said.stderr
    await push(hall, session, 80)
    await hall.sent()
    assert (await hall.at_central("GET", f"/sessions/{session['id']}")).json()["last_seq"] == 2
    assert (await hall.at_central("GET", f"/templates/{template['id']}")).json()["title"] == "Kept"
    assert (await hall.at_hall("GET", "/me")).status_code == 200
    assert (await hall.command("sync", "status")).returncode == 0


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"USE_IN_MEMORY": "true"}, "USE_IN_MEMORY"),
        ({"SEED_DEMO": "true"}, "SEED_DEMO"),
        ({"SYNC_UPSTREAM_URL": "http://central.example"}, "https://"),
        ({"SYNC_UPSTREAM_TOKEN": ""}, "go together"),
        ({"SYNC_UPSTREAM_TOKEN": "shh_short"}, "43 characters"),
    ],
)
def test_what_cannot_be_a_hall_has_no_configuration(variables: dict[str, str], words: str) -> None:
    given = {"SYNC_UPSTREAM_URL": "http://127.0.0.1:9", "SYNC_UPSTREAM_TOKEN": f"shh_{'a' * 43}", **variables}
    with pytest.raises(ConfigError) as refused:
        read_config(given)
    assert words in str(refused.value)
    assert "shh_short" not in str(refused.value)


def test_what_cannot_be_a_hall_does_not_start(tmp_path: Path) -> None:
    ran = run_command("serve", folder=tmp_path, SYNC_UPSTREAM_URL="http://127.0.0.1:9", SYNC_UPSTREAM_TOKEN="")
    assert ran.returncode == 1
    assert "go together" in ran.stderr


def test_a_database_of_another_school_is_no_halls(tmp_path: Path, database_url: str) -> None:
    added = run_command(
        "trainer", "add", "head@other.example", "--name", "Head", "--school", "Other school",
        folder=tmp_path, DATABASE_URL=database_url,
    )  # fmt: skip
    assert added.returncode == 0, added.stderr
    ran = run_command(
        "serve", folder=tmp_path, DATABASE_URL=database_url,
        SYNC_UPSTREAM_URL="http://127.0.0.1:9", SYNC_UPSTREAM_TOKEN=f"shh_{'a' * 43}",
    )  # fmt: skip
    assert ran.returncode == 1
    assert "Other school" in ran.stderr


@in_one_loop
async def test_a_hall_that_never_reached_its_central_lets_nobody_in(tmp_path: Path, database_url: str) -> None:
    token = f"shh_{'a' * 43}"
    variables = {"DATABASE_URL": database_url, "SYNC_UPSTREAM_URL": "http://127.0.0.1:9", "SYNC_UPSTREAM_TOKEN": token}
    server = ServerProcess(tmp_path / "hall", variables)
    await asyncio.to_thread(server.start)
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE_SECONDS) as http:
            body = {"email": TRAINER_EMAIL, "password": PASSWORD}
            answer = await http.post(f"{server.url}/api/v1/auth/login", json=body)
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
        assert "central" in answer.json()["detail"]
        assert "tablets" in server.stdout
        told, doctor = await asyncio.gather(
            *(
                asyncio.to_thread(run_command, *words, folder=server.folder, **variables)
                for words in (("sync", "status", "--json"), ("doctor",))
            )
        )
        assert told.returncode == 1
        assert json.loads(told.stdout)["school"] is None
        assert doctor.returncode == 1
        assert "trouble  upstream" in doctor.stdout
    finally:
        end(server)


@in_one_loop
async def test_an_answer_that_came_just_before_a_kill_is_learnt_from_the_central(
    hall: Hall,
) -> None:
    session = await hall.open_session(title="Killed", vitals={"heart_rate": 70})
    for heart_rate in (80, 90):
        await push(hall, session, heart_rate)
    await hall.sent()
    hall.server.kill()
    # As it was before the last mark was written.
    with psycopg.connect(hall.server.variables["DATABASE_URL"]) as connection:
        connection.execute("UPDATE upstream_rows SET pushed_seq = 1 WHERE entity_id = %s", (session["id"],))
    assert (await hall.command_status())["waiting"]["events"] == 2
    await asyncio.to_thread(hall.server.restart_on_same_port)
    await hall.sent()
    assert (await hall.at_central("GET", f"/sessions/{session['id']}")).json()["last_seq"] == 3
