"""What happens to a session, told to this process's clients: every event once, and in order.

Kept for each session that has a connection here is how far its clients have been told. What comes next is told as
it comes, from this process or from another one; what came before is dropped; and what comes beyond a gap makes the
missing events be read. Hence no message between processes has to arrive: who is behind finds out by the next one,
or by looking (`service/jobs.py`), and catches up the same way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypedDict
from uuid import UUID

import socketio
import structlog

from server.domain.events import Event, is_shown
from server.domain.session import Recorded, Session
from server.domain.timestamps import write_timestamp
from server.ports.results import Seen, StorageUnavailable
from server.transport.socket.messages import TRAINEE, TRAINER, NamespaceName
from server.transport.socket.rooms import session_room
from server.transport.wire.answers import event_answer, public_session_answer, session_answer
from server.transport.wire.shapes import EventAnswer, VitalsPushedMessage

log = structlog.get_logger("shiller.socket")

EVENTS_READ_AT_ONCE = 500
# Every session has moved on since.
NOTHING_SEEN = Seen(-1, -1)


class RecordedMessage(TypedDict):
    """A new event as its clients hear of it; `pushed` if it changed what is shown."""

    session_id: str
    seq: int
    pushed: VitalsPushedMessage | None
    added: EventAnswer


def recorded_message(recorded: Recorded) -> RecordedMessage:
    session, event = recorded.session, recorded.event
    return {
        "session_id": str(session.id),
        "seq": event.seq,
        "pushed": vitals_message(session, event.seq, event.created_at) if is_shown(event.fact) else None,
        "added": event_answer(event),
    }


def vitals_message(session: Session, seq: int | None, at: datetime) -> VitalsPushedMessage:
    return {
        "session_id": str(session.id),
        "seq": seq,
        "at": write_timestamp(at),
        "last_values": session.last_values.as_json(),
    }


class Record(Protocol):
    """Where a session is read by which clients here have been let in."""

    async def reread(self, session_id: UUID) -> Session | None: ...

    async def reread_events(self, session_id: UUID, after_seq: int, limit: int) -> Sequence[Event]: ...


@dataclass(slots=True)
class Told:
    """How far the clients of a session have been told: its events, its newest vitals, its own fields."""

    seq: int
    vitals_seq: int
    version: int
    heard_seq: int = 0
    """The highest seq that was heard of."""
    foreseen_elsewhere: str | None = None
    """The moment of vitals that another process has yet to store, told here; until somebody looks what came of them."""
    reading: asyncio.Task[None] | None = None
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while something is told, so that it is told in order."""

    def seen(self) -> Seen:
        return Seen(self.seq, self.version) if self.foreseen_elsewhere is None else NOTHING_SEEN


