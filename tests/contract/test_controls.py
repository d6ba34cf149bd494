"""Taking the controls: an event and a co-trainer, both or neither."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import uuid4

from server.domain.events import Author, ControlsTaken
from server.domain.outcomes import Conflict, Forbidden, NotFound, SessionClosed, SessionExpired
from server.domain.record import Recorded
from server.domain.session import CO_TRAINERS_LIMIT, Session
from server.ports.storage import Storage
from tests.support.folding import record_of, sound_session
from tests.support.houses import House, open_session
from tests.support.making import a_push, later


async def test_a_colleague_becomes_a_co_trainer_and_the_record_tells(
    storage: Storage, second_storage: Storage, house: House, session: Session
) -> None:
    refused = await storage.sessions.append_event(session.id, house.colleague, a_push(house.colleague), later(1))
    assert isinstance(refused, Forbidden)
    event_id = uuid4()
    taken = await storage.sessions.take_controls(session.id, house.colleague, event_id, later(2))
    assert isinstance(taken, Recorded)
    assert (taken.event.id, taken.event.seq, taken.event.fact) == (event_id, 1, ControlsTaken())
    assert taken.event.by == Author("trainer", house.colleague.id, house.colleague.name)
    expected = replace(
        session, co_trainer_ids=(house.colleague.id,), last_seq=1, updated_at=later(2), version=session.version + 1
    )
    assert taken.session == expected
    assert await second_storage.sessions.find_session(session.id) == expected
    assert await record_of(second_storage, session.id) == [taken.event]
    for each in (storage, second_storage):
        pushed = await each.sessions.append_event(session.id, house.colleague, a_push(house.colleague), later(3))
        assert isinstance(pushed, Recorded)
    assert (await sound_session(storage, session.id)).last_seq == 3


async def test_whoever_holds_them_takes_nothing(storage: Storage, house: House, session: Session) -> None:
    assert await storage.sessions.take_controls(session.id, house.trainer, uuid4(), later(1)) == session
    first = await storage.sessions.take_controls(session.id, house.colleague, uuid4(), later(1))
    assert isinstance(first, Recorded)
    assert await storage.sessions.take_controls(session.id, house.colleague, uuid4(), later(2)) == first.session
    by_admin = await storage.sessions.take_controls(session.id, house.admin, uuid4(), later(3))
    assert isinstance(by_admin, Recorded)
    assert by_admin.session.co_trainer_ids == (house.colleague.id, house.admin.id)
    assert len(await record_of(storage, session.id)) == 2


async def test_many_at_once_are_taken_once_each(
    storage: Storage, second_storage: Storage, house: House, session: Session
) -> None:
    outcomes = await asyncio.gather(
        *(
            each.sessions.take_controls(session.id, trainer, uuid4(), later(1))
            for trainer in (house.colleague, house.admin)
            for each in (storage, second_storage, storage)
        ),
        *(
            each.sessions.append_event(session.id, house.trainer, a_push(house.trainer), later(1))
            for each in (storage, second_storage)
        ),
    )
    assert sum(isinstance(outcome, Recorded) for outcome in outcomes) == 4
    session = await sound_session(storage, session.id)
    assert set(session.co_trainer_ids) == {house.colleague.id, house.admin.id}
    assert session.last_seq == 4


async def test_who_may_not_take_them_leaves_nothing(
    storage: Storage, house: House, other_house: House, session: Session
) -> None:
    full = await open_session(storage, house.trainer, co_trainer_ids=tuple(uuid4() for _ in range(CO_TRAINERS_LIMIT)))
    for where, trainer, refusal in (
        (session, house.observer, Forbidden),
        (session, other_house.admin, NotFound),
        (replace(session, id=uuid4()), house.admin, NotFound),
        (full, house.colleague, Conflict),
    ):
        outcome = await storage.sessions.take_controls(where.id, trainer, uuid4(), later(1))
        assert isinstance(outcome, refusal)
    for each in (session, full):
        assert await storage.sessions.find_session(each.id) == each
        assert await record_of(storage, each.id) == []


async def test_nothing_is_taken_in_a_session_that_is_over(storage: Storage, house: House, session: Session) -> None:
    expiring = await open_session(storage, house.trainer, expires_at=later(5))
    await storage.sessions.take_controls(session.id, house.colleague, uuid4(), later(1))
    await storage.sessions.end_session(session.id, house.trainer, uuid4(), later(2))
    for where, refusal, events in ((session, SessionClosed(), 2), (expiring, SessionExpired(), 0)):
        assert await storage.sessions.take_controls(where.id, house.colleague, uuid4(), later(6)) == refusal
        assert len(await record_of(storage, where.id)) == events
