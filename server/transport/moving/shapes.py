"""The `data` of each line of a school that moves. What is not named here is refused: nothing is lost on the way."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, StrictBool, StrictInt, StrictStr

from server.domain.annotations import AnnotationKind
from server.domain.audit import AuditAction, SubjectType
from server.domain.debrief.moments import MomentKind
from server.domain.devices import EntityType
from server.domain.events import AuthorRole, CloseReason, EventKind
from server.domain.judging import ConflictReason
from server.domain.people import Retention, Role
from server.transport.wire.requests import Id, Moment, Request, Seq, StepBody, TemplateBody

# Below what a browser's numbers hold exactly.
LogVersion = Annotated[StrictInt, Field(ge=1, le=2**53)]
# Of what nobody has edited yet it is 0.
Edits = Annotated[StrictInt, Field(ge=0, le=2**31 - 1)]
RowVersion = Annotated[StrictInt, Field(ge=1, le=2**31 - 1)]
Hex = Annotated[StrictStr, Field(pattern=r"^[0-9a-f]{64}$")]
Written = dict[StrictStr, tuple[LogVersion, StrictStr | None, StrictInt | None]]
Json = dict[StrictStr, Any]


class ExportData(Request):
    exported_at: Moment
    server: StrictStr


class SchoolData(Request):
    id: Id
    name: StrictStr
    created_at: Moment
    names_months: StrictInt = Retention().names_months
    records_months: StrictInt | None = None
    retention_begins_at: Moment | None = None


class EditedData(Request):
    """What every row of the school's log has besides."""

    sync_version: LogVersion
    first_version: LogVersion
    written: Written


class TrainerData(EditedData):
    id: Id
    email: StrictStr
    name: StrictStr
    role: Role
    password_hash: StrictStr
    created_at: Moment
    updated_at: Moment
    deleted_at: Moment | None
    version: RowVersion


class TemplateData(TemplateBody, EditedData):
    id: Id  # pyright: ignore[reportGeneralTypeIssues, reportIncompatibleVariableOverride]
    created_at: Moment
    updated_at: Moment
    deleted_at: Moment | None
    version: RowVersion


class CaseData(Request):
    template_id: Id
    template_version: RowVersion
    description: StrictStr
    steps: list[StepBody]
    checklist: list[Any]
    targets: list[Any]
    pass_percent: StrictInt | None = None


class ForkedFromData(Request):
    session_id: Id
    seq: Seq
    moves_trainees: StrictBool = False


class NameData(Request):
    id: Id | None
    name: StrictStr


class SheetData(Request):
    id: Id
    session_id: Id
    by: NameData
    items: Json
    comment: StrictStr
    created_at: Moment
    updated_at: Moment
    version: RowVersion


class ReflectionData(Request):
    id: Id
    session_id: Id
    author_hash: Hex
    seat_id: Id | None
    words: StrictStr
    scores: Json
    version: Edits = 1


class LockData(Request):
    reason: StrictStr
    by: NameData
    at: Moment


class LimitsSinceData(Request):
    at: Moment
    limits: dict[StrictStr, Json]


class SessionData(EditedData):
    id: Id
    code: StrictStr
    title: StrictStr
    public_title: StrictStr
    trainee_name: StrictStr | None
    trainer_id: Id
    co_trainer_ids: list[Id]
    limits: dict[StrictStr, Json]
    shows_conditions: StrictBool
    forked_from: ForkedFromData | None
    template_id: Id | None
    created_at: Moment
    updated_at: Moment
    expires_at: Moment
    closed_at: Moment | None
    close_reason: CloseReason | None
    last_values: Json
    last_seq: Seq
    version: RowVersion
    case: CaseData | None
    limits_since: tuple[LimitsSinceData, ...] = ()
    lock: LockData | None = None
    names_out_at: Moment | None = None


class SeatData(Request):
    id: Id
    session_id: Id
    name: StrictStr
    joined_at: Moment
    removed_at: Moment | None
    token_hash: Hex | None


class AuthorData(Request):
    role: AuthorRole
    id: Id | None
    name: StrictStr


class EventData(Request):
    id: Id
    session_id: Id
    seq: Annotated[StrictInt, Field(ge=1, le=2**31 - 1)]
    kind: EventKind
    created_at: Moment
    made_at: Moment
    step: StrictStr | None
    marker: StrictStr | None
    by: AuthorData
    systolic: Any
    diastolic: Any
    heart_rate: Any
    spo2: Any
    respiratory_rate: Any
    etco2: Any
    temperature: Any
    rhythm: Any
    flags: Any
    ramp_seconds: Any
    text: StrictStr | None
    details: Json | None


class SpanData(Request):
    id: Id
    seat_id: Id
    session_id: Id
    joined_at: Moment
    left_at: Moment | None


class AnnotationData(Request):
    id: Id
    session_id: Id
    at: Moment
    kind: AnnotationKind
    text: StrictStr
    marker: StrictStr | None
    by: AuthorData
    created_at: Moment
    updated_at: Moment
    deleted_at: Moment | None
    version: RowVersion


class MomentData(Request):
    id: Id
    session_id: Id
    seq: Seq
    kind: MomentKind
    is_hidden: StrictBool
    title: StrictStr | None
    updated_at: Moment
    version: Edits = 1


class SubjectData(Request):
    type: SubjectType
    id: Id


class AuditData(Request):
    id: Id
    at: Moment
    by: NameData
    action: AuditAction
    subject: SubjectData
    details: Json


class RevocationData(Request):
    at: Moment
    by: NameData


class DeviceData(Request):
    client_id: StrictStr
    trainer_id: Id | None
    last_seen_at: Moment
    revoked: RevocationData | None


class ServerSideData(Request):
    version: LogVersion
    deleted: StrictBool
    payload: Json
    written_at: Moment | None
    written_by: NameData | None


class ConflictData(Request):
    id: Id
    client_id: StrictStr
    trainer_id: Id | None
    event_id: Id
    entity_type: EntityType
    entity_id: Id
    reason: ConflictReason
    local_payload: Json | None
    local_fields: list[StrictStr] | None
    server_data: ServerSideData | None
    created_at: Moment


class EndData(Request):
    sync_version: Annotated[StrictInt, Field(ge=0, le=2**53)]
    lines: Annotated[StrictInt, Field(ge=1)]
