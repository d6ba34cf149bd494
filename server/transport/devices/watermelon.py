"""/api/v1/sync/watermelon: what `synchronize()` of WatermelonDB asks and sends (docs/api.md, Phones)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

from starlette.responses import Response

from server.domain.devices import Direction, EntityType
from server.domain.judging import Edit
from server.domain.outcomes import (
    Conflict,
    FieldError,
    Forbidden,
    InvalidBody,
    InvalidFields,
    RateLimited,
    Refusal,
    ResyncRequired,
    invalid,
)
from server.domain.text import shown
from server.ports.slices import Slices, let_go
from server.service.sync.events import DeviceEdit
from server.service.sync.phones import (
    TABLES,
    WRITTEN,
    AskedPull,
    AskedPush,
    BadRow,
    BadRows,
    PhonePull,
    Pushed,
    Table,
)
from server.transport.devices.answers import show_to
from server.transport.devices.columns import payload_of
from server.transport.devices.field_reading import late_errors, read_fields
from server.transport.devices.phones import PulledResponse, phone_client
from server.transport.devices.reading import named_in, read_version
from server.transport.devices.requests import PushBody
from server.transport.devices.sync import UP_LIMIT_BYTES
from server.transport.http.endpoint import Answer, Call, Endpoint, Parameter
from server.transport.refusals import refused
from server.transport.wire.ids import read_uuid
from server.transport.wire.reading import read_json

_NONE = ("", "0", "null", "undefined")
_REJECTED_IDS = "rejected_ids"
_WHOLE_REFUSALS = (Forbidden, Conflict, ResyncRequired, RateLimited)


async def _pull(call: Call) -> Response | Refusal:
    after = read_after(call, "last_pulled_at")
    if isinstance(after, InvalidFields):
        return await _failed(call, "DOWN", after)
    whole = _read_migration(call.request.query_params.get("migration"))
    if isinstance(whole, InvalidFields):
        return await _failed(call, "DOWN", whole)
    return await pulled_since(call, AskedPull(after, whole))


async def pulled_since(call: Call, asked: AskedPull) -> Response | Refusal:
    pull = await call.services.phones.pull(call.trainer, phone_client(call.trainer), asked)
    if not isinstance(pull, PhonePull):
        return pull

    async def ended() -> None:
        await call.services.phones.pulled(call.trainer, phone_client(call.trainer), pull, call.now)

    return PulledResponse(pull, show_to(call.trainer), ended)


def read_after(call: Call, name: str) -> int | InvalidFields:
    """The library's own example writes a first pull as `null`."""
    text = call.request.query_params.get(name, "").strip()
    after = 0 if text in _NONE else read_version(text)
    return invalid(name, "must be the timestamp of a pull, or null for the first") if after is None else after


def _read_migration(text: str | None) -> Collection[Table] | InvalidFields:
    """The tables that are new on the phone, or have new columns: it gets them whole."""
    if text is None or text in _NONE:
        return ()
    migration = read_json(text.encode("utf-8", "replace"))
    if not isinstance(migration, dict):
        return invalid("migration", "must be the migration that synchronize() gives, as JSON, or null")
    told = cast(Mapping[str, object], migration)
    tables, columns = _list(told.get("tables")), _list(told.get("columns"))
    if tables is None or columns is None:
        return invalid("migration", "must have lists of tables and of columns")
    with_columns = [cast(Mapping[str, object], each).get("table") for each in columns if isinstance(each, dict)]
    named = [*tables, *with_columns]
    return [table for table in TABLES if table in named]


def _list(value: object) -> list[object] | None:
    """None for what is neither a list nor absent."""
    if value is None:
        return []
    return cast(list[object], value) if isinstance(value, list) else None


async def _push(call: Call) -> Answer | Refusal:
    after = read_after(call, "last_pulled_at")
    body = call.body(PushBody, judged_alone=("templates", "sessions"))
    if isinstance(after, InvalidFields) or isinstance(body, InvalidBody | InvalidFields):
        return await _failed(call, "UP", after if isinstance(after, InvalidFields) else cast(Refusal, body))
    changes = cast(dict[str, object], call.raw)
    outcome = await _take(call, changes, after)
    for parts in changes.values():
        if isinstance(parts, dict):
            await let_go(*(_list(part) or [] for part in cast(dict[str, object], parts).values()))
    return outcome


async def _take(call: Call, changes: Mapping[str, object], after: int) -> Answer | Refusal:
    read = await _read_push(changes, phone_client(call.trainer), after, call.now)
    if isinstance(read, InvalidFields):
        return await _failed(call, "UP", read)
    edits, bad = read
    accepted = call.request.query_params.get("accepts", "").split(",")
    asked = AskedPush(after, edits, bad, _REJECTED_IDS in accepted)
    outcome = await call.services.phones.push(
        call.trainer, phone_client(call.trainer), asked, show_to(call.trainer), call.now
    )
    await let_go(edits)
    match outcome:
        case Pushed(rejected):
            return Answer(200, {"experimentalRejectedIds": _ids_of(rejected)} if rejected else {})
        case BadRows(rows):
            return await _failed(call, "UP", _named(rows))
        case _:
            return outcome


def _ids_of(rows: Sequence[BadRow]) -> dict[str, list[str]]:
    ids: dict[str, list[str]] = {}
    for row in rows:
        ids.setdefault(row.table, []).append(row.id)
    return ids


def _named(rows: Sequence[BadRow]) -> InvalidFields:
    """`templates.<id>.title`: the table, the row and the field."""
    return InvalidFields(
        tuple(
            FieldError(f"{shown(row.table)}.{shown(row.id)}.{error.field}", error.message)
            for row in rows
            for error in row.errors
        )
    )


