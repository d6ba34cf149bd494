"""The debrief of a long record: the same however the record is read, and nobody waits for it."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from server.domain.events import EventDraft, Fact
from server.domain.session import Session
from server.ports import slices
from server.ports.storage import Storage
from server.service import debrief as debriefs
from server.storage.memory import MemoryStorage
from tests.support.debriefing import marked, pushed
from tests.support.houses import furnish, open_session
from tests.support.making import author, later
from tests.support.services import services_on

_EVENTS = 120
_FACTS: tuple[Fact, ...] = (
    pushed(vitals={"heart_rate": 140, "spo2": 85, "systolic": 80, "diastolic": 40}, ramp_seconds=30),
    marked("help"),
    pushed(rhythm="ventricular_fibrillation"),
    pushed(flags={"cpr": True}),
    marked("defibrillation"),
    pushed(flags={"cpr": None}, rhythm="sinus", vitals={"heart_rate": 90, "spo2": 97, "systolic": 120}),
)


async def _recorded() -> tuple[Storage, Session]:
    storage = MemoryStorage()
    house = await furnish(storage)
    session = await open_session(storage, house.trainer, expires_at=later(7200))
    for number in range(_EVENTS):
        draft = EventDraft(uuid4(), author(house.trainer), _FACTS[number % len(_FACTS)])
        await storage.sessions.append_event(session.id, house.trainer, draft, later(20 * number + 1))
    return storage, session


async def test_it_does_not_depend_on_the_pages_of_the_record(monkeypatch: pytest.MonkeyPatch) -> None:
    storage, session = await _recorded()
    with services_on(storage) as services:
        whole = await services.debrief.read(session, later(3000))
        assert len(whole.record.resuscitation) == _EVENTS // len(_FACTS)
        for page in (1, 7, _EVENTS):
            monkeypatch.setattr(debriefs, "PAGE", page)
            assert await services.debrief.read(session, later(3000)) == whole


async def test_others_get_their_turn_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    """With slices as short as they can be, others run between any two events."""
    monkeypatch.setattr(slices, "SLICE_SECONDS", 0.0)
    monkeypatch.setattr(slices, "_PAUSE_SECONDS", 0.0)
    storage, session = await _recorded()
    turns = 0
    with services_on(storage) as services:
        reading = asyncio.create_task(services.debrief.read(session, later(3000)))
        while not reading.done():
            turns += 1
            await asyncio.sleep(0)
        await reading
    assert turns >= _EVENTS
