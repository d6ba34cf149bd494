"""Edits that devices made on copies of their own: taken once, in order, or kept as a conflict; on every storage."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from server.domain.case_reading import StepDraft
from server.domain.devices import Acknowledged, Conflicted, Entity, EventOutcome
from server.domain.judging import Edit, Operation, Rejected
from server.domain.outcomes import Forbidden
from server.domain.people import Trainer
from server.domain.template import Template, TemplateDraft, read_content
from server.ports.slices import Turn
from server.ports.storage import Storage
from server.ports.sync import Held, Judgement, Pull, SyncCall, Synced
from server.service.sync.engine import Sync, UpOutcome
from server.service.sync.events import DeviceEdit, TemplateValues
from server.service.sync.judging import Judging, judge_all
from server.service.sync.pages import Changes
from tests.support.devices import an_event, send
from tests.support.houses import House, open_session
from tests.support.making import BY, NOW, a_template, later
from tests.support.services import services_on


def show(entity: Entity) -> Mapping[str, object]:
    if isinstance(entity, Template):
        return {"id": str(entity.id), **entity.content.as_json()}
    return {"id": str(entity.id)}


def an_edit(
    template_id: UUID,
    operation: Operation,
    fields: Mapping[str, Any],
    *,
    client: str = "tablet",
    seq: int | None = None,
    version: int = 0,
    changed: frozenset[str] | None = None,
    id: UUID | None = None,
) -> DeviceEdit:
    content = read_content(TemplateDraft(**{"title": "-", **fields}))
    assert not isinstance(content, tuple)
    edit = Edit(operation, client, seq, version, frozenset(fields), changed)
    return DeviceEdit(id or uuid4(), "TEMPLATE", template_id, edit, dict(fields), TemplateValues(content))  # type: ignore[arg-type]


@dataclass
class Desk:
    sync: Sync
    trainer: Trainer
    sent: list[DeviceEdit] = field(default_factory=list)

    async def up(self, *edits: DeviceEdit, client: str = "tablet") -> list[EventOutcome]:
        answer = await self.sync.up(self.trainer, client, None, edits, show, NOW)
        assert isinstance(answer, UpOutcome), answer
        return list(answer.outcomes)

    async def down(self, after: int, *, client: str = "tablet", limit: int = 200) -> Changes:
        changes = await self.sync.down(self.trainer, client, None, after, ("TEMPLATE",), limit, show, NOW)
        assert isinstance(changes, Changes), changes
        return changes


@pytest.fixture
def desk(storage: Storage, house: House) -> Iterator[Desk]:
    with services_on(storage) as services:
        yield Desk(services.sync, house.trainer)


async def test_a_new_template_is_taken_once_and_pulled(desk: Desk) -> None:
    edit = an_edit(uuid4(), "CREATE", {"title": " A case "})
    [taken] = await desk.up(edit)
    assert isinstance(taken, Acknowledged)
    assert taken.data is not None
    assert taken.data.payload["title"] == "A case"
    assert await desk.up(edit) == [taken]
    changes = await desk.down(0)
    assert [each.row.entity.id for each in changes.rows] == [edit.entity_id]
    assert changes.rows[0].is_new
    assert changes.cursor >= taken.version
    assert not changes.has_more
    assert not (await desk.down(changes.cursor)).rows


async def test_fields_of_two_devices_are_brought_together(desk: Desk) -> None:
    template_id = uuid4()
    [made] = await desk.up(an_edit(template_id, "CREATE", {"title": "A", "description": "a"}))
    assert isinstance(made, Acknowledged)
    change = an_edit(template_id, "UPDATE", {"title": "B"}, client="phone", version=made.version)
    [first] = await desk.up(change, client="phone")
    assert isinstance(first, Acknowledged)
    assert first.data is None
    [second] = await desk.up(
        an_edit(template_id, "UPDATE", {"description": "b"}, version=made.version, changed=frozenset(("description",)))
    )
    assert isinstance(second, Acknowledged)
    assert second.data is not None
    assert (second.data.payload["title"], second.data.payload["description"]) == ("B", "b")
    [third] = await desk.up(
        an_edit(template_id, "UPDATE", {"title": "C"}, version=made.version, changed=frozenset(("title",)))
    )
    assert isinstance(third, Conflicted)
    assert third.reason == "changed_since"
    assert third.data is not None
    assert third.data.version == second.version


async def test_a_stranger_to_the_client_is_refused(desk: Desk, house: House) -> None:
    await desk.up(an_edit(uuid4(), "CREATE", {"title": "A"}))
    assert isinstance(await desk.sync.up(house.admin, "tablet", None, (), show, NOW), Forbidden)


async def test_deletions(desk: Desk) -> None:
    template_id = uuid4()
    assert await desk.up(an_edit(template_id, "DELETE", {})) == [Acknowledged(0)]
    made, gone, again, late = await desk.up(
        an_edit(template_id, "CREATE", {"title": "A"}),
        an_edit(template_id, "DELETE", {}),
        an_edit(template_id, "DELETE", {}),
        an_edit(template_id, "UPDATE", {"title": "B"}),
    )
    assert isinstance(made, Acknowledged)
    assert isinstance(gone, Acknowledged)
    assert again == Acknowledged(gone.version)
    assert isinstance(late, Conflicted)
    assert late.reason == "deleted"
    assert (await desk.down(made.version)).rows[0].row.is_deleted
    assert not (await desk.down(0)).rows
    [revived] = await desk.up(an_edit(template_id, "CREATE", {"title": "B"}, version=gone.version))
    assert isinstance(revived, Acknowledged)
    assert (await desk.down(gone.version)).rows[0].is_new


async def test_seq_tells_what_is_older(desk: Desk) -> None:
    template_id = uuid4()
    [made] = await desk.up(an_edit(template_id, "CREATE", {"title": "A"}, seq=5))
    assert isinstance(made, Acknowledged)
    assert await desk.up(an_edit(template_id, "UPDATE", {"title": "B"}, seq=4, version=made.version)) == [
        Rejected("superseded")
    ]
    [own] = await desk.up(an_edit(template_id, "UPDATE", {"title": "C"}, seq=6))
    assert isinstance(own, Acknowledged)


async def test_pages_tell_where_their_pull_began(desk: Desk) -> None:
    ids = [uuid4() for _ in range(5)]
    made = await desk.up(*(an_edit(each, "CREATE", {"title": "A"}) for each in ids))
    first = await desk.down(0, limit=2)
    assert first.has_more
    # Made and changed between two pages: it was on none yet, so it is new.
    new_id = uuid4()
    await desk.up(an_edit(new_id, "CREATE", {"title": "N"}, client="phone"), client="phone")
    seen = [each.row.entity.id for each in first.rows]
    page = first
    while page.has_more:
        page = await desk.down(page.cursor, limit=2)
        assert all(each.is_new for each in page.rows)
        seen += [each.row.entity.id for each in page.rows]
    assert seen == [*ids, new_id]
    assert len(made) == len(ids)


async def test_what_was_called_long_ago_is_forgotten_and_newer_calls_are_not(desk: Desk, storage: Storage) -> None:
    edit = an_edit(uuid4(), "CREATE", {"title": "A"})
    await desk.up(edit)
    school_id = desk.trainer.school_id
    assert await storage.sync.forget_before(NOW, 100) == 0
    assert len((await storage.sync.list_calls(school_id, 10, None)).items) == 1
    await storage.sync.forget_before(later(1), 100)
    assert not (await storage.sync.list_calls(school_id, 10, None)).items
    # Nobody knows the event any more, but what it wrote is there: nothing is written twice.
    [again] = await desk.up(edit)
    assert isinstance(again, Acknowledged)
    assert len((await desk.down(0)).rows) == 1


async def test_what_is_deleted_between_two_pages_of_the_initial_sync_is_told(desk: Desk) -> None:
    early, *ids = [uuid4() for _ in range(6)]
    made = await desk.up(*(an_edit(each, "CREATE", {"title": "A"}) for each in (early, *ids)))
    newest = made[-1]
    assert isinstance(newest, Acknowledged)
    await desk.up(an_edit(early, "DELETE", {}, version=newest.version))
    page = await desk.down(0, limit=2)
    assert [each.row.entity.id for each in page.rows] == ids[:2]
    # The first stood on the page above, and the last has not been named yet.
    await desk.up(
        an_edit(ids[0], "DELETE", {}, version=newest.version), an_edit(ids[-1], "DELETE", {}, version=newest.version)
    )
    told: list[tuple[UUID, bool]] = []
    while page.has_more:
        page = await desk.down(page.cursor, limit=2)
        told += [(each.row.entity.id, each.row.is_deleted) for each in page.rows]
    assert told == [(ids[2], False), (ids[3], False), (ids[0], True), (ids[-1], True)]


async def test_a_batch_sent_twice_at_once_has_one_answer(desk: Desk) -> None:
    batch = [an_edit(uuid4(), "UPDATE", {"title": "A"}, id=uuid4()) for _ in range(30)]
    one, other = await asyncio.gather(desk.up(*batch), desk.up(*batch))
    assert all(isinstance(each, Conflicted) for each in one)
    assert one == other


async def test_of_two_who_use_a_new_client_id_at_once_one_has_it(desk: Desk, house: House) -> None:
    batch = [an_edit(uuid4(), "UPDATE", {"title": "A"}, client="new") for _ in range(30)]
    answers = await asyncio.gather(
        desk.sync.up(house.trainer, "new", None, batch, show, NOW),
        desk.sync.up(house.colleague, "new", None, batch, show, NOW),
    )
    assert sorted(type(each).__name__ for each in answers) == ["Forbidden", "UpOutcome"]


async def test_an_id_that_another_school_takes_meanwhile_is_theirs(
    storage: Storage, desk: Desk, house: House, other_house: House
) -> None:
    theirs = a_template(other_house.school, "Theirs")
    call = SyncCall(house.school.id, "tablet", house.trainer.id, NOW, [uuid4()], {("TEMPLATE", theirs.id)})
    edit = an_edit(theirs.id, "CREATE", {"title": "Ours"})
    foreign: list[bool] = []

    async def judge(held: Held, turn: Turn) -> Judgement:
        foreign.append(bool(held.foreign))
        if len(foreign) == 1:
            await storage.templates.add_template(theirs, BY)
        judging = Judging.of(house.trainer, "tablet", timedelta(hours=1), held, show, NOW)
        return await judge_all(judging, [edit], turn)

    synced = await storage.sync.take(call, judge)
    assert isinstance(synced, Synced)
    assert synced.judgement.outcomes == [Rejected("id_taken")]
    assert await storage.templates.find_template(other_house.school.id, theirs.id) == theirs


async def test_templates_are_told_as_they_are_pulled(desk: Desk, storage: Storage, house: House) -> None:
    """By the cheaper of two ways: what both say is the same."""
    steps = (StepDraft(title="One", vitals={"heart_rate": 90, "temperature": 36.5}, at_seconds=5),)
    ids = [uuid4() for _ in range(3)]
    await desk.up(
        an_edit(
            ids[0], "CREATE", {"title": "A", "steps": steps, "checklist": ["Looks"], "limits": {"spo2": {"low": 85}}}
        ),
        an_edit(ids[1], "CREATE", {"title": "B", "flags": {"pulseless": True}, "duration_minutes": 30}),
        an_edit(ids[2], "CREATE", {"title": "C"}),
        an_edit(ids[2], "DELETE", {}),
    )
    pull = Pull(house.school.id, ("TEMPLATE",), 0, 10)
    pulled = await storage.sync.pull(pull)
    told = await storage.sync.pull_templates(pull)
    entities = [each.row.entity for each in pulled.rows]
    assert [each.content.as_json() for each in told] == [
        e.content.as_json() for e in entities if isinstance(e, Template)
    ]
    assert [(each.id, each.updated_at, each.deleted_at, each.sync_version) for each in told] == [
        (each.row.entity.id, each.row.entity.updated_at, getattr(each.row.entity, "deleted_at", None), each.row.version)
        for each in pulled.rows
    ]
    assert [
        each.id for each in await storage.sync.pull_templates(replace(pull, after=told[0].sync_version, limit=1))
    ] == [told[1].id]
    known = await storage.sync.pull_templates(replace(pull, without_deleted_until=told[-1].sync_version))
    assert [each.id for each in known] == ids[:2]


async def test_a_device_that_changed_every_field_of_a_session_is_in_no_conflict_with_itself(
    desk: Desk, storage: Storage, house: House
) -> None:
    session = await open_session(storage, house.trainer)
    payload = {
        "title": "B",
        "public_title": "A case",
        "trainee_name": "Ada",
        "expires_at": later(600).isoformat(),
        "limits": {"heart_rate": {"low": 40, "high": 140}},
        "co_trainer_ids": [str(house.colleague.id)],
        "shows_conditions": True,
    }
    pulled = await desk.sync.down(house.trainer, "tablet", None, 0, ("SESSION",), 200, show, NOW)
    assert isinstance(pulled, Changes)
    for seq, (name, value) in enumerate(payload.items(), 1):
        event = an_event(
            "SESSION", "UPDATE", entityId=str(session.id), payload={name: value}, localVersion=pulled.cursor, seq=seq
        )
        [outcome] = (await send(desk.sync, house.trainer, event)).outcomes
        assert isinstance(outcome, Acknowledged), (name, outcome)
