"""How the arrival of a school can end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Clash:
    """A line and what is here already cannot both be; the sentence names both.

    `can_stay`: both are of the same school, so that what is here may stay as it is.
    """

    number: int
    sentence: str
    can_stay: bool = False


# Enough to see what is going on.
CLASHES_KEPT = 20


@dataclass(slots=True)
class Clashes:
    """All of a file: the first of them, and how many there are."""

    first: list[Clash] = field(default_factory=list[Clash])
    count: int = 0
    can_stay: bool = True

    def add(self, clash: Clash) -> None:
        self.count += 1
        self.can_stay = self.can_stay and clash.can_stay
        if len(self.first) < CLASHES_KEPT:
            self.first.append(clash)


@dataclass(frozen=True, slots=True)
class NewCode:
    """A session that had to get another code, for its own is here already."""

    title: str
    was: str
    is_now: str


@dataclass(frozen=True, slots=True)
class Imported:
    """`added` says how many of each type; `stayed` are the lines instead of which what is here stays."""

    added: Mapping[str, int]
    is_new_school: bool
    codes: Sequence[NewCode] = ()
    stayed: Clashes = field(default_factory=Clashes)


@dataclass(frozen=True, slots=True)
class AlreadyHere:
    """Nothing was changed. `imported_at`: when this very file was; None where all of it was here anyway."""

    imported_at: datetime | None
    stayed: Clashes = field(default_factory=Clashes)


@dataclass(frozen=True, slots=True)
class Clashing:
    """Nothing was changed."""

    clashes: Clashes


ImportOutcome = Imported | AlreadyHere | Clashing
