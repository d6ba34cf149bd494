"""The shapes of what the server says. The OpenAPI and AsyncAPI documents are made from these."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

from pydantic import ConfigDict, WithJsonSchema, with_config
from typing_extensions import TypeAliasType, TypedDict

from server.domain.annotations import AnnotationKind
from server.domain.audit import AuditAction, SubjectType
from server.domain.dry_run import WarningCode
from server.domain.events import AuthorRole, CloseReason, EventKind
from server.domain.imports.report import Code as ImportCode
from server.domain.imports.report import Kind, Level
from server.domain.invitations import Standing
from server.domain.people import Role
from server.domain.upstream import ProblemKind
from server.transport.refusals import Code
from server.transport.wire.schemas import (
    FLAGS_PATCH_SCHEMA,
    LAST_VALUES_SCHEMA,
    LIMITS_ANSWER_SCHEMA,
    RHYTHM_SCHEMA,
    SIGNS_PATCH_SCHEMA,
    TRIGGER_SCHEMA,
)

UuidText = Annotated[str, WithJsonSchema({"type": "string", "format": "uuid"})]
MomentText = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
# Named, so that the documents say each once, under components.
LastValuesJson = TypeAliasType("LastValuesJson", Annotated[dict[str, Any], WithJsonSchema(LAST_VALUES_SCHEMA)])
SignsJson = TypeAliasType("SignsJson", Annotated[dict[str, Any], WithJsonSchema(SIGNS_PATCH_SCHEMA)])
FlagsJson = TypeAliasType("FlagsJson", Annotated[dict[str, Any], WithJsonSchema(FLAGS_PATCH_SCHEMA)])
LimitsJson = TypeAliasType("LimitsJson", Annotated[dict[str, Any], WithJsonSchema(LIMITS_ANSWER_SCHEMA)])
RhythmJson = TypeAliasType("RhythmJson", Annotated[str, WithJsonSchema(RHYTHM_SCHEMA)])
TriggerJson = TypeAliasType("TriggerJson", Annotated[dict[str, Any], WithJsonSchema(TRIGGER_SCHEMA)])
RefusalCode = TypeAliasType("RefusalCode", Code)
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
class ForkedFromAnswer(TypedDict):
    session_id: UuidText
    seq: int


@with_config(_CLOSED)
class HomeHallAnswer(TypedDict):
    """Where the session runs; `heard_at` is when that hall was last in contact."""

    id: UuidText
    name: str
    heard_at: MomentText


@with_config(_CLOSED)
class AuditAuthorAnswer(TypedDict):
    """`id` is null for what was done by no account, as on the command line."""

    id: UuidText | None
    name: str


@with_config(_CLOSED)
class SessionLockAnswer(TypedDict):
    """Why no retention touches the session, and who says so."""

    reason: str
    by: AuditAuthorAnswer
    at: MomentText


@with_config(_CLOSED)
class SessionAnswer(TypedDict):
    id: UuidText
    code: str
    title: str
    public_title: str
    trainee_name: str | None
    trainer_id: UuidText
    co_trainer_ids: list[UuidText]
    limits: LimitsJson
    shows_conditions: bool
    paused_at: MomentText | None
    forked_from: ForkedFromAnswer | None
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
    hall: HomeHallAnswer | None
    clock_offset_ms: int | None
    lock: SessionLockAnswer | None
    names_out_at: MomentText | None


@with_config(_CLOSED)
class SessionSummaryAnswer(SessionAnswer):
    event_count: int
    trainee_count: int


@with_config(_CLOSED)
class PublicSessionAnswer(TypedDict):
    """What a trainee may see; `title` is the session's `public_title`, never the name of its case."""

    id: UuidText
    code: str
    title: str
    trainee_name: str | None
    shows_conditions: bool
    paused_at: MomentText | None
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
    """Signs that the push did not name are null.

    `created_at` is when it was stored, `made_at` when it was made; `step` and `marker` are keys.
    """

    id: UuidText
    session_id: UuidText
    seq: int
    kind: EventKind
    created_at: MomentText
    made_at: MomentText
    step: str | None
    marker: str | None
    by: AuthorAnswer
    systolic: int | None
    diastolic: int | None
    heart_rate: int | None
    spo2: int | None
    respiratory_rate: int | None
    etco2: int | None
    temperature: NumberJson | None
    rhythm: RhythmJson | None
    flags: FlagsJson | None
    ramp_seconds: NumberJson | None
    text: str | None
    details: dict[str, Any] | None


