"""What a device sent, read: one event of an `up`, in its envelope."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from server.domain.audit import author_of
from server.domain.devices import ENTITY_TYPES, EntityType
from server.domain.events import EventDraft
from server.domain.judging import OPERATIONS, Edit, Operation, Rejected
from server.domain.nesting import nesting_errors
from server.domain.outcomes import FieldError, InvalidBody, InvalidFields
from server.domain.people import Trainer
from server.domain.session import CO_TRAINERS_LIMIT
from server.domain.sync import LARGEST_VERSION
from server.service.sync.events import (
    NOTHING_NAMED,
    DeviceEdit,
    DeviceEvent,
    DeviceFact,
    RecordedFact,
    SchoolNames,
    UnreadableEvent,
)
from server.transport.devices.field_reading import kept, read_fields, read_names, sent_text
from server.transport.wire.ids import read_uuid, read_uuids
from server.transport.wire.reading import (
    action_draft,
    case_fact,
    note_draft,
    read_event,
    vitals_draft,
)
from server.transport.wire.requests import (
    ActionEventBody,
    NoteEventBody,
    VitalsEventBody,
)

SESSION_EVENT = "SESSION_EVENT"


@dataclass(frozen=True, slots=True)
class Envelope:
    """What of an event has nothing to do with the kind of its entity. `entity_id` as the server writes ids, if it is
    one, else as it was sent.
    """

    id: UUID
    type: str
    entity_id: str
    raw: Mapping[str, object]

    def unreadable(self, *errors: FieldError, named: SchoolNames = NOTHING_NAMED) -> UnreadableEvent:
        return UnreadableEvent(self.id, self.type, self.entity_id, Rejected("invalid_fields", errors), named)

    def refused(self, reason: Any) -> UnreadableEvent:
        return UnreadableEvent(self.id, self.type, self.entity_id, Rejected(reason))


def read_envelope(place: int, raw: object) -> Envelope | FieldError:
    """Without an id there is nothing by which the outcome could be told, so the whole call is refused."""
    if not isinstance(raw, dict):
        return FieldError(f"events.{place}", "must be an object")
    event = cast(Mapping[str, object], raw)
    event_id = read_uuid(event.get("id"))
    if event_id is None:
        return FieldError(f"events.{place}.id", "must be a UUID such as 3f2c1a90-5b6d-4e7f-8a9b-0c1d2e3f4a5b")
    entity_id = read_uuid(event.get("entityId"))
    told = sent_text(event.get("entityId")) if entity_id is None else str(entity_id)
    return Envelope(event_id, sent_text(event.get("entityType")), told, event)


def read_device_event(envelope: Envelope, client: str, trainer: Trainer) -> DeviceEvent:
    raw = envelope.raw
    if envelope.type not in (*ENTITY_TYPES, SESSION_EVENT):
        return envelope.refused("unknown_type")
    tenant = raw.get("tenantId")
    if tenant not in (None, "") and read_uuid(tenant) != trainer.school_id:
        return envelope.refused("forbidden")
    errors: list[FieldError] = []
    entity_id = read_uuid(raw.get("entityId"))
    if entity_id is None:
        errors.append(FieldError("entityId", "must be a UUID"))
    operation = raw.get("operation")
    if operation not in OPERATIONS:
        errors.append(FieldError("operation", f"must be one of {', '.join(OPERATIONS)}"))
    version = _read_number(raw, "localVersion", errors) or 0
    seq = _read_number(raw, "seq", errors)
    payload = raw.get("payload")
    if operation != "DELETE" and not isinstance(payload, dict):
        errors.append(FieldError("payload", "must be an object"))
    sent = cast(dict[str, object], payload) if isinstance(payload, dict) else dict[str, object]()
    if operation != "DELETE":
        errors += [FieldError(f"payload.{each.field}", each.message) for each in nesting_errors(cast(Any, sent))]
    if errors or entity_id is None:
        return envelope.unreadable(*errors)
    if envelope.type == SESSION_EVENT:
        return _read_fact(envelope, entity_id, cast(Operation, operation), sent, trainer)
    return _read_edit(
        envelope, entity_id, Edit(cast(Operation, operation), client, seq, version), sent, raw.get("changedFields")
    )


def _read_edit(
    envelope: Envelope, entity_id: UUID, edit: Edit, payload: Mapping[str, object], changed: object
) -> DeviceEvent:
    entity_type = cast(EntityType, envelope.type)
    if edit.operation == "DELETE":
        return DeviceEdit(envelope.id, entity_type, entity_id, edit, None, None)
    fields = read_fields(entity_type, payload)
    if isinstance(fields, InvalidFields):
        errors = (FieldError(f"payload.{each.field}", each.message) for each in fields.errors)
        return envelope.unreadable(*errors, named=named_in(entity_type, payload, is_new=edit.operation == "CREATE"))
    names = None
    if edit.operation == "UPDATE" and changed is not None:
        names = read_names(entity_type, changed, fields.named)
        if isinstance(names, FieldError):
            return envelope.unreadable(names)
    told = Edit(edit.operation, edit.client, edit.seq, edit.local_version, fields.named, names)
    return DeviceEdit(envelope.id, entity_type, entity_id, told, kept(entity_type, payload), fields.values)


def named_in(entity_type: EntityType, payload: Mapping[str, object], *, is_new: bool) -> SchoolNames:
    """What of the school these fields name, which could not all be read; by its template a session only begins."""
    if entity_type != "SESSION":
        return NOTHING_NAMED
    template_id = read_uuid(payload.get("template_id")) if is_new else None
    return SchoolNames(template_id, read_uuids(payload.get("co_trainer_ids"))[:CO_TRAINERS_LIMIT])


def _read_fact(
    envelope: Envelope, entity_id: UUID, operation: Operation, payload: Mapping[str, object], trainer: Trainer
) -> DeviceEvent:
    if operation != "CREATE":
        return envelope.refused("forbidden")
    session_id = read_uuid(payload.get("session_id"))
    if session_id is None:
        return envelope.unreadable(FieldError("payload.session_id", "must be a UUID"))
    body = read_event({**{name: each for name, each in payload.items() if name != "session_id"}, "id": str(entity_id)})
    author = author_of(trainer)
    match body:
        case VitalsEventBody():
            draft = vitals_draft(body, author)
        case NoteEventBody():
            draft = note_draft(body, author)
        case ActionEventBody():
            draft = action_draft(body, author)
        case InvalidBody(detail):
            return envelope.unreadable(FieldError("payload", detail))
        case InvalidFields():
            draft = body
        case _:
            draft = EventDraft(entity_id, author, case_fact(body), body.made_at)
    if isinstance(draft, InvalidFields):
        return envelope.unreadable(*(FieldError(f"payload.{each.field}", each.message) for each in draft.errors))
    return DeviceFact(envelope.id, entity_id, RecordedFact(session_id, draft))


def _read_number(raw: Mapping[str, object], name: str, errors: list[FieldError]) -> int | None:
    value = raw.get(name)
    if value is None:
        return None
    number = read_version(value)
    if number is None:
        errors.append(FieldError(name, f"must be a whole number from 0 to {LARGEST_VERSION}"))
    return number


def read_version(value: object) -> int | None:
    """A version may come as a number or as its text."""
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 17:
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LARGEST_VERSION:
        return None
    return value
