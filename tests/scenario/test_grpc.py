"""Programs in other languages: every call over gRPC, what it refuses, and that HTTP sees the same accounts."""

from __future__ import annotations

import asyncio

import bcrypt
import pytest
from google.protobuf.wrappers_pb2 import BytesValue
from grpclib import Status

from server.service.sync.under_way import CALLS_OF_A_SCHOOL
from server.transport.devices.sync import UP_LIMIT_BYTES
from server.transport.http.endpoint import BODY_LIMIT_BYTES
from server.transport.rpc import shiller_pb2 as pb
from tests.support.rpc import Program
from tests.support.scenario_clients import Json, World, new_id

PASSWORD = "kept-by-a-program"


def hash_of(password: str, cost: int) -> str:
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(cost)).decode()


# Hashing what hashes is not what these tests are about.
HASH = hash_of(PASSWORD, 10)


def a_user(**fields: object) -> pb.User:
    id_ = new_id()
    return pb.User(**{"id": id_, "email": f"{id_}@demo.example", "name": "Ann", "role": "trainer", **fields})  # type: ignore[arg-type]


async def calling(world: World, who: str | None) -> Program:
    return await world.stack.enter_async_context(Program(world.server, None if who is None else world.tokens[who]))


@pytest.fixture
async def program(world: World) -> Program:
    return await calling(world, "admin")


async def create(program: Program, **fields: object) -> pb.User:
    return await program.call("UsersService/CreateUser", a_user(password_hash=HASH, **fields))


async def over_http(world: World, user: pb.User) -> Json:
    return await (await world.person("admin")).get(f"/trainers/{user.id}")


async def sync(program: Program, after: int = 0, *changes: pb.User, **fields: object) -> pb.SyncUsersResponse:
    request = pb.SyncUsersRequest(last_sync_timestamp=after, local_changes=changes, **fields)  # type: ignore[arg-type]
    return await program.call("UsersService/SyncUsers", request)


async def test_an_account_is_made_changed_and_deleted(world: World, program: Program) -> None:
    sent = a_user(name="  Ann   Bell ", email="Ann.Bell@Demo.Example" + new_id(), password=PASSWORD)
    made = await program.call("UsersService/CreateUser", sent)
    assert (made.id, made.name, made.email, made.role) == (sent.id, "Ann Bell", sent.email.lower(), "trainer")
    assert made.sync_version == 1
    assert made.created_at == made.updated_at > 0
    assert not made.HasField("deleted_at")
    assert await program.call("UsersService/CreateUser", sent) == made, "the same id again makes no second one"

    change = pb.User(id=made.id, role="observer", sync_version=1)
    changed = await program.call("UsersService/UpdateUser", change)
    assert (changed.name, changed.role, changed.sync_version) == ("Ann Bell", "observer", 2)
    seen = await over_http(world, made)
    assert (seen["role"], seen["email"], seen["version"]) == ("observer", made.email, 2)

    for method, bad in (
        ("UpdateUser", pb.User(id=made.id, name="x", sync_version=-1)),
        ("DeleteUser", pb.DeleteUserRequest(id=made.id, sync_version=-1)),
    ):
        told = await program.refused(f"UsersService/{method}", bad, Status.INVALID_ARGUMENT, "invalid_fields")
        assert told.fields == {"sync_version"}

    deletion = pb.DeleteUserRequest(id=made.id, sync_version=2)
    gone = (await program.call("UsersService/DeleteUser", deletion)).user
    assert (gone.id, gone.sync_version) == (made.id, 3)
    assert gone.deleted_at > made.created_at
    await program.refused("UsersService/DeleteUser", deletion, Status.NOT_FOUND, "not_found")
    again = a_user(id=made.id, password_hash=HASH)
    await program.refused("UsersService/CreateUser", again, Status.ALREADY_EXISTS, "conflict")


async def test_all_users_page_by_page(world: World, program: Program) -> None:
    made = [await create(program) for _ in range(3)]
    users: list[pb.User] = []
    request = pb.GetUsersRequest(page_size=2)
    while True:
        page = await program.call("UsersService/GetAllUsers", request)
        assert 1 <= len(page.users) <= 2
        users += page.users
        if not page.next_page_token:
            break
        request.page_token = page.next_page_token
    # Two may have been made in one millisecond.
    in_order = sorted(made, key=lambda user: (user.created_at, user.id))
    assert [user.id for user in users][-3:] == [user.id for user in in_order]
    assert users == list((await program.call("UsersService/GetAllUsers", pb.GetUsersRequest(page_size=200))).users)
    for user in users:
        assert (user.password, user.password_hash, user.event_id) == ("", "", "")
    for bad, field in (
        (pb.GetUsersRequest(page_size=201), "page_size"),
        (pb.GetUsersRequest(page_token="x"), "page_token"),
    ):
        told = await program.refused("UsersService/GetAllUsers", bad, Status.INVALID_ARGUMENT, "invalid_fields")
        assert told.fields == {field}


