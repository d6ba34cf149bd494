"""add_session, the ways to find it, and change_session."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from uuid import uuid4

import pytest

from server.domain.limits import ADULT_LIMITS, Limit
from server.domain.outcomes import (
    Conflict,
    Forbidden,
    InvalidFields,
    NotFound,
    SessionClosed,
    SessionExpired,
    VersionMismatch,
)
from server.domain.record import Recorded, record
from server.domain.session import ForkedFrom, Session, SessionChange
from server.domain.vitals import VitalsPatch
from server.ports.results import Added, AlreadyThere, CodeTaken
from server.ports.storage import Storage
from tests.support.folding import record_of, sound_session
from tests.support.houses import House, open_session
from tests.support.making import BY, NOW, a_code, a_push, a_session, a_template, later


async def test_a_session_is_found_as_it_was_stored(storage: Storage, second_storage: Storage, house: House) -> None:
    template = a_template(house.school)
    await storage.templates.add_template(template, BY)
    limits = {**ADULT_LIMITS, "heart_rate": Limit(None, 180), "temperature": Limit(35.5, None)}
    session = a_session(
        house.trainer,
        template_id=template.id,
        trainee_name=None,
        limits=limits,
        public_title="Patiente, 34 ans",
        co_trainer_ids=(house.colleague.id, house.admin.id),
        shows_conditions=True,
        forked_from=ForkedFrom(uuid4(), 7),
    )
    assert await storage.sessions.add_session(session, None, BY) == Added(session)
    assert await second_storage.sessions.find_session(session.id) == session
    assert await second_storage.sessions.find_session_by_code(session.code) == session


async def test_what_does_not_exist_is_none(storage: Storage, session: Session) -> None:
    assert await storage.sessions.find_session(uuid4()) is None
    assert await storage.sessions.find_session_by_code(a_code()) is None
    assert await storage.sessions.find_session_by_code("") is None
    assert await storage.sessions.find_session_by_code(session.code + session.code) is None


async def test_the_first_event_is_stored_with_the_session(storage: Storage, house: House) -> None:
    bare = a_session(house.trainer)
    first = record(bare, a_push(house.trainer, VitalsPatch({"temperature": 39.5}, flags={"cpr": True})), NOW)
    assert isinstance(first, Recorded)
    assert await storage.sessions.add_session(first.session, first.event, BY) == Added(first.session)
    assert await record_of(storage, bare.id) == [first.event]
    stored = await sound_session(storage, bare.id)
    assert stored.last_seq == 1
    second = await storage.sessions.append_event(bare.id, house.trainer, a_push(house.trainer), later(1))
    assert isinstance(second, Recorded)
    assert second.event.seq == 2


async def test_the_same_id_again_answers_the_session_as_it_is_now(storage: Storage, house: House) -> None:
    session = await open_session(storage, house.trainer)
    pushed = await storage.sessions.append_event(session.id, house.trainer, a_push(house.trainer), later(1))
    assert isinstance(pushed, Recorded)
    for again in (
        session,
        a_session(house.trainer, id=session.id, title="another title"),
        a_session(house.colleague, id=session.id),
    ):
        first = record(again, a_push(house.trainer), NOW)
        assert isinstance(first, Recorded)
        assert await storage.sessions.add_session(first.session, first.event, BY) == AlreadyThere(pushed.session)
    assert await record_of(storage, session.id) == [pushed.event]
    assert await storage.sessions.find_session(session.id) == pushed.session


async def test_another_schools_id_is_a_conflict_and_says_nothing(
    storage: Storage, house: House, other_house: House, session: Session
) -> None:
    outcome = await storage.sessions.add_session(a_session(other_house.trainer, id=session.id), None, BY)
    assert isinstance(outcome, Conflict)
    assert session.title not in outcome.detail
    assert await storage.sessions.find_session(session.id) == session


async def test_a_code_is_never_given_twice(
    storage: Storage, house: House, other_house: House, session: Session
) -> None:
    async def try_code(trainer_house: House) -> object:
        return await storage.sessions.add_session(a_session(trainer_house.trainer, code=session.code), None, BY)

    assert await try_code(house) == CodeTaken()
    assert await try_code(other_house) == CodeTaken()
    await storage.sessions.end_session(session.id, house.trainer, uuid4(), later(1))
    assert await try_code(house) == CodeTaken()
    found = await storage.sessions.find_session_by_code(session.code)
    assert found is not None
    assert (found.id, found.close_reason) == (session.id, "closed")


async def test_opened_by_many_at_once_there_is_one(storage: Storage, second_storage: Storage, house: House) -> None:
    session = a_session(house.trainer)
    same_id = [replace(session, code=a_code()) for _ in range(10)]
    outcomes = await asyncio.gather(
        *((storage, second_storage)[n % 2].sessions.add_session(each, None, BY) for n, each in enumerate(same_id))
    )
    assert Counter(type(each) for each in outcomes) == {Added: 1, AlreadyThere: 9}
    assert len({each.item.code for each in outcomes if isinstance(each, Added | AlreadyThere)}) == 1
    code = a_code()
    same_code = [a_session(house.trainer, code=code) for _ in range(10)]
    outcomes = await asyncio.gather(
        *((storage, second_storage)[n % 2].sessions.add_session(each, None, BY) for n, each in enumerate(same_code))
    )
    assert Counter(type(each) for each in outcomes) == {Added: 1, CodeTaken: 9}


async def test_a_change_names_what_it_changes(storage: Storage, second_storage: Storage, house: House) -> None:
    session = await open_session(storage, house.trainer)
    titled = await storage.sessions.change_session(
        session.id, house.trainer, SessionChange(title="Sepsis"), session.version, later(1)
    )
    assert titled == replace(session, title="Sepsis", updated_at=later(1), version=2)
    unnamed = await second_storage.sessions.change_session(
        session.id, house.admin, SessionChange(trainee_name="", expires_at=later(7200)), None, later(2)
    )
    assert unnamed == replace(titled, trainee_name=None, expires_at=later(7200), updated_at=later(2), version=3)
    assert await storage.sessions.find_session(session.id) == unnamed


async def test_limits_that_are_named_are_laid_over_the_others(storage: Storage, house: House, session: Session) -> None:
    change = SessionChange(
        public_title="Patiente, 34 ans",
        limits={"heart_rate": {"low": 40}, "mean": {"low": 65, "high": None}},
        co_trainer_ids=(house.colleague.id,),
        shows_conditions=True,
    )
    changed = await storage.sessions.change_session(session.id, house.trainer, change, None, later(1))
    assert isinstance(changed, Session)
    assert changed.limits == {**session.limits, "heart_rate": Limit(40, None), "mean": Limit(65, None)}
    assert (changed.public_title, changed.co_trainer_ids) == ("Patiente, 34 ans", (house.colleague.id,))
    back = SessionChange(public_title="", co_trainer_ids=(), shows_conditions=False)
    again = await storage.sessions.change_session(session.id, house.trainer, back, None, later(2))
    assert again == replace(session, limits=changed.limits, updated_at=later(2), version=3)
    assert await storage.sessions.find_session(session.id) == again


async def test_a_push_stands_on_what_another_process_changed(
    storage: Storage, second_storage: Storage, house: House, session: Session
) -> None:
    async def push(second: float) -> object:
        return await storage.sessions.append_event(session.id, house.trainer, a_push(house.trainer), later(second))

    async def change(second: float, **fields: object) -> None:
        changed = SessionChange(**fields)
        outcome = await second_storage.sessions.change_session(session.id, house.trainer, changed, None, later(second))
        assert isinstance(outcome, Session)

    assert isinstance(await push(1), Recorded)
    await change(2, title="Sepsis", expires_at=later(9000))
    pushed = await push(3)
    assert isinstance(pushed, Recorded)
    assert (pushed.session.title, pushed.session.expires_at, pushed.session.version) == ("Sepsis", later(9000), 2)
    # Past the first expiry, which the second one has put off; then past a third, which is nearer.
    await change(4, expires_at=later(9500))
    assert isinstance(await push(9200), Recorded)
    await change(9300, expires_at=later(9310))
    assert await push(9310) == SessionExpired()


async def test_a_change_on_an_old_version_changes_nothing(storage: Storage, house: House, session: Session) -> None:
    changed = await storage.sessions.change_session(
        session.id, house.trainer, SessionChange(title="one"), session.version, later(1)
    )
    assert isinstance(changed, Session)
    stale = await storage.sessions.change_session(
        session.id, house.trainer, SessionChange(title="two"), session.version, later(2)
    )
    assert stale == VersionMismatch(changed.version)
    assert await storage.sessions.find_session(session.id) == changed


async def test_of_changes_on_one_version_at_once_one_goes_through(
    storage: Storage, second_storage: Storage, house: House, session: Session
) -> None:
    outcomes = await asyncio.gather(
        *(
            (storage, second_storage)[number % 2].sessions.change_session(
                session.id, house.trainer, SessionChange(title=f"{number}"), session.version, later(1)
            )
            for number in range(10)
        )
    )
    assert Counter(type(each) for each in outcomes) == {Session: 1, VersionMismatch: 9}
    assert await storage.sessions.find_session(session.id) in outcomes


@pytest.mark.parametrize("expires_in", [-1, 0, 0.999, 1 + 30 * 24 * 3600.001])
async def test_an_expiry_in_the_past_or_too_far_off_is_refused(
    storage: Storage, house: House, session: Session, expires_in: float
) -> None:
    change = SessionChange(title="changed?", expires_at=later(expires_in))
    outcome = await storage.sessions.change_session(session.id, house.trainer, change, None, later(1))
    assert isinstance(outcome, InvalidFields)
    assert [error.field for error in outcome.errors] == ["expires_at"]
    assert await storage.sessions.find_session(session.id) == session


async def test_who_may_not_change_a_session(
    storage: Storage, house: House, other_house: House, session: Session
) -> None:
    change = SessionChange(title="taken over")
    for trainer, refusal in (
        (house.colleague, Forbidden),
        (house.observer, Forbidden),
        (other_house.admin, NotFound),
    ):
        outcome = await storage.sessions.change_session(session.id, trainer, change, None, later(1))
        assert isinstance(outcome, refusal)
    assert isinstance(await storage.sessions.change_session(uuid4(), house.admin, change, None, NOW), NotFound)
    assert await storage.sessions.find_session(session.id) == session


async def test_what_is_over_is_a_record_and_is_not_changed(storage: Storage, house: House, session: Session) -> None:
    change = SessionChange(title="rewritten", expires_at=later(9000))
    at_expiry = await storage.sessions.change_session(session.id, house.trainer, change, None, session.expires_at)
    assert at_expiry == SessionExpired()
    await storage.sessions.end_session(session.id, house.trainer, uuid4(), later(1))
    closed = await storage.sessions.change_session(session.id, house.trainer, change, 99, later(2))
    assert closed == SessionClosed()
    stored = await storage.sessions.find_session(session.id)
    assert stored is not None
    assert stored.title == session.title
