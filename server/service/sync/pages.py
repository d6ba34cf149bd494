"""What a device is told, a page at a time, and how far that brings it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from server.domain.devices import Beginning, Device, Entity, EntityType
from server.domain.judging import Row
from server.domain.sync import LARGEST_VERSION
from server.json_text import write_json
from server.ports.slices import Slices
from server.ports.sync import (
    Pulled,
)
from server.service.sync.judging import Show

PAGE_BYTES = 1024 * 1024


# What stands in a page for each entity besides its payload, and for the page itself, at most.
_ENTRY_BYTES = 300


# Of the pulls of several pages that a client has begun, so many are remembered.
BEGINNINGS_LIMIT = 32


@dataclass(frozen=True, slots=True)
class Change:
    """`is_new`: the device has not got it yet, as far as its cursor tells. `payload` is JSON, null of a deleted one."""

    type: EntityType
    row: Row[Entity]
    is_new: bool
    payload: str


@dataclass(frozen=True, slots=True)
class Changes:
    """A page: `cursor` is what the next call names, `newest` the school's newest version."""

    rows: list[Change]
    cursor: int
    newest: int
    has_more: bool
    epoch: str


async def page_of_changes(pulled: Pulled, after: int, beginning: int, show: Show, epoch: str) -> Changes:
    """At most PAGE_BYTES of it, but one row at least; written in slices."""
    slices = Slices()
    rows: list[Change] = []
    left = PAGE_BYTES - _ENTRY_BYTES
    for each in pulled.rows:
        payload = "null" if each.row.is_deleted else write_json(show(each.row.entity))
        left -= _ENTRY_BYTES + (len(payload) if payload.isascii() else len(payload.encode()))
        if left < 0 and rows:
            break
        rows.append(Change(each.type, each.row, each.row.first_version > beginning, payload))
        await slices.breathe()
    has_more = pulled.has_more or len(rows) < len(pulled.rows)
    cursor = rows[-1].row.version if has_more else max(pulled.newest, after)
    return Changes(rows, cursor, pulled.newest, has_more, epoch)


def deleted_before(after: int, began: Beginning | None) -> int:
    """The initial sync leaves out what was deleted before it began. What is deleted between two of its pages may have
    stood on one of them.
    """
    if after == 0:
        return LARGEST_VERSION
    return began.newest if began is not None and began.cursor == 0 else 0


def came_to(device: Device, changes: Changes, began: Beginning, now: datetime) -> Device:
    beginnings = dict(device.beginnings)
    # The same number may have been a page of another pull.
    beginnings.pop(changes.cursor, None)
    if changes.has_more:
        beginnings[changes.cursor] = began
    newest = list(beginnings.items())[-BEGINNINGS_LIMIT:]
    return replace(device, last_seen_at=now, cursor=changes.cursor, beginnings=dict(newest))
