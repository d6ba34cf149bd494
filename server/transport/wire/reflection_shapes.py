"""The shapes of the trainees' own words: what a seat sends and sees, what a debrief says."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import ConfigDict, StrictBool, StrictStr, WithJsonSchema, with_config
from typing_extensions import TypedDict

from server.domain.reflections import REFLECTION_LIFE, WORDS_LIMIT, ToldReflection
from server.domain.scores import Score
from server.domain.timestamps import write_timestamp
from server.service.reflections import Own
from server.transport.wire import rules
from server.transport.wire.answers import annotation_answer
from server.transport.wire.requests import Request
from server.transport.wire.schemas import KEY_PATTERN
from server.transport.wire.score_shapes import ScoresAnswer, scores_answer
from server.transport.wire.shapes import AnnotationAnswer, MomentText, UuidText

_CLOSED = ConfigDict(extra="forbid")
WordsPart = Annotated[
    StrictStr, WithJsonSchema({"type": "string", "maxLength": WORDS_LIMIT}), rules.text(WORDS_LIMIT, required=False)
]
# Shaped here for the documents only; judged by the domain, for only it knows the checklist.
OwnScoresPart = Annotated[
    dict[str, Any],
    WithJsonSchema(
        {
            "type": "object",
            "propertyNames": {"pattern": KEY_PATTERN},
            "additionalProperties": {"enum": [0, 1, 2, "na"]},
            "description": "By the keys of the checklist.",
        }
    ),
    rules.own_scores,
]


class ReflectionBody(Request):
    """What is left out stays as it is."""

    words: WordsPart | None = None
    scores: OwnScoresPart | None = None
    is_anonymous: StrictBool | None = None


@with_config(_CLOSED)
class ToldReflectionAnswer(TypedDict):
    """`seat_id` and `name` are null where it came without a name."""

    seat_id: UuidText | None
    name: str | None
    words: str
    scores: dict[str, Score]


@with_config(_CLOSED)
class CriterionAnswer(TypedDict):
    key: str
    text: str


@with_config(_CLOSED)
class ReflectedSessionAnswer(TypedDict):
    """`title` is the public one."""

    id: UuidText
    title: str
    ended_at: MomentText


@with_config(_CLOSED)
class SharedWithSeatAnswer(TypedDict):
    """What evaluators and trainers wrote about the session."""

    scores: ScoresAnswer
    annotations: list[AnnotationAnswer]


@with_config(_CLOSED)
class ReflectionAnswer(TypedDict):
    """A seat's own; `shared` is null while the trainer shares nothing."""

    session: ReflectedSessionAnswer
    until: MomentText
    checklist: list[CriterionAnswer]
    words: str
    scores: dict[str, Score]
    is_anonymous: bool
    shared: SharedWithSeatAnswer | None


def told_reflection_answer(reflection: ToldReflection) -> ToldReflectionAnswer:
    return {
        "seat_id": None if reflection.seat_id is None else str(reflection.seat_id),
        "name": reflection.name,
        "words": reflection.words,
        "scores": dict(reflection.scores),
    }


def reflection_answer(own: Own, ended_at: datetime) -> ReflectionAnswer:
    session, case, reflection = own.session, own.case, own.reflection
    shared = own.shared
    return {
        "session": {"id": str(session.id), "title": session.public_title, "ended_at": write_timestamp(ended_at)},
        "until": write_timestamp(ended_at + REFLECTION_LIFE),
        "checklist": [] if case is None else [{"key": item.key, "text": item.text} for item in case.checklist],
        "words": reflection.words,
        "scores": dict(reflection.scores),
        "is_anonymous": reflection.is_anonymous,
        "shared": None
        if shared is None
        else {
            "scores": scores_answer(shared.scores),
            "annotations": [annotation_answer(annotation) for annotation in shared.annotations],
        },
    }
