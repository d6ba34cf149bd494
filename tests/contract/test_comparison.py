"""What attempts are compared by: which sessions count, and what is read of many at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from server.domain.audit import author_of
from server.domain.case import ChecklistItem, Step, Target
from server.domain.debrief.for_times import for_times
from server.domain.events import ActionTaken, EventDraft, NoteAdded, VitalsPushed
from server.domain.record import Recorded
from server.domain.scores import ItemScore, ScoreSheet
from server.domain.session import ForkedFrom, Session
from server.domain.vitals import VitalsPatch
from server.ports.comparison import EndedSession
from server.ports.storage import Storage
from tests.support.houses import House
from tests.support.making import BY, NOW, a_content, a_seat, a_session, a_template, an_annotation, later

CONTENT = a_content(
    steps=(Step("worse", "Worse", VitalsPatch({"systolic": 70})),),
    checklist=(ChecklistItem("shock", "First shock", True, "defibrillation", 120, "arrest"),),
    targets=(Target("adrenaline", 300),),
)


async def _template(storage: Storage, house: House) -> UUID:
    template = a_template(house.school, content=CONTENT)
    await storage.templates.add_template(template, BY)
    return template.id


async def _opened(storage: Storage, house: House, template_id: UUID, seats: int = 1, **fields: Any) -> Session:
    session = a_session(house.trainer, template_id=template_id, **fields)
    case = a_template(house.school, content=CONTENT, id=template_id).case()
    await storage.sessions.add_session(session, None, BY, case)
    for _ in range(seats):
        seat = a_seat(session)
        await storage.sessions.add_seat(seat, seat.id.bytes)
    return session


async def _ended(storage: Storage, house: House, template_id: UUID, seats: int = 1, **fields: Any) -> Session:
    session = await _opened(storage, house, template_id, seats, **fields)
    outcome = await storage.sessions.end_session(session.id, house.trainer, uuid4(), later(600))
    assert isinstance(outcome, Recorded)
    return outcome.session


async def _found(
    storage: Storage,
    house: House,
    template_id: UUID,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 10,
    now: datetime = NOW,
) -> list[UUID]:
    found = await storage.comparison.ended_sessions(house.school.id, template_id, since, until, limit, now)
    return [each.id for each in found]


async def test_ended_sessions_of_the_template_and_the_school_count(
    storage: Storage, second_storage: Storage, house: House, other_house: House
) -> None:
    template_id, other_id = await _template(storage, house), await _template(storage, house)
    ended = await _ended(storage, house, template_id, seats=3)
    removed = await storage.sessions.list_seats(ended.id)
    await storage.sessions.remove_seat(ended.id, removed[0].id, later(1))
    await _opened(storage, house, template_id)
    await _ended(storage, house, template_id, seats=0)
    await _ended(storage, house, other_id)
    await _ended(storage, house, template_id, forked_from=ForkedFrom(ended.id, 1))
    assert await second_storage.comparison.ended_sessions(house.school.id, template_id, None, None, 10, later(700)) == [
        EndedSession(ended.id, NOW, later(600), 1, 2)
    ]
    assert await _found(storage, other_house, template_id) == []


async def test_what_has_run_out_has_ended_when_it_ran_out(storage: Storage, house: House) -> None:
    template_id = await _template(storage, house)
    session = await _opened(storage, house, template_id, expires_at=later(100))
    ids = (house.school.id, template_id)
    assert await storage.comparison.ended_sessions(*ids, None, None, 10, later(99)) == []
    found = await storage.comparison.ended_sessions(*ids, None, None, 10, later(100))
    assert found == [EndedSession(session.id, NOW, later(100), 0, 1)]


async def test_a_period_has_its_beginning_and_not_its_end_newest_first(storage: Storage, house: House) -> None:
    template_id = await _template(storage, house)
    first, second, third = [await _ended(storage, house, template_id, created_at=later(at)) for at in (0, 100, 200)]
    assert await _found(storage, house, template_id) == [third.id, second.id, first.id]
    assert await _found(storage, house, template_id, limit=2) == [third.id, second.id]
    assert await _found(storage, house, template_id, later(100), later(200)) == [second.id]
    assert await _found(storage, house, template_id, later(201)) == []


async def test_records_cases_and_markers_are_read_of_many(
    storage: Storage, second_storage: Storage, house: House
) -> None:
    template_id = await _template(storage, house)
    one, two, bare = [await _opened(storage, house, template_id) for _ in range(3)]
    facts = (
        VitalsPushed(VitalsPatch({"heart_rate": 0, "systolic": 90}, ramp_seconds=5)),
        VitalsPushed(VitalsPatch({"spo2": 80})),
        NoteAdded("a text"),
        NoteAdded("with", marker="adrenaline"),
        ActionTaken("nibp_start"),
        ActionTaken("marker", {"marker": "cpr_started"}),
        ActionTaken("adrenaline"),
        VitalsPushed(VitalsPatch(flags={"pulseless": True})),
    )
    events = [
        recorded.event
        for session in (one, two)
        for fact in (facts if session is one else (VitalsPushed(VitalsPatch({"heart_rate": 40})), *facts[1:]))
        if isinstance(
            recorded := await storage.sessions.append_event(
                session.id, house.trainer, EventDraft(uuid4(), BY, fact), later(1)
            ),
            Recorded,
        )
    ]
    ids = [one.id, two.id, bare.id]
    records = await second_storage.comparison.key_events_of(ids)
    assert {id_: list(record) for id_, record in records.items()} == {
        session.id: for_times([each for each in events if each.session_id == session.id]) for session in (one, two)
    }
    assert [each.seq for each in records[one.id]] == [1, 4, 6, 7, 8]
    assert [each.seq for each in records[two.id]] == [4, 6, 7, 8]
    case = a_template(house.school, content=CONTENT, id=template_id).case()
    assert await second_storage.comparison.cases_of([*ids, uuid4()]) == dict.fromkeys(ids, replace(case, steps=()))

    sheets = [
        ScoreSheet(session.id, house.school.id, author_of(each), {"shock": ItemScore(2, later(3), "x")}, "", at, at)
        for session, each, at in (
            (one, house.trainer, later(2)),
            (one, house.observer, later(1)),
            (two, house.admin, NOW),
        )
    ]
    for sheet in sheets:
        await storage.scores.put_sheet(sheet, None)
    begun = await second_storage.comparison.sheets_of(ids)
    assert {id_: list(each) for id_, each in begun.items()} == {one.id: sheets[1::-1], two.id: sheets[2:]}

    marked = an_annotation(one, house.trainer, marker="oxygen")
    gone = an_annotation(one, house.trainer, marker="oxygen")
    for annotation in (marked, gone, an_annotation(two, house.trainer)):
        await storage.annotations.add_annotation(annotation)
    await storage.annotations.delete_annotation(one, gone.id, house.trainer, None, later(2))
    found = await second_storage.comparison.marked_annotations_of(ids)
    assert {id_: list(annotations) for id_, annotations in found.items()} == {one.id: [marked]}