@with_config(_CLOSED)
class AnnotationAnswer(TypedDict):
    id: UuidText
    session_id: UuidText
    at: MomentText
    kind: AnnotationKind
    text: str
    marker: str | None
    by: AuthorAnswer
    created_at: MomentText
    updated_at: MomentText
    deleted_at: MomentText | None
    version: int


@with_config(_CLOSED)
class AnnotationPage(TypedDict):
    items: list[AnnotationAnswer]
    next_cursor: str | None


@with_config(_CLOSED)
class SpanAnswer(TypedDict):
    """`left_at` is null while they are there."""

    joined_at: MomentText
    left_at: MomentText | None


@with_config(_CLOSED)
class SeatAttendanceAnswer(TypedDict):
    seat_id: UuidText
    name: str
    spans: list[SpanAnswer]


@with_config(_CLOSED)
class LimitsSinceAnswer(TypedDict):
    """From `at` on, until the next ones."""

    at: MomentText
    limits: LimitsJson


@with_config(_CLOSED)
class TransitionAnswer(TypedDict):
    to: str | None
    label: str | None
    automatic: bool
    on: TriggerJson


@with_config(_CLOSED)
class TemplateStepAnswer(TypedDict):
    key: str
    title: str
    at_seconds: int | None
    ramp_seconds: NumberJson
    vitals: SignsJson
    rhythm: RhythmJson | None
    flags: FlagsJson
    note: str | None
    transitions: list[TransitionAnswer]


ChecklistItemAnswer = with_config(_CLOSED)(
    TypedDict(
        "ChecklistItemAnswer",
        {
            "key": str,
            "text": str,
            "critical": bool,
            "marker": str | None,
            "target_seconds": int | None,
            "from": str | None,
        },
    )
)
TargetAnswer = with_config(_CLOSED)(TypedDict("TargetAnswer", {"marker": str, "from": str, "seconds": int}))


@with_config(_CLOSED)
class TemplateAnswer(TypedDict):
    id: UuidText
    school_id: UuidText
    title: str
    public_title: str
    description: str
    duration_minutes: int | None
    pass_percent: int | None
    vitals: SignsJson
    rhythm: RhythmJson | None
    flags: FlagsJson
    steps: list[TemplateStepAnswer]
    limits: LimitsJson
    checklist: list[ChecklistItemAnswer]
    targets: list[TargetAnswer]
    language: str | None
    created_at: MomentText
    updated_at: MomentText
    deleted_at: MomentText | None
    version: int


@with_config(_CLOSED)
class TemplateDraftAnswer(TypedDict):
    """What a client writes of a template: send it to `POST /templates` to keep it."""

    title: str
    public_title: str
    description: str
    duration_minutes: int | None
    pass_percent: int | None
    vitals: SignsJson
    rhythm: RhythmJson | None
    flags: FlagsJson
    steps: list[TemplateStepAnswer]
    limits: LimitsJson
    checklist: list[ChecklistItemAnswer]
    targets: list[TargetAnswer]
    language: str | None


@with_config(_CLOSED)
class ImportEntryAnswer(TypedDict):
    """One line of the report; `code` and `values` say in any language what `message` says in English."""

    level: Level
    kind: Kind
    code: ImportCode
    field: str
    message: str
    values: dict[str, str | int | float | list[str]]


@with_config(_CLOSED)
class ImportAnswer(TypedDict):
    templates: list[TemplateDraftAnswer]
    report: list[ImportEntryAnswer]


# Of the first step, which nothing leads to, `from` and `because` are null.
DryMoveAnswer = with_config(_CLOSED)(
    TypedDict(
        "DryMoveAnswer",
        {"at_seconds": NumberJson, "from": str | None, "step": str | None, "because": TriggerJson | None},
    )
)


