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
from server.domain.debrief.moment_edits import MomentEdit
from server.domain.devices import Device, EditConflict
from server.domain.events import Event
from server.domain.moving import MovedSeat, MovedSession, MovedTemplate, MovedTrainer
from server.domain.reflections import Reflection
from server.domain.scores import ScoreSheet
from server.domain.template import changed_template_fields
from server.storage.postgres.audit import entry_from
from server.storage.postgres.import_columns import (
    Values,
    annotation_columns,
    audit_columns,
    conflict_columns,
    device_columns,
    event_columns,
    moment_columns,
    moved_session_columns,
    reflection_columns,
    seat_columns,
    sheet_columns,
    span_columns,
    template_columns,
    trainer_columns,
)
from server.storage.postgres.moments import moment_edit_from
from server.storage.postgres.moving import device_from, edited_from, moved_seat_from, span_from
from server.storage.postgres.reflections import reflection_from
from server.storage.postgres.rows import (
    EVENT_COLUMNS,
    LIMITS_SINCE,
    SESSION_COLUMNS,
    annotation_from,
    case_from,
    event_from,
    limits_since_from,
    session_from,
    template_from,
    trainer_from,
)
from server.storage.postgres.scores import sheet_from
from server.storage.postgres.sync_rows import conflict_from

Moved = TypeVar("Moved")


@dataclass(frozen=True, slots=True)
class Table(Generic[Moved]):
    """Of one type of lines. `differences` tells what is not the same in the file (the first) and here."""

    type: str
    name: str
    find: str
    """By $1, the keys, in the school $2."""
    key: Callable[[Moved], object]
    read: Callable[[asyncpg.Record], Moved]
    columns: Callable[[Moved, datetime], Values]
    """Also told: when the file was exported."""
    differences: Callable[[Moved, Moved], Sequence[str]]
    called: Callable[[Moved], str]
    owner: Callable[[Moved], UUID]
    """The school, or the session that it belongs to."""


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


def _trainer_differences(file: MovedTrainer, here: MovedTrainer) -> list[str]:
    same_password = file.password_hash == here.password_hash
    return [*_differences(file.trainer, here.trainer), *([] if same_password else ["another password"])]


def _template_differences(file: MovedTemplate, here: MovedTemplate) -> list[str]:
    changed = changed_template_fields(here.template.content, file.template.content)
    parts = [f"other {', '.join(changed)}"] if changed else []
    return [*parts, *_differences(file.template, here.template, ("content",))]


def _session_from(row: asyncpg.Record) -> MovedSession:
    case = None
    if row["case_template_id"] is not None:
        case = case_from({**row, "template_id": row["case_template_id"]})
    return MovedSession(session_from(row), case, edited_from(row), limits_since_from(row))


def _session_differences(file: MovedSession, here: MovedSession) -> list[str]:
    """Its code may have had to be another one; its values are those of its events."""
    found = _differences(file.session, here.session, ("code", "last_values"))
    if file.limits_since != here.limits_since:
        found.append("other limits at other moments")
    return found if file.case == here.case else [*found, "another case"]


def _seat_differences(file: MovedSeat, here: MovedSeat) -> list[str]:
    same_token = file.token_hash == here.token_hash
    return [*_differences(file.seat, here.seat), *([] if same_token else ["another token"])]


def _event_differences(file: Event, here: Event) -> list[str]:
    return [] if file == here else ["another event under the same id"]


TRAINERS: Table[MovedTrainer] = Table(
    "trainer",
    "trainers",
    "SELECT * FROM trainers WHERE id = ANY($1)",
    key=lambda part: part.trainer.id,
    read=lambda row: MovedTrainer(trainer_from(row), row["password_hash"], edited_from(row)),
    columns=trainer_columns,
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
    columns=template_columns,
    differences=_template_differences,
    called=lambda part: f"«{part.template.content.title}» ({part.template.id})",
    owner=lambda part: part.template.school_id,
)
SESSIONS: Table[MovedSession] = Table(
    "session",
    "sessions",
    f"""
    SELECT {SESSION_COLUMNS}, sync_version, first_version, written, {LIMITS_SINCE}, opened.*
    FROM sessions LEFT JOIN (
        SELECT session_id, template_id AS case_template_id, template_version, description, steps, checklist, targets,
            pass_percent
        FROM session_cases
    ) AS opened ON opened.session_id = sessions.id
    WHERE sessions.id = ANY($1)
    """,  # noqa: S608 - only the constant list of columns is filled in
    key=lambda part: part.session.id,
    read=_session_from,
    columns=moved_session_columns,
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
    columns=seat_columns,
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
    columns=event_columns,
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
    columns=span_columns,
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
    columns=annotation_columns,
    differences=_differences,
    called=lambda annotation: f"by {annotation.author.name} ({annotation.id})",
    owner=lambda annotation: annotation.session_id,
)
MOMENT_EDITS: Table[MomentEdit] = Table(
    "moment",
    "moment_edits",
    "SELECT * FROM moment_edits WHERE id = ANY($1)",
    key=lambda edit: edit.id,
    read=moment_edit_from,
    columns=moment_columns,
    differences=_differences,
    called=lambda edit: f"{edit.kind} of event {edit.seq} ({edit.id})",
    owner=lambda edit: edit.session_id,
)
SHEETS: Table[ScoreSheet] = Table(
    "score_sheet",
    "score_sheets",
    "SELECT * FROM score_sheets WHERE id = ANY($1)",
    key=lambda sheet: sheet.id,
    read=sheet_from,
    columns=sheet_columns,
    differences=_differences,
    called=lambda sheet: f"by {sheet.by.name} ({sheet.id})",
    owner=lambda sheet: sheet.session_id,
)
REFLECTIONS: Table[Reflection] = Table(
    "reflection",
    "reflections",
    "SELECT * FROM reflections WHERE id = ANY($1)",
    key=lambda reflection: reflection.id,
    read=reflection_from,
    columns=reflection_columns,
    differences=_differences,
    called=lambda reflection: str(reflection.id),
    owner=lambda reflection: reflection.session_id,
)
AUDIT: Table[AuditEntry] = Table(
    "audit",
    "audit",
    "SELECT * FROM audit WHERE id = ANY($1)",
    key=lambda entry: entry.id,
    read=entry_from,
    columns=audit_columns,
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
    columns=device_columns,
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
    columns=conflict_columns,
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
    MomentEdit: MOMENT_EDITS,
    ScoreSheet: SHEETS,
    Reflection: REFLECTIONS,
    AuditEntry: AUDIT,
    Device: DEVICES,
    EditConflict: CONFLICTS,
}
