"""Events that the server records by itself, under ids that whoever knows the session can work out; on memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid5

import pytest

from server.domain.events import SYSTEM, EventDraft, VitalsPushed
from server.domain.record import AlreadyRecorded, Recorded
from server.domain.vitals import VitalsPatch
from server.service.services import Services
from server.storage.memory import MemoryStorage
from tests.support.houses import furnish, open_session
from tests.support.making import NOW, a_push, a_seat, an_action, later
from tests.support.services import services_on

FIRST_STEP = VitalsPushed(VitalsPatch({"heart_rate": 130}))


@pytest.fixture
def services() -> Iterator[Services]:
    with services_on(MemoryStorage()) as services:
        yield services


@pytest.mark.parametrize("where", ["by a trainee", "in another school"])
async def test_somebody_who_takes_the_id_first_stops_nothing(services: Services, where: str) -> None:
    house, other = await furnish(services.storage), await furnish(services.storage, "Elsewhere")
    session = await open_session(services.storage, house.trainer)
    draft = EventDraft(uuid5(session.id, "first step"), SYSTEM, FIRST_STEP)
    if where == "by a trainee":
        seat = a_seat(session)
        squatted = await services.sessions.record(seat, session.id, replace(an_action(seat), id=draft.id), NOW)
    else:
        theirs = await open_session(services.storage, other.trainer)
        push = a_push(other.trainer, event_id=draft.id)
        squatted = await services.sessions.record(other.trainer, theirs.id, push, NOW)
    assert isinstance(squatted, Recorded)
    played = await services.sessions.record(house.trainer, session.id, draft, later(1))
    assert isinstance(played, Recorded)
    assert played.event.fact == FIRST_STEP
    for _ in range(2):
        again = await services.sessions.record(house.trainer, session.id, draft, later(2))
        assert again == AlreadyRecorded(played.event), "it is played once"


async def test_what_a_fork_began_with_is_not_begun_anew(services: Services) -> None:
    house = await furnish(services.storage)
    session = await open_session(services.storage, house.trainer)
    opening = a_push(house.trainer, event_id=uuid5(session.id, "first step"))
    carried = await services.sessions.record(house.trainer, session.id, opening, NOW)
    assert isinstance(carried, Recorded)
    draft = EventDraft(opening.id, SYSTEM, FIRST_STEP)
    assert await services.sessions.record(house.trainer, session.id, draft, NOW) == AlreadyRecorded(carried.event)
