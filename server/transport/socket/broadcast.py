"""What this process's clients are told, as the messages of the two namespaces."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from server.domain.events import Event
from server.domain.session import Session
from server.domain.timestamps import write_timestamp
from server.json_text import write_json
from server.ports.broadcast import Trainee
from server.transport.socket.fanout import FanOut
from server.transport.socket.messages import TRAINEE, TRAINER, NamespaceName
from server.transport.socket.rooms import school_room, session_room
from server.transport.wire.answers import event_answer, public_session_answer, session_answer, trainee_answer
from server.transport.wire.shapes import (
    ClosedMessage,
    MovedMessage,
    PublicClosedMessage,
    SchoolChangedMessage,
    TrainersChangedMessage,
    VitalsPushedMessage,
)


class SocketBroadcast:
    def __init__(self, server: Any, fan_out: FanOut) -> None:
        """`server` is python-socketio's, `fan_out` its client manager."""
        self._server = server
        self._fan_out = fan_out

    def encode_event(self, event: Event) -> str:
        return write_json(event_answer(event))

    def encode_vitals(self, session: Session, seq: int | None, at: datetime) -> str:
        pushed: VitalsPushedMessage = {
            "session_id": str(session.id),
            "seq": seq,
            "at": write_timestamp(at),
            "last_values": session.last_values.as_json(),
        }
        if seq is None:
            pushed["provisional"] = True
        return write_json(pushed)

    def tell_event(self, session_id: UUID, encoded: str) -> None:
        self._fan_out.tell("event:added", encoded, TRAINER, session_room(session_id))

    def tell_vitals(self, session_id: UUID, encoded: str) -> None:
        room = session_room(session_id)
        self._fan_out.tell("vitals:pushed", encoded, TRAINEE, room)
        self._fan_out.tell("vitals:pushed", encoded, TRAINER, room)

    def tell_session(self, session: Session) -> None:
        room = session_room(session.id)
        self._fan_out.tell("session:updated", write_json(public_session_answer(session)), TRAINEE, room)
        self._fan_out.tell("session:updated", write_json(session_answer(session)), TRAINER, room)

    def encode_trainee(self, trainee: Trainee) -> str:
        return write_json(trainee_answer(trainee))

    def tell_trainees(self, session_id: UUID, encoded: Sequence[str]) -> None:
        # A `TraineesChangedMessage`, put together of what is written already.
        message = f'{{"session_id":"{session_id}","trainees":[{",".join(encoded)}]}}'
        self._fan_out.tell("trainees:changed", message, TRAINER, session_room(session_id))

    def tell_trainers(self, session_id: UUID, trainer_ids: Sequence[UUID]) -> None:
        message: TrainersChangedMessage = {
            "session_id": str(session_id),
            "trainer_ids": [str(each) for each in trainer_ids],
        }
        self._fan_out.tell("trainers:changed", write_json(message), TRAINER, session_room(session_id))

    def tell_school_changed(self, school_id: UUID, version: int) -> None:
        message: SchoolChangedMessage = {"version": version}
        self._fan_out.tell("sync:changed", write_json(message), TRAINER, school_room(school_id))

    def tell_sent_to(self, session_id: UUID, code: str, names: Mapping[str, str]) -> None:
        for connection, name in names.items():
            message: MovedMessage = {"code": code, "name": name}
            # Every connection is a room of its own.
            self._fan_out.tell("session:moved", write_json(message), TRAINEE, connection)
        self._fan_out.basic_close_room(session_room(session_id), TRAINEE)

    def tell_end(self, session: Session) -> None:
        assert session.close_reason is not None  # noqa: S101 - only what has ended is told as ended
        public: PublicClosedMessage = {**public_session_answer(session), "reason": session.close_reason}
        whole: ClosedMessage = {**session_answer(session), "reason": session.close_reason}
        room = session_room(session.id)
        self._fan_out.tell("session:closed", write_json(public), TRAINEE, room)
        self._fan_out.tell("session:closed", write_json(whole), TRAINER, room)
        for namespace in (TRAINEE, TRAINER):
            self._fan_out.basic_close_room(room, namespace)

    async def cut_trainees(self, connections: Collection[str]) -> None:
        await self._cut(connections, TRAINEE)

    async def cut_trainers(self, connections: Collection[str]) -> None:
        await self._cut(connections, TRAINER)

    async def _cut(self, connections: Collection[str], namespace: NamespaceName) -> None:
        for connection in connections:
            await self._server.disconnect(connection, namespace=namespace)
