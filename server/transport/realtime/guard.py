"""Between the web server and Engine.IO: frames that are no Engine.IO packets never reach it.

Its reader ends the connection with a traceback on some of them; a junk frame is simply dropped here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

# CLOSE, PING, PONG, MESSAGE, UPGRADE, NOOP: what a client may send (Engine.IO 4).
_KINDS = ("1", "2", "3", "4", "5", "6")


def guarded(app: App) -> App:
    async def guard(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await app(scope, receive, send)
            return

        async def receive_packets() -> Message:
            while True:
                message = await receive()
                if message["type"] != "websocket.receive" or _is_packet(message.get("text")):
                    return message

        await app(scope, receive_packets, send)

    return guard


def _is_packet(text: str | None) -> bool:
    """Binary frames (text is None) are dropped too: nothing in the contract is binary."""
    return text is not None and text.startswith(_KINDS)
