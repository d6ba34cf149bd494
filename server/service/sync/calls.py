"""The log of what devices called, and the devices themselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from server.domain.audit import author_of
from server.domain.devices import (
    Acknowledged,
    CallRecord,
    Conflicted,
    Device,
    DeviceRevocation,
    Direction,
    EventOutcome,
    LoggedEvent,
    status_of,
)
from server.domain.judging import Rejected
from server.domain.outcomes import Conflict, Forbidden, NotFound
from server.domain.people import Trainer
from server.domain.permissions import judge_school_action
from server.ports.results import Cursor, Page
from server.ports.sync import Pull, SyncStore

_NO_CALL = NotFound("There is no such call in the log.")
_REVOKED = Conflict("This device is revoked; forgotten, it would be let in again. Let it in first, if you want that.")
_NO_DEVICE = NotFound("There is no such device.")


class DeviceCalls:
    """For the admins of a school."""

    def __init__(self, store: SyncStore) -> None:
        self._store = store

    async def refused(self, school_id: UUID, client_id: str, direction: Direction, error: str, now: datetime) -> None:
        """A call of which nothing was taken."""
        record = CallRecord(uuid4(), school_id, client_id, direction, 0, 0, 0, 0, "FAILED", now, now, error=error)
        await self._store.add_call(record)

    async def list(self, admin: Trainer, limit: int, after: Cursor | None) -> Page[CallRecord] | Forbidden:
        if refusal := judge_school_action(admin, "see_devices"):
            return refusal
        return await self._store.list_calls(admin.school_id, limit, after)

    async def find(
        self, admin: Trainer, call_id: UUID
    ) -> tuple[CallRecord, Sequence[LoggedEvent]] | Forbidden | NotFound:
        if refusal := judge_school_action(admin, "see_devices"):
            return refusal
        return await self._store.find_call(admin.school_id, call_id) or _NO_CALL

    async def devices(self, admin: Trainer) -> Sequence[Device] | Forbidden:
        if refusal := judge_school_action(admin, "see_devices"):
            return refusal
        return await self._store.list_devices(admin.school_id)

    async def newest(self, admin: Trainer) -> int:
        """The newest version of the school."""
        pulled = await self._store.pull(Pull(admin.school_id, (), 0, 1))
        return pulled.newest

    async def forget(self, admin: Trainer, client_id: str, now: datetime) -> Forbidden | NotFound | Conflict | None:
        """One that is revoked stays: its id would be free, and the device let in again with its next call."""
        if refusal := judge_school_action(admin, "see_devices"):
            return refusal
        device = await self._store.find_device(admin.school_id, client_id)
        if device is not None and device.revoked is not None:
            return _REVOKED
        forgotten = await self._store.delete_device(admin.school_id, client_id, author_of(admin), now)
        return None if forgotten else _NO_DEVICE

    async def revoke(self, admin: Trainer, client_id: str, now: datetime) -> Device | Forbidden | NotFound:
        """From now on it may neither send nor get; twice is no error."""
        return await self._revoke(admin, client_id, DeviceRevocation(now, author_of(admin)), now)

    async def let_in(self, admin: Trainer, client_id: str, now: datetime) -> Device | Forbidden | NotFound:
        """Undo a revocation; also if there was none."""
        return await self._revoke(admin, client_id, None, now)

    async def _revoke(
        self, admin: Trainer, client_id: str, revocation: DeviceRevocation | None, now: datetime
    ) -> Device | Forbidden | NotFound:
        if refusal := judge_school_action(admin, "see_devices"):
            return refusal
        by = author_of(admin)
        return await self._store.revoke_device(admin.school_id, client_id, revocation, by, now) or _NO_DEVICE


def up_record(
    call_id: UUID, trainer: Trainer, client_id: str, outcomes: Sequence[EventOutcome], now: datetime
) -> CallRecord:
    return CallRecord(
        id=call_id,
        school_id=trainer.school_id,
        client_id=client_id,
        direction="UP",
        events=len(outcomes),
        acknowledged=sum(isinstance(each, Acknowledged) for each in outcomes),
        conflicts=sum(isinstance(each, Conflicted) for each in outcomes),
        rejected=sum(isinstance(each, Rejected) for each in outcomes),
        status=status_of(outcomes),
        started_at=now,
        completed_at=now,
    )


def pull_record(trainer: Trainer, client_id: str, entities: int, now: datetime) -> CallRecord:
    return CallRecord(uuid4(), trainer.school_id, client_id, "DOWN", entities, entities, 0, 0, "SUCCESS", now, now)