async def test_a_stale_version_is_aborted(world: World, program: Program) -> None:
    user = await create(program)
    await (await world.person("admin")).patch(f"/trainers/{user.id}", {"name": "By HTTP"})
    stale = pb.User(id=user.id, name="By gRPC", sync_version=user.sync_version)
    await program.refused("UsersService/UpdateUser", stale, Status.ABORTED, "version_mismatch")
    deletion = pb.DeleteUserRequest(id=user.id, sync_version=user.sync_version)
    await program.refused("UsersService/DeleteUser", deletion, Status.ABORTED, "version_mismatch")
    assert (await over_http(world, user))["name"] == "By HTTP"
    stale.sync_version = 2
    assert (await program.call("UsersService/UpdateUser", stale)).sync_version == 3


@pytest.mark.parametrize("unknown", ["", "nobody", "3f2c1a90-5b6d-4e7f-8a9b-0c1d2e3f4a5b"])
async def test_what_is_not_there_is_not_found(program: Program, unknown: str) -> None:
    update, deletion = pb.User(id=unknown, name="x"), pb.DeleteUserRequest(id=unknown)
    await program.refused("UsersService/UpdateUser", update, Status.NOT_FOUND, "not_found")
    await program.refused("UsersService/DeleteUser", deletion, Status.NOT_FOUND, "not_found")


@pytest.mark.parametrize("who", ["trainer", "observer"])
async def test_only_admins_manage_accounts(world: World, who: str) -> None:
    program, someone = await calling(world, who), world.accounts["colleague"]["id"]
    for method, request in (
        ("CreateUser", a_user(password=PASSWORD)),
        ("UpdateUser", pb.User(id=someone, name="x")),
        ("DeleteUser", pb.DeleteUserRequest(id=someone)),
        ("GetAllUsers", pb.GetUsersRequest()),
    ):
        await program.refused(f"UsersService/{method}", request, Status.PERMISSION_DENIED, "forbidden")
    answer = await sync(
        program, 0, pb.User(id=someone, name="x", sync_version=1), a_user(event_id=new_id(), password=PASSWORD)
    )
    assert [each.reason for each in answer.rejected] == ["forbidden", "forbidden"]
    names = {user.id: user for user in answer.server_updates}
    assert names[someone].name == "Colleague"
    assert all(user.email == "" for user in answer.server_updates)


@pytest.mark.parametrize("token", [None, "", "wrong", "é", "x" * 5000])
async def test_without_a_login_nothing_is_answered(world: World, program: Program, token: str | None) -> None:
    program.token = token if token is None or token.isascii() else "%C3%A9"
    for method, request in (
        ("UsersService/SyncUsers", pb.SyncUsersRequest()),
        ("UsersService/CreateUser", a_user(password=PASSWORD)),
        ("UsersService/UpdateUser", a_user()),
        ("UsersService/DeleteUser", pb.DeleteUserRequest(id=new_id())),
        ("UsersService/GetAllUsers", pb.GetUsersRequest()),
        ("TemplatesService/SyncTemplates", pb.SyncTemplatesRequest()),
    ):
        await program.refused(method, request, Status.UNAUTHENTICATED, "unauthenticated")


async def test_a_login_that_has_ended_is_none(world: World, program: Program) -> None:
    user = await create(program)
    stranger = await world.person()
    login = await stranger.post("/auth/login", {"email": user.email, "password": PASSWORD})
    theirs = await world.stack.enter_async_context(Program(world.server, login["token"]))
    await sync(theirs)
    await program.call("UsersService/UpdateUser", pb.User(id=user.id, role="observer"))
    request = pb.SyncUsersRequest()
    await theirs.refused("UsersService/SyncUsers", request, Status.UNAUTHENTICATED, "unauthenticated")


