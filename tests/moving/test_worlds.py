"""A school moves from memory into PostgreSQL: what is exported there is what was exported here."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.ports.importing import AlreadyHere, Imported
from server.transport.moving.writing import write_line
from tests.support.houses import UNHURRIED, open_postgres
from tests.support.making import BY, later
from tests.support.moving import exported, taken_in, types_of, wrong_with
from tests.support.school_worlds import HASH, SchoolWorld, a_conflict, a_world
from tests.support.sync_running import memory_world

seeds = st.integers(0, 2**32 - 1)


# One database for all examples: schools in it do not know of each other.
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(seed=seeds, steps=st.integers(0, 120))
async def test_whatever_has_happened(database_url: str, seed: int, steps: int) -> None:
    world = await a_world(seed, steps)
    lines = await exported(world.storage, world.school.id)

    outcome = await taken_in(database_url, lines)

    assert isinstance(outcome, Imported), outcome
    assert outcome.is_new_school
    assert sum(outcome.added.values()) == len(lines) - len(("export", "school", "end"))
    async with open_postgres(database_url, live=UNHURRIED) as storage:
        assert await exported(storage, world.school.id) == lines
        assert isinstance(await taken_in(database_url, lines), AlreadyHere)
        assert await exported(storage, world.school.id) == lines


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(seed=seeds)
async def test_every_export_of_memory_can_be_read(seed: int) -> None:
    world = await a_world(seed, 200)
    assert wrong_with(b"".join(await exported(world.storage, world.school.id))) is None


async def test_the_worlds_have_everything_in_them() -> None:
    worlds = [await a_world(seed, 200) for seed in range(5)]
    seen = {type for world in worlds for type in types_of(await exported(world.storage, world.school.id))}
    assert seen == {
        "export", "school", "trainer", "template", "session", "seat", "event", "attendance", "annotation", "moment",
        "score_sheet", "reflection", "audit", "device", "end",
    }  # fmt: skip


async def test_devices_and_their_conflicts_move(database_url: str) -> None:
    moved: set[str] = set()
    async with memory_world(2) as world:
        await world.live(60)
        for school in world.schools:
            school_id = school.trainers[0].school_id
            lines = await exported(world.stores[0][1], school_id)
            lines = [line.replace(b'"password_hash":"hash"', b'"password_hash":"%s"' % HASH.encode()) for line in lines]
            assert isinstance(await taken_in(database_url, lines), Imported)
            async with open_postgres(database_url, live=UNHURRIED) as storage:
                assert await exported(storage, school_id) == lines
            moved |= set(types_of(lines))
    assert {"device", "conflict"} <= moved


async def test_a_school_goes_on_where_it_was(database_url: str) -> None:
    """Versions, seqs and logins' passwords; then on to a third storage."""
    world = await a_world(7, 80)
    lines = await exported(world.storage, world.school.id)
    assert isinstance(await taken_in(database_url, lines), Imported)
    head = json.loads(lines[-1])["data"]["sync_version"]
    async with open_postgres(database_url, live=UNHURRIED) as storage:
        for trainer in (await world.storage.accounts.list_trainers(world.school.id, 100, None)).items:
            there = await storage.accounts.find_credentials(trainer.email)
            assert there == await world.storage.accounts.find_credentials(trainer.email)
        on = SchoolWorld(storage, Random(8), world.school, later(90_000), world.trainers, world.templates)
        on.sessions, on.seats = world.sessions, world.seats
        await on.live(60)
        entries = await storage.sync.log_after(world.school.id, head, 1000)
        assert entries
        went_on = await exported(storage, world.school.id)
    assert wrong_with(b"".join(went_on)) is None
    assert isinstance(await taken_in(database_url, went_on), AlreadyHere)


async def test_the_same_file_changes_nothing_whatever_happened_since(database_url: str) -> None:
    world = await a_world(3, 60)
    lines = await exported(world.storage, world.school.id)
    await taken_in(database_url, lines)
    async with open_postgres(database_url, live=UNHURRIED) as storage:
        await storage.accounts.delete_trainer(world.school.id, world.trainers[1].id, None, BY, later(90_000))
        went_on = await exported(storage, world.school.id)
        # Exported a second time, at another moment.
        outcome = await taken_in(database_url, await exported(world.storage, world.school.id, later(1)))
        assert isinstance(outcome, AlreadyHere)
        assert outcome.imported_at is not None
        assert await exported(storage, world.school.id) == went_on


