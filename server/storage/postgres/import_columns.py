"""The columns of what a school that moves consists of. A column that is added to a table is one line here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from server.domain.annotations import Annotation
from server.domain.attendance import SeatSpan
from server.domain.audit import AuditEntry
from server.domain.debrief.moment_edits import MomentEdit
from server.domain.devices import Device, EditConflict
from server.domain.events import Event
from server.domain.moving import MovedSeat, MovedSession, MovedTemplate, MovedTrainer
from server.domain.reflections import Reflection
from server.domain.scores import ScoreSheet
from server.storage.postgres.moments import MOMENT_COLUMNS, moment_edit_values
from server.storage.postgres.reflections import REFLECTION_COLUMNS, reflection_values
from server.storage.postgres.rows import (
    EVENT_COLUMNS,
    event_values,
    limits_values,
)
from server.storage.postgres.school_transaction import AUDIT_COLUMNS, audit_values
from server.storage.postgres.scores import SHEET_COLUMNS, sheet_values
from server.storage.postgres.session_rows import Values, case_columns, edited_columns, session_columns


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
        **edited_columns(part.edited),
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
        **edited_columns(part.edited),
    }


def moved_session_columns(part: MovedSession, exported_at: datetime) -> Values:
    return session_columns(part.session, part.edited)


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
    return dict(zip(MOMENT_COLUMNS, moment_edit_values(edit), strict=True))


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


def moved_case_columns(part: MovedSession) -> Values | None:
    return None if part.case is None else case_columns(part.session.id, part.case)


def moved_limits_rows(part: MovedSession) -> Sequence[Values]:
    return [limits_values(part.session.id, each) for each in part.limits_since]
