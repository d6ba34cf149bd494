"""Hall servers and the sessions that run there: on every storage, taken once, in order, and whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import uuid4

import pytest

from server.domain.annotations import Annotation, AnnotationChange
from server.domain.audit import author_of
from server.domain.debrief.moment_edits import MomentChange, MomentEdit
from server.domain.events import NoteAdded
from server.domain.hall_annotations import NO_AUTHOR
from server.domain.hall_beside import EDITED_HERE, NO_SEAT, TAKEN_OVER, Beside
from server.domain.hall_records import ID_TAKEN, NOT_SENT, PartRefused, PartTaken, RecordPart
from server.domain.halls import Hall, HallContact, Waiting
from server.domain.judging import Rejected
from server.domain.moving import MovedSeat
from server.domain.outcomes import Conflict, Forbidden, NotFound, NotHome, SessionClosed, Unchanged
from server.domain.record import Recorded
from server.domain.reflections import Reflection
from server.domain.scores import ItemScore, ScoreSheet
from server.domain.session import CODE_ALPHABET, Seat, Session, SessionChange
from server.ports.halls import CopyKept
from server.ports.results import Seen
from server.ports.storage import Storage
from tests.support.hall_side import HallSide, a_hall
from tests.support.houses import House, open_session
from tests.support.making import BY, NOW, a_push, a_seat, an_annotation, later

TOKEN = b"\x01" * 32


@pytest.fixture
async def hall(storage: Storage, house: House) -> Hall:
    added = await storage.halls.add_hall(a_hall(house), TOKEN, BY)
    assert isinstance(added, Hall)
    return added


@pytest.fixture
async def side(hall: Hall, house: House) -> HallSide:
    return await HallSide.of(hall, house.school, house.trainer)


async def copied(storage: Storage, side: HallSide, session: Session) -> Session:
    [kept] = await storage.halls.put_sessions(side.hall, [await side.copy(session)], NOW)
    assert isinstance(kept, CopyKept), kept
    return kept.session


async def found(storage: Storage, session: Session) -> Session:
    stored = await storage.sessions.find_session(session.id)
    assert stored is not None
    return stored


async def test_a_hall_is_found_by_its_token_and_its_name_is_its_own(
    storage: Storage, house: House, other_house: House, hall: Hall
) -> None:
    assert await storage.halls.find_hall_by_token(TOKEN) == hall
    assert await storage.halls.find_hall_by_token(b"\x02" * 32) is None
    assert isinstance(await storage.halls.add_hall(a_hall(house, "NORTH"), b"\x02" * 32, BY), Conflict)
    there = await storage.halls.add_hall(a_hall(other_house, "North"), b"\x03" * 32, BY)
    assert isinstance(there, Hall)
    assert await storage.halls.find_hall(house.school.id, there.id) is None
    assert [each.hall for each in await storage.halls.list_halls(house.school.id)] == [hall]


async def test_a_revoked_hall_gives_its_name_back_and_stays_revoked(storage: Storage, house: House, hall: Hall) -> None:
    revoked = await storage.halls.revoke_hall(house.school.id, hall.id, BY, later(1))
    assert revoked == replace(hall, revoked_at=later(1))
    assert await storage.halls.revoke_hall(house.school.id, hall.id, BY, later(9)) == Unchanged(revoked)
    assert await storage.halls.find_hall_by_token(TOKEN) == revoked
    named = a_hall(house, "Again", trainer_ids=(house.trainer.id, house.admin.id))
    assert await storage.halls.add_hall(named, b"\x02" * 32, BY) == named
    assert isinstance(await storage.halls.add_hall(a_hall(house, "North"), b"\x03" * 32, BY), Hall)
    names = [(each.hall.name, each.hall.revoked_at) for each in await storage.halls.list_halls(house.school.id)]
    assert names == [("Again", None), ("North", None), ("North", later(1))]
    entries = (await storage.audit.list_entries(house.school.id, 10, None)).items
    assert [each.action for each in entries if each.subject.id == hall.id] == ["revoked", "added"]


async def test_another_schools_hall_is_not_there(storage: Storage, other_house: House, hall: Hall) -> None:
    assert isinstance(await storage.halls.revoke_hall(other_house.school.id, hall.id, BY, NOW), NotFound)


async def test_what_a_hall_says_of_itself_is_kept(storage: Storage, house: House, side: HallSide) -> None:
    copy = await copied(storage, side, await side.open())
    contact = HallContact("disk", "1.2", Waiting(1, 2, 3, later(1)), -4000)
    await storage.halls.see_hall(side.hall, contact, later(5))
    [summary] = await storage.halls.list_halls(house.school.id)
    seen = summary.hall
    assert (seen.last_seen_at, seen.client_id, seen.release) == (later(5), "disk", "1.2")
    assert (seen.waiting, seen.clock_offset_ms) == (contact.waiting, -4000)
    assert summary.open_sessions == 1
    stored = await found(storage, copy)
    assert stored.hall is not None
    assert stored.hall.heard_at == later(5)
    assert (stored.version, stored.updated_at) == (copy.version, copy.updated_at)


async def test_a_record_arrives_as_it_is(storage: Storage, side: HallSide) -> None:
    session = await side.open()
    seat = a_seat(session)
    await side.storage.sessions.add_seat(seat, b"seat")
    session = await side.record(session)
    session = await side.close(session)
    copy = await copied(storage, side, session)
    assert (copy.last_seq, copy.closed_at) == (0, None)
    judged = await storage.halls.add_part(side.hall, await side.part(session), NOW)
    assert isinstance(judged, PartTaken), judged
    assert [recorded.event for recorded in judged.recorded] == await side.events(session)
    stored = await found(storage, session)
    assert stored.last_values == session.last_values
    assert (stored.last_seq, stored.closed_at) == (session.last_seq, session.closed_at)
    assert stored.close_reason == session.close_reason == "closed"
    assert await storage.sessions.events_after(session.id, 0, 100) == await side.events(session)
    assert await storage.sessions.list_seats(session.id) == [seat]


async def test_what_was_told_is_told_again_without_effect(storage: Storage, side: HallSide) -> None:
    session = await side.record(await side.open())
    await copied(storage, side, session)
    first = await storage.halls.add_part(side.hall, await side.part(session, 0, 3), NOW)
    assert isinstance(first, PartTaken)
    before = await found(storage, session)
    again = await storage.halls.add_part(side.hall, await side.part(session, 0, 3), NOW)
    assert isinstance(again, PartTaken)
    assert not again.recorded
    assert await found(storage, session) == before
    rest = await storage.halls.add_part(side.hall, await side.part(session, 1, 4), NOW)
    assert isinstance(rest, PartTaken)
    assert [recorded.event.seq for recorded in rest.recorded] == [4]


async def test_a_part_is_taken_whole_or_not_at_all(storage: Storage, side: HallSide) -> None:
    session = await side.record(await side.open(), pushes=3)
    await copied(storage, side, session)
    part = await side.part(session)
    await storage.halls.add_part(side.hall, await side.part(session, 0, 2), NOW)
    cloned = replace(part.events[1], id=uuid4())
    later_one = part.events[4]
    for wrong, place, reason in (
        (RecordPart(session.id, part.events[3:], part.folded), 0, "invalid_fields"),
        (RecordPart(session.id, [part.events[0], cloned, *part.events[2:]], part.folded), 1, "seq_taken"),
        (RecordPart(session.id, [*part.events[2:4], replace(later_one, id=part.events[0].id)], "x"), 2, "id_taken"),
        (RecordPart(session.id, [*part.events[2:4], replace(later_one, id=part.events[3].id)], "x"), 2, "id_taken"),
        (RecordPart(session.id, part.events, None), 5, "invalid_fields"),
        (RecordPart(session.id, part.events, "0" * 64), 5, "invalid_fields"),
    ):
        judged = await storage.halls.add_part(side.hall, wrong, NOW)
        assert isinstance(judged, PartRefused), judged
        assert (judged.place, judged.rejected.reason) == (place, reason)
        assert (await found(storage, session)).last_seq == 2


async def test_a_byte_that_changed_on_the_way_is_found(storage: Storage, side: HallSide) -> None:
    session = await side.record(await side.open(), pushes=1)
    await copied(storage, side, session)
    part = await side.part(session)
    fact = replace(part.events[0].fact, patch=replace(part.events[0].fact.patch, signs={"heart_rate": 141}))  # type: ignore[attr-defined]
    changed = RecordPart(session.id, [replace(part.events[0], fact=fact), *part.events[1:]], part.folded)
    judged = await storage.halls.add_part(side.hall, changed, NOW)
    assert isinstance(judged, PartRefused)
    [error] = judged.rejected.errors
    assert error.field == "lastValuesSha256"
    assert part.folded is not None
    assert part.folded in error.message
    assert isinstance(await storage.halls.add_part(side.hall, part, NOW), PartTaken)


async def test_nothing_comes_after_the_end(storage: Storage, side: HallSide) -> None:
    session = await side.close(await side.record(await side.open()))
    await copied(storage, side, session)
    part = await side.part(session)
    await storage.halls.add_part(side.hall, part, NOW)
    after = replace(part.events[0], id=uuid4(), seq=session.last_seq + 1, fact=NoteAdded("late"))
    judged = await storage.halls.add_part(side.hall, RecordPart(session.id, [after], part.folded), NOW)
    assert isinstance(judged, PartRefused)
    assert judged.rejected.reason == "session_over"


async def test_its_own_fields_follow_the_hall(storage: Storage, side: HallSide) -> None:
    session = await side.open()
    copy = await side.copy(session)
    first = await copied(storage, side, session)
    [same] = await storage.halls.put_sessions(side.hall, [copy], later(1))
    assert isinstance(same, CopyKept)
    assert not same.is_changed
    assert same.session.version == first.version
    change = replace(copy, session=replace(copy.session, title="Renamed", expires_at=later(9000)))
    [changed] = await storage.halls.put_sessions(side.hall, [change], later(2))
    assert isinstance(changed, CopyKept)
    assert changed.is_changed
    assert changed.version > same.version
    stored = await found(storage, session)
    assert (stored.title, stored.expires_at, stored.version) == ("Renamed", later(9000), first.version + 1)
    seat = a_seat(session)
    [seated] = await storage.halls.put_sessions(side.hall, [replace(change, seats=(seat,))], later(3))
    assert isinstance(seated, CopyKept)
    assert await storage.sessions.list_seats(session.id) == [seat]
    await storage.halls.put_sessions(side.hall, [replace(change, seats=(replace(seat, removed_at=NOW),))], later(3))
    assert await storage.sessions.list_seats(session.id) == []


async def test_a_code_in_use_is_replaced_here_alone(storage: Storage, house: House, side: HallSide) -> None:
    own = await open_session(storage, house.trainer)
    session = await side.open(code=own.code)
    copy = await copied(storage, side, session)
    assert copy.code != own.code
    assert set(copy.code) <= set(CODE_ALPHABET)
    assert (await copied(storage, side, session)).code == copy.code
    assert await storage.sessions.find_session_by_code(own.code) == own


async def test_what_is_not_the_halls_is_refused(
    storage: Storage, house: House, other_house: House, hall: Hall, side: HallSide
) -> None:
    own = await open_session(storage, house.trainer)
    foreign = await open_session(storage, other_house.trainer)
    second = await storage.halls.add_hall(a_hall(house, "South"), b"\x02" * 32, BY)
    assert isinstance(second, Hall)
    theirs = await HallSide.of(second, house.school, house.trainer)
    of_second = await copied(storage, theirs, await theirs.open())
    copy = await side.copy(await side.open())
    for session, reason in ((own, "not_home"), (foreign, "id_taken"), (of_second, "id_taken")):
        taken = replace(copy, session=replace(copy.session, id=session.id))
        assert await storage.halls.put_sessions(hall, [taken], NOW) == [Rejected(reason)]  # type: ignore[arg-type]
        assert await found(storage, session) == session
    stranger = replace(copy, session=replace(copy.session, trainer_id=other_house.trainer.id))
    [refused] = await storage.halls.put_sessions(hall, [stranger], NOW)
    assert isinstance(refused, Rejected)
    assert refused.errors[0].field == "payload.trainer_id"


async def test_only_the_hall_writes_to_its_sessions(storage: Storage, house: House, side: HallSide) -> None:
    session = await copied(storage, side, await side.record(await side.open()))
    sessions, refusal = storage.sessions, NotHome(side.hall.name)
    assert await sessions.append_event(session.id, house.trainer, a_push(house.trainer), NOW) == refusal
    assert await sessions.change_session(session.id, house.trainer, SessionChange(title="x"), None, NOW) == refusal
    assert await sessions.end_session(session.id, house.trainer, uuid4(), NOW) == refusal
    assert await sessions.take_controls(session.id, house.colleague, uuid4(), NOW) == refusal
    assert await found(storage, session) == session


async def test_the_central_never_ends_it(storage: Storage, house: House, side: HallSide) -> None:
    session = await copied(storage, side, await side.open(expires_at=later(10)))
    own = await open_session(storage, house.trainer, expires_at=later(20))
    assert await storage.sessions.next_expiry() == later(20)
    ended = await storage.sessions.expire_due(later(30), 10)
    assert [each.session.id for each in ended] == [own.id]
    assert await storage.sessions.next_expiry() is None
    assert await found(storage, session) == session
    page = await storage.sessions.list_sessions(house.school.id, "open", 10, None, later(30))
    assert [each.session.id for each in page.items] == [session.id]


async def test_a_lost_halls_session_is_taken_over(storage: Storage, house: House, side: HallSide) -> None:
    session = await side.record(await side.open())
    copy = await copied(storage, side, session)
    await storage.halls.add_part(side.hall, await side.part(session, 0, 3), NOW)
    by = author_of(house.admin)
    assert isinstance(await storage.halls.take_over(session.id, house.trainer, by, NOW), Forbidden)
    taken = await storage.halls.take_over(session.id, house.admin, by, NOW)
    assert isinstance(taken, Session), taken
    assert taken.elsewhere() is None
    assert taken.version == copy.version + 1
    assert await storage.halls.take_over(session.id, house.admin, by, NOW) == Unchanged(taken)
    judged = await storage.halls.add_part(side.hall, await side.part(session, 3), NOW)
    assert isinstance(judged, PartRefused)
    assert judged.rejected.reason == "not_home"
    assert await storage.halls.put_sessions(side.hall, [await side.copy(session)], NOW) == [Rejected("not_home")]
    pushed = await storage.sessions.append_event(session.id, house.trainer, a_push(house.trainer), later(9))
    assert isinstance(pushed, Recorded)
    assert pushed.event.seq == 4
    entries = (await storage.audit.list_entries(house.school.id, 10, None)).items
    [entry] = [each for each in entries if each.action == "taken_over"]
    assert (entry.by, entry.details) == (by, {"hall": "North"})
    moved = await storage.sessions.moved_among({session.id: Seen(3, copy.version)})
    assert [each.id for each in moved] == [session.id]


async def test_what_has_ended_or_is_anothers_is_not_taken_over(
    storage: Storage, house: House, other_house: House, side: HallSide
) -> None:
    session = await side.close(await side.record(await side.open()))
    await copied(storage, side, session)
    await storage.halls.add_part(side.hall, await side.part(session), NOW)
    by = author_of(house.admin)
    assert isinstance(await storage.halls.take_over(session.id, house.admin, by, NOW), SessionClosed)
    assert isinstance(await storage.halls.take_over(session.id, other_house.admin, by, NOW), NotFound)
    own = await open_session(storage, house.trainer)
    assert await storage.halls.take_over(own.id, house.admin, by, NOW) == Unchanged(own)


async def test_another_process_sees_what_came(storage: Storage, second_storage: Storage, side: HallSide) -> None:
    session = await side.record(await side.open())
    copy = await copied(storage, side, session)
    assert await second_storage.sessions.find_session(session.id) == copy
    await storage.halls.add_part(side.hall, await side.part(session), NOW)
    moved = await second_storage.sessions.moved_among({session.id: Seen(0, copy.version)})
    assert [each.last_seq for each in moved] == [4]
    await second_storage.halls.add_part(side.hall, await side.part(session), NOW)
    assert await storage.sessions.events_after(session.id, 0, 100) == await side.events(session)


async def test_hashes_are_those_of_the_schools_own(storage: Storage, house: House, other_house: House) -> None:
    asked = [house.trainer.id, other_house.trainer.id]
    assert await storage.halls.password_hashes(house.school.id, asked) == {house.trainer.id: "hash"}


async def test_annotations_of_a_hall_are_taken_once_and_give_way_to_what_is_edited_here(
    storage: Storage, house: House, side: HallSide
) -> None:
    session = await copied(storage, side, await side.open())
    sent = an_annotation(session, house.trainer, "At the hall")
    assert await storage.halls.put_annotations(side.hall, [sent, sent]) == [None, None]
    assert await listed(storage, session) == [sent]
    later_here = replace(sent, text="Better", version=2, updated_at=later(60))
    assert await storage.halls.put_annotations(side.hall, [later_here, sent]) == [None, None]
    assert await listed(storage, session) == [later_here]

    change = AnnotationChange(text="By the school")
    edited = await storage.annotations.change_annotation(session, sent.id, house.trainer, change, 2, later(70))
    assert isinstance(edited, Annotation)
    at_once = replace(later_here, text="By the hall", version=3, updated_at=later(65))
    for _ in range(2):
        assert await storage.halls.put_annotations(side.hall, [at_once]) == [None]
        assert sorted(each.text for each in await listed(storage, session)) == ["By the hall", "By the school"]
    gone = replace(at_once, version=4, updated_at=later(80), deleted_at=later(80))
    assert await storage.halls.put_annotations(side.hall, [gone]) == [None]
    assert await listed(storage, session) == [edited]


async def test_an_annotation_that_was_moved_here_before_becomes_the_halls_as_it_is(
    storage: Storage, house: House, side: HallSide
) -> None:
    session = await copied(storage, side, await side.open())
    sent = an_annotation(session, house.trainer)
    await storage.annotations.add_annotation(sent)
    assert await storage.halls.put_annotations(side.hall, [sent]) == [None]
    assert await listed(storage, session) == [sent]
    edited = replace(sent, text="Later", version=2, updated_at=later(9))
    assert await storage.halls.put_annotations(side.hall, [edited]) == [None]
    assert await listed(storage, session) == [edited]


async def test_a_hall_annotates_no_session_but_its_own(
    storage: Storage, house: House, other_house: House, side: HallSide
) -> None:
    own = await copied(storage, side, await side.open())
    not_its = await open_session(storage, house.trainer)
    foreign = await open_session(storage, other_house.trainer)
    taken = an_annotation(foreign, other_house.trainer)
    await storage.annotations.add_annotation(taken)
    refusals = await storage.halls.put_annotations(
        side.hall,
        [
            an_annotation(not_its, house.trainer),
            replace(an_annotation(own, house.trainer), session_id=foreign.id),
            replace(an_annotation(own, house.trainer), id=taken.id),
            replace(an_annotation(own, house.trainer), author=author_of(other_house.trainer)),
            an_annotation(own, house.trainer),
        ],
    )
    assert refusals == [ID_TAKEN, NOT_SENT, ID_TAKEN, NO_AUTHOR, None]
    assert await listed(storage, foreign) == [taken]


async def listed(storage: Storage, session: Session) -> list[Annotation]:
    return list((await storage.annotations.list_annotations(session.id, 50, None)).items)


async def test_what_a_debrief_writes_at_a_hall_is_taken_once_and_kept_as_it_is(
    storage: Storage, second_storage: Storage, house: House, side: HallSide
) -> None:
    session = await side.open()
    seat = a_seat(session)
    await side.storage.sessions.add_seat(seat, b"seat")
    session = await copied(storage, side, session)
    rows = beside_of(session, house, seat)
    for each in (storage, second_storage):
        assert await each.halls.put_beside(side.hall, [*rows, *rows]) == [None] * 8
        assert await beside_in(each, session) == rows
    # By whom is kept: by an account here, by a seat, or by nobody who could be told.
    [told, nameless] = await storage.reflections.list_reflections(session.id)
    assert {(told.name, told.words), (nameless.name, nameless.words)} == {("Grace", "Slow"), (None, "Hidden")}
    newer = [newer_of(each) for each in rows]
    assert await storage.halls.put_beside(side.hall, [*newer, *rows]) == [None] * 8
    assert await beside_in(second_storage, session) == newer
    # A central that holds a hall's seats and words moves, too.
    moved = [part async for part in storage.moving.read_school(house.school.id)]
    assert [part for part in moved if isinstance(part, MovedSeat)] == [MovedSeat(seat, None)]
    assert [part for part in moved if isinstance(part, MomentEdit | ScoreSheet | Reflection)] == in_moving_order(newer)


async def test_what_was_edited_here_stays_and_the_hall_hears_of_it(
    storage: Storage, house: House, side: HallSide
) -> None:
    session = await copied(storage, side, await side.open())
    sheet, _, moment = rows = [beside_of(session, house, None)[place] for place in (0, 2, 3)]
    assert await storage.halls.put_beside(side.hall, rows) == [None] * 3
    assert isinstance(sheet, ScoreSheet)
    assert isinstance(moment, MomentEdit)
    by_school = await storage.scores.put_sheet(replace(sheet, comment="By the school"), None)
    await storage.moments.change_moment(moment, MomentChange(title="By the school"), later(9))
    before = await beside_in(storage, session)
    assert await storage.halls.put_beside(side.hall, rows) == [None] * 3
    newer = [newer_of(newer_of(each)) for each in (sheet, moment)]
    assert await storage.halls.put_beside(side.hall, newer) == [EDITED_HERE, EDITED_HERE]
    assert await beside_in(storage, session) == before
    assert by_school in before


async def test_a_hall_writes_beside_no_session_but_its_own(
    storage: Storage, house: House, other_house: House, side: HallSide
) -> None:
    own = await copied(storage, side, await side.open())
    not_its = await open_session(storage, house.trainer)
    foreign = await open_session(storage, other_house.trainer)
    sheet, _, words, _ = beside_of(own, house, None)
    assert isinstance(sheet, ScoreSheet)
    assert isinstance(words, Reflection)
    refusals = await storage.halls.put_beside(
        side.hall,
        [
            replace(sheet, session_id=not_its.id),
            replace(sheet, session_id=foreign.id),
            replace(sheet, session_id=uuid4()),
            replace(sheet, by=author_of(other_house.trainer)),
            replace(words, seat_id=uuid4()),
            sheet,
            words,
        ],
    )
    assert refusals == [ID_TAKEN, NOT_SENT, NOT_SENT, NO_AUTHOR, NO_SEAT, None, None]
    other = await copied(storage, side, await side.open())
    assert await storage.halls.put_beside(side.hall, [replace(words, session_id=other.id)]) == [ID_TAKEN]
    assert await beside_in(storage, other) == []


async def test_after_a_take_over_nothing_more_of_a_debrief_comes_from_the_hall(
    storage: Storage, house: House, side: HallSide
) -> None:
    session = await copied(storage, side, await side.record(await side.open()))
    rows = beside_of(session, house, None)
    assert await storage.halls.put_beside(side.hall, rows[:1]) == [None]
    await storage.halls.take_over(session.id, house.admin, author_of(house.admin), NOW)
    assert await storage.halls.put_beside(side.hall, [newer_of(rows[0]), *rows[1:]]) == [TAKEN_OVER] * 4
    assert await beside_in(storage, session) == rows[:1]


async def test_what_comes_of_a_session_that_is_forgotten_is_not_written(
    storage: Storage, house: House, side: HallSide
) -> None:
    session = await side.close(await side.record(await side.open()))
    await copied(storage, side, session)
    await storage.halls.add_part(side.hall, await side.part(session), NOW)
    ended = await found(storage, session)
    assert await storage.keeping.delete_record(ended, BY, later(90))
    note = an_annotation(session, house.trainer)
    assert await storage.halls.put_annotations(side.hall, [note]) == [None]
    assert await storage.halls.put_beside(side.hall, beside_of(session, house, None)) == [None] * 4
    assert await beside_in(storage, session) == []
    assert await listed(storage, session) == []


def beside_of(session: Session, house: House, seat: Seat | None) -> list[Beside]:
    """The sheets of a trainer and an observer, words of a seat and of nobody who is named, and an edit of a moment."""
    ids, school_id = (session.id, session.school_id), session.school_id
    return [
        ScoreSheet(*ids, author_of(house.trainer), {"help": ItemScore(2, NOW, "Fast 🚑")}, "Calm", NOW, NOW),
        ScoreSheet(*ids, author_of(house.observer), {"help": ItemScore("na")}, "", NOW, later(1))
        if seat is None
        else Reflection(uuid4(), *ids, b"1" * 32, seat.id, "Slow", {"help": 1}, version=1),
        Reflection(uuid4(), *ids, b"2" * 32, None, "Hidden", {}, version=1),
        MomentEdit(session.id, school_id, 2, "arrest", True, "Arrêt", NOW, version=1),
    ]


def newer_of(row: Beside) -> Beside:
    match row:
        case ScoreSheet():
            return replace(row, comment=f"{row.comment}!", version=row.version + 1, updated_at=later(row.version))
        case Reflection():
            return replace(row, words=f"{row.words}!", version=row.version + 1)
        case MomentEdit():
            return replace(row, title=f"{row.title}!", version=row.version + 1, updated_at=later(row.version))


async def beside_in(storage: Storage, session: Session) -> list[Beside]:
    """In the order of `beside_of`."""
    sheets = await storage.scores.list_sheets(session.id)
    hashes = (b"1" * 32, b"2" * 32)
    words = [await storage.reflections.find_reflection(session.id, each) for each in hashes]
    moments = await storage.moments.moment_edits(session.id)
    return [*sheets, *(each for each in words if each is not None), *moments]


def in_moving_order(rows: Sequence[Beside]) -> list[Beside]:
    moments = [each for each in rows if isinstance(each, MomentEdit)]
    sheets = [each for each in rows if isinstance(each, ScoreSheet)]
    words = sorted((each for each in rows if isinstance(each, Reflection)), key=lambda each: each.id)
    return [*moments, *sheets, *words]
