"""Socket.IO's Redis client manager, on the link that this process has anyway.

The library's own connection makes whoever emits wait for Redis, and logs an error for each message and each try.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import socketio

from server.bus.redis_channel import CHANNEL, Link, Message
from server.transport.socket.fanout import FanOut

MESSAGES_UNREAD = 1024


class LinkedClients(socketio.AsyncRedisManager):
    def __init__(self, url: str, link: Link) -> None:
        super().__init__(url, channel=CHANNEL)
        self._link = link
        self._unread: asyncio.Queue[Message] = asyncio.Queue(MESSAGES_UNREAD)
        self._is_listening = False

    def take(self, message: Message) -> None:
        """A message of the library, from another process. What there is no room for is as if it had not come."""
        if self._is_listening and not self._unread.full():
            self._unread.put_nowait(message)

    async def _publish(self, data: dict[str, Any]) -> None:
        self._link.send(data)

    async def _listen(self) -> AsyncGenerator[Message]:
        self._is_listening = True
        while True:
            yield await self._unread.get()


class LinkedFanOut(LinkedClients, FanOut):
    """Which tells this process's clients by one loop."""
