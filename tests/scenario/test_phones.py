"""Phones that keep their copy in WatermelonDB, by the letter of its protocol; the library itself: tests/phones."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from tests.support.patience import PATIENCE_SECONDS
from tests.support.scenario_clients import Json, Person, World, new_id
from tests.support.scenario_problems import check_invalid, check_problem

NO_TEMPLATE = "3f2c1a90-5b6d-4e7f-8a9b-0c1d2e3f4a5b"
NO_CHANGES: Json = {"created": [], "updated": [], "deleted": []}
FIRST = ("null", "", "0", "undefined")


class Phone:
    def __init__(self, person: Person) -> None:
        self.person = person
        self.timestamp: int | str = "null"

    async def pull(self, **query: Any) -> Json:
        asked = {"last_pulled_at": self.timestamp, "schema_version": 1, "migration": "null", **query}
        answer = await self.person.get("/sync/watermelon/pull", **asked)
        assert isinstance(answer["timestamp"], int)
        assert answer["timestamp"] > 0
        assert set(answer["changes"]) == {"templates", "sessions", "trainers", "session_events"}
        for rows in answer["changes"].values():
            assert rows["created"] == []
            ids = [row["id"] for row in rows["updated"]] + rows["deleted"]
            assert len(ids) == len(set(ids))
            for row in rows["updated"]:
                assert all(value is None or isinstance(value, str | int | float) for value in row.values()), row
                assert not {"_status", "_changed"} & set(row)
        self.timestamp = answer["timestamp"]
        return answer["changes"]

    async def push(self, changes: Mapping[str, Any], status: int = 200, **query: Any) -> httpx.Response:
        """As the library's example does it: the body is text."""
        asked = {"last_pulled_at": self.timestamp, **query}
        text = {"Content-Type": "text/plain;charset=UTF-8"}
        return await self.person.call(
            "POST", "/sync/watermelon/push", status, params=asked, content=json.dumps(changes), headers=text
        )


def created(**row: Any) -> Json:
    return {**NO_CHANGES, "created": [{"id": new_id(), "_status": "created", "_changed": "", **row}]}


def updated(row: Json, **fields: Any) -> Json:
    changed = {**row, **fields, "_status": "updated", "_changed": ",".join(fields)}
    return {**NO_CHANGES, "updated": [changed]}


def deleted(*ids: str) -> Json:
    return {**NO_CHANGES, "deleted": list(ids)}


def find(rows: Json, row_id: str) -> Json:
    return next(row for row in rows["updated"] if row["id"] == row_id)


@pytest.fixture
async def phone(world: World) -> Phone:
    phone = Phone(await world.person("trainer"))
    await phone.pull()
    return phone


@pytest.fixture
async def second(world: World) -> Phone:
    phone = Phone(await world.person("colleague"))
    await phone.pull()
    return phone


async def a_template(phone: Phone, **fields: Any) -> Json:
    made = created(**{"title": "On a phone", **fields})
    await phone.push({"templates": made})
    return find((await phone.pull())["templates"], made["created"][0]["id"])


@pytest.mark.parametrize("nothing", FIRST)
async def test_every_way_to_say_that_nothing_was_pulled_yet(phone: Phone, nothing: str) -> None:
    template = await a_template(phone)
    phone.timestamp = nothing
    changes = await phone.pull()
    assert find(changes["templates"], template["id"]) == template
    assert all(rows["deleted"] == [] for rows in changes.values())
    assert phone.person.account["id"] in {row["id"] for row in changes["trainers"]["updated"]}


async def test_a_row_as_the_library_makes_it(phone: Phone) -> None:
    """Every column that nothing was put into is empty, 0 or null."""
    empty = {
        "title": "Empty columns", "public_title": "", "description": None, "duration_minutes": 0, "vitals": "",
        "rhythm": "", "flags": None, "steps": "", "limits": "", "checklist": None, "targets": "", "language": "",
        "created_at": 1, "updated_at": 2, "version": 0, "school_id": "", "deleted_at": None,
    }  # fmt: skip
    row = await a_template(phone, **empty)
    assert row["title"] == "Empty columns"
    assert (row["vitals"], row["steps"], row["checklist"]) == ("{}", "[]", "[]")
    assert json.loads(row["limits"])["heart_rate"] == {"low": 50, "high": 120}
    assert (row["duration_minutes"], row["rhythm"], row["language"]) == (None, None, None)
    assert row["created_at"] > 2


