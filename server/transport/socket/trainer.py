"""The namespace of trainers: control, with a token."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from server.domain.audit import author_of
from server.domain.events import Author, EventDraft
from server.domain.outcomes import InvalidBody, InvalidFields, Refusal, Unauthenticated
from server.domain.people import Access, Trainer
from server.domain.record import AlreadyRecorded, Recorded, RecordOutcome
from server.domain.session import Seat, Session
from server.domain.timestamps import write_timestamp
from server.live.audience import Audience
from server.live.delivery import Delivery
from server.service.case_control import Controlled
from server.service.notes import Annotated
from server.service.services import Services
from server.transport.metrics import Metrics
from server.transport.named import with_named
from server.transport.origins import COOKIE, Origins
from server.transport.socket.gate import Gate
from server.transport.socket.messages import TRAINER, TRAINER_MESSAGES
from server.transport.socket.namespace import Ack, Handler, Namespace, address_of, cookie_of, scheme_of
from server.transport.socket.rooms import school_room, session_room
from server.transport.wire.answers import annotation_answer, event_answer, session_answer, trainees_answer
from server.transport.wire.reading import action_draft, case_fact, note_draft, read_model, vitals_draft
from server.transport.wire.requests import (
    ControlMessage,
    Empty,
    NoteMessage,
    RemoveMessage,
    SessionMessage,
    TrainerActionMessage,
    TrainerAuth,
    VitalsMessage,
    WatchMessage,
)

EVENTS_TO_CATCH_UP = 1000


@dataclass(slots=True)
class TrainerConnection:
    sid: str
    access: Access
    address: str
    ends: asyncio.TimerHandle | None = None

    @property
    def trainer(self) -> Trainer:
        return self.access.trainer

    @property
    def author(self) -> Author:
        return author_of(self.trainer)


class TrainerNamespace(Namespace[TrainerConnection]):
    def __init__(
        self,
        services: Services,
        metrics: Metrics,
        gate: Gate,
        origins: Origins,
        audience: Audience,
        delivery: Delivery,
    ) -> None:
        super().__init__(TRAINER, TRAINER_MESSAGES, services, metrics, gate)
        self._origins = origins
        self._audience = audience
        self._delivery = delivery
        self._pushes = metrics.pushes.labels("socket")
        self._handlers: Mapping[str, Handler[TrainerConnection]] = {
            "session:watch": self._watch,
            "session:unwatch": self._unwatch,
            "vitals:push": self._push,
            "note:add": self._note,
            "action:take": self._act,
            "case:control": self._control,
            "session:close": self._close,
            "trainee:remove": self._remove,
            "clock:read": self._clock,
        }

    asked_as_written = frozenset({"vitals:push", "action:take"})

    def handlers(self) -> Mapping[str, Handler[TrainerConnection]]:
        return self._handlers

    async def let_in(self, sid: str, environ: Mapping[str, Any], auth: object) -> Refusal | None:
        presented = read_model(TrainerAuth, {} if auth is None else auth)
        if isinstance(presented, InvalidBody | InvalidFields):
            return Unauthenticated()
        now = self._services.clock()
        access = await self._services.accounts.identify(presented.token or self._cookie(environ), now)
        if isinstance(access, Unauthenticated):
            return access
        self.connections[sid] = TrainerConnection(sid, access, address_of(environ))
        if not self._audience.let_in_trainer(sid, access.token_hash, access.trainer.school_id, access.trainer.id):
            return Unauthenticated()
        await self.enter_room(sid, school_room(access.trainer.school_id))
        self._cut_in_time(sid)
        return None

    async def gone(self, sid: str, connection: TrainerConnection) -> None:
        self._delivery.watchers_changed(self._audience.trainer_left(sid))
        if connection.ends is not None:
            connection.ends.cancel()

    async def may_stay(self, connection: TrainerConnection) -> bool:
        return await self._services.revocation.login_holds(connection.access.token_hash)

    async def with_named(self, connection: TrainerConnection, wrong: InvalidFields, data: object) -> InvalidFields:
        return await with_named(wrong, data, self._services, connection.trainer)

    async def _watch(self, connection: TrainerConnection, sent: WatchMessage) -> Ack | Refusal:
        """Enter the room first, then read: what comes meanwhile is told, and known by its seq."""
        sessions = self._services.sessions
        found = await sessions.find(connection.trainer, sent.session_id)
        if not isinstance(found, Session):
            return found
        if connection.sid not in self.connections:
            # It left meanwhile, and was let go: nobody would take it out again.
            return Unauthenticated()
        if found.closed_at is not None:
            return await self._answer_watch(connection, found.id, sent, told_seq=0)
        self._services.seats.be_at_home(found, connection.address)
        self._audience.watch(connection.sid, found.id)
        self._delivery.follow(found)
        told_seq = self._delivery.told_seq(found.id)
        await self.enter_room(connection.sid, session_room(found.id))
        listed = self._delivery.trainees_told(found.id)
        try:
            return await self._answer_watch(connection, found.id, sent, told_seq)
        finally:
            # Only now, for the ack puts its trainees and no trainers in the place of whatever was told before it. Both
            # are told in a later turn of the loop than this one, in which the ack goes out.
            self._delivery.watchers_changed([found.id])
            self._delivery.tell_trainees_since(found.id, listed)

    async def _answer_watch(
        self, connection: TrainerConnection, session_id: UUID, sent: WatchMessage, told_seq: int
    ) -> Ack | Refusal:
        """`told_seq`: of the newest event that was told before this connection could hear of it."""
        read = await self._services.sessions.events_after(
            connection.trainer, session_id, sent.after_seq or 0, EVENTS_TO_CATCH_UP
        )
        if not isinstance(read, tuple):
            return read
        session, events = read
        # What came between the two reads is told by itself: the events here lead to the `last_values` beside them.
        last_seq = max(session.last_seq, told_seq)
        # Recorded elsewhere before we came to hear of it: told before the ack, not after it.
        await self._delivery.tell_session(session)
        return {
            "ok": True,
            "session": session_answer(session),
            "events": [event_answer(event) for event in events if event.seq <= last_seq],
            "trainees": trainees_answer(await self._services.seats.trainees(session_id)),
            "server_time": write_timestamp(self._services.clock()),
        }

    async def _unwatch(self, connection: TrainerConnection, sent: SessionMessage) -> Ack | Refusal:
        if self._audience.unwatch(connection.sid, sent.session_id):
            await self.leave_room(connection.sid, session_room(sent.session_id))
            self._delivery.watchers_changed([sent.session_id])
        return {"ok": True}

    async def _push(self, connection: TrainerConnection, sent: VitalsMessage) -> Ack | Refusal:
        draft = vitals_draft(sent, connection.author)
        if isinstance(draft, InvalidFields):
            return draft
        outcome = await self._record(connection, sent.session_id, draft)
        if isinstance(outcome, Recorded):
            self._pushes.inc()
        return _ack(outcome)

    async def _record(
        self, connection: TrainerConnection, session_id: UUID, draft: EventDraft
    ) -> RecordOutcome | Unauthenticated:
        access, now = connection.access, self._services.clock()
        if access.expires_at <= now:
            return Unauthenticated()
        login = self._services.revocation.asked_as_written(access.token_hash)
        outcome = await self._services.sessions.record_while_logged_in(
            connection.trainer, session_id, draft, now, login
        )
        if isinstance(outcome, AlreadyRecorded) and not await self.may_stay(connection):
            return Unauthenticated()
        return outcome

    async def _note(self, connection: TrainerConnection, sent: NoteMessage) -> Ack | Refusal:
        draft = note_draft(sent, connection.author)
        if isinstance(draft, InvalidFields):
            return draft
        outcome = await self._services.notes.add(connection.trainer, sent.session_id, draft, self._services.clock())
        match outcome:
            case Recorded(event=event) | AlreadyRecorded(event):
                return {"ok": True, "event": event_answer(event)}
            case Annotated(annotation):
                return {"ok": True, "annotation": annotation_answer(annotation)}
            case _:
                return outcome

    async def _act(self, connection: TrainerConnection, sent: TrainerActionMessage) -> Ack | Refusal:
        draft = action_draft(sent, connection.author)
        if isinstance(draft, InvalidFields):
            return draft
        return _ack(await self._record(connection, sent.session_id, draft))

    async def _control(self, connection: TrainerConnection, sent: ControlMessage) -> Ack | Refusal:
        outcome = await self._services.case_control.control(
            connection.trainer, sent.session_id, sent.id, case_fact(sent), self._services.clock(), sent.made_at
        )
        if isinstance(outcome, Controlled):
            return {"ok": True, "event": None if outcome.event is None else event_answer(outcome.event)}
        return outcome

    async def _close(self, connection: TrainerConnection, sent: SessionMessage) -> Ack | Refusal:
        outcome = await self._services.sessions.close(connection.trainer, sent.session_id, self._services.clock())
        if isinstance(outcome, Session):
            return {"ok": True, "session": session_answer(outcome)}
        return outcome

    async def _remove(self, connection: TrainerConnection, sent: RemoveMessage) -> Ack | Refusal:
        outcome = await self._services.seats.remove_trainee(
            connection.trainer, sent.session_id, sent.seat_id, self._services.clock()
        )
        return {"ok": True} if isinstance(outcome, Seat) else outcome

    async def _clock(self, connection: TrainerConnection, sent: Empty) -> Ack | Refusal:
        return {"ok": True, "server_time": write_timestamp(self._services.clock())}

    def _cut_in_time(self, sid: str) -> None:
        """When the token has run out. Asked of the clock again by then: it may have been put back meanwhile."""
        connection = self.connections.get(sid)
        if connection is None:
            return
        seconds = (connection.access.expires_at - self._services.clock()).total_seconds()
        if seconds > 0:
            connection.ends = asyncio.get_running_loop().call_later(seconds, self._cut_in_time, sid)
        else:
            self.server.start_background_task(self.server.disconnect, sid, namespace=self.name)

    def _cookie(self, environ: Mapping[str, Any]) -> str | None:
        """The dashboard's cookie, which a browser sends along from any page: only from an allowed one it counts."""
        cookie = cookie_of(environ, COOKIE)
        origin, host = environ.get("HTTP_ORIGIN"), environ.get("HTTP_HOST", "")
        if cookie is None or not self._origins.may_use_cookie(origin, scheme_of(environ), host):
            return None
        return cookie


def _ack(outcome: RecordOutcome | Unauthenticated) -> Ack | Refusal:
    if isinstance(outcome, Recorded | AlreadyRecorded):
        return {"ok": True, "event": event_answer(outcome.event)}
    return outcome
