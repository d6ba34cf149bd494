"""The log of what people edit: every edit a version of its own, higher than all before; nothing else has one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from server.domain.outcomes import Conflict, Forbidden, NotFound, SessionClosed, Unchanged, VersionMismatch
from server.domain.people import TrainerChange
from server.domain.record import Recorded, record
from server.domain.session import Session, SessionChange
from server.domain.sync import REST, FieldWrite, LogEntry
from server.domain.template import Template
from server.ports.people import EditedTrainer
from server.ports.results import Added, AlreadyThere, CodeTaken
from server.ports.storage import Storage
from tests.support.houses import House, open_session
from tests.support.making import (
    BY,
    NOW,
    a_code,
    a_content,
    a_push,
    a_school,
    a_session,
    a_template,
    a_trainer,
    later,
)


async def _log(storage: Storage, school_id: UUID, after: int = 0) -> list[LogEntry]:
    return list(await storage.sync.log_after(school_id, after, 1000))


class Writers:
    """One edit by each method that edits, and the id of what it edited."""

    def __init__(self, storage: Storage, house: House) -> None:
        self.storage = storage
        self.school = house.school
        self.house = house
        self.template = a_template(house.school)
        self.trainer = a_trainer(house.school)
        self.session = a_session(house.trainer)
        self.due = a_session(house.trainer, expires_at=later(5))

    async def add_trainer(self) -> object:
        return await self.storage.accounts.add_trainer(self.trainer, "hash", BY)

    async def change_trainer(self) -> object:
        change = TrainerChange(name="Bea", password_hash="other")
        return await self.storage.accounts.change_trainer(self.school.id, self.trainer.id, change, 1, BY, later(1))

    async def delete_trainer(self) -> object:
        return await self.storage.accounts.delete_trainer(self.school.id, self.trainer.id, None, BY, later(2))

    async def add_template(self) -> object:
        return await self.storage.templates.add_template(self.template, BY)

    async def change_template(self) -> object:
        content = a_content("other", description="x")
        return await self.storage.templates.change_template(self.school.id, self.template.id, content, 1, BY, later(1))

    async def delete_template(self) -> object:
        return await self.storage.templates.delete_template(self.school.id, self.template.id, None, BY, later(2))

    async def add_session(self) -> object:
        first = record(self.session, a_push(self.house.trainer), NOW)
        assert isinstance(first, Recorded)
        self.session = first.session
        return await self.storage.sessions.add_session(first.session, first.event, BY)

    async def change_session(self) -> object:
        change = SessionChange(title="other", expires_at=later(7200))
        return await self.storage.sessions.change_session(self.session.id, self.house.trainer, change, 1, later(1))

    async def take_controls(self) -> object:
        return await self.storage.sessions.take_controls(self.session.id, self.house.colleague, uuid4(), later(1))

    async def end_session(self) -> object:
        return await self.storage.sessions.end_session(self.session.id, self.house.trainer, uuid4(), later(2))

    async def expire_due(self) -> object:
        return await self.storage.sessions.expire_due(later(5), 10)


@pytest.fixture
def writers(storage: Storage, house: House) -> Writers:
    return Writers(storage, house)


# In an order in which each finds what it edits; the fields are those that it writes, None for the whole row.
ALL: list[tuple[str, str, str, tuple[str, ...] | None]] = [
    ("add_trainer", "trainer", "trainer", None),
    ("change_trainer", "trainer", "trainer", ("name", "password")),
    ("delete_trainer", "trainer", "trainer", None),
    ("add_template", "template", "template", None),
    ("change_template", "template", "template", ("title", "description")),
    ("delete_template", "template", "template", None),
    ("add_session", "session", "session", None),
    ("change_session", "session", "session", ("title", "expires_at")),
    ("take_controls", "session", "session", ("co_trainer_ids",)),
    ("end_session", "session", "session", ("closed",)),
    ("expire_due", "session", "due", ("closed",)),
]


async def test_every_writer_gives_a_version_above_all_before(storage: Storage, house: House, writers: Writers) -> None:
    await storage.sessions.add_session(writers.due, None, BY)
    for name, kind, subject, fields in ALL:
        before = await _log(storage, house.school.id)
        known = {entry.id: entry for entry in before}
        outcome = await getattr(writers, name)()
        assert isinstance(outcome, Added | Recorded | Session | Template | EditedTrainer | list), name
        (entry,) = await _log(storage, house.school.id, before[-1].version)
        subject_id = getattr(writers, subject).id
        assert (entry.type, entry.id) == (kind, subject_id), name
        write = FieldWrite(entry.version)
        if fields is None:
            assert entry.written == {REST: write}, name
        else:
            assert entry.written == {**known[subject_id].written, **dict.fromkeys(fields, write)}, name
        assert entry.first_version == (known[subject_id].first_version if subject_id in known else entry.version), name


async def test_what_is_refused_or_changes_nothing_has_no_version(
    storage: Storage, house: House, other_house: House, session: Session
) -> None:
    template = a_template(house.school)
    await storage.templates.add_template(template, BY)
    accounts, sessions, templates = storage.accounts, storage.sessions, storage.templates
    school_id, trainer, admin = house.school.id, house.trainer, house.admin
    closed = await open_session(storage, trainer)
    await sessions.end_session(closed.id, trainer, uuid4(), later(1))
    as_it_is = SessionChange(title=session.title, trainee_name=session.trainee_name, expires_at=session.expires_at)
    same = TrainerChange(name=trainer.name, email=trainer.email, role=trainer.role)
    admin_no_more = TrainerChange(role="trainer")
    x = SessionChange(title="x")
    calls: list[tuple[type, Callable[[], Awaitable[Any]]]] = [
        (AlreadyThere, lambda: accounts.add_trainer(trainer, "other", BY)),
        (Conflict, lambda: accounts.add_trainer(a_trainer(house.school, email=admin.email), "x", BY)),
        (Unchanged, lambda: accounts.change_trainer(school_id, trainer.id, TrainerChange(), None, BY, later(1))),
        (Unchanged, lambda: accounts.change_trainer(school_id, trainer.id, same, 1, BY, later(1))),
        (VersionMismatch, lambda: accounts.change_trainer(school_id, trainer.id, same, 9, BY, later(1))),
        (Conflict, lambda: accounts.change_trainer(school_id, admin.id, admin_no_more, None, BY, later(1))),
        (Conflict, lambda: accounts.delete_trainer(school_id, admin.id, None, BY, later(1))),
        (NotFound, lambda: accounts.delete_trainer(other_house.school.id, trainer.id, None, BY, later(1))),
        (AlreadyThere, lambda: templates.add_template(replace(template, content=a_content("x")), BY)),
        (Unchanged, lambda: templates.change_template(school_id, template.id, template.content, 1, BY, later(1))),
        (NotFound, lambda: templates.change_template(school_id, uuid4(), a_content("x"), None, BY, later(1))),
        (NotFound, lambda: templates.delete_template(other_house.school.id, template.id, None, BY, later(1))),
        (AlreadyThere, lambda: sessions.add_session(replace(session, code=a_code()), None, BY)),
        (CodeTaken, lambda: sessions.add_session(a_session(trainer, code=session.code), None, BY)),
        (Unchanged, lambda: sessions.change_session(session.id, trainer, SessionChange(), None, later(1))),
        (Unchanged, lambda: sessions.change_session(session.id, trainer, as_it_is, 1, later(1))),
        (VersionMismatch, lambda: sessions.change_session(session.id, trainer, x, 7, later(1))),
        (Forbidden, lambda: sessions.change_session(session.id, house.observer, x, None, later(1))),
        (SessionClosed, lambda: sessions.change_session(closed.id, trainer, SessionChange(), None, later(2))),
        (Session, lambda: sessions.take_controls(session.id, trainer, uuid4(), later(1))),
        (Forbidden, lambda: sessions.take_controls(session.id, house.observer, uuid4(), later(1))),
        (SessionClosed, lambda: sessions.take_controls(closed.id, house.colleague, uuid4(), later(2))),
        (Session, lambda: sessions.end_session(closed.id, trainer, uuid4(), later(2))),
        (Forbidden, lambda: sessions.end_session(session.id, house.observer, uuid4(), later(1))),
        (list, lambda: sessions.expire_due(later(1), 10)),
        (Recorded, lambda: sessions.append_event(session.id, trainer, a_push(trainer), later(1))),
    ]
    before = [await _log(storage, each.school.id) for each in (house, other_house)]
    entries = [await storage.audit.list_entries(each.school.id, 200, None) for each in (house, other_house)]
    for place, (expected, call) in enumerate(calls):
        assert type(await call()) is expected, place
        assert [await _log(storage, each.school.id) for each in (house, other_house)] == before, place
    after = [await storage.audit.list_entries(each.school.id, 200, None) for each in (house, other_house)]
    assert after == entries
    assert await storage.accounts.find_trainer(school_id, trainer.id) == trainer
    assert await storage.templates.find_template(school_id, template.id) == template


async def test_a_row_that_changes_nothing_is_answered_as_it_is(
    storage: Storage, house: House, session: Session
) -> None:
    pushed = await storage.sessions.append_event(session.id, house.trainer, a_push(house.trainer), later(1))
    assert isinstance(pushed, Recorded)
    outcome = await storage.sessions.change_session(session.id, house.trainer, SessionChange(), None, later(2))
    assert outcome == Unchanged(pushed.session)


async def test_an_expiry_of_a_hundred_sessions_gives_a_hundred_versions(
    storage: Storage, house: House, other_house: House
) -> None:
    due = [await open_session(storage, house.trainer, expires_at=later(1)) for _ in range(100)]
    elsewhere = await open_session(storage, other_house.trainer, expires_at=later(1))
    newest = (await _log(storage, house.school.id))[-1].version
    ended: list[Recorded] = []
    while step := await storage.sessions.expire_due(later(2), 70):
        ended += step
    assert len(ended) == 101
    entries = await _log(storage, house.school.id, newest)
    assert {entry.id for entry in entries} == {session.id for session in due}
    assert len({entry.version for entry in entries}) == 100
    # A reader that stops anywhere inside goes on where it was.
    some = await storage.sync.log_after(house.school.id, newest, 37)
    assert [*some, *await _log(storage, house.school.id, some[-1].version)] == entries
    assert (await _log(storage, other_house.school.id))[-1].id == elsewhere.id


async def test_what_many_edit_at_once_is_numbered_in_the_order_in_which_a_reader_sees_it(
    storage: Storage, second_storage: Storage, house: House
) -> None:
    """Whoever reads with a cursor, while others write, misses nothing."""
    templates = [a_template(house.school, f"{number}") for number in range(40)]
    seen: list[LogEntry] = []
    is_done = False

    async def read() -> None:
        cursor = 0
        while True:
            was_done = is_done
            page = await second_storage.sync.log_after(house.school.id, cursor, 7)
            seen.extend(page)
            cursor = page[-1].version if page else cursor
            if was_done and not page:
                return

    async def write(number: int) -> None:
        place = (storage, second_storage)[number % 2]
        for template in templates[number::8]:
            assert isinstance(await place.templates.add_template(template, BY), Added)

    reading = asyncio.create_task(read())
    await asyncio.gather(*(write(number) for number in range(8)))
    is_done = True
    await reading
    versions = [entry.version for entry in seen]
    assert versions == sorted(set(versions))
    assert {entry.id for entry in seen} >= {template.id for template in templates}


async def test_schools_have_logs_of_their_own(storage: Storage, house: House, other_house: House) -> None:
    before = await _log(storage, other_house.school.id)
    await storage.templates.add_template(a_template(house.school), BY)
    assert await _log(storage, other_house.school.id) == before
    assert await _log(storage, uuid4()) == []


async def test_of_schools_of_one_name_made_at_once_one_is_made(storage: Storage, second_storage: Storage) -> None:
    schools = [a_school("A new one") for _ in range(6)]

    async def found(number: int) -> object:
        place = (storage, second_storage)[number % 2]
        return await place.accounts.add_trainer(a_trainer(schools[number]), "hash", BY, schools[number])

    outcomes = await asyncio.gather(*(found(number) for number in range(len(schools))))
    (made,) = await storage.accounts.list_schools()
    assert [type(each) for each in outcomes].count(Added) == 1
    assert [each for each in outcomes if not isinstance(each, Added)] == [made] * 5


async def test_a_new_school_comes_with_its_first_trainer_or_not_at_all(storage: Storage, house: House) -> None:
    school = a_school("New")
    taken = a_trainer(school, email=house.trainer.email)
    assert isinstance(await storage.accounts.add_trainer(taken, "hash", BY, school), Conflict)
    assert await storage.accounts.find_school(school.id) is None
    assert await _log(storage, school.id) == []
    first = a_trainer(school, "admin")
    assert await storage.accounts.add_trainer(first, "hash", BY, school) == Added(first)
    assert await storage.accounts.find_school(school.id) == school
    assert [entry.id for entry in await _log(storage, school.id)] == [first.id]


async def test_a_disk_that_was_put_back_is_said_to_be_another_one(storage: Storage) -> None:
    before = await storage.sync.identity()
    assert await storage.sync.identity() == before
    await storage.sync.mark_restored()
    after = await storage.sync.identity()
    assert after != before
    assert await storage.sync.identity() == after
    await storage.sync.mark_restored()
    assert await storage.sync.identity() not in (before, after)
