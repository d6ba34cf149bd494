"""Rows of what devices edit and are told, read into the domain's own types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from server.domain.devices import Conflict, Entity, EntityType, ServerData
from server.domain.judging import Row
from server.storage.postgres.rows import (
    SESSION_COLUMNS,
    plain_moment,
    plain_uuid,
    session_from,
    template_from,
    trainer_from,
    written_from,
)

if TYPE_CHECKING:
    import asyncpg

TABLES: Mapping[EntityType, str] = {"TRAINER": "trainers", "TEMPLATE": "session_templates", "SESSION": "sessions"}
# What `row_from` reads of each.
COLUMNS: Mapping[EntityType, str] = {
    "TRAINER": "*",
    "TEMPLATE": "*",
    "SESSION": f"{SESSION_COLUMNS}, deleted_at, sync_version, first_version, written",
}


def row_from(type: EntityType, row: asyncpg.Record) -> Row[Entity]:
    is_deleted = row["deleted_at"] is not None
    return Row(_entity_from(type, row), is_deleted, row["sync_version"], row["first_version"], written_from(row))


def _entity_from(type: EntityType, row: asyncpg.Record) -> Entity:
    match type:
        case "TEMPLATE":
            return template_from(row)
        case "SESSION":
            return session_from(row)
        case "TRAINER":
            return trainer_from(row)


def conflict_from(row: asyncpg.Record) -> Conflict:
    return Conflict(
        id=plain_uuid(row["id"]),
        school_id=plain_uuid(row["school_id"]),
        client_id=row["client_id"],
        event_id=plain_uuid(row["mutation_id"]),
        entity_type=row["entity_type"],
        entity_id=plain_uuid(row["entity_id"]),
        reason=row["reason"],
        local_payload=row["local_payload"],
        data=server_data_from(row["server_version"], row["server_deleted"], row["server_payload"]),
        created_at=plain_moment(row["created_at"]),
        resolved_at=None if row["resolved_at"] is None else plain_moment(row["resolved_at"]),
        kept=row["kept"],
        local_fields=None if row["local_fields"] is None else frozenset(row["local_fields"]),
    )


def server_data_from(version: int | None, is_deleted: bool, payload: Any) -> ServerData | None:
    return None if version is None else ServerData(version, is_deleted, payload)
