"""How sessions end: by hand, and when their time is up."""

from __future__ import annotations

import asyncio
from uuid import uuid4

from server.domain.events import SYSTEM, SessionEnded
from server.domain.outcomes import Forbidden, NotFound, SessionExpired
from server.domain.record import Recorded
from server.domain.session import Session, SessionChange
from server.ports.results import Seen, StorageUnavailable
from server.ports.storage import Storage
from tests.support.folding import record_of, sound_session
from tests.support.houses import House, open_session
from tests.support.making import NOW, a_push, later


async def test_closing_is_the_last_event_and_closes_once(
    storage: Storage, second_storage: Storage, house: House, session: Session
) -> None:
    await storage.sessions.append_event(session.id, house.trainer, a_push(house.trainer), later(1))
    event_id = uuid4()
    ended = await storage.sessions.end_session(session.id, house.trainer, event_id, later(2))
    assert isinstance(ended, Recorded)
    assert (ended.session.closed_at, ended.session.close_reason) == (later(2), "closed")
    assert (ended.event.id, ended.event.kind, ended.event.seq) == (event_id, "lifecycle", 2)
    assert ended.event.by.id == house.trainer.id
    assert ended.event.fact == SessionEnded("closed")
    assert ended.session.version == session.version + 1
    for place in (storage, second_storage):
        assert await place.sessions.end_session(session.id, house.admin, uuid4(), later(3)) == ended.session
    assert (await record_of(storage, session.id))[-1] == ended.event
    assert await sound_session(second_storage, session.id) == ended.session


async def test_closed_by_many_at_once_it_ends_once(
    storage: Storage, second_storage: Storage, house: House, session: Session
) -> None:
    outcomes = await asyncio.gather(
        *(
            (storage, second_storage)[number % 2].sessions.end_session(session.id, house.trainer, uuid4(), later(1))
            for number in range(10)
        )
    )
    recorded = [each for each in outcomes if isinstance(each, Recorded)]
    assert len(recorded) == 1
    assert [each for each in outcomes if not isinstance(each, Recorded)] == [recorded[0].session] * 9
    assert await record_of(storage, session.id) == [recorded[0].event]


async def test_who_may_not_close(storage: Storage, house: House, other_house: House, session: Session) -> None:
    for trainer, refusal in (
        (house.colleague, Forbidden),
        (house.observer, Forbidden),
        (other_house.admin, NotFound),
    ):
        outcome = await storage.sessions.end_session(session.id, trainer, uuid4(), later(1))
        assert isinstance(outcome, refusal)
    assert isinstance(await storage.sessions.end_session(uuid4(), house.admin, uuid4(), NOW), NotFound)
    assert await storage.sessions.find_session(session.id) == session
    assert await record_of(storage, session.id) == []


async def test_closed_after_its_time_it_has_expired(storage: Storage, house: House, session: Session) -> None:
    ended = await storage.sessions.end_session(session.id, house.trainer, uuid4(), session.expires_at)
    assert isinstance(ended, Recorded)
    assert ended.session.close_reason == "expired"
    assert ended.event.by == SYSTEM
    push = await storage.sessions.append_event(session.id, house.trainer, a_push(house.trainer), later(1))
    assert push == SessionExpired()


async def test_what_is_due_expires(storage: Storage, house: House, other_house: House) -> None:
    due = await open_session(storage, house.trainer, expires_at=later(10))
    elsewhere = await open_session(storage, other_house.trainer, expires_at=later(5))
    open_still = await open_session(storage, house.trainer, expires_at=later(10.001))
    closed = await open_session(storage, house.trainer, expires_at=later(10))
    await storage.sessions.end_session(closed.id, house.trainer, uuid4(), later(1))
    assert await storage.sessions.expire_due(later(4.999), 10) == []
    ended = {each.session.id: each for each in await storage.sessions.expire_due(later(10), 10)}
    assert set(ended) == {due.id, elsewhere.id}
    for session_id, each in ended.items():
        assert (each.session.closed_at, each.session.close_reason) == (later(10), "expired")
        assert (each.event.by, each.event.fact) == (SYSTEM, SessionEnded("expired"))
        assert await record_of(storage, session_id) == [each.event]
        assert await sound_session(storage, session_id) == each.session
    assert await storage.sessions.expire_due(later(10), 10) == []
    assert await storage.sessions.find_session(open_still.id) == open_still


async def test_no_more_than_the_limit_expire_at_once(storage: Storage, house: House, other_house: House) -> None:
    due = {
        (await open_session(storage, trainer, expires_at=later(number))).id
        for number, trainer in enumerate([house.trainer, other_house.trainer] * 4)
    }
    ended: list[Recorded] = []
    for _ in range(2):
        step = await storage.sessions.expire_due(later(100), 3)
        assert len(step) == 3
        ended += step
    ended += await storage.sessions.expire_due(later(100), 3)
    assert len(ended) == 8
    assert {each.session.id for each in ended} == due
    assert await storage.sessions.expire_due(later(100), 0) == []


