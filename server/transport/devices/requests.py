"""What devices send: the bodies of their calls, camelCase. Each event of an `up` is judged by itself (reading.py)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, StrictInt, StrictStr, WithJsonSchema

from server.domain.devices import CLIENT_ID_LIMIT

ClientId = Annotated[StrictStr, WithJsonSchema({"type": "string", "minLength": 1, "maxLength": CLIENT_ID_LIMIT})]
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


class DeviceRequest(BaseModel):
    """What a device sends besides is let be."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class UpBody(DeviceRequest):
    clientId: ClientId
    serverEpoch: StrictStr | None = None
    lastSyncTimestamp: Position = None
    events: Events


class DownBody(DeviceRequest):
    clientId: ClientId
    serverEpoch: StrictStr | None = None
    lastSyncTimestamp: Position = None
    entityTypes: list[StrictStr] | None = None
    limit: StrictInt | None = None


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