async def test_another_schools_accounts_are_not_there(two_schools: World) -> None:
    program, outsider = await calling(two_schools, "admin"), await calling(two_schools, "outsider")
    foreign = two_schools.accounts["outsider"]["id"]
    for method, request in (
        ("UpdateUser", pb.User(id=foreign, name="x")),
        ("DeleteUser", pb.DeleteUserRequest(id=foreign)),
    ):
        await program.refused(f"UsersService/{method}", request, Status.NOT_FOUND, "not_found")
    taken = a_user(id=foreign, password_hash=HASH)
    await program.refused("UsersService/CreateUser", taken, Status.ALREADY_EXISTS, "conflict")
    mine = await sync(program, 0, pb.User(id=foreign, name="x", sync_version=1))
    assert [(each.reason, each.HasField("server_data")) for each in mine.conflicts] == [("missing", False)]
    assert foreign not in {user.id for user in mine.server_updates}
    own = {account["id"] for account in two_schools.accounts.values()} - {foreign}
    told = {user.id for user in (await sync(outsider)).server_updates}
    assert foreign in told
    assert not told & own
    theirs = await outsider.call("TemplatesService/SyncTemplates", pb.SyncTemplatesRequest())
    assert not theirs.server_updates


async def test_every_wrong_field_is_named(program: Program) -> None:
    bad = pb.User(id="1", email="x", role="king", password="short", percentage=0.5, is_template_user=True)
    told = await program.refused("UsersService/CreateUser", bad, Status.INVALID_ARGUMENT, "invalid_fields")
    assert told.fields == {"id", "email", "name", "role", "password", "percentage", "is_template_user"}
    assert all(field in told.detail for field in told.fields)
    user = await create(program)
    bad = pb.User(id=user.id, email="x", role="king", percentage=0, deleted_at=1)
    told = await program.refused("UsersService/UpdateUser", bad, Status.INVALID_ARGUMENT, "invalid_fields")
    assert told.fields == {"email", "role", "percentage", "deleted_at"}
    told = await program.refused("UsersService/CreateUser", a_user(), Status.INVALID_ARGUMENT, "invalid_fields")
    assert told.fields == {"password"}


async def test_hashes_are_taken_of_a_bearable_cost_and_never_given(world: World, program: Program) -> None:
    stranger = await world.person()
    user = await create(program)
    assert user.password_hash == ""
    await stranger.post("/auth/login", {"email": user.email, "password": PASSWORD})
    other = hash_of("another-password", 11)
    await program.call("UsersService/UpdateUser", pb.User(id=user.id, password_hash=other))
    await stranger.post("/auth/login", {"email": user.email, "password": "another-password"})
    for bad in ("x", hash_of(PASSWORD, 4), HASH.replace("$10$", "$31$")):
        change = pb.User(id=user.id, password_hash=bad)
        told = await program.refused("UsersService/UpdateUser", change, Status.INVALID_ARGUMENT, "invalid_fields")
        assert told.fields == {"password_hash"}
    both = a_user(password=PASSWORD, password_hash=HASH)
    await program.refused("UsersService/CreateUser", both, Status.INVALID_ARGUMENT, "invalid_fields")
    for secret in (PASSWORD, HASH, other, world.tokens["admin"]):
        assert secret not in world.server.log


async def test_what_is_taken_and_the_last_admin(world: World, program: Program) -> None:
    user = await create(program)
    taken = world.accounts["trainer"]["email"]
    same = a_user(email=taken, password_hash=HASH)
    await program.refused("UsersService/CreateUser", same, Status.ALREADY_EXISTS, "conflict")
    change = pb.User(id=user.id, email=taken)
    await program.refused("UsersService/UpdateUser", change, Status.FAILED_PRECONDITION, "conflict")
    last = pb.DeleteUserRequest(id=world.accounts["admin"]["id"])
    await program.refused("UsersService/DeleteUser", last, Status.FAILED_PRECONDITION, "conflict")


async def test_messages_that_are_too_large(program: Program) -> None:
    large = a_user(name="x" * BODY_LIMIT_BYTES, password_hash=HASH)
    await program.refused("UsersService/CreateUser", large, Status.RESOURCE_EXHAUSTED, "too_large")
    # This one is not even read: the library says so, before anything of ours.
    larger = a_user(name="x" * UP_LIMIT_BYTES, password_hash=HASH)
    await program.refused("UsersService/CreateUser", larger, Status.RESOURCE_EXHAUSTED, "")
    changes = [pb.User(id=new_id(), name="x", sync_version=1) for _ in range(501)]
    many = pb.SyncUsersRequest(local_changes=changes)
    await program.refused("UsersService/SyncUsers", many, Status.RESOURCE_EXHAUSTED, "too_large")


