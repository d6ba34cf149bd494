"""The Publisher over Socket.IO. Everything that leaves for a session's clients leaves here."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from weakref import WeakValueDictionary

import socketio
import structlog

from server.domain.moments import write_moment
from server.domain.session import Recorded, Session
from server.service.sessions import Trainee
from server.storage.repository import StorageUnavailable
from server.transport.metrics import Metrics
from server.transport.realtime.messages import TRAINEE, TRAINER, NamespaceName
from server.transport.realtime.rooms import session_room
from server.transport.realtime.trainee import TraineeNamespace
from server.transport.realtime.trainer import TrainerNamespace
from server.transport.wire.answers import event_answer, public_session_answer, session_answer, trainees_answer
from server.transport.wire.shapes import ClosedMessage, PublicClosedMessage, TraineesChangedMessage, VitalsPushedMessage

log = structlog.get_logger("shiller.realtime")

# A class that joins at once is one change, or a few, of the list; not one for each of them.
TRAINEES_TOLD_EVERY_SECONDS = 0.2
STORAGE_PAUSE_SECONDS = 1.0


class SocketPublisher:
    def __init__(self, server: socketio.AsyncServer, metrics: Metrics) -> None:
        self._server = server
        self._metrics = metrics
        self._trainers: TrainerNamespace | None = None
        self._trainees: TraineeNamespace | None = None
        self._read_trainees: Callable[[UUID], Awaitable[Sequence[Trainee]]] | None = None
        self._telling: dict[UUID, asyncio.Task[None]] = {}
        self._changed: set[UUID] = set()
        self._turns: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()

    def connect(
        self,
        trainers: TrainerNamespace,
        trainees: TraineeNamespace,
        read_trainees: Callable[[UUID], Awaitable[Sequence[Trainee]]],
    ) -> None:
        """Close the circle: the services tell through this, and this asks them who is there."""
        self._trainers = trainers
        self._trainees = trainees
        self._read_trainees = read_trainees

    async def event_recorded(self, recorded: Recorded) -> None:
        session, event = recorded.session, recorded.event
        self._metrics.events.labels(event.kind).inc()
        async with self._turn(session.id):
            if event.kind == "vitals":
                await self._tell_vitals(session.id, _pushed(session, event.seq, event.created_at))
            await self._tell("event:added", event_answer(event), session.id, TRAINER)

    async def vitals_foreseen(self, foreseen: Recorded) -> None:
        session, event = foreseen.session, foreseen.event
        self._metrics.foreseen.inc()
        async with self._turn(session.id):
            await self._tell_vitals(session.id, {**_pushed(session, None, event.created_at), "provisional": True})

    async def vitals_taken_back(self, session: Session, at: datetime) -> None:
        async with self._turn(session.id):
            await self._tell_vitals(session.id, _pushed(session, session.last_seq, at))

    async def session_updated(self, session: Session) -> None:
        async with self._turn(session.id):
            await self._tell("session:updated", public_session_answer(session), session.id, TRAINEE)
            await self._tell("session:updated", session_answer(session), session.id, TRAINER)

    async def session_ended(self, session: Session) -> None:
        assert session.close_reason is not None  # noqa: S101 - only what has ended is told as ended
        public: PublicClosedMessage = {**public_session_answer(session), "reason": session.close_reason}
        whole: ClosedMessage = {**session_answer(session), "reason": session.close_reason}
        # Those who are there to hear it. Whoever comes later reads that it is over, and is told then.
        async with self._turn(session.id):
            members = self._members(session.id, TRAINEE)
            await self._tell("session:closed", public, session.id, TRAINEE)
            await self._tell("session:closed", whole, session.id, TRAINER)
        for sid in members:
            await self._server.disconnect(sid, namespace=TRAINEE)
        # Nothing more will happen in it, and nobody is told twice.
        if self._trainers is not None:
            for connection in self._trainers.connections.values():
                connection.watched.discard(session.id)
        await self._server.close_room(session_room(session.id), namespace=TRAINER)

    async def trainees_changed(self, session_id: UUID) -> None:
        self._changed.add(session_id)
        if session_id not in self._telling:
            self._telling[session_id] = asyncio.create_task(self._tell_trainees(session_id))

    async def seat_removed(self, session_id: UUID, seat_id: UUID) -> None:
        if self._trainees is None:
            return
        for sid, connection in list(self._trainees.connections.items()):
            if connection.seat.id == seat_id:
                await self._server.disconnect(sid, namespace=TRAINEE)

    async def tokens_revoked(self, token_hashes: Collection[bytes]) -> None:
        if self._trainers is None:
            return
        for sid, connection in list(self._trainers.connections.items()):
            if connection.access.token_hash in token_hashes:
                await self._server.disconnect(sid, namespace=TRAINER)

    def live_sessions(self) -> Collection[UUID]:
        trainees = self._trainees.connections.values() if self._trainees else ()
        trainers = self._trainers.connections.values() if self._trainers else ()
        return {connection.joined.session.id for connection in trainees}.union(
            *(connection.watched for connection in trainers)
        )

    def live_tokens(self) -> Collection[bytes]:
        trainers = self._trainers.connections.values() if self._trainers else ()
        return {connection.access.token_hash for connection in trainers}

    async def close(self) -> None:
        tasks = list(self._telling.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _turn(self, session_id: UUID) -> asyncio.Lock:
        """Who tells of a session tells it whole, in the order in which they came: that of the commits."""
        return self._turns.setdefault(session_id, asyncio.Lock())

    async def _tell_vitals(self, session_id: UUID, pushed: VitalsPushedMessage) -> None:
        await self._tell("vitals:pushed", pushed, session_id, TRAINEE)
        await self._tell("vitals:pushed", pushed, session_id, TRAINER)

    async def _tell(self, message: str, data: Any, session_id: UUID, namespace: NamespaceName) -> None:
        await self._server.emit(message, data, room=session_room(session_id), namespace=namespace)

    async def _tell_trainees(self, session_id: UUID) -> None:
        try:
            while session_id in self._changed:
                self._changed.discard(session_id)
                await self._tell_trainees_once(session_id)
                await asyncio.sleep(TRAINEES_TOLD_EVERY_SECONDS)
        finally:
            del self._telling[session_id]

    async def _tell_trainees_once(self, session_id: UUID) -> None:
        if self._read_trainees is None:
            return
        try:
            trainees = await self._read_trainees(session_id)
        except StorageUnavailable as outage:
            log.warning("the storage does not answer", reason=str(outage))
            self._changed.add(session_id)
            await asyncio.sleep(STORAGE_PAUSE_SECONDS)
            return
        message: TraineesChangedMessage = {
            "session_id": str(session_id),
            "trainees": trainees_answer(trainees),
        }
        await self._tell("trainees:changed", message, session_id, TRAINER)

    def _members(self, session_id: UUID, namespace: NamespaceName) -> list[str]:
        room = session_room(session_id)
        return [sid for sid, _ in self._server.manager.get_participants(namespace, room)]


def _pushed(session: Session, seq: int | None, at: datetime) -> VitalsPushedMessage:
    return {
        "session_id": str(session.id),
        "seq": seq,
        "at": write_moment(at),
        "last_values": session.last_values.as_json(),
    }