async def test_two_processes_expire_each_session_once(
    storage: Storage, second_storage: Storage, house: House, other_house: House
) -> None:
    due = {
        (await open_session(storage, trainer, expires_at=later(1))).id
        for trainer in [house.trainer, other_house.trainer] * 10
    }

    async def sweep(place: Storage) -> list[Recorded]:
        ended: list[Recorded] = []
        while True:
            try:
                step = await place.sessions.expire_due(later(2), 3)
            except StorageUnavailable:
                continue  # the other one has held a school for long; it is looked at again
            if not step:
                return ended
            ended += step

    swept = await asyncio.gather(*(sweep(place) for place in (storage, second_storage) * 2))
    told = [each.session.id for step in swept for each in step]
    assert len(told) == len(due)
    assert set(told) == due
    for session_id in due:
        assert [event.kind for event in await record_of(storage, session_id)] == ["lifecycle"]


async def test_expiry_and_closing_at_once_end_it_once(storage: Storage, second_storage: Storage, house: House) -> None:
    for _ in range(5):
        session = await open_session(storage, house.trainer, expires_at=later(1))
        by_hand, expired = await asyncio.gather(
            storage.sessions.end_session(session.id, house.trainer, uuid4(), later(2)),
            second_storage.sessions.expire_due(later(2), 10),
        )
        assert isinstance(by_hand, Recorded) + len(expired) == 1
        assert (await sound_session(storage, session.id)).last_seq == 1


async def test_an_expiry_put_off_in_another_process_is_heeded(
    storage: Storage, second_storage: Storage, house: House, session: Session
) -> None:
    change = SessionChange(expires_at=later(7200))
    await second_storage.sessions.change_session(session.id, house.trainer, change, None, later(1))
    assert await storage.sessions.expire_due(later(3600), 10) == []
    assert await storage.sessions.next_expiry() == later(7200)


async def test_the_next_expiry_is_the_earliest_of_the_open_ones(
    storage: Storage, house: House, other_house: House
) -> None:
    assert await storage.sessions.next_expiry() is None
    await open_session(storage, house.trainer, expires_at=later(20))
    earliest = await open_session(storage, other_house.trainer, expires_at=later(10.001))
    closed = await open_session(storage, house.trainer, expires_at=later(5))
    await storage.sessions.end_session(closed.id, house.trainer, uuid4(), later(1))
    assert await storage.sessions.next_expiry() == later(10.001)
    assert [each.session.id for each in await storage.sessions.expire_due(later(11), 10)] == [earliest.id]
    assert await storage.sessions.next_expiry() == later(20)
    await storage.sessions.expire_due(later(20), 10)
    assert await storage.sessions.next_expiry() is None


async def test_the_last_change_is_that_of_any_open_session(storage: Storage, house: House, other_house: House) -> None:
    assert await storage.sessions.last_change() is None
    first, second = [await open_session(storage, each.trainer) for each in (house, other_house)]
    await storage.sessions.append_event(second.id, other_house.trainer, a_push(other_house.trainer), later(7))
    await storage.sessions.append_event(first.id, house.trainer, a_push(house.trainer), later(5))
    assert await storage.sessions.last_change() == later(7)
    await storage.sessions.end_session(second.id, other_house.trainer, uuid4(), later(9))
    assert await storage.sessions.last_change() == later(5)


async def test_moved_among_names_those_that_moved_on_or_ended(
    storage: Storage, second_storage: Storage, house: House
) -> None:
    written, edited, still, closed, due, not_asked = [await open_session(storage, house.trainer) for _ in range(6)]
    seen = {each.id: Seen(each.last_seq, each.version) for each in (written, edited, still, closed, due)}
    assert await storage.sessions.moved_among(seen) == []

    for session in (written, not_asked):
        await second_storage.sessions.append_event(session.id, house.trainer, a_push(house.trainer), later(1))
    await second_storage.sessions.change_session(edited.id, house.trainer, SessionChange(title="x"), None, later(1))
    soon = SessionChange(expires_at=later(2))
    changed = await second_storage.sessions.change_session(due.id, house.trainer, soon, None, later(1))
    assert isinstance(changed, Session)
    seen[due.id] = Seen(changed.last_seq, changed.version)
    await second_storage.sessions.end_session(closed.id, house.trainer, uuid4(), later(1))

    moved = {each.id: each for each in await storage.sessions.moved_among({**seen, uuid4(): Seen(0, 0)})}
    assert moved.keys() == {written.id, edited.id, closed.id}
    for session_id, session in moved.items():
        assert session == await storage.sessions.find_session(session_id)
    await second_storage.sessions.expire_due(later(3), 10)
    as_now = {each.id: Seen(each.last_seq, each.version) for each in moved.values()}
    ended = {each.id: each.close_reason for each in await storage.sessions.moved_among({**seen, **as_now})}
    assert ended == {closed.id: "closed", due.id: "expired"}
    assert await storage.sessions.moved_among({}) == []
