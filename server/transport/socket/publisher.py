"""The Publisher over Socket.IO: what the services did is told to the clients here, and to the other processes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import get_args
from uuid import UUID

import socketio
import structlog

from server.domain.events import EventKind
from server.domain.session import Recorded, Session
from server.live.delivery import Telling, recorded_message, vitals_message
from server.ports.results import Seen, StorageUnavailable
from server.service.seats import Trainee
from server.transport.metrics import Metrics
from server.transport.socket.messages import TRAINEE, TRAINER, NamespaceName
from server.transport.socket.others import Others
from server.transport.socket.rooms import session_room
from server.transport.socket.trainee import TraineeNamespace
from server.transport.socket.trainer import TrainerNamespace
from server.transport.wire.answers import public_session_answer, session_answer, trainees_answer
from server.transport.wire.shapes import ClosedMessage, PublicClosedMessage, TraineesChangedMessage, VitalsPushedMessage

log = structlog.get_logger("shiller.socket")

# A class that joins at once is one change, or a few, of the list; not one for each of them.
TRAINEES_TOLD_EVERY_SECONDS = 0.2
STORAGE_PAUSE_SECONDS = 1.0


class SocketPublisher:
    def __init__(self, server: socketio.AsyncServer, metrics: Metrics, telling: Telling, others: Others) -> None:
        self._server = server
        self._metrics = metrics
        self._events = {kind: metrics.events.labels(kind) for kind in get_args(EventKind)}
        self._telling = telling
        self._others = others
        self._trainers: TrainerNamespace | None = None
        self._trainees: TraineeNamespace | None = None
        self._read_trainees: Callable[[UUID], Awaitable[Sequence[Trainee]]] | None = None
        self._listing: dict[UUID, asyncio.Task[None]] = {}
        self._changed: set[UUID] = set()
        self._changed_here: set[UUID] = set()

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

    # What was done in this process

    async def event_recorded(self, recorded: Recorded) -> None:
        self._events[recorded.event.kind].inc()
        message = recorded_message(recorded)
        await self._telling.tell_recorded(message)
        self._others.recorded(message)

    async def vitals_foreseen(self, foreseen: Recorded) -> None:
        self._metrics.foreseen.inc()
        await self._tell_ahead(
            {**vitals_message(foreseen.session, None, foreseen.event.created_at), "provisional": True}
        )

    async def vitals_taken_back(self, session: Session, at: datetime) -> None:
        await self._tell_ahead(vitals_message(session, session.last_seq, at))

    async def session_updated(self, session: Session) -> None:
        await self._tell_as_far_as_known(session)
        self._others.look_again()

    async def session_ended(self, session: Session) -> None:
        await self._tell_as_far_as_known(session)
        await self._tell_end(session)
        self._others.look_again()

    async def trainees_changed(self, session_id: UUID) -> None:
        self._changed_here.add(session_id)
        self.list_trainees(session_id)

    async def seat_removed(self, session_id: UUID, seat_id: UUID) -> None:
        await self.cut_seats([seat_id])
        self._others.look_again()

    async def tokens_revoked(self, token_hashes: Collection[bytes]) -> None:
        await self.cut_logins(token_hashes)
        self._others.look_again()

    # What was found to have been done elsewhere

    async def session_moved(self, session: Session) -> None:
        """A live session, as it was just read. Raises StorageUnavailable if more has to be read and cannot be."""
        await self._telling.tell_looked_up(session)
        if session.closed_at is not None:
            await self._tell_end(session)

    async def cut_seats(self, seat_ids: Collection[UUID]) -> None:
        connections = self._trainees.connections if self._trainees else {}
        for sid in [sid for sid, connection in connections.items() if connection.seat.id in seat_ids]:
            await self._server.disconnect(sid, namespace=TRAINEE)

    async def cut_logins(self, token_hashes: Collection[bytes]) -> None:
        connections = self._trainers.connections if self._trainers else {}
        for sid in [sid for sid, connection in connections.items() if connection.access.token_hash in token_hashes]:
            await self._server.disconnect(sid, namespace=TRAINER)

    def list_trainees(self, session_id: UUID) -> None:
        """Tell the watchers here who is there now, soon."""
        self._changed.add(session_id)
        if session_id not in self._listing:
            self._listing[session_id] = asyncio.create_task(self._list_trainees(session_id))

    # Who is connected to this process

    def live_sessions(self) -> Collection[UUID]:
        trainees = self._trainees.connections.values() if self._trainees else ()
        return {connection.joined.session.id for connection in trainees} | self.watched_sessions()

    def watched_sessions(self) -> set[UUID]:
        trainers = self._trainers.connections.values() if self._trainers else ()
        return set[UUID]().union(*(connection.watched for connection in trainers))

    def seen(self) -> Mapping[UUID, Seen]:
        return self._telling.seen(self.live_sessions())

    def live_seats(self) -> Collection[UUID]:
        trainees = self._trainees.connections.values() if self._trainees else ()
        return {connection.seat.id for connection in trainees}

    def live_logins(self) -> Collection[bytes]:
        trainers = self._trainers.connections.values() if self._trainers else ()
        return {connection.access.token_hash for connection in trainers}

    async def close(self) -> None:
        tasks = list(self._listing.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _tell_ahead(self, pushed: VitalsPushedMessage) -> None:
        await self._telling.tell_ahead(pushed)
        self._others.foreseen(pushed)

    async def _tell_as_far_as_known(self, session: Session) -> None:
        """It is stored, so nothing may stand in the way of the answer; what cannot be read now, the jobs will find."""
        try:
            await self._telling.tell_session(session)
        except StorageUnavailable as outage:
            log.warning("the storage does not answer", reason=str(outage))

    async def _tell_end(self, session: Session) -> None:
        """`session:closed` to those who are there to hear it, who then leave: telling it twice tells nobody twice."""
        assert session.close_reason is not None  # noqa: S101 - only what has ended is told as ended
        told = self._telling.of(session.id)
        if told is None:
            return
        public: PublicClosedMessage = {**public_session_answer(session), "reason": session.close_reason}
        whole: ClosedMessage = {**session_answer(session), "reason": session.close_reason}
        async with told.turn:
            if trainees := self._members(session.id, TRAINEE):
                await self._telling.tell("session:closed", public, session.id, TRAINEE)
            if watchers := self._members(session.id, TRAINER):
                await self._telling.tell("session:closed", whole, session.id, TRAINER)
            for sid in trainees:
                await self._server.disconnect(sid, namespace=TRAINEE)
            for sid in watchers:
                await self._leave(sid, session.id)

    async def _leave(self, sid: str, session_id: UUID) -> None:
        """Nothing more will happen in it."""
        if self._trainers is None or (connection := self._trainers.connections.get(sid)) is None:
            return
        connection.watched.discard(session_id)
        await self._trainers.leave_room(sid, session_room(session_id))

    async def _list_trainees(self, session_id: UUID) -> None:
        try:
            while session_id in self._changed:
                self._changed.discard(session_id)
                if session_id in self._changed_here:
                    self._changed_here.discard(session_id)
                    self._others.seats_changed(session_id)
                await self._list_trainees_once(session_id)
                await asyncio.sleep(TRAINEES_TOLD_EVERY_SECONDS)
        finally:
            del self._listing[session_id]

    async def _list_trainees_once(self, session_id: UUID) -> None:
        if self._read_trainees is None or not self._members(session_id, TRAINER):
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
        await self._telling.tell("trainees:changed", message, session_id, TRAINER)

    def _members(self, session_id: UUID, namespace: NamespaceName) -> list[str]:
        room = session_room(session_id)
        return [sid for sid, _ in self._server.manager.get_participants(namespace, room)]
