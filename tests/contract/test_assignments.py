"""Homework: kept once, found by its link, taken back; its tries are counted, and bounded, under one lock."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from server.domain import assignments
from server.domain.assignments import (
    HOMEWORK,
    NO_ASSIGNMENT,
    TOO_MANY_TRIES,
    Assignment,
    AssignmentSummary,
    Try,
    TrySummary,
)
from server.domain.audit import Subject, author_of
from server.domain.events import SYSTEM, CaseEnded, EventDraft
from server.domain.outcomes import Conflict, Forbidden, HomeworkOver, HomeworkWithdrawn, Unchanged
from server.domain.people import Trainer
from server.domain.record import Recorded, Server
from server.domain.session import Session
from server.domain.template import Template
from server.ports.results import Added, AlreadyThere, CodeTaken
from server.ports.storage import Storage
from tests.support.houses import House
from tests.support.making import a_session, a_template, later


async def _template(storage: Storage, house: House) -> Template:
    template = a_template(house.school)
    assert await storage.templates.add_template(template, author_of(house.trainer)) == Added(template)
    return template


async def _given(storage: Storage, house: House, seconds: float = 0, **fields: object) -> Assignment:
    template = await _template(storage, house)
    token, until, made = str(uuid4()), later(86_400), later(seconds)
    school_id = house.school.id
    assignment = Assignment(uuid4(), school_id, house.trainer.id, template.id, "Homework", until, token, made)
    assignment = replace(assignment, **fields)  # type: ignore[arg-type]
    assert await storage.assignments.add_assignment(assignment, author_of(house.trainer)) == Added(assignment)
    return assignment


async def _begin(
    storage: Storage, assignment: Assignment, trainer: Trainer, seconds: float = 0, **fields: object
) -> object:
    made = {"created_at": later(seconds), "updated_at": later(seconds), "template_id": assignment.template_id} | fields
    session = a_session(trainer, **made)
    attempt = Try(session.id, assignment.id, "Léa", later(seconds))
    template = await storage.templates.find_template(trainer.school_id, assignment.template_id)
    assert template is not None
    return await storage.assignments.add_try(attempt, session, None, HOMEWORK, template.case())


async def _begun(storage: Storage, assignment: Assignment, trainer: Trainer, seconds: float = 0) -> Session:
    session = await _begin(storage, assignment, trainer, seconds)
    assert isinstance(session, Session)
    return session


async def _listed(storage: Storage, school_id: UUID) -> list[AssignmentSummary]:
    return list((await storage.assignments.list_assignments(school_id, 50, None)).items)


async def test_one_is_kept_once_and_found_by_its_link(
    storage: Storage, second_storage: Storage, house: House, other_house: House
) -> None:
    given = await _given(storage, house)
    store, by = second_storage.assignments, author_of(house.trainer)
    assert await store.add_assignment(replace(given, title="Other"), by) == AlreadyThere(given)
    elsewhere = replace(given, school_id=other_house.school.id, token="another")
    assert isinstance(await store.add_assignment(elsewhere, by), Conflict)
    assert await store.find_assignment_by_token(given.token) == given
    for never_given in ("never given", "", "\0", "\ud800"):
        assert await store.find_assignment_by_token(never_given) is None
    assert await store.find_assignment(house.school.id, given.id) == given
    assert await store.find_assignment(other_house.school.id, given.id) is None
    assert await _listed(second_storage, house.school.id) == [AssignmentSummary(given, 0, 0)]
    assert await _listed(second_storage, other_house.school.id) == []


async def test_they_are_listed_page_by_page_newest_first(storage: Storage, house: House) -> None:
    given = [await _given(storage, house, seconds) for seconds in (1, 3, 2)]
    first = await storage.assignments.list_assignments(house.school.id, 2, None)
    assert [each.assignment for each in first.items] == [given[1], given[2]]
    second = await storage.assignments.list_assignments(house.school.id, 2, first.next)
    assert ([each.assignment for each in second.items], second.next) == ([given[0]], None)


async def test_it_is_taken_back_once_and_the_audit_tells_of_it(
    storage: Storage, second_storage: Storage, house: House, other_house: House
) -> None:
    given = await _given(storage, house)
    store = second_storage.assignments
    assert isinstance(await store.withdraw_assignment(house.school.id, given.id, house.colleague, later(4)), Forbidden)
    outcome = await store.withdraw_assignment(other_house.school.id, given.id, other_house.admin, later(4))
    assert outcome == NO_ASSIGNMENT
    taken = replace(given, withdrawn_at=later(5))
    assert await store.withdraw_assignment(house.school.id, given.id, house.trainer, later(5)) == taken
    again = await storage.assignments.withdraw_assignment(house.school.id, given.id, house.admin, later(6))
    assert again == Unchanged(taken)
    assert await _listed(storage, house.school.id) == [AssignmentSummary(taken, 0, 0)]
    told = [
        (entry.action, entry.by.name, entry.details)
        for entry in (await storage.audit.list_entries(house.school.id, 50, None)).items
        if entry.subject == Subject("assignment", given.id)
    ]
    assert told == [("deleted", "Ada", {"title": "Homework"}), ("added", "Ada", {"title": "Homework"})]


async def test_a_try_is_a_session_with_its_case(storage: Storage, second_storage: Storage, house: House) -> None:
    given = await _given(storage, house)
    session = await _begun(storage, given, house.trainer)
    assert await second_storage.sessions.find_session_by_code(session.code) == session
    case = await second_storage.sessions.find_case(session.id)
    assert case is not None
    assert case.template_id == given.template_id
    assert await second_storage.assignments.is_try(session.id)
    assert not await second_storage.assignments.is_try(uuid4())
    assert await _begin(storage, given, house.trainer, code=session.code) == CodeTaken()
    again = await _begin(second_storage, given, house.trainer, id=session.id)
    assert isinstance(again, AlreadyThere)
    assert again.item == session
    assert await _listed(second_storage, house.school.id) == [AssignmentSummary(given, 1, 1)]
    assert await second_storage.assignments.summarize(given) == AssignmentSummary(given, 1, 1)


async def test_what_is_over_or_taken_back_begins_nothing(storage: Storage, house: House) -> None:
    given = await _given(storage, house, until=later(10))
    assert await _begin(storage, given, house.trainer, 10) == HomeworkOver(later(10))
    await storage.assignments.withdraw_assignment(house.school.id, given.id, house.trainer, later(5))
    assert await _begin(storage, given, house.trainer, 6) == HomeworkWithdrawn()
    assert await _listed(storage, house.school.id) == [AssignmentSummary(replace(given, withdrawn_at=later(5)), 0, 0)]


async def test_however_many_begin_at_once_no_more_are_open_than_may_be(
    storage: Storage, second_storage: Storage, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assignments, "OPEN_TRIES_LIMIT", 3)
    given, other = await _given(storage, house), await _given(storage, house)
    await _begun(storage, other, house.trainer)
    outcomes = await asyncio.gather(*(_begin(each, given, house.trainer) for each in [storage, second_storage] * 4))
    begun = [outcome for outcome in outcomes if isinstance(outcome, Session)]
    assert len(begun) == 3
    assert [outcome for outcome in outcomes if not isinstance(outcome, Session)] == [TOO_MANY_TRIES] * 5
    await storage.sessions.end_session(begun[0].id, house.trainer, uuid4(), later(5))
    assert isinstance(await _begin(second_storage, given, house.trainer, 6), Session)


async def test_tries_are_listed_newest_first_with_how_they_ended(
    storage: Storage, second_storage: Storage, house: House, other_house: House
) -> None:
    given, other = await _given(storage, house), await _given(storage, house)
    played, closed, going = [await _begun(storage, given, house.trainer, seconds) for seconds in (1, 2, 3)]
    await _begun(storage, other, house.trainer)
    ended = EventDraft(uuid4(), SYSTEM, CaseEnded())
    recorded = await storage.sessions.append_event(played.id, Server(0), ended, later(10))
    assert isinstance(recorded, Recorded)
    outcome = await second_storage.sessions.end_with_case(recorded.session, uuid4(), HOMEWORK, later(11))
    assert isinstance(outcome, Recorded)
    assert (outcome.event.by, outcome.session.close_reason) == (SYSTEM, "closed")
    again = await storage.sessions.end_with_case(recorded.session, uuid4(), HOMEWORK, later(12))
    assert again == outcome.session
    await storage.sessions.end_session(closed.id, house.trainer, uuid4(), later(13))

    def summary(session: Session, *rest: object) -> TrySummary:
        return TrySummary(Try(session.id, given.id, "Léa", session.created_at), *rest)  # type: ignore[arg-type]

    expected = [
        summary(going, None, None, False),
        summary(closed, later(13), "closed", False),
        summary(played, later(11), "closed", True),
    ]
    store, school_id = second_storage.assignments, house.school.id
    first = await store.list_tries(school_id, given.id, 2, None)
    assert list(first.items) == expected[:2]
    second = await store.list_tries(school_id, given.id, 2, first.next)
    assert (list(second.items), second.next) == (expected[2:], None)
    assert list((await store.list_tries(other_house.school.id, given.id, 50, None)).items) == []
    closings = [
        entry.by
        for entry in (await storage.audit.list_entries(school_id, 50, None)).items
        if entry.action == "closed" and entry.subject.id == played.id
    ]
    assert closings == [HOMEWORK]
