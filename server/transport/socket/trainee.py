"""The namespace of trainees: a seat, by a code. Nothing here can push vitals, close, or see another session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from server.domain.events import Author
from server.domain.outcomes import InvalidBody, InvalidFields, Refusal, SeatRemoved
from server.domain.permissions import TRAINERS_ONLY
from server.domain.record import AlreadyRecorded, Recorded
from server.domain.session import Seat, Session
from server.domain.timestamps import write_timestamp
from server.engine import libraries
from server.live.audience import Audience
from server.live.delivery import Delivery
from server.live.presence import Presence
from server.ports.results import StorageUnavailable
from server.service.paces import ActionPace
from server.service.seats import Comer, Joined, SentTo
from server.service.services import Services
from server.transport.metrics import Metrics
from server.transport.origins import JOINED_COOKIE
from server.transport.socket.gate import Gate
from server.transport.socket.messages import TRAINEE, TRAINEE_MESSAGES, TRAINER_MESSAGES
from server.transport.socket.namespace import Ack, Handler, Namespace, address_of, cookie_of
from server.transport.socket.rooms import session_room
from server.transport.wire.answers import event_answer, public_session_answer, seat_answer
from server.transport.wire.reading import action_draft, read_model
from server.transport.wire.requests import ActionMessage, Empty, TraineeAuth
from server.transport.wire.shapes import JoinedMessage, MovedMessage
from server.transport.wire.values import with_all

# The first is usually enough. Edits that come as fast as they can be read hold nobody up, nor does a storage that is
# late, for which this process answers by what it knows.
READ_AGAIN_AT_MOST = 3


@dataclass(slots=True)
class TraineeConnection:
    seat: Seat
    address: str
    came_by: Joined | SentTo | None
    """What it is told when it is welcome: its session, or where that went on. Afterwards it is not kept."""
    has_arrived: bool = False


class TraineeNamespace(Namespace[TraineeConnection]):
    def __init__(
        self,
        services: Services,
        metrics: Metrics,
        gate: Gate,
        audience: Audience,
        presence: Presence,
        delivery: Delivery,
    ) -> None:
        super().__init__(TRAINEE, TRAINEE_MESSAGES, services, metrics, gate)
        self._audience = audience
        self._presence = presence
        self._delivery = delivery
        self._actions = ActionPace()
        self._handlers: Mapping[str, Handler[TraineeConnection]] = {
            "action:take": self._act,
            "clock:read": self._clock,
        }

    def handlers(self) -> Mapping[str, Handler[TraineeConnection]]:
        return self._handlers

    def unknown_message(self, event: str) -> Refusal:
        if event in TRAINER_MESSAGES:
            return TRAINERS_ONLY
        return super().unknown_message(event)

    async def let_in(self, sid: str, environ: Mapping[str, Any], auth: object) -> Refusal | None:
        presented = read_model(TraineeAuth, {} if auth is None else auth)
        if isinstance(presented, InvalidFields):
            return with_all(presented, TraineeAuth, auth, self._services.clock())
        if isinstance(presented, InvalidBody):
            return presented
        address = address_of(environ)
        joined = await self._services.seats.take_seat(
            presented.code,
            presented.name,
            presented.seat,
            Comer(address, self._connection_of(sid), cookie_of(environ, JOINED_COOKIE)),
            self._services.clock(),
        )
        if isinstance(joined, SentTo):
            # Told where to go once it is connected, by the same message as those who were there.
            self.connections[sid] = TraineeConnection(joined.joined.seat, address, joined)
            return None
        if not isinstance(joined, Joined):
            return joined
        self.connections[sid] = TraineeConnection(joined.seat, address, joined)
        if not self._audience.let_in_trainee(sid, joined.seat):
            return SeatRemoved()
        # New, or under another name: also if it is gone again before it has heard so.
        await self._delivery.seat_changed(joined.seat)
        return None

    async def welcome(self, sid: str) -> None:
        """Enter the room first, then read: nothing that is pushed meanwhile is missed."""
        connection = self.connections.get(sid)
        if connection is None or (joined := connection.came_by) is None:
            return
        connection.came_by = None
        if isinstance(joined, SentTo):
            moved: MovedMessage = {"code": joined.code, "name": joined.name}
            await self.emit("session:moved", moved, to=sid)
            await self.server.disconnect(sid, namespace=self.name)
            return
        connection.has_arrived = True
        self._presence.arrived(joined.seat)
        self._services.attendance.arrived(joined.seat, self._services.clock())
        self._audience.join(sid)
        self._delivery.follow(joined.session)
        await self.enter_room(sid, session_room(joined.session.id))
        session = await self._read_to_tell(joined.session)
        message: JoinedMessage = {
            "session": public_session_answer(session),
            "seat": seat_answer(joined.seat, joined.token),
            "server_time": write_timestamp(self._services.clock()),
        }
        await self.emit("session:joined", message, to=sid)
        if session.closed_at is not None:
            await self._delivery.session_ended(session)
        self._delivery.connections_changed(session.id)

    async def _read_to_tell(self, session: Session) -> Session:
        """As new as what was told here while it was read: its trainee takes what comes last for the newest.

        Nothing may be awaited between this and the telling.
        """
        try:
            for _ in range(READ_AGAIN_AT_MOST):
                session = await self._services.sessions.reread(session.id) or session
                if session.version >= self._delivery.told_version(session.id):
                    break
        except StorageUnavailable:
            # Read a moment ago, when the seat was taken; what was pushed since has been sent here already.
            pass
        self._delivery.answered(session)
        return session

    async def gone(self, sid: str, connection: TraineeConnection) -> None:
        self._audience.trainee_left(sid)
        if connection.has_arrived:
            self._presence.left(connection.seat)
            self._services.attendance.left(connection.seat, self._services.clock())
            self._delivery.connections_changed(connection.seat.session_id)

    async def may_stay(self, connection: TraineeConnection) -> bool:
        return await self._services.revocation.seat_holds(connection.seat.id)

    def _connection_of(self, sid: str) -> str:
        """The one below: it may ask to be let into the namespace again and again."""
        return libraries.engine_sid_of(self.server, sid, self.name) or sid

    async def _act(self, connection: TraineeConnection, sent: ActionMessage) -> Ack | Refusal:
        seat = connection.seat
        draft = action_draft(sent, Author("trainee", seat.id, seat.name))
        if isinstance(draft, InvalidFields):
            return draft
        now = self._services.clock()
        if refusal := self._actions.begin(seat, connection.address, now):
            return refusal
        outcome = await self._services.sessions.record(seat, seat.session_id, draft, now)
        if isinstance(outcome, Recorded | AlreadyRecorded):
            return {"ok": True, "event": event_answer(outcome.event)}
        return outcome

    async def _clock(self, connection: TraineeConnection, sent: Empty) -> Ack | Refusal:
        return {"ok": True, "server_time": write_timestamp(self._services.clock())}
