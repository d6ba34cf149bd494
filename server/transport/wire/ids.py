"""Ids as clients write them."""

from __future__ import annotations

from functools import lru_cache
from typing import cast
from uuid import UUID


def read_uuid(value: object) -> UUID | None:
    if not isinstance(value, str) or len(value) != 36:
        return None
    return _uuid_of(value)


def read_uuids(value: object) -> tuple[UUID, ...]:
    """Those of a list; none unless all of it are ids, for which one is wrong is told by its place."""
    read = [read_uuid(each) for each in cast(list[object], value)] if isinstance(value, list) else []
    ids = tuple(each for each in read if each is not None)
    return ids if len(ids) == len(read) else ()


# One event names its id three times, first while those of a whole call are looked at, and all of a session name that.
@lru_cache(maxsize=1024)
def _uuid_of(value: str) -> UUID | None:
    try:
        return UUID(value)
    except ValueError:
        return None
