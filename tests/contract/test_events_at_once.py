"""append_event by many at once: in one process, in two, and against those who end or edit the session."""

from __future__ import annotations

import asyncio
from collections import Counter
from uuid import uuid4

from server.domain.events import SYSTEM
from server.domain.outcomes import Conflict, SessionClosed, Unauthenticated
from server.domain.people import Credentials
from server.domain.record import AlreadyRecorded, Recorded
from server.domain.session import Session, SessionChange
from server.domain.vitals import VitalsPatch
from server.ports.storage import Storage
from tests.support.folding import record_of, sound_session
from tests.support.houses import House, open_session
from tests.support.making import NOW, a_note, a_push, later


async def test_fifty_at_once_get_fifty_places_in_the_order_of_the_calls(
    storage: Storage, house: House, session: Session
) -> None:
    drafts = [a_push(house.trainer, VitalsPatch({"heart_rate": 100 + number})) for number in range(50)]
    outcomes = await asyncio.gather(
        *(storage.sessions.append_event(session.id, house.trainer, draft, NOW) for draft in drafts)
    )
    assert [each.event.seq for each in outcomes if isinstance(each, Recorded)] == list(range(1, 51))
    assert [event.id for event in await record_of(storage, session.id)] == [draft.id for draft in drafts]
    stored = await sound_session(storage, session.id)
    assert stored.last_values.signs["heart_rate"] == 149


async def test_two_processes_on_one_session_leave_no_gap_and_lose_nothing(
    storage: Storage, second_storage: Storage, house: House, session: Session
) -> None:
    drafts = [
        a_push(house.trainer, VitalsPatch({"spo2": number}, flags={f"flag_{number}": True})) for number in range(30)
    ]
    outcomes = await asyncio.gather(
        *(
            (storage, second_storage)[number % 2].sessions.append_event(session.id, house.trainer, draft, NOW)
            for number, draft in enumerate(drafts)
        )
    )
    seqs = [each.event.seq for each in outcomes if isinstance(each, Recorded)]
    assert sorted(seqs) == list(range(1, 31))
    stored = await sound_session(second_storage, session.id)
    # Each fold stood on the one before it, whichever process made that one.
    assert set(stored.last_values.flags) == {f"flag_{number}" for number in range(30)}
    assert stored == await storage.sessions.find_session(session.id)


async def test_one_id_twenty_times_at_once_is_stored_once(
    storage: Storage, second_storage: Storage, house: House, session: Session
) -> None:
    push = a_push(house.trainer)
    outcomes = await asyncio.gather(
        *(
            (storage, second_storage)[number % 2].sessions.append_event(session.id, house.trainer, push, later(number))
            for number in range(20)
        )
    )
    assert Counter(type(each) for each in outcomes) == {Recorded: 1, AlreadyRecorded: 19}
    (event,) = await record_of(storage, session.id)
    assert {each.event.id for each in outcomes if isinstance(each, Recorded | AlreadyRecorded)} == {push.id}
    assert all(each.event == event for each in outcomes if isinstance(each, Recorded | AlreadyRecorded))
    await sound_session(storage, session.id)


async def test_one_id_in_many_sessions_at_once_stands_in_one(
    storage: Storage, second_storage: Storage, house: House
) -> None:
    sessions = [await open_session(storage, house.trainer) for _ in range(8)]
    push = a_push(house.trainer)
    outcomes = await asyncio.gather(
        *(
            (storage, second_storage)[number % 2].sessions.append_event(session.id, house.trainer, push, NOW)
            for number, session in enumerate(sessions)
        )
    )
    assert Counter(type(each) for each in outcomes) == {Recorded: 1, Conflict: 7}
    lengths = [(await sound_session(storage, session.id)).last_seq for session in sessions]
    assert sorted(lengths) == [0] * 7 + [1]


