"""What `GET /comparison` answers."""

from __future__ import annotations

from pydantic import ConfigDict, with_config
from typing_extensions import TypedDict

_CLOSED = ConfigDict(extra="forbid")
FiguresJson = list[int | float]
"""The lowest and the highest."""

ComparedTimeAnswer = with_config(_CLOSED)(
    TypedDict(
        "ComparedTimeAnswer",
        {
            "marker": str,
            "from": str,
            "n": int,
            "share_done": float,
            "median": int | float | None,
            "range": FiguresJson | None,
        },
    )
)


@with_config(_CLOSED)
class ComparedItemAnswer(TypedDict):
    """Scores from 0 to 2, of the attempts in which the item was scored."""

    key: str
    n: int
    median: int | float
    range: FiguresJson


@with_config(_CLOSED)
class ComparisonAnswer(TypedDict):
    """Empty and `hidden` while fewer than 5 people stand behind it."""

    times: list[ComparedTimeAnswer]
    items: list[ComparedItemAnswer]
    hidden: bool