async def test_a_schema_of_few_columns_empties_none_of_the_others(phone: Phone) -> None:
    steps = json.dumps([{"title": "One", "vitals": {"heart_rate": 90}}])
    row = await a_template(phone, steps=steps, description="Keep this")
    await phone.push({"templates": updated({"id": row["id"], "title": "Renamed"}, title="Renamed")})
    after = find((await phone.pull())["templates"], row["id"])
    assert (after["title"], after["description"]) == ("Renamed", "Keep this")
    assert json.loads(after["steps"])[0]["title"] == "One"


async def test_an_unchanged_pull_is_empty(phone: Phone) -> None:
    before = phone.timestamp
    changes = await phone.pull()
    assert all(rows == NO_CHANGES for rows in changes.values())
    assert phone.timestamp == before


async def test_what_changed_since_the_pull_is_pulled_first(phone: Phone, second: Phone) -> None:
    row = await a_template(phone)
    theirs = find((await second.pull())["templates"], row["id"])
    await phone.push({"templates": updated(row, title="Mine")})
    problem = check_problem(await second.push({"templates": updated(theirs, title="Theirs")}, 409), 409, "conflict")
    assert row["id"] in problem["detail"]
    assert find((await second.pull())["templates"], row["id"])["title"] == "Mine"
    await second.push({"templates": updated(theirs, title="Theirs")})
    assert find((await phone.pull())["templates"], row["id"])["title"] == "Theirs"


async def test_even_another_field_of_it_is_pulled_first(phone: Phone, second: Phone) -> None:
    row = await a_template(phone)
    await second.pull()
    await phone.push({"templates": updated(row, title="Mine")})
    await second.push({"templates": updated({"id": row["id"]}, description="Theirs")}, 409)


async def test_a_push_is_taken_whole_or_not_at_all(phone: Phone, second: Phone) -> None:
    row = await a_template(phone)
    await second.pull()
    await phone.push({"templates": updated(row, title="Mine")})
    new = created(title="Never stored")
    changes = {"templates": {**new, "updated": updated(row, title="Theirs")["updated"]}}
    await second.push(changes, 409)
    await second.push({"templates": {**new, "updated": updated(row, title="")["updated"]}}, 422)
    rows = (await phone.pull())["templates"]["updated"]
    assert [each["title"] for each in rows] == ["Mine"]


async def test_a_push_whose_answer_was_lost_is_sent_again(phone: Phone) -> None:
    changes = {"templates": created(title=" With  space ", steps=json.dumps([{"title": "One"}]))}
    await phone.push(changes)
    await phone.push(changes)
    rows = (await phone.pull())["templates"]["updated"]
    assert [row["version"] for row in rows] == [1]
    gone = {"templates": deleted(rows[0]["id"])}
    await phone.push(gone)
    await phone.push(gone)


async def test_a_row_that_is_missing_is_made(phone: Phone) -> None:
    row_id = new_id()
    await phone.push({"templates": updated({"id": row_id}, title="Updated before it was there")})
    assert find((await phone.pull())["templates"], row_id)["title"] == "Updated before it was there"


async def test_a_row_that_is_there_already_is_changed(phone: Phone) -> None:
    row = await a_template(phone)
    await phone.push({"templates": created(**{**row, "title": "Created anew"})})
    assert find((await phone.pull())["templates"], row["id"])["title"] == "Created anew"


async def test_a_deletion_reaches_the_others_and_is_final(phone: Phone, second: Phone) -> None:
    row = await a_template(phone)
    await second.pull()
    await phone.push({"templates": deleted(row["id"])})
    await second.push({"templates": updated(row, title="Too late")}, 409)
    changes = await second.pull()
    assert changes["templates"]["deleted"] == [row["id"]]
    # Even on a phone that has pulled it, a row is not made again.
    await second.push({"templates": created(**row)}, 409)
    answer = await second.push({"templates": created(**row)}, accepts="rejected_ids")
    assert answer.json() == {"experimentalRejectedIds": {"templates": [row["id"]]}}
    assert (await second.pull())["templates"] == NO_CHANGES


async def test_a_row_that_was_changed_is_not_deleted_unseen(phone: Phone, second: Phone) -> None:
    row = await a_template(phone)
    await second.pull()
    await phone.push({"templates": updated(row, title="Mine")})
    await second.push({"templates": deleted(row["id"])}, 409)
    await second.pull()
    await second.push({"templates": deleted(row["id"])})


async def test_deletions_of_what_is_not_there_are_let_be(phone: Phone) -> None:
    await phone.push({"templates": deleted(new_id(), "sixteenletters00")})


