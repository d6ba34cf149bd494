"""The log of what people edit: each edit has a version, and each field tells which edit wrote it last."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple, cast
from uuid import UUID

from server.domain.audit import SubjectType

LARGEST_VERSION = 2**53 - 1
# Stands for the fields of a row that have no entry of their own.
REST = "*"


class FieldWrite(NamedTuple):
    """The edit that wrote a field last. `client` and `seq` are a device's; None for everybody who is none."""

    version: int
    client: str | None = None
    seq: int | None = None


FieldWrites = Mapping[str, FieldWrite]


class LogEntry(NamedTuple):
    """The newest state of one row in its school's log."""

    version: int
    first_version: int
    type: SubjectType
    id: UUID
    written: FieldWrites


def version_at(now: datetime) -> int:
    """The least version that an edit has now: they look like milliseconds, but only their order counts."""
    return int(now.timestamp() * 1000)


def written_at_first(write: FieldWrite) -> FieldWrites:
    return {REST: write}


def written_after(written: FieldWrites, fields: Collection[str], write: FieldWrite) -> FieldWrites:
    """What is told of the fields when `write` has written some of them.

    Each keeps an entry of its own, also in the row of a session, which every push copies: told together, a field would
    look younger than it is, and a device that wrote the others would be in conflict with itself.
    """
    return {REST: write, **written, **dict.fromkeys(fields, write)}


def written_as_json(written: FieldWrites) -> dict[str, list[int | str | None]]:
    return {name: list(write) for name, write in written.items()}


def written_from_json(raw: Mapping[str, list[object]]) -> FieldWrites:
    """Read back what `written_as_json` wrote."""
    return {
        name: FieldWrite(cast(int, version), cast(str | None, client), cast(int | None, seq))
        for name, (version, client, seq) in raw.items()
    }
