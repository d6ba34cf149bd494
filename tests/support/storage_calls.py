"""One call of every method that a storage has."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from uuid import uuid4

from server.domain.annotations import AnnotationChange
from server.domain.assignments import Assignment, Try
from server.domain.audit import entry_of_edit
from server.domain.case import Case
from server.domain.debrief.moment_edits import MomentChange, MomentEdit
from server.domain.devices import CallRecord, Device
from server.domain.events import Event, NoteAdded
from server.domain.forking import Fork
from server.domain.hall_records import RecordPart, SessionCopy
from server.domain.halls import HallContact, Waiting
from server.domain.names_beside import Rewriting
from server.domain.names_out import NamesOut, Renaming
from server.domain.people import Credentials, Retention, TrainerChange
from server.domain.reflections import Reflection, ReflectionChange
from server.domain.scores import ScoreSheet
from server.domain.session import ForkedFrom, HomeHall, SessionChange
from server.domain.shares import Share
from server.ports.results import Seen
from server.ports.slices import Turn
from server.ports.storage import Storage
from server.ports.sync import Held, Judgement, Pull, SyncCall
from tests.support.hall_side import a_hall
from tests.support.houses import House
from tests.support.making import (
    BY,
    NOW,
    a_content,
    a_note,
    a_school,
    a_seat,
    a_session,
    a_span,
    a_template,
    a_trainer,
    an_annotation,
    an_invitation,
)

TOKEN = b"token"


async def _judges_nothing(held: Held, turn: Turn) -> Judgement:
    return Judgement(())


def _a_device_call(house: House) -> CallRecord:
    return CallRecord(uuid4(), house.school.id, "tablet", "UP", 0, 0, 0, 0, "FAILED", NOW, NOW, "too_large")


_A_CONTACT = HallContact("disk", "1.0", Waiting(0, 0, 0, None), None)


def _a_copy(house: House) -> SessionCopy:
    hall = a_hall(house)
    home = HomeHall(hall.id, hall.name, None, NOW)
    return SessionCopy(a_session(house.trainer, hall=home), None, ())


def _a_part(house: House) -> RecordPart:
    session = a_session(house.trainer)
    event = Event(uuid4(), session.id, 1, NOW, NOW, BY, NoteAdded("x"))
    return RecordPart(session.id, [event], None)


async def _read_through(parts: AsyncIterator[object]) -> list[object]:
    return [part async for part in parts]


def _an_assignment(house: House) -> Assignment:
    return Assignment(uuid4(), house.school.id, house.trainer.id, uuid4(), "Homework", NOW, "token", NOW)


async def _begin_a_try(storage: Storage, house: House) -> object:
    session = a_session(house.trainer)
    case = Case(uuid4(), 1, "", (), (), ())
    return await storage.assignments.add_try(Try(session.id, uuid4(), "Ann", NOW), session, None, BY, case)


def _a_fork(house: House) -> Fork:
    source = a_session(house.trainer)
    session = replace(a_session(house.trainer), forked_from=ForkedFrom(source.id, 1))
    return Fork(session, (), None)


def _a_sheet(house: House) -> ScoreSheet:
    return ScoreSheet(uuid4(), house.school.id, BY, {}, "", NOW, NOW)


def _some_words(house: House) -> Reflection:
    return Reflection(uuid4(), uuid4(), house.school.id, TOKEN, None, "", {})


def _a_share(house: House) -> Share:
    return Share(uuid4(), uuid4(), house.school.id, BY, NOW, NOW)


def _a_moment(house: House) -> MomentEdit:
    return MomentEdit(uuid4(), house.school.id, 1, "bookmark", False, None, NOW)


def _names_out(house: House) -> NamesOut:
    return NamesOut(
        Rewriting(Renaming({}, re.compile("x"), {}), {}), a_session(house.trainer), (), (), (), changes_beside=False
    )


Call = Callable[[Storage, House], Awaitable[object]]
# Every method of the Protocols, so that none answers an outage in its own way.
CALLS: dict[str, Call] = {
    "ping": lambda storage, house: storage.ping(),
    "accounts.add_school": lambda storage, house: storage.accounts.add_school(a_school()),
    "accounts.find_school": lambda storage, house: storage.accounts.find_school(house.school.id),
    "accounts.list_schools": lambda storage, house: storage.accounts.list_schools(),
    "accounts.add_trainer": lambda storage, house: storage.accounts.add_trainer(a_trainer(house.school), "x", BY),
    "accounts.find_trainer": lambda storage, house: storage.accounts.find_trainer(house.school.id, uuid4()),
    "accounts.find_credentials": lambda storage, house: storage.accounts.find_credentials("a@example.org"),
    "accounts.list_trainers": lambda storage, house: storage.accounts.list_trainers(house.school.id, 5, None),
    "accounts.change_trainer": lambda storage, house: storage.accounts.change_trainer(
        house.school.id, house.trainer.id, TrainerChange(name="x"), None, BY, NOW
    ),
    "accounts.delete_trainer": lambda storage, house: storage.accounts.delete_trainer(
        house.school.id, house.trainer.id, None, BY, NOW
    ),
    "accounts.add_token": lambda storage, house: storage.accounts.add_token(
        Credentials(house.trainer, "hash"), TOKEN, NOW, NOW
    ),
    "accounts.find_access": lambda storage, house: storage.accounts.find_access(TOKEN, NOW),
    "accounts.delete_token": lambda storage, house: storage.accounts.delete_token(TOKEN),
    "accounts.delete_expired_tokens": lambda storage, house: storage.accounts.delete_expired_tokens(NOW),
    "accounts.live_tokens": lambda storage, house: storage.accounts.live_tokens([TOKEN], NOW),
    "accounts.has_accounts": lambda storage, house: storage.accounts.has_accounts(),
    "accounts.add_first_trainer": lambda storage, house: storage.accounts.add_first_trainer(
        a_trainer(house.school), "x", house.school
    ),
    "accounts.list_logins": lambda storage, house: storage.accounts.list_logins(house.trainer, NOW),
    "accounts.end_login": lambda storage, house: storage.accounts.end_login(house.trainer, uuid4(), NOW),
    "invitations.add_invitation": lambda storage, house: storage.invitations.add_invitation(
        an_invitation(house.school), TOKEN
    ),
    "invitations.find_invitation": lambda storage, house: storage.invitations.find_invitation(TOKEN),
    "invitations.list_invitations": lambda storage, house: storage.invitations.list_invitations(
        house.school.id, 5, None
    ),
    "invitations.withdraw_invitation": lambda storage, house: storage.invitations.withdraw_invitation(
        house.school.id, uuid4(), BY, NOW
    ),
    "invitations.accept_invitation": lambda storage, house: storage.invitations.accept_invitation(
        TOKEN, uuid4(), "x", NOW
    ),
    "sessions.add_session": lambda storage, house: storage.sessions.add_session(a_session(house.trainer), None, BY),
    "sessions.add_fork": lambda storage, house: storage.sessions.add_fork(_a_fork(house), house.trainer, uuid4()),
    "sessions.find_sent_to": lambda storage, house: storage.sessions.find_sent_to(uuid4()),
    "sessions.find_session": lambda storage, house: storage.sessions.find_session(uuid4()),
    "sessions.find_session_by_code": lambda storage, house: storage.sessions.find_session_by_code("ABCDEF"),
    "sessions.due_sessions": lambda storage, house: storage.sessions.due_sessions(),
    "moving.read_school": lambda storage, house: _read_through(storage.moving.read_school(house.school.id)),
    "sessions.self_moving_sessions": lambda storage, house: storage.sessions.self_moving_sessions(),
    "sessions.list_sessions": lambda storage, house: storage.sessions.list_sessions(
        house.school.id, "all", 5, None, NOW
    ),
    "sessions.change_session": lambda storage, house: storage.sessions.change_session(
        uuid4(), house.trainer, SessionChange(title="x"), None, NOW
    ),
    "sessions.append_event": lambda storage, house: storage.sessions.append_event(
        uuid4(), house.trainer, a_note(house.trainer), NOW
    ),
    "sessions.find_case": lambda storage, house: storage.sessions.find_case(uuid4()),
    "sessions.limits_since": lambda storage, house: storage.sessions.limits_since(uuid4()),
    "sessions.last_case_event": lambda storage, house: storage.sessions.last_case_event(uuid4(), ["started"]),
    "sessions.take_controls": lambda storage, house: storage.sessions.take_controls(
        uuid4(), house.trainer, uuid4(), NOW
    ),
    "sessions.end_session": lambda storage, house: storage.sessions.end_session(uuid4(), house.trainer, uuid4(), NOW),
    "sessions.expire_due": lambda storage, house: storage.sessions.expire_due(NOW, 5),
    "sessions.next_expiry": lambda storage, house: storage.sessions.next_expiry(),
    "sessions.last_change": lambda storage, house: storage.sessions.last_change(),
    "sessions.moved_among": lambda storage, house: storage.sessions.moved_among({uuid4(): Seen(0, 0)}),
    "sessions.events_after": lambda storage, house: storage.sessions.events_after(uuid4(), 0, 5),
    "sessions.add_seat": lambda storage, house: storage.sessions.add_seat(a_seat(a_session(house.trainer)), TOKEN),
    "sessions.take_seat": lambda storage, house: storage.sessions.take_seat(a_seat(a_session(house.trainer)), TOKEN, 9),
    "sessions.find_seat": lambda storage, house: storage.sessions.find_seat(TOKEN),
    "sessions.rename_seat": lambda storage, house: storage.sessions.rename_seat(a_seat(a_session(house.trainer)), "x"),
    "sessions.remove_seat": lambda storage, house: storage.sessions.remove_seat(uuid4(), uuid4(), NOW),
    "sessions.removed_among": lambda storage, house: storage.sessions.removed_among([uuid4()]),
    "sessions.list_seats": lambda storage, house: storage.sessions.list_seats(uuid4()),
    "templates.add_template": lambda storage, house: storage.templates.add_template(a_template(house.school), BY),
    "templates.find_template": lambda storage, house: storage.templates.find_template(house.school.id, uuid4()),
    "templates.list_templates": lambda storage, house: storage.templates.list_templates(house.school.id, 5, None),
    "templates.change_template": lambda storage, house: storage.templates.change_template(
        house.school.id, uuid4(), a_content(), None, BY, NOW
    ),
    "templates.delete_template": lambda storage, house: storage.templates.delete_template(
        house.school.id, uuid4(), None, BY, NOW
    ),
    "annotations.add_annotation": lambda storage, house: storage.annotations.add_annotation(
        an_annotation(a_session(house.trainer), house.trainer)
    ),
    "annotations.list_annotations": lambda storage, house: storage.annotations.list_annotations(uuid4(), 5, None),
    "annotations.change_annotation": lambda storage, house: storage.annotations.change_annotation(
        a_session(house.trainer), uuid4(), house.trainer, AnnotationChange(text="x"), None, NOW
    ),
    "annotations.delete_annotation": lambda storage, house: storage.annotations.delete_annotation(
        a_session(house.trainer), uuid4(), house.trainer, None, NOW
    ),
    "assignments.add_assignment": lambda storage, house: storage.assignments.add_assignment(_an_assignment(house), BY),
    "assignments.find_assignment": lambda storage, house: storage.assignments.find_assignment(house.school.id, uuid4()),
    "assignments.find_assignment_by_token": lambda storage, house: storage.assignments.find_assignment_by_token("x"),
    "assignments.list_assignments": lambda storage, house: storage.assignments.list_assignments(
        house.school.id, 5, None
    ),
    "assignments.summarize": lambda storage, house: storage.assignments.summarize(_an_assignment(house)),
    "assignments.withdraw_assignment": lambda storage, house: storage.assignments.withdraw_assignment(
        house.school.id, uuid4(), house.trainer, NOW
    ),
    "assignments.add_try": lambda storage, house: _begin_a_try(storage, house),
    "assignments.list_tries": lambda storage, house: storage.assignments.list_tries(house.school.id, uuid4(), 5, None),
    "assignments.is_try": lambda storage, house: storage.assignments.is_try(uuid4()),
    "sessions.end_with_case": lambda storage, house: storage.sessions.end_with_case(
        a_session(house.trainer), uuid4(), BY, NOW
    ),
    "attendance.put_spans": lambda storage, house: storage.attendance.put_spans(
        [a_span(a_seat(a_session(house.trainer)))], NOW
    ),
    "attendance.close_abandoned": lambda storage, house: storage.attendance.close_abandoned(NOW),
    "attendance.attendance_of": lambda storage, house: storage.attendance.attendance_of(uuid4()),
    "audit.add_entry": lambda storage, house: storage.audit.add_entry(
        entry_of_edit(uuid4(), "deleted", house.trainer, BY)
    ),
    "audit.list_entries": lambda storage, house: storage.audit.list_entries(house.school.id, 5, None),
    "sync.log_after": lambda storage, house: storage.sync.log_after(house.school.id, 0, 5),
    "sync.mark_restored": lambda storage, house: storage.sync.mark_restored(),
    "sync.identity": lambda storage, house: storage.sync.identity(),
    "sync.take": lambda storage, house: storage.sync.take(
        SyncCall(house.school.id, "tablet", house.trainer.id, NOW, [], []), _judges_nothing
    ),
    "sync.pull": lambda storage, house: storage.sync.pull(Pull(house.school.id, ("TEMPLATE",), 0, 5)),
    "sync.pull_templates": lambda storage, house: storage.sync.pull_templates(
        Pull(house.school.id, ("TEMPLATE",), 0, 5)
    ),
    "sync.newest_versions": lambda storage, house: storage.sync.newest_versions([house.school.id]),
    "sync.find_device": lambda storage, house: storage.sync.find_device(house.school.id, "tablet"),
    "sync.see_device": lambda storage, house: storage.sync.see_device(
        Device(house.school.id, "tablet", house.trainer.id, NOW), None
    ),
    "sync.list_devices": lambda storage, house: storage.sync.list_devices(house.school.id),
    "sync.revoke_device": lambda storage, house: storage.sync.revoke_device(house.school.id, "tablet", None, BY, NOW),
    "sync.find_answered": lambda storage, house: storage.sync.find_answered(house.school.id, [uuid4()]),
    "sync.find_last_write": lambda storage, house: storage.sync.find_last_write(house.school.id, uuid4(), NOW),
    "sync.delete_device": lambda storage, house: storage.sync.delete_device(house.school.id, "tablet", BY, NOW),
    "sync.add_call": lambda storage, house: storage.sync.add_call(_a_device_call(house)),
    "sync.list_calls": lambda storage, house: storage.sync.list_calls(house.school.id, 5, None),
    "sync.find_call": lambda storage, house: storage.sync.find_call(house.school.id, uuid4()),
    "sync.list_conflicts": lambda storage, house: storage.sync.list_conflicts(house.school.id, None, 5, None),
    "sync.find_conflict": lambda storage, house: storage.sync.find_conflict(house.school.id, uuid4()),
    "sync.forget_before": lambda storage, house: storage.sync.forget_before(NOW, 5),
    "halls.add_hall": lambda storage, house: storage.halls.add_hall(a_hall(house), TOKEN, BY),
    "halls.find_hall": lambda storage, house: storage.halls.find_hall(house.school.id, uuid4()),
    "halls.find_hall_by_token": lambda storage, house: storage.halls.find_hall_by_token(TOKEN),
    "halls.list_halls": lambda storage, house: storage.halls.list_halls(house.school.id),
    "halls.revoke_hall": lambda storage, house: storage.halls.revoke_hall(house.school.id, uuid4(), BY, NOW),
    "halls.see_hall": lambda storage, house: storage.halls.see_hall(a_hall(house), _A_CONTACT, NOW),
    "halls.find_sessions": lambda storage, house: storage.halls.find_sessions(house.school.id, [uuid4()]),
    "halls.last_event_ids": lambda storage, house: storage.halls.last_event_ids(house.school.id, [uuid4()]),
    "halls.password_hashes": lambda storage, house: storage.halls.password_hashes(house.school.id, [uuid4()]),
    "halls.put_sessions": lambda storage, house: storage.halls.put_sessions(a_hall(house), [_a_copy(house)], NOW),
    "halls.add_part": lambda storage, house: storage.halls.add_part(a_hall(house), _a_part(house), NOW),
    "halls.put_annotations": lambda storage, house: storage.halls.put_annotations(
        a_hall(house), [an_annotation(a_session(house.trainer), house.trainer)]
    ),
    "halls.put_beside": lambda storage, house: storage.halls.put_beside(a_hall(house), [_a_sheet(house)]),
    "halls.take_over": lambda storage, house: storage.halls.take_over(uuid4(), house.admin, BY, NOW),
    "keys.keep": lambda storage, house: storage.keys.keep("a key", b"fresh"),
    "moments.moment_edits": lambda storage, house: storage.moments.moment_edits(uuid4()),
    "moments.change_moment": lambda storage, house: storage.moments.change_moment(
        _a_moment(house), MomentChange(title="x"), NOW
    ),
    "scores.put_sheet": lambda storage, house: storage.scores.put_sheet(_a_sheet(house), None),
    "scores.list_sheets": lambda storage, house: storage.scores.list_sheets(uuid4()),
    "reflections.find_reflection": lambda storage, house: storage.reflections.find_reflection(uuid4(), TOKEN),
    "reflections.list_reflections": lambda storage, house: storage.reflections.list_reflections(uuid4()),
    "reflections.change_reflection": lambda storage, house: storage.reflections.change_reflection(
        _some_words(house), a_seat(a_session(house.trainer)), None, ReflectionChange(words="x")
    ),
    "shares.add_share": lambda storage, house: storage.shares.add_share(
        _a_share(house), TOKEN, a_session(house.trainer)
    ),
    "shares.find_share": lambda storage, house: storage.shares.find_share(TOKEN),
    "shares.list_shares": lambda storage, house: storage.shares.list_shares(a_session(house.trainer)),
    "shares.end_shares": lambda storage, house: storage.shares.end_shares(a_session(house.trainer), BY, NOW),
    "shares.tell_opened": lambda storage, house: storage.shares.tell_opened(
        _a_share(house), a_session(house.trainer), NOW
    ),
    "comparison.ended_sessions": lambda storage, house: storage.comparison.ended_sessions(
        house.school.id, uuid4(), None, None, 5, NOW
    ),
    "comparison.cases_of": lambda storage, house: storage.comparison.cases_of([uuid4()]),
    "comparison.key_events_of": lambda storage, house: storage.comparison.key_events_of([uuid4()]),
    "comparison.marked_annotations_of": lambda storage, house: storage.comparison.marked_annotations_of([uuid4()]),
    "comparison.sheets_of": lambda storage, house: storage.comparison.sheets_of([uuid4()]),
    "keeping.put_retention": lambda storage, house: storage.keeping.put_retention(
        house.school.id, Retention(), BY, NOW
    ),
    "keeping.list_due": lambda storage, house: storage.keeping.list_due(house.school, 5, None),
    "keeping.lock_session": lambda storage, house: storage.keeping.lock_session(uuid4(), house.admin, "x", NOW),
    "keeping.unlock_session": lambda storage, house: storage.keeping.unlock_session(uuid4(), house.admin, NOW),
    "keeping.list_every_seat": lambda storage, house: storage.keeping.list_every_seat(uuid4()),
    "keeping.list_every_annotation": lambda storage, house: storage.keeping.list_every_annotation(uuid4()),
    "keeping.take_names_out": lambda storage, house: storage.keeping.take_names_out(
        a_session(house.trainer), _names_out(house), BY, NOW
    ),
    "keeping.delete_record": lambda storage, house: storage.keeping.delete_record(a_session(house.trainer), BY, NOW),
}
