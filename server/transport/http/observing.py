"""Every HTTP answer has a request id, safe headers, a line in the log and a place in the metrics."""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, MutableMapping
from typing import Any
from uuid import uuid4

import structlog

from server.front.names import is_registered_name
from server.transport.metrics import Metrics

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

log = structlog.get_logger("shiller.http")

# A proxy's own request id is kept if it is one, so that the logs of both can be joined.
_REQUEST_ID = re.compile(rb"[A-Za-z0-9_.-]{8,64}")
# Half a year: it holds for all ports of a name, and a school that gives HTTPS up has to wait it out. No subdomains, for
# those are others'.
_HTTPS_ONLY = b"max-age=15552000"
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
                    *_kept_safe(scope, message["headers"]),
                ]
            await send(message)

        began = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await app(scope, receive, send_marked)
            finally:
                _note(scope, status, time.perf_counter() - began, metrics)

    return observe


def _kept_safe(scope: Message, headers: Iterable[tuple[bytes, bytes]]) -> Iterator[tuple[bytes, bytes]]:
    """Nothing of the API is kept on the way; and who has come by HTTPS comes by nothing else."""
    if scope["path"].startswith("/api/") and not any(name.lower() == b"cache-control" for name, _ in headers):
        yield b"cache-control", b"no-store"
    if scope["scheme"] == "https":
        host = next((value for name, value in scope["headers"] if name == b"host"), b"").decode("latin-1")
        # By an address, or a name of this network alone, it would bind whatever is found there another day.
        if is_registered_name(host):
            yield b"strict-transport-security", _HTTPS_ONLY


def _note(scope: Message, status: int, seconds: float, metrics: Metrics) -> None:
    """The route and never the path: paths and queries hold codes and socket ids."""
    route = scope.get("shiller.route", "other")
    metrics.http_seconds.labels(scope["method"], route, str(status)).observe(seconds)
    write = log.debug if route in _QUIET or (status == 404 and route == "other") else log.info
    write("request", method=scope["method"], route=route, status=status, ms=round(seconds * 1000, 1))
