"""The shapes of links to a debrief, and of what one shows."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import ConfigDict, StrictInt, WithJsonSchema, with_config
from typing_extensions import TypedDict

from server.domain.shares import DAYS_RULE, LONGEST_DAYS, USUAL_DAYS
from server.transport.wire import rules
from server.transport.wire.debrief_shapes import DebriefAnswer
from server.transport.wire.requests import Moment, Request
from server.transport.wire.shapes import AnnotationAnswer, AuthorAnswer, CaseAnswer, EventAnswer, LimitsJson, MomentText

_CLOSED = ConfigDict(extra="forbid")
Days = Annotated[
    StrictInt,
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": LONGEST_DAYS, "default": USUAL_DAYS}),
    rules.number(1, LONGEST_DAYS, DAYS_RULE),
]


class ShareBody(Request):
    """One of them, or neither."""

    days: Days | None = None
    expires_at: Annotated[Moment, rules.soon(timedelta(days=LONGEST_DAYS))] | None = None


@with_config(_CLOSED)
class ShareAnswer(TypedDict):
    """The link is told this once; nulls when all have ended."""

    url: str | None
    expires_at: MomentText | None


@with_config(_CLOSED)
class OpenShareAnswer(TypedDict):
    by: AuthorAnswer
    created_at: MomentText
    expires_at: MomentText


@with_config(_CLOSED)
class OpenSharesAnswer(TypedDict):
    """Links that may be opened now, in the order of making; where each leads only whoever has it knows."""

    items: list[OpenShareAnswer]


@with_config(_CLOSED)
class SharedDebriefAnswer(DebriefAnswer):
    """The debrief, and what its sheet is made of; `expires_at` is when the link ends."""

    title: str
    trainee_name: str | None
    created_at: MomentText
    closed_at: MomentText | None
    expires_at: MomentText
    limits: LimitsJson
    case: CaseAnswer | None
    annotations: list[AnnotationAnswer]
    events: list[EventAnswer]
