"""What trainees are called once their names are out of a record, and how their names are found in texts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast
from uuid import UUID

from server.domain.events import Author
from server.domain.outcomes import FieldError
from server.domain.session import Seat, Session
from server.domain.text import NOTE_LIMIT, one_line, read_details

TRAINEE = "Trainee"
# A shorter one is a letter or a number, which stands in many texts and names nobody.
SHORTEST_NAME = 2
SHORTEST_PART = 3


@dataclass(frozen=True, slots=True)
class Renaming:
    """What each seat is called from now on, and how names are found in a text."""

    by_seat: Mapping[UUID, str]
    found: re.Pattern[str]
    instead: Mapping[str, str]
    """By the name in lower case."""

    def author(self, by: Author) -> Author:
        name = None if by.id is None else self.by_seat.get(by.id)
        return by if name is None else replace(by, name=name)

    def text(self, text: str, limit: int = NOTE_LIMIT) -> str:
        """Names replaced wherever they stand as a word; cut where it has grown over what may stand there."""
        return self.found.sub(lambda match: self.instead.get(_key(match.group()), TRAINEE), text)[:limit]

    def details(self, details: Mapping[str, object]) -> Mapping[str, object]:
        """Nothing is left of those that have grown over what may stand there."""
        replaced = cast(dict[str, object], self.json(dict(details)))
        return {} if isinstance(read_details(replaced), FieldError) else replaced

    def json(self, value: object) -> object:
        match value:
            case str():
                return self.text(value)
            case list():
                return [self.json(each) for each in cast(list[object], value)]
            case dict():
                return {name: self.json(each) for name, each in cast(dict[str, object], value).items()}
            case _:
                return value


def renaming_of(session: Session, seats: Sequence[Seat]) -> Renaming:
    numbers: dict[str, str] = {}
    by_seat: dict[UUID, str] = {}
    for seat in sorted(seats, key=lambda each: (each.joined_at, each.id)):
        by_seat[seat.id] = numbers.setdefault(_key(seat.name), f"{TRAINEE} {len(numbers) + 1}")
    instead = dict(numbers)
    names = [seat.name for seat in seats]
    if session.trainee_name is not None:
        names.append(session.trainee_name)
        instead.setdefault(_key(session.trainee_name), TRAINEE)
    patterns = [_pattern(name, any_case=len(name) > SHORTEST_NAME) for name in names if len(name) >= SHORTEST_NAME]
    # «Trainee» is a part of no name.
    for part, whose in ({} if session.names_out_at is not None else _parts(seats, numbers)).items():
        if part.lower() not in instead:
            instead[part.lower()] = whose
            patterns.append(_pattern(part, any_case=False))
    patterns = list(dict.fromkeys(patterns))
    # The longest first: «Ada King» before «Ada».
    patterns.sort(key=len, reverse=True)
    return Renaming(by_seat, re.compile(rf"(?<!\w)(?:{'|'.join(patterns) or '(?!)'})(?!\w)"), instead)


def _parts(seats: Sequence[Seat], numbers: Mapping[str, str]) -> dict[str, str]:
    """First names, family names: the words of a name that begin with a capital; whose they are, if they are one's."""
    parts: dict[str, str] = {}
    for seat in seats:
        for word in one_line(seat.name).split():
            if len(word) >= SHORTEST_PART and word[0].isupper():
                whose = numbers[_key(seat.name)]
                parts[word] = whose if parts.get(word, whose) == whose else TRAINEE
    return parts


def _pattern(name: str, *, any_case: bool) -> str:
    words = r"\s+".join(map(re.escape, name.split()))
    return f"(?i:{words})" if any_case else words


def _key(name: str) -> str:
    return one_line(name).lower()
