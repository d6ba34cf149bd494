"""What devices that work offline do: send their edits, get what changed, choose where they and others disagree."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid4

from server.domain.devices import (
    Acknowledged,
    CallRecord,
    Conflicted,
    Device,
    Direction,
    Entity,
    EntityType,
    EventOutcome,
    status_of,
)
from server.domain.judging import Rejected, Row
from server.domain.outcomes import Forbidden, RateLimited, ResyncRequired
from server.domain.people import Trainer
from server.json_text import write_json
from server.ports.broadcast import Publisher
from server.ports.slices import Slices, Turn
from server.ports.sync import ClientTaken, Held, Judgement, Pull, Pulled, SyncCall, Synced, SyncStore
from server.service.sync.events import DeviceEdit, DeviceEvent, SessionValues, TrainerValues
from server.service.sync.judging import Bench, Show, judge_all
from server.service.sync.under_way import CallsUnderWay

EVENTS_LIMIT = 500
ENTITIES_LIMIT = 1000
ENTITIES_DEFAULT = 200
PAGE_BYTES = 1024 * 1024
# Of the pulls of several pages that a client has begun, so many are remembered.
BEGINNINGS_LIMIT = 32

NOT_YOURS = Forbidden("This clientId belongs to a colleague; a device makes a random one of its own.")


@dataclass(frozen=True, slots=True)
class Sent:
    """What an `up` is answered with: one outcome for each event, in their order."""

    outcomes: Sequence[EventOutcome]
    epoch: str


@dataclass(frozen=True, slots=True)
class Change:
    """`is_new`: the device has not got it yet, as far as its cursor tells. `payload` is JSON, null of a deleted one."""

    type: EntityType
    row: Row[Entity]
    is_new: bool
    payload: str


@dataclass(frozen=True, slots=True)
class Changes:
    """A page: `cursor` is what the next call names."""

    rows: Sequence[Change]
    cursor: int
    has_more: bool
    epoch: str


class Sync:
    def __init__(self, store: SyncStore, publisher: Publisher) -> None:
        self._store = store
        self._publisher = publisher
        self._under_way = CallsUnderWay()

    async def epoch(self, trainer: Trainer) -> str:
        return epoch_of(await self._store.identity(), trainer)

    async def up(
        self,
        trainer: Trainer,
        client_id: str,
        epoch: str | None,
        events: Sequence[DeviceEvent],
        show: Show,
        now: datetime,
    ) -> Sent | Forbidden | ResyncRequired | RateLimited:
        """Judge the events in order, each alone; every one has its outcome, and a repeat has the same."""
        async with self._under_way.one(trainer.school_id) as refusal:
            if refusal is not None:
                return refusal
            present = await self.epoch(trainer)
            if epoch is not None and epoch != present:
                return ResyncRequired()
            outcome = await self._take(trainer, client_id, events, show, now)
            return outcome if isinstance(outcome, Forbidden) else Sent(outcome, present)

    async def _take(
        self, trainer: Trainer, client_id: str, events: Sequence[DeviceEvent], show: Show, now: datetime
    ) -> Sequence[EventOutcome] | Forbidden:
        call_id = uuid4()

        async def judge(held: Held, turn: Turn) -> Judgement:
            judgement = await judge_all(Bench.of(trainer, client_id, now, held, show), events, turn)
            return replace(judgement, call=_record(call_id, trainer, client_id, "UP", judgement.outcomes, now))

        synced = await self._store.take(_call(trainer, client_id, events, now), judge)
        if isinstance(synced, ClientTaken):
            return NOT_YOURS
        await self._tell(synced)
        return synced.judgement.outcomes

    async def _tell(self, synced: Synced) -> None:
        if synced.ended_logins:
            await self._publisher.tokens_revoked(synced.ended_logins)
        for session in synced.sessions:
            await self._publisher.session_updated(session)

    async def down(
        self,
        trainer: Trainer,
        client_id: str,
        epoch: str | None,
        after: int,
        types: Collection[EntityType],
        limit: int,
        show: Show,
        now: datetime,
    ) -> Changes | Forbidden | ResyncRequired | RateLimited:
        """What changed since the cursor `after`, or everything that is there if it is 0."""
        async with self._under_way.one(trainer.school_id) as refusal:
            if refusal is not None:
                return refusal
            known = await self._store.find_device(trainer.school_id, client_id)
            if known is not None and known.trainer_id != trainer.id:
                return NOT_YOURS
            beginning = after if known is None else known.beginnings.get(after, after)
            pulled = await self._store.pull(
                Pull(trainer.school_id, types, after, limit, without_deleted=beginning == 0)
            )
            present = epoch_of(pulled.identity, trainer)
            if after > pulled.newest or (epoch is not None and epoch != present):
                return ResyncRequired()
            changes = replace(await _page(pulled, after, beginning, show), epoch=present)
            device = _came_to(known or Device(trainer.school_id, client_id, trainer.id, now), changes, beginning, now)
            call = _pull_record(trainer, client_id, len(changes.rows), now) if changes.rows else None
            if await self._store.see_device(device, call) is not None:
                return NOT_YOURS
            return changes


async def _page(pulled: Pulled, after: int, beginning: int, show: Show) -> Changes:
    """At most PAGE_BYTES of it, but one row at least; written in slices."""
    slices = Slices()
    rows: list[Change] = []
    left = PAGE_BYTES
    for each in pulled.rows:
        payload = "null" if each.row.is_deleted else write_json(show(each.row.entity))
        left -= len(payload)
        if left < 0 and rows:
            break
        rows.append(Change(each.type, each.row, each.row.first_version > beginning, payload))
        await slices.breathe()
    has_more = pulled.has_more or len(rows) < len(pulled.rows)
    cursor = rows[-1].row.version if has_more else max(pulled.newest, after)
    return Changes(rows, cursor, has_more, "")


def epoch_of(identity: str, trainer: Trainer) -> str:
    """Another one after a restore, and when what this trainer may see changes."""
    scope = "admin" if trainer.role == "admin" else "trainer"
    return hashlib.sha256(f"{identity}/{trainer.school_id}/{scope}".encode()).hexdigest()[:32]


def _came_to(device: Device, changes: Changes, beginning: int, now: datetime) -> Device:
    beginnings = dict(device.beginnings)
    if changes.has_more:
        beginnings.pop(changes.cursor, None)
        beginnings[changes.cursor] = beginning
    newest = list(beginnings.items())[-BEGINNINGS_LIMIT:]
    return replace(device, last_seen_at=now, cursor=changes.cursor, beginnings=dict(newest))


def _call(trainer: Trainer, client_id: str, events: Sequence[DeviceEvent], now: datetime) -> SyncCall:
    edits = [event for event in events if isinstance(event, DeviceEdit)]
    emails = [each.values.edit.email for each in edits if isinstance(each.values, TrainerValues)]
    templates = [each.values.opening.template_id for each in edits if isinstance(each.values, SessionValues)]
    return SyncCall(
        school_id=trainer.school_id,
        client_id=client_id,
        trainer_id=trainer.id,
        now=now,
        event_ids=[event.id for event in events],
        keys={event.key for event in edits},
        emails={email for email in emails if email is not None},
        template_ids={template_id for template_id in templates if template_id is not None},
    )


def _record(
    call_id: UUID,
    trainer: Trainer,
    client_id: str,
    direction: Direction,
    outcomes: Sequence[EventOutcome],
    now: datetime,
) -> CallRecord:
    return CallRecord(
        id=call_id,
        school_id=trainer.school_id,
        client_id=client_id,
        direction=direction,
        events=len(outcomes),
        acknowledged=sum(isinstance(each, Acknowledged) for each in outcomes),
        conflicts=sum(isinstance(each, Conflicted) for each in outcomes),
        rejected=sum(isinstance(each, Rejected) for each in outcomes),
        status=status_of(outcomes),
        started_at=now,
        completed_at=now,
    )


def _pull_record(trainer: Trainer, client_id: str, entities: int, now: datetime) -> CallRecord:
    return CallRecord(uuid4(), trainer.school_id, client_id, "DOWN", entities, entities, 0, 0, "SUCCESS", now, now)