class Telling:
    def __init__(self, server: socketio.AsyncServer) -> None:
        self._server = server
        self._record: Record | None = None
        self._told: dict[UUID, Told] = {}

    def connect(self, record: Record) -> None:
        self._record = record

    def follow(self, session: Session) -> None:
        """Somebody is about to enter its room, who has read it so, or will read more of it there."""
        self._told.setdefault(session.id, Told(session.last_seq, session.last_seq, session.version))

    def of(self, session_id: UUID) -> Told | None:
        return self._told.get(session_id)

    def seen(self, live: Collection[UUID]) -> Mapping[UUID, Seen]:
        """How far the live sessions have been told; the others are followed no longer."""
        self._told = {session_id: told for session_id, told in self._told.items() if session_id in live}
        return {session_id: told.seen() for session_id, told in self._told.items()}

    async def tell_recorded(self, message: RecordedMessage) -> None:
        """An event, from wherever it was recorded. Vitals are the whole state, so they wait for no gap to be filled."""
        session_id = UUID(message["session_id"])
        told = self._told.get(session_id)
        if told is None:
            return
        seq, pushed = message["seq"], message["pushed"]
        told.heard_seq = max(told.heard_seq, seq)
        async with told.turn:
            if pushed is not None and seq > told.vitals_seq:
                told.vitals_seq = seq
                await self._tell_vitals(pushed)
            if seq == told.seq + 1:
                told.seq = seq
                await self.tell("event:added", message["added"], message["session_id"], TRAINER)
            elif seq > told.seq and told.reading is None:
                told.reading = asyncio.create_task(self._fill_gap(session_id, told))

    async def tell_ahead(self, pushed: VitalsPushedMessage, *, from_elsewhere: bool = False) -> None:
        """Vitals without an event: foreseen while the storage is late, or taken back because they were refused."""
        session_id = UUID(pushed["session_id"])
        told = self._told.get(session_id)
        if told is None:
            return
        async with told.turn:
            if from_elsewhere:
                told.foreseen_elsewhere = pushed["at"] if pushed["seq"] is None else None
            await self._tell_vitals(pushed)

    async def tell_looked_up(self, session: Session) -> None:
        """A live session as it stands in the storage, whatever this process knows of it. As `tell_session`."""
        await self.tell_session(session)
        told = self._told.get(session.id)
        if told is None:
            return
        async with told.turn:
            # The process that foresaw them may be gone, or its last word lost.
            at, told.foreseen_elsewhere = told.foreseen_elsewhere, None
            if at is not None and told.seq == session.last_seq:
                pushed = vitals_message(session, session.last_seq, session.updated_at)
                await self._tell_vitals({**pushed, "at": at})

    async def tell_session(self, session: Session) -> None:
        """A session as it was just read or written: whatever its clients here have not been told of it, but its end.

        Raises StorageUnavailable if there are events to be read and the storage does not answer.
        """
        told = self._told.get(session.id)
        if told is None:
            return
        while told.seq < session.last_seq:
            if not await self._tell_events(session, told):
                break
        async with told.turn:
            if session.version > told.version:
                told.version = session.version
                if session.closed_at is None:
                    await self.tell("session:updated", public_session_answer(session), session.id, TRAINEE)
                    await self.tell("session:updated", session_answer(session), session.id, TRAINER)

    async def tell(self, message: str, data: Any, session_id: UUID | str, namespace: NamespaceName) -> None:
        """To the connections of this process: the others tell theirs."""
        room = session_room(session_id)
        await self._server.manager.emit(message, data, namespace=namespace, room=room, ignore_queue=True)

    async def close(self) -> None:
        tasks = [told.reading for told in self._told.values() if told.reading is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _fill_gap(self, session_id: UUID, told: Told) -> None:
        assert self._record is not None  # noqa: S101 - connected before the first client
        try:
            while told.seq < told.heard_seq:
                before = told.seq
                session = await self._record.reread(session_id)
                if session is not None:
                    await self.tell_session(session)
                if told.seq == before:
                    # Somebody else told it meanwhile, or it is not in this record.
                    break
        except StorageUnavailable as outage:
            # The jobs will find it.
            log.warning("the storage does not answer", reason=str(outage))
        finally:
            told.reading = None

    async def _tell_events(self, session: Session, told: Told) -> bool:
        """The next events up to the session's last, and the state they led to; False if there are none."""
        assert self._record is not None  # noqa: S101
        events = await self._record.reread_events(session.id, told.seq, EVENTS_READ_AT_ONCE)
        # What was recorded since the session was read is told as it comes.
        events = [event for event in events if event.seq <= session.last_seq]
        async with told.turn:
            vitals = [event for event in events if is_shown(event.fact) and event.seq > told.vitals_seq]
            if vitals:
                told.vitals_seq = vitals[-1].seq
                await self._tell_vitals(vitals_message(session, vitals[-1].seq, vitals[-1].created_at))
            for event in events:
                if event.seq == told.seq + 1:
                    told.seq = event.seq
                    await self.tell("event:added", event_answer(event), session.id, TRAINER)
        return bool(events)

    async def _tell_vitals(self, pushed: VitalsPushedMessage) -> None:
        await self.tell("vitals:pushed", pushed, pushed["session_id"], TRAINEE)
        await self.tell("vitals:pushed", pushed, pushed["session_id"], TRAINER)
