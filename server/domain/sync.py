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
# Every push copies the row of its session.
_MOST_ENTRIES: Mapping[SubjectType, int] = {"session": 5}


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


def written_after(written: FieldWrites, of: SubjectType, fields: Collection[str], write: FieldWrite) -> FieldWrites:
    """What is told of the fields when `write` has written some of them.

    Where that would be too many entries the oldest are told as one, by nobody known: a field may then look younger than
    it is, which makes somebody look at a conflict, but never older, which would lose an edit.
    """
    entries = {**written, **dict.fromkeys(fields, write)}
    rest = entries.pop(REST, write)
    newest_first = sorted(entries.items(), key=lambda entry: entry[1].version, reverse=True)
    named = _MOST_ENTRIES.get(of, len(newest_first) + 1) - 1
    kept, told_as_one = newest_first[:named], newest_first[named:]
    if told_as_one:
        rest = FieldWrite(max(rest.version, *(entry.version for _, entry in told_as_one)))
    return {REST: rest, **dict(kept)}


def written_as_json(written: FieldWrites) -> dict[str, list[int | str | None]]:
    return {name: list(write) for name, write in written.items()}


def written_from_json(raw: Mapping[str, list[object]]) -> FieldWrites:
    """Read back what `written_as_json` wrote."""
    return {
        name: FieldWrite(cast(int, version), cast(str | None, client), cast(int | None, seq))
        for name, (version, client, seq) in raw.items()
    }
