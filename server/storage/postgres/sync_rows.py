"""Rows of what devices edit and are told, read into the domain's own types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from server.domain.devices import DeviceRevocation, EditConflict, Entity, EntityType, LastWrite, ServerData
from server.domain.judging import Row
from server.domain.sync import FieldWrites
from server.ports.sync import ToldTemplate
from server.storage.postgres.rows import (
    SESSION_COLUMNS,
    author_from,
    optional_moment,
    plain_moment,
    plain_uuid,
    session_from,
    template_from,
    trainer_from,
    written_from,
)
from server.storage.stored_content import StoredContent

if TYPE_CHECKING:
    import asyncpg

TABLES: Mapping[EntityType, str] = {"TRAINER": "trainers", "TEMPLATE": "session_templates", "SESSION": "sessions"}
# What `row_from` reads of each.
COLUMNS: Mapping[EntityType, str] = {
    "TRAINER": "*",
    "TEMPLATE": (
        "id, school_id, content::text AS content, created_at, updated_at, deleted_at, version, sync_version, "
        "first_version, written"
    ),
    "SESSION": f"{SESSION_COLUMNS}, deleted_at, sync_version, first_version, written",
}


# Who edited each of them last: at the moment that is asked for, if there is such an entry.
LAST_WRITES = """
SELECT asked.id AS subject_id, entry.at, entry.by_id, entry.by_name
FROM unnest($2::uuid[], $3::timestamptz[]) AS asked (id, at), LATERAL (
    SELECT at, by_id, by_name FROM audit
    WHERE school_id = $1 AND subject_id = asked.id AND action NOT IN ('exported', 'printed')
      AND details -> 'part' IS NULL
    ORDER BY audit.at = asked.at DESC, at DESC, id DESC LIMIT 1
) AS entry
"""


# Of a row that is only told on nobody asks who wrote it.
TOLD_COLUMNS: Mapping[EntityType, str] = {type: columns.removesuffix(", written") for type, columns in COLUMNS.items()}


def row_from(type: EntityType, row: asyncpg.Record) -> Row[Entity]:
    return _row(type, row, written_from(row))


def told_row_from(type: EntityType, row: asyncpg.Record) -> Row[Entity]:
    """Of TOLD_COLUMNS."""
    return _row(type, row, {})


def _row(type: EntityType, row: asyncpg.Record, written: FieldWrites) -> Row[Entity]:
    is_deleted = row["deleted_at"] is not None
    return Row(_entity_from(type, row), is_deleted, row["sync_version"], row["first_version"], written)


def _entity_from(type: EntityType, row: asyncpg.Record) -> Entity:
    match type:
        case "TEMPLATE":
            return template_from(row, StoredContent.of(row["content"]))
        case "SESSION":
            return session_from(row)
        case "TRAINER":
            return trainer_from(row)


def conflict_from(row: asyncpg.Record) -> EditConflict:
    return EditConflict(
        id=plain_uuid(row["id"]),
        school_id=plain_uuid(row["school_id"]),
        client_id=row["client_id"],
        trainer_id=None if row["trainer_id"] is None else plain_uuid(row["trainer_id"]),
        event_id=plain_uuid(row["mutation_id"]),
        entity_type=row["entity_type"],
        entity_id=plain_uuid(row["entity_id"]),
        reason=row["reason"],
        local_payload=row["local_payload"],
        data=server_side_from(row),
        created_at=plain_moment(row["created_at"]),
        resolved_at=None if row["resolved_at"] is None else plain_moment(row["resolved_at"]),
        kept=row["kept"],
        local_fields=None if row["local_fields"] is None else frozenset(row["local_fields"]),
    )


def server_side_from(conflict: asyncpg.Record) -> ServerData | None:
    """The server's side of a conflict."""
    data = server_data_from(conflict["server_version"], conflict["server_deleted"], conflict["server_payload"])
    if data is None:
        return None
    at, name = conflict["server_at"], conflict["server_by_name"]
    by = None if name is None else author_from(conflict["server_by"], name)
    return replace(data, written_at=None if at is None else plain_moment(at), written_by=by)


def revocation_from(client: asyncpg.Record) -> DeviceRevocation | None:
    if client["revoked_at"] is None:
        return None
    return DeviceRevocation(
        plain_moment(client["revoked_at"]), author_from(client["revoked_by"], client["revoked_by_name"])
    )


def last_write_from(row: asyncpg.Record) -> LastWrite:
    return LastWrite(plain_moment(row["at"]), author_from(row["by_id"], row["by_name"]))


def server_data_from(version: int | None, is_deleted: bool, payload: Any) -> ServerData | None:
    return None if version is None else ServerData(version, is_deleted, payload)


def told_template_from(row: asyncpg.Record) -> ToldTemplate:
    """Of a row whose content is still text."""
    return ToldTemplate(
        id=plain_uuid(row["id"]),
        school_id=plain_uuid(row["school_id"]),
        content=StoredContent.of(row["content"]),
        created_at=plain_moment(row["created_at"]),
        updated_at=plain_moment(row["updated_at"]),
        deleted_at=optional_moment(row["deleted_at"]),
        version=row["version"],
        sync_version=row["sync_version"],
    )
