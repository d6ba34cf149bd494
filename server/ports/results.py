"""What every store answers with besides its own things: pages, additions, and the one fault that a storage has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

Item = TypeVar("Item", covariant=True)


class StorageUnavailable(Exception):
    """The storage did not answer, or is down."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last row of a page: the next page begins behind it."""

    created_at: datetime
    id: UUID


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    items: Sequence[Item]
    next: Cursor | None


@dataclass(frozen=True, slots=True)
class Added(Generic[Item]):
    item: Item


@dataclass(frozen=True, slots=True)
class AlreadyThere(Generic[Item]):
    """The id was used before, by the same school: the row as it is now; nothing was written."""

    item: Item


@dataclass(frozen=True, slots=True)
class CodeTaken:
    """The drawn code belongs to another session, open or ended; draw again."""


@dataclass(frozen=True, slots=True)
class Seen:
    """How far somebody has followed a session: its record, and its own fields."""

    last_seq: int
    version: int