async def test_bytes_that_are_no_message(world: World, program: Program) -> None:
    # The id of a user is a text, and this is none.
    corrupt = BytesValue(value=b"\xff")
    told = await program.refused("UsersService/CreateUser", corrupt, Status.INVALID_ARGUMENT, "invalid_body")
    assert "shiller.proto" in told.detail
    nobody = await calling(world, None)
    await nobody.refused("UsersService/CreateUser", corrupt, Status.UNAUTHENTICATED, "unauthenticated")
    assert "Traceback" not in world.server.log
    assert "DecodeError" not in world.server.log


async def test_whoever_waits_no_longer_is_not_served(world: World, program: Program) -> None:
    user = a_user(password=PASSWORD)
    # Hashing a password takes several times as long.
    await program.runs_out("UsersService/CreateUser", user, timeout=0.05)
    # Two that are behind it in the same queue: if it were still to be made, it would be there by now.
    await asyncio.gather(*(program.call("UsersService/CreateUser", a_user(password=PASSWORD)) for _ in range(2)))
    await (await world.person("admin")).get(f"/trainers/{user.id}", 404)


async def test_too_many_sync_calls_at_once_are_told_to_wait(two_schools: World) -> None:
    program = await calling(two_schools, "admin")
    calls = [program._send("UsersService/SyncUsers", pb.SyncUsersRequest(), 30) for _ in range(CALLS_OF_A_SCHOOL * 10)]
    answers = await asyncio.gather(*calls)
    refused = [each for each in answers if not isinstance(each, pb.SyncUsersResponse)]
    assert 0 < len(refused) < len(answers)
    for each in refused:
        assert (each.status, each.refusal.code) == (Status.RESOURCE_EXHAUSTED, "rate_limited")
        assert each.refusal.retry_after_seconds == 1
        assert each.detail == "Other devices are being synchronized at this moment; try again in 1 s."


async def test_accounts_are_synchronized_both_ways(world: World, program: Program) -> None:
    begun = await sync(program)
    new = a_user(event_id=new_id(), seq=1, password=PASSWORD)
    answer = await sync(program, begun.server_timestamp, new, client_id=f"hr-{new.id}", server_epoch=begun.server_epoch)
    assert not answer.conflicts
    assert not answer.rejected
    assert [(user.id, user.sync_version) for user in answer.server_updates] == [(new.id, 1)]
    assert answer.server_timestamp > begun.server_timestamp
    again = await sync(program, begun.server_timestamp, new, client_id=f"hr-{new.id}")
    assert (again.server_updates, again.rejected, again.conflicts) == (answer.server_updates, [], [])
    await (await world.person()).post("/auth/login", {"email": new.email, "password": PASSWORD})

    # Somebody else renames it; a change of another part is no conflict, and one of the name is.
    await (await world.person("admin")).patch(f"/trainers/{new.id}", {"name": "By HTTP"})
    role = pb.User(id=new.id, role="observer", sync_version=1)
    name = pb.User(id=new.id, event_id=new_id(), name="By a program", sync_version=1)
    answer = await sync(program, answer.server_timestamp, role, name, client_id=f"hr-{new.id}")
    assert [(user.name, user.role, user.sync_version) for user in answer.server_updates] == [("By HTTP", "observer", 3)]
    (conflict,) = answer.conflicts
    assert (conflict.event_id, conflict.entity_id, conflict.reason) == (name.event_id, new.id, "changed_since")
    assert (conflict.server_data.name, conflict.server_data.sync_version) == ("By HTTP", 3)
    open_ones = (await (await world.person("admin")).call("GET", f"{world.url}/api/sync/conflicts", 200)).json()[
        "items"
    ]
    assert conflict.conflict_id in {each["id"] for each in open_ones}

    # On the version that it was shown it is written, and the conflict is closed.
    name.sync_version, name.event_id = 3, new_id()
    answer = await sync(program, answer.server_timestamp, name, client_id=f"hr-{new.id}")
    assert [user.name for user in answer.server_updates] == ["By a program"]
    open_ones = (await (await world.person("admin")).call("GET", f"{world.url}/api/sync/conflicts", 200)).json()[
        "items"
    ]
    assert conflict.conflict_id not in {each["id"] for each in open_ones}

    gone = pb.User(id=new.id, sync_version=4, deleted_at=1)
    answer = await sync(program, answer.server_timestamp, gone, client_id=f"hr-{new.id}")
    assert list(answer.deleted_ids) == [new.id]
    late = pb.User(id=new.id, name="Too late", sync_version=4)
    answer = await sync(program, answer.server_timestamp, late, client_id=f"hr-{new.id}")
    assert [each.server_data.HasField("deleted_at") for each in answer.conflicts] == [True]


