"""A device that works offline, as little as one can be: what it sends and gets over HTTP, letter by letter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

import httpx

from server.domain.people import Trainer
from server.service.sync.engine import Sync, UpOutcome
from server.transport.devices.answers import show_to
from server.transport.devices.reading import Envelope, read_device_event, read_envelope
from tests.support.making import NOW

Json = dict[str, Any]


def an_event(entity_type: str = "TEMPLATE", operation: str = "CREATE", **fields: Any) -> Json:
    """An event of an `up`, of a new template unless something else is said."""
    return {
        "id": str(uuid4()),
        "entityType": entity_type,
        "entityId": str(uuid4()),
        "operation": operation,
        "payload": {"title": "A case"} if operation != "DELETE" else None,
        "localVersion": 0,
        **fields,
    }


@dataclass
class Tablet:
    """`http` has the token of whoever holds it."""

    http: httpx.AsyncClient
    client_id: str
    trainer_id: str = ""

    async def ask(self, path: str, body: Json) -> httpx.Response:
        while True:
            answer = await self.http.post(f"/api/sync/{path}", json={"clientId": self.client_id, **body})
            if answer.status_code != 429:
                return answer

    async def up(self, *events: Json) -> Json:
        answer = await self.ask("up", {"lastSyncTimestamp": 0, "events": events})
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def rejection(self, event: Json) -> Json:
        """Of an event that must be rejected."""
        answer = await self.up(event)
        assert (answer["acknowledged"], answer["conflicts"]) == ([], []), answer
        (rejected,) = answer["rejected"]
        assert rejected["outboxEventId"] == event["id"]
        return rejected

    async def acknowledgement(self, event: Json) -> Json:
        answer = await self.up(event)
        assert (answer["rejected"], answer["conflicts"]) == ([], []), answer
        return answer["acknowledged"][0]

    async def conflict(self, event: Json) -> Json:
        answer = await self.up(event)
        assert (answer["rejected"], answer["acknowledged"]) == ([], []), answer
        return answer["conflicts"][0]

    async def down(self, after: object = 0, **fields: Any) -> Json:
        answer = await self.ask("down", {"lastSyncTimestamp": after, **fields})
        assert answer.status_code == 200, answer.text
        return answer.json()


async def send(sync: Sync, trainer: Trainer, *events: Json, client: str = "tablet", now: datetime = NOW) -> UpOutcome:
    """The events as they come through the door, to the services without one."""
    envelopes = [read_envelope(place, event) for place, event in enumerate(events)]
    read = [read_device_event(each, client, trainer, now) for each in envelopes if isinstance(each, Envelope)]
    sent = await sync.up(trainer, client, None, read, show_to(trainer), now)
    assert isinstance(sent, UpOutcome), sent
    return sent
