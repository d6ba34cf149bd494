"""The shapes of a debrief. The OpenAPI document is made from these, as from shapes.py."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, StrictBool, with_config
from typing_extensions import TypedDict

from server.domain.debrief.arrests import ArrestEnd
from server.domain.debrief.moments import MomentKind, TextKey
from server.domain.debrief.news2 import Band, Part
from server.transport.wire.reflection_shapes import ToldReflectionAnswer
from server.transport.wire.requests import PublicTitle, Request
from server.transport.wire.score_shapes import ScoresAnswer
from server.transport.wire.shapes import LimitsSinceAnswer, MomentText, SeatAttendanceAnswer

_CLOSED = ConfigDict(extra="forbid")
SecondsJson = int | float


@with_config(_CLOSED)
class MomentAnswer(TypedDict):
    """Known by `seq` and `kind`. A screen says it by `text_key` and `details`; `title` is what a person called it."""

    at: MomentText
    seq: int
    kind: MomentKind
    text_key: TextKey
    details: dict[str, Any]
    is_hidden: bool
    title: str | None


KeyTimeAnswer = with_config(_CLOSED)(
    TypedDict(
        "KeyTimeAnswer",
        {
            "marker": str,
            "from": str,
            "seconds": SecondsJson | None,
            "target_seconds": int | None,
            "is_met": bool | None,
        },
    )
)


class MomentChangeBody(Request):
    """What is not sent stays as it is; `title` null or empty: it is called as before."""

    is_hidden: StrictBool | None = None
    title: PublicTitle | None = None


@with_config(_CLOSED)
class PauseAnswer(TypedDict):
    at: MomentText
    seconds: SecondsJson


@with_config(_CLOSED)
class ShockAnswer(TypedDict):
    """`pre_seconds` null: there were no compressions before; `post_seconds` null: there were none after."""

    at: MomentText
    pre_seconds: SecondsJson | None
    post_seconds: SecondsJson | None


@with_config(_CLOSED)
class ResuscitationAnswer(TypedDict):
    """`end_at` and `end` are null while the arrest lasts. Compressions are what was switched by hand, +-2 s."""

    onset_seq: int
    onset_at: MomentText
    end_at: MomentText | None
    end: ArrestEnd | None
    seconds: SecondsJson
    compressions_seconds: SecondsJson
    no_flow_seconds: SecondsJson
    no_flow_fraction: float | None
    compression_fraction: float | None
    compression_fraction_from_first: float | None
    pauses: list[PauseAnswer]
    longest_pause_seconds: SecondsJson | None
    pauses_over_10: int
    shocks: list[ShockAnswer]
    to_recognition_seconds: SecondsJson | None
    to_compressions_seconds: SecondsJson | None
    to_shock_seconds: SecondsJson | None
    to_adrenaline_seconds: SecondsJson | None
    third_shock_to_adrenaline_seconds: SecondsJson | None
    to_rosc_seconds: SecondsJson | None
    shock_intervals: list[SecondsJson]
    adrenaline_intervals: list[SecondsJson]
    rhythm_check_intervals: list[SecondsJson]


@with_config(_CLOSED)
class News2PartsAnswer(TypedDict):
    """Null while there is no pulse, and for a sign that nobody could know."""

    respiratory_rate: int | None
    spo2: int | None
    oxygen: int | None
    systolic: int | None
    heart_rate: int | None
    consciousness: int | None
    temperature: int | None


@with_config(_CLOSED)
class News2Answer(TypedDict):
    """From `at` on. While `missing` names something, `total` is the least it can be; null while there is no pulse.

    `mean` is in mmHg.
    """

    at: MomentText
    total: int | None
    parts: News2PartsAnswer
    band: Band | None
    missing: list[Part]
    mean: int | None
    shock_index: float | None


@with_config(_CLOSED)
class DebriefAnswer(TypedDict):
    duration_seconds: int
    moments: list[MomentAnswer]
    times: list[KeyTimeAnswer]
    resuscitation: list[ResuscitationAnswer]
    news2: list[News2Answer]
    scores: ScoresAnswer
    attendance: list[SeatAttendanceAnswer]
    limits_since: list[LimitsSinceAnswer]
    reflections: list[ToldReflectionAnswer]
