"""Trainers that push as fast as they are answered, and keep what was not confirmed, as the contract asks of clients."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import socketio

from tests.support.scenario_clients import Json, Line, Person, TraineeLine, new_id
from tests.support.scenario_values import RHYTHMS, folded

AT_ONCE = 6
# A trainee may take some 60 actions at once, and then five a second.
ACTIONS = 30
_LOST = (socketio.exceptions.SocketIOError, asyncio.CancelledError)


@dataclass
class Outbox:
    """What one line sent to one session, by id, and what came of it."""

    line: Line
    session: Json
    sent: dict[str, tuple[str, Json]] = field(default_factory=dict)
    events: dict[str, Json] = field(default_factory=dict)
    refusals: list[str] = field(default_factory=list)

    async def stream(self) -> None:
        """Until it is cancelled or the line is lost."""
        numbers = itertools.count()
        await asyncio.gather(*(self._stream_one_by_one(numbers) for _ in range(AT_ONCE)))

    async def _stream_one_by_one(self, numbers: itertools.count[int]) -> None:
        try:
            while not self.refusals and (number := next(numbers)) < self._end:
                id_ = new_id()
                self.sent[id_] = self._message(id_, number)
                await self._send(id_)
        except _LOST:
            return

    async def send_the_rest(self) -> None:
        """Everything that was not confirmed, again, under the same ids."""
        self.refusals.clear()
        for id_ in self.unconfirmed:
            await self._send(id_)
        assert not self.refusals
        assert not self.unconfirmed

    @property
    def _end(self) -> float:
        return ACTIONS if isinstance(self.line, TraineeLine) else float("inf")

    @property
    def unconfirmed(self) -> list[str]:
        return [id_ for id_ in self.sent if id_ not in self.events]

    async def _send(self, id_: str) -> None:
        message, data = self.sent[id_]
        ack = await self.line.send(message, data)
        if ack["ok"]:
            assert ack["event"]["id"] == id_
            self.events[id_] = ack["event"]
        else:
            self.refusals.append(ack["error"]["code"])

    def _message(self, id_: str, number: int) -> tuple[str, Json]:
        if isinstance(self.line, TraineeLine):
            return "action:take", {"id": id_, "action": "marker", "details": {"number": number}}
        body: Json = {"id": id_, "session_id": self.session["id"]}
        match number % 5:
            case 0:
                return "note:add", {**body, "text": f"note {number}"}
            case 1:
                return "vitals:push", {**body, "rhythm": RHYTHMS[number % len(RHYTHMS)]}
            case 2:
                flags: dict[str, Any] = {"cpr": True, "pupils": None} if number % 2 else {"cpr": None, "pupils": "wide"}
                return "vitals:push", {**body, "flags": flags}
            case 3:
                return "vitals:push", {**body, "vitals": {"spo2": number % 101}, "ramp_seconds": 30}
            case _:
                return "vitals:push", {**body, "vitals": {"heart_rate": number % 301, "temperature": 36.5}}


class Streams:
    """Several outboxes streaming at once."""

    def __init__(self, outboxes: list[Outbox]) -> None:
        self.outboxes = outboxes
        self._tasks: list[asyncio.Task[None]] = []

    def begin(self) -> None:
        self._tasks = [asyncio.create_task(outbox.stream()) for outbox in self.outboxes]

    async def until(self, enough: Callable[[], bool]) -> None:
        while not enough():
            assert not all(task.done() for task in self._tasks), "the streams ended by themselves"
            await asyncio.sleep(0.01)

    async def end(self, *, patience: float = 0) -> None:
        """What still waits for an answer after that long will not get one."""
        await asyncio.wait(self._tasks, timeout=patience)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def confirmed(self) -> int:
        return sum(len(outbox.events) for outbox in self.outboxes)


async def check_record(person: Person, session: Json, outboxes: list[Outbox]) -> None:
    """Promises 1 and 2: confirmed means stored, once, in a seq without gaps that folds to last_values."""
    events = await person.events(session)
    stored = {event["id"]: event for event in events}
    assert len(stored) == len(events)
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    sent: set[str] = set()
    for outbox in outboxes:
        sent |= set(outbox.sent)
        for id_, event in outbox.events.items():
            assert stored.get(id_) == event
    assert set(stored) <= sent
    now = await person.get(f"/sessions/{session['id']}")
    assert now["last_seq"] == len(events)
    assert folded(events) == {name: value for name, value in now["last_values"].items() if name != "ramps"}
