"""Client managers for python-socketio that encode a broadcast once, and write the same bytes to everybody.

A broadcast is one loop without a pause: no task, queue or coroutine for each of those who hear it, and none of them
can delay it. Each connection's line keeps it in order behind whatever that connection still waits for.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import socketio

from server.transport.socket import seams
from server.transport.socket.messages import SERVER_MESSAGES, TRAINEE
from server.transport.socket.outgoing import LIMIT_BYTES, TRAINEE_LIMIT_BYTES, Line, Told
from server.transport.socket.packet import SafeJson, event_text

_STATES = frozenset(
    (namespace, name)
    for namespace, messages in SERVER_MESSAGES.items()
    for name, about in messages.items()
    if about.is_state
)


class FanOut(socketio.AsyncManager):
    """For one process; and below the link's, which hands what other processes emit to it."""

    server: Any

    # The last message, and its JSON: the same is told in both namespaces, one right after the other.
    _last_told: tuple[str, Any] | None = None
    _last_json: str = ""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._lines: dict[tuple[str, Any], Sequence[Line]] = {}

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
        room = to or room
        if callback is not None or not isinstance(room, str) or isinstance(data, tuple):
            # Nobody here asks clients for acks, tells several rooms at once, or several arguments.
            await super().emit(event, data, namespace, room=room, skip_sid=skip_sid, callback=callback, **options)
            return
        lines = self._lines_of(namespace, room, skip_sid)
        if not lines:
            return
        told = self._encode(event, data, namespace, room)
        frame, size = told.frame, told.size
        for line in lines:
            # The way of nearly every line and message, written out (`Line.tell`, `WebSocket.write`): calls are a third
            # of what this loop costs.
            wire = line.free_wire
            if wire is None or not wire.can_write:
                line.tell(told)
                continue
            try:
                sent = wire.send(frame)
            except OSError:
                sent = 0
            if sent < size:
                wire.write_rest(frame, sent)

    def basic_enter_room(self, sid: str, namespace: str, room: Any, eio_sid: str | None = None) -> None:
        self._lines.pop((namespace, room), None)
        super().basic_enter_room(sid, namespace, room, eio_sid=eio_sid)

    def basic_leave_room(self, sid: str, namespace: str, room: Any) -> None:
        self._lines.pop((namespace, room), None)
        super().basic_leave_room(sid, namespace, room)

    def _lines_of(self, namespace: str, room: str, skip_sid: str | Collection[str] | None) -> Sequence[Line]:
        """Of the members of a room; looked up once for each change of its members."""
        if skip_sid is not None:
            skipped = (skip_sid,) if isinstance(skip_sid, str) else skip_sid
            return self._look_up(namespace, room, skipped)
        lines = self._lines.get((namespace, room))
        if lines is None:
            lines = self._look_up(namespace, room, ())
            if lines:
                self._lines[namespace, room] = lines
        return lines

    def _look_up(self, namespace: str, room: str, skipped: Collection[str]) -> Sequence[Line]:
        sockets = seams.sockets_of(self.server)
        members = (member for sid, member in self.get_participants(namespace, room) if sid not in skipped)
        return [socket.queue for member in members if (socket := sockets.get(member)) is not None]

    def _encode(self, event: str, data: Any, namespace: str, room: str) -> Told:
        key = (namespace, event, room) if (namespace, event) in _STATES else None
        limit = TRAINEE_LIMIT_BYTES if namespace == TRAINEE else LIMIT_BYTES
        return Told(event_text(namespace, self._json(event, data)), key, limit)

    def _json(self, event: str, data: Any) -> str:
        last = self._last_told
        if last is not None and last[0] == event and last[1] is data and data is not None:
            return self._last_json
        self._last_json = SafeJson.dumps([event] if data is None else [event, data])
        self._last_told = (event, data)
        return self._last_json
