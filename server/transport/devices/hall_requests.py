"""What hall servers send: how they are, and their sessions as those are at home."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr

from server.domain.annotations import AnnotationKind
from server.transport.devices.requests import ClientId
from server.transport.wire.requests import ChecklistPart, Id, LimitsPart, Moment, Percent, Seq, StepBody, TargetsPart

Count = Annotated[StrictInt, Field(ge=0, le=2**31 - 1)]
# A clock may be off by years: of a machine without a battery it begins in 1970.
Offset = Annotated[StrictInt, Field(ge=-(2**53), le=2**53)]


class Hearing(BaseModel):
    """What a newer hall says besides is let be."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Copied(BaseModel):
    """A part that is not known here would be lost: it is refused by its name."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class WaitingBody(Hearing):
    templates: Count = 0
    sessions: Count = 0
    events: Count = 0
    annotations: Count = 0
    since: Moment | None = None


class HelloBody(Hearing):
    clientId: ClientId
    release: Annotated[StrictStr, Field(max_length=100)]
    sessions: Annotated[list[Id], Field(max_length=500)] = []
    waiting: WaitingBody
    clockOffsetMs: Offset | None = None


class CaseCopyBody(Copied):
    template_id: Id | None = None
    template_version: Count | None = None
    description: StrictStr = ""
    steps: list[StepBody] = []
    checklist: ChecklistPart = []
    targets: TargetsPart = []
    pass_percent: Percent | None = None


class SpanBody(Copied):
    joined_at: Moment
    left_at: Moment | None = None


class SeatCopyBody(Copied):
    id: Id
    name: StrictStr
    joined_at: Moment
    removed_at: Moment | None = None
    spans: list[SpanBody] = []


class LimitsSinceBody(Copied):
    at: Moment
    limits: LimitsPart


class ForkedFromBody(Copied):
    """With what clients are not told."""

    session_id: Id
    seq: Seq
    moves_trainees: StrictBool = False


class SessionCopyBody(Copied):
    """A session as its home has it, without what follows from its events."""

    code: StrictStr
    title: StrictStr = ""
    public_title: StrictStr = ""
    trainee_name: StrictStr | None = None
    trainer_id: Id
    co_trainer_ids: list[Id] = []
    template_id: Id | None = None
    limits: LimitsPart
    limits_since: list[LimitsSinceBody] = []
    shows_conditions: StrictBool = False
    forked_from: ForkedFromBody | None = None
    created_at: Moment
    expires_at: Moment
    clock_offset_ms: Offset | None = None
    case: CaseCopyBody | None = None
    seats: list[SeatCopyBody] = []


class AuthorBody(Copied):
    """Only trainers annotate."""

    role: Literal["trainer"]
    id: Id
    name: StrictStr


class AnnotationCopyBody(Copied):
    """An annotation as it is shown, a deleted one too."""

    id: Id
    session_id: Id
    at: Moment
    kind: AnnotationKind
    text: StrictStr
    marker: StrictStr | None = None
    by: AuthorBody
    created_at: Moment
    updated_at: Moment
    deleted_at: Moment | None = None
    version: Seq
