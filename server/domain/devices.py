"""What devices that work offline send and are told: edits, their outcomes, conflicts, and the log of their calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, NamedTuple, get_args
from uuid import UUID, uuid5

from server.domain.audit import AuditAction, AuditEntry, Subject, SubjectType
from server.domain.events import Author
from server.domain.judging import ConflictReason, Rejected, RejectionReason
from server.domain.outcomes import FieldError, Unchanged
from server.domain.people import Trainer
from server.domain.session import Session
from server.domain.template import Template
from server.domain.text import is_storable

EntityType = Literal["TEMPLATE", "SESSION", "TRAINER"]
ENTITY_TYPES: tuple[EntityType, ...] = get_args(EntityType)
Entity = Template | Session | Trainer
Key = tuple[EntityType, UUID]

# What the log and the audit call them.
SUBJECTS: Mapping[EntityType, SubjectType] = {"TEMPLATE": "template", "SESSION": "session", "TRAINER": "trainer"}
TYPES: Mapping[SubjectType, EntityType] = {subject: type for type, subject in SUBJECTS.items()}

CLIENT_ID_LIMIT = 100

Direction = Literal["UP", "DOWN"]
CallStatus = Literal["SUCCESS", "PARTIAL", "FAILED"]
Kept = Literal["server", "local"]


def client_id_error(field: str, client_id: str) -> FieldError | None:
    if 1 <= len(client_id) <= CLIENT_ID_LIMIT and is_storable(client_id):
        return None
    return FieldError(field, f"must have 1 to {CLIENT_ID_LIMIT} characters")


@dataclass(frozen=True, slots=True)
class ServerData:
    """A row as the server has it; `payload` as REST shows it to who asks.

    In a conflict it is told when it was written last and by whom, as far as that is known.
    """

    version: int
    is_deleted: bool
    payload: Mapping[str, object]
    written_at: datetime | None = None
    written_by: Author | None = None


class LastWrite(NamedTuple):
    """Of a row, as the audit tells it."""

    at: datetime
    by: Author


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """`data` where what is stored is not what the device has now: it takes it as its new base."""

    version: int
    data: ServerData | None = None


@dataclass(frozen=True, slots=True)
class Conflicted:
    conflict_id: UUID
    reason: ConflictReason
    data: ServerData | None


EventOutcome = Acknowledged | Conflicted | Rejected


@dataclass(frozen=True, slots=True)
class EditConflict:
    """An edit that was not taken, kept until a person has chosen; `local_payload` is None for a deletion.

    `local_fields` are those of it that the device said it changed; None: all of them.
    """

    id: UUID
    school_id: UUID
    client_id: str
    trainer_id: UUID | None
    """Whose edit it was, also after the device was forgotten; None: that was not kept then."""
    event_id: UUID
    entity_type: EntityType
    entity_id: UUID
    reason: ConflictReason
    local_payload: Mapping[str, object] | None
    data: ServerData | None
    created_at: datetime
    resolved_at: datetime | None = None
    kept: Kept | None = None
    local_fields: frozenset[str] | None = None


# Of a session, what may name somebody.
NAMING_FIELDS = ("title", "public_title", "trainee_name")


def settled_without_names(conflict: EditConflict, now: datetime) -> EditConflict:
    """One of a session whose names went out: it has ended, so nothing is left to choose, and nothing names anybody."""
    data = conflict.data
    return replace(
        conflict,
        local_payload=_unnamed(conflict.local_payload),
        data=None if data is None else replace(data, payload=_unnamed(data.payload) or {}),
        resolved_at=conflict.resolved_at or now,
        kept=conflict.kept or "server",
    )


def answered_without_names(outcome: EventOutcome) -> EventOutcome:
    """What a device was told of such a session, as it is told again: it pulls the session as it is now."""
    return replace(outcome, data=None) if isinstance(outcome, Acknowledged) else outcome


def _unnamed(payload: Mapping[str, object] | None) -> Mapping[str, object] | None:
    return None if payload is None else {name: each for name, each in payload.items() if name not in NAMING_FIELDS}


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call of a device in the school's log."""

    id: UUID
    school_id: UUID
    client_id: str
    direction: Direction
    events: int
    acknowledged: int
    conflicts: int
    rejected: int
    status: CallStatus
    started_at: datetime
    completed_at: datetime | None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """An event of an `up`, as the log tells it."""

    event_id: UUID
    entity_type: str
    entity_id: str
    outcome: Literal["acknowledged", "conflict", "rejected"]
    reason: ConflictReason | RejectionReason | None