async def test_changes_that_cannot_be_taken_are_told_one_by_one(program: Program) -> None:
    user = await create(program)
    good = pb.User(id=user.id, name="Good", sync_version=1)
    bad = pb.User(
        id=user.id, event_id=new_id(), role="king", email="x", sync_version=1, percentage=1, password_hash="x"
    )
    nameless = pb.User(id="nobody", name="x", sync_version=-1)
    unknown = pb.User(id=user.id, name="From the future", sync_version=9)
    answer = await sync(program, 0, good, bad, nameless, unknown)
    first, second = answer.rejected
    assert (first.event_id, first.entity_id, first.reason) == (bad.event_id, user.id, "invalid_fields")
    assert {error.field for error in first.errors} >= {"role", "percentage", "password_hash"}
    assert (second.entity_id, {error.field for error in second.errors}) == (
        "nobody",
        {"id", "sync_version"},
    )
    assert [each.reason for each in answer.conflicts] == ["unknown_version"]
    assert {each.id: each.name for each in answer.server_updates}[user.id] == "Good"


async def test_what_was_rejected_for_want_of_an_address_is_judged_anew(world: World, program: Program) -> None:
    first, second = await create(program), await create(program)
    wish = pb.User(id=second.id, email=first.email, sync_version=1)
    assert [each.reason for each in (await sync(program, 0, wish)).rejected] == ["invalid_fields"]
    await program.call("UsersService/DeleteUser", pb.DeleteUserRequest(id=first.id))
    assert not (await sync(program, 0, wish)).rejected
    assert (await over_http(world, second))["email"] == first.email


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (pb.SyncUsersRequest(local_changes=[pb.User(event_id="1")]), "local_changes.0.event_id"),
        (pb.SyncUsersRequest(local_changes=[pb.User(), pb.User(password=PASSWORD)]), "local_changes.1.event_id"),
        (pb.SyncUsersRequest(client_id="x" * 101), "client_id"),
        (pb.SyncUsersRequest(client_id="\0"), "client_id"),
        (pb.SyncUsersRequest(last_sync_timestamp=-1), "last_sync_timestamp"),
    ],
)
async def test_a_sync_call_that_cannot_be_read(program: Program, request_: pb.SyncUsersRequest, field: str) -> None:
    told = await program.refused("UsersService/SyncUsers", request_, Status.INVALID_ARGUMENT, "invalid_fields")
    assert told.fields == {field}


async def test_a_server_that_is_another_one_by_now(world: World, program: Program) -> None:
    for request in (
        pb.SyncUsersRequest(server_epoch="another"),
        pb.SyncUsersRequest(last_sync_timestamp=2**52),
        pb.SyncUsersRequest(server_epoch="another", local_changes=[pb.User(id=new_id(), sync_version=1)]),
    ):
        await program.refused("UsersService/SyncUsers", request, Status.FAILED_PRECONDITION, "resync_required")
    await sync(program, client_id=f"of {world.tokens['admin'][:8]}")
    other = await calling(world, "trainer")
    theirs = pb.SyncUsersRequest(client_id=f"of {world.tokens['admin'][:8]}")
    await other.refused("UsersService/SyncUsers", theirs, Status.PERMISSION_DENIED, "forbidden")


async def test_a_program_that_is_shut_out(world: World, program: Program) -> None:
    client = f"program-{new_id()}"
    await sync(program, client_id=client)
    admin = await world.person("admin")
    await admin.call("POST", f"{world.url}/api/sync/devices/{client}/revocation", 200)
    request = pb.SyncUsersRequest(client_id=client, local_changes=[a_user(event_id=new_id(), password=PASSWORD)])
    await program.refused("UsersService/SyncUsers", request, Status.PERMISSION_DENIED, "device_revoked")
    templates_ = pb.SyncTemplatesRequest(client_id=client)
    await program.refused("TemplatesService/SyncTemplates", templates_, Status.PERMISSION_DENIED, "device_revoked")


