"""UsersService: the accounts of the caller's school."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid5

import grpc

from server.domain.devices import Acknowledged, Conflicted, EventOutcome
from server.domain.judging import Rejected
from server.domain.outcomes import FieldError, InvalidBody, InvalidFields, NotFound, Refusal, invalid
from server.domain.people import Role, Trainer, account_errors
from server.domain.text import shown
from server.json_text import write_json
from server.ports.results import Added, AlreadyThere, Page
from server.ports.slices import Slices
from server.service.accounts import NewTrainer, TrainerEdit
from server.service.sync.events import DeviceEdit, DeviceEvent, TrainerValues, UnreadableEvent
from server.transport.devices.reading import Envelope, read_device_event
from server.transport.devices.sync import UP_LIMIT_BYTES
from server.transport.http.paging import DEFAULT_LIMIT, LARGEST_LIMIT, read_cursor, write_cursor
from server.transport.rpc import shiller_pb2 as pb
from server.transport.rpc.door import Context, RpcCall, RpcDoor, RpcMethod
from server.transport.rpc.messages import account_payload, meaningless_errors, show_accounts_to, user_message
from server.transport.rpc.shiller_pb2_grpc import UsersServiceServicer
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
from server.transport.wire.reading import read_model
from server.transport.wire.requests import TrainerChangeBody

_NOTHING = NotFound("There is nothing under this id.")
_SYNC = RpcMethod("UsersService/SyncUsers", UP_LIMIT_BYTES)
_CREATE = RpcMethod("UsersService/CreateUser", taken=grpc.StatusCode.ALREADY_EXISTS)
_UPDATE = RpcMethod("UsersService/UpdateUser")
_DELETE = RpcMethod("UsersService/DeleteUser")
_LIST = RpcMethod("UsersService/GetAllUsers")


class UserCalls(UsersServiceServicer):
    def __init__(self, door: RpcDoor) -> None:
        self._door = door

    async def SyncUsers(self, request: pb.SyncUsersRequest, context: Context) -> pb.SyncUsersResponse:
        return await self._door.answer(_SYNC, request, context, _sync)

    async def CreateUser(self, request: pb.User, context: Context) -> pb.User:
        return await self._door.answer(_CREATE, request, context, _create)

    async def UpdateUser(self, request: pb.User, context: Context) -> pb.User:
        return await self._door.answer(_UPDATE, request, context, _update)

    async def DeleteUser(self, request: pb.DeleteUserRequest, context: Context) -> pb.DeleteUserResponse:
        return await self._door.answer(_DELETE, request, context, _delete)

    async def GetAllUsers(self, request: pb.GetUsersRequest, context: Context) -> pb.GetUsersResponse:
        return await self._door.answer(_LIST, request, context, _list)


async def _create(call: RpcCall, user: pb.User) -> pb.User | Refusal:
    user_id = read_uuid(user.id)
    errors = [] if user_id is not None or not user.id else [FieldError("id", "must be a UUID, or empty")]
    role = _read_role(user, errors)
    if errors:
        errors += account_errors(email=user.email, name=user.name, password=user.password or None)
        return InvalidFields(tuple(errors))
    new = NewTrainer(
        user.email, user.name, user.password or None, role or "trainer", user_id, user.password_hash or None
    )
    outcome = await call.services.accounts.add_trainer(call.trainer, new, call.now)
    match outcome:
        case Added(trainer) | AlreadyThere(trainer):
            return _message(call, trainer)
        case _:
            return outcome


async def _update(call: RpcCall, user: pb.User) -> pb.User | Refusal:
    user_id = read_uuid(user.id)
    if user_id is None:
        return _NOTHING
    errors = [FieldError("deleted_at", "is set by DeleteUser")] if user.HasField("deleted_at") else []
    errors += _version_errors(user.sync_version)
    role = _read_role(user, errors)
    edit = TrainerEdit(user.email or None, user.name or None, role, user.password or None, user.password_hash or None)
    if errors:
        return InvalidFields((*errors, *account_errors(email=edit.email, name=edit.name, password=edit.password)))
    changed = await call.services.accounts.change_trainer(
        call.trainer, user_id, edit, user.sync_version or None, call.now
    )
    return _message(call, changed) if isinstance(changed, Trainer) else changed


async def _delete(call: RpcCall, request: pb.DeleteUserRequest) -> pb.DeleteUserResponse | Refusal:
    user_id = read_uuid(request.id)
    if user_id is None:
        return _NOTHING
    if errors := _version_errors(request.sync_version):
        return InvalidFields(tuple(errors))
    deleted = await call.services.accounts.delete_trainer(call.trainer, user_id, request.sync_version or None, call.now)
    return pb.DeleteUserResponse(user=_message(call, deleted)) if isinstance(deleted, Trainer) else deleted


def _version_errors(sync_version: int) -> list[FieldError]:
    return [FieldError("sync_version", "must be a version, or 0")] if sync_version < 0 else []


async def _list(call: RpcCall, request: pb.GetUsersRequest) -> pb.GetUsersResponse | Refusal:
    if not 0 <= request.page_size <= LARGEST_LIMIT:
        return invalid("page_size", f"must be a whole number from 1 to {LARGEST_LIMIT}, or 0")
    after = read_cursor("page_token", request.page_token) if request.page_token else None
    if isinstance(after, InvalidFields):
        return after
    page = await call.services.accounts.list_trainers(call.trainer, request.page_size or DEFAULT_LIMIT, after)
    if not isinstance(page, Page):
        return page
    return pb.GetUsersResponse(
        users=[_message(call, trainer) for trainer in page.items],
        next_page_token="" if page.next is None else write_cursor(page.next),
    )


def _message(call: RpcCall, trainer: Trainer) -> pb.User:
    return user_message(show_accounts_to(call.trainer)(trainer))


def _read_role(user: pb.User, errors: list[FieldError]) -> Role | None:
    """The role, if one was sent; what of the message nobody can take is added to `errors`."""
    errors += meaningless_errors(user)
    body = read_model(TrainerChangeBody, {"role": user.role} if user.role else {})
    if isinstance(body, InvalidFields | InvalidBody):
        errors += body.errors if isinstance(body, InvalidFields) else ()
        return None
    return body.role


async def _sync(call: RpcCall, request: pb.SyncUsersRequest) -> pb.SyncUsersResponse | Refusal:
    asking = read_asking(
        call.trainer, request.client_id, request.server_epoch, request.last_sync_timestamp, 0, "TRAINER"
    )
    if isinstance(asking, InvalidFields):
        return await failed(call, request.client_id, "UP" if request.local_changes else "DOWN", asking)
    sent = too_many(request.local_changes) or await _read_changes(call, request.local_changes, asking)
    if not isinstance(sent, Sequence):
        return await failed(call, asking.client_id, "UP", sent)
    # Who has no ids for the changes cannot give another one to what was rejected.
    has_ids = all(user.event_id for user in request.local_changes)
    show = show_accounts_to(call.trainer)
    exchanged = await exchange(call, asking, sent, show, forgets_rejections=not has_ids)
    return _answer(call, exchanged) if isinstance(exchanged, Exchanged) else exchanged


def _answer(call: RpcCall, exchanged: Exchanged) -> pb.SyncUsersResponse:
    changes, show = exchanged.changes, show_accounts_to(call.trainer)
    rows = [change.row for change in changes.rows]
    answer = pb.SyncUsersResponse(
        server_updates=[user_message(show(row.entity)) for row in rows if not row.is_deleted],
        deleted_ids=[str(row.entity.id) for row in rows if row.is_deleted],
        server_timestamp=changes.cursor,
        has_more=changes.has_more,
        server_epoch=changes.epoch,
    )
    for change, outcome in exchanged.outcomes:
        _tell(answer, change, outcome)
    return answer


def _tell(answer: pb.SyncUsersResponse, change: SentChange, outcome: EventOutcome) -> None:
    match outcome:
        case Acknowledged():
            pass
        case Conflicted(conflict_id, reason, data):
            answer.conflicts.append(
                pb.Conflict(
                    event_id=change.event_id,
                    conflict_id=str(conflict_id),
                    reason=reason,
                    server_data=None if data is None else user_message(data.payload),
                    entity_id=change.entity_id,
                )
            )
        case Rejected():
            answer.rejected.append(rejected_message(change, outcome))


async def _read_changes(
    call: RpcCall, users: Sequence[pb.User], asking: Asking
) -> Sequence[SentChange] | InvalidFields:
    slices = Slices()
    changes: list[SentChange] = []
    for place, user in enumerate(users):
        event_id = _event_id(place, user, asking, call.trainer)
        if isinstance(event_id, InvalidFields):
            return event_id
        event = _read_event(user, event_id, asking.client_id, call.trainer, call.now)
        changes.append(SentChange(user.event_id or str(event_id), shown(user.id), event))
        await slices.breathe()
    return changes


def _event_id(place: int, user: pb.User, asking: Asking, trainer: Trainer) -> UUID | InvalidFields:
    """Of a change without one it is made of the content, so that a repeat has the same; never of a password."""
    if user.event_id:
        return read_uuid(user.event_id) or bad_event_id(place)
    if user.password or user.password_hash:
        return bad_event_id(place, "is required of a change that has a password")
    content = (user.id, user.name, user.role, user.email, user.sync_version, user.seq, user.HasField("deleted_at"))
    return uuid5(trainer.school_id, write_json(["grpc", asking.client_id, *content]))


def _read_event(user: pb.User, event_id: UUID, client: str, trainer: Trainer, now: datetime) -> DeviceEvent:
    is_deletion = user.HasField("deleted_at")
    payload = account_payload(user)
    raw = {
        "operation": "DELETE" if is_deletion else "UPDATE" if user.sync_version else "CREATE",
        "entityId": user.id,
        "seq": user.seq or None,
        "payload": payload,
        "changedFields": list(payload),
    }
    envelope = Envelope(event_id, "TRAINER", shown(user.id), raw)
    event = read_device_event(envelope, client, trainer, now)
    errors = meaningless_errors(user) + _version_errors(user.sync_version)
    if user.password_hash:
        errors += account_errors(password=user.password or None, password_hash=user.password_hash)
    if isinstance(event, UnreadableEvent):
        given = {"password"} if user.password_hash else set[str]()
        named = replace(event.named, lacking=[name for name in event.named.lacking if name not in given])
        return envelope.unreadable(*event.rejected.errors, *errors, named=named)
    if errors:
        return envelope.unreadable(*errors)
    assert isinstance(event, DeviceEdit)  # noqa: S101 - an account is no event of a session
    return _with_hash(replace(event, made_on=user.sync_version or None), user.password_hash)


def _with_hash(event: DeviceEdit, password_hash: str) -> DeviceEdit:
    if not password_hash or not isinstance(event.values, TrainerValues):
        return event
    changed = None if event.edit.changed is None else event.edit.changed | {"password"}
    edit = replace(event.edit, named=event.edit.named | {"password"}, changed=changed)
    return replace(event, edit=edit, values=replace(event.values, password_hash=password_hash))