BAD_ROWS: dict[str, tuple[str, Json, str]] = {
    "an empty title": ("templates", {"title": ""}, "title"),
    "no title": ("templates", {"description": "Without"}, "title"),
    "a title of a wrong type": ("templates", {"title": 7}, "title"),
    "a vital sign out of range": ("templates", {"title": "T", "vitals": '{"heart_rate": 999}'}, "vitals.heart_rate"),
    "steps that are no JSON": ("templates", {"title": "T", "steps": "[{"}, "steps"),
    "steps that are no list": ("templates", {"title": "T", "steps": "7"}, "steps"),
    "JSON that is far too deep": ("templates", {"title": "T", "flags": "[" * 40 + "]" * 40}, "flags"),
    "an unknown column": ("templates", {"title": "T", "colour": "red"}, "colour"),
    "an id of the library's own": ("templates", {"id": "abcdefghij123456", "title": "T"}, "id"),
    "an id in capitals": ("templates", {"id": "3F2C1A90-5B6D-4E7F-8A9B-0C1D2E3F4A5B", "title": "T"}, "id"),
    "an end that is no moment": ("sessions", {"title": "S", "expires_at": "tomorrow"}, "expires_at"),
    "an end in the year 300000": ("sessions", {"title": "S", "expires_at": 9_405_000_000_000_000}, "expires_at"),
    "a template that is none": ("sessions", {"title": "S", "template_id": NO_TEMPLATE}, "template_id"),
    "a trainer": ("trainers", {"name": "Nobody"}, "id"),
    "an event": ("session_events", {"text": "Nothing"}, "id"),
    "a table of the app's own": ("tasks", {"title": "T"}, "id"),
}  # fmt: skip


@pytest.mark.parametrize(("table", "row", "field"), BAD_ROWS.values(), ids=BAD_ROWS)
async def test_bad_rows_are_named(phone: Phone, table: str, row: Json, field: str) -> None:
    good, bad = created(title="Good"), created(**row)
    bad_id = bad["created"][0]["id"]
    changes = {"templates": good, table: bad} if table != "templates" else {
        "templates": {**good, "created": good["created"] + bad["created"]}
    }  # fmt: skip
    check_invalid(await phone.push(changes, 422), f"{table}.{bad_id}.{field}")
    assert (await phone.pull())["templates"] == NO_CHANGES
    answer = await phone.push(changes, accepts="rejected_ids")
    assert answer.json() == {"experimentalRejectedIds": {table: [bad_id]}}
    assert [each["title"] for each in (await phone.pull())["templates"]["updated"]] == ["Good"]


async def test_shapes_that_are_none_are_named(phone: Phone) -> None:
    for changes, named in (
        ({"templates": []}, "templates"),
        ({"templates": {"created": {}}}, "templates.created"),
        ({"templates": {"created": ["id"]}}, "templates.created"),
        ({"templates": {"updated": [{"title": "T"}]}}, "templates.updated"),
        ({"templates": {"deleted": [{}]}}, "templates.deleted"),
    ):
        check_invalid(await phone.push(changes, 422), named)
    check_problem(await phone.push([], 400), 400, "invalid_body")  # type: ignore[arg-type]


async def test_empty_tables_of_the_apps_own_are_let_be(phone: Phone) -> None:
    answer = await phone.push({"tasks": NO_CHANGES, "templates": None, "trainers": {}})
    assert answer.json() == {}


async def test_steps_that_cannot_be_after_the_start_values_are_named(phone: Phone) -> None:
    row = await a_template(phone, vitals=json.dumps({"systolic": 100, "diastolic": 60}))
    bad = updated({"id": row["id"]}, steps=json.dumps([{"title": "One", "vitals": {"systolic": 50}}]))
    answer = await phone.push({"templates": bad}, 422)
    assert answer.json()["errors"][0]["field"].startswith(f"templates.{row['id']}.steps.0"), answer.text


@pytest.mark.parametrize("sent", ["abc", "-1", "1.5", "1e3", "NaN"])
async def test_a_timestamp_that_is_none(phone: Phone, sent: str) -> None:
    answer = await phone.person.call("GET", "/sync/watermelon/pull", 422, params={"last_pulled_at": sent})
    check_invalid(answer, "last_pulled_at")
    phone.timestamp = sent
    check_invalid(await phone.push({}, 422), "last_pulled_at")


