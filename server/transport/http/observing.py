"""Every HTTP answer has a request id, safe headers, a line in the log and a place in the metrics."""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from uuid import uuid4

import structlog

from server.transport.metrics import Metrics

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

log = structlog.get_logger("shiller.http")

# A proxy's own request id is kept if it is one, so that the logs of both can be joined.
_REQUEST_ID = re.compile(rb"[A-Za-z0-9_.-]{8,64}")
# Asked every few seconds by machines: seen at `debug` only.
_QUIET = frozenset({"/healthz", "/readyz", "/metrics"})


def observed(app: App, metrics: Metrics) -> App:
    async def observe(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
        request_id = given.decode() if _REQUEST_ID.fullmatch(given) else uuid4().hex
        status = 500

        async def send_marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *message["headers"],
                    (b"x-request-id", request_id.encode()),
                    (b"x-content-type-options", b"nosniff"),
                    (b"referrer-policy", b"no-referrer"),
                ]
            await send(message)

        began = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await app(scope, receive, send_marked)
            finally:
                _note(scope, status, time.perf_counter() - began, metrics)

    return observe


def _note(scope: Message, status: int, seconds: float, metrics: Metrics) -> None:
    """The route and never the path: paths and queries hold codes and socket ids."""
    route = scope.get("shiller.route", "other")
    metrics.http_seconds.labels(scope["method"], route, str(status)).observe(seconds)
    write = log.debug if route in _QUIET or (status == 404 and route == "other") else log.info
    write("request", method=scope["method"], route=route, status=status, ms=round(seconds * 1000, 1))
