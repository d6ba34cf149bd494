"""Rows of a hall's link to its central server, read into the domain's own types, and written from them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from server.domain.devices import Key
from server.domain.upstream import NO_MARK, Link, LinkProblem, Mark
from server.storage.postgres.rows import plain_moment, plain_uuid

if TYPE_CHECKING:
    import asyncpg


def mark_from(row: asyncpg.Record) -> Mark:
    mark = Mark(row["pushed"], row["central_version"], row["epoch"])
    return NO_MARK if mark == NO_MARK else mark


def mark_values(key: Key, mark: Mark, conflict_id: UUID | None) -> Mapping[str, object]:
    return {
        "entity_type": key[0],
        "entity_id": key[1],
        "pushed": mark.pushed,
        "central_version": mark.central_version,
        "epoch": mark.epoch,
        "conflict_id": conflict_id,
    }


def link_values(link: Link) -> tuple[object, ...]:
    problem = link.problem
    told = None if problem is None else [problem.kind, problem.detail, problem.retry_after_seconds]
    return (
        link.client_id,
        link.token_hash,
        link.school_id,
        link.hall_id,
        link.hall_name,
        link.epoch,
        link.cursor,
        link.is_pulling_whole,
        link.contacted_at,
        link.completed_at,
        link.next_try_at,
        told,
        link.offset_ms,
        link.release,
    )


def link_from(row: asyncpg.Record) -> Link:
    def moment(name: str) -> datetime | None:
        return None if row[name] is None else plain_moment(row[name])

    def uuid(name: str) -> UUID | None:
        return None if row[name] is None else plain_uuid(row[name])

    return Link(
        client_id=row["client_id"],
        token_hash=bytes(row["token_hash"]),
        school_id=uuid("school_id"),
        hall_id=uuid("hall_id"),
        hall_name=row["hall_name"],
        epoch=row["epoch"],
        cursor=row["cursor"],
        is_pulling_whole=row["is_pulling_whole"],
        contacted_at=moment("contacted_at"),
        completed_at=moment("completed_at"),
        next_try_at=moment("next_try_at"),
        problem=None if row["problem"] is None else LinkProblem(*row["problem"]),
        offset_ms=row["offset_ms"],
        release=row["release"],
    )
