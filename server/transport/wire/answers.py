"""What the server says: plain dictionaries, ready to be encoded, with their shapes as types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, NotRequired

from pydantic import ConfigDict, WithJsonSchema, with_config
from typing_extensions import TypedDict

from server.domain.event import AuthorRole, Event, EventKind
from server.domain.limits import limits_as_json
from server.domain.moments import write_moment, write_optional_moment
from server.domain.session import CloseReason, Seat, Session, SessionSummary
from server.domain.template import Template
from server.domain.trainer import Role, Trainer
from server.domain.vitals import SIGN_NAMES
from server.service.accounts import LoggedIn
from server.service.sessions import Trainee
from server.transport.refusals import Code, Refused
from server.transport.wire.schemas import FLAGS_PATCH_SCHEMA, LAST_VALUES_SCHEMA, LIMITS_SCHEMA

UuidText = Annotated[str, WithJsonSchema({"type": "string", "format": "uuid"})]
MomentText = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
LastValuesJson = Annotated[dict[str, Any], WithJsonSchema(LAST_VALUES_SCHEMA)]
LimitsJson = Annotated[dict[str, Any], WithJsonSchema(LIMITS_SCHEMA)]
FlagsJson = Annotated[dict[str, Any], WithJsonSchema(FLAGS_PATCH_SCHEMA)]
NumberJson = int | float

_CLOSED = ConfigDict(extra="forbid")


@with_config(_CLOSED)
class TrainerAnswer(TypedDict):
    id: UuidText
    school_id: UuidText
    email: str
    name: str
    role: Role
    created_at: MomentText
    updated_at: MomentText
    deleted_at: MomentText | None
    version: int


@with_config(_CLOSED)
class LoginAnswer(TypedDict):
    token: str
    expires_at: MomentText
    trainer: TrainerAnswer


@with_config(_CLOSED)
class SessionAnswer(TypedDict):
    id: UuidText
    code: str
    title: str
    trainee_name: str | None
    trainer_id: UuidText
    school_id: UuidText
    template_id: UuidText | None
    created_at: MomentText
    updated_at: MomentText
    expires_at: MomentText
    closed_at: MomentText | None
    close_reason: CloseReason | None
    last_values: LastValuesJson
    last_seq: int
    version: int


@with_config(_CLOSED)
class SessionSummaryAnswer(SessionAnswer):
    event_count: int
    trainee_count: int


@with_config(_CLOSED)
class PublicSessionAnswer(TypedDict):
    """What a trainee may see."""

    id: UuidText
    code: str
    title: str
    trainee_name: str | None
    expires_at: MomentText
    closed_at: MomentText | None
    close_reason: CloseReason | None
    last_values: LastValuesJson
    last_seq: int
    limits: LimitsJson


@with_config(_CLOSED)
class AuthorAnswer(TypedDict):
    role: AuthorRole
    id: UuidText | None
    name: str


@with_config(_CLOSED)
class EventAnswer(TypedDict):
    """Signs that the push did not name are null."""

    id: UuidText
    session_id: UuidText
    seq: int
    kind: EventKind
    created_at: MomentText
    by: AuthorAnswer
    systolic: int | None
    diastolic: int | None
    heart_rate: int | None
    spo2: int | None
    respiratory_rate: int | None
    etco2: int | None
    temperature: NumberJson | None
    rhythm: str | None
    flags: FlagsJson | None
    ramp_seconds: NumberJson | None
    text: str | None
    details: dict[str, Any] | None


@with_config(_CLOSED)
class TemplateStepAnswer(TypedDict):
    title: str
    at_seconds: int | None
    ramp_seconds: NumberJson
    vitals: dict[str, NumberJson]
    rhythm: str | None
    flags: FlagsJson
    note: str | None


@with_config(_CLOSED)
class TemplateAnswer(TypedDict):
    id: UuidText
    school_id: UuidText
    title: str
    description: str
    vitals: dict[str, NumberJson]
    rhythm: str | None
    flags: FlagsJson
    steps: list[TemplateStepAnswer]
    limits: LimitsJson
    checklist: list[str]
    created_at: MomentText
    updated_at: MomentText
    deleted_at: MomentText | None
    version: int


@with_config(_CLOSED)
class JoinAnswer(TypedDict):
    session: PublicSessionAnswer


@with_config(_CLOSED)
class EventsAnswer(TypedDict):
    items: list[EventAnswer]
    last_seq: int


@with_config(_CLOSED)
class SessionPage(TypedDict):
    items: list[SessionSummaryAnswer]
    next_cursor: str | None


@with_config(_CLOSED)
class TemplatePage(TypedDict):
    items: list[TemplateAnswer]
    next_cursor: str | None


@with_config(_CLOSED)
class TrainerPage(TypedDict):
    items: list[TrainerAnswer]
    next_cursor: str | None


@with_config(_CLOSED)
class TraineeAnswer(TypedDict):
    seat_id: UuidText
    name: str
    connected: bool
    joined_at: MomentText


@with_config(_CLOSED)
class SeatAnswer(TypedDict):
    id: UuidText
    token: str
    name: str


@with_config(_CLOSED)
class FieldErrorAnswer(TypedDict):
    field: str
    message: str


@with_config(_CLOSED)
class AckError(TypedDict):
    code: Code
    detail: str
    errors: NotRequired[list[FieldErrorAnswer]]


@with_config(_CLOSED)
class RefusedAck(TypedDict):
    ok: Literal[False]
    error: AckError


@with_config(_CLOSED)
class OkAck(TypedDict):
    ok: Literal[True]


@with_config(_CLOSED)
class WatchAck(OkAck):
    session: SessionAnswer
    events: list[EventAnswer]
    trainees: list[TraineeAnswer]
    server_time: MomentText


@with_config(_CLOSED)
class EventAck(OkAck):
    event: EventAnswer


@with_config(_CLOSED)
class SessionAck(OkAck):
    session: SessionAnswer


@with_config(_CLOSED)
class ClockAck(OkAck):
    server_time: MomentText


@with_config(_CLOSED)
class JoinedMessage(TypedDict):
    session: PublicSessionAnswer
    seat: SeatAnswer
    server_time: MomentText


@with_config(_CLOSED)
class VitalsPushedMessage(TypedDict):
    session_id: UuidText
    seq: int | None
    at: MomentText
    last_values: LastValuesJson
    provisional: NotRequired[bool]


@with_config(_CLOSED)
class TraineesChangedMessage(TypedDict):
    session_id: UuidText
    trainees: list[TraineeAnswer]


@with_config(_CLOSED)
class ClosedMessage(SessionAnswer):
    reason: CloseReason


@with_config(_CLOSED)
class PublicClosedMessage(PublicSessionAnswer):
    reason: CloseReason


def trainer_answer(trainer: Trainer) -> TrainerAnswer:
    return {
        "id": str(trainer.id),
        "school_id": str(trainer.school_id),
        "email": trainer.email,
        "name": trainer.name,
        "role": trainer.role,
        "created_at": write_moment(trainer.created_at),
        "updated_at": write_moment(trainer.updated_at),
        "deleted_at": write_optional_moment(trainer.deleted_at),
        "version": trainer.version,
    }


def login_answer(login: LoggedIn) -> LoginAnswer:
    return {
        "token": login.token,
        "expires_at": write_moment(login.expires_at),
        "trainer": trainer_answer(login.trainer),
    }


def session_answer(session: Session) -> SessionAnswer:
    return {
        "id": str(session.id),
        "code": session.code,
        "title": session.title,
        "trainee_name": session.trainee_name,
        "trainer_id": str(session.trainer_id),
        "school_id": str(session.school_id),
        "template_id": None if session.template_id is None else str(session.template_id),
        "created_at": write_moment(session.created_at),
        "updated_at": write_moment(session.updated_at),
        "expires_at": write_moment(session.expires_at),
        "closed_at": write_optional_moment(session.closed_at),
        "close_reason": session.close_reason,
        "last_values": session.last_values.as_json(),
        "last_seq": session.last_seq,
        "version": session.version,
    }


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
        "title": session.title,
        "trainee_name": session.trainee_name,
        "expires_at": write_moment(session.expires_at),
        "closed_at": write_optional_moment(session.closed_at),
        "close_reason": session.close_reason,
        "last_values": session.last_values.as_json(),
        "last_seq": session.last_seq,
        "limits": limits_as_json(session.limits),
    }


def event_answer(event: Event) -> EventAnswer:
    patch = event.patch
    named: Mapping[Any, Any] = {} if patch is None else patch.signs
    signs: dict[str, Any] = {name: named.get(name) for name in SIGN_NAMES}
    return {
        "id": str(event.id),
        "session_id": str(event.session_id),
        "seq": event.seq,
        "kind": event.kind,
        "created_at": write_moment(event.created_at),
        "by": {
            "role": event.by.role,
            "id": None if event.by.id is None else str(event.by.id),
            "name": event.by.name,
        },
        "systolic": signs["systolic"],
        "diastolic": signs["diastolic"],
        "heart_rate": signs["heart_rate"],
        "spo2": signs["spo2"],
        "respiratory_rate": signs["respiratory_rate"],
        "etco2": signs["etco2"],
        "temperature": signs["temperature"],
        "rhythm": None if patch is None else patch.rhythm,
        "flags": dict(patch.flags) if patch is not None and patch.flags else None,
        "ramp_seconds": None if patch is None else patch.ramp_seconds,
        "text": event.text,
        "details": None if event.details is None else dict(event.details),
    }


def template_answer(template: Template) -> TemplateAnswer:
    content: Any = template.content.as_json()
    answer: Any = {
        "id": str(template.id),
        "school_id": str(template.school_id),
        **content,
        "created_at": write_moment(template.created_at),
        "updated_at": write_moment(template.updated_at),
        "deleted_at": write_optional_moment(template.deleted_at),
        "version": template.version,
    }
    return answer


def trainees_answer(trainees: Sequence[Trainee]) -> list[TraineeAnswer]:
    return [
        {
            "seat_id": str(trainee.seat.id),
            "name": trainee.seat.name,
            "connected": trainee.is_connected,
            "joined_at": write_moment(trainee.seat.joined_at),
        }
        for trainee in trainees
    ]


def seat_answer(seat: Seat, token: str) -> SeatAnswer:
    return {"id": str(seat.id), "token": token, "name": seat.name}


def refused_ack(refusal: Refused) -> RefusedAck:
    error: AckError = {"code": refusal.code, "detail": refusal.detail}
    if refusal.errors is not None:
        error["errors"] = field_errors_answer(refusal)
    return {"ok": False, "error": error}


def field_errors_answer(refusal: Refused) -> list[FieldErrorAnswer]:
    return [{"field": error.field, "message": error.message} for error in refusal.errors or ()]
