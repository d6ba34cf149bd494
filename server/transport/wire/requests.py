"""What clients send: HTTP bodies and Socket.IO messages. The OpenAPI document is made from these."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, cast
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StrictStr,
    WithJsonSchema,
)

from server.domain.annotations import AnnotationKind
from server.domain.case import AT_SECONDS_LIMIT
from server.domain.dry_run import LONGEST_RUN_SECONDS, TRIED_LIMIT
from server.domain.passwords import PASSWORD_MAX_CHARACTERS, PASSWORD_MIN_CHARACTERS
from server.domain.people import EMAIL_LIMIT, Role
from server.domain.template import DURATION_MINUTES_LIMIT, LANGUAGE_PATTERN
from server.domain.text import (
    DESCRIPTION_LIMIT,
    DETAILS_LIMIT_BYTES,
    DISPLAY_NAME_LIMIT,
    KEY_RULE,
    NAME_LIMIT,
    NOTE_LIMIT,
    TITLE_LIMIT,
    is_key,
)
from server.domain.timestamps import read_timestamp
from server.domain.vitals import RAMP_SECONDS_LIMIT
from server.transport.wire.schemas import (
    ACTION_SCHEMA,
    CHECKLIST_ITEM_SCHEMA,
    FLAGS_PATCH_SCHEMA,
    KEY_PATTERN,
    LIMITS_SCHEMA,
    RHYTHM_SCHEMA,
    SIGNS_PATCH_SCHEMA,
    TARGET_SCHEMA,
    TRANSITION_SCHEMA,
)


def _read_id(raw: object) -> object:
    if not isinstance(raw, str) or len(raw) != 36:
        raise ValueError("must be a UUID such as 3f2c1a90-5b6d-4e7f-8a9b-0c1d2e3f4a5b")
    return raw


def _read_moment(raw: object) -> datetime:
    if not isinstance(raw, str):
        raise ValueError("must be a moment such as 2026-11-21T09:30:00.000Z")
    try:
        return read_timestamp(raw)
    except (ValueError, OverflowError):
        raise ValueError("must be a moment such as 2026-11-21T09:30:00.000Z") from None


def _read_trainers(raw: object) -> object:
    """As one field: what is wrong with it is told of that, and not of its two kinds."""
    if raw == "all":
        return "all"
    wrong = ValueError('must be "all", or a list of the ids of trainers')
    if not isinstance(raw, list):
        raise wrong
    try:
        return [UUID(str(_read_id(each))) for each in cast(list[object], raw)]
    except ValueError:
        raise wrong from None


Id = Annotated[UUID, BeforeValidator(_read_id)]
Moment = Annotated[datetime, BeforeValidator(_read_moment), WithJsonSchema({"type": "string", "format": "date-time"})]
HallTrainers = Annotated[
    Any,
    BeforeValidator(_read_trainers),
    WithJsonSchema(
        {
            "oneOf": [
                {"const": "all"},
                {"type": "array", "items": {"type": "string", "format": "uuid"}, "minItems": 1},
            ],
            "description": "Who may log in at the hall; all: those of the school who are no admins.",
        }
    ),
]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Seq = Annotated[StrictInt, Field(ge=0, le=2**31 - 1)]


def _text(longest: int, *, shortest: int = 1) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "minLength": shortest, "maxLength": longest})


Title = Annotated[StrictStr, _text(TITLE_LIMIT)]
Name = Annotated[StrictStr, _text(NAME_LIMIT)]
OptionalName = Annotated[StrictStr, _text(NAME_LIMIT, shortest=0)]
DisplayName = Annotated[StrictStr, _text(DISPLAY_NAME_LIMIT, shortest=0)]
Description = Annotated[StrictStr, _text(DESCRIPTION_LIMIT, shortest=0)]
NoteText = Annotated[StrictStr, _text(NOTE_LIMIT)]
AnnotationText = Annotated[StrictStr, _text(NOTE_LIMIT, shortest=0)]
CaseActionName = Literal["start", "pause", "resume", "automation_off", "automation_on"]
Marker = Annotated[StrictStr, WithJsonSchema(ACTION_SCHEMA)]
PublicTitle = Annotated[StrictStr, _text(TITLE_LIMIT, shortest=0)]
Key = Annotated[StrictStr, WithJsonSchema({"type": "string", "pattern": KEY_PATTERN})]
Language = Annotated[StrictStr, WithJsonSchema({"type": "string", "pattern": LANGUAGE_PATTERN})]
Minutes = Annotated[StrictInt, WithJsonSchema({"type": "integer", "minimum": 1, "maximum": DURATION_MINUTES_LIMIT})]
Percent = Annotated[StrictInt, WithJsonSchema({"type": "integer", "minimum": 1, "maximum": 100})]
Email = Annotated[
    StrictStr, WithJsonSchema({"type": "string", "pattern": "^[^@\\s]+@[^@\\s]+$", "maxLength": EMAIL_LIMIT})
]
Seconds = Annotated[StrictInt, WithJsonSchema({"type": "integer", "minimum": 0, "maximum": AT_SECONDS_LIMIT})]

# Shaped here for the documents only; judged by the domain, where their rules stand.
Signs = Annotated[Any, WithJsonSchema(SIGNS_PATCH_SCHEMA)]
Rhythm = Annotated[Any, WithJsonSchema(RHYTHM_SCHEMA)]
Flags = Annotated[Any, WithJsonSchema(FLAGS_PATCH_SCHEMA)]
RampSeconds = Annotated[
    Any, WithJsonSchema({"type": "number", "minimum": 0, "maximum": RAMP_SECONDS_LIMIT, "default": 0})
]
Details = Annotated[
    Any,
    WithJsonSchema(
        {
            "type": "object",
            "additionalProperties": True,
            "description": f"Free JSON, at most {DETAILS_LIMIT_BYTES} bytes when written out.",
        }
    ),
]
ActionName = Annotated[StrictStr, WithJsonSchema(ACTION_SCHEMA)]
LimitsPart = Annotated[dict[str, dict[str, Any] | None], WithJsonSchema(LIMITS_SCHEMA)]
ChecklistPart = list[Annotated[Any, WithJsonSchema(CHECKLIST_ITEM_SCHEMA)]]
TargetsPart = list[Annotated[Any, WithJsonSchema(TARGET_SCHEMA)]]
TransitionsPart = list[Annotated[Any, WithJsonSchema(TRANSITION_SCHEMA)]]


class Request(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LoginBody(Request):
    email: StrictStr
    password: StrictStr


class SessionBody(Request):
    id: Id | None = None
    title: Title | None = None
    public_title: PublicTitle | None = None
    trainee_name: OptionalName | None = None
    duration_minutes: Number | None = None
    template_id: Id | None = None
    vitals: Signs = None


class ForkBody(Request):
    id: Id | None = None
    after_seq: StrictInt
    title: Title | None = None
    moves_trainees: StrictBool | None = None


class SessionChangeBody(Request):
    title: Title | None = None
    public_title: PublicTitle | None = None
    trainee_name: OptionalName | None = None
    expires_at: Moment | None = None
    limits: LimitsPart | None = None
    co_trainer_ids: list[Id] | None = None
    shows_conditions: StrictBool | None = None


class VitalsEventBody(Request):
    id: Id
    kind: Literal["vitals"]
    vitals: Signs = None
    rhythm: Rhythm = None
    flags: Flags = None
    ramp_seconds: RampSeconds = None
    step: Key | None = None
    made_at: Moment | None = None


class NoteEventBody(Request):
    id: Id
    kind: Literal["note"]
    text: NoteText | None = None
    marker: Key | None = None
    made_at: Moment | None = None


class ActionEventBody(Request):
    id: Id
    kind: Literal["action"]
    action: ActionName
    details: Details | None = None
    made_at: Moment | None = None


class CaseEventBody(Request):
    """As `case:control`, for a device that has no socket."""

    id: Id
    kind: Literal["case"]
    action: CaseActionName
    made_at: Moment | None = None


class AnnotationBody(Request):
    id: Id
    at: Moment
    kind: AnnotationKind
    text: AnnotationText = ""
    marker: Marker | None = None


class AnnotationChangeBody(Request):
    at: Moment | None = None
    kind: AnnotationKind | None = None
    text: AnnotationText | None = None
    marker: Marker | None = None


class AssignmentBody(Request):
    """`title` is what trainees read."""

    id: Id | None = None
    template_id: Id
    title: Title
    until: Moment


class OpenAssignmentBody(Request):
    name: Annotated[StrictStr, _text(DISPLAY_NAME_LIMIT)]


class HallBody(Request):
    name: Name
    trainers: HallTrainers


class JoinBody(Request):
    code: StrictStr


class StepBody(Request):
    key: Key | None = None
    title: Title
    at_seconds: Seconds | None = None
    ramp_seconds: RampSeconds = None
    vitals: Signs = None
    rhythm: Rhythm = None
    flags: Flags = None
    note: NoteText | None = None
    transitions: TransitionsPart = []


class TemplateBody(Request):
    id: Id | None = None
    title: Title
    public_title: PublicTitle = ""
    description: Description = ""
    duration_minutes: Minutes | None = None
    pass_percent: Percent | None = None
    vitals: Signs = None
    rhythm: Rhythm = None
    flags: Flags = None
    steps: list[StepBody] = []
    limits: LimitsPart = {}
    checklist: ChecklistPart = []
    targets: TargetsPart = []
    language: Language | None = None


TriedSecond = Annotated[float, Field(ge=0, le=LONGEST_RUN_SECONDS, allow_inf_nan=False)]


def _as_key(value: str) -> str:
    if not is_key(value):
        raise ValueError(KEY_RULE)
    return value


TriedKey = Annotated[Key, AfterValidator(_as_key)]


class TriedMarkerBody(Request):
    marker: TriedKey
    at_seconds: TriedSecond


class TriedActionBody(Request):
    action: TriedKey
    at_seconds: TriedSecond


class DryRunBody(Request):
    template: TemplateBody
    markers: Annotated[list[TriedMarkerBody], Field(max_length=TRIED_LIMIT)] = []
    actions: Annotated[list[TriedActionBody], Field(max_length=TRIED_LIMIT)] = []


class TemplateChangeBody(Request):
    title: Title = ""
    public_title: PublicTitle = ""
    description: Description = ""
    duration_minutes: Minutes | None = None
    pass_percent: Percent | None = None
    vitals: Signs = None
    rhythm: Rhythm = None
    flags: Flags = None
    steps: list[StepBody] = []
    limits: LimitsPart = {}
    checklist: ChecklistPart = []
    targets: TargetsPart = []
    language: Language | None = None


Password = Annotated[
    StrictStr,
    WithJsonSchema(
        {
            "type": "string",
            "minLength": PASSWORD_MIN_CHARACTERS,
            "maxLength": PASSWORD_MAX_CHARACTERS,
            "description": "None of those that everybody tries first.",
        }
    ),
]


class TrainerBody(Request):
    id: Id | None = None
    email: Email
    name: Name
    password: Password
    role: Role = "trainer"


class TrainerChangeBody(Request):
    email: Email | None = None
    name: Name | None = None
    password: Password | None = None
    role: Role | None = None


class PasswordBody(Request):
    password: StrictStr
    new_password: Password


class InvitationBody(Request):
    email: Email
    name: Name
    role: Role


class LinkBody(Request):
    """`token` is what a link that opens once ends with."""

    token: StrictStr


class AcceptBody(Request):
    token: StrictStr
    password: Password


class FirstAdminBody(Request):
    token: StrictStr
    school: Name
    name: Name
    email: Email
    password: Password


class Empty(Request):
    pass


class WatchMessage(Request):
    session_id: Id
    after_seq: Seq | None = None


class SessionMessage(Request):
    session_id: Id


class VitalsMessage(Request):
    id: Id
    session_id: Id
    vitals: Signs = None
    rhythm: Rhythm = None
    flags: Flags = None
    ramp_seconds: RampSeconds = None
    step: Key | None = None
    made_at: Moment | None = None


class NoteMessage(Request):
    id: Id
    session_id: Id
    text: NoteText | None = None
    marker: Key | None = None
    made_at: Moment | None = None


class ControlMessage(Request):
    id: Id
    session_id: Id
    action: CaseActionName
    made_at: Moment | None = None


class RemoveMessage(Request):
    session_id: Id
    seat_id: Id


class ActionMessage(Request):
    id: Id
    action: ActionName
    details: Details | None = None
    made_at: Moment | None = None


class TrainerActionMessage(ActionMessage):
    session_id: Id


class Auth(BaseModel):
    """What a socket presents itself with; what else a client's library adds is let be."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class TrainerAuth(Auth):
    token: StrictStr | None = None


class TraineeAuth(Auth):
    code: StrictStr
    name: DisplayName | None = None
    seat: StrictStr | None = None
    after_seq: Seq | None = None
