"""What the people who run Shiller ask it: is it alive, is it ready, how is it doing."""

from __future__ import annotations

from starlette.responses import Response

from server.transport.http.endpoint import Answer, Call, Endpoint
from server.transport.metrics import CONTENT_TYPE

_WORDS = {True: "up", False: "down"}


async def _healthz(call: Call) -> Answer:
    return Answer(200, {"status": "alive"})


async def _readyz(call: Call) -> Answer:
    await call.services.storage.ping()
    # Without Redis a process still serves its own clients; to take all of them out for it would end every session.
    parts = {"redis": call.context.is_linked(), "grpc": _is_rpc_open(call)}
    ready = {"status": "ready", **{name: _WORDS[up] for name, up in parts.items() if up is not None}}
    # It goes on as well: both would be taken out, and with them every session.
    return Answer(200, {**ready, "other_servers": "unheard"} if call.context.unheard_servers() else ready)


def _is_rpc_open(call: Call) -> bool | None:
    is_open = call.context.is_rpc_open
    return None if is_open is None else is_open()


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
