"""The log of devices' calls: each call with all its events and what came of them; on every storage."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from server.domain.devices import LoggedEvent
from server.ports.storage import Storage
from server.service.services import Services
from tests.support.devices import Json, an_event, send
from tests.support.houses import House, open_session
from tests.support.making import NOW, later
from tests.support.services import services_on


@pytest.fixture
def services(storage: Storage) -> Iterator[Services]:
    with services_on(storage) as services:
        yield services


async def _last_call(services: Services, house: House) -> Sequence[LoggedEvent]:
    calls = (await services.device_calls.list(house.admin, 50, None)).items  # type: ignore[union-attr]
    newest = max(calls, key=lambda call: call.started_at)
    found = await services.device_calls.find(house.admin, newest.id)
    assert isinstance(found, tuple)
    record, events = found
    assert len(events) == record.events
    outcomes = [event.outcome for event in events]
    assert outcomes.count("acknowledged") == record.acknowledged
    assert outcomes.count("conflict") == record.conflicts
    assert outcomes.count("rejected") == record.rejected
    return events


def _a_batch() -> list[Json]:
    return [an_event(), an_event(operation="UPDATE"), an_event(payload={"colour": 1}), an_event("SESSION", "DELETE")]


async def test_a_repeated_call_lists_its_events_as_any_other(services: Services, house: House) -> None:
    batch = _a_batch()
    await send(services.sync, house.trainer, *batch)
    first = await _last_call(services, house)
    assert [str(event.event_id) for event in first] == [event["id"] for event in batch]
    assert [(event.outcome, event.reason) for event in first] == [
        ("acknowledged", None),
        ("conflict", "missing"),
        ("rejected", "invalid_fields"),
        ("rejected", "forbidden"),
    ]
    await send(services.sync, house.trainer, *batch, now=later(1))
    assert await _last_call(services, house) == first
    new = an_event()
    await send(services.sync, house.trainer, new, *reversed(batch), new, now=later(2))
    mixed = await _last_call(services, house)
    assert list(mixed[1:-1]) == list(reversed(first))
    assert str(mixed[0].event_id) == new["id"]
    assert mixed[0] == mixed[-1]


async def test_a_colleagues_repeat_is_logged_with_its_own_outcome(services: Services, house: House) -> None:
    event = an_event()
    await send(services.sync, house.trainer, event)
    await send(services.sync, house.colleague, event, client="phone", now=later(1))
    assert [(each.outcome, each.reason) for each in await _last_call(services, house)] == [("rejected", "id_taken")]


async def test_events_of_a_record_stand_among_the_others_in_their_order(
    services: Services, storage: Storage, house: House
) -> None:
    session = await open_session(storage, house.trainer)

    def note(text: str) -> Json:
        return an_event("SESSION_EVENT", payload={"session_id": str(session.id), "kind": "note", "text": text})

    batch = [note("one"), an_event(), note("two"), an_event("SESSION_EVENT", payload={}), an_event()]
    await send(services.sync, house.trainer, *batch)
    first = await _last_call(services, house)
    assert [str(event.event_id) for event in first] == [event["id"] for event in batch]
    await send(services.sync, house.trainer, *batch, now=later(1))
    assert await _last_call(services, house) == first


async def test_what_a_repeat_told_is_forgotten_with_it_and_the_first_answer_before(
    services: Services, storage: Storage, house: House
) -> None:
    batch = _a_batch()
    await send(services.sync, house.trainer, *batch)
    await send(services.sync, house.trainer, *batch, now=later(10))
    await storage.sync.forget_before(later(5), 100)
    assert len(await _last_call(services, house)) == len(batch)
    # The answers were those of the first call.
    ids = await storage.sync.find_answered(
        house.school.id, [event.event_id for event in await _last_call(services, house)]
    )
    assert not ids
    await storage.sync.forget_before(later(20), 100)
    assert not (await storage.sync.list_calls(house.school.id, 10, None)).items


async def test_the_answer_of_a_repeat_outlives_an_older_clock(
    services: Services, storage: Storage, house: House
) -> None:
    """A clock that was put back makes the repeat look older than the call whose answers it repeats."""
    event = an_event()
    await send(services.sync, house.trainer, event, now=later(10))
    await send(services.sync, house.trainer, event, now=NOW)
    await storage.sync.forget_before(later(5), 100)
    calls = (await storage.sync.list_calls(house.school.id, 10, None)).items
    assert [call.started_at for call in calls] == [later(10)]
    first = await _last_call(services, house)
    assert await storage.sync.find_answered(house.school.id, [each.event_id for each in first])
