"""/school/export."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator

from starlette.responses import Response

from server.domain.moving import Part
from server.domain.outcomes import Refusal
from server.service.school.export import ExportUnderWay
from server.transport.http.attachments import asks_for_head, attachment_headers, head_of
from server.transport.http.endpoint import Call, Endpoint
from server.transport.moving.writing import write_line
from server.transport.streaming import PIECE_BYTES, HoldingResponse

JSON_LINES = "application/jsonl"


async def _export(call: Call) -> Response | Refusal:
    name = f"shiller-school-{call.now:%Y-%m-%d}.jsonl"
    if asks_for_head(call):
        return call.services.school_export.refusal(call.trainer) or head_of(name, JSON_LINES)
    export = await call.services.school_export.begin(call.trainer, call.now)
    if not isinstance(export, ExportUnderWay):
        return export
    pieces = _pieces(export.parts)
    try:
        # Whatever hinders the reading is said now, while there is another answer than one that breaks off.
        first = await anext(pieces)
    except BaseException:
        await export.end()
        raise
    return HoldingResponse(_with(first, pieces), export.end, JSON_LINES, attachment_headers(name))


async def _with(first: bytes, rest: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
    yield first
    async for piece in rest:
        yield piece


async def _pieces(parts: AsyncIterator[Part]) -> AsyncGenerator[bytes]:
    """Whole lines, some of them together."""
    piece = bytearray()
    lines = 0
    async for part in parts:
        piece += write_line(part, lines)
        lines += 1
        if len(piece) >= PIECE_BYTES:
            yield bytes(piece)
            piece.clear()
            await asyncio.sleep(0)
    yield bytes(piece)


ENDPOINTS = (
    Endpoint(
        "GET", "/school/export", "Everything of the school, password hashes included, to move it", _export, {200: None},
        ("forbidden", "rate_limited"), media_types=(JSON_LINES,),
    ),
)  # fmt: skip
