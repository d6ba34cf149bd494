"""What a device sent, read: one event of an `up`, in its envelope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
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
from server.service.sync.judging import in_payload
from server.transport.devices.field_reading import (
    kept,
    lacks,
    late_errors,
    opening_errors,
    read_fields,
    read_names,
    sent_text,
)
from server.transport.wire.ids import read_uuid, read_uuids
from server.transport.wire.reading import (
    action_draft,
    case_fact,
    event_model,
    note_draft,
    read_event,
    vitals_draft,
)
from server.transport.wire.requests import (
    ActionEventBody,
    NoteEventBody,
    VitalsEventBody,
)
from server.transport.wire.values import with_all

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


def read_device_event(
    envelope: Envelope, client: str, trainer: Trainer, now: datetime, unread: Sequence[FieldError] = ()
) -> DeviceEvent:
    """`unread` is what is wrong with fields that could not be made a part of the payload. Everything that is wrong is
    told at once.
    """
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
    edit = Edit(cast(Operation, operation), client, seq, version)
    if operation == "DELETE" or not isinstance(payload, dict):
        if operation != "DELETE":
            errors.append(FieldError("payload", "must be an object"))
        return _read_whole(envelope, entity_id, edit, errors)
    sent = cast(dict[str, object], payload)
    too_deep = nesting_errors(cast(Any, sent))
    errors += in_payload((*unread, *too_deep))
    read = {name: value for name, value in sent.items() if name not in {each.field for each in too_deep}}
    if envelope.type == SESSION_EVENT:
        return _read_fact(envelope, entity_id, edit, read, trainer, now, errors)
    return _read_edit(envelope, entity_id, edit, read, now, errors)


def _read_whole(envelope: Envelope, entity_id: UUID | None, edit: Edit, errors: Sequence[FieldError]) -> DeviceEvent:
    """A deletion, which needs no payload; or what lacks one."""
    if errors or entity_id is None:
        return envelope.unreadable(*errors)
    if envelope.type == SESSION_EVENT:
        return envelope.refused("forbidden")
    return DeviceEdit(envelope.id, cast(EntityType, envelope.type), entity_id, edit, None, None)


def _read_edit(
    envelope: Envelope,
    entity_id: UUID | None,
    edit: Edit,
    payload: Mapping[str, object],
    now: datetime,
    before: Sequence[FieldError],
) -> DeviceEvent:
    """`before` is what is wrong that was found already."""
    entity_type = cast(EntityType, envelope.type)
    fields = read_fields(entity_type, payload)
    errors = list(before)
    if isinstance(fields, InvalidFields):
        errors += in_payload(fields.errors)
    changed, names = envelope.raw.get("changedFields"), None
    if edit.operation == "UPDATE" and changed is None:
        told = {each.field for each in errors}
        errors += [each for each in in_payload(opening_errors(entity_type, payload)) if each.field not in told]
    elif edit.operation == "UPDATE":
        # What cannot be read was sent all the same.
        unread = {each.field.removeprefix("payload.") for each in before}
        named = payload if isinstance(fields, InvalidFields) else fields.named
        names = read_names(entity_type, changed, {*named, *unread})
        if isinstance(names, FieldError):
            errors.append(names)
    if errors or entity_id is None or isinstance(fields, InvalidFields) or isinstance(names, FieldError):
        written = {name: value for name, value in payload.items() if not isinstance(names, frozenset) or name in names}
        also = in_payload(late_errors(entity_type, written, now))
        told = {each.field for each in errors}
        asked = named_in(entity_type, entity_id, payload, is_new=edit.operation == "CREATE")
        return envelope.unreadable(*errors, *(each for each in also if each.field not in told), named=asked)
    told_edit = Edit(edit.operation, edit.client, edit.seq, edit.local_version, fields.named, names)
    return DeviceEdit(envelope.id, entity_type, entity_id, told_edit, kept(entity_type, payload), fields.values)


def named_in(
    entity_type: EntityType, entity_id: UUID | None, payload: Mapping[str, object], *, is_new: bool
) -> SchoolNames:
    """What is to be asked of the school about these fields, which could not all be read; by its template a session only
    begins.
    """
    lacking = lacks(entity_type, payload) if is_new else ()
    entity = None if entity_id is None or not lacking else (entity_type, entity_id)
    if entity_type != "SESSION":
        return SchoolNames(entity=entity, lacking=lacking)
    template_id = read_uuid(payload.get("template_id")) if is_new else None
    return SchoolNames(template_id, read_uuids(payload.get("co_trainer_ids"))[:CO_TRAINERS_LIMIT])


def _read_fact(
    envelope: Envelope,
    entity_id: UUID | None,
    edit: Edit,
    payload: Mapping[str, object],
    trainer: Trainer,
    now: datetime,
    before: Sequence[FieldError],
) -> DeviceEvent:
    """`before` is what is wrong that was found already."""
    if edit.operation in ("UPDATE", "DELETE"):
        return envelope.refused("forbidden")
    session_id = read_uuid(payload.get("session_id"))
    errors = list(before)
    if session_id is None and "payload.session_id" not in {each.field for each in errors}:
        errors.append(FieldError("payload.session_id", "must be a UUID"))
    # Its id is judged in the envelope.
    raw = {
        **{name: each for name, each in payload.items() if name != "session_id"},
        "id": str(entity_id or envelope.id),
    }
    draft = _read_draft(raw, trainer)
    if isinstance(draft, InvalidBody):
        errors.append(FieldError("payload", draft.detail))
    elif isinstance(draft, InvalidFields):
        model = event_model(raw)
        errors += in_payload((draft if model is None else with_all(draft, model, raw, now)).errors)
    if errors or entity_id is None or session_id is None or not isinstance(draft, EventDraft):
        return envelope.unreadable(*errors)
    return DeviceFact(envelope.id, entity_id, RecordedFact(session_id, draft))


def _read_draft(raw: Mapping[str, object], trainer: Trainer) -> EventDraft | InvalidBody | InvalidFields:
    body = read_event(raw)
    author = author_of(trainer)
    match body:
        case VitalsEventBody():
            return vitals_draft(body, author)
        case NoteEventBody():
            return note_draft(body, author)
        case ActionEventBody():
            return action_draft(body, author)
        case InvalidBody() | InvalidFields():
            return body
        case _:
            return EventDraft(body.id, author, case_fact(body), body.made_at)


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
