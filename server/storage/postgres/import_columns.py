"""The columns of what a school that moves consists of. A column that is added to a table is one line here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from server.domain.annotations import Annotation
from server.domain.attendance import SeatSpan
from server.domain.audit import AuditEntry
from server.domain.debrief.moment_edits import MomentEdit
from server.domain.devices import Device, EditConflict
from server.domain.events import Event
from server.domain.limits import limits_as_json
from server.domain.moving import Edited, MovedSeat, MovedSession, MovedTemplate, MovedTrainer
from server.domain.reflections import Reflection
from server.domain.scores import ScoreSheet
from server.domain.sync import written_as_json
from server.storage.postgres.reflections import REFLECTION_COLUMNS, reflection_values
from server.storage.postgres.rows import (
    EVENT_COLUMNS,
    case_values,
    event_values,
    forked_from_values,
    lock_values,
)
from server.storage.postgres.school_transaction import AUDIT_COLUMNS, audit_values
from server.storage.postgres.scores import SHEET_COLUMNS, sheet_values

Values = Mapping[str, object]


def insert_into(table: str, values: Values) -> str:
    places = ", ".join(f"${number}" for number in range(1, len(values) + 1))
    return f"INSERT INTO {table} ({', '.join(values)}) VALUES ({places})"  # noqa: S608 - names of columns, from here


def _edited(edited: Edited) -> Values:
    return {
        "sync_version": edited.version,
        "first_version": edited.first_version,
        "written": written_as_json(edited.written),
    }


def trainer_columns(part: MovedTrainer, exported_at: datetime) -> Values:
    trainer = part.trainer
    return {
        "id": trainer.id,
        "school_id": trainer.school_id,
        "email": trainer.email,
        "password_hash": part.password_hash,
        "name": trainer.name,
        "role": trainer.role,
        "created_at": trainer.created_at,
        "updated_at": trainer.updated_at,
        "deleted_at": trainer.deleted_at,
        "version": trainer.version,
        **_edited(part.edited),
    }


def template_columns(part: MovedTemplate, exported_at: datetime) -> Values:
    template = part.template
    return {
        "id": template.id,
        "school_id": template.school_id,
        "content": template.content.as_json(),
        "created_at": template.created_at,
        "updated_at": template.updated_at,
        "deleted_at": template.deleted_at,
        "version": template.version,
        **_edited(part.edited),
    }


def session_columns(part: MovedSession, exported_at: datetime) -> Values:
    session = part.session
    return {
        "id": session.id,
        "school_id": session.school_id,
        "trainer_id": session.trainer_id,
        "template_id": session.template_id,
        "code": session.code,
        "title": session.title,
        "public_title": session.public_title,
        "trainee_name": session.trainee_name,
        "created_at": session.created_at,
        "updated_at": session.updated_at,
        "expires_at": session.expires_at,
        "closed_at": session.closed_at,
        "close_reason": session.close_reason,
        "last_values": session.last_values.as_json(),
        "last_seq": session.last_seq,
        "limits": limits_as_json(session.limits),
        "version": session.version,
        "co_trainer_ids": session.co_trainer_ids,
        "shows_conditions": session.shows_conditions,
        "forked_from": forked_from_values(session.forked_from),
        "lock": lock_values(session.lock),
        "names_out_at": session.names_out_at,
        **_edited(part.edited),
    }


def seat_columns(part: MovedSeat, exported_at: datetime) -> Values:
    seat = part.seat
    return {
        "id": seat.id,
        "session_id": seat.session_id,
        "token_hash": part.token_hash,
        "name": seat.name,
        "joined_at": seat.joined_at,
        "removed_at": seat.removed_at,
    }


def event_columns(event: Event, exported_at: datetime) -> Values:
    return dict(zip(EVENT_COLUMNS.split(", "), event_values(event), strict=True))


def span_columns(span: SeatSpan, exported_at: datetime) -> Values:
    return {
        "id": span.id,
        "seat_id": span.seat_id,
        "session_id": span.session_id,
        "joined_at": span.joined_at,
        "left_at": span.left_at,
        "seen_at": max(span.joined_at, span.left_at or exported_at),
    }


def annotation_columns(annotation: Annotation, exported_at: datetime) -> Values:
    return {
        "id": annotation.id,
        "session_id": annotation.session_id,
        "school_id": annotation.school_id,
        "at": annotation.at,
        "kind": annotation.kind,
        "text": annotation.text,
        "marker": annotation.marker,
        "author_id": annotation.author.id,
        "author_name": annotation.author.name,
        "created_at": annotation.created_at,
        "updated_at": annotation.updated_at,
        "deleted_at": annotation.deleted_at,
        "version": annotation.version,
    }


def moment_columns(edit: MomentEdit, exported_at: datetime) -> Values:
    return {
        "id": edit.id,
        "session_id": edit.session_id,
        "school_id": edit.school_id,
        "seq": edit.seq,
        "kind": edit.kind,
        "is_hidden": edit.is_hidden,
        "title": edit.title,
        "updated_at": edit.updated_at,
    }


def sheet_columns(sheet: ScoreSheet, exported_at: datetime) -> Values:
    return dict(zip(SHEET_COLUMNS, sheet_values(sheet), strict=True))


def reflection_columns(reflection: Reflection, exported_at: datetime) -> Values:
    return dict(zip(REFLECTION_COLUMNS, reflection_values(reflection), strict=True))


def audit_columns(entry: AuditEntry, exported_at: datetime) -> Values:
    return dict(zip(AUDIT_COLUMNS.split(", "), audit_values(entry), strict=True))


def device_columns(device: Device, exported_at: datetime) -> Values:
    revoked = device.revoked
    return {
        "school_id": device.school_id,
        "client_id": device.client_id,
        "trainer_id": device.trainer_id,
        "last_seen_at": device.last_seen_at,
        "created_at": device.last_seen_at,
        "revoked_at": None if revoked is None else revoked.at,
        "revoked_by": None if revoked is None else revoked.by.id,
        "revoked_by_name": None if revoked is None else revoked.by.name,
    }


def conflict_columns(conflict: EditConflict, exported_at: datetime) -> Values:
    data = conflict.data
    by = None if data is None else data.written_by
    return {
        "id": conflict.id,
        "school_id": conflict.school_id,
        "client_id": conflict.client_id,
        "trainer_id": conflict.trainer_id,
        "mutation_id": conflict.event_id,
        "entity_type": conflict.entity_type,
        "entity_id": conflict.entity_id,
        "reason": conflict.reason,
        "local_payload": conflict.local_payload,
        "local_fields": None if conflict.local_fields is None else sorted(conflict.local_fields),
        "server_version": None if data is None else data.version,
        "server_deleted": data is not None and data.is_deleted,
        "server_payload": None if data is None else data.payload,
        "server_at": None if data is None else data.written_at,
        "server_by": None if by is None else by.id,
        "server_by_name": None if by is None else by.name,
        "created_at": conflict.created_at,
    }


def case_columns(part: MovedSession) -> Values | None:
    if part.case is None:
        return None
    names = (
        "session_id", "template_id", "template_version", "description", "steps", "checklist", "targets", "pass_percent",
    )  # fmt: skip
    return dict(zip(names, case_values(part.session.id, part.case), strict=True))
