"""Answers squeezed for whoever takes them so."""

from __future__ import annotations

import re

from starlette.datastructures import Headers
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import Receive, Scope, Send

# A record of hundreds of pages is squeezed while everybody waits: a page of 200 events in 0.37 ms, at 6 in 0.66 and
# at 9 in 1.39, a twentieth and a thirteenth smaller.
SQUEEZE = 4
SMALLEST_BYTES = 1024
_REFUSED = re.compile(r"gzip\s*;\s*q\s*=\s*0(\.0*)?\s*(,|$)", re.IGNORECASE)


class Squeezing(GZipMiddleware):
    """The library looks for the word alone, and `gzip;q=0` asks for none: what is within is shown no such wish."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _REFUSED.search(", ".join(Headers(scope=scope).getlist("accept-encoding"))):
            scope = {**scope, "headers": [each for each in scope["headers"] if each[0] != b"accept-encoding"]}
        await super().__call__(scope, receive, send)
