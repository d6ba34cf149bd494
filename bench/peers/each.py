"""What a device sent, taken event by event: Shiller's own judging and writing, each event by itself, and no server.

All in one transaction, as a call of a device is: the school's row is held from the first event to the commit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import orjson

from server import clock
from server.domain.devices import Acknowledged, EventOutcome
from server.domain.events import SYSTEM
from server.domain.people import Trainer
from server.ports.slices import Turn
from server.ports.sync import Held, Judgement, Synced
from server.service.sync.calls import up_record
from server.service.sync.engine import sync_call
from server.service.sync.events import DeviceEvent
from server.service.sync.judging import Judging, judge_all
from server.storage.postgres import PostgresStorage
from server.storage.postgres.database import CONNECTION_SETTINGS, Database
from server.storage.postgres.school_transaction import SchoolChange, SchoolTransactions
from server.storage.postgres.sync_taking import take
from server.transport.devices.answers import show_to
from server.transport.devices.reading import Envelope, read_device_event, read_envelope

_CLIENT = "bench"
_LIFE = timedelta(hours=4)


async def enrol(url: str, school: UUID) -> Trainer:
    """Whose device it is."""
    storage = await PostgresStorage.open(url)
    try:
        now = clock.now()
        trainer = Trainer(uuid4(), school, f"{uuid4()}@bench.invalid", "Bench", "trainer", now, now)
        await storage.accounts.add_trainer(trainer, "-", SYSTEM)
        return trainer
    finally:
        await storage.close()


async def push_each(url: str, trainer: Trainer, body: bytes) -> None:
    events, now = _read(body, trainer), clock.now()
    database = await Database.open(url, CONNECTION_SETTINGS)
    try:

        async def write(whole: SchoolChange) -> Sequence[EventOutcome]:
            call_id = uuid4()
            return [
                await _take(_OneOf(whole, version), event, trainer, call_id, now)
                for event, version in zip(events, whole.versions, strict=True)
            ]

        outcomes = await SchoolTransactions(database).change(trainer.school_id, now, write, versions=len(events))
        assert all(isinstance(each, Acknowledged) for each in outcomes)  # noqa: S101 - else it was no such work
    finally:
        await database.close()


class _OneOf(SchoolChange):
    """One event's part of a transaction."""

    def __init__(self, whole: SchoolChange, version: int) -> None:
        whole.has_written = True
        super().__init__(whole._connection, whole._school_id, (version,), version - 1)


async def _take(
    change: SchoolChange, event: DeviceEvent, trainer: Trainer, call_id: UUID, now: datetime
) -> EventOutcome:
    async def judge(held: Held, turn: Turn) -> Judgement:
        judging = Judging.of(trainer, _CLIENT, _LIFE, held, show_to(trainer), now)
        judgement = await judge_all(judging, [event], turn)
        return replace(judgement, call=up_record(call_id, trainer, _CLIENT, judgement.outcomes, now))

    taken = await take(change, sync_call(trainer, _CLIENT, [event], now), judge)
    assert isinstance(taken, Synced)  # noqa: S101 - nobody else has its client's id
    return taken.judgement.outcomes[0]


def _read(body: bytes, trainer: Trainer) -> Sequence[DeviceEvent]:
    envelopes = [read_envelope(place, raw) for place, raw in enumerate(orjson.loads(body)["events"])]
    return [read_device_event(each, _CLIENT, trainer) for each in envelopes if isinstance(each, Envelope)]