async def _read_push(
    changes: Mapping[str, object], client: str, after: int, now: datetime
) -> tuple[list[DeviceEdit], Sequence[BadRow]] | InvalidFields:
    """In slices: the values of 500 templates take a tenth of a second."""
    slices = Slices()
    edits: list[DeviceEdit] = []
    bad: list[BadRow] = []
    errors: list[FieldError] = []
    for table, sent in changes.items():
        parts = _read_parts(table, sent, errors)
        for part, row in parts:
            read = _read_row(table, part, row, client, after, now)
            match read:
                case FieldError():
                    errors.append(read)
                case BadRow():
                    bad.append(read)
                case DeviceEdit():
                    edits.append(read)
                case None:
                    pass
            await slices.breathe()
    return InvalidFields(tuple(errors)) if errors else (sorted(edits, key=_turn), bad)


def _turn(edit: DeviceEdit) -> int:
    """A session may be opened by a template that comes, or goes, with the same push."""
    return 1 if edit.type == "SESSION" else 2 if edit.edit.operation == "DELETE" else 0


def _read_parts(table: str, sent: object, errors: list[FieldError]) -> list[tuple[str, object]]:
    """Each row with the list in which it stood."""
    if sent is not None and not isinstance(sent, dict):
        errors.append(FieldError(shown(table), "must have lists of created, updated and deleted"))
        return []
    parts: list[tuple[str, object]] = []
    for part in ("created", "updated", "deleted"):
        rows = _list(cast(Mapping[str, object], sent or {}).get(part))
        if rows is None:
            errors.append(FieldError(f"{shown(table)}.{part}", "must be a list"))
        parts += [(part, row) for row in rows or ()]
    return parts


def _read_row(
    table: str, part: str, row: object, client: str, after: int, now: datetime
) -> DeviceEdit | BadRow | FieldError | None:
    fields = cast(Mapping[str, object], row) if isinstance(row, dict) else None
    sent_id: object = cast(object, row) if part == "deleted" else None if fields is None else fields.get("id")
    if not isinstance(sent_id, str):
        what = "an id" if part == "deleted" else "an object with an id"
        return FieldError(f"{shown(table)}.{part}", f"must be a list, each of which is {what}")
    entity_type = WRITTEN.get(cast(Table, table))
    if entity_type is None:
        message = "is of a table that is only read" if table in TABLES else "is of no table of this server"
        return BadRow(table, sent_id, (FieldError("id", message),))
    entity_id = read_uuid(sent_id)
    if entity_id is None or str(entity_id) != sent_id:
        # Of what cannot be here nothing is to be deleted.
        rule = "must be a lower-case UUID: setGenerator(() => crypto.randomUUID())"
        return None if part == "deleted" else BadRow(table, sent_id, (FieldError("id", rule),))
    if fields is None:
        return DeviceEdit(entity_id, entity_type, entity_id, Edit("DELETE", client, None, after), None, None)
    return _read_fields(table, entity_type, entity_id, fields, client, after, now, is_new=part == "created")


def _read_fields(
    table: str,
    entity_type: EntityType,
    entity_id: UUID,
    row: Mapping[str, object],
    client: str,
    after: int,
    now: datetime,
    *,
    is_new: bool,
) -> DeviceEdit | BadRow:
    payload, unread = payload_of(entity_type, row)
    fields = read_fields(entity_type, payload)
    if unread or isinstance(fields, InvalidFields):
        errors = (*unread, *(fields.errors if isinstance(fields, InvalidFields) else ()))
        told = {each.field for each in errors}
        also = (each for each in late_errors(entity_type, payload, now) if each.field not in told)
        named = named_in(entity_type, entity_id, payload, is_new=is_new)
        return BadRow(table, str(entity_id), (*errors, *also), named)
    edit = Edit("CREATE", client, None, after, fields.named)
    return DeviceEdit(entity_id, entity_type, entity_id, edit, payload, fields.values)


async def _failed(call: Call, direction: Direction, refusal: Refusal) -> Refusal:
    """Of what cannot be read the log keeps a line; what is only too early, or too late, comes again by itself."""
    if not isinstance(refusal, _WHOLE_REFUSALS):
        client, code = phone_client(call.trainer), refused(refusal).code
        await call.services.device_calls.refused(call.trainer.school_id, client, direction, code, call.now)
    return refusal


_SINCE = {"type": ["integer", "string", "null"]}
LAST_PULLED_AT = Parameter("last_pulled_at", _SINCE, "The `timestamp` of the last pull; empty, 0, null: the first.")

ENDPOINTS = (
    Endpoint(
        "GET", "/sync/watermelon/pull", "Get what changed, for WatermelonDB", _pull, {200: None},
        ("device_revoked", "invalid_fields", "resync_required", "rate_limited"),
        parameters=(
            LAST_PULLED_AT,
            Parameter("schema_version", {"type": "integer"}, "The phone's own; it changes nothing."),
            Parameter("migration", {"type": "string"}, "What synchronize() gives, as JSON: these tables come whole."),
        ),
    ),
    Endpoint(
        "POST", "/sync/watermelon/push", "Send what was done on a phone, for WatermelonDB", _push, {200: None},
        ("forbidden", "device_revoked", "conflict", "resync_required", "rate_limited"), bodies=(PushBody,),
        parameters=(
            LAST_PULLED_AT,
            Parameter("accepts", {"type": "string", "enum": [_REJECTED_IDS]}, "The app looks at rejected ids."),
        ),
        body_limit_bytes=UP_LIMIT_BYTES, takes_any_text=True,
    ),
)  # fmt: skip
