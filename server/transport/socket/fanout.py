"""A client manager for python-socketio that encodes a broadcast once, and writes the same bytes to everybody.

A broadcast is one loop without a pause: no task, queue or coroutine for each of those who hear it, and none of them
can delay it. What is on its way to a connection keeps it in order behind whatever that connection still waits for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, cast

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
        self._members: dict[tuple[str, Any], dict[str, Outgoing]] = {}
        """Of the rooms that were told something, by connection."""
        self._rooms_of: dict[str, tuple[Any, ...]] = {}
        """The rooms of a connection besides its own and that of everybody."""
        self._leaving: set[str] = set()

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
        members = self._told(namespace, room)
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

    # Who comes and goes. The library keeps a room for each connection, two tables for one entry that the room of
    # everybody has already, and would look through all of them for each that leaves.

    def get_participants(self, namespace: str, room: Any) -> Iterator[tuple[str, str]]:
        found: dict[str, str] = {}
        rooms = cast("Sequence[Any]", room) if isinstance(room, list | tuple) else (room,)
        for each in rooms:
            if (alone := self.eio_sid_from_sid(each, namespace)) is not None:
                found[each] = alone
            else:
                found.update(super().get_participants(namespace, each))
        return iter(found.items())

    def get_rooms(self, sid: str, namespace: str) -> list[Any]:
        return [] if self.eio_sid_from_sid(sid, namespace) is None else [sid, *self._rooms_of.get(sid, ())]

    def basic_enter_room(self, sid: str, namespace: str, room: Any, eio_sid: str | None = None) -> None:
        if room == sid:
            return  # there it is already
        super().basic_enter_room(sid, namespace, room, eio_sid=eio_sid)
        if room is None:
            return
        if room not in (rooms := self._rooms_of.get(sid, ())):
            self._rooms_of[sid] = (*rooms, room)
        if (members := self._members.get((namespace, room))) is not None:
            outgoing = self._outgoing_of(self.eio_sid_from_sid(sid, namespace))
            if outgoing is not None:
                members[sid] = outgoing

    def basic_leave_room(self, sid: str, namespace: str, room: Any) -> None:
        super().basic_leave_room(sid, namespace, room)
        if (members := self._members.get((namespace, room))) is not None:
            members.pop(sid, None)
            if not members:
                del self._members[namespace, room]
        if rooms := tuple(each for each in self._rooms_of.pop(sid, ()) if each != room):
            self._rooms_of[sid] = rooms

    def basic_disconnect(self, sid: str, namespace: str, **_: Any) -> None:
        for room in (*self._rooms_of.pop(sid, ()), None):
            self.basic_leave_room(sid, namespace, room)
        self.callbacks.pop(sid, None)
        self._leaving.discard(sid)
        coming = self.pending_connect.get(namespace, [])
        if sid in coming:
            coming.remove(sid)
            if not coming:
                del self.pending_connect[namespace]

    def pre_disconnect(self, sid: str, namespace: str) -> str | None:
        self._leaving.add(sid)
        return self.eio_sid_from_sid(sid, namespace)

    def is_connected(self, sid: str | None, namespace: str) -> bool:
        return sid not in self._leaving and super().is_connected(sid, namespace)

    def _told(self, namespace: str, room: str) -> Collection[Outgoing]:
        """Of the members of a room; looked up once, and kept as they come and go. A connection's own is not kept."""
        members = self._members.get((namespace, room))
        if members is not None:
            return list(members.values())
        if (alone := self.eio_sid_from_sid(room, namespace)) is not None:
            outgoing = self._outgoing_of(alone)
            return () if outgoing is None else (outgoing,)
        found = ((sid, self._outgoing_of(member)) for sid, member in self.get_participants(namespace, room))
        members = {sid: outgoing for sid, outgoing in found if outgoing is not None}
        if members:
            self._members[namespace, room] = members
        return list(members.values())

    def _outgoing_of(self, engine_sid: str | None) -> Outgoing | None:
        connection = libraries.engine_of(self.server).connections.get(engine_sid or "")
        return None if connection is None else connection.outgoing
