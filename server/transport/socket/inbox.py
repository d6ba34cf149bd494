"""A client's messages on their way to their namespace, and the acks on their way back.

One task for each message. python-socketio has two, of which one only hands the message on.
"""

from __future__ import annotations

import asyncio
from typing import Any

import structlog

from server.engine import libraries
from server.engine.connection import Connection
from server.engine.libraries import NamespaceHandler
from server.engine.outgoing import Frame
from server.transport.socket.packet import NO_NAMESPACE, Sent, ack_text, read_event
from server.transport.wire.answers import refused_ack

# As a namespace knows who was not let in: not at all.
NOBODY = ""

log = structlog.get_logger("shiller.socket")


class Inbox:
    """`server`, python-socketio's, is set when there is one: it is made of the engine that asks here."""

    server: Any = None

    def __init__(self) -> None:
        self._under_way: set[asyncio.Task[Any] | None] = set()

    def take(self, connection: Connection, message: str | bytes) -> bool:
        """Begin to answer it; False if that is python-socketio's: no event, or one for nobody that asks for nothing."""
        sent = read_event(message) if isinstance(message, str) else None
        if sent is None:
            return False
        namespace = libraries.namespace_of(self.server, sent.namespace)
        if namespace is None:
            if sent.number is None:
                return False
            connection.tell(Frame(ack_text(sent.namespace, sent.number, refused_ack(NO_NAMESPACE))))
            return True
        # python-socketio would pass over a message of who is not there; it may ask for an ack like any other.
        sid = libraries.sid_of(self.server, connection.sid, sent.namespace) or NOBODY
        self._under_way.add(asyncio.get_running_loop().create_task(self._answer(connection, sid, namespace, sent)))
        return True

    async def _answer(self, connection: Connection, sid: str, namespace: NamespaceHandler, sent: Sent) -> None:
        try:
            ack = await namespace.trigger_event(sent.data[0], sid, *sent.data[1:])
            if sent.number is not None:
                connection.tell(Frame(ack_text(sent.namespace, sent.number, ack)))
        except Exception:
            log.exception("a message was not answered", namespace=sent.namespace)
        finally:
            # By itself, and not by a callback, which would be one more turn of the loop for each message.
            self._under_way.discard(asyncio.current_task())
