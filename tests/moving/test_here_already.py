"""A school that comes where it is already, where another one is, or where two are at it at once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from random import Random

import psycopg
import pytest

from server.commands import moving
from server.domain.arrival import Wrong
from server.domain.people import TrainerChange
from server.domain.record import Recorded
from server.ports.importing import AlreadyHere, Clashing, Imported, ImportOutcome
from server.storage.memory import MemoryStorage
from server.transport.moving.writing import write_line
from tests.support.houses import UNHURRIED, open_postgres
from tests.support.making import BY, a_note, later
from tests.support.moving import exported, schools_in, taken_in, types_of
from tests.support.school_worlds import SchoolWorld, a_world


def said(outcome: ImportOutcome | Wrong) -> list[str]:
    assert isinstance(outcome, Clashing), outcome
    return [f"line {clash.number}: {clash.sentence}" for clash in outcome.clashes.first]


async def everything(url: str, world: SchoolWorld) -> list[bytes]:
    async with open_postgres(url, live=UNHURRIED) as storage:
        return await exported(storage, world.school.id)


def place_of(lines: Sequence[bytes], id: object) -> int:
    return next(place for place, line in enumerate(lines) if json.loads(line)["data"].get("id") == str(id))


async def test_two_schools_know_nothing_of_each_other(database_url: str) -> None:
    one, other = await a_world(1, 60), await a_world(2, 60)
    lines = [await exported(world.storage, world.school.id) for world in (one, other)]
    for each in lines:
        assert isinstance(await taken_in(database_url, each), Imported)
    assert [await everything(database_url, world) for world in (one, other)] == lines


async def test_what_is_new_is_added_and_reaches_devices(database_url: str) -> None:
    world = await a_world(3, 60)
    await taken_in(database_url, await exported(world.storage, world.school.id))
    before = await everything(database_url, world)
    head = json.loads(before[-1])["data"]["sync_version"]
    await world.add_trainer()
    await world.add_template()
    world.templates = world.templates[-1:]
    for _ in range(3):
        await world.open_session()
    known, world.sessions = world.sessions, world.sessions[-3:]
    for _ in range(20):
        await world.record()
    await world.sit_down()
    await world.annotate()
    world.sessions = known
    lines = await exported(world.storage, world.school.id)

    outcome = await taken_in(database_url, lines)

    assert isinstance(outcome, Imported), outcome
    assert not outcome.is_new_school
    assert {name: outcome.added[name] for name in ("trainer", "template", "session")} == {
        "trainer": 1, "template": 1, "session": 3,
    }  # fmt: skip
    after = await everything(database_url, world)
    assert types_of(after) == types_of(lines)
    async with open_postgres(database_url, live=UNHURRIED) as storage:
        entries = await storage.sync.log_after(world.school.id, head, 100)
    assert [entry.type for entry in entries] == ["trainer", "template", "session", "session", "session"]
    assert all(entry.first_version == entry.version > head for entry in entries)
    # But for the places in the log it is the same school.
    assert [_without_places(line) for line in after[:-1]] == [_without_places(line) for line in lines[:-1]]
    assert isinstance(await taken_in(database_url, lines), AlreadyHere)


def _without_places(line: bytes) -> dict[str, object]:
    data: dict[str, object] = json.loads(line)["data"]
    return {name: data[name] for name in data if name not in ("sync_version", "first_version", "written")}


async def test_what_differs_is_named_on_both_sides_and_nothing_is_changed(database_url: str) -> None:
    world = await a_world(4, 120)
    await world.open_session()
    open_session = world.sessions[-1]
    await taken_in(database_url, await exported(world.storage, world.school.id))
    async with open_postgres(database_url, live=UNHURRIED) as storage:
        changed = TrainerChange(name="Named here", password_hash=None)
        await storage.accounts.change_trainer(world.school.id, world.admin.id, changed, None, BY, later(90_000))
        recorded = await storage.sessions.append_event(open_session, world.admin, a_note(world.admin), world.now)
        assert isinstance(recorded, Recorded)
    world.now = later(90_000)
    await world.storage.accounts.change_trainer(
        world.school.id, world.admin.id, TrainerChange(name="Named there"), None, BY, world.now
    )
    await world.open_session()
    before = await everything(database_url, world)
    lines = await exported(world.storage, world.school.id)

    found = said(await taken_in(database_url, lines))

    assert any("Named there" in each and "Named here" in each for each in found), found
    assert found[0].startswith(f"line {place_of(lines, world.admin.id) + 1}:")
    assert any(str(open_session) in each and "last_seq" in each for each in found), found
    assert await everything(database_url, world) == before

    outcome = await taken_in(database_url, lines, keeps_here=True)
    assert isinstance(outcome, Imported), outcome
    assert outcome.added["session"] == 1
    assert [f"line {clash.number}: {clash.sentence}" for clash in outcome.stayed.first] == found
    after = await everything(database_url, world)
    assert set(before[2:-1]) <= set(after)


async def test_a_code_that_is_anothers_is_given_anew(database_url: str) -> None:
    one, other = await a_world(5, 0), await a_world(6, 0)
    for world in (one, other):
        await world.open_session()
    theirs = await one.storage.sessions.find_session(one.sessions[0])
    assert theirs is not None
    lines = await exported(other.storage, other.school.id)
    ours = await other.storage.sessions.find_session(other.sessions[0])
    assert ours is not None
    lines = [line.replace(ours.code.encode(), theirs.code.encode()) for line in lines]
    await taken_in(database_url, await exported(one.storage, one.school.id))

    outcome = await taken_in(database_url, lines)

    assert isinstance(outcome, Imported), outcome
    (code,) = outcome.codes
    assert code.was == theirs.code != code.is_now
    async with open_postgres(database_url, live=UNHURRIED) as storage:
        found = await storage.sessions.find_session_by_code(code.is_now)
        assert found is not None
        assert found.id == ours.id
    assert isinstance(await taken_in(database_url, lines[:1] + lines[1:]), AlreadyHere)


@pytest.mark.parametrize("keeps_here", [False, True])
async def test_what_is_another_schools_is_never_touched(database_url: str, keeps_here: bool) -> None:
    """An address, an account, a template or a session of somebody else: named, whatever is asked for."""
    one = await a_world(7, 80)
    lines = await exported(one.storage, one.school.id)
    await taken_in(database_url, lines)
    before = await everything(database_url, one)
    foreign = str((await a_world(8, 0)).school.id)
    stolen = [line.replace(str(one.school.id).encode(), foreign.encode()) for line in lines]
    found = said(await taken_in(database_url, stolen, keeps_here=keeps_here))
    assert any("this id has another one here already" in each and str(one.school.id) in each for each in found), found

    two = await a_world(9, 0)
    email = one.admin.email.encode()
    taken = [line.replace(two.admin.email.encode(), email) for line in await exported(two.storage, two.school.id)]
    (sentence,) = said(await taken_in(database_url, taken, keeps_here=keeps_here))
    assert one.admin.email in sentence
    assert str(one.admin.id) in sentence
    assert str(two.admin.id) in sentence
    assert await everything(database_url, one) == before
    assert await schools_in(database_url) == {one.school.id}


async def test_two_at_once_import_it_once(database_url: str) -> None:
    world = await a_world(10, 80)
    lines = await exported(world.storage, world.school.id)
    outcomes = await asyncio.gather(*(taken_in(database_url, lines) for _ in range(3)))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["AlreadyHere", "AlreadyHere", "Imported"]
    assert await everything(database_url, world) == lines


async def test_whoever_edits_meanwhile_waits_and_goes_on(database_url: str) -> None:
    world = await a_world(11, 40)
    await taken_in(database_url, await exported(world.storage, world.school.id))
    await world.add_template()
    lines = await exported(world.storage, world.school.id)
    async with open_postgres(database_url, live=UNHURRIED) as storage:
        here = SchoolWorld(storage, Random(1), world.school, later(90_000), list(world.trainers), [])
        edits = [here.add_trainer("trainer") for _ in range(5)]
        outcome, *_ = await asyncio.gather(taken_in(database_url, lines), *edits)
        assert isinstance(outcome, Imported)
        entries = await storage.sync.log_after(world.school.id, 0, 1000)
    versions = [entry.version for entry in entries]
    assert versions == sorted(set(versions))


async def test_a_long_one_says_how_far_it_is(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(moving, "PROGRESS_SECONDS", 0)
    world = await a_world(15, 20)
    path = tmp_path / "school.jsonl"
    path.write_bytes(b"".join(await exported(world.storage, world.school.id)))
    with path.open("rb") as file:
        assert isinstance(await moving.import_into(database_url, moving.Reading(file), False), Imported)
    told = capsys.readouterr()
    assert told.err.splitlines()[0].startswith("1 lines (")
    assert told.err.splitlines()[-1].endswith("lines (100 %)")
    assert not told.out


async def test_it_stands_in_the_audit_with_what_came(database_url: str) -> None:
    world = await a_world(12, 40)
    await taken_in(database_url, await exported(world.storage, world.school.id))
    async with open_postgres(database_url, live=UNHURRIED) as storage:
        page = await storage.audit.list_entries(world.school.id, 200, None)
    (entry,) = [entry for entry in page.items if entry.action == "imported"]
    assert entry.by.name == "Command line"
    assert (entry.subject.type, entry.subject.id) == ("school", world.school.id)
    assert entry.details["exported_at"] == "2026-11-21T09:30:00.123Z"
    assert entry.details["added"]


@pytest.mark.parametrize("where", ["memory", "postgres"])
async def test_an_export_is_of_one_moment(where: str, database_url: str) -> None:
    """Whatever happens while it is read, what is read is the school as it was when it began."""
    async with open_postgres(database_url, live=UNHURRIED) as postgres:
        storage = MemoryStorage() if where == "memory" else postgres
        world = await a_world(13, 80, storage)
        before = await exported(storage, world.school.id)
        parts = storage.moving.read_school(world.school.id)
        read = [await anext(parts)]
        await world.live(80)
        read += [part async for part in parts]
        assert len(read) == len(before) - 1
        assert [write_line(part, place + 1) for place, part in enumerate(read)] == before[1:]


def test_nothing_waits_in_the_database_afterwards(database_url: str) -> None:
    """A connection of its own is let go of, however the import ends."""
    world = asyncio.run(a_world(14, 20))
    lines = asyncio.run(exported(world.storage, world.school.id))
    asyncio.run(taken_in(database_url, lines[:-1]))
    asyncio.run(taken_in(database_url, lines))
    with psycopg.connect(database_url) as connection:
        waiting = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND state LIKE 'idle in transaction%'"
        ).fetchone()
    assert waiting == (0,)
