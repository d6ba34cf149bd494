"""Whatever devices send and pull, nothing holds the event loop for longer than a slice and its last item."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest

from server.domain import hall_records
from server.domain.halls import Hall
from server.ports import slices
from server.service.sync import judging, pages
from server.storage import stored_content
from server.storage.postgres import hall_uploads, session_reads, sync_writing
from server.transport.devices import answers, hall_reading, halls, phones, reading, sync, watermelon
from server.transport.wire import long_reading
from tests.support.devices import Json, Tablet, an_event
from tests.support.hall_side import HallSide
from tests.support.houses import UNHURRIED, open_postgres
from tests.support.making import NOW
from tests.support.running import running_server

EVENTS = 60
STEPS = [
    {"key": f"step_{number}", "title": f"Step {number}", "vitals": {"heart_rate": 60 + number}, "note": "x" * 400}
    for number in range(5)
]


class Turns:
    """Counts, in each turn of the loop, how often each of the watched functions is called."""

    def __init__(self) -> None:
        self.turn = 0
        self.calls = Counter[tuple[str, int]]()
        self._is_over = False

    def watched(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **named: Any) -> Any:
            self.calls[(function.__name__, self.turn)] += 1
            return function(*arguments, **named)

        return counted

    def watched_to_its_end(self, kind: type[Any]) -> type[Any]:
        """The same, counted when the last who knows it lets it go: what it was read into goes with it."""
        turns = self

        class Watched(kind):
            __slots__ = ()

            def __del__(self) -> None:
                turns.calls[(f"the end of a {kind.__name__}", turns.turn)] += 1

        return Watched

    @asynccontextmanager
    async def counting(self) -> AsyncGenerator[None]:
        self.calls.clear()
        self._is_over = False
        self._tick()
        yield
        self._is_over = True

    def _tick(self) -> None:
        self.turn += 1
        if not self._is_over:
            asyncio.get_running_loop().call_soon(self._tick)

    def in_all(self, name: str) -> int:
        return sum(count for (each, _), count in self.calls.items() if each == name)

    def most_in_a_turn(self) -> dict[str, int]:
        names = {name for name, _ in self.calls}
        return {name: max(count for (each, _), count in self.calls.items() if each == name) for name in names}

    def show_one_at_a_time(self, functions: int) -> None:
        most = self.most_in_a_turn()
        assert {name: self.in_all(name) >= EVENTS for name in most} == dict.fromkeys(most, True)
        assert len(most) == functions
        # An item, and what it is made of: an event's fields are read and shown with it.
        assert {name: count for name, count in most.items() if count > 2} == {}


@pytest.fixture
def turns(monkeypatch: pytest.MonkeyPatch) -> Turns:
    """Slices are as short as they can be, so that one item is a slice, on any machine."""
    monkeypatch.setattr(slices, "SLICE_SECONDS", 0.0)
    monkeypatch.setattr(slices, "_PAUSE_SECONDS", 0.0)
    turns = Turns()
    for module, name in (
        (sync, "read_envelope"),
        (halls, "read_hall_event"),
        (hall_records, "_judge_event"),
        (hall_uploads, "event_record"),
        (session_reads, "event_from"),
        (long_reading, "_at_once"),
        (sync, "read_device_event"),
        (judging.Judging, "judge"),
        (sync_writing, "_row_values"),
        (sync_writing, "_entry_values"),
        (sync_writing, "_conflict_values"),
        (sync_writing, "answer_values"),
        (answers, "uuid5_text"),
        (answers, "template_answer"),
        (stored_content, "told_content"),
        (sync, "change_answer"),
        (phones, "template_row"),
        (watermelon, "_read_row"),
    ):
        monkeypatch.setattr(module, name, turns.watched(getattr(module, name)))
    for module, name in (
        (reading, "DeviceEdit"),
        (watermelon, "DeviceEdit"),
        (pages, "Change"),
        (hall_reading, "SentFact"),
    ):
        monkeypatch.setattr(module, name, turns.watched_to_its_end(getattr(module, name)))
    return turns


def templates() -> list[Json]:
    return [an_event(payload={"title": f"A {number}", "steps": STEPS}) for number in range(EVENTS)]


def changes(known: list[Json], version: int, title: str) -> list[Json]:
    return [
        an_event(operation="UPDATE", entityId=each["entityId"], localVersion=version, payload={"title": title})
        for each in known
    ]


def rows(known: list[Json]) -> Json:
    return {"templates": {"created": [], "deleted": [], "updated": [
        {"id": str(uuid4()), "title": f"P {number}", "steps": STEPS} for number, _ in enumerate(known)
    ]}}  # fmt: skip


async def test_no_two_items_in_a_turn_of_the_loop(database_url: str, turns: Turns) -> None:
    async with open_postgres(database_url, live=UNHURRIED) as storage, running_server(storage) as server:
        await server.login()
        device, other = Tablet(server.http, "tablet"), Tablet(server.http, "other")
        sent = templates()
        async with turns.counting():
            first = await device.up(*sent)
            await device.up(*sent)
            version = max(each["serverVersion"] for each in first["acknowledged"])
            await device.up(*changes(sent, version, "B"))
            refused = await other.up(*changes(sent, 1, "C"))
            await device.down()
            pushed = await server.http.post("/api/v1/sync/watermelon/push?last_pulled_at=0", json=rows(sent))
            pulled = await server.http.get("/api/v1/sync/watermelon/pull?last_pulled_at=null")
        assert len(first["acknowledged"]) == len(refused["conflicts"]) == EVENTS
        assert (pushed.status_code, len(pulled.json()["changes"]["templates"]["updated"])) == (200, 2 * EVENTS + 12)
    turns.show_one_at_a_time(16)


async def test_nor_of_a_hall_s_record(database_url: str, turns: Turns) -> None:
    async with open_postgres(database_url, live=UNHURRIED) as storage, running_server(storage) as server:
        await server.login()
        me = (await server.http.get("/api/v1/me")).json()
        added = (await server.http.post("/api/v1/halls", json={"name": "North", "trainers": "all"})).json()
        admin = await storage.accounts.find_trainer(UUID(me["school_id"]), UUID(me["id"]))
        school = await storage.accounts.find_school(UUID(me["school_id"]))
        assert admin is not None
        assert school is not None
        side = await HallSide.of(Hall(UUID(added["id"]), school.id, "North", "all", NOW), school, admin)
        session = await side.record(await side.open(), EVENTS // 2)
        record = [await side.sent_session(session), *await side.sent_events(session)]
        async with turns.counting():
            sent = await server.http.post(
                "/api/sync/up",
                json={"clientId": "disk", "events": record},
                headers={"Authorization": f"Bearer {added['token']}"},
            )
            await storage.sessions.events_after(session.id, 0, EVENTS)
        assert len(sent.json()["acknowledged"]) == EVENTS + 1, sent.text
    turns.show_one_at_a_time(7)
