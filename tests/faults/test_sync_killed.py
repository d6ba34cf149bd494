"""Devices that send while the server, and then the database, is killed: nothing acknowledged is lost, none is twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field

import httpx

from tests.support.database_process import DatabaseProcess
from tests.support.devices import Json, an_event
from tests.support.patience import PATIENCE_SECONDS
from tests.support.scenario import errors_in
from tests.support.scenario_clients import World, eventually

KILLS = 6
BATCH = 12


@dataclass
class Stream:
    """A device that sends without a pause, and each batch for as long as it takes."""

    http: httpx.AsyncClient
    name: str
    session_id: str
    events: dict[str, Json] = field(default_factory=dict[str, Json])
    acknowledged: dict[str, Json] = field(default_factory=dict[str, Json])
    repeats: int = 0
    is_under_way: bool = False
    seq: int = 0
    is_over: bool = False

    def batch(self) -> list[Json]:
        """A new template, changes of it, and two notes in the record."""
        template = an_event(payload={"title": f"{self.name} 0", "description": ""})
        batch = [template]
        for number in range(1, BATCH - 2):
            payload = {"title": f"{self.name} {number}"}
            batch.append(an_event(operation="UPDATE", entityId=template["entityId"], payload=payload))
        for number in range(2):
            note = {"session_id": self.session_id, "kind": "note", "text": f"{self.name} {number}"}
            batch.append(an_event("SESSION_EVENT", payload=note))
        for event in batch:
            self.seq += 1
            event["seq"] = self.seq
            self.events[event["id"]] = event
        return batch

    async def send(self) -> None:
        while not self.is_over:
            await self.deliver(self.batch())

    async def deliver(self, batch: list[Json]) -> None:
        while True:
            self.is_under_way = True
            try:
                body = {"clientId": self.name, "events": batch}
                answer = await self.http.post("/api/sync/up", json=body)
            except httpx.TransportError:
                answer = None
            self.is_under_way = False
            if answer is not None and answer.status_code == 200:
                self._hear(answer.json())
                return
            assert answer is None or answer.status_code in (429, 503), answer.text
            self.repeats += 1
            await asyncio.sleep(0.05)

    def _hear(self, answer: Json) -> None:
        assert not answer["conflicts"], answer["conflicts"]
        assert not answer["rejected"], answer["rejected"]
        for told in answer["acknowledged"]:
            assert self.acknowledged.setdefault(told["outboxEventId"], told) == told

    def templates(self) -> Counter[str]:
        """How many edits of each were acknowledged."""
        return Counter(
            self.events[each]["entityId"] for each in self.acknowledged if self.events[each]["entityType"] == "TEMPLATE"
        )


async def test_what_devices_were_told_is_there_once(world: World, database: DatabaseProcess) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    streams: list[Stream] = []
    for number in range(3):
        http = await world.stack.enter_async_context(httpx.AsyncClient(base_url=world.url, timeout=PATIENCE_SECONDS))
        http.headers["Authorization"] = f"Bearer {world.tokens['trainer']}"
        streams.append(Stream(http, f"device {number}", session["id"]))
    sending = [asyncio.create_task(stream.send()) for stream in streams]

    async def many_more(than: int) -> bool:
        assert not any(task.done() for task in sending), [task for task in sending if task.done()]
        return sum(len(stream.acknowledged) for stream in streams) > than + 5 * BATCH

    async def more() -> None:
        than = sum(len(stream.acknowledged) for stream in streams)
        await eventually(lambda: many_more(than), "more acknowledgements")

    errors: list[str] = []
    for _ in range(KILLS):
        await more()
        while not any(stream.is_under_way for stream in streams):
            await asyncio.sleep(0)
        world.server.kill()
        errors += errors_in(world.server.log)
        await asyncio.to_thread(world.server.restart_on_same_port)
    await more()
    await asyncio.to_thread(database.kill)
    await asyncio.to_thread(database.start)
    await more()
    for stream in streams:
        stream.is_over = True
    await asyncio.gather(*sending)
    assert not errors
    assert sum(stream.repeats for stream in streams) > KILLS
    await _is_whole(world, streams)


async def _is_whole(world: World, streams: list[Stream]) -> None:
    trainer = await world.person("trainer")
    rows: dict[str, Json] = {}
    cursor = 0
    while True:
        page = (await streams[0].http.post("/api/sync/down", json={
            "clientId": streams[0].name, "lastSyncTimestamp": cursor, "entityTypes": ["TEMPLATE"]})).json()  # fmt: skip
        rows |= {change["entityId"]: change for change in page["changes"]}
        cursor = page["syncTimestamp"]
        if not page["hasMore"]:
            break
    edits: Counter[str] = sum((stream.templates() for stream in streams), Counter())
    assert len(edits) > 0
    for entity_id, count in edits.items():
        # A row's version counts its edits: one more would be one that was done twice.
        assert rows[entity_id]["payload"]["version"] == count == BATCH - 2
        assert rows[entity_id]["payload"]["title"].endswith(f" {BATCH - 3}")
    ours = {entity_id for entity_id, change in rows.items() if change["payload"]["title"].startswith("device ")}
    assert ours == set(edits)
    for stream in streams:
        for event_id, told in stream.acknowledged.items():
            if stream.events[event_id]["entityType"] == "TEMPLATE":
                assert told["serverVersion"] <= rows[stream.events[event_id]["entityId"]]["serverVersion"]
    record: list[Json] = []
    (session_id,) = {stream.session_id for stream in streams}
    while page := (await trainer.get(f"/sessions/{session_id}/events", after=len(record), limit=200))["items"]:
        record += page
    assert [event["seq"] for event in record] == list(range(1, len(record) + 1))
    notes = [
        each["entityId"] for stream in streams for each in stream.events.values() if each["id"] in stream.acknowledged
        and each["entityType"] == "SESSION_EVENT"
    ]  # fmt: skip
    assert sorted(event["id"] for event in record) == sorted(notes)
