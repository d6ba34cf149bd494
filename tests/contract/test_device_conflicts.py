"""Conflicts of devices: whose they are, and what of them is told to whom; on every storage."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from uuid import UUID

import pytest

from server.domain.audit import COMMAND_LINE, author_of
from server.domain.devices import Acknowledged, Conflicted, EditConflict, EventOutcome
from server.domain.events import Author
from server.domain.outcomes import NotFound
from server.domain.people import Trainer
from server.domain.record import Recorded
from server.domain.session import SessionChange
from server.domain.template import Template
from server.ports.storage import Storage
from server.service.services import Services
from server.service.sync.conflicts import Choice, Moved, Resolved
from server.transport.devices.answers import show_to
from tests.support.devices import Json, an_event, send
from tests.support.houses import House, open_session
from tests.support.making import NOW, a_push, a_template, later
from tests.support.services import services_on


class Desk:
    def __init__(self, services: Services, house: House) -> None:
        self.services = services
        self.house = house

    async def conflict(self, trainer: Trainer, event: Json, client: str = "tablet") -> EditConflict:
        [conflicted] = (await send(self.services.sync, trainer, event, client=client)).outcomes
        assert isinstance(conflicted, Conflicted), conflicted
        found = await self.services.conflicts.find(self.house.admin, conflicted.conflict_id)
        assert isinstance(found, EditConflict)
        return found

    async def up(self, trainer: Trainer, event: Json, client: str = "tablet") -> EventOutcome:
        [outcome] = (await send(self.services.sync, trainer, event, client=client)).outcomes
        return outcome

    async def listed(self, trainer: Trainer) -> list[UUID]:
        return [each.id for each in (await self.services.conflicts.list(trainer, 50, None)).items]

    async def keep_server(self, trainer: Trainer, conflict: EditConflict) -> object:
        version = 0 if conflict.data is None else conflict.data.version
        choice = Choice("server", version, None)
        return await self.services.conflicts.resolve(trainer, conflict, choice, show_to(trainer), NOW)


@pytest.fixture
def desk(storage: Storage, house: House) -> Iterator[Desk]:
    with services_on(storage) as services:
        yield Desk(services, house)


async def test_conflicts_stay_their_trainers_when_the_device_is_forgotten(desk: Desk, house: House) -> None:
    conflict = await desk.conflict(house.trainer, an_event(operation="UPDATE"))
    assert await desk.services.device_calls.forget(house.admin, "tablet", NOW) is None
    assert await desk.listed(house.trainer) == [conflict.id]
    assert await desk.listed(house.admin) == [conflict.id]
    assert await desk.listed(house.colleague) == []
    assert isinstance(await desk.services.conflicts.find(house.colleague, conflict.id), NotFound)
    found = await desk.services.conflicts.find(house.trainer, conflict.id)
    assert found == conflict
    assert isinstance(await desk.keep_server(house.trainer, conflict), Resolved)
    assert await desk.listed(house.trainer) == []


async def test_whoever_gets_the_id_of_a_forgotten_device_gets_none_of_its_conflicts(desk: Desk, house: House) -> None:
    conflict = await desk.conflict(house.trainer, an_event(operation="UPDATE"))
    await desk.services.device_calls.forget(house.admin, "tablet", NOW)
    made = await desk.up(house.colleague, an_event(entityId=str(conflict.entity_id)))
    assert isinstance(made, Acknowledged)
    # Written on the version that the conflict showed, which is none, by the client that the conflict names.
    assert await desk.listed(house.colleague) == []
    assert await desk.listed(house.trainer) == [conflict.id]
    assert isinstance(await desk.services.conflicts.find(house.colleague, conflict.id), NotFound)
    assert isinstance(await desk.keep_server(house.trainer, conflict), Moved)


async def test_a_device_that_was_forgotten_ends_its_conflict_by_writing_what_it_was_shown(
    desk: Desk, house: House
) -> None:
    conflict = await desk.conflict(house.trainer, an_event(operation="UPDATE"))
    await desk.services.device_calls.forget(house.admin, "tablet", NOW)
    await desk.up(house.trainer, an_event(entityId=str(conflict.entity_id)))
    assert await desk.listed(house.trainer) == []


async def test_an_admin_who_is_none_any_more_is_told_no_address(desk: Desk, house: House) -> None:
    person = {"email": "new@example.org", "name": "New", "role": "trainer", "password": "correct horse battery"}
    event = an_event("TRAINER", payload=person)
    made = await desk.up(house.admin, event)
    assert isinstance(made, Acknowledged)
    its = {"entityId": event["entityId"], "localVersion": 1}
    stale = an_event("TRAINER", "UPDATE", **its, payload={**person, "name": "Z", "email": "z@example.org"})
    tidied = an_event("TRAINER", "UPDATE", entityId=event["entityId"], localVersion=made.version,
                      payload={"name": "  Y "})  # fmt: skip
    kept = await desk.up(house.admin, tidied)
    assert isinstance(kept, Acknowledged)
    assert "@" in str(kept.data)
    conflict = await desk.conflict(house.admin, {**stale, "localVersion": 2**50})
    assert "z@example.org" in str(conflict.local_payload)
    assert "new@example.org" in str(conflict.data)
    demoted = replace(house.admin, role="trainer")
    [listed] = (await desk.services.conflicts.list(demoted, 50, None)).items
    found = await desk.services.conflicts.find(demoted, conflict.id)
    told = [
        listed,
        found,
        await desk.up(demoted, tidied),
        await desk.up(demoted, {**stale, "localVersion": 2**50}),
        await desk.keep_server(demoted, conflict),
    ]
    assert "@" not in str(told)
    assert listed.local_payload is not None
    assert listed.local_payload["name"] == "Z"
    assert isinstance(told[2], Acknowledged)
    assert isinstance(told[3], Conflicted)
    assert isinstance(told[4], Resolved)


async def _edited_by_a_colleague(desk: Desk, house: House, template: Template) -> Author | None:
    await desk.services.templates.change(
        house.colleague, template.id, lambda draft: replace(draft, title="B"), None, later(1)
    )
    return author_of(house.colleague)


async def _edited_on_the_command_line(desk: Desk, house: House, template: Template) -> Author | None:
    content = replace(template.content, title="B")
    store = desk.services.storage.templates
    await store.change_template(house.school.id, template.id, content, None, COMMAND_LINE, later(1))
    return COMMAND_LINE


async def _take_b(desk: Desk, trainer: Trainer, template: Template) -> None:
    newest = (await desk.services.storage.sync.newest_versions([trainer.school_id]))[trainer.school_id]
    event = an_event(operation="UPDATE", entityId=str(template.id), payload={"title": "B"}, localVersion=newest)
    [taken] = (await send(desk.services.sync, trainer, event, client="phone", now=later(1))).outcomes
    assert isinstance(taken, Acknowledged)


async def _edited_on_a_device(desk: Desk, house: House, template: Template) -> Author | None:
    await _take_b(desk, house.colleague, template)
    return author_of(house.colleague)


async def _edited_on_ones_own_other_device(desk: Desk, house: House, template: Template) -> Author | None:
    await _take_b(desk, house.trainer, template)
    return author_of(house.trainer)


async def _deleted_by_a_colleague(desk: Desk, house: House, template: Template) -> Author | None:
    await desk.services.templates.delete(house.colleague, template.id, None, later(1))
    return author_of(house.colleague)


async def _edited_by_somebody_who_is_gone(desk: Desk, house: House, template: Template) -> Author | None:
    by = await _edited_by_a_colleague(desk, house, template)
    await desk.services.accounts.delete_trainer(house.admin, house.colleague.id, None, later(2))
    return by


async def _edited_before_by_a_clock_that_was_ahead(desk: Desk, house: House, template: Template) -> Author | None:
    await desk.services.templates.change(
        house.admin, template.id, lambda draft: replace(draft, title="A"), None, later(10_000)
    )
    return await _edited_by_a_colleague(desk, house, template)


@pytest.mark.parametrize(
    "edited",
    [
        _edited_by_a_colleague,
        _edited_on_the_command_line,
        _edited_on_a_device,
        _edited_on_ones_own_other_device,
        _deleted_by_a_colleague,
        _edited_by_somebody_who_is_gone,
        _edited_before_by_a_clock_that_was_ahead,
    ],
)
async def test_a_conflict_tells_who_wrote_the_other_side_and_when(
    desk: Desk, storage: Storage, house: House, edited: Callable[[Desk, House, Template], Awaitable[Author | None]]
) -> None:
    template = a_template(house.school)
    await storage.templates.add_template(template, author_of(house.admin))
    by = await edited(desk, house, template)
    there = await storage.templates.find_template(house.school.id, template.id)
    assert there is not None
    event = an_event(operation="UPDATE", entityId=str(template.id), payload={"title": "C"}, localVersion=1)
    sent = await send(desk.services.sync, house.trainer, event)
    [conflicted] = sent.outcomes
    assert isinstance(conflicted, Conflicted), conflicted
    assert conflicted.data is not None
    assert (conflicted.data.written_by, conflicted.data.written_at) == (by, there.updated_at)
    again = await send(desk.services.sync, house.trainer, event)
    assert again.outcomes == sent.outcomes
    [listed] = (await desk.services.conflicts.list(house.trainer, 50, None)).items
    assert listed.data == conflicted.data
    too_early = replace(listed, data=replace(conflicted.data, version=1))
    moved = await desk.keep_server(house.trainer, too_early)
    assert isinstance(moved, Moved)
    assert moved.data == conflicted.data


async def test_a_conflict_with_what_the_same_call_wrote_is_with_oneself(desk: Desk, house: House) -> None:
    made = an_event()
    late = an_event(operation="UPDATE", entityId=made["entityId"], payload={"title": "B"}, localVersion=2**50)
    last = (await send(desk.services.sync, house.trainer, made, late)).outcomes[1]
    assert isinstance(last, Conflicted)
    assert last.data is not None
    assert last.data.written_by == author_of(house.trainer)


async def test_of_a_session_the_last_edit_is_told_and_no_push(desk: Desk, storage: Storage, house: House) -> None:
    session = await open_session(storage, house.trainer)
    change = SessionChange(title="B")
    await storage.sessions.change_session(session.id, house.admin, change, None, later(1))
    pushed = await storage.sessions.append_event(session.id, house.trainer, a_push(house.trainer), later(2))
    assert isinstance(pushed, Recorded)
    event = an_event("SESSION", "UPDATE", entityId=str(session.id), payload={"title": "C"}, localVersion=1)
    conflicted = await desk.up(house.trainer, event)
    assert isinstance(conflicted, Conflicted), conflicted
    assert conflicted.data is not None
    assert (conflicted.data.written_by, conflicted.data.written_at) == (author_of(house.admin), later(1))
