"""A client's messages on their way to their namespace, and the acks on their way back.

One task for each message. The libraries have three, of which two only hand the message on.
"""

from __future__ import annotations

import asyncio
from typing import Any

import structlog
from engineio import packet

from server.transport.realtime import seams
from server.transport.realtime.line import Line, Told
from server.transport.realtime.packet import Sent, ack_text, read_event
from server.transport.realtime.seams import EngineSocket, NamespaceHandler

log = structlog.get_logger("shiller.realtime")

# Engine.IO's mark of a message.
_MESSAGE = str(packet.MESSAGE)


class Inbox:
    def __init__(self, server: Any) -> None:
        self._server = server
        self._under_way: set[asyncio.Task[None]] = set()

    def take(self, engine_socket: EngineSocket, text: str) -> bool:
        """Begin to answer what came on a WebSocket; False if that is the library's: no event, or one for nobody."""
        sent = read_event(text[1:]) if text.startswith(_MESSAGE) else None
        if sent is None:
            return False
        found = seams.namespace_of(self._server, engine_socket, sent.namespace)
        if found is None:
            return False
        sid, namespace = found
        task = asyncio.get_running_loop().create_task(_answer(engine_socket.queue, sid, namespace, sent))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return True


async def _answer(line: Line, sid: str, namespace: NamespaceHandler, sent: Sent) -> None:
    try:
        ack = await namespace.trigger_event(sent.data[0], sid, *sent.data[1:])
        if sent.number is not None:
            line.tell(Told(ack_text(sent.namespace, sent.number, ack)))
    except Exception:
        log.exception("a message was not answered", namespace=sent.namespace)
