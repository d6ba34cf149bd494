"""What the server says: plain dictionaries, ready to be encoded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from server.domain.annotations import Annotation
from server.domain.assignments import AssignmentSummary, TrySummary
from server.domain.attendance import SeatAttendance
from server.domain.audit import AuditEntry
from server.domain.case import Case
from server.domain.events import Author, Event, write_fact
from server.domain.halls import HallSummary
from server.domain.invitations import Invitation
from server.domain.limits import LimitsSince, limits_as_json
from server.domain.people import Login, Trainer
from server.domain.session import ForkedFrom, HomeHall, Seat, Session, SessionLock, SessionSummary
from server.domain.template import Template
from server.domain.timestamps import write_optional_timestamp, write_timestamp
from server.ports.broadcast import Trainee
from server.service.assignments import Offer
from server.service.invitations import FoundInvitation
from server.service.logins import LoggedIn
from server.transport.refusals import Refused
from server.transport.wire.shapes import (
    AckError,
    AnnotationAnswer,
    AssignmentAnswer,
    AuditAnswer,
    AuditAuthorAnswer,
    AuthorAnswer,
    CaseAnswer,
    ColleagueAnswer,
    EventAnswer,
    FieldErrorAnswer,
    ForkedFromAnswer,
    FoundInvitationAnswer,
    HallAnswer,
    HomeHallAnswer,
    InvitationAnswer,
    LimitsSinceAnswer,
    LoginAnswer,
    OfferAnswer,
    OwnLoginAnswer,
    PublicSessionAnswer,
    RefusedAck,
    SeatAnswer,
    SeatAttendanceAnswer,
    SessionAnswer,
    SessionLockAnswer,
    SessionSummaryAnswer,
    TemplateAnswer,
    TraineeAnswer,
    TrainerAnswer,
    TryAnswer,
)


def trainer_answer(trainer: Trainer) -> TrainerAnswer:
    return {
        "id": str(trainer.id),
        "school_id": str(trainer.school_id),
        "email": trainer.email,
        "name": trainer.name,
        "role": trainer.role,
        "created_at": write_timestamp(trainer.created_at),
        "updated_at": write_timestamp(trainer.updated_at),
        "deleted_at": write_optional_timestamp(trainer.deleted_at),
        "version": trainer.version,
    }


def login_answer(login: LoggedIn) -> LoginAnswer:
    return {
        "token": login.token,
        "expires_at": write_timestamp(login.expires_at),
        "trainer": trainer_answer(login.trainer),
    }


def colleague_answer(trainer: Trainer) -> ColleagueAnswer:
    return {"id": str(trainer.id), "name": trainer.name, "role": trainer.role}


def own_login_answer(login: Login, *, is_current: bool) -> OwnLoginAnswer:
    return {
        "id": str(login.id),
        "agent": login.agent,
        "created_at": write_timestamp(login.created_at),
        "expires_at": write_timestamp(login.expires_at),
        "is_current": is_current,
    }


def invitation_answer(invitation: Invitation) -> InvitationAnswer:
    return {
        "id": str(invitation.id),
        "email": invitation.email,
        "name": invitation.name,
        "role": invitation.role,
        "invited_by": invitation.by.name,
        "created_at": write_timestamp(invitation.created_at),
        "expires_at": write_timestamp(invitation.expires_at),
    }


def found_invitation_answer(found: FoundInvitation) -> FoundInvitationAnswer:
    invitation = found.invitation
    return {
        "school": found.school.name,
        "email": invitation.email,
        "name": invitation.name,
        "role": invitation.role,
        "invited_by": invitation.by.name,
        "expires_at": write_timestamp(invitation.expires_at),
        "standing": found.standing,
    }


def session_answer(session: Session) -> SessionAnswer:
    return {
        "id": str(session.id),
        "code": session.code,
        "title": session.title,
        "public_title": session.public_title,
        "trainee_name": session.trainee_name,
        "trainer_id": str(session.trainer_id),
        "co_trainer_ids": [str(each) for each in session.co_trainer_ids],
        "limits": limits_as_json(session.limits),
        "shows_conditions": session.shows_conditions,
        "paused_at": write_optional_timestamp(session.last_values.paused_at),
        "forked_from": _forked_from_answer(session.forked_from),
        "school_id": str(session.school_id),
        "template_id": None if session.template_id is None else str(session.template_id),
        "created_at": write_timestamp(session.created_at),
        "updated_at": write_timestamp(session.updated_at),
        "expires_at": write_timestamp(session.expires_at),
        "closed_at": write_optional_timestamp(session.closed_at),
        "close_reason": session.close_reason,
        "last_values": session.last_values.as_json(),
        "last_seq": session.last_seq,
        "version": session.version,
        "hall": _home_hall_answer(session.hall),
        "clock_offset_ms": None if session.hall is None else session.hall.clock_offset_ms,
        "lock": _lock_answer(session.lock),
        "names_out_at": write_optional_timestamp(session.names_out_at),
    }


def _lock_answer(lock: SessionLock | None) -> SessionLockAnswer | None:
    if lock is None:
        return None
    by: AuditAuthorAnswer = {"id": None if lock.by.id is None else str(lock.by.id), "name": lock.by.name}
    return {"reason": lock.reason, "by": by, "at": write_timestamp(lock.at)}


def _home_hall_answer(hall: HomeHall | None) -> HomeHallAnswer | None:
    if hall is None or not hall.is_home:
        return None
    return {"id": str(hall.id), "name": hall.name, "heard_at": write_timestamp(hall.heard_at)}


def assignment_answer(summary: AssignmentSummary, url: str) -> AssignmentAnswer:
    assignment = summary.assignment
    return {
        "id": str(assignment.id),
        "template_id": str(assignment.template_id),
        "trainer_id": str(assignment.trainer_id),
        "title": assignment.title,
        "until": write_timestamp(assignment.until),
        "url": url,
        "token": assignment.token,
        "created_at": write_timestamp(assignment.created_at),
        "withdrawn_at": write_optional_timestamp(assignment.withdrawn_at),
        "tries": summary.tries,
        "open_tries": summary.open_tries,
    }


def try_answer(summary: TrySummary) -> TryAnswer:
    attempt = summary.attempt
    played_out = summary.has_played_out and summary.close_reason == "closed"
    return {
        "session_id": str(attempt.session_id),
        "name": attempt.name,
        "begun_at": write_timestamp(attempt.begun_at),
        "closed_at": write_optional_timestamp(summary.closed_at),
        "ended": "played_out" if played_out else summary.close_reason,
    }


def offer_answer(offer: Offer) -> OfferAnswer:
    return {
        "title": offer.assignment.title,
        "until": write_timestamp(offer.assignment.until),
        "duration_minutes": round(offer.duration.total_seconds() / 60),
        "language": offer.language,
        "actions": list(offer.actions),
    }


def hall_answer(summary: HallSummary) -> HallAnswer:
    hall, waiting = summary.hall, summary.hall.waiting
    return {
        "id": str(hall.id),
        "name": hall.name,
        "trainers": "all" if hall.trainer_ids == "all" else [str(each) for each in hall.trainer_ids],
        "created_at": write_timestamp(hall.created_at),
        "revoked_at": write_optional_timestamp(hall.revoked_at),
        "last_seen_at": write_optional_timestamp(hall.last_seen_at),
        "release": hall.release,
        "waiting": None
        if waiting is None
        else {
            "templates": waiting.templates,
            "sessions": waiting.sessions,
            "events": waiting.events,
            "annotations": waiting.annotations,
            "since": write_optional_timestamp(waiting.since),
        },
        "clock_offset_ms": hall.clock_offset_ms,
        "open_sessions": summary.open_sessions,
    }


def _forked_from_answer(forked: ForkedFrom | None) -> ForkedFromAnswer | None:
    return None if forked is None else {"session_id": str(forked.session_id), "seq": forked.seq}


def session_summary_answer(summary: SessionSummary) -> SessionSummaryAnswer:
    return {
        **session_answer(summary.session),
        "event_count": summary.event_count,
        "trainee_count": summary.trainee_count,
    }


def public_session_answer(session: Session) -> PublicSessionAnswer:
    return {
        "id": str(session.id),
        "code": session.code,
        "title": session.public_title,
        "trainee_name": session.trainee_name,
        "shows_conditions": session.shows_conditions,
        "paused_at": write_optional_timestamp(session.last_values.paused_at),
        "expires_at": write_timestamp(session.expires_at),
        "closed_at": write_optional_timestamp(session.closed_at),
        "close_reason": session.close_reason,
        "last_values": session.last_values.as_json(),
        "last_seq": session.last_seq,
        "limits": limits_as_json(session.limits),
    }


# The one that was answered last: an event is told to those who watch, and is the ack, one right after the other.
_answered: tuple[Event, EventAnswer] | None = None


def event_answer(event: Event) -> EventAnswer:
    """Not to be changed: the next may get the same."""
    global _answered
    if _answered is None or _answered[0] is not event:
        _answered = event, _event_answer(event)
    return _answered[1]


def _event_answer(event: Event) -> EventAnswer:
    kind, patch, text, details, step, marker = write_fact(event.fact)
    named: Mapping[Any, Any] = {} if patch is None else patch.signs
    created_at = write_timestamp(event.created_at)
    return {
        "id": str(event.id),
        "session_id": str(event.session_id),
        "seq": event.seq,
        "kind": kind,
        "created_at": created_at,
        "made_at": created_at if event.made_at == event.created_at else write_timestamp(event.made_at),
        "step": step,
        "marker": marker,
        "by": author_answer(event.by),
        "systolic": named.get("systolic"),
        "diastolic": named.get("diastolic"),
        "heart_rate": named.get("heart_rate"),
        "spo2": named.get("spo2"),
        "respiratory_rate": named.get("respiratory_rate"),
        "etco2": named.get("etco2"),
        "temperature": named.get("temperature"),
        "rhythm": None if patch is None else patch.rhythm,
        "flags": dict(patch.flags) if patch is not None and patch.flags else None,
        "ramp_seconds": None if patch is None else patch.ramp_seconds,
        "text": text,
        "details": None if details is None else dict(details),
    }


def author_answer(author: Author) -> AuthorAnswer:
    return {"role": author.role, "id": None if author.id is None else str(author.id), "name": author.name}


def annotation_answer(annotation: Annotation) -> AnnotationAnswer:
    return {
        "id": str(annotation.id),
        "session_id": str(annotation.session_id),
        "at": write_timestamp(annotation.at),
        "kind": annotation.kind,
        "text": annotation.text,
        "marker": annotation.marker,
        "by": author_answer(annotation.author),
        "created_at": write_timestamp(annotation.created_at),
        "updated_at": write_timestamp(annotation.updated_at),
        "deleted_at": write_optional_timestamp(annotation.deleted_at),
        "version": annotation.version,
    }


def attendance_answer(attendance: Sequence[SeatAttendance]) -> list[SeatAttendanceAnswer]:
    return [
        {
            "seat_id": str(each.seat.id),
            "name": each.seat.name,
            "spans": [
                {"joined_at": write_timestamp(span.joined_at), "left_at": write_optional_timestamp(span.left_at)}
                for span in each.spans
            ],
        }
        for each in attendance
    ]


def limits_since_answer(limits_since: Sequence[LimitsSince]) -> list[LimitsSinceAnswer]:
    return [{"at": write_timestamp(each.at), "limits": limits_as_json(each.limits)} for each in limits_since]


def template_answer(template: Template) -> TemplateAnswer:
    content: Any = template.content.as_json()
    answer: Any = {
        "id": str(template.id),
        "school_id": str(template.school_id),
        **content,
        "created_at": write_timestamp(template.created_at),
        "updated_at": write_timestamp(template.updated_at),
        "deleted_at": write_optional_timestamp(template.deleted_at),
        "version": template.version,
    }
    return answer


def case_answer(case: Case | None) -> CaseAnswer:
    answer: Any = {
        "template_id": None if case is None else str(case.template_id),
        "template_version": None if case is None else case.template_version,
        "description": "" if case is None else case.description,
        "steps": [] if case is None else [step.as_json() for step in case.steps],
        "checklist": [] if case is None else [item.as_json() for item in case.checklist],
        "targets": [] if case is None else [target.as_json() for target in case.targets],
        "pass_percent": None if case is None else case.pass_percent,
    }
    return answer


def audit_answer(entry: AuditEntry) -> AuditAnswer:
    return {
        "id": str(entry.id),
        "at": write_timestamp(entry.at),
        "by": {"id": None if entry.by.id is None else str(entry.by.id), "name": entry.by.name},
        "action": entry.action,
        "subject": {"type": entry.subject.type, "id": str(entry.subject.id)},
        "details": dict(entry.details),
    }


def trainees_answer(trainees: Sequence[Trainee]) -> list[TraineeAnswer]:
    return [trainee_answer(trainee) for trainee in trainees]


def trainee_answer(trainee: Trainee) -> TraineeAnswer:
    return {
        "seat_id": str(trainee.seat.id),
        "name": trainee.seat.name,
        "connected": trainee.is_connected,
        "joined_at": write_timestamp(trainee.seat.joined_at),
    }


def seat_answer(seat: Seat, token: str) -> SeatAnswer:
    return {"id": str(seat.id), "token": token, "name": seat.name}


def refused_ack(refusal: Refused) -> RefusedAck:
    error: AckError = {"code": refusal.code, "detail": refusal.detail}
    if refusal.errors is not None:
        error["errors"] = field_errors_answer(refusal)
    if refusal.hall is not None:
        error["hall"] = refusal.hall
    if refusal.moved_to is not None:
        error["moved_to"] = refusal.moved_to
    return {"ok": False, "error": error}


def field_errors_answer(refusal: Refused) -> list[FieldErrorAnswer]:
    return [{"field": error.field, "message": error.message} for error in refusal.errors or ()]