# Templates


async def templates(
    program: Program, after: int = 0, *changes: pb.TemplateChange, **fields: object
) -> pb.SyncTemplatesResponse:
    request = pb.SyncTemplatesRequest(last_sync_timestamp=after, local_changes=changes, **fields)  # type: ignore[arg-type]
    return await program.call("TemplatesService/SyncTemplates", request)


def change(version: int = 0, *fields: str, **template: object) -> pb.TemplateChange:
    return pb.TemplateChange(
        event_id=new_id(),
        local_version=version,
        template=pb.Template(**template),
        changed_fields=fields,  # type: ignore[arg-type]
    )


@pytest.fixture
async def cursor(program: Program) -> int:
    return (await templates(program)).server_timestamp


async def test_templates_are_synchronized_both_ways(world: World, cursor: int) -> None:
    program = await calling(world, "trainer")
    new = change(id=new_id(), title="From a program", steps='[{"title": "One"}]', duration_minutes=20)
    answer = await templates(program, cursor, new)
    (update,) = answer.server_updates
    (taken,) = answer.acknowledged
    assert (taken.event_id, taken.entity_id) == (new.event_id, new.template.id)
    assert taken.server_version == update.server_version <= answer.server_timestamp
    template = update.template
    assert (template.title, template.duration_minutes, template.version) == ("From a program", 20, 1)
    assert not template.HasField("rhythm") or template.rhythm
    person = await world.person("trainer")
    seen = await person.get(f"/templates/{new.template.id}")
    assert [step["title"] for step in seen["steps"]] == ["One"]

    await person.patch(f"/templates/{template.id}", {"title": "By HTTP"})
    described = change(taken.server_version, "description", id=template.id, title="Old", description="By a program")
    retitled = change(taken.server_version, "title", id=template.id, title="By a program")
    answer = await templates(program, answer.server_timestamp, described, retitled)
    assert [each.template.title for each in answer.server_updates] == ["By HTTP"]
    assert [each.template.description for each in answer.server_updates] == ["By a program"]
    (conflict,) = answer.conflicts
    assert (conflict.event_id, conflict.reason) == (retitled.event_id, "changed_since")
    there = conflict.server_data
    assert (there.template.title, there.server_version) == ("By HTTP", answer.server_updates[0].server_version)

    gone = pb.TemplateChange(
        event_id=new_id(), local_version=answer.server_timestamp, template=template, is_deletion=True
    )
    answer = await templates(program, answer.server_timestamp, gone)
    assert list(answer.deleted_ids) == [template.id]
    assert template.id not in {each["id"] for each in (await person.get("/templates", limit=200))["items"]}


async def test_templates_come_page_by_page(program: Program, cursor: int) -> None:
    answer = await templates(program, cursor, *(change(id=new_id(), title=str(number)) for number in range(3)))
    titles: list[str] = []
    while True:
        page = await templates(program, cursor, limit=2)
        titles += [each.template.title for each in page.server_updates]
        cursor = page.server_timestamp
        if not page.has_more:
            break
    assert titles == ["0", "1", "2"]
    assert cursor == answer.server_timestamp


async def test_templates_that_cannot_be_taken(world: World, program: Program, cursor: int) -> None:
    bad = change(id=new_id(), title="", vitals='{"heart_rate": 999}')
    worse = change(id=new_id(), title="", steps="[{", rhythm="waltz", vitals='{"spo2": 101}')
    answer = await templates(program, cursor, bad, worse)
    assert [each.event_id for each in answer.rejected] == [bad.event_id, worse.event_id]
    assert {error.field for error in answer.rejected[0].errors} == {"title", "vitals.heart_rate"}
    assert {error.field for error in answer.rejected[1].errors} == {"steps", "title", "rhythm", "vitals.spo2"}
    observer = await calling(world, "observer")
    answer = await templates(observer, cursor, change(id=new_id(), title="T"))
    assert [each.reason for each in answer.rejected] == ["forbidden"]
    for request, field in (
        (pb.SyncTemplatesRequest(limit=1001), "limit"),
        (pb.SyncTemplatesRequest(local_changes=[pb.TemplateChange()]), "local_changes.0.event_id"),
    ):
        told = await program.refused(
            "TemplatesService/SyncTemplates", request, Status.INVALID_ARGUMENT, "invalid_fields"
        )
        assert told.fields == {field}