# Of the tables of a school, what an export does not carry, and why that is right.
LEFT_BEHIND = {
    "schools": {"updated_at"},
    "sessions": {"deleted_at", "hall_id", "hall"},  # Nothing sets the first; a session is its new server's own.
    "annotations": {"hall_version"},  # Halls stay behind; one that comes again tells anew what it has.
    "score_sheets": {"hall_version"},
    "reflections": {"hall_version"},
    "moment_edits": {"hall_version"},
    "attendance": {"seen_at"},  # Of the server that saw them.
    "sync_clients": {"created_at", "cursor", "epoch", "beginnings", "hall_id"},  # A device begins anew.
    "sync_conflicts": {"resolved_at", "kept"},  # Only open ones move.
}
NAMED_OTHERWISE = {
    "school_id", "session_id", "author_id", "author_name", "by_id", "by_name", "by_role", "subject_type", "subject_id",
    "mutation_id", "server_version", "server_deleted", "server_payload", "content",
    "server_at", "server_by", "server_by_name", "revoked_at", "revoked_by", "revoked_by_name",
}  # fmt: skip
STAY = {
    "trainer_tokens",  # Everybody logs in again.
    "invitations",  # Their links lead to the old server.
    "sync_head",  # The last line.
    "sync_inbox",
    "sync_log",
    "server_keys",
    "assignments",  # Their links begin with the address of the old server.
    "shares",  # Likewise.
    "assignment_tries",  # Their sessions move, as sessions.
    "halls",  # Their tokens are made anew.
    "upstream",
    "upstream_rows",
}
TABLES = {
    "trainer": "trainers", "template": "session_templates", "session": "sessions", "seat": "seats",
    "event": "session_events", "attendance": "attendance", "annotation": "annotations",
    "moment": "moment_edits", "score_sheet": "score_sheets", "reflection": "reflections", "audit": "audit",
    "device": "sync_clients", "conflict": "sync_conflicts", "school": "schools",
}  # fmt: skip


async def test_every_column_moves_or_is_named_here(database_url: str) -> None:
    """Whoever adds a column to a table of a school decides what becomes of it when the school moves."""
    world = await a_world(1, 200)
    lines = [json.loads(line) for line in await exported(world.storage, world.school.id)]
    carried = {line["type"]: set(line["data"]) for line in lines}
    carried["session_cases"] = {"session_id", *next(filter(None, (line["data"].get("case") for line in lines)))}
    changed = (line["data"].get("limits_since") for line in lines)
    carried["session_limits"] = {"session_id", *next(filter(None, changed))[0]}
    carried["conflict"] = set((await _told_conflict(world))["data"])
    with psycopg.connect(database_url) as connection:
        columns = connection.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
        ).fetchall()
    beside = {table: table for table in ("session_cases", "session_limits")}
    by_table = {name: type for type, name in TABLES.items()} | beside
    for table, column in columns:
        if "yoyo" in table or table in STAY:
            continue
        assert table in by_table, f"{table} is new: does it move with its school?"
        known = carried[by_table[table]] | LEFT_BEHIND.get(table, set()) | NAMED_OTHERWISE
        assert column in known, f"{table}.{column} is new: does it move with its school?"


async def _told_conflict(world: SchoolWorld) -> dict[str, Any]:
    return json.loads(write_line(a_conflict(world), 0))


async def test_a_file_of_the_first_release_is_taken_in(database_url: str) -> None:
    """Whatever release this is: a field that was added since has a value where a file has none."""
    lines = (Path(__file__).parents[1] / "vectors" / "school_1.jsonl").read_bytes().splitlines(keepends=True)
    outcome = await taken_in(database_url, lines)
    assert isinstance(outcome, Imported), outcome
    told = [json.loads(line) for line in lines]
    async with open_postgres(database_url, live=UNHURRIED) as storage:
        out = [json.loads(line) for line in await exported(storage, UUID(told[1]["data"]["id"]))]
    assert [line["type"] for line in out] == [line["type"] for line in told]
    for before, after in zip(told[1:], out[1:], strict=True):
        assert _is_within(before["data"], after["data"]), (before, after)


def _is_within(before: Any, after: Any) -> bool:
    """Nothing of it is lost; fields that were added since may stand beside it, at any depth."""
    if isinstance(before, dict):
        return all(name in after and _is_within(value, after[name]) for name, value in before.items())
    if isinstance(before, list):
        return len(before) == len(after) and all(map(_is_within, before, after))
    return before == after
