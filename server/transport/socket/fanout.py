"""A client manager for python-socketio that encodes a broadcast once, and writes the same bytes to everybody.

A broadcast is one loop without a pause: no task, queue or coroutine for each of those who hear it, and none of them
can delay it. What is on its way to a connection keeps it in order behind whatever that connection still waits for.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import socketio

from server.engine import libraries
from server.engine.outgoing import Frame, Outgoing
from server.engine.packets import MESSAGE
from server.transport.socket.messages import SERVER_MESSAGES, TRAINEE
from server.transport.socket.packet import SafeJson, event_text

# What is held for a client that does not take it. One that is behind by more is cut: it comes back, and asks for what
# it has missed. With what the system holds, a trainee's is below 64 KiB.
TRAINEE_LIMIT_BYTES = 48 * 1024
# A trainer is told every event, and gets long answers: a thousand events are half of this.
LIMIT_BYTES = 1024 * 1024

_STATES = frozenset(
    (namespace, name)
    for namespace, messages in SERVER_MESSAGES.items()
    for name, about in messages.items()
    if about.is_state
)


class FanOut(socketio.AsyncManager):
    server: Any

    def __init__(self) -> None:
        super().__init__()
        self._outgoing: dict[tuple[str, Any], Sequence[Outgoing]] = {}

    async def emit(
        self,
        event: str,
        data: Any,
        namespace: str,
        room: Any = None,
        skip_sid: str | Collection[str] | None = None,
        callback: Any = None,
        to: Any = None,
        **options: Any,
    ) -> None:
        """What the library calls, for one connection or a room; nobody here asks clients for acks, or skips any."""
        room = to or room
        if callback is not None or skip_sid is not None or not isinstance(room, str) or isinstance(data, tuple):
            await super().emit(event, data, namespace, room=room, skip_sid=skip_sid, callback=callback, **options)
        else:
            self.tell(event, SafeJson.dumps(data), namespace, room)

    def tell(self, name: str, encoded: str, namespace: str, room: str) -> None:
        """`encoded`: the JSON of what is said, in the message of this name, to the members of the room."""
        members = self._outgoing_of(namespace, room)
        if not members:
            return
        key = (namespace, name, room) if (namespace, name) in _STATES else None
        limit = TRAINEE_LIMIT_BYTES if namespace == TRAINEE else LIMIT_BYTES
        told = Frame(event_text(namespace, name, encoded), MESSAGE, key, limit)
        frame, size = told.encoded, told.size
        for outgoing in members:
            # The way of nearly every connection and message, written out (`Outgoing.tell`, `WebSocket.write`): calls
            # are a third of what this loop costs.
            wire = outgoing.free_wire
            if wire is None or not wire.can_write:
                outgoing.tell(told)
                continue
            try:
                sent = wire.send(frame)
            except OSError:
                sent = 0
            if sent < size:
                wire.write_rest(frame, sent)

    def basic_enter_room(self, sid: str, namespace: str, room: Any, eio_sid: str | None = None) -> None:
        self._outgoing.pop((namespace, room), None)
        super().basic_enter_room(sid, namespace, room, eio_sid=eio_sid)

    def basic_leave_room(self, sid: str, namespace: str, room: Any) -> None:
        self._outgoing.pop((namespace, room), None)
        super().basic_leave_room(sid, namespace, room)

    def _outgoing_of(self, namespace: str, room: str) -> Sequence[Outgoing]:
        """Of the members of a room; looked up once for each change of its members."""
        found = self._outgoing.get((namespace, room))
        if found is None:
            connections = libraries.engine_of(self.server).connections
            members = (connections.get(member) for _, member in self.get_participants(namespace, room))
            found = [connection.outgoing for connection in members if connection is not None]
            if found:
                self._outgoing[namespace, room] = found
        return found
