"""Attempts at one case beside each other: how many did what, and how soon. Never who, and nothing of fewer than five.

Of each row only those attempts count in which it could have been done: from an arrest, those that had one; from a
marker, those in which it was set. A row that fewer than `PEOPLE_NEEDED` people stand behind is left out.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from server.domain.case import CASE_START
from server.domain.debrief.key_times import ARREST
from server.domain.scores import Score, ScoreSheet

PEOPLE_NEEDED = 5

Number = int | float


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one session brings. `times`: seconds by (marker, since), None for what was not done, in the debrief's order.

    `scores`: of each item of the checklist that was scored and not held for not applicable, how.
    """

    people: int
    times: Mapping[tuple[str, str], Number | None]
    had_arrest: bool
    scores: Mapping[str, Number]


@dataclass(frozen=True, slots=True)
class Spread:
    """Of at least one value."""

    median: Number
    low: Number
    high: Number


@dataclass(frozen=True, slots=True)
class ComparedTime:
    """`n` attempts, of which a share did it; `spread` is None where nobody did."""

    marker: str
    since: str
    n: int
    share_done: float
    spread: Spread | None


@dataclass(frozen=True, slots=True)
class ComparedItem:
    key: str
    n: int
    spread: Spread


@dataclass(frozen=True, slots=True)
class Comparison:
    """`is_hidden`: too few people stand behind all of it, and it is empty."""

    times: Sequence[ComparedTime] = ()
    items: Sequence[ComparedItem] = ()
    is_hidden: bool = False


def comparing(attempts: Sequence[Attempt]) -> Generator[None, None, Comparison]:
    """Returns the comparison, and yields between its parts: of thousands of attempts it takes a while."""
    if _people(attempts) < PEOPLE_NEEDED:
        return Comparison(is_hidden=True)
    pairs, keys = dict[tuple[str, str], None](), dict[str, None]()
    for attempt in attempts:
        # Every key once, first those that came first.
        pairs.update(dict.fromkeys(attempt.times))
        keys.update(dict.fromkeys(attempt.scores))
        yield
    times, items = list[ComparedTime](), list[ComparedItem]()
    for marker, since in pairs:
        if (time := _time(marker, since, attempts)) is not None:
            times.append(time)
        yield
    for key in keys:
        if (item := _item(key, attempts)) is not None:
            items.append(item)
        yield
    return Comparison(times, items)


def spread_of(values: Sequence[Number]) -> Spread | None:
    if not values:
        return None
    # Between two whole seconds lies a half; a thousandth is what a moment is stored to.
    return Spread(_plain(median(values)), min(values), max(values))


def agreed_scores(checklist: Iterable[str], sheets: Iterable[ScoreSheet]) -> Mapping[str, Number]:
    """What the evaluators of one attempt come to, item by item: of several the score in the middle.

    As in a sheet's own result, what was not scored counts 0 once the sheet is begun, and "na" not at all.
    """
    begun = [sheet.items for sheet in sheets if sheet.items]
    agreed: dict[str, Number] = {}
    for key in checklist:
        scores: list[Score] = [items[key].score if key in items else 0 for items in begun]
        if counted := [score for score in scores if score != "na"]:
            agreed[key] = _plain(median(counted))
    return agreed


def _time(marker: str, since: str, attempts: Sequence[Attempt]) -> ComparedTime | None:
    counted = [attempt for attempt in attempts if _could(attempt, since)]
    if _people(counted) < PEOPLE_NEEDED:
        return None
    done = [seconds for attempt in counted if (seconds := attempt.times.get((marker, since))) is not None]
    return ComparedTime(marker, since, len(counted), len(done) / len(counted), spread_of(done))


def _could(attempt: Attempt, since: str) -> bool:
    """Whether there was anything to count from."""
    if since == CASE_START:
        return True
    return attempt.had_arrest if since == ARREST else attempt.times.get((since, CASE_START)) is not None


def _item(key: str, attempts: Sequence[Attempt]) -> ComparedItem | None:
    counted = [attempt for attempt in attempts if key in attempt.scores]
    spread = spread_of([attempt.scores[key] for attempt in counted])
    if spread is None or _people(counted) < PEOPLE_NEEDED:
        return None
    return ComparedItem(key, len(counted), spread)


def _people(attempts: Iterable[Attempt]) -> int:
    return sum(attempt.people for attempt in attempts)


def _plain(value: Number) -> Number:
    rounded = round(value, 3)
    return int(rounded) if rounded == int(rounded) else rounded