@with_config(_CLOSED)
class DrySuggestionAnswer(TypedDict):
    """In `step`, the trainer's button that leads to `to` lights up; null is the end of the case."""

    at_seconds: NumberJson
    step: str
    to: str | None
    label: str | None
    because: TriggerJson


@with_config(_CLOSED)
class CaseWarningAnswer(TypedDict):
    code: WarningCode
    step: str


@with_config(_CLOSED)
class DryRunAnswer(TypedDict):
    """`moves` begins with the first step; it looks as far ahead as the case lasts, or an hour."""

    moves: list[DryMoveAnswer]
    suggestions: list[DrySuggestionAnswer]
    warnings: list[CaseWarningAnswer]


@with_config(_CLOSED)
class CaseAnswer(TypedDict):
    """Nulls and nothing for a session that was opened without a template."""

    template_id: UuidText | None
    template_version: int | None
    description: str
    steps: list[TemplateStepAnswer]
    checklist: list[ChecklistItemAnswer]
    targets: list[TargetAnswer]
    pass_percent: int | None


@with_config(_CLOSED)
class KeptAnswer(TypedDict):
    """For how many months the school keeps names, and records; null: for as long as it wants."""

    names_months: int
    records_months: int | None


@with_config(_CLOSED)
class JoinAnswer(TypedDict):
    """`kept` is null where nobody can say just now."""

    session: PublicSessionAnswer
    kept: KeptAnswer | None


@with_config(_CLOSED)
class AddressesAnswer(TypedDict):
    public_url: str | None
    network_urls: list[str]


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
class ColleagueAnswer(TypedDict):
    id: UuidText
    name: str
    role: Role


@with_config(_CLOSED)
class ColleaguePage(TypedDict):
    items: list[ColleagueAnswer]
    next_cursor: str | None


@with_config(_CLOSED)
class OwnLoginAnswer(TypedDict):
    """`agent` is what the browser or program called itself; `is_current`: the login that asks."""

    id: UuidText
    agent: str
    created_at: MomentText
    expires_at: MomentText
    is_current: bool


@with_config(_CLOSED)
class OwnLoginPage(TypedDict):
    items: list[OwnLoginAnswer]
    next_cursor: str | None


@with_config(_CLOSED)
class InvitationAnswer(TypedDict):
    id: UuidText
    email: str
    name: str
    role: Role
    invited_by: str
    created_at: MomentText
    expires_at: MomentText


@with_config(_CLOSED)
class InvitedAnswer(InvitationAnswer):
    """The link is told this once."""

    url: str


@with_config(_CLOSED)
class InvitationPage(TypedDict):
    items: list[InvitationAnswer]
    next_cursor: str | None


@with_config(_CLOSED)
class FoundInvitationAnswer(TypedDict):
    """What whoever has the link is told of it."""

    school: str
    email: str
    name: str
    role: Role
    invited_by: str
    expires_at: MomentText
    standing: Standing


@with_config(_CLOSED)
class WaitingAnswer(TypedDict):
    """What a hall has not sent yet, and since when the oldest of it waits."""

    templates: int
    sessions: int
    events: int
    annotations: int
    since: MomentText | None


@with_config(_CLOSED)
class AssignmentAnswer(TypedDict):
    """`title` is what trainees read; whoever has the `url` may begin until `until`, unless it was withdrawn."""

    id: UuidText
    template_id: UuidText
    trainer_id: UuidText
    title: str
    until: MomentText
    url: str
    token: str
    created_at: MomentText
    withdrawn_at: MomentText | None
    tries: int
    open_tries: int


@with_config(_CLOSED)
class AddedAssignmentAnswer(AssignmentAnswer):
    """`ends_by_itself`: whether the case reaches an end with no trainer there; if not, a try ends with its time."""

    ends_by_itself: bool


@with_config(_CLOSED)
class AssignmentPage(TypedDict):
    items: list[AssignmentAnswer]
    next_cursor: str | None