async def test_a_timestamp_above_the_head(phone: Phone) -> None:
    phone.timestamp = int(phone.timestamp) + 10_000_000
    answer = await phone.person.call("GET", "/sync/watermelon/pull", 409, params={"last_pulled_at": phone.timestamp})
    check_problem(answer, 409, "resync_required")
    check_problem(await phone.push({"templates": created(title="T")}, 409), 409, "resync_required")


@pytest.mark.parametrize("migration", ["{", "[]", '{"tables": 7}', '{"columns": {}}'])
async def test_a_migration_that_is_none(phone: Phone, migration: str) -> None:
    asked = {"last_pulled_at": phone.timestamp, "migration": migration}
    check_invalid(await phone.person.call("GET", "/sync/watermelon/pull", 422, params=asked), "migration")


async def test_a_migration_brings_its_tables_whole(phone: Phone) -> None:
    row, gone = await a_template(phone), await a_template(phone)
    await phone.push({"templates": deleted(gone["id"])})
    await phone.pull()
    migration = {"from": 1, "tables": ["templates", "unknown"], "columns": [{"table": "trainers", "columns": ["x"]}]}
    changes = await phone.pull(migration=json.dumps(migration), schema_version=2)
    assert find(changes["templates"], row["id"]) == row
    assert changes["templates"]["deleted"] == []
    assert changes["trainers"]["updated"]
    assert changes["sessions"] == changes["session_events"] == NO_CHANGES


async def test_sessions_are_opened_and_edited_on_a_phone(phone: Phone) -> None:
    template = created(title="For a session", vitals='{"heart_rate": 120}')
    made = created(title="By a phone", template_id=template["created"][0]["id"], expires_at=0, limits="", code="")
    # Whatever the order of the tables.
    await phone.push({"sessions": made, "templates": template})
    row = find((await phone.pull())["sessions"], made["created"][0]["id"])
    assert len(row["code"]) == 6
    assert json.loads(row["last_values"])["heart_rate"] == 120
    await phone.push({"sessions": updated(row, trainee_name="Alex", expires_at=row["expires_at"] + 60_000)})
    after = await phone.person.get(f"/sessions/{row['id']}")
    assert (after["trainee_name"], after["version"]) == ("Alex", 2)
    changes = await phone.pull()
    assert find(changes["sessions"], row["id"])["expires_at"] == row["expires_at"] + 60_000
    assert changes["session_events"] == NO_CHANGES


async def test_the_record_comes_when_the_session_has_ended(phone: Phone) -> None:
    session = await phone.person.open_session(title="Recorded", vitals={"heart_rate": 90})
    body = {"id": new_id(), "kind": "action", "action": "cpr", "details": {"deep": {"er": [1]}}}
    await phone.person.post(f"/sessions/{session['id']}/events", body, 201)
    assert (await phone.pull())["session_events"] == NO_CHANGES
    await phone.person.post(f"/sessions/{session['id']}/close")
    changes = await phone.pull()
    rows = changes["session_events"]["updated"]
    events = await phone.person.events(session)
    assert [row["id"] for row in rows] == [event["id"] for event in events]
    assert json.loads(rows[1]["details"]) == {"action": "cpr", "deep": {"er": [1]}}
    assert json.loads(rows[1]["by"])["name"] == "Trainer"
    row = find(changes["sessions"], session["id"])
    check_invalid(await phone.push({"sessions": updated(row, title="Edited")}, 422), f"sessions.{row['id']}.id")
    # As it is there it may come again.
    await phone.push({"sessions": updated(row)})
    migration = {"from": 1, "tables": ["session_events"], "columns": []}
    whole = (await phone.pull(migration=json.dumps(migration)))["session_events"]["updated"]
    assert {row["id"] for row in rows} <= {row["id"] for row in whole}


async def test_a_session_that_ended_meanwhile_is_pulled_first(phone: Phone) -> None:
    session = await phone.person.open_session(title="Ended meanwhile")
    row = find((await phone.pull())["sessions"], session["id"])
    await phone.person.post(f"/sessions/{session['id']}/close")
    await phone.push({"sessions": updated(row, title="Edited")}, 409)


async def test_a_session_is_not_deleted(phone: Phone) -> None:
    session = await phone.person.open_session(title="Stays")
    await phone.pull()
    check_invalid(await phone.push({"sessions": deleted(session["id"])}, 422), f"sessions.{session['id']}.id")


