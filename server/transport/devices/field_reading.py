"""The fields of one entity that a device sent, read; and the edit that they make."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from server.domain.devices import EntityType
from server.domain.judging import Edit
from server.domain.outcomes import ERRORS_TOLD, FieldError, InvalidBody, InvalidFields
from server.domain.people import account_errors
from server.domain.session import OWN_FIELDS
from server.domain.template import TEMPLATE_FIELDS, TemplateDraft, read_content
from server.domain.text import shown
from server.service.accounts import TrainerEdit
from server.service.sync.events import (
    NEEDED_OF_NEW,
    DeviceEdit,
    SessionValues,
    TemplateValues,
    TrainerValues,
    Values,
)
from server.service.sync.session_rules import ONLY_WHEN_OPENED
from server.transport.wire.reading import (
    new_session,
    read_model,
    session_change,
    template_change,
)
from server.transport.wire.requests import (
    OWNED_OF_ALL,
    SessionBody,
    SessionChangeBody,
    TemplateChangeBody,
    TrainerChangeBody,
)
from server.transport.wire.values import value_errors, with_all


@dataclass(frozen=True, slots=True)
class Fields:
    """Those of an entity that a client sent: `named` of them are edited."""

    named: frozenset[str]
    values: Values


_OWNED: Mapping[EntityType, frozenset[str]] = {
    "TEMPLATE": OWNED_OF_ALL,
    "TRAINER": OWNED_OF_ALL,
    "SESSION": OWNED_OF_ALL
    | {
        "trainer_id", "paused_at", "forked_from", "event_count", "trainee_count", "hall", "clock_offset_ms", "lock",
        "names_out_at",
    },
}  # fmt: skip


_OPENING = frozenset(("template_id", "duration_minutes", "vitals"))


_EDITED: Mapping[EntityType, frozenset[str]] = {
    "TEMPLATE": TEMPLATE_FIELDS,
    "TRAINER": frozenset(("name", "email", "role", "password")),
    "SESSION": frozenset(OWN_FIELDS),
}


_SECRET = frozenset(("password",))


def kept(entity_type: EntityType, payload: Mapping[str, object]) -> Mapping[str, object]:
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
    return DeviceEdit(event_id, entity_type, entity_id, edit, kept(entity_type, payload), fields.values)


def read_fields(entity_type: EntityType, payload: Mapping[str, object]) -> Fields | InvalidFields:
    """What is absent is not named; a field that nobody knows is refused by its name."""
    known = _EDITED[entity_type] | _OWNED[entity_type] | (_OPENING if entity_type == "SESSION" else frozenset[str]())
    unknown = [name for name in payload if name not in known][:ERRORS_TOLD]
    fields = _read_known(entity_type, payload)
    if not unknown:
        return fields
    errors = [FieldError(shown(name), "is not a field of this") for name in unknown]
    return InvalidFields((*errors, *(fields.errors if isinstance(fields, InvalidFields) else ())))


def late_errors(entity_type: EntityType, payload: Mapping[str, object], now: datetime) -> Iterable[FieldError]:
    """What only the moment tells, of fields of which others are wrong."""
    return (
        ()
        if entity_type != "SESSION"
        else value_errors(SessionChangeBody, {"expires_at": payload.get("expires_at")}, now)
    )


def opening_errors(entity_type: EntityType, payload: Mapping[str, object]) -> Iterable[FieldError]:
    """Of a whole session that is there: what it was opened with, and is not told again. Its template is."""
    told = _OPENING - {"template_id"} if entity_type == "SESSION" else ()
    return [FieldError(name, ONLY_WHEN_OPENED) for name in sorted(told) if payload.get(name) not in (None, {})]


def lacks(entity_type: EntityType, payload: Mapping[str, object]) -> Sequence[str]:
    """What a new one must have."""
    return [name for name in NEEDED_OF_NEW[entity_type] if payload.get(name) is None]


def _read_known(entity_type: EntityType, payload: Mapping[str, object]) -> Fields | InvalidFields:
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
        return with_all(_invalid(body), TemplateChangeBody, sent, None)
    # Whether a new one has a title is asked where it is new.
    fields: dict[str, Any] = {"title": "-", **template_change(body)}
    content = read_content(TemplateDraft(**fields))
    return content if isinstance(content, InvalidFields) else Fields(frozenset(sent), TemplateValues(content))


def _read_trainer(sent: Mapping[str, object]) -> Fields | InvalidFields:
    body = read_model(TrainerChangeBody, dict(sent))
    if isinstance(body, InvalidBody | InvalidFields):
        return with_all(_invalid(body), TrainerChangeBody, sent, None)
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
        wrong = with_all(_invalid(change, begun), SessionChangeBody, named, None)
        return with_all(wrong, SessionBody, opening, None)
    new = new_session(begun)
    if isinstance(new, InvalidFields):
        return with_all(with_all(new, SessionBody, opening, None), SessionChangeBody, named, None)
    values = SessionValues(session_change(change), new)
    errors = {each.field: each for each in (*values.change.errors(), *new.errors())}
    return InvalidFields(tuple(errors.values())) if errors else Fields(frozenset(named), values)


def _invalid(*outcomes: object) -> InvalidFields:
    errors = [each for outcome in outcomes if isinstance(outcome, InvalidFields) for each in outcome.errors]
    return InvalidFields(tuple(dict.fromkeys(errors)))


def read_names(entity_type: EntityType, changed: object, named: Collection[str]) -> frozenset[str] | FieldError:
    if not isinstance(changed, list):
        return FieldError("changedFields", "must be a list of names")
    names = frozenset(sent_text(name) for name in cast(list[object], changed)) - _OWNED[entity_type]
    for name in sorted(names):
        if name not in _EDITED[entity_type]:
            return FieldError("changedFields", f"{shown(name)} is not a field of this")
        if name not in named:
            return FieldError("changedFields", f"{name} is not in the payload")
    return names


def sent_text(value: object) -> str:
    """As it was sent, cut short; of lists and objects, which may be of any depth, only that they are."""
    return "[...]" if isinstance(value, (list, dict)) else shown(str(value))
