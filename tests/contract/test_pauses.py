"""A case that is paused and resumed: what the storages keep of it, also when several do it at once."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from uuid import uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.domain.events import (
    AutomationSwitched,
    CasePaused,
    CaseResumed,
    CaseStarted,
    EventDraft,
    Fact,
    NoteAdded,
    VitalsPushed,
)
from server.domain.outcomes import Forbidden, InvalidFields, SessionClosed
from server.domain.people import Trainer
from server.domain.record import AlreadyRecorded, AlreadySo, Recorded
from server.domain.session import Session
from server.domain.vitals import Ramp, VitalsPatch
from server.ports.storage import Storage
from tests.support.folding import record_of, sound_session
from tests.support.houses import House, open_session
from tests.support.making import NOW, a_push, author, later
from tests.support.strategies import patches

facts: st.SearchStrategy[Fact] = st.one_of(
    st.builds(VitalsPushed, patches), st.just(CasePaused()), st.just(CaseResumed()), st.just(NoteAdded("seen"))
)


def a_draft(trainer: Trainer, fact: Fact) -> EventDraft:
    return EventDraft(uuid4(), author(trainer), fact)


async def test_a_pause_stands_in_the_record_and_in_the_values(
    storage: Storage, second_storage: Storage, house: House, session: Session
) -> None:
    push = a_push(house.trainer, VitalsPatch({"heart_rate": 135}, ramp_seconds=60))
    await storage.sessions.append_event(session.id, house.trainer, push, NOW)
    paused = await storage.sessions.append_event(
        session.id, house.trainer, a_draft(house.trainer, CasePaused()), later(30)
    )
    assert isinstance(paused, Recorded)
    stored = await second_storage.sessions.find_session(session.id)
    assert stored == paused.session
    assert stored.last_values.paused_at == later(30)
    assert stored.last_values.ramps == {"heart_rate": Ramp(105, later(30), 30)}
    resumed = a_draft(house.trainer, CaseResumed())
    gone_on = await second_storage.sessions.append_event(session.id, house.trainer, resumed, later(600))
    assert isinstance(gone_on, Recorded)
    assert gone_on.session.last_values.paused_at is None
    assert (await sound_session(storage, session.id)).last_values.ramps == {"heart_rate": Ramp(105, later(600), 30)}


async def test_what_is_so_already_is_not_stored(storage: Storage, house: House, session: Session) -> None:
    async def append(fact: Fact, second: float) -> object:
        draft = a_draft(house.trainer, fact)
        return await storage.sessions.append_event(session.id, house.trainer, draft, later(second))

    assert await append(CaseResumed(), 1) == AlreadySo(session)
    first = await append(CasePaused(), 2)
    assert isinstance(first, Recorded)
    assert await append(CasePaused(), 3) == AlreadySo(first.session)
    again = EventDraft(first.event.id, first.event.by, first.event.fact)
    assert await storage.sessions.append_event(session.id, house.trainer, again, later(4)) == AlreadyRecorded(
        first.event
    )
    assert await record_of(storage, session.id) == [first.event]


async def test_of_pauses_at_once_one_is_stored(
    storage: Storage, second_storage: Storage, house: House, session: Session
) -> None:
    outcomes = await asyncio.gather(
        *(
            place.sessions.append_event(session.id, house.trainer, a_draft(house.trainer, CasePaused()), later(1))
            for place in (storage, second_storage)
            for _ in range(5)
        )
    )
    assert Counter(type(outcome) for outcome in outcomes) == {Recorded: 1, AlreadySo: 9}
    assert (await sound_session(storage, session.id)).last_seq == 1


async def test_a_pause_that_another_process_has_ended_is_a_new_one(
    storage: Storage, second_storage: Storage, house: House, session: Session
) -> None:
    """What this process believes is not believed to be the truth."""

    async def append(place: Storage, fact: Fact, second: float) -> object:
        draft = a_draft(house.trainer, fact)
        return await place.sessions.append_event(session.id, house.trainer, draft, later(second))

    assert isinstance(await append(storage, CasePaused(), 1), Recorded)
    assert isinstance(await append(second_storage, CaseResumed(), 2), Recorded)
    assert isinstance(await append(storage, CasePaused(), 3), Recorded)
    assert (await sound_session(second_storage, session.id)).last_values.paused_at == later(3)


async def test_who_may_not_pause_and_when(storage: Storage, house: House, session: Session) -> None:
    draft = a_draft(house.observer, CasePaused())
    assert isinstance(await storage.sessions.append_event(session.id, house.observer, draft, NOW), Forbidden)
    await storage.sessions.end_session(session.id, house.trainer, uuid4(), later(1))
    draft = a_draft(house.trainer, CasePaused())
    assert await storage.sessions.append_event(session.id, house.trainer, draft, later(2)) == SessionClosed()


async def test_the_last_case_event_of_its_kind(storage: Storage, house: House, session: Session) -> None:
    facts = [CaseStarted(), AutomationSwitched(False), CasePaused(), AutomationSwitched(True), CaseResumed()]
    events = []
    for second, fact in enumerate(facts):
        draft = a_draft(house.trainer, fact)
        outcome = await storage.sessions.append_event(session.id, house.trainer, draft, later(second))
        assert isinstance(outcome, Recorded)
        events.append(outcome.event)
    last = storage.sessions.last_case_event
    assert await last(session.id, ["started"]) == events[0]
    assert await last(session.id, ["automation_off", "automation_on"]) == events[3]
    assert await last(session.id, ["paused"]) == events[2]
    assert await last(session.id, ["controls_taken"]) is None
    assert await last(uuid4(), ["started"]) is None


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=st.lists(st.tuples(st.integers(0, 4_000_000), facts), max_size=8))
async def test_the_record_folds_to_the_values_with_pauses_in_it(
    storage: Storage, second_storage: Storage, house: House, steps: list[tuple[int, Fact]]
) -> None:
    session = await open_session(storage, house.trainer, expires_at=later(3600 * 24))
    now = NOW
    for number, (pause_ms, fact) in enumerate(steps):
        now += timedelta(milliseconds=pause_ms)
        place = (storage, second_storage)[number % 3 == 2]
        outcome = await place.sessions.append_event(session.id, house.trainer, a_draft(house.trainer, fact), now)
        assert isinstance(outcome, Recorded | AlreadySo | InvalidFields)
        assert isinstance(outcome, AlreadySo) <= isinstance(fact, CasePaused | CaseResumed)
    await sound_session(storage, session.id)
