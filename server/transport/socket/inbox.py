"""A client's messages on their way to their namespace, and the acks on their way back.

One task for each message. The libraries have three, of which two only hand the message on.
"""

from __future__ import annotations

import asyncio
from typing import Any

import structlog
from engineio import packet

from server.transport.socket import seams
from server.transport.socket.outgoing import Line, Told
from server.transport.socket.packet import Sent, ack_text, read_event
from server.transport.socket.seams import EngineSocket, NamespaceHandler

log = structlog.get_logger("shiller.socket")

# Engine.IO's mark of a message.
_MESSAGE = str(packet.MESSAGE)


class Inbox:
    def __init__(self, server: Any) -> None:
        self._server = server
        self._under_way: set[asyncio.Task[Any] | None] = set()

    def take(self, engine_socket: EngineSocket, text: str) -> bool:
        """Begin to answer what came on a WebSocket; False if that is the library's: no event, or one for nobody."""
        sent = read_event(text[1:]) if text.startswith(_MESSAGE) else None
        if sent is None:
            return False
        found = seams.namespace_of(self._server, engine_socket, sent.namespace)
        if found is None:
            return False
        sid, namespace = found
        self._under_way.add(
            asyncio.get_running_loop().create_task(self._answer(engine_socket.queue, sid, namespace, sent))
        )
        return True

    async def _answer(self, line: Line, sid: str, namespace: NamespaceHandler, sent: Sent) -> None:
        try:
            ack = await namespace.trigger_event(sent.data[0], sid, *sent.data[1:])
            if sent.number is not None:
                line.tell(Told(ack_text(sent.namespace, sent.number, ack)))
        except Exception:
            log.exception("a message was not answered", namespace=sent.namespace)
        finally:
            # By itself, and not by a callback, which would be one more turn of the loop for each message.
            self._under_way.discard(asyncio.current_task())
