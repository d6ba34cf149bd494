"""Trainers that push as fast as they are answered, and keep what was not confirmed, as docs/api.md asks of clients."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import socketio

from tests.support.scenario_clients import Json, Line, TraineeLine, new_id
from tests.support.scenario_values import RHYTHMS

AT_ONCE = 6
# How far the stream of one that pours may run ahead of what is confirmed.
AHEAD = 100
# A trainee may take some 60 actions at once, and then five a second.
ACTIONS = 30
# Those that mean «later»; every other refusal is final.
_LATER = ("storage_unavailable", "rate_limited")
_PAUSE_SECONDS = 0.2
_LOST = (socketio.exceptions.SocketIOError, asyncio.CancelledError)


@dataclass
class Outbox:
    """What one line sent to one session, by id, and what came of it."""

    line: Line
    session: Json
    sent: dict[str, tuple[str, Json]] = field(default_factory=dict)
    events: dict[str, Json] = field(default_factory=dict)
    refusals: list[str] = field(default_factory=list)
    sent_again: set[str] = field(default_factory=set)

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

    async def pour(self, pause: float, stopping: asyncio.Event) -> None:
        """A change every so often, whether or not those before are confirmed; each is sent until it is."""
        room = asyncio.Semaphore(AHEAD)
        async with asyncio.TaskGroup() as insisting:
            for number in itertools.count():
                await room.acquire()
                if stopping.is_set() or number >= self._end:
                    break
                id_ = new_id()
                self.sent[id_] = self._message(id_, number)
                insisting.create_task(self._insist(id_)).add_done_callback(lambda task: room.release())
                await asyncio.sleep(pause)

    async def _insist(self, id_: str) -> None:
        while not await self._try(id_):
            self.sent_again.add(id_)
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _try(self, id_: str) -> bool:
        if not self.line.client.connected:
            return False
        sending = asyncio.ensure_future(self._send(id_))
        losing = asyncio.ensure_future(self.line.lost.wait())
        await asyncio.wait({sending, losing}, return_when=asyncio.FIRST_COMPLETED)
        losing.cancel()
        sending.cancel()
        with contextlib.suppress(*_LOST):
            await sending
        if self.refusals:
            assert set(self.refusals) <= set(_LATER), self.refusals
            self.refusals.clear()
        return id_ in self.events

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
        self._stopping = asyncio.Event()

    def begin(self) -> None:
        self._tasks = [asyncio.create_task(outbox.stream()) for outbox in self.outboxes]

    def pour(self, pause: float) -> None:
        """Each a change every `pause` seconds, until `dry`."""
        self._tasks = [asyncio.create_task(outbox.pour(pause, self._stopping)) for outbox in self.outboxes]

    def check(self) -> None:
        """Raises what went wrong with a stream that has ended too early."""
        for task in self._tasks:
            if task.done():
                task.result()

    async def dry(self, patience: float) -> None:
        """Nothing new is sent, and everything that was sent is confirmed."""
        self._stopping.set()
        _, waiting = await asyncio.wait(self._tasks, timeout=patience)
        assert not waiting, f"not confirmed in {patience:g} s: {[len(each.unconfirmed) for each in self.outboxes]}"
        await asyncio.gather(*self._tasks)

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
