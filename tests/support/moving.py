"""Schools that move: their lines out of a storage, and into a database."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from server.commands.moving import Reading, checked_parts, import_into
from server.domain.arrival import Wrong
from server.domain.moving import ExportBegun
from server.ports.importing import ImportOutcome
from server.ports.storage import Storage
from server.transport.moving.writing import write_line
from tests.support.houses import open_postgres
from tests.support.making import NOW

Json = dict[str, Any]


async def exported(storage: Storage, school_id: UUID, now: datetime = NOW) -> list[bytes]:
    lines = [write_line(ExportBegun(now, "0.0"), 0)]
    async for part in storage.moving.read_school(school_id):
        lines.append(write_line(part, len(lines)))
    return lines


async def taken_in(url: str, lines: Sequence[bytes], *, keeps_here: bool = False) -> ImportOutcome | Wrong:
    return await import_into(url, Reading(io.BytesIO(b"".join(lines))), keeps_here)


def types_of(lines: Sequence[bytes]) -> list[str]:
    return [json.loads(line)["type"] for line in lines]


def with_data(line: bytes, **data: Any) -> bytes:
    """The line, with something else in its `data`."""
    told = json.loads(line)
    told["data"] |= data
    return json.dumps(told, ensure_ascii=False).encode() + b"\n"


def wrong_with(data: bytes) -> Wrong | None:
    """What is wrong with a file by itself, whatever there is in the database."""
    checked = list(checked_parts(Reading(io.BytesIO(data))))
    return next((each for each in checked if isinstance(each, Wrong)), None)


async def schools_in(url: str) -> set[UUID]:
    async with open_postgres(url) as storage:
        return {school.id for school in await storage.accounts.list_schools()}
