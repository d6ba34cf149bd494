"""A note that was made before the end of its session and comes after it: an annotation, on every storage."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

import pytest

from server.domain.events import EventDraft, NoteAdded
from server.domain.outcomes import Conflict, Forbidden, NotFound, SessionClosed, SessionExpired
from server.domain.record import AlreadyRecorded, Recorded
from server.domain.session import Session
from server.ports.storage import Storage
from server.service.notes import Annotated, Notes
from tests.support.folding import record_of
from tests.support.houses import House, open_session
from tests.support.making import author, later
from tests.support.services import services_on


@pytest.fixture
def notes(storage: Storage) -> Iterator[Notes]:
    with services_on(storage) as services:
        yield services.notes


def _note(house: House, made_at: datetime | None, marker: str | None = None) -> EventDraft:
    return EventDraft(uuid4(), author(house.trainer), NoteAdded("Adrenaline", marker), made_at)


async def test_it_is_an_annotation_at_the_moment_when_it_was_made(
    storage: Storage, notes: Notes, house: House, session: Session
) -> None:
    await storage.sessions.end_session(session.id, house.trainer, uuid4(), later(60))
    record = await record_of(storage, session.id)
    note = _note(house, later(60), "adrenaline")
    outcome = await notes.add(house.trainer, session.id, note, later(90))
    assert isinstance(outcome, Annotated)
    annotation = outcome.annotation
    assert outcome.is_new
    assert (annotation.id, annotation.at, annotation.kind) == (note.id, later(60), "note")
    assert (annotation.text, annotation.marker) == ("Adrenaline", "adrenaline")
    assert (annotation.author, annotation.created_at) == (author(house.trainer), later(90))
    assert await notes.add(house.trainer, session.id, note, later(99)) == Annotated(annotation, is_new=False)
    assert list((await storage.annotations.list_annotations(session.id, 50, None)).items) == [annotation]
    assert await record_of(storage, session.id) == record


async def test_an_expired_session_ends_when_its_time_is_up(storage: Storage, notes: Notes, house: House) -> None:
    """Whether or not the job has come by."""
    for is_told in (False, True):
        session = await open_session(storage, house.trainer, expires_at=later(60))
        if is_told:
            await storage.sessions.expire_due(later(70), 10)
        assert isinstance(await notes.add(house.trainer, session.id, _note(house, later(60)), later(90)), Annotated)
        after = await notes.add(house.trainer, session.id, _note(house, later(60.001)), later(90))
        assert after == SessionExpired()


async def test_what_was_not_made_before_the_end_is_refused(
    storage: Storage, notes: Notes, house: House, session: Session
) -> None:
    await storage.sessions.end_session(session.id, house.trainer, uuid4(), later(60))
    for made_at in (None, later(60.001), later(80)):
        assert await notes.add(house.trainer, session.id, _note(house, made_at), later(70)) == SessionClosed()
    assert list((await storage.annotations.list_annotations(session.id, 50, None)).items) == []


async def test_one_that_is_recorded_stays_an_event(
    storage: Storage, notes: Notes, house: House, session: Session
) -> None:
    note = _note(house, later(10))
    recorded = await notes.add(house.trainer, session.id, note, later(20))
    assert isinstance(recorded, Recorded)
    await storage.sessions.end_session(session.id, house.trainer, uuid4(), later(60))
    assert await notes.add(house.trainer, session.id, note, later(90)) == AlreadyRecorded(recorded.event)


async def test_who_may_not_add_notes_gets_no_annotation_by_being_late(
    storage: Storage, notes: Notes, house: House, other_house: House, session: Session
) -> None:
    await storage.sessions.end_session(session.id, house.trainer, uuid4(), later(60))
    note = _note(house, later(10))
    assert isinstance(await notes.add(house.observer, session.id, note, later(90)), Forbidden)
    assert isinstance(await notes.add(other_house.admin, session.id, note, later(90)), NotFound)
    by_colleague = await notes.add(house.colleague, session.id, note, later(90))
    assert isinstance(by_colleague, Annotated)
    elsewhere = await open_session(storage, house.trainer, expires_at=later(60))
    taken = await notes.add(house.trainer, elsewhere.id, replace(note), later(90))
    assert isinstance(taken, Conflict)
