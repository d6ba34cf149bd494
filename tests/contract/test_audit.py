"""Who did what, newest first, each school its own."""

from __future__ import annotations

import json
from uuid import uuid4

from server.domain.audit import COMMAND_LINE, AuditEntry, AuditFilter, Subject, author_of
from server.domain.case import ChecklistItem
from server.domain.events import Author
from server.domain.people import TrainerChange
from server.domain.record import Recorded
from server.domain.session import Session, SessionChange
from server.ports.results import Cursor
from server.ports.storage import Storage
from tests.support.houses import House, open_session
from tests.support.making import BY, a_content, a_template, a_trainer, later

Told = tuple[str, str, object, Author, object]


async def _entries(storage: Storage, house: House) -> list[AuditEntry]:
    return list((await storage.audit.list_entries(house.school.id, 200, None)).items)


def _told(entry: AuditEntry) -> Told:
    return entry.action, entry.subject.type, entry.subject.id, entry.by, dict(entry.details)


async def test_every_edit_tells_who_made_it(storage: Storage, second_storage: Storage, house: House) -> None:
    before = len(await _entries(storage, house))
    admin, school_id = author_of(house.admin), house.school.id
    trainer = a_trainer(house.school, name="Zoë", created_at=later(1), updated_at=later(1))
    template = a_template(house.school, created_at=later(2), updated_at=later(2))
    await storage.accounts.add_trainer(trainer, "secret hash", admin)
    await storage.templates.add_template(template, admin)
    change = TrainerChange(name="Zoe", email="z@example.org", role="admin", password_hash="new secret hash")
    await storage.accounts.change_trainer(school_id, trainer.id, change, None, admin, later(3))
    await storage.templates.change_template(
        school_id, template.id, a_content("x", checklist=(ChecklistItem("item_1", "y"),)), 1, BY, later(4)
    )
    await storage.accounts.delete_trainer(school_id, trainer.id, None, COMMAND_LINE, later(5))
    await storage.templates.delete_template(school_id, template.id, None, admin, later(6))
    told = (await _entries(second_storage, house))[:-before]
    assert [_told(entry) for entry in reversed(told)] == [
        ("added", "trainer", trainer.id, admin, {"name": "Zoë"}),
        ("added", "template", template.id, admin, {"title": "Sepsis"}),
        ("changed", "trainer", trainer.id, admin, {"fields": ["name", "email", "role", "password"]}),
        ("changed", "template", template.id, BY, {"fields": ["title", "checklist"]}),
        ("deleted", "trainer", trainer.id, COMMAND_LINE, {"name": "Zoe"}),
        ("deleted", "template", template.id, admin, {"title": "x"}),
    ]
    assert [entry.at for entry in reversed(told)] == [later(second) for second in range(1, 7)]
    assert "secret" not in json.dumps([dict(entry.details) for entry in await _entries(storage, house)])


async def test_of_sessions_what_people_did_is_told(storage: Storage, house: House) -> None:
    session = await open_session(storage, house.trainer, updated_at=later(1))
    closed = await open_session(storage, house.trainer, updated_at=later(2))
    due = await open_session(storage, house.trainer, updated_at=later(3), expires_at=later(10))
    late = await open_session(storage, house.trainer, updated_at=later(4), expires_at=later(10))
    before = await _entries(storage, house)
    assert [_told(entry) for entry in before[:4]] == [
        ("opened", "session", each.id, BY, {"title": "Anaphylaxis"}) for each in (late, due, closed, session)
    ]
    change = SessionChange(trainee_name="", title="x")
    changed = await storage.sessions.change_session(session.id, house.admin, change, None, later(5))
    assert isinstance(changed, Session)
    await storage.sessions.end_session(session.id, house.trainer, uuid4(), later(6))
    await storage.sessions.end_session(closed.id, house.trainer, uuid4(), later(7), COMMAND_LINE)
    # Nobody ended these; their record says so.
    assert isinstance(await storage.sessions.end_session(late.id, house.trainer, uuid4(), later(10)), Recorded)
    assert len(await storage.sessions.expire_due(later(10), 5)) == 1
    after = await _entries(storage, house)
    assert [_told(entry) for entry in after[: -len(before)]] == [
        ("closed", "session", closed.id, COMMAND_LINE, {"title": "Anaphylaxis"}),
        ("closed", "session", session.id, author_of(house.trainer), {"title": "x"}),
        ("changed", "session", session.id, author_of(house.admin), {"fields": ["title", "trainee_name"]}),
    ]


async def test_pages_tell_every_entry_once_newest_first(storage: Storage, house: House, other_house: House) -> None:
    there = await _entries(storage, house)
    subject = Subject("session", uuid4())
    made = [
        AuditEntry(uuid4(), house.school.id, later(moment), BY, "exported", subject, {"format": "csv"})
        for moment in (3, 1, 2, 2, 2)
    ]
    for entry in made:
        await storage.audit.add_entry(entry)
    elsewhere = AuditEntry(uuid4(), other_house.school.id, later(2), COMMAND_LINE, "exported", subject)
    await storage.audit.add_entry(elsewhere)
    told: list[AuditEntry] = []
    after: Cursor | None = None
    while True:
        page = await storage.audit.list_entries(house.school.id, 2, after)
        told += page.items
        if page.next is None:
            break
        after = page.next
    assert told == sorted([*there, *made], key=lambda entry: (entry.at, entry.id), reverse=True)
    assert (await _entries(storage, other_house))[0] == elsewhere


async def test_who_did_it_and_what_it_was_done_to_may_be_asked_for(storage: Storage, house: House) -> None:
    ada = author_of(house.trainer)
    for moment, by, kind in ((1, BY, "session"), (2, ada, "session"), (3, ada, "school"), (4, COMMAND_LINE, "school")):
        subject = Subject(kind, uuid4())  # type: ignore[arg-type]
        await storage.audit.add_entry(AuditEntry(uuid4(), house.school.id, later(moment), by, "exported", subject))

    async def asked(wanted: AuditFilter, limit: int = 50) -> list[tuple[str | None, str]]:
        page = await storage.audit.list_entries(house.school.id, limit, None, wanted)
        return [(entry.by.name, entry.subject.type) for entry in page.items if entry.action == "exported"]

    assert await asked(AuditFilter(by=house.trainer.id)) == [(ada.name, "school"), (ada.name, "session")]
    assert await asked(AuditFilter(about="session")) == [(ada.name, "session"), (BY.name, "session")]
    assert await asked(AuditFilter(house.trainer.id, "session"), 1) == [(ada.name, "session")]
    assert await asked(AuditFilter(uuid4())) == []
