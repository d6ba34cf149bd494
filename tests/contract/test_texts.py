"""What people type comes back letter for letter, wherever it was stored."""

from __future__ import annotations

from dataclasses import replace

import pytest

from server.domain.case import ChecklistItem
from server.domain.events import ActionTaken, VitalsPushed
from server.domain.record import Recorded
from server.domain.session import SessionChange
from server.domain.vitals import VitalsPatch
from server.ports.storage import Storage
from tests.support.houses import House, open_session
from tests.support.making import BY, NOW, a_content, a_note, a_push, a_school, a_seat, a_template, a_trainer, later

TEXTS = [
    pytest.param("👩🏽‍⚕️🚑 cardiac 🫀", id="emoji of several code points"),
    pytest.param("Ångström é é Łódź ß ǰ", id="accents, composed and decomposed"),
    pytest.param("مرحبا שלום 한국어 日本語 \u202eright to left", id="scripts"),
    pytest.param("a\tb\r\nc\u2028d\x7f\x01\ufeff\uffff\U0010ffff", id="control characters"),
    pytest.param('\'; DROP TABLE sessions; -- \\ \\u0000 \\x00 %s $1 {} "q"', id="what means something to SQL or JSON"),
    pytest.param(" padded ", id="spaces around"),
    pytest.param("ü🫀" * 50_000, id="very long"),
]


@pytest.mark.parametrize("text", TEXTS)
async def test_every_text_survives(storage: Storage, second_storage: Storage, house: House, text: str) -> None:
    school = await storage.accounts.add_school(a_school(text))
    trainer = a_trainer(school, name=text)
    await storage.accounts.add_trainer(trainer, text, BY)
    template = a_template(school, content=a_content(text, checklist=(ChecklistItem("item_1", text),), description=text))
    await storage.templates.add_template(template, BY)
    session = await open_session(storage, trainer, title=text, trainee_name=text)
    seat = a_seat(session, text)
    await storage.sessions.add_seat(seat, text[:100].encode())
    drafts = [
        a_note(trainer, text),
        a_push(trainer, VitalsPatch(flags={"airway": text})),
        replace(a_note(trainer), fact=ActionTaken("marker", {text[:1000]: [text, {"deep": text}]})),
    ]
    recorded = [await storage.sessions.append_event(session.id, trainer, draft, later(1)) for draft in drafts]

    there = second_storage
    assert await there.accounts.find_school(school.id) == school
    assert await there.accounts.find_trainer(school.id, trainer.id) == trainer
    credentials = await there.accounts.find_credentials(trainer.email)
    assert credentials is not None
    assert credentials.password_hash == text
    assert await there.templates.find_template(school.id, template.id) == template
    assert await there.sessions.find_seat(text[:100].encode()) == seat
    events = await there.sessions.events_after(session.id, 0, 10)
    assert events == [each.event for each in recorded if isinstance(each, Recorded)]
    assert [event.by.name for event in events] == [text] * 3
    stored = await there.sessions.find_session(session.id)
    assert stored is not None
    assert (stored.title, stored.trainee_name, stored.last_values.flags) == (text, text, {"airway": text})
    changed = await there.sessions.change_session(session.id, trainer, SessionChange(title=text * 2), None, NOW)
    assert await storage.sessions.find_session(session.id) == changed


async def test_a_text_for_a_flag_is_told_from_a_switch(storage: Storage, house: House) -> None:
    session = await open_session(storage, house.trainer)
    flags = {"a": True, "b": "true", "c": False, "d": "false", "e": "", "f": "null", "g": "1"}
    await storage.sessions.append_event(session.id, house.trainer, a_push(house.trainer, VitalsPatch(flags=flags)), NOW)
    stored = await storage.sessions.find_session(session.id)
    assert stored is not None
    assert repr(sorted(stored.last_values.flags.items())) == repr(sorted(flags.items()))
    removal = VitalsPatch(flags={"a": None, "b": None, "unknown": None, "c": True})
    await storage.sessions.append_event(session.id, house.trainer, a_push(house.trainer, removal), later(1))
    stored = await storage.sessions.find_session(session.id)
    assert stored is not None
    assert stored.last_values.flags == {"c": True, "d": "false", "e": "", "f": "null", "g": "1"}
    (_, event) = await storage.sessions.events_after(session.id, 0, 10)
    assert event.fact == VitalsPushed(removal)


async def test_ping_answers(storage: Storage) -> None:
    await storage.ping()
