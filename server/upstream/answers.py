"""What a central server answers a hall, read: what is not of this shape was not said by one."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict


class CentralAnswer(BaseModel):
    """What a newer central says besides is let be."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class SchoolPart(CentralAnswer):
    id: UUID
    name: str


class HallPart(CentralAnswer):
    id: UUID
    name: str


class SessionPart(CentralAnswer):
    lastSeq: int
    takenOver: bool = False
    lastEventId: UUID | None = None
    """A central of before does not tell it."""
    isForgotten: bool = False
    """Its names are out, or its record is deleted: a hall deletes its copy."""


class HelloAnswer(CentralAnswer):
    serverEpoch: str
    serverTime: AwareDatetime
    release: str
    school: SchoolPart
    hall: HallPart
    sessions: dict[UUID, SessionPart] = {}


class ServerDataPart(CentralAnswer):
    version: int
    deleted: bool
    payload: dict[str, Any] | None = None


class FieldErrorPart(CentralAnswer):
    field: str
    message: str


class AcknowledgedPart(CentralAnswer):
    outboxEventId: UUID
    serverVersion: int
    serverData: ServerDataPart | None = None


class ConflictPart(CentralAnswer):
    outboxEventId: UUID
    conflictId: UUID
    reason: str
    serverData: ServerDataPart | None = None


class RejectedPart(CentralAnswer):
    outboxEventId: UUID
    reason: str
    errors: list[FieldErrorPart] = []


class UpAnswer(CentralAnswer):
    acknowledged: list[AcknowledgedPart]
    conflicts: list[ConflictPart]
    rejected: list[RejectedPart]
    serverEpoch: str
    serverTime: datetime


class ChangePart(CentralAnswer):
    entityType: str
    entityId: UUID
    operation: str
    payload: dict[str, Any] | None
    serverVersion: int


class DownAnswer(CentralAnswer):
    changes: list[ChangePart]
    syncTimestamp: int
    hasMore: bool
    serverEpoch: str
    serverTime: datetime
