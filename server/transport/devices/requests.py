"""What devices send: the bodies of their calls, camelCase. Each event of an `up` is judged by itself (reading.py)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, StrictInt, StrictStr, WithJsonSchema

from server.domain.devices import CLIENT_ID_LIMIT
from server.domain.outcomes import FieldError
from server.service.sync.engine import ENTITIES_LIMIT
from server.transport.devices.reading import read_version
from server.transport.wire import rules

PAGE_RULE = f"must be from 1 to {ENTITIES_LIMIT}"

ClientId = Annotated[
    StrictStr,
    rules.client_id(),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": CLIENT_ID_LIMIT}),
]
Position = Annotated[
    Any,
    WithJsonSchema(
        {
            "type": ["integer", "string", "null"],
            "description": "The `syncTimestamp` of the last page; null or 0: begin.",
        }
    ),
]
Events = Annotated[
    list[Any],
    WithJsonSchema({"type": "array", "maxItems": 500, "items": {"type": "object", "additionalProperties": True}}),
]


def cursor_errors(path: str, raw: object, now: datetime | None = None) -> Iterable[FieldError]:
    if raw is None or read_version(raw) is not None:
        return ()
    return (FieldError(path, "must be the syncTimestamp of an answer, or null"),)


Cursor = Annotated[Position, rules.Rule(cursor_errors)]


class DeviceRequest(BaseModel):
    """What a device sends besides is let be."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class UpBody(DeviceRequest):
    clientId: ClientId
    serverEpoch: StrictStr | None = None
    lastSyncTimestamp: Cursor = None
    events: Events


class DownBody(DeviceRequest):
    clientId: ClientId
    serverEpoch: StrictStr | None = None
    lastSyncTimestamp: Cursor = None
    entityTypes: list[StrictStr] | None = None
    limit: Annotated[StrictInt, rules.number(1, ENTITIES_LIMIT, PAGE_RULE)] | None = None


class ResolveBody(DeviceRequest):
    keep: Literal["server", "local"]
    serverVersion: Position
    payload: dict[str, Any] | None = None


Rows = Annotated[
    Any,
    WithJsonSchema(
        {
            "type": "object",
            "properties": {
                "created": {"type": "array", "items": {"type": "object", "additionalProperties": True}},
                "updated": {"type": "array", "items": {"type": "object", "additionalProperties": True}},
                "deleted": {"type": "array", "items": {"type": "string", "format": "uuid"}},
            },
        }
    ),
]


class PushBody(DeviceRequest):
    """The `changes` of `synchronize()`; empty lists of other tables are let be."""

    templates: Rows = None
    sessions: Rows = None


class MarkSyncedBody(DeviceRequest):
    changes: Annotated[
        list[Any],
        WithJsonSchema(
            {
                "type": "array",
                "maxItems": 500,
                "items": {
                    "type": "object",
                    "required": ["entityType", "tempId", "payload"],
                    "properties": {
                        "entityType": {"enum": ["TEMPLATE", "SESSION", "SESSION_EVENT", "TRAINER"]},
                        "tempId": {"type": ["string", "integer"]},
                        "payload": {"type": "object", "additionalProperties": True},
                    },
                },
            }
        ),
    ]
    deviceId: ClientId
