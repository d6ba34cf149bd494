"""/api/v1/sync: for clients that give what they make ids of their own, and are told the real ones (docs/api.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID, uuid5

from starlette.responses import Response

from server.domain.devices import CLIENT_ID_LIMIT, ENTITY_TYPES, Acknowledged, EntityType, client_id_error
from server.domain.outcomes import (
    Conflict,
    FieldError,
    Forbidden,
    InvalidBody,
    InvalidFields,
    RateLimited,
    Refusal,
    ResyncRequired,
    TooLarge,
)
from server.domain.text import is_storable
from server.ports.slices import Slices, let_go
from server.service.sync.engine import EVENTS_LIMIT, UpOutcome
from server.service.sync.events import DeviceEdit, DeviceEvent
from server.service.sync.phones import AskedPull
from server.transport.devices.answers import sent_answer, show_to
from server.transport.devices.columns import payload_of
from server.transport.devices.field_reading import sent_text
from server.transport.devices.reading import Envelope, read_device_event
from server.transport.devices.requests import MarkSyncedBody
from server.transport.devices.sync import UP_LIMIT_BYTES
from server.transport.devices.watermelon import pulled_since, read_after
from server.transport.http.endpoint import Answer, Call, Endpoint, Parameter
from server.transport.refusals import refused
from server.transport.wire.ids import read_uuid

_WHOLE_REFUSALS = (Forbidden, Conflict, ResyncRequired, RateLimited, TooLarge)
# Fields that hold the id of another entity, which may be known to the client by its own id only.
_POINTERS: Mapping[str, EntityType] = {"template_id": "TEMPLATE", "session_id": "SESSION"}


@dataclass(frozen=True, slots=True)
class _Change:
    temp_id: str
    event: DeviceEvent
    entity_id: UUID


async def _initial(call: Call) -> Response | Refusal:
    return await pulled_since(call, AskedPull(0))


async def _pending(call: Call) -> Response | Refusal:
    after = read_after(call, "since")
    return after if isinstance(after, InvalidFields) else await pulled_since(call, AskedPull(after))


async def _mark_synced(call: Call) -> Answer | Refusal:
    body = call.body(MarkSyncedBody, judged_alone=("changes",))
    if isinstance(body, InvalidBody | InvalidFields):
        return await _failed(call, "", body)
    outcome = await _take(call, body)
    call.raw = None
    await let_go(body.changes)
    return outcome if isinstance(outcome, Answer) else await _failed(call, body.deviceId, outcome)


async def _take(call: Call, body: MarkSyncedBody) -> Answer | Refusal:
    if len(body.changes) > EVENTS_LIMIT:
        return TooLarge(f"At most {EVENTS_LIMIT} changes at a time; send fewer.")
    changes = await _read_changes(call, body)
    if isinstance(changes, InvalidFields):
        return changes
    events = [change.event for change in changes]
    show = show_to(call.trainer)
    outcome = await call.services.sync.up(
        call.trainer, body.deviceId, None, events, show, call.now, forgets_rejections=True
    )
    if not isinstance(outcome, UpOutcome):
        return outcome
    answer = await _answer(changes, outcome, call.trainer.school_id)
    await let_go(changes, events)
    return Answer(200, answer)


async def _answer(changes: Sequence[_Change], sent: UpOutcome, school_id: UUID) -> dict[str, Any]:
    outcomes = list(zip(changes, sent.outcomes, strict=True))
    temp_ids = {str(change.event.id): change.temp_id for change in changes}
    events = [(change.event.id, str(change.event.id), str(change.entity_id)) for change in changes]
    told = await sent_answer(events, sent.outcomes, school_id)
    return {
        "ids": {change.temp_id: str(change.entity_id) for change, each in outcomes if isinstance(each, Acknowledged)},
        **{
            kind: [{"tempId": temp_ids[item["outboxEventId"]], **item} for item in told[kind]]
            for kind in ("conflicts", "rejected")
        },
    }


async def _read_changes(call: Call, body: MarkSyncedBody) -> list[_Change] | InvalidFields:
    errors: list[FieldError] = []
    if bad_device := client_id_error("deviceId", body.deviceId):
        errors.append(bad_device)
    types: dict[str, str] = {}
    for place, raw in enumerate(body.changes):
        _note_temp_id(f"changes.{place}", raw, types, errors)
    if errors:
        return InvalidFields(tuple(errors))
    slices = Slices()
    changes: list[_Change] = []
    for raw in cast(list[Mapping[str, object]], body.changes):
        changes.append(_read_change(call, body.deviceId, raw, types))
        await slices.breathe()
    # A session may be opened by a template that comes in the same call.
    return sorted(
        changes, key=lambda change: not isinstance(change.event, DeviceEdit) or change.event.type != "TEMPLATE"
    )


def _note_temp_id(place: str, raw: object, types: dict[str, str], errors: list[FieldError]) -> None:
    """Without it there is nothing by which the outcome could be told, so the whole call is refused."""
    if not isinstance(raw, dict):
        errors.append(FieldError(place, "must be an object"))
        return
    change = cast(Mapping[str, object], raw)
    temp_id, entity_type = _temp_id(change), sent_text(change.get("entityType"))
    if temp_id is None:
        errors.append(FieldError(f"{place}.tempId", f"must have 1 to {CLIENT_ID_LIMIT} characters"))
    elif types.setdefault(temp_id, entity_type) != entity_type:
        errors.append(FieldError(f"{place}.tempId", "stands for another kind of entity in the same call"))


def _temp_id(change: Mapping[str, object]) -> str | None:
    text = _as_text(change.get("tempId"))
    return text if isinstance(text, str) and 1 <= len(text) <= CLIENT_ID_LIMIT and is_storable(text) else None


def _as_text(own: object) -> object:
    """Some count: -1, -2, …"""
    return str(own) if isinstance(own, int) and not isinstance(own, bool) else own


def _read_change(call: Call, device_id: str, change: Mapping[str, object], types: Mapping[str, str]) -> _Change:
    """Its ids are made of the device's and the client's own, so that a repeat has the same."""
    temp_id, entity_type = _temp_id(change) or "", sent_text(change.get("entityType"))

    def id_of(kind: str, own: str) -> UUID:
        return uuid5(call.trainer.school_id, "\n".join((kind, device_id, own)))

    def real(kind: str, value: object) -> object:
        own = _as_text(value)
        # A 0 stands where there is none, too.
        if not isinstance(own, str) or not own or (value == 0 and own not in types):
            return value
        return str(id_of(kind, own)) if types.get(own) == kind or read_uuid(own) is None else value

    entity_id = id_of(entity_type, temp_id)
    payload: object = change.get("payload")
    if isinstance(payload, dict):
        sent = cast(Mapping[str, object], payload)
        payload = {name: real(_POINTERS[name], value) if name in _POINTERS else value for name, value in sent.items()}
    raw = {"operation": "CREATE", "payload": payload, "entityId": str(entity_id), "localVersion": 0}
    envelope = Envelope(uuid5(entity_id, "made"), entity_type, str(entity_id), raw)
    return _Change(temp_id, _read_event(envelope, device_id, call), entity_id)


def _read_event(envelope: Envelope, device_id: str, call: Call) -> DeviceEvent:
    """Lists and objects may be JSON text, as `initial` gives them."""
    payload, unread = envelope.raw["payload"], tuple[FieldError, ...]()
    if envelope.type in ENTITY_TYPES and isinstance(payload, dict):
        payload, unread = payload_of(envelope.type, cast(Mapping[str, object], payload))
        envelope = Envelope(envelope.id, envelope.type, envelope.entity_id, {**envelope.raw, "payload": payload})
    return read_device_event(envelope, device_id, call.trainer, call.now, unread)


async def _failed(call: Call, device_id: str, refusal: Refusal) -> Refusal:
    """Of what cannot be read the log keeps a line."""
    if not isinstance(refusal, _WHOLE_REFUSALS):
        shown = device_id[:CLIENT_ID_LIMIT] if is_storable(device_id) else ""
        await call.services.device_calls.refused(call.trainer.school_id, shown, "UP", refused(refusal).code, call.now)
    return refusal


ENDPOINTS = (
    Endpoint(
        "POST", "/sync/initial", "Get everything", _initial, {200: None}, ("device_revoked", "rate_limited"),
    ),
    Endpoint(
        "GET", "/sync/pending", "Get what changed since", _pending, {200: None},
        ("device_revoked", "invalid_fields", "resync_required", "rate_limited"),
        parameters=(
            Parameter(
                "since", {"type": ["integer", "string", "null"]}, "The `timestamp` of the answer before."
            ),
        ),
    ),
    Endpoint(
        "POST", "/sync/mark-synced", "Send what was made under ids of one's own", _mark_synced, {200: None},
        ("forbidden", "device_revoked", "too_large", "rate_limited"), bodies=(MarkSyncedBody,),
        body_limit_bytes=UP_LIMIT_BYTES,
    ),
)  # fmt: skip