@with_config(_CLOSED)
class TryAnswer(TypedDict):
    """`ended` is null while it is under way; `played_out`: its case came to its end."""

    session_id: UuidText
    name: str
    begun_at: MomentText
    closed_at: MomentText | None
    ended: Literal["played_out", "closed", "expired"] | None


@with_config(_CLOSED)
class TryPage(TypedDict):
    items: list[TryAnswer]
    next_cursor: str | None


@with_config(_CLOSED)
class OfferAnswer(TypedDict):
    """What a link opens. `actions` are those that the case waits for or asks for: `action:take` takes them."""

    title: str
    until: MomentText
    duration_minutes: int
    language: str | None
    actions: list[str]


@with_config(_CLOSED)
class OpenedAnswer(TypedDict):
    code: str


@with_config(_CLOSED)
class HallAnswer(TypedDict):
    """`trainers` are those that may log in there; "all": all who are no admins."""

    id: UuidText
    name: str
    trainers: list[UuidText] | Literal["all"]
    created_at: MomentText
    revoked_at: MomentText | None
    last_seen_at: MomentText | None
    release: str | None
    waiting: WaitingAnswer | None
    clock_offset_ms: int | None
    open_sessions: int


@with_config(_CLOSED)
class AddedHallAnswer(HallAnswer):
    """The token is told this once."""

    token: str


@with_config(_CLOSED)
class HallPage(TypedDict):
    items: list[HallAnswer]
    next_cursor: str | None


@with_config(_CLOSED)
class AuditSubjectAnswer(TypedDict):
    type: SubjectType
    id: UuidText


@with_config(_CLOSED)
class AuditAnswer(TypedDict):
    id: UuidText
    at: MomentText
    by: AuditAuthorAnswer
    action: AuditAction
    subject: AuditSubjectAnswer
    details: dict[str, Any]


@with_config(_CLOSED)
class AuditPage(TypedDict):
    items: list[AuditAnswer]
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
    code: RefusalCode
    detail: str
    errors: NotRequired[list[FieldErrorAnswer]]
    hall: NotRequired[str]
    moved_to: NotRequired[str]


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
class AnnotationAck(OkAck):
    annotation: AnnotationAnswer


NoteAck = EventAck | AnnotationAck
"""A note that was made before the end of its session and came after it is an annotation."""


@with_config(_CLOSED)
class CaseAck(OkAck):
    """The event that says so, also if that was an earlier one; null if nothing had to be said, ever."""

    event: EventAnswer | None


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
class MovedMessage(TypedDict):
    """Join there, under this name."""

    code: str
    name: str


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
class TrainersChangedMessage(TypedDict):
    session_id: UuidText
    trainer_ids: list[UuidText]


@with_config(_CLOSED)
class SchoolChangedMessage(TypedDict):
    version: int


@with_config(_CLOSED)
class ClosedMessage(SessionAnswer):
    reason: CloseReason


@with_config(_CLOSED)
class PublicClosedMessage(PublicSessionAnswer):
    reason: CloseReason


@with_config(_CLOSED)
class NamedAnswer(TypedDict):
    id: UuidText
    name: str


@with_config(_CLOSED)
class RefusedRowAnswer(TypedDict):
    """Something that the central server does not take."""

    type: str
    id: UuidText
    reason: str
    errors: list[FieldErrorAnswer]
    at: MomentText


@with_config(_CLOSED)
class UpstreamProblemAnswer(TypedDict):
    """Why nothing is sent at the moment."""

    kind: ProblemKind
    detail: str


@with_config(_CLOSED)
class UpstreamAnswer(TypedDict):
    """How a hall server stands with its central one."""

    url: str
    school: NamedAnswer | None
    hall: NamedAnswer | None
    release: str
    central_release: str | None
    contacted_at: MomentText | None
    completed_at: MomentText | None
    next_try_at: MomentText | None
    waiting: WaitingAnswer
    refused: list[RefusedRowAnswer]
    conflicts: int
    clock_offset_ms: int | None
    problem: UpstreamProblemAnswer | None
    is_well: bool
