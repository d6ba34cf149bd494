"""What of a school that moves goes into which table: its columns, how it is found there, and when it is the same."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import asyncpg

from server.domain.annotations import Annotation
from server.domain.attendance import SeatSpan
from server.domain.audit import AuditEntry
from server.domain.devices import Device, EditConflict
from server.domain.events import Event
from server.domain.limits import limits_as_json
from server.domain.moving import Edited, MovedSeat, MovedSession, MovedTemplate, MovedTrainer
from server.domain.sync import written_as_json
from server.domain.template import changed_template_fields
from server.storage.postgres.audit import entry_from
from server.storage.postgres.moving import device_from, edited_from, moved_seat_from, span_from
from server.storage.postgres.rows import (
    EVENT_COLUMNS,
    SESSION_COLUMNS,
    annotation_from,
    case_from,
    case_values,
    event_from,
    event_values,
    forked_from_values,
    session_from,
    template_from,
    trainer_from,
)
from server.storage.postgres.school_transaction import AUDIT_COLUMNS, audit_values
from server.storage.postgres.sync_rows import conflict_from

Moved = TypeVar("Moved")

Values = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Table(Generic[Moved]):
    """Of one type of lines. `differences` tells what is not the same in the file (the first) and here."""

    type: str
    name: str
    find: str
    """By $1, the keys, in the school $2."""
    key: Callable[[Moved], object]
    read: Callable[[asyncpg.Record], Moved]
    values: Callable[[Moved, datetime], Values]
    """Also told: when the file was exported."""
    differences: Callable[[Moved, Moved], Sequence[str]]
    called: Callable[[Moved], str]
    owner: Callable[[Moved], UUID]
    """The school, or the session that it belongs to."""


def insert_into(table: str, values: Values) -> str:
    places = ", ".join(f"${number}" for number in range(1, len(values) + 1))
    return f"INSERT INTO {table} ({', '.join(values)}) VALUES ({places})"  # noqa: S608 - names of columns, from here


# What says when and how often a row was edited, and nothing of what it is.
_EDITING = ("version", "updated_at", "created_at")


def _differences(file: Any, here: Any, besides: Collection[str] = ()) -> list[str]:
    """The fields of two dataclasses that are not the same, with both values where they are short."""
    found: list[str] = []
    for each in fields(file):
        one, other = getattr(file, each.name), getattr(here, each.name)
        if one != other and each.name not in (*_EDITING, *besides):
            found.append(f"{each.name} {_short(one)} in the file, {_short(other)} here")
    return found


def _short(value: object) -> str:
    text = f"{value:%Y-%m-%d %H:%M:%S}" if isinstance(value, datetime) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _edited(edited: Edited) -> Values:
    return {
        "sync_version": edited.version,
        "first_version": edited.first_version,
        "written": written_as_json(edited.written),
    }


def _trainer_values(part: MovedTrainer, exported_at: datetime) -> Values:
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


def _trainer_differences(file: MovedTrainer, here: MovedTrainer) -> list[str]:
    same_password = file.password_hash == here.password_hash
    return [*_differences(file.trainer, here.trainer), *([] if same_password else ["another password"])]


def _template_values(part: MovedTemplate, exported_at: datetime) -> Values:
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


def _template_differences(file: MovedTemplate, here: MovedTemplate) -> list[str]:
    changed = changed_template_fields(here.template.content, file.template.content)
    parts = [f"other {', '.join(changed)}"] if changed else []
    return [*parts, *_differences(file.template, here.template, ("content",))]


def _session_from(row: asyncpg.Record) -> MovedSession:
    case = None
    if row["case_template_id"] is not None:
        case = case_from({**row, "template_id": row["case_template_id"]})
    return MovedSession(session_from(row), case, edited_from(row))


def _session_values(part: MovedSession, exported_at: datetime) -> Values:
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
        **_edited(part.edited),
    }


def _session_differences(file: MovedSession, here: MovedSession) -> list[str]:
    """Its code may have had to be another one; its values are those of its events."""
    found = _differences(file.session, here.session, ("code", "last_values"))
    return found if file.case == here.case else [*found, "another case"]


def _seat_values(part: MovedSeat, exported_at: datetime) -> Values:
    seat = part.seat
    return {
        "id": seat.id,
        "session_id": seat.session_id,
        "token_hash": part.token_hash,
        "name": seat.name,
        "joined_at": seat.joined_at,
        "removed_at": seat.removed_at,
    }


def _seat_differences(file: MovedSeat, here: MovedSeat) -> list[str]:
    same_token = file.token_hash == here.token_hash
    return [*_differences(file.seat, here.seat), *([] if same_token else ["another token"])]


def _event_values(event: Event, exported_at: datetime) -> Values:
    return dict(zip(EVENT_COLUMNS.split(", "), event_values(event), strict=True))


def _event_differences(file: Event, here: Event) -> list[str]:
    return [] if file == here else ["another event under the same id"]


def _span_values(span: SeatSpan, exported_at: datetime) -> Values:
    return {
        "id": span.id,
        "seat_id": span.seat_id,
        "session_id": span.session_id,
        "joined_at": span.joined_at,
        "left_at": span.left_at,
        "seen_at": max(span.joined_at, span.left_at or exported_at),
    }


def _annotation_values(annotation: Annotation, exported_at: datetime) -> Values:
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


def _audit_values(entry: AuditEntry, exported_at: datetime) -> Values:
    return dict(zip(AUDIT_COLUMNS.split(", "), audit_values(entry), strict=True))


def _device_values(device: Device, exported_at: datetime) -> Values:
    return {
        "school_id": device.school_id,
        "client_id": device.client_id,
        "trainer_id": device.trainer_id,
        "last_seen_at": device.last_seen_at,
        "created_at": device.last_seen_at,
    }


def _conflict_values(conflict: EditConflict, exported_at: datetime) -> Values:
    data = conflict.data
    return {
        "id": conflict.id,
        "school_id": conflict.school_id,
        "client_id": conflict.client_id,
        "mutation_id": conflict.event_id,
        "entity_type": conflict.entity_type,
        "entity_id": conflict.entity_id,
        "reason": conflict.reason,
        "local_payload": conflict.local_payload,
        "local_fields": None if conflict.local_fields is None else sorted(conflict.local_fields),
        "server_version": None if data is None else data.version,
        "server_deleted": data is not None and data.is_deleted,
        "server_payload": None if data is None else data.payload,
        "created_at": conflict.created_at,
    }


def case_row(part: MovedSession) -> Values | None:
    if part.case is None:
        return None
    names = ("session_id", "template_id", "template_version", "description", "steps", "checklist", "targets")
    return dict(zip(names, case_values(part.session.id, part.case), strict=True))


TRAINERS: Table[MovedTrainer] = Table(
    "trainer",
    "trainers",
    "SELECT * FROM trainers WHERE id = ANY($1)",
    key=lambda part: part.trainer.id,
    read=lambda row: MovedTrainer(trainer_from(row), row["password_hash"], edited_from(row)),
    values=_trainer_values,
    differences=_trainer_differences,
    called=lambda part: f"{part.trainer.name} <{part.trainer.email}> ({part.trainer.id})",
    owner=lambda part: part.trainer.school_id,
)
TEMPLATES: Table[MovedTemplate] = Table(
    "template",
    "session_templates",
    "SELECT * FROM session_templates WHERE id = ANY($1)",
    key=lambda part: part.template.id,
    read=lambda row: MovedTemplate(template_from(row), edited_from(row)),
    values=_template_values,
    differences=_template_differences,
    called=lambda part: f"«{part.template.content.title}» ({part.template.id})",
    owner=lambda part: part.template.school_id,
)
SESSIONS: Table[MovedSession] = Table(
    "session",
    "sessions",
    f"""
    SELECT {SESSION_COLUMNS}, sync_version, first_version, written, opened.*
    FROM sessions LEFT JOIN (
        SELECT session_id, template_id AS case_template_id, template_version, description, steps, checklist, targets
        FROM session_cases
    ) AS opened ON opened.session_id = sessions.id
    WHERE sessions.id = ANY($1)
    """,  # noqa: S608 - only the constant list of columns is filled in
    key=lambda part: part.session.id,
    read=_session_from,
    values=_session_values,
    differences=_session_differences,
    called=lambda part: f"«{part.session.title}», code {part.session.code} ({part.session.id})",
    owner=lambda part: part.session.school_id,
)
SEATS: Table[MovedSeat] = Table(
    "seat",
    "seats",
    "SELECT * FROM seats WHERE id = ANY($1)",
    key=lambda part: part.seat.id,
    read=moved_seat_from,
    values=_seat_values,
    differences=_seat_differences,
    called=lambda part: f"«{part.seat.name}» ({part.seat.id})",
    owner=lambda part: part.seat.session_id,
)
EVENTS: Table[Event] = Table(
    "event",
    "session_events",
    f"SELECT {EVENT_COLUMNS} FROM session_events WHERE id = ANY($1)",  # noqa: S608 - constants
    key=lambda event: event.id,
    read=event_from,
    values=_event_values,
    differences=_event_differences,
    called=lambda event: f"{event.seq} ({event.id})",
    owner=lambda event: event.session_id,
)
SPANS: Table[SeatSpan] = Table(
    "attendance",
    "attendance",
    "SELECT * FROM attendance WHERE id = ANY($1)",
    key=lambda span: span.id,
    read=span_from,
    values=_span_values,
    differences=_differences,
    called=lambda span: f"of seat {span.seat_id} ({span.id})",
    owner=lambda span: span.session_id,
)
ANNOTATIONS: Table[Annotation] = Table(
    "annotation",
    "annotations",
    "SELECT * FROM annotations WHERE id = ANY($1)",
    key=lambda annotation: annotation.id,
    read=annotation_from,
    values=_annotation_values,
    differences=_differences,
    called=lambda annotation: f"by {annotation.author.name} ({annotation.id})",
    owner=lambda annotation: annotation.session_id,
)
AUDIT: Table[AuditEntry] = Table(
    "audit",
    "audit",
    "SELECT * FROM audit WHERE id = ANY($1)",
    key=lambda entry: entry.id,
    read=entry_from,
    values=_audit_values,
    differences=_differences,
    called=lambda entry: f"«{entry.action}» ({entry.id})",
    owner=lambda entry: entry.school_id,
)
DEVICES: Table[Device] = Table(
    "device",
    "sync_clients",
    "SELECT * FROM sync_clients WHERE client_id = ANY($1) AND school_id = $2",
    key=lambda device: device.client_id,
    read=device_from,
    values=_device_values,
    differences=lambda file, here: _differences(file, here, ("last_seen_at",)),
    called=lambda device: device.client_id,
    owner=lambda device: device.school_id,
)
CONFLICTS: Table[EditConflict] = Table(
    "conflict",
    "sync_conflicts",
    "SELECT * FROM sync_conflicts WHERE id = ANY($1)",
    key=lambda conflict: conflict.id,
    read=conflict_from,
    values=_conflict_values,
    differences=lambda file, here: _differences(file, here, ("resolved_at", "kept")),
    called=lambda conflict: f"of {conflict.client_id} ({conflict.id})",
    owner=lambda conflict: conflict.school_id,
)

# In the order of their references.
TABLES: Mapping[type, Table[Any]] = {
    MovedTrainer: TRAINERS,
    MovedTemplate: TEMPLATES,
    MovedSession: SESSIONS,
    MovedSeat: SEATS,
    Event: EVENTS,
    SeatSpan: SPANS,
    Annotation: ANNOTATIONS,
    AuditEntry: AUDIT,
    Device: DEVICES,
    EditConflict: CONFLICTS,
}
