"""What the people who run Shiller ask it: is it alive, is it ready, how is it doing."""

from __future__ import annotations

from starlette.responses import Response

from server.transport.http.endpoint import Answer, Call, Endpoint
from server.transport.metrics import CONTENT_TYPE


async def _healthz(call: Call) -> Answer:
    return Answer(200, {"status": "alive"})


async def _readyz(call: Call) -> Answer:
    await call.services.storage.ping()
    is_linked = call.context.is_linked()
    if is_linked is None:
        return Answer(200, {"status": "ready"})
    # Without Redis a process still serves its own clients; to take all of them out for it would end every session.
    return Answer(200, {"status": "ready", "redis": "up" if is_linked else "down"})


async def _metrics(call: Call) -> Response:
    return Response(call.context.metrics.text(), media_type=CONTENT_TYPE)


ENDPOINTS = (
    Endpoint(
        "GET", "/healthz", "The process is alive", _healthz, {200: dict[str, str]}, base="",
        needs_login=False,
    ),
    Endpoint(
        "GET", "/readyz", "The storage answers", _readyz, {200: dict[str, str]}, base="", needs_login=False,
    ),
    Endpoint(
        "GET", "/metrics", "For Prometheus", _metrics, {200: None}, base="", needs_login=False,
        media_types=("text/plain",),
    ),
)  # fmt: skip
