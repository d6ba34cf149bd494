"""Answers that are written as they are read, and may hold something until they have ended."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Awaitable, Callable, Mapping

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

# Whoever takes nothing for so long is cut off: others wait for the place.
STALLED_SECONDS = 30.0
# What squeezes the answer holds the loop for as long as a piece takes.
PIECE_BYTES = 32 * 1024


class WrittenResponse(StreamingResponse):
    """Nothing is read for whoever asks for its head only."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "HEAD":
            await super().__call__(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": b""})


class HoldingResponse(WrittenResponse):
    """`end` is awaited however it ends."""

    def __init__(
        self,
        pieces: AsyncIterable[bytes],
        end: Callable[[], Awaitable[None]],
        media_type: str,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(pieces, media_type=media_type, headers=headers)
        self._end = end

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_in_time(message: object) -> None:
            try:
                async with asyncio.timeout(STALLED_SECONDS):
                    await send(message)  # type: ignore[arg-type]
            except TimeoutError:
                raise OSError("nothing was taken for too long") from None

        try:
            await super().__call__(scope, receive, send_in_time)
        finally:
            await self._end()
