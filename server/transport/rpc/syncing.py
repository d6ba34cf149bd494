"""Both halves of a sync call: what was done elsewhere is sent to the engine, and what changed is asked of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from server.domain.devices import Direction, EntityType, EventOutcome
from server.domain.judging import Rejected
from server.domain.outcomes import FieldError, InvalidFields, RateLimited, Refusal, TooLarge, invalid
from server.domain.people import Trainer
from server.domain.text import is_storable
from server.service.sync.engine import ENTITIES_DEFAULT, ENTITIES_LIMIT, EVENTS_LIMIT, UpOutcome
from server.service.sync.events import DeviceEvent
from server.service.sync.judging import Show
from server.service.sync.pages import Changes
from server.transport.devices.reading import read_version
from server.transport.devices.requests import CLIENT_ID_LIMIT
from server.transport.refusals import refused
from server.transport.rpc import shiller_pb2 as pb
from server.transport.rpc.door import RpcCall
from server.transport.rpc.statuses import field_errors

# What devices call the parts of an event, and what they are called here.
_NAMES = {"entityId": "id", "localVersion": "local_version", "changedFields": "changed_fields"}


@dataclass(frozen=True, slots=True)
class SentChange:
    """`event_id` as it was sent, or as it was made up here; `entity_id` as it was sent until it is judged."""

    event_id: str
    entity_id: str
    event: DeviceEvent


@dataclass(frozen=True, slots=True)
class Asking:
    client_id: str
    epoch: str | None
    after: int
    limit: int
    type: EntityType


@dataclass(frozen=True, slots=True)
class Exchanged:
    outcomes: Sequence[tuple[SentChange, EventOutcome]]
    changes: Changes


def read_asking(
    trainer: Trainer, client_id: str, epoch: str, last_sync_timestamp: int, limit: int, of: EntityType
) -> Asking | InvalidFields:
    errors: list[FieldError] = []
    if len(client_id) > CLIENT_ID_LIMIT or not is_storable(client_id):
        errors.append(FieldError("client_id", f"must have at most {CLIENT_ID_LIMIT} characters"))
    after = read_version(last_sync_timestamp)
    if after is None:
        errors.append(FieldError("last_sync_timestamp", "must be the server_timestamp of an answer, or 0"))
    if not 0 <= limit <= ENTITIES_LIMIT:
        errors.append(FieldError("limit", f"must be from 1 to {ENTITIES_LIMIT}, or 0"))
    if errors or after is None:
        return InvalidFields(tuple(errors))
    # Callers without an id of their own are one device for each account.
    return Asking(client_id or f"grpc/{trainer.id}", epoch or None, after, limit or ENTITIES_DEFAULT, of)


async def exchange(
    call: RpcCall, asking: Asking, sent: Sequence[SentChange], show: Show, *, forgets_rejections: bool = False
) -> Exchanged | Refusal:
    """Sent first: what was taken is among the changes then, with its new version."""
    outcomes: Sequence[EventOutcome] = ()
    if sent:
        events = [change.event for change in sent]
        up = await call.services.sync.up(
            call.trainer,
            asking.client_id,
            asking.epoch,
            events,
            show,
            call.now,
            after=asking.after,
            forgets_rejections=forgets_rejections,
        )
        if not isinstance(up, UpOutcome):
            return await failed(call, asking.client_id, "UP", up)
        outcomes = up.outcomes
        sent = [replace(each, entity_id=up.answered_of.get(each.event.id, each.entity_id)) for each in sent]
    changes = await call.services.sync.down(
        call.trainer, asking.client_id, asking.epoch, asking.after, (asking.type,), asking.limit, show, call.now
    )
    if not isinstance(changes, Changes):
        return await failed(call, asking.client_id, "DOWN", changes)
    return Exchanged(list(zip(sent, outcomes, strict=True)), changes)


def too_many(changes: Collection[object]) -> TooLarge | None:
    return TooLarge(f"At most {EVENTS_LIMIT} changes at a time; send fewer.") if len(changes) > EVENTS_LIMIT else None


async def failed(call: RpcCall, client_id: str, direction: Direction, refusal: Refusal) -> Refusal:
    """Of what was refused whole, but for what is only too early, the log keeps a line."""
    if not isinstance(refusal, RateLimited):
        shown = client_id[:CLIENT_ID_LIMIT] if is_storable(client_id) else ""
        await call.services.device_calls.refused(
            call.trainer.school_id, shown, direction, refused(refusal).code, call.now
        )
    return refusal


def bad_event_id(place: int, message: str = "must be a UUID") -> InvalidFields:
    """Without an id there is nothing by which the outcome could be told, so the whole call is refused."""
    return invalid(f"local_changes.{place}.event_id", message)


def rejected_message(change: SentChange, rejected: Rejected) -> pb.Rejected:
    errors = [FieldError(_name(error.field), error.message) for error in rejected.errors]
    return pb.Rejected(
        event_id=change.event_id, reason=rejected.reason, errors=field_errors(errors), entity_id=change.entity_id
    )


def _name(field: str) -> str:
    field = field.removeprefix("payload.")
    return _NAMES.get(field, field)