async def test_sessions_do_not_wait_for_each_other(storage: Storage, second_storage: Storage, house: House) -> None:
    sessions = [await open_session(storage, house.trainer) for _ in range(5)]
    await asyncio.gather(
        *(
            place.sessions.append_event(session.id, house.trainer, a_note(house.trainer), NOW)
            for session in sessions
            for place in (storage, second_storage)
            for _ in range(4)
        )
    )
    assert [(await sound_session(storage, session.id)).last_seq for session in sessions] == [8] * 5


async def test_nothing_comes_behind_the_end(
    storage: Storage, second_storage: Storage, house: House, session: Session
) -> None:
    async def write(number: int) -> object:
        place = (storage, second_storage)[number % 2]
        return await place.sessions.append_event(session.id, house.trainer, a_push(house.trainer), NOW)

    ending = second_storage.sessions.end_session(session.id, house.trainer, uuid4(), NOW)
    outcomes = await asyncio.gather(*(write(number) for number in range(10)), ending, *(write(n) for n in range(20)))
    assert {type(each) for each in outcomes} <= {Recorded, SessionClosed}
    stored = await sound_session(storage, session.id)
    events = await record_of(storage, session.id)
    assert [event.kind for event in events].index("lifecycle") == len(events) - 1
    assert stored.close_reason == "closed"
    assert len(events) == sum(isinstance(each, Recorded) for each in outcomes)


async def test_edits_and_pushes_at_once_lose_neither(
    storage: Storage, second_storage: Storage, house: House, session: Session
) -> None:
    async def edit(place: Storage, number: int) -> Session:
        change = SessionChange(title=f"title {number}")
        changed = await place.sessions.change_session(session.id, house.trainer, change, None, NOW)
        assert isinstance(changed, Session)
        return changed

    async def push(place: Storage) -> None:
        outcome = await place.sessions.append_event(session.id, house.trainer, a_push(house.trainer), NOW)
        assert isinstance(outcome, Recorded)

    places = (storage, second_storage)
    edited, *_ = await asyncio.gather(
        asyncio.gather(*(edit(places[number % 2], number) for number in range(8))),
        *(push(places[number % 2]) for number in range(16)),
    )
    stored = await sound_session(storage, session.id)
    assert (stored.last_seq, stored.version) == (16, session.version + 8)
    assert {each.version for each in edited} == set(range(2, 10))
    assert stored.title == max(edited, key=lambda each: each.version).title


async def test_what_a_login_wanted_is_not_written_once_it_has_ended_anywhere(
    storage: Storage, second_storage: Storage, house: House
) -> None:
    """Alone and in a group; what others want of the same sessions in the same group is."""
    credentials = Credentials(house.trainer, "hash")
    for token_hash in (b"one", b"two"):
        assert await storage.accounts.add_token(credentials, token_hash, NOW, later(600))
    sessions = [await open_session(storage, house.trainer) for _ in range(3)]

    async def push(session: Session, login: bytes | None, second: float) -> object:
        draft = a_push(house.trainer)
        return await storage.sessions.append_event(session.id, house.trainer, draft, later(second), None, login)

    assert isinstance(await push(sessions[0], b"one", 1), Recorded)
    await second_storage.accounts.delete_token(b"one")
    assert await push(sessions[0], b"one", 2) == Unauthenticated()
    wanted = [(session, login) for session in sessions for login in (b"one", b"two", None)]
    outcomes = await asyncio.gather(*(push(session, login, 3) for session, login in wanted))
    for (_, login), outcome in zip(wanted, outcomes, strict=True):
        assert outcome == Unauthenticated() if login == b"one" else isinstance(outcome, Recorded)
    for session, pushed in zip(sessions, (3, 2, 2), strict=True):
        assert len(await record_of(storage, session.id)) == pushed
    await second_storage.accounts.delete_trainer(house.school.id, house.trainer.id, None, SYSTEM, later(4))
    assert await push(sessions[0], b"two", 5) == Unauthenticated()
