"""Every message of the two namespaces, with its shapes: the dispatch table and its document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel

from server.transport.wire import requests, shapes

NamespaceName = Literal["/trainer", "/trainee"]
TRAINER: NamespaceName = "/trainer"
TRAINEE: NamespaceName = "/trainee"


@dataclass(frozen=True, slots=True)
class ClientMessage:
    summary: str
    data: type[BaseModel]
    ack: Any


@dataclass(frozen=True, slots=True)
class ServerMessage:
    """`is_state`: each says all there is to say about its session, so that only the newest counts."""

    summary: str
    data: Any
    is_state: bool = False


TRAINER_MESSAGES: Mapping[str, ClientMessage] = {
    "session:watch": ClientMessage(
        "Follow a session, and catch up from `after_seq` (at most 1000 events)",
        requests.WatchMessage,
        shapes.WatchAck,
    ),
    "session:unwatch": ClientMessage("Follow it no longer", requests.SessionMessage, shapes.OkAck),
    "vitals:push": ClientMessage(
        "Push vitals; the ack is the promise that they are stored", requests.VitalsMessage, shapes.EventAck
    ),
    "note:add": ClientMessage("Add a note or a marker to the record", requests.NoteMessage, shapes.NoteAck),
    "action:take": ClientMessage(
        "Record what the trainer did at the patient's side", requests.TrainerActionMessage, shapes.EventAck
    ),
    "case:control": ClientMessage(
        "Start, pause or resume the case, switch its rules off or on; twice is no error",
        requests.ControlMessage,
        shapes.CaseAck,
    ),
    "session:close": ClientMessage("End the session", requests.SessionMessage, shapes.SessionAck),
    "trainee:remove": ClientMessage("Take a trainee's seat away", requests.RemoveMessage, shapes.OkAck),
    "clock:read": ClientMessage("Read the server's clock", requests.Empty, shapes.ClockAck),
}

TRAINEE_MESSAGES: Mapping[str, ClientMessage] = {
    "action:take": ClientMessage("Record what the trainee did at the monitor", requests.ActionMessage, shapes.EventAck),
    "clock:read": ClientMessage("Read the server's clock", requests.Empty, shapes.ClockAck),
}

CLIENT_MESSAGES: Mapping[NamespaceName, Mapping[str, ClientMessage]] = {
    TRAINER: TRAINER_MESSAGES,
    TRAINEE: TRAINEE_MESSAGES,
}

SERVER_MESSAGES: Mapping[NamespaceName, Mapping[str, ServerMessage]] = {
    TRAINER: {
        "vitals:pushed": ServerMessage("The whole state, newest wins", shapes.VitalsPushedMessage, is_state=True),
        "event:added": ServerMessage("A new event of any kind", shapes.EventAnswer),
        "trainees:changed": ServerMessage(
            "Who holds a seat, and who is connected", shapes.TraineesChangedMessage, is_state=True
        ),
        "trainers:changed": ServerMessage(
            "Who watches it, when it is more than one trainer, or was", shapes.TrainersChangedMessage, is_state=True
        ),
        "session:updated": ServerMessage("The session's own fields changed", shapes.SessionAnswer, is_state=True),
        "session:closed": ServerMessage("The session has ended", shapes.ClosedMessage),
        "sync:changed": ServerMessage(
            "Something of the school changed; at most once a second", shapes.SchoolChangedMessage, is_state=True
        ),
    },
    TRAINEE: {
        "session:joined": ServerMessage("You are in; also after a reconnect", shapes.JoinedMessage),
        "vitals:pushed": ServerMessage("The whole state, newest wins", shapes.VitalsPushedMessage, is_state=True),
        "session:updated": ServerMessage("The session's own fields changed", shapes.PublicSessionAnswer, is_state=True),
        "session:closed": ServerMessage("The session has ended; the server disconnects", shapes.PublicClosedMessage),
        "session:moved": ServerMessage(
            "Join there, with the same name; the server disconnects. Also who comes back later", shapes.MovedMessage
        ),
    },
}

AUTHS: Mapping[NamespaceName, type[BaseModel]] = {
    TRAINER: requests.TrainerAuth,
    TRAINEE: requests.TraineeAuth,
}
