"""What is said and sent about how long a school keeps names and records."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StrictInt, StrictStr, with_config
from typing_extensions import TypedDict

from server.domain.audit import View
from server.domain.debrief.moments import MomentKind
from server.domain.free_texts import FreeTextKind
from server.domain.retention import LOCK_REASON_LIMIT, NAMES_MONTHS_LIMIT, RECORDS_MONTHS_LIMIT, Measure
from server.transport.wire import rules
from server.transport.wire.reflection_shapes import ToldReflectionAnswer
from server.transport.wire.requests import Id, Request
from server.transport.wire.score_shapes import ScoresAnswer
from server.transport.wire.shapes import AnnotationAnswer, EventAnswer, MomentText, SpanAnswer, UuidText

_CLOSED = ConfigDict(extra="forbid")


class RetentionBody(Request):
    names_months: Annotated[StrictInt, Field(ge=1, le=NAMES_MONTHS_LIMIT)]
    records_months: Annotated[StrictInt, Field(ge=1, le=RECORDS_MONTHS_LIMIT)] | None = None


class LockBody(Request):
    reason: Annotated[StrictStr, rules.line(LOCK_REASON_LIMIT)]


class ViewBody(Request):
    view: View


class NamesOutBody(Request):
    """By the ids of free texts what is to stand there; null takes a text out."""

    texts: dict[Id, StrictStr | None] = Field(default_factory=dict[Id, StrictStr | None])


@with_config(_CLOSED)
class RetentionAnswer(TypedDict):
    """`records_months` is null for as long as the school wants; nothing is done before `begins_at`."""

    names_months: int
    records_months: int | None
    begins_at: MomentText | None


@with_config(_CLOSED)
class DueAnswer(TypedDict):
    """What is done next to a session: `since` is when its months are over, `at` the night in which it is done."""

    session_id: UuidText
    title: str
    created_at: MomentText
    ended_at: MomentText | None
    measure: Measure
    since: MomentText
    at: MomentText


@with_config(_CLOSED)
class DuePage(TypedDict):
    items: list[DueAnswer]
    next_cursor: str | None


@with_config(_CLOSED)
class FreeTextAnswer(TypedDict):
    """`at` is null where no moment is kept or told, `by` where nobody is named; `longest` is how long it may be."""

    id: UuidText
    kind: FreeTextKind
    at: MomentText | None
    by: str | None
    text: str
    longest: int


@with_config(_CLOSED)
class FreeTextsAnswer(TypedDict):
    texts: list[FreeTextAnswer]


@with_config(_CLOSED)
class SeatExportSession(TypedDict):
    id: UuidText
    title: str
    created_at: MomentText
    closed_at: MomentText | None


@with_config(_CLOSED)
class SeatExportSeat(TypedDict):
    id: UuidText
    name: str
    joined_at: MomentText
    removed_at: MomentText | None


@with_config(_CLOSED)
class SeatExportMoment(TypedDict):
    """A moment as somebody called it."""

    seq: int
    kind: MomentKind
    title: str | None


@with_config(_CLOSED)
class SeatExportNamedBy(TypedDict):
    """What a colleague typed at the bedside or said in their own words; `text` is null where they gave no name."""

    kind: Literal["action", "words"]
    at: MomentText | None
    by: str | None
    text: str | None


@with_config(_CLOSED)
class SeatExportAnswer(TypedDict):
    """Everything about one seat: `notes`, `annotations` and `moments` are those that name whoever sat there, `scores`
    those of the team, `own_words` what came from the seat with its name, and `named_by` colleagues' texts that name it.
    """

    session: SeatExportSession
    seat: SeatExportSeat
    attendance: list[SpanAnswer]
    actions: list[EventAnswer]
    notes: list[EventAnswer]
    annotations: list[AnnotationAnswer]
    moments: list[SeatExportMoment]
    scores: ScoresAnswer
    own_words: list[ToldReflectionAnswer]
    named_by: list[SeatExportNamedBy]
