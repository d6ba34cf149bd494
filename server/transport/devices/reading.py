"""What a device sent, read: one event of an `up`, or the fields of one entity."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast
from uuid import UUID

from server.domain.audit import author_of
from server.domain.devices import ENTITY_TYPES, EntityType
from server.domain.events import EventDraft
from server.domain.judging import OPERATIONS, Edit, Operation, Rejected
from server.domain.nesting import nesting_errors
from server.domain.outcomes import FieldError, InvalidBody, InvalidFields
from server.domain.people import Trainer, account_errors
from server.domain.session import OWN_FIELDS
from server.domain.template import TEMPLATE_FIELDS, TemplateDraft, read_content
from server.domain.text import shown
from server.service.accounts import TrainerEdit
from server.service.sync.engine import LARGEST_VERSION
from server.service.sync.events import (
    DeviceEdit,
    DeviceEvent,
    DeviceFact,
    RecordedFact,
    SessionValues,
    TemplateValues,
    TrainerValues,
    UnreadableEvent,
    Values,
)
from server.transport.wire.reading import (
    action_draft,
    case_fact,
    new_session,
    note_draft,
    read_event,
    read_model,
    session_change,
    template_change,
    vitals_draft,
)
from server.transport.wire.requests import (
    ActionEventBody,
    NoteEventBody,
    SessionBody,
    SessionChangeBody,
    TemplateChangeBody,
    TrainerChangeBody,
    VitalsEventBody,
)

SESSION_EVENT = "SESSION_EVENT"

# What the server owns: a device sends back what it was shown, and it is let be.
_OWNED: Mapping[EntityType, frozenset[str]] = {
    "TEMPLATE": frozenset(("id", "school_id", "version", "created_at", "updated_at", "deleted_at")),
    "TRAINER": frozenset(("id", "school_id", "version", "created_at", "updated_at", "deleted_at")),
    "SESSION": frozenset(
        (
            "id", "school_id", "version", "created_at", "updated_at", "deleted_at", "code", "last_values", "last_seq",
            "closed_at", "close_reason", "trainer_id", "paused_at", "forked_from", "event_count", "trainee_count",
            "hall", "clock_offset_ms",
        )
    ),
}  # fmt: skip
_OPENING = frozenset(("template_id", "duration_minutes", "vitals"))
_EDITED: Mapping[EntityType, frozenset[str]] = {
    "TEMPLATE": TEMPLATE_FIELDS,
    "TRAINER": frozenset(("name", "email", "role", "password")),
    "SESSION": frozenset(OWN_FIELDS),
}
_SECRET = frozenset(("password",))


@dataclass(frozen=True, slots=True)
class Envelope:
    """What of an event has nothing to do with the kind of its entity."""

    id: UUID
    type: str
    entity_id: str
    raw: Mapping[str, object]

    def unreadable(self, *errors: FieldError) -> UnreadableEvent:
        return UnreadableEvent(self.id, self.type, self.entity_id, Rejected("invalid_fields", errors))

    def refused(self, reason: Any) -> UnreadableEvent:
        return UnreadableEvent(self.id, self.type, self.entity_id, Rejected(reason))


@dataclass(frozen=True, slots=True)
class Fields:
    """Those of an entity that a client sent: `named` of them are edited."""

    named: frozenset[str]
    values: Values


def read_envelope(place: int, raw: object) -> Envelope | FieldError:
    """Without an id there is nothing by which the outcome could be told, so the whole call is refused."""
    if not isinstance(raw, dict):
        return FieldError(f"events.{place}", "must be an object")
    event = cast(Mapping[str, object], raw)
    event_id = read_uuid(event.get("id"))
    if event_id is None:
        return FieldError(f"events.{place}.id", "must be a UUID such as 3f2c1a90-5b6d-4e7f-8a9b-0c1d2e3f4a5b")
    return Envelope(event_id, sent_text(event.get("entityType")), sent_text(event.get("entityId")), event)


def sent_text(value: object) -> str:
    """As it was sent, cut short; of lists and objects, which may be of any depth, only that they are."""
    return "[...]" if isinstance(value, (list, dict)) else shown(str(value))


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
        return envelope.unreadable(*(FieldError(f"payload.{each.field}", each.message) for each in fields.errors))
    names = None
    if edit.operation == "UPDATE" and changed is not None:
        names = _read_names(entity_type, changed, fields.named)
        if isinstance(names, FieldError):
            return envelope.unreadable(names)
    told = Edit(edit.operation, edit.client, edit.seq, edit.local_version, fields.named, names)
    return DeviceEdit(envelope.id, entity_type, entity_id, told, _kept(entity_type, payload), fields.values)


def _kept(entity_type: EntityType, payload: Mapping[str, object]) -> Mapping[str, object]:
    """Without what nobody may read again, and without what the server owns: that was not read, and may be anything."""
    return {name: value for name, value in payload.items() if name not in _OWNED[entity_type] | _SECRET}


def edit_of(
    entity_type: EntityType,
    entity_id: UUID,
    event_id: UUID,
    client: str,
    version: int,
    payload: Mapping[str, object] | None,
    only: Collection[str] | None = None,
) -> DeviceEdit | InvalidFields:
    """The edit that puts these fields there, `only` some of them; or deletes it without any."""
    if payload is None:
        return DeviceEdit(event_id, entity_type, entity_id, Edit("DELETE", client, None, version), None, None)
    fields = read_fields(entity_type, payload)
    if isinstance(fields, InvalidFields):
        return fields
    named = fields.named if only is None else fields.named & frozenset(only)
    edit = Edit("CREATE", client, None, version, named)
    return DeviceEdit(event_id, entity_type, entity_id, edit, _kept(entity_type, payload), fields.values)


def read_fields(entity_type: EntityType, payload: Mapping[str, object]) -> Fields | InvalidFields:
    """What is absent is not named; a field that nobody knows is refused by its name."""
    known = _EDITED[entity_type] | _OWNED[entity_type] | (_OPENING if entity_type == "SESSION" else frozenset[str]())
    if unknown := [name for name in payload if name not in known]:
        return InvalidFields(tuple(FieldError(shown(name), "is not a field of this") for name in unknown[:50]))
    sent = {name: value for name, value in payload.items() if name in _EDITED[entity_type]}
    match entity_type:
        case "TEMPLATE":
            return _read_template(sent)
        case "TRAINER":
            return _read_trainer(sent)
        case "SESSION":
            return _read_session(sent, {name: value for name, value in payload.items() if name in _OPENING})


def _read_template(sent: Mapping[str, object]) -> Fields | InvalidFields:
    body = read_model(TemplateChangeBody, dict(sent))
    if isinstance(body, InvalidBody | InvalidFields):
        return _invalid(body)
    # Whether a new one has a title is asked where it is new.
    fields: dict[str, Any] = {"title": "-", **template_change(body)}
    content = read_content(TemplateDraft(**fields))
    return content if isinstance(content, InvalidFields) else Fields(frozenset(sent), TemplateValues(content))


def _read_trainer(sent: Mapping[str, object]) -> Fields | InvalidFields:
    body = read_model(TrainerChangeBody, dict(sent))
    if isinstance(body, InvalidBody | InvalidFields):
        return _invalid(body)
    errors = account_errors(email=body.email, name=body.name, password=body.password)
    if errors:
        return InvalidFields(tuple(errors))
    named = frozenset(name for name in sent if getattr(body, name) is not None)
    return Fields(named, TrainerValues(TrainerEdit(body.email, body.name, body.role, body.password)))


def _read_session(sent: Mapping[str, object], opening: Mapping[str, object]) -> Fields | InvalidFields:
    # As REST shows it: nobody's name is null, and a session without a title has an empty one.
    named = {name: "" if name == "trainee_name" and value is None else value for name, value in sent.items()}
    named = {name: value for name, value in named.items() if value is not None and (name, value) != ("title", "")}
    change = read_model(SessionChangeBody, named)
    wishes = {name: named[name] for name in ("title", "public_title", "trainee_name") if name in named}
    begun = read_model(SessionBody, {**wishes, **opening})
    if isinstance(change, InvalidBody | InvalidFields) or isinstance(begun, InvalidBody | InvalidFields):
        return _invalid(change, begun)
    new = new_session(begun)
    if isinstance(new, InvalidFields):
        return new
    values = SessionValues(session_change(change), new)
    errors = {each.field: each for each in (*values.change.errors(), *new.errors())}
    return InvalidFields(tuple(errors.values())) if errors else Fields(frozenset(named), values)


def _invalid(*outcomes: object) -> InvalidFields:
    errors = [each for outcome in outcomes if isinstance(outcome, InvalidFields) for each in outcome.errors]
    return InvalidFields(tuple(dict.fromkeys(errors)))


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


def _read_names(entity_type: EntityType, changed: object, named: Collection[str]) -> frozenset[str] | FieldError:
    if not isinstance(changed, list):
        return FieldError("changedFields", "must be a list of names")
    names = frozenset(sent_text(name) for name in cast(list[object], changed)) - _OWNED[entity_type]
    for name in sorted(names):
        if name not in _EDITED[entity_type]:
            return FieldError("changedFields", f"{shown(name)} is not a field of this")
        if name not in named:
            return FieldError("changedFields", f"{name} is not in the payload")
    return names


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


def read_uuid(value: object) -> UUID | None:
    if not isinstance(value, str) or len(value) != 36:
        return None
    return _uuid_of(value)


# One event names its id three times, and all of a session name the session.
@lru_cache(maxsize=64)
def _uuid_of(value: str) -> UUID | None:
    try:
        return UUID(value)
    except ValueError:
        return None
