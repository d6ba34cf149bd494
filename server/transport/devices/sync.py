"""/api/sync: the calls of devices that work offline (docs/api.md, Sync)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import cast
from uuid import UUID, uuid5

from starlette.responses import Response, StreamingResponse

from server.domain.devices import (
    CLIENT_ID_LIMIT,
    ENTITY_TYPES,
    Device,
    Direction,
    EditConflict,
    EntityType,
    client_id_error,
)
from server.domain.outcomes import (
    Conflict,
    DeviceRevoked,
    FieldError,
    Forbidden,
    InvalidBody,
    InvalidFields,
    NotFound,
    RateLimited,
    Refusal,
    TooLarge,
)
from server.domain.text import is_storable
from server.domain.timestamps import write_timestamp
from server.json_text import write_json_bytes
from server.ports.slices import Slices, let_go
from server.service.sync.conflicts import Choice, Moved, Resolved
from server.service.sync.engine import ENTITIES_DEFAULT, ENTITIES_LIMIT, EVENTS_LIMIT, UpOutcome
from server.service.sync.events import DeviceEvent
from server.service.sync.halls import HALL_TYPES
from server.service.sync.judging import in_payload
from server.service.sync.pages import Changes
from server.transport.devices.answers import (
    around_changes,
    call_answer,
    change_answer,
    conflict_answer,
    device_answer,
    logged_event_answer,
    sent_answer,
    server_data_answer,
    show_to,
)
from server.transport.devices.field_reading import edit_of, late_errors
from server.transport.devices.halls import Asked, down_to_hall, up_from_hall
from server.transport.devices.reading import SESSION_EVENT, Envelope, read_device_event, read_envelope, read_version
from server.transport.devices.requests import PAGE_RULE, DownBody, ResolveBody, UpBody, cursor_errors
from server.transport.http.endpoint import Answer, Call, Endpoint
from server.transport.http.paging import PAGE_PARAMETERS, page_answer, read_page
from server.transport.http.problems import problem_response
from server.transport.refusals import Refused, refused

BASE = "/api"
UP_LIMIT_BYTES = 2 * 1024 * 1024
_PIECE_BYTES = 32 * 1024


async def _up(call: Call) -> Answer | Refusal:
    body = call.body(UpBody, judged_alone=("events",))
    if isinstance(body, InvalidBody | InvalidFields):
        return await _failed(call, "", "UP", body)
    outcome = await _take(call, body)
    call.raw = None
    await let_go(body.events)
    return outcome if isinstance(outcome, Answer) else await _failed(call, body.clientId, "UP", outcome)


async def _take(call: Call, body: UpBody) -> Answer | Refusal:
    if len(body.events) > EVENTS_LIMIT:
        return TooLarge(f"At most {EVENTS_LIMIT} events at a time; send fewer.")
    envelopes = await _read_envelopes(body)
    if isinstance(envelopes, InvalidFields):
        return envelopes
    outcome = await (_up_from_device if call.hall is None else up_from_hall)(call, body, envelopes)
    if not isinstance(outcome, UpOutcome):
        return outcome
    # The event's id as it was sent: a device looks for its own letters.
    sent = [(each.id, str(each.raw["id"]), outcome.answered_of.get(each.id, each.entity_id)) for each in envelopes]
    answer = await sent_answer(sent, outcome.outcomes, _school_of(call))
    times = {"serverEpoch": outcome.epoch, "serverTime": write_timestamp(call.now)}
    return Answer(200, {**answer, **times})


async def _read_envelopes(body: UpBody) -> Sequence[Envelope] | InvalidFields:
    errors = _caller_errors(body)
    envelopes: list[Envelope] = []
    slices = Slices()
    for place, raw in enumerate(body.events):
        envelope = read_envelope(place, raw)
        if isinstance(envelope, FieldError):
            errors.append(envelope)
        else:
            envelopes.append(envelope)
        await slices.breathe()
    return InvalidFields(tuple(errors)) if errors else envelopes


async def _up_from_device(call: Call, body: UpBody, envelopes: Sequence[Envelope]) -> UpOutcome | Refusal:
    """Read in slices: the values of 500 templates take a tenth of a second."""
    slices = Slices()
    events: list[DeviceEvent] = []
    for envelope in envelopes:
        events.append(read_device_event(envelope, body.clientId, call.trainer, call.now))
        await slices.breathe()
    show = show_to(call.trainer)
    after = read_version(body.lastSyncTimestamp) or 0
    outcome = await call.services.sync.up(
        call.trainer, body.clientId, body.serverEpoch, events, show, call.now, after=after
    )
    await let_go(events)
    return outcome


async def _down(call: Call) -> Answer | Response | Refusal:
    body = call.body(DownBody)
    if isinstance(body, InvalidBody | InvalidFields):
        return await _failed(call, "", "DOWN", body)
    asked = _read_down(body, ENTITY_TYPES if call.hall is None else HALL_TYPES)
    if isinstance(asked, InvalidFields):
        return await _failed(call, body.clientId, "DOWN", asked)
    if call.hall is None:
        show = show_to(call.trainer)
        outcome = await call.services.sync.down(call.trainer, body.clientId, body.serverEpoch, *asked, show, call.now)
    else:
        outcome = await down_to_hall(call, call.hall, body, asked)
    if not isinstance(outcome, Changes):
        return await _failed(call, body.clientId, "DOWN", outcome)
    pieces = _pieces(outcome, call.now)
    if "gzip" in call.request.headers.get("accept-encoding", ""):
        # What squeezes an answer holds the loop for as long as a piece takes.
        return StreamingResponse(pieces, media_type="application/json")
    return Response(b"".join([piece async for piece in pieces]), media_type="application/json")


def _read_down(body: DownBody, told: Sequence[EntityType]) -> Asked | InvalidFields:
    errors = _caller_errors(body)
    after = 0 if body.lastSyncTimestamp is None else read_version(body.lastSyncTimestamp)
    wanted = list(dict.fromkeys(body.entityTypes if body.entityTypes is not None else told))
    # Beside others the events of records are let be, as a type that devices know; alone nothing would ever come.
    let_be = () if wanted == [SESSION_EVENT] else (SESSION_EVENT,)
    if unknown := [name for name in wanted if name not in (*told, *let_be)]:
        errors.append(FieldError("entityTypes", f"{unknown[0][:40]} is none; known: {', '.join(told)}"))
    limit = ENTITIES_DEFAULT if body.limit is None else body.limit
    if not 1 <= limit <= ENTITIES_LIMIT:
        errors.append(FieldError("limit", PAGE_RULE))
    if errors or after is None:
        return InvalidFields(tuple(errors))
    return after, cast(list[EntityType], [name for name in wanted if name != SESSION_EVENT]), limit


def _caller_errors(body: UpBody | DownBody) -> list[FieldError]:
    """Of who calls, and of where it stands."""
    bad_client = client_id_error("clientId", body.clientId)
    errors = [] if bad_client is None else [bad_client]
    return [*errors, *cursor_errors("lastSyncTimestamp", body.lastSyncTimestamp)]


async def _pieces(changes: Changes, now: datetime) -> AsyncGenerator[bytes]:
    """The answer, written in slices."""
    slices = Slices()
    piece = bytearray(b'{"changes":[')
    for place, change in enumerate(changes.rows):
        piece += b"," if place else b""
        piece += write_json_bytes(change_answer(change))
        if len(piece) >= _PIECE_BYTES:
            yield bytes(piece)
            piece.clear()
            await asyncio.sleep(0)
        await slices.breathe()
    rest = write_json_bytes(around_changes(changes, now))
    await let_go(changes.rows)
    yield bytes(piece) + b"]," + rest[1:]


async def _failed(call: Call, client_id: str, direction: Direction, refusal: Refusal) -> Refusal:
    """Of what was refused whole the log keeps a line; not of what is only too early, nor of each try of a device that
    an admin has shut out.
    """
    if not isinstance(refusal, RateLimited | DeviceRevoked):
        shown = client_id[:CLIENT_ID_LIMIT] if is_storable(client_id) else ""
        await call.services.device_calls.refused(_school_of(call), shown, direction, refused(refusal).code, call.now)
    return refusal


def _school_of(call: Call) -> UUID:
    return call.trainer.school_id if call.hall is None else call.hall.school_id


def _unread(direction: Direction) -> Callable[[Call, Refusal | Refused], Awaitable[None]]:
    async def note(call: Call, refusal: Refusal | Refused) -> None:
        code = refusal.code if isinstance(refusal, Refused) else refused(refusal).code
        await call.services.device_calls.refused(_school_of(call), "", direction, code, call.now)

    return note


async def _conflicts(call: Call) -> Answer | Refusal:
    asked = read_page(call)
    if isinstance(asked, InvalidFields):
        return asked
    page = await call.services.conflicts.list(call.trainer, asked.limit, asked.after)
    return Answer(200, page_answer(page, conflict_answer))


async def _resolve(call: Call) -> Answer | Response | Refusal:
    conflict_id = call.id()
    if isinstance(conflict_id, NotFound):
        return conflict_id
    body = call.body(ResolveBody)
    if isinstance(body, InvalidBody):
        return body
    conflict = await call.services.conflicts.find(call.trainer, conflict_id)
    if isinstance(conflict, NotFound):
        return body if isinstance(body, InvalidFields) else conflict
    choice = _read_choice(body, cast(Mapping[str, object], call.raw), conflict, call.now)
    if isinstance(choice, InvalidFields):
        return choice
    outcome = await call.services.conflicts.resolve(call.trainer, conflict, choice, show_to(call.trainer), call.now)
    match outcome:
        case Resolved(entity_id, data):
            return Answer(200, _resolved_answer(entity_id, outcome))
        case Moved(data):
            moved = Conflict("It has been changed since the version that you looked at; look at serverData.")
            return problem_response(refused(moved), members={"serverData": server_data_answer(data)})
        case _:
            return outcome


def _read_choice(
    body: ResolveBody | InvalidFields, raw: Mapping[str, object], conflict: EditConflict, now: datetime
) -> Choice | InvalidFields:
    """Of `raw`, which was read as `body`; everything that is wrong with it is told at once."""
    errors = list(body.errors) if isinstance(body, InvalidFields) else []
    version = read_version(raw.get("serverVersion"))
    if version is None and "serverVersion" in raw:
        errors.append(FieldError("serverVersion", "must be the version of the serverData that was shown, or 0"))
    edit, sent = None, raw.get("payload")
    if raw.get("keep") != "server" and (sent is None or isinstance(sent, dict)):
        own = (conflict.local_payload, conflict.local_fields)
        payload, only = own if sent is None else (cast(Mapping[str, object], sent), None)
        event_id = uuid5(conflict.id, "local")
        edit = edit_of(
            conflict.entity_type, conflict.entity_id, event_id, conflict.client_id, version or 0, payload, only
        )
    if isinstance(edit, InvalidFields):
        errors += in_payload(edit.errors)
    if errors and edit is not None and isinstance(sent, dict):
        told = {each.field for each in errors}
        late = in_payload(late_errors(conflict.entity_type, cast(Mapping[str, object], sent), now))
        errors += [each for each in late if each.field not in told]
    if errors or isinstance(body, InvalidFields) or isinstance(edit, InvalidFields) or version is None:
        return InvalidFields(tuple(errors))
    return Choice(body.keep, version, edit)


def _resolved_answer(entity_id: UUID, resolved: Resolved) -> dict[str, object]:
    version = 0 if resolved.data is None else resolved.data.version
    return {
        "entityId": str(entity_id),
        "serverVersion": version,
        "serverData": server_data_answer(resolved.data),
    }


async def _log(call: Call) -> Answer | Refusal:
    asked = read_page(call)
    if isinstance(asked, InvalidFields):
        return asked
    page = await call.services.device_calls.list(call.trainer, asked.limit, asked.after)
    return page if isinstance(page, Forbidden) else Answer(200, page_answer(page, call_answer))


async def _find_call(call: Call) -> Answer | Refusal:
    call_id = call.id()
    if isinstance(call_id, NotFound):
        return call_id
    found = await call.services.device_calls.find(call.trainer, call_id)
    if not isinstance(found, tuple):
        return found
    record, events = found
    return Answer(200, {**call_answer(record), "events": [logged_event_answer(event) for event in events]})


async def _devices(call: Call) -> Answer | Refusal:
    devices = await call.services.device_calls.devices(call.trainer)
    if isinstance(devices, Forbidden):
        return devices
    newest = await call.services.device_calls.newest(call.trainer)
    return Answer(200, {"items": [device_answer(device, newest) for device in devices], "next_cursor": None})


async def _revoke(call: Call) -> Answer | Refusal:
    return await _told(
        call, await call.services.device_calls.revoke(call.trainer, call.request.path_params["id"], call.now)
    )


async def _let_in(call: Call) -> Answer | Refusal:
    return await _told(
        call, await call.services.device_calls.let_in(call.trainer, call.request.path_params["id"], call.now)
    )


async def _told(call: Call, device: Device | Forbidden | NotFound) -> Answer | Refusal:
    if not isinstance(device, Device):
        return device
    return Answer(200, device_answer(device, await call.services.device_calls.newest(call.trainer)))


async def _forget(call: Call) -> Answer | Refusal:
    refusal = await call.services.device_calls.forget(call.trainer, call.request.path_params["id"], call.now)
    return refusal if refusal is not None else Answer(204, None)


ENDPOINTS = (
    Endpoint(
        "POST", "/sync/up", "Send what was done on a device", _up, {200: None},
        ("forbidden", "device_revoked", "hall_revoked", "resync_required", "too_large", "rate_limited"),
        bodies=(UpBody,), base=BASE, body_limit_bytes=UP_LIMIT_BYTES, note_unread=_unread("UP"), takes_halls=True,
    ),
    Endpoint(
        "POST", "/sync/down", "Get what changed since the last time", _down, {200: None},
        ("forbidden", "device_revoked", "hall_revoked", "resync_required", "rate_limited"),
        bodies=(DownBody,), base=BASE, note_unread=_unread("DOWN"), takes_halls=True,
    ),
    Endpoint(
        "GET", "/sync/conflicts", "The open conflicts of your edits; an admin's: of all", _conflicts, {200: None},
        ("invalid_fields",), parameters=PAGE_PARAMETERS, base=BASE,
    ),
    Endpoint(
        "POST", "/sync/conflicts/{id}/resolve", "Choose one side of a conflict", _resolve, {200: None},
        ("not_found", "forbidden", "conflict", "not_home", "session_closed", "session_expired"), bodies=(ResolveBody,),
        base=BASE,
    ),
    Endpoint(
        "GET", "/sync/log", "The calls of the school's devices, newest first", _log, {200: None},
        ("forbidden", "invalid_fields"), parameters=PAGE_PARAMETERS, base=BASE,
    ),
    Endpoint(
        "GET", "/sync/log/{id}", "One call, with what came of its events", _find_call, {200: None},
        ("forbidden", "not_found"), base=BASE,
    ),
    Endpoint(
        "GET", "/sync/devices", "The school's devices, those seen last first", _devices, {200: None},
        ("forbidden",), base=BASE,
    ),
    Endpoint(
        "POST", "/sync/devices/{id}/revocation", "Shut a device out; what it sent stays", _revoke, {200: None},
        ("forbidden", "not_found"), base=BASE, takes_any_id=True,
    ),
    Endpoint(
        "DELETE", "/sync/devices/{id}/revocation", "Let a device in again", _let_in, {200: None},
        ("forbidden", "not_found"), base=BASE, takes_any_id=True,
    ),
    Endpoint(
        "DELETE", "/sync/devices/{id}", "Forget a device; what it sent stays", _forget, {204: None},
        ("forbidden", "not_found", "conflict"), base=BASE, takes_any_id=True,
    ),
)  # fmt: skip
