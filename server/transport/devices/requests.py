"""What devices send: the bodies of their calls, camelCase. Each event of an `up` is judged by itself (reading.py)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, StrictInt, StrictStr, WithJsonSchema

CLIENT_ID_LIMIT = 100

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
