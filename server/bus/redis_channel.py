"""The connection to the other processes through Redis: one channel, on which everybody hears everybody.

It carries no promise. What is sent while it is down is dropped, nobody waits for it, and it is opened anew with
growing pauses for as long as it takes. It is up when a process hears its own voice; whoever listens is told so,
and reads again what may have been missed.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Callable
from typing import Any

import redis.asyncio
import structlog
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from server.live.backoff import Backoff

log = structlog.get_logger("shiller.redis")

CHANNEL = "shiller"
MESSAGES_WAITING = 4096
CONNECT_TIMEOUT_SECONDS = 5.0
# Longer than two turns of the presence, which is heard by the process itself as well.
SILENCE_SECONDS = 12.0
RETRY = Backoff(0.25, 5.0)
LAST_WORDS_SECONDS = 1.0

Hear = Callable[[str], None]


class RedisChannel:
    def __init__(self, url: str) -> None:
        self._url = url
        self._waiting: list[str] = []
        self._more = asyncio.Event()
        self._all_said = asyncio.Event()
        self.is_open = False
        self._is_overrun = False
        self._failures = 0
        self.is_up = False
        self.name = uuid.uuid4().hex
        """This process's own, until it ends."""

    def send(self, message: str) -> None:
        """To all processes, in the order of these calls, some time soon or never."""
        if not self.is_open:
            return
        if len(self._waiting) >= MESSAGES_WAITING:
            self._is_overrun = True
        else:
            self._waiting.append(message)
            self._all_said.clear()
        self._more.set()

    def heard_itself(self) -> None:
        """What was sent came back: messages go through in both directions."""
        self._failures = 0
        if not self.is_up:
            self.is_up = True
            log.info("connected to Redis")

    async def run(self, heard: Hear, opened: Callable[[], None]) -> None:
        """Until cancelled. `heard` gets every message, one's own included; `opened` is called whenever it opens."""
        is_told = False
        while True:
            reason = ""
            try:
                await self._talk(heard, opened)
            except* (RedisError, OSError, TimeoutError) as failures:
                reason = f"{type(failures.exceptions[0]).__name__}: {failures.exceptions[0]}"
            except* Exception:
                log.exception("the connection to Redis failed")
            # A failure of the moment in which this is cancelled hides the cancellation.
            if (task := asyncio.current_task()) is not None and task.cancelling():
                raise asyncio.CancelledError
            if self.is_up or not is_told:
                is_told = True
                log.warning("no connection to Redis; this process serves its own clients", reason=reason)
            self.is_up = self.is_open = False
            await asyncio.sleep(RETRY.pause(self._failures))
            self._failures += 1

    async def flush(self) -> None:
        """Before the end: let go out what waits, if it goes out soon."""
        if self.is_open and not self._all_said.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._all_said.wait(), LAST_WORDS_SECONDS)

    async def _talk(self, heard: Hear, opened: Callable[[], None]) -> None:
        """Until something fails."""
        self._waiting, self._is_overrun = [], False
        client: Any = redis.asyncio.from_url(  # pyright: ignore[reportUnknownMemberType]
            self._url,
            socket_connect_timeout=CONNECT_TIMEOUT_SECONDS,
            socket_timeout=CONNECT_TIMEOUT_SECONDS,
            # What was lost is lost: what was said meanwhile has to be read.
            retry=Retry(NoBackoff(), 0),
        )
        async with client, client.pubsub() as channel:
            await channel.subscribe(CHANNEL)
            async with asyncio.TaskGroup() as both:
                both.create_task(self._listen(channel, heard, opened))
                both.create_task(self._speak(client))

    async def _listen(self, channel: Any, heard: Hear, opened: Callable[[], None]) -> None:
        while True:
            async with asyncio.timeout(SILENCE_SECONDS):
                said: Any = await channel.get_message(timeout=None)
            if said is None:
                continue
            if said["type"] == "subscribe":
                # Also after the driver has opened it anew by itself, which it tells in no other way.
                self.is_open = True
                opened()
            elif said["type"] == "message":
                _hear(said["data"], heard)

    async def _speak(self, client: Any) -> None:
        while True:
            await self._more.wait()
            self._more.clear()
            if self._is_overrun:
                raise ConnectionError("messages for the other processes do not get away")
            said, self._waiting = self._waiting, []
            async with client.pipeline(transaction=False) as pipeline:
                for text in said:
                    pipeline.publish(CHANNEL, text)
                await pipeline.execute()
            if not self._waiting:
                self._all_said.set()


def _hear(message: bytes, heard: Hear) -> None:
    try:
        heard(message.decode())
    except Exception:
        # Somebody else's message must not end the connection.
        log.exception("a message of another process could not be taken")
