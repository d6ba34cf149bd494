"""Which alarm limits held when: kept by every door through which they are changed, and by nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from server.domain.devices import Acknowledged
from server.domain.forking import Forked
from server.domain.free_texts import Named
from server.domain.halls import Hall
from server.domain.limits import LIMITS_KEPT, Limit, Limits, LimitsSince
from server.domain.names_out import NamesOut, names_out
from server.domain.record import Recorded
from server.domain.session import Session, SessionChange
from server.ports.halls import CopyKept
from server.ports.storage import Storage
from tests.contract.test_forks import a_fork
from tests.support.devices import an_event, send
from tests.support.hall_side import HallSide, a_hall
from tests.support.houses import House, open_session
from tests.support.making import BY, a_push, later
from tests.support.services import services_on

LOW = {"spo2": {"low": 85, "high": None}}
LOWER = {"spo2": {"low": 80, "high": None}}


def _of(session: Session, low: float) -> Limits:
    return {**session.limits, "spo2": Limit(low, None)}


async def _change(storage: Storage, house: House, session: Session, second: float, **fields: object) -> Session:
    change = SessionChange(**fields)  # type: ignore[arg-type]
    outcome = await storage.sessions.change_session(session.id, house.trainer, change, None, later(second))
    assert isinstance(outcome, Session), outcome
    return outcome


async def test_of_limits_that_nobody_changed_there_is_nothing_to_keep(
    storage: Storage, house: House, session: Session
) -> None:
    await _change(storage, house, session, 1, title="Sepsis")
    await storage.sessions.change_session(
        session.id, house.trainer, SessionChange(limits={"spo2": {"low": 90, "high": None}}), None, later(2)
    )
    await storage.sessions.append_event(session.id, house.trainer, a_push(house.trainer), later(3))
    await storage.sessions.take_controls(session.id, house.colleague, uuid4(), later(4))
    await storage.sessions.end_session(session.id, house.trainer, uuid4(), later(5))
    await storage.keeping.lock_session(session.id, house.admin, "A complaint", later(6))
    assert list(await storage.sessions.limits_since(session.id)) == []
    assert list(await storage.sessions.limits_since(uuid4())) == []


async def test_each_change_is_kept_from_its_moment_on_and_the_first_keeps_what_held_before(
    storage: Storage, second_storage: Storage, house: House, session: Session
) -> None:
    other = await open_session(storage, house.trainer)
    before = await _change(storage, house, session, 1, title="Sepsis")
    await _change(storage, house, session, 60, limits=LOW)
    await storage.sessions.append_event(session.id, house.trainer, a_push(house.trainer), later(70))
    await _change(storage, house, session, 80, title="Septic shock")
    # Not when the event before it was stored, nor by another clock: no earlier than what was written last.
    await _change(second_storage, house, session, 75, limits=LOWER)
    await _change(storage, house, session, 90, limits={"spo2": {"low": 90, "high": None}})
    for each in (storage, second_storage):
        assert list(await each.sessions.limits_since(session.id)) == [
            LimitsSince(session.created_at, before.limits),
            LimitsSince(later(60), _of(session, 85)),
            LimitsSince(later(80), _of(session, 80)),
            LimitsSince(later(90), before.limits),
        ]
        assert list(await each.sessions.limits_since(other.id)) == []


async def test_of_two_changes_at_the_same_moment_the_later_one_holds(
    storage: Storage, house: House, session: Session
) -> None:
    await _change(storage, house, session, 60, limits=LOW)
    await _change(storage, house, session, 60, limits=LOWER)
    assert list(await storage.sessions.limits_since(session.id)) == [
        LimitsSince(session.created_at, session.limits),
        LimitsSince(later(60), _of(session, 80)),
    ]


async def test_what_a_device_changed_offline_is_kept_from_when_it_came(
    storage: Storage, second_storage: Storage, house: House, session: Session
) -> None:
    [version] = [each.version for each in await storage.sync.log_after(house.school.id, 0, 50) if each.id == session.id]
    edits = [
        an_event("SESSION", "UPDATE", entityId=str(session.id), payload={"limits": limits}, localVersion=version)
        for limits in (LOW, LOWER)
    ]
    with services_on(storage) as services:
        taken = (await send(services.sync, house.trainer, *edits, now=later(60))).outcomes
    assert [type(each) for each in taken] == [Acknowledged, Acknowledged], taken
    # No monitor has shown the first of the two.
    for each in (storage, second_storage):
        assert list(await each.sessions.limits_since(session.id)) == [
            LimitsSince(session.created_at, session.limits),
            LimitsSince(later(60), _of(session, 80)),
        ]


async def test_a_session_that_a_device_opened_has_the_limits_of_its_opening(storage: Storage, house: House) -> None:
    session_id = uuid4()
    opened = an_event("SESSION", entityId=str(session_id), payload={"title": "Offline"})
    edit = an_event("SESSION", "UPDATE", entityId=str(session_id), payload={"limits": LOW})
    with services_on(storage) as services:
        taken = (await send(services.sync, house.trainer, opened, edit, now=later(60))).outcomes
    assert [type(each) for each in taken] == [Acknowledged, Acknowledged], taken
    assert list(await storage.sessions.limits_since(session_id)) == []


async def test_a_fork_begins_with_the_limits_that_it_has(storage: Storage, house: House, session: Session) -> None:
    changed = await _change(storage, house, session, 60, limits=LOW)
    pushed = await storage.sessions.append_event(session.id, house.trainer, a_push(house.trainer), later(70))
    assert isinstance(pushed, Recorded)
    made = await a_fork(storage, pushed.session, house.trainer, 80)
    assert await storage.sessions.add_fork(made, house.trainer, uuid4()) == Forked(made.session)
    assert made.session.limits == changed.limits
    assert list(await storage.sessions.limits_since(made.session.id)) == []


@pytest.fixture
async def hall(storage: Storage, house: House) -> Hall:
    added = await storage.halls.add_hall(a_hall(house), b"\x01" * 32, BY)
    assert isinstance(added, Hall)
    return added


@pytest.fixture
async def side(hall: Hall, house: House) -> HallSide:
    return await HallSide.of(hall, house.school, house.trainer)


async def test_a_hall_tells_when_the_limits_changed_there(
    storage: Storage, second_storage: Storage, house: House, side: HallSide
) -> None:
    session = await side.open()
    await _sent(storage, side, session)
    await _change(side.storage, house, session, 60, limits=LOW)
    await _sent(storage, side, session)
    await _change(side.storage, house, session, 90, limits=LOWER)
    # Twice, as after a lost answer; and long after it was so.
    for _ in range(2):
        await _sent(storage, side, session)
    told = [
        LimitsSince(session.created_at, session.limits),
        LimitsSince(later(60), _of(session, 85)),
        LimitsSince(later(90), _of(session, 80)),
    ]
    for each in (side.storage, storage, second_storage):
        assert list(await each.sessions.limits_since(session.id)) == told
    # Taken over, it is this server that knows.
    taken = await storage.halls.take_over(session.id, house.admin, BY, later(1100))
    assert isinstance(taken, Session)
    await _change(storage, house, session, 1110, limits=LOW)
    assert list(await second_storage.sessions.limits_since(session.id)) == [
        *told,
        LimitsSince(later(1110), _of(session, 85)),
    ]


async def test_of_a_hall_that_knows_no_moments_the_last_limits_hold(
    storage: Storage, house: House, side: HallSide
) -> None:
    """One of an earlier release."""
    session = await side.open()
    await _sent(storage, side, session)
    await _change(side.storage, house, session, 60, limits=LOW)
    kept = await _sent(storage, side, session, limits_since=())
    assert kept.limits == _of(session, 85)
    assert list(await storage.sessions.limits_since(session.id)) == []


async def test_the_newest_are_told(storage: Storage, second_storage: Storage, side: HallSide) -> None:
    session = await side.open()
    many = tuple(LimitsSince(later(second), _of(session, second % 90)) for second in range(LIMITS_KEPT + 3))
    await _sent(storage, side, session, limits_since=many)
    for each in (storage, second_storage):
        assert list(await each.sessions.limits_since(session.id)) == list(many[3:])


async def _sent(storage: Storage, side: HallSide, session: Session, **fields: Any) -> Session:
    copy = replace(await side.copy(await side.session(session.id)), **fields)
    [kept] = await storage.halls.put_sessions(side.hall, [copy], later(1000))
    assert isinstance(kept, CopyKept), kept
    return kept.session


async def test_they_stay_when_names_go_out_and_go_with_the_record(
    storage: Storage, second_storage: Storage, house: House, session: Session
) -> None:
    await _change(storage, house, session, 60, limits=LOW)
    ended = await storage.sessions.end_session(session.id, house.trainer, uuid4(), later(90))
    assert isinstance(ended, Recorded)
    unnamed = names_out(Named(ended.session, (), (), ()), {}, later(95))
    assert isinstance(unnamed, NamesOut)
    assert await storage.keeping.take_names_out(ended.session, unnamed, BY, later(95))
    assert len(await second_storage.sessions.limits_since(session.id)) == 2
    left = await storage.sessions.find_session(session.id)
    assert left is not None
    assert await storage.keeping.delete_record(left, BY, later(100))
    for each in (storage, second_storage):
        assert list(await each.sessions.limits_since(session.id)) == []
