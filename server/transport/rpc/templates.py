"""TemplatesService: the session templates of the caller's school."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from server.domain.devices import Acknowledged, Conflicted, EventOutcome
from server.domain.judging import Rejected
from server.domain.outcomes import InvalidFields, Refusal
from server.domain.people import Trainer
from server.domain.text import shown
from server.ports.slices import Slices
from server.service.sync.events import DeviceEvent
from server.transport.devices.answers import show_to
from server.transport.devices.columns import payload_of
from server.transport.devices.reading import Envelope, read_device_event
from server.transport.devices.sync import UP_LIMIT_BYTES
from server.transport.rpc import shiller_pb2 as pb
from server.transport.rpc.door import Context, RpcCall, RpcDoor, RpcMethod
from server.transport.rpc.messages import sent_columns, template_message, template_update
from server.transport.rpc.shiller_pb2_grpc import TemplatesServiceServicer
from server.transport.rpc.syncing import (
    Asking,
    Exchanged,
    SentChange,
    bad_event_id,
    exchange,
    failed,
    read_asking,
    rejected_message,
    too_many,
)
from server.transport.wire.ids import read_uuid

_SYNC = RpcMethod("TemplatesService/SyncTemplates", UP_LIMIT_BYTES)


class TemplateCalls(TemplatesServiceServicer):
    def __init__(self, door: RpcDoor) -> None:
        self._door = door

    async def SyncTemplates(self, request: pb.SyncTemplatesRequest, context: Context) -> pb.SyncTemplatesResponse:
        return await self._door.answer(_SYNC, request, context, _sync)


async def _sync(call: RpcCall, request: pb.SyncTemplatesRequest) -> pb.SyncTemplatesResponse | Refusal:
    asking = read_asking(
        call.trainer, request.client_id, request.server_epoch, request.last_sync_timestamp, request.limit, "TEMPLATE"
    )
    if isinstance(asking, InvalidFields):
        return await failed(call, request.client_id, "UP" if request.local_changes else "DOWN", asking)
    sent = too_many(request.local_changes) or await _read_changes(call, request.local_changes, asking)
    if not isinstance(sent, Sequence):
        return await failed(call, asking.client_id, "UP", sent)
    exchanged = await exchange(call, asking, sent, show_to(call.trainer))
    return await _answer(call, exchanged) if isinstance(exchanged, Exchanged) else exchanged


async def _answer(call: RpcCall, exchanged: Exchanged) -> pb.SyncTemplatesResponse:
    changes, show, slices = exchanged.changes, show_to(call.trainer), Slices()
    answer = pb.SyncTemplatesResponse(
        server_timestamp=changes.cursor, has_more=changes.has_more, server_epoch=changes.epoch
    )
    for row in (change.row for change in changes.rows):
        if row.is_deleted:
            answer.deleted_ids.append(str(row.entity.id))
        else:
            update = pb.TemplateUpdate(template=template_message(show(row.entity)), server_version=row.version)
            answer.server_updates.append(update)
        await slices.breathe()
    for change, outcome in exchanged.outcomes:
        _tell(answer, change, outcome)
        await slices.breathe()
    return answer


def _tell(answer: pb.SyncTemplatesResponse, change: SentChange, outcome: EventOutcome) -> None:
    match outcome:
        case Acknowledged(version):
            answer.acknowledged.append(
                pb.Acknowledged(event_id=change.event_id, entity_id=change.entity_id, server_version=version)
            )
        case Conflicted(conflict_id, reason, data):
            answer.conflicts.append(
                pb.TemplateConflict(
                    event_id=change.event_id,
                    conflict_id=str(conflict_id),
                    reason=reason,
                    server_data=None if data is None else template_update(data),
                    entity_id=change.entity_id,
                )
            )
        case Rejected():
            answer.rejected.append(rejected_message(change, outcome))


async def _read_changes(
    call: RpcCall, changes: Sequence[pb.TemplateChange], asking: Asking
) -> Sequence[SentChange] | InvalidFields:
    """In slices: the values of 500 templates take a tenth of a second."""
    slices = Slices()
    read: list[SentChange] = []
    for place, change in enumerate(changes):
        event_id = read_uuid(change.event_id)
        if event_id is None:
            return bad_event_id(place)
        event = _read_event(change, event_id, asking.client_id, call.trainer, call.now)
        read.append(SentChange(change.event_id, shown(change.template.id), event))
        await slices.breathe()
    return read


def _read_event(change: pb.TemplateChange, event_id: UUID, client: str, trainer: Trainer, now: datetime) -> DeviceEvent:
    payload, unread = payload_of("TEMPLATE", sent_columns(change.template))
    raw: dict[str, object] = {
        "operation": "DELETE" if change.is_deletion else "UPDATE" if change.local_version else "CREATE",
        "entityId": change.template.id,
        "localVersion": change.local_version,
        "seq": change.seq or None,
        "changedFields": list(change.changed_fields) or None,
        "payload": payload,
    }
    envelope = Envelope(event_id, "TEMPLATE", shown(change.template.id), raw)
    return read_device_event(envelope, client, trainer, now, unread)