class Beginning(NamedTuple):
    """The cursor with which a pull began, and the newest version of the school then."""

    cursor: int
    newest: int


class DeviceRevocation(NamedTuple):
    """That an admin has shut a device out; its row stays, so that its id is not free."""

    at: datetime
    by: Author


@dataclass(frozen=True, slots=True)
class Device:
    """A client that has called: who it belongs to, and how far it has come."""

    school_id: UUID
    client_id: str
    trainer_id: UUID | None
    last_seen_at: datetime
    cursor: int | None = None
    beginnings: Mapping[int, Beginning] = field(default_factory=dict[int, Beginning])
    """Of pulls of several pages: by the cursor that a page gave, how its pull began."""
    revoked: DeviceRevocation | None = None
    hall_id: UUID | None = None
    """Of one that belongs to no trainer: the hall that it is."""

    @property
    def owner_id(self) -> UUID | None:
        return self.trainer_id or self.hall_id


def judge_revocation(device: Device, revocation: DeviceRevocation | None) -> Device | Unchanged[Device]:
    """Shut out, or None: let in again. Of two revocations the first stays."""
    if (device.revoked is None) is (revocation is None):
        return Unchanged(device)
    return replace(device, revoked=revocation)


def entry_of_device(entry_id: UUID, action: AuditAction, device: Device, by: Author, now: datetime) -> AuditEntry:
    """A device is named by a text of its own; here it has an id that follows from it."""
    details = {
        "client_id": device.client_id,
        "trainer_id": None if device.trainer_id is None else str(device.trainer_id),
    }
    subject = Subject("device", uuid5(device.school_id, device.client_id))
    return AuditEntry(entry_id, device.school_id, now, by, action, subject, details)


def entry_of_revocation(entry_id: UUID, device: Device, by: Author, now: datetime) -> AuditEntry:
    """`device` as it is now."""
    return entry_of_device(entry_id, "let_in" if device.revoked is None else "revoked", device, by, now)


def data_by(data: ServerData, type: EntityType, last: LastWrite | None) -> ServerData:
    """With who wrote it. What was changed by hand, or by nobody, has no entry of its moment in the audit; pushes, which
    have none, move that of a session.
    """
    if data.written_by is not None or last is None:
        return data
    if type == "SESSION":
        return replace(data, written_at=last.at, written_by=last.by)
    return replace(data, written_by=last.by) if last.at == data.written_at else data


def _without_address(payload: Mapping[str, object]) -> Mapping[str, object]:
    """Of an account, as it is told to whoever may not see the e-mail addresses of colleagues."""
    return {name: value for name, value in payload.items() if name != "email"}


def outcome_without_address(outcome: EventOutcome) -> EventOutcome:
    match outcome:
        case Acknowledged(data=ServerData() as data) | Conflicted(data=ServerData() as data):
            return replace(outcome, data=replace(data, payload=_without_address(data.payload)))
        case _:
            return outcome


def conflict_without_address(conflict: EditConflict) -> EditConflict:
    local, data = conflict.local_payload, conflict.data
    return replace(
        conflict,
        local_payload=None if local is None else _without_address(local),
        data=None if data is None else replace(data, payload=_without_address(data.payload)),
    )


def status_of(outcomes: Sequence[EventOutcome]) -> CallStatus:
    """Of a call that was answered; one that was refused whole has failed."""
    return "SUCCESS" if all(isinstance(outcome, Acknowledged) for outcome in outcomes) else "PARTIAL"
