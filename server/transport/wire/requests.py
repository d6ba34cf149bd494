"""What clients send: HTTP bodies and Socket.IO messages. The OpenAPI document is made from these."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
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
from server.domain.assignments import LONGEST_ASSIGNMENT
from server.domain.case import AT_SECONDS_LIMIT
from server.domain.case_reading import AT_SECONDS_RULE, note_wrong_keys
from server.domain.dry_run import LONGEST_RUN_SECONDS, TRIED_LIMIT
from server.domain.forking import AFTER_SEQ_RULE
from server.domain.nibp import details_error
from server.domain.opening import LIFE_RULE, LONGEST_LIFE_MINUTES
from server.domain.outcomes import FieldError
from server.domain.passwords import PASSWORD_MAX_CHARACTERS, PASSWORD_MIN_CHARACTERS
from server.domain.people import EMAIL_LIMIT, Role
from server.domain.session import LONGEST_LIFE
from server.domain.template import (
    DURATION_MINUTES_LIMIT,
    DURATION_RULE,
    LANGUAGE_PATTERN,
    LANGUAGE_RULE,
    PERCENT_RULE,
)
from server.domain.text import (
    DESCRIPTION_LIMIT,
    DETAILS_LIMIT_BYTES,
    DISPLAY_NAME_LIMIT,
    KEY_RULE,
    NAME_LIMIT,
    NOTE_LIMIT,
    TITLE_LIMIT,
    is_key,
    text_error,
)
from server.domain.timestamps import read_timestamp
from server.domain.vitals import RAMP_SECONDS_LIMIT
from server.transport.wire import rules
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
SessionMinutes = Annotated[Number, rules.number(math.ulp(0), LONGEST_LIFE_MINUTES, LIFE_RULE)]
Seq = Annotated[StrictInt, Field(ge=0, le=2**31 - 1)]


def _text(longest: int, *, shortest: int = 1) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "minLength": shortest, "maxLength": longest})


Title = Annotated[StrictStr, _text(TITLE_LIMIT), rules.line(TITLE_LIMIT)]
# Empty, it is that of the template, or of the session that is gone on from.
SessionTitle = Annotated[StrictStr, _text(TITLE_LIMIT), rules.line_unless_empty(TITLE_LIMIT)]
Name = Annotated[StrictStr, _text(NAME_LIMIT), rules.line(NAME_LIMIT)]
OptionalName = Annotated[StrictStr, _text(NAME_LIMIT, shortest=0), rules.line(NAME_LIMIT, required=False)]
DisplayName = Annotated[
    StrictStr, _text(DISPLAY_NAME_LIMIT, shortest=0), rules.line(DISPLAY_NAME_LIMIT, required=False)
]
Description = Annotated[StrictStr, _text(DESCRIPTION_LIMIT, shortest=0), rules.text(DESCRIPTION_LIMIT, required=False)]
NoteText = Annotated[StrictStr, _text(NOTE_LIMIT), rules.text(NOTE_LIMIT)]
AnnotationText = Annotated[StrictStr, _text(NOTE_LIMIT, shortest=0), rules.text(NOTE_LIMIT, required=False)]
CaseActionName = Literal["start", "pause", "resume", "automation_off", "automation_on"]
Marker = Annotated[StrictStr, WithJsonSchema(ACTION_SCHEMA), rules.key_or_none]
PublicTitle = Annotated[StrictStr, _text(TITLE_LIMIT, shortest=0), rules.line(TITLE_LIMIT, required=False)]
_KEY = WithJsonSchema({"type": "string", "pattern": KEY_PATTERN})
Key = Annotated[StrictStr, _KEY, rules.key]
Language = Annotated[
    StrictStr,
    WithJsonSchema({"type": "string", "pattern": LANGUAGE_PATTERN}),
    rules.pattern(LANGUAGE_PATTERN, LANGUAGE_RULE),
]
Minutes = Annotated[
    StrictInt,
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": DURATION_MINUTES_LIMIT}),
    rules.number(1, DURATION_MINUTES_LIMIT, DURATION_RULE),
]
Percent = Annotated[
    StrictInt, WithJsonSchema({"type": "integer", "minimum": 1, "maximum": 100}), rules.number(1, 100, PERCENT_RULE)
]
Email = Annotated[
    StrictStr,
    WithJsonSchema({"type": "string", "pattern": "^[^@\\s]+@[^@\\s]+$", "maxLength": EMAIL_LIMIT}),
    rules.email,
]
Seconds = Annotated[
    StrictInt,
    WithJsonSchema({"type": "integer", "minimum": 0, "maximum": AT_SECONDS_LIMIT}),
    rules.number(0, AT_SECONDS_LIMIT, AT_SECONDS_RULE),
]

# Shaped here for the documents only; judged by the domain, where their rules stand.
Signs = Annotated[Any, WithJsonSchema(SIGNS_PATCH_SCHEMA), rules.signs]
Rhythm = Annotated[Any, WithJsonSchema(RHYTHM_SCHEMA), rules.rhythm]
Flags = Annotated[Any, WithJsonSchema(FLAGS_PATCH_SCHEMA), rules.flags]
RampSeconds = Annotated[
    Any,
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": RAMP_SECONDS_LIMIT, "default": 0}),
    rules.ramp_seconds,
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
    rules.details,
]
ActionName = Annotated[StrictStr, WithJsonSchema(ACTION_SCHEMA), rules.key]
LimitsPart = Annotated[dict[str, dict[str, Any] | None], WithJsonSchema(LIMITS_SCHEMA), rules.limits]
ChecklistPart = Annotated[list[Annotated[Any, WithJsonSchema(CHECKLIST_ITEM_SCHEMA)]], rules.checklist]
TargetsPart = Annotated[list[Annotated[Any, WithJsonSchema(TARGET_SCHEMA)]], rules.targets]
TransitionsPart = Annotated[list[Annotated[Any, WithJsonSchema(TRANSITION_SCHEMA)]], rules.transitions]


# What the server owns of whatever kind of entity: who sends back what they were shown need not take it out.
OWNED_OF_ALL = frozenset(
    (
        "id", "school_id", "version", "created_at", "updated_at", "deleted_at", "code", "last_values", "last_seq",
        "closed_at", "close_reason",
    )
)  # fmt: skip


class Request(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def judge_together(cls, raw: Mapping[str, object]) -> Iterable[FieldError]:
        """What is wrong with fields beside each other, where their shapes may be wrong as well."""
        return ()


class LoginBody(Request):
    email: StrictStr
    password: StrictStr


class SessionBody(Request):
    id: Id | None = None
    title: SessionTitle | None = None
    public_title: PublicTitle | None = None
    trainee_name: OptionalName | None = None
    duration_minutes: SessionMinutes | None = None
    template_id: Id | None = None
    vitals: Signs = None


class ForkBody(Request):
    id: Id | None = None
    after_seq: Annotated[StrictInt, rules.number(1, math.inf, AFTER_SEQ_RULE)]
    title: SessionTitle | None = None
    moves_trainees: StrictBool | None = None


class SessionChangeBody(Request):
    title: Title | None = None
    public_title: PublicTitle | None = None
    trainee_name: OptionalName | None = None
    expires_at: Annotated[Moment, rules.soon(LONGEST_LIFE)] | None = None
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


class _Said(Request):
    @classmethod
    def judge_together(cls, raw: Mapping[str, object]) -> Iterable[FieldError]:
        is_missing = raw.get("text") is None and raw.get("marker") is None
        error = text_error("text", "", NOTE_LIMIT) if is_missing else None
        return () if error is None else (error,)


class _Done(Request):
    @classmethod
    def judge_together(cls, raw: Mapping[str, object]) -> Iterable[FieldError]:
        action, details = raw.get("action"), raw.get("details")
        if not isinstance(action, str) or not (details is None or isinstance(details, dict)):
            return ()
        error = details_error(action, cast(Mapping[str, object], details or {}))
        return () if error is None else (error,)


class NoteEventBody(_Said):
    id: Id
    kind: Literal["note"]
    text: NoteText | None = None
    marker: Key | None = None
    made_at: Moment | None = None


class ActionEventBody(_Done):
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

    @classmethod
    def judge_together(cls, raw: Mapping[str, object]) -> Iterable[FieldError]:
        said = raw.get("text", "")
        if raw.get("kind") in ("bookmark", None) or raw.get("marker") not in (None, "") or not isinstance(said, str):
            return ()
        error = text_error("text", said, NOTE_LIMIT)
        return () if error is None else (error,)


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
    until: Annotated[Moment, rules.soon(LONGEST_ASSIGNMENT)]


class OpenAssignmentBody(Request):
    id: Id | None = None
    name: Annotated[StrictStr, _text(DISPLAY_NAME_LIMIT), rules.line(DISPLAY_NAME_LIMIT)]


class HallBody(Request):
    name: Name
    trainers: HallTrainers


class JoinBody(Request):
    code: StrictStr


class StepBody(Request):
    key: Annotated[StrictStr, _KEY] | None = None
    title: Title
    at_seconds: Seconds | None = None
    ramp_seconds: RampSeconds = None
    vitals: Signs = None
    rhythm: Rhythm = None
    flags: Flags = None
    note: NoteText | None = None
    transitions: TransitionsPart = []


class _Steps(Request):
    @classmethod
    def judge_together(cls, raw: Mapping[str, object]) -> Iterable[FieldError]:
        steps = raw.get("steps")
        listed = cast(list[object], steps) if isinstance(steps, list) else []
        keys = [cast(dict[str, object], step).get("key") if isinstance(step, dict) else None for step in listed]
        errors: list[FieldError] = []
        note_wrong_keys([each if isinstance(each, str) else None for each in keys], "steps", errors)
        return errors


class TemplateBody(_Steps):
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


def _without_owned(shown: object) -> object:
    """A template may come as it is shown."""
    if not isinstance(shown, dict):
        return shown
    sent = cast(dict[str, object], shown)
    return {name: value for name, value in sent.items() if name == "id" or name not in OWNED_OF_ALL}


class DryRunBody(Request):
    template: Annotated[TemplateBody, BeforeValidator(_without_owned)]
    markers: Annotated[list[TriedMarkerBody], Field(max_length=TRIED_LIMIT)] = []
    actions: Annotated[list[TriedActionBody], Field(max_length=TRIED_LIMIT)] = []


class TemplateChangeBody(_Steps):
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
    rules.password,
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


class NoteMessage(_Said):
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


class ActionMessage(_Done):
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
