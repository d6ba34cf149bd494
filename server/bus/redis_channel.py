"""The connection to the other processes through Redis: one channel, on which everybody hears everybody.

It carries no promise. What is sent while it is down is dropped, nobody waits for it, and it is opened anew with
growing pauses for as long as it takes. It is up when a process hears its own voice; whoever listens is told so,
and reads again what may have been missed.

There are two lines: Redis takes nothing on one on which it tells. What is sent in one turn of the loop is one write.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Callable
from typing import Any

import structlog

from server.bus.redis_line import RedisLine, command
from server.live.backoff import Backoff
from server.waiting import is_set_within

log = structlog.get_logger("shiller.redis")

CHANNEL = "shiller"
MESSAGES_WAITING = 4096
CONNECT_TIMEOUT_SECONDS = 5.0
# For Redis to say that it has taken what was sent.
ANSWER_TIMEOUT_SECONDS = 5.0
# Longer than two turns of the presence, which is heard by the process itself as well.
SILENCE_SECONDS = 12.0
RETRY = Backoff(0.25, 5.0)
LAST_WORDS_SECONDS = 1.0

_LOOKED_AFTER_EVERY_SECONDS = 1.0

Hear = Callable[[bytes], None]


class RedisChannel:
    def __init__(self, url: str) -> None:
        self._url = url
        self._said: list[bytes] = []
        self._speaking: RedisLine | None = None
        self._unanswered = 0
        self._answered_at = self._heard_at = 0.0
        """In the loop's time."""
        self._all_said = asyncio.Event()
        self.is_open = False
        self._failures = 0
        self.is_up = False
        self.name = uuid.uuid4().hex
        """This process's own, until it ends."""

    def send(self, message: bytes) -> None:
        """To all processes, in the order of these calls, some time soon or never."""
        if not self.is_open or self._speaking is None:
            return
        if self._unanswered >= MESSAGES_WAITING:
            self._speaking.end(ConnectionError("messages for the other processes do not get away"))
            return
        if not self._said:
            asyncio.get_running_loop().call_soon(self._write)
        if self._unanswered == 0:
            self._answered_at = asyncio.get_running_loop().time()
            self._all_said.clear()
        self._unanswered += 1
        self._said.append(command("PUBLISH", CHANNEL, message))

    def heard_itself(self) -> None:
        """What was sent came back: messages go through in both directions."""
        self._failures = 0
        if not self.is_up:
            self.is_up = True
            log.info("connected to Redis")

    async def run(self, heard: Hear, opened: Callable[[], None]) -> None:
        """Until cancelled. `heard` gets every message, one's own included; `opened` is called whenever it opens."""
        try:
            await self._keep_talking(heard, opened)
        finally:
            # Whatever it was that ended it: nobody hears the others any more.
            self.is_up = self.is_open = False

    async def _keep_talking(self, heard: Hear, opened: Callable[[], None]) -> None:
        is_told = False
        while True:
            reason = ""
            try:
                await self._talk(heard, opened)
            except (OSError, TimeoutError) as failure:
                reason = f"{type(failure).__name__}: {failure}"
            except Exception:
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
        if self.is_open and self._unanswered:
            await is_set_within(self._all_said, LAST_WORDS_SECONDS)

    async def _talk(self, heard: Hear, opened: Callable[[], None]) -> None:
        """Until something fails."""
        self._said, self._unanswered = [], 0

        def told(value: Any) -> None:
            self._heard_at = asyncio.get_running_loop().time()
            match value:
                case [b"message", _, message]:
                    _hear(message, heard)
                case [b"subscribe", *_]:
                    self.is_open = True
                    opened()
                case _:
                    pass  # it is logged in

        async with contextlib.AsyncExitStack() as lines:
            async with asyncio.timeout(CONNECT_TIMEOUT_SECONDS):
                self._speaking = speaking = await RedisLine.open(self._url, self._answered)
                lines.callback(speaking.close)
                listening = await RedisLine.open(self._url, told)
                lines.callback(listening.close)
            self._heard_at = asyncio.get_running_loop().time()
            listening.write(command("SUBSCRIBE", CHANNEL))
            await self._look_after(speaking, listening)

    async def _look_after(self, *lines: RedisLine) -> None:
        """Until one of them is lost or one of them is silent for too long."""
        loop = asyncio.get_running_loop()
        while True:
            lost, _ = await asyncio.wait(
                [line.lost for line in lines], timeout=_LOOKED_AFTER_EVERY_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
            for line in lost:
                line.result()
            now = loop.time()
            if now - self._heard_at > SILENCE_SECONDS:
                raise TimeoutError(f"nothing heard for {SILENCE_SECONDS:g} s")
            if self._unanswered and now - self._answered_at > ANSWER_TIMEOUT_SECONDS:
                raise TimeoutError(f"nothing taken for {ANSWER_TIMEOUT_SECONDS:g} s")

    def _write(self) -> None:
        said, self._said = self._said, []
        if self._speaking is not None:
            self._speaking.write(b"".join(said))

    def _answered(self, value: Any) -> None:
        """It has taken a message, or the password."""
        self._answered_at = asyncio.get_running_loop().time()
        if value != b"OK" and self._unanswered:
            self._unanswered -= 1
            if self._unanswered == 0:
                self._all_said.set()


def _hear(message: bytes, heard: Hear) -> None:
    try:
        heard(message)
    except Exception:
        # Somebody else's message must not end the connection.
        log.exception("a message of another process could not be taken")
