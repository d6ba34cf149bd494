"""What devices are told, in the words that they speak: camelCase."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from server.domain.devices import (
    Acknowledged,
    CallRecord,
    Conflicted,
    Device,
    EditConflict,
    Entity,
    EventOutcome,
    LoggedEvent,
    ServerData,
)
from server.domain.judging import Rejected
from server.domain.outcomes import FieldError
from server.domain.people import Trainer
from server.domain.permissions import sees_addresses
from server.domain.session import Session
from server.domain.template import Template
from server.domain.timestamps import write_optional_timestamp, write_timestamp
from server.ports.slices import Slices
from server.service.sync.judging import Show
from server.service.sync.pages import Change, Changes
from server.transport.wire.answers import author_answer, session_answer, template_answer
from server.transport.wire.ids import uuid5_text


def show_to(trainer: Trainer, *, with_addresses: bool | None = None) -> Show:
    """Of colleagues only admins are told the address, unless told otherwise."""
    shows_addresses = sees_addresses(trainer) if with_addresses is None else with_addresses

    def show(entity: Entity) -> Mapping[str, object]:
        match entity:
            case Template():
                return template_answer(entity)
            case Session():
                return session_answer(entity)
            case Trainer():
                return _person(entity, with_email=shows_addresses)

    return show


def _person(person: Trainer, *, with_email: bool) -> Mapping[str, object]:
    email = {"email": person.email} if with_email else {}
    return {
        "id": str(person.id),
        "name": person.name,
        **email,
        "role": person.role,
        "deleted_at": write_optional_timestamp(person.deleted_at),
    }


def server_data_answer(data: ServerData | None) -> dict[str, Any] | None:
    if data is None:
        return None
    told: dict[str, Any] = {"version": data.version, "deleted": data.is_deleted, "payload": data.payload}
    if data.written_at is None:
        return told
    by = None if data.written_by is None else author_answer(data.written_by)
    return {**told, "modifiedAt": write_timestamp(data.written_at), "modifiedBy": by}


async def sent_answer(
    events: Sequence[tuple[UUID, str, str]], outcomes: Sequence[EventOutcome], school_id: UUID
) -> dict[str, list[dict[str, Any]]]:
    """`events` are the id of each, the same as it was sent, and the id of its entity."""
    slices = Slices()
    answer: dict[str, list[dict[str, Any]]] = {"acknowledged": [], "conflicts": [], "rejected": []}
    for (event_id, sent_id, entity_id), outcome in zip(events, outcomes, strict=True):
        match outcome:
            case Acknowledged(version, data):
                told: dict[str, Any] = {
                    "outboxEventId": sent_id,
                    "serverEventId": uuid5_text(school_id, str(event_id)),
                    "entityId": entity_id,
                    "serverVersion": version,
                }
                answer["acknowledged"].append(
                    told if data is None else {**told, "serverData": server_data_answer(data)}
                )
            case Conflicted(conflict_id, reason, data):
                answer["conflicts"].append(
                    {
                        "outboxEventId": sent_id,
                        "conflictId": str(conflict_id),
                        "reason": reason,
                        "serverData": server_data_answer(data),
                    }
                )
            case Rejected(reason, errors):
                rejected: dict[str, Any] = {"outboxEventId": sent_id, "reason": reason}
                answer["rejected"].append({**rejected, "errors": errors_answer(errors)} if errors else rejected)
        await slices.breathe()
    return answer


def errors_answer(errors: Sequence[FieldError]) -> list[dict[str, str]]:
    return [{"field": error.field, "message": error.message} for error in errors]


def changes_answer(changes: Changes, now: datetime) -> dict[str, Any]:
    return {"changes": [change_answer(change) for change in changes.rows], **around_changes(changes, now)}


def around_changes(changes: Changes, now: datetime) -> dict[str, Any]:
    """What stands beside them."""
    return {
        "syncTimestamp": changes.cursor,
        "hasMore": changes.has_more,
        "serverEpoch": changes.epoch,
        "serverTime": write_timestamp(now),
    }


def change_answer(change: Change) -> dict[str, Any]:
    row = change.row
    operation = "DELETE" if row.is_deleted else "CREATE" if change.is_new else "UPDATE"
    return {
        "id": uuid5_text(row.entity.id, str(row.version)),
        "entityType": change.type,
        "entityId": str(row.entity.id),
        "operation": operation,
        "payload": orjson.Fragment(change.payload),
        "serverVersion": row.version,
        "modifiedAt": write_timestamp(row.entity.updated_at),
    }


def conflict_answer(conflict: EditConflict) -> dict[str, Any]:
    return {
        "id": str(conflict.id),
        "clientId": conflict.client_id,
        "trainerId": None if conflict.trainer_id is None else str(conflict.trainer_id),
        "entityType": conflict.entity_type,
        "entityId": str(conflict.entity_id),
        "reason": conflict.reason,
        "localPayload": conflict.local_payload,
        "localFields": None if conflict.local_fields is None else sorted(conflict.local_fields),
        "serverData": server_data_answer(conflict.data),
        "createdAt": write_timestamp(conflict.created_at),
        "resolvedAt": write_optional_timestamp(conflict.resolved_at),
        "kept": conflict.kept,
    }


def call_answer(call: CallRecord) -> dict[str, Any]:
    completed = call.completed_at
    return {
        "id": str(call.id),
        "tenantId": str(call.school_id),
        "clientId": call.client_id,
        "direction": call.direction,
        "eventsCount": call.events,
        "acknowledgedCount": call.acknowledged,
        "conflictsCount": call.conflicts,
        "rejectedCount": call.rejected,
        "status": call.status,
        "startedAt": write_timestamp(call.started_at),
        "completedAt": write_optional_timestamp(completed),
        "duration": None if completed is None else int((completed - call.started_at).total_seconds() * 1000),
        "errorMessage": call.error,
    }


def logged_event_answer(event: LoggedEvent) -> dict[str, Any]:
    return {
        "outboxEventId": str(event.event_id),
        "entityType": event.entity_type,
        "entityId": event.entity_id,
        "outcome": event.outcome,
        "reason": event.reason,
    }


def device_answer(device: Device, newest: int) -> dict[str, Any]:
    return {
        "clientId": device.client_id,
        "trainerId": None if device.trainer_id is None else str(device.trainer_id),
        "hallId": None if device.hall_id is None else str(device.hall_id),
        "lastSeenAt": write_timestamp(device.last_seen_at),
        "cursor": device.cursor,
        "behind": device.cursor is None or device.cursor < newest,
        "revokedAt": None if device.revoked is None else write_timestamp(device.revoked.at),
        "revokedBy": None if device.revoked is None else author_answer(device.revoked.by),
    }
