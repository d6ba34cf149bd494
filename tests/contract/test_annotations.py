"""Annotations: added once, listed, edited, deleted; beside the record, which does not move."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import uuid4

from server.domain.annotations import NO_ANNOTATION, Annotation, AnnotationChange
from server.domain.outcomes import ID_TAKEN, Conflict, Forbidden, VersionMismatch
from server.domain.session import Session
from server.ports.results import Added, AlreadyThere
from server.ports.storage import Storage
from tests.support.houses import House, open_session
from tests.support.making import NOW, an_annotation, later


async def _listed(storage: Storage, session: Session) -> list[Annotation]:
    return list((await storage.annotations.list_annotations(session.id, 50, None)).items)


async def test_one_is_added_once_and_found_everywhere(
    storage: Storage, second_storage: Storage, house: House, session: Session
) -> None:
    annotation = an_annotation(session, house.observer, "Écoute 🚑\nwell", marker="help_called", kind="delta")
    assert await storage.annotations.add_annotation(annotation) == Added(annotation)
    repeat = replace(annotation, text="other words", created_at=later(5))
    assert await second_storage.annotations.add_annotation(repeat) == AlreadyThere(annotation)
    assert await _listed(second_storage, session) == [annotation]


async def test_an_id_that_stands_elsewhere_is_taken(
    storage: Storage, house: House, other_house: House, session: Session
) -> None:
    annotation = an_annotation(session, house.trainer)
    await storage.annotations.add_annotation(annotation)
    colleagues = an_annotation(session, house.colleague, id=annotation.id)
    assert await storage.annotations.add_annotation(colleagues) == ID_TAKEN
    for trainer in (house.trainer, other_house.trainer):
        other = await open_session(storage, trainer)
        outcome = await storage.annotations.add_annotation(an_annotation(other, trainer, id=annotation.id))
        assert isinstance(outcome, Conflict)
        assert await _listed(storage, other) == []


async def test_they_are_listed_page_by_page_in_the_order_of_adding(
    storage: Storage, house: House, session: Session
) -> None:
    other = await open_session(storage, house.trainer)
    added = [
        replace(an_annotation(session, house.trainer, f"{number}"), created_at=later(number)) for number in (3, 1, 2, 2)
    ]
    for annotation in (*added, an_annotation(other, house.trainer)):
        await storage.annotations.add_annotation(annotation)
    ordered = sorted(added, key=lambda each: (each.created_at, each.id))
    first = await storage.annotations.list_annotations(session.id, 3, None)
    assert list(first.items) == ordered[:3]
    assert first.next is not None
    second = await storage.annotations.list_annotations(session.id, 3, first.next)
    assert (list(second.items), second.next) == (ordered[3:], None)
    assert await _listed(storage, replace(session, id=uuid4())) == []


async def test_one_is_changed_by_version(
    storage: Storage, second_storage: Storage, house: House, session: Session
) -> None:
    annotation = an_annotation(session, house.trainer, marker="adrenaline")
    await storage.annotations.add_annotation(annotation)
    change = AnnotationChange(at=later(1), kind="delta", text="Late", marker="")
    expected = replace(annotation, at=later(1), kind="delta", text="Late", marker=None, updated_at=later(2), version=2)
    store = second_storage.annotations
    assert await store.change_annotation(session, annotation.id, house.trainer, change, 1, later(2)) == expected
    assert await store.change_annotation(session, annotation.id, house.trainer, change, 1, later(3)) == VersionMismatch(
        2
    )
    assert await _listed(storage, session) == [expected]


async def test_only_one_of_two_changes_of_one_version_is_taken(
    storage: Storage, second_storage: Storage, house: House, session: Session
) -> None:
    annotation = an_annotation(session, house.trainer)
    await storage.annotations.add_annotation(annotation)
    outcomes = await asyncio.gather(
        *(
            each.annotations.change_annotation(
                session, annotation.id, house.trainer, AnnotationChange(text=f"{number}"), 1, later(1)
            )
            for number, each in enumerate([storage, second_storage] * 4)
        )
    )
    (taken,) = [outcome for outcome in outcomes if isinstance(outcome, Annotation)]
    assert [outcome for outcome in outcomes if outcome != taken] == [VersionMismatch(2)] * 7
    assert await _listed(storage, session) == [taken]


async def test_others_leave_it_alone(storage: Storage, house: House, session: Session) -> None:
    annotation = an_annotation(session, house.trainer)
    await storage.annotations.add_annotation(annotation)
    store, change = storage.annotations, AnnotationChange(text="x")
    for trainer in (house.colleague, house.observer):
        assert isinstance(await store.change_annotation(session, annotation.id, trainer, change, None, NOW), Forbidden)
        assert isinstance(await store.delete_annotation(session, annotation.id, trainer, None, NOW), Forbidden)
    assert await store.change_annotation(session, uuid4(), house.trainer, change, None, NOW) == NO_ANNOTATION
    assert await store.delete_annotation(session, uuid4(), house.trainer, None, NOW) == NO_ANNOTATION
    assert await _listed(storage, session) == [annotation]


async def test_a_deleted_one_is_a_tombstone(
    storage: Storage, second_storage: Storage, house: House, session: Session
) -> None:
    annotation = an_annotation(session, house.trainer)
    await storage.annotations.add_annotation(annotation)
    tombstone = replace(annotation, deleted_at=later(1), updated_at=later(1), version=2)
    store = storage.annotations
    of_another = await store.delete_annotation(session, annotation.id, house.admin, 2, later(1))
    assert of_another == VersionMismatch(1)
    assert await store.delete_annotation(session, annotation.id, house.admin, 1, later(1)) == tombstone
    assert await store.delete_annotation(session, annotation.id, house.trainer, 1, later(2)) == tombstone
    assert await second_storage.annotations.add_annotation(annotation) == AlreadyThere(tombstone)
    change = AnnotationChange(text="x")
    assert await store.change_annotation(session, annotation.id, house.trainer, change, None, NOW) == NO_ANNOTATION
    assert await _listed(second_storage, session) == []


async def test_the_record_does_not_move(storage: Storage, house: House, session: Session) -> None:
    """In an open session and in one that has ended."""
    for _ in range(2):
        before = await storage.sessions.find_session(session.id)
        assert before is not None
        annotation = an_annotation(before, house.trainer)
        await storage.annotations.add_annotation(annotation)
        await storage.annotations.change_annotation(
            before, annotation.id, house.trainer, AnnotationChange(text="x"), None, NOW
        )
        assert await storage.sessions.find_session(session.id) == before
        await storage.sessions.end_session(session.id, house.trainer, uuid4(), later(1))
    assert len(await _listed(storage, session)) == 2