async def test_a_colleagues_session_is_not_edited(phone: Phone, second: Phone) -> None:
    session = await second.person.open_session(title="Not yours")
    row = find((await phone.pull())["sessions"], session["id"])
    check_invalid(await phone.push({"sessions": updated(row, title="Mine")}, 422), f"sessions.{row['id']}.id")


async def test_an_observer_pulls_and_does_not_push(world: World) -> None:
    observer = Phone(await world.person("observer"))
    changes = await observer.pull()
    assert changes["templates"]["updated"]
    assert all("email" not in row for row in changes["trainers"]["updated"])
    check_problem(await observer.push({"templates": created(title="T")}, 403), 403, "forbidden")
    made = created(title="T")
    answer = await observer.push({"templates": made}, accepts="rejected_ids")
    assert answer.json() == {"experimentalRejectedIds": {"templates": [made["created"][0]["id"]]}}


async def test_nobody_without_a_login(world: World) -> None:
    stranger = await world.person()
    check_problem(await stranger.call("GET", "/sync/watermelon/pull"), 401, "unauthenticated")
    check_problem(await stranger.call("POST", "/sync/watermelon/push", json={}), 401, "unauthenticated")


async def test_two_schools(two_schools: World) -> None:
    phone, outside = Phone(await two_schools.person("trainer")), Phone(await two_schools.person("outsider"))
    await phone.pull()
    row = await a_template(phone)
    changes = await outside.pull()
    assert row["id"] not in {each["id"] for each in changes["templates"]["updated"]}
    check_invalid(await outside.push({"templates": updated(row, title="Stolen")}, 422), f"templates.{row['id']}.id")
    await outside.push({"templates": deleted(row["id"])})
    assert (await phone.pull())["templates"] == NO_CHANGES


async def test_a_body_that_is_too_large(phone: Phone) -> None:
    changes = {"templates": created(title="T", description="x" * (2 * 1024 * 1024))}
    check_problem(await phone.push(changes, 413), 413, "too_large")


async def test_other_media_types(phone: Phone) -> None:
    asked = {"last_pulled_at": phone.timestamp}
    path = "/sync/watermelon/push"
    sent = {"Content-Type": "application/x-www-form-urlencoded"}
    refused = await phone.person.call("POST", path, params=asked, content="{}", headers=sent)
    check_problem(refused, 415, "unsupported_media_type")
    await phone.person.call("POST", path, 200, params=asked, json={})


async def test_a_refused_push_leaves_nothing_behind(phone: Phone, second: Phone, world: World) -> None:
    admin = await world.person("admin")
    row = await a_template(phone)
    await second.pull()
    await phone.push({"templates": updated(row, title="Mine")})

    async def known() -> tuple[Json, Json]:
        url = world.url + "/api/sync"
        headers = admin.http.headers
        async with httpx.AsyncClient(headers=headers, trust_env=False, timeout=PATIENCE_SECONDS) as http:
            return (await http.get(f"{url}/conflicts")).json(), (await http.get(f"{url}/log")).json()

    conflicts, calls = await known()
    await second.push({"templates": updated(row, title="Theirs")}, 409)
    assert await known() == (conflicts, calls)
    await second.push({"templates": updated(row, title="")}, 422)
    conflicts_after, calls_after = await known()
    assert conflicts_after == conflicts
    newest = calls_after["items"][0]
    assert (newest["status"], newest["errorMessage"]) == ("FAILED", "invalid_fields")


async def test_calls_under_way_are_bounded(phone: Phone) -> None:
    """Of one school two at a time; a phone that is let go in between has its place taken by the next."""
    asked = {"last_pulled_at": "null"}
    many = [phone.person.call("GET", "/sync/watermelon/pull", params=asked) for _ in range(12)]
    answers = await asyncio.gather(*many)
    assert {answer.status_code for answer in answers} <= {200, 429}
    for answer in answers:
        if answer.status_code == 429:
            check_problem(answer, 429, "rate_limited")
            assert answer.headers["retry-after"]
    await phone.pull()


async def test_the_epoch_is_told(phone: Phone) -> None:
    answer = await phone.person.get("/sync/watermelon/pull", last_pulled_at=phone.timestamp)
    assert set(answer) == {"changes", "timestamp", "serverEpoch"}
    assert answer["serverEpoch"]


async def test_a_phone_that_goes_away_leaves_its_place(phone: Phone) -> None:
    asked = {"last_pulled_at": "null"}
    for _ in range(6):
        async with phone.person.http.stream("GET", "/sync/watermelon/pull", params=asked) as answer:
            assert answer.status_code == 200
    await phone.pull()
