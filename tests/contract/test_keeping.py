"""What a school keeps: its months, what is due, locks, and a record that goes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from server.domain.audit import author_of
from server.domain.debrief.moment_edits import MomentChange, MomentEdit
from server.domain.devices import Acknowledged
from server.domain.events import SYSTEM, NoteAdded
from server.domain.forking import Fork
from server.domain.free_texts import Named, free_texts
from server.domain.names_out import NamesOut, names_out
from server.domain.outcomes import ID_TAKEN, Unchanged
from server.domain.people import Retention
from server.domain.reflections import Reflection, ReflectionChange
from server.domain.retention import DueMeasure, after_months, next_measure
from server.domain.scores import ItemScore, ScoreSheet
from server.domain.session import ForkedFrom, Session
from server.ports.results import Cursor
from server.ports.storage import Storage
from server.ports.sync import Pull
from server.service.school.written import written_beside
from tests.support.devices import an_event, send
from tests.support.houses import House, open_session
from tests.support.making import NOW, a_note, a_push, a_seat, a_span, an_action, an_annotation, later
from tests.support.services import services_on


async def _ended(storage: Storage, house: House, at: datetime) -> Session:
    session = await open_session(storage, house.trainer)
    await storage.sessions.end_session(session.id, house.trainer, uuid4(), at)
    return await _found(storage, session)


async def _found(storage: Storage, session: Session) -> Session:
    found = await storage.sessions.find_session(session.id)
    assert found is not None
    return found


async def _due(storage: Storage, house: House, at_once: int = 50) -> list[DueMeasure]:
    school = await storage.accounts.find_school(house.school.id)
    assert school is not None
    found: list[DueMeasure] = []
    after: Cursor | None = None
    while True:
        page = await storage.keeping.list_due(school, at_once, after)
        found += page.items
        if page.next is None:
            return found
        after = page.next


async def test_a_school_keeps_names_for_a_year_until_it_decides(
    storage: Storage, second_storage: Storage, house: House, other_house: House
) -> None:
    found = await storage.accounts.find_school(house.school.id)
    assert found is not None
    assert found.retention == Retention(12, None, None)
    decided = Retention(6, 24, later(5))
    admin = author_of(house.admin)
    assert (await storage.keeping.put_retention(house.school.id, decided, admin, later(5))).retention == decided
    there = await second_storage.accounts.find_school(house.school.id)
    assert there is not None
    assert there.retention == decided
    assert [each.retention for each in await second_storage.accounts.list_schools() if each.id != house.school.id] == [
        Retention()
    ]
    (entry,) = [each for each in (await storage.audit.list_entries(house.school.id, 50, None)).items if each.at > NOW]
    assert (entry.action, entry.subject.type, entry.by) == ("changed", "school", admin)
    assert entry.details == {"names_months": 6, "records_months": 24}


async def test_what_is_due_is_listed_page_by_page_in_its_order(
    storage: Storage, second_storage: Storage, house: House, other_house: House
) -> None:
    """Each the same as the domain says of it; months of a short February and of a leap year among them."""
    moments = [later(60 + 86_400 * days) for days in (0, 0, 1, 2, 69, 70, 71, 95, 400, 830)]
    sessions = [await _ended(storage, house, moment) for moment in reversed(moments)]
    await open_session(storage, house.trainer)
    await _ended(storage, other_house, NOW)
    await storage.keeping.lock_session(sessions[0].id, house.admin, "A complaint", later(99))
    for retention in (Retention(12, None), Retention(3, 5), Retention(7, 3, NOW), Retention(1, 1)):
        await storage.keeping.put_retention(house.school.id, retention, SYSTEM, NOW)
        expected = [next_measure(await _found(storage, each), retention) for each in sessions]
        steps = sorted((each for each in expected if each is not None), key=lambda each: (each.since, each.id))
        assert len(steps) == len(sessions) - 1
        assert await _due(second_storage, house, 3) == steps


async def test_a_lock_is_told_and_moves_the_log(
    storage: Storage, second_storage: Storage, house: House, session: Session
) -> None:
    before = (await storage.sync.newest_versions([house.school.id]))[house.school.id]
    locked = await storage.keeping.lock_session(session.id, house.trainer, "A complaint", later(5))
    assert isinstance(locked, Session)
    assert locked.lock is not None
    assert locked.lock.reason == "A complaint"
    assert await _found(second_storage, session) == locked
    assert [each.id for each in await storage.sync.log_after(house.school.id, before, 10)] == [session.id]
    again = await second_storage.keeping.lock_session(session.id, house.admin, "A complaint", later(6))
    assert again == Unchanged(locked)
    unlocked = await second_storage.keeping.unlock_session(session.id, house.admin, later(7))
    assert isinstance(unlocked, Session)
    assert (unlocked.lock, unlocked.version) == (None, locked.version + 1)
    entries = (await storage.audit.list_entries(house.school.id, 2, None)).items
    assert [(each.action, each.by.name) for each in entries] == [
        ("unlocked", house.admin.name),
        ("locked", house.trainer.name),
    ]
    assert entries[1].details == {"reason": "A complaint"}


async def test_a_record_goes_with_all_that_belongs_to_it(
    storage: Storage, second_storage: Storage, house: House, session: Session
) -> None:
    other = await open_session(storage, house.trainer)
    seats = {each.id: a_seat(each) for each in (session, other)}
    for each in (session, other):
        seat = seats[each.id]
        await storage.sessions.add_seat(seat, seat.id.bytes)
        await storage.attendance.put_spans([a_span(seat)], NOW)
        await storage.sessions.append_event(each.id, house.trainer, a_note(house.trainer), NOW)
        await storage.sessions.append_event(each.id, seat, an_action(seat), NOW)
        await storage.annotations.add_annotation(an_annotation(each, house.trainer))
    await storage.sessions.end_session(session.id, house.trainer, uuid4(), later(9))
    ended, version = await _found(storage, session), (await storage.sync.newest_versions([house.school.id]))
    assert await storage.keeping.delete_record(ended, SYSTEM, later(10))
    for each in (storage, second_storage):
        assert await each.sessions.find_session(session.id) is None
        assert await each.sessions.find_session_by_code(session.code) is None
        assert await each.sessions.events_after(session.id, 0, 50) == []
        assert await each.sessions.list_seats(session.id) == []
        assert await each.sessions.find_seat(seats[session.id].id.bytes) is None
        assert await each.attendance.attendance_of(session.id) == []
        assert (await each.annotations.list_annotations(session.id, 50, None)).items == []
        listed = await each.sessions.list_sessions(house.school.id, "all", 50, None, later(11))
        assert [summary.session.id for summary in listed.items] == [other.id]
        # The other one is whole.
        assert len(await each.sessions.events_after(other.id, 0, 50)) == 2
        assert len(await each.attendance.attendance_of(other.id)) == 1
        assert len((await each.annotations.list_annotations(other.id, 50, None)).items) == 1
    # Devices hear that it is gone.
    pull = Pull(house.school.id, ("SESSION",), version[house.school.id], 50)
    (row,) = [each.row for each in (await storage.sync.pull(pull)).rows]
    assert (row.is_deleted, row.entity.id) == (True, session.id)
    assert isinstance(row.entity, Session)
    assert (row.entity.title, row.entity.trainee_name, row.entity.last_seq) == ("", None, 0)
    (entry,) = (await storage.audit.list_entries(house.school.id, 1, None)).items
    assert (entry.action, entry.subject.id, entry.by) == ("deleted", session.id, SYSTEM)
    # Twice is nothing, and nobody opens it again.
    assert not await second_storage.keeping.delete_record(ended, SYSTEM, later(12))
    again = await storage.sessions.add_session(replace(session, code="ZZZZZZ"), None, SYSTEM)
    assert again == ID_TAKEN
    copy = replace(session, code="ZZZZZZ", forked_from=ForkedFrom(other.id, 2))
    assert await storage.sessions.add_fork(Fork(copy, (), None), house.trainer, uuid4()) == ID_TAKEN


async def test_a_lock_keeps_a_record(storage: Storage, house: House) -> None:
    session = await _ended(storage, house, later(9))
    await storage.keeping.lock_session(session.id, house.admin, "A complaint", later(10))
    assert not await storage.keeping.delete_record(session, SYSTEM, later(10) + timedelta(days=900))
    assert await storage.sessions.find_session(session.id) is not None


async def test_a_year_of_months_is_one_of_the_calendar(storage: Storage, house: House) -> None:
    session = await _ended(storage, house, later(9))
    (due,) = await _due(storage, house)
    assert session.closed_at is not None
    assert due.since == after_months(session.closed_at, 12)


async def test_names_go_out_everywhere_and_nothing_else_moves(
    storage: Storage, second_storage: Storage, house: House, session: Session
) -> None:
    ann, bea = a_seat(session, "Ann Smith"), a_seat(session, "Bea", later(1))
    for seat in (ann, bea):
        await storage.sessions.add_seat(seat, seat.id.bytes)
        await storage.attendance.put_spans([a_span(seat)], NOW)
    await storage.sessions.remove_seat(session.id, bea.id, later(2))
    redacted = a_note(house.trainer, "Her sister says so")
    drafts = [(house.trainer, a_note(house.trainer, "Ann leads")), (ann, an_action(ann, "call", to="Bea"))]
    for actor, draft in (*drafts, (house.trainer, redacted), (house.trainer, a_push(house.trainer))):
        await storage.sessions.append_event(session.id, actor, draft, later(3))
    await storage.annotations.add_annotation(an_annotation(session, house.observer, "Bea saw it"))
    items = {"help": ItemScore(1, None, "Ann hesitates"), "oxygen": ItemScore(2)}
    sheet = ScoreSheet(session.id, house.school.id, author_of(house.trainer), items, "Bea could help", NOW, NOW)
    await storage.scores.put_sheet(sheet, None)
    unedited = MomentEdit(session.id, house.school.id, 1, "bookmark", False, None, NOW)
    await storage.moments.change_moment(unedited, MomentChange(None, "Ann leads"), NOW)
    said = Reflection(uuid4(), session.id, house.school.id, b"x" * 32, None, "", {})
    await storage.reflections.change_reflection(said, ann, None, ReflectionChange("Bea helped", is_anonymous=False))
    await storage.sessions.end_session(session.id, house.trainer, uuid4(), later(9))
    before = await _found(storage, session)
    record = await storage.sessions.events_after(session.id, 0, 50)
    named = Named(
        before,
        await storage.keeping.list_every_seat(session.id),
        record,
        await storage.keeping.list_every_annotation(session.id),
    )
    assert [seat.name for seat in named.seats] == ["Ann Smith", "Bea"]
    out = names_out(named, {redacted.id: None}, later(10))
    assert isinstance(out, NamesOut)
    head = (await storage.sync.newest_versions([house.school.id]))[house.school.id]
    assert await storage.keeping.take_names_out(before, out, author_of(house.admin), later(10))

    for each in (storage, second_storage):
        assert await _found(each, session) == out.session
        left = await each.sessions.events_after(session.id, 0, 50)
        rewritten = {event.id: event for event in out.events}
        assert left == [rewritten.get(event.id, event) for event in record]
        assert [event.seq for event in left] == [1, 2, 3, 4, 5]
        assert isinstance(left[2].fact, NoteAdded)
        assert left[2].fact == NoteAdded(None, is_redacted=True)
        assert [seat.name for seat in await each.keeping.list_every_seat(session.id)] == ["Trainee 1", "Trainee 2"]
        there = await each.attendance.attendance_of(session.id)
        assert [attendance.seat.name for attendance in there] == ["Trainee 1", "Trainee 2"]
        (told,) = await each.reflections.list_reflections(session.id)
        assert (told.words, told.name) == ("Trainee 2 helped", "Trainee 1")
        (scored,) = await each.scores.list_sheets(session.id)
        assert (scored.comment, scored.items["help"].comment) == ("Trainee 2 could help", "Trainee 1 hesitates")
        assert (scored.by, scored.version) == (sheet.by, 2)
        (moment,) = await each.moments.moment_edits(session.id)
        assert moment.title == "Trainee 1 leads"
        (annotation,) = await each.keeping.list_every_annotation(session.id)
        assert annotation.text == "Trainee 2 saw it"
    assert [each.id for each in await storage.sync.log_after(house.school.id, head, 10)] == [session.id]
    (entry,) = (await storage.audit.list_entries(house.school.id, 1, None)).items
    assert (entry.action, entry.subject.id, entry.by.name) == ("names_out", session.id, house.admin.name)
    # On what it was before nothing is written any more.
    assert not await second_storage.keeping.take_names_out(before, out, SYSTEM, later(11))


async def test_texts_beside_the_record_go_as_they_are_asked_to(
    storage: Storage, second_storage: Storage, house: House, session: Session
) -> None:
    ann = a_seat(session, "Ann Smith")
    await storage.sessions.add_seat(ann, ann.id.bytes)
    items = {"help": ItemScore(1, None, "She hesitates"), "oxygen": ItemScore(2, None, "Ann gives it")}
    sheet = ScoreSheet(session.id, house.school.id, author_of(house.trainer), items, "Her sister could", NOW, NOW)
    theirs = replace(sheet, by=author_of(house.observer), comment="Calm", items={})
    for each in (sheet, theirs):
        await storage.scores.put_sheet(each, None)
    for seq, title in ((1, "Her fall"), (2, "Her silence"), (3, "The drug")):
        unedited = MomentEdit(session.id, house.school.id, seq, "bookmark", False, None, NOW)
        await storage.moments.change_moment(unedited, MomentChange(None, title), NOW)
    for author, words in ((b"x", "My sister slept"), (b"y", "I called late"), (b"z", "We waited")):
        said = Reflection(uuid4(), session.id, house.school.id, author * 32, None, "", {})
        await storage.reflections.change_reflection(said, ann, None, ReflectionChange(words, is_anonymous=True))
    await storage.sessions.end_session(session.id, house.trainer, uuid4(), later(9))
    before = await _found(storage, session)
    named = Named(before, [ann], (), (), await written_beside(storage, session.id))
    assert await written_beside(second_storage, session.id) == named.beside
    ids = {each.text: each.id for each in free_texts(named)}
    gone = ("Her sister could", "Her fall", "My sister slept")
    texts = {ids[text]: None for text in gone} | {
        ids["She hesitates"]: "Hesitates",
        ids["Her silence"]: "A silence",
        ids["I called late"]: "We called late",
        ids["We waited"]: None,
    }
    out = names_out(named, texts, later(10))
    assert isinstance(out, NamesOut)
    # Written anew after it was read: it is another text by now, and stands.
    (waited,) = [each for each in named.beside.words if each.words == "We waited"]
    first = Reflection(waited.id, session.id, house.school.id, b"z" * 32, None, "", {})
    await second_storage.reflections.change_reflection(first, ann, None, ReflectionChange("Ann and I waited"))
    assert await storage.keeping.take_names_out(before, out, author_of(house.admin), later(10))

    for each in (storage, second_storage):
        sheets = {sheet.by.id: sheet for sheet in await each.scores.list_sheets(session.id)}
        mine = sheets[sheet.by.id]
        assert (mine.comment, {key: item.comment for key, item in mine.items.items()}) == (
            "",
            {"help": "Hesitates", "oxygen": "Trainee 1 gives it"},
        )
        assert ({key: item.score for key, item in mine.items.items()}, mine.version) == ({"help": 1, "oxygen": 2}, 2)
        assert sheets[theirs.by.id] == theirs
        titles = [(edit.seq, edit.title) for edit in await each.moments.moment_edits(session.id)]
        assert titles == [(1, None), (2, "A silence"), (3, "The drug")]
        words = sorted(told.words for told in await each.reflections.list_reflections(session.id))
        assert words == ["Trainee 1 and I waited", "We called late"]
    entries = (await storage.audit.list_entries(house.school.id, 1, None)).items
    assert [(entry.action, entry.by.name) for entry in entries] == [("names_out", house.admin.name)]


async def test_what_a_device_was_answered_names_nobody_any_more(
    storage: Storage, second_storage: Storage, house: House
) -> None:
    opened = an_event("SESSION", payload={"title": "  Marie's  evening ", "trainee_name": "Marie"})
    with services_on(storage) as services, services_on(second_storage) as elsewhere:
        (told,) = (await send(services.sync, house.trainer, opened)).outcomes
        assert isinstance(told, Acknowledged)
        assert told.data is not None
        assert told.data.payload["title"] == "Marie's evening"
        session_id = UUID(opened["entityId"])
        await storage.sessions.end_session(session_id, house.trainer, uuid4(), later(9))
        ended = await storage.sessions.find_session(session_id)
        assert ended is not None
        out = names_out(Named(ended, [a_seat(ended, "Marie")], (), ()), {}, later(10))
        assert isinstance(out, NamesOut)
        assert await storage.keeping.take_names_out(ended, out, SYSTEM, later(10))
        for each in (services, elsewhere):
            (again,) = (await send(each.sync, house.trainer, opened, now=later(20))).outcomes
            assert again == replace(told, data=None)


async def test_a_lock_that_came_meanwhile_keeps_the_names(storage: Storage, house: House) -> None:
    session = await _ended(storage, house, later(9))
    out = names_out(Named(session, (), (), ()), {}, later(10))
    assert isinstance(out, NamesOut)
    await storage.keeping.lock_session(session.id, house.admin, "A complaint", later(10))
    assert not await storage.keeping.take_names_out(session, out, SYSTEM, later(11))
    assert (await _found(storage, session)).names_out_at is None
