"""/reflection: the trainees' own words, by the token of a seat."""

from __future__ import annotations

from server.domain.outcomes import InvalidBody, InvalidFields, Refusal
from server.domain.reflections import ReflectionChange
from server.service.reflections import Own
from server.transport.http.endpoint import Answer, Call, Endpoint
from server.transport.wire.reflection_shapes import ReflectionAnswer, ReflectionBody, reflection_answer

_SHUT = ("unauthenticated", "conflict", "session_closed", "session_expired", "rate_limited")


async def _read(call: Call) -> Answer | Refusal:
    own = await call.services.reflections.read(_seat_token(call), call.address, call.now)
    return _answer(call, own) if isinstance(own, Own) else own


async def _write(call: Call) -> Answer | Refusal:
    body = call.body(ReflectionBody)
    if isinstance(body, InvalidBody | InvalidFields):
        return body
    change = ReflectionChange(body.words, body.scores, body.is_anonymous)
    own = await call.services.reflections.change(_seat_token(call), change, call.address, call.now)
    return _answer(call, own) if isinstance(own, Own) else own


def _seat_token(call: Call) -> str | None:
    scheme, _, token = call.request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _answer(call: Call, own: Own) -> Answer:
    ended_at = own.session.ended_at(call.now) or call.now
    return Answer(200, reflection_answer(own, ended_at), {"Cache-Control": "no-store"})


ENDPOINTS = (
    Endpoint(
        "GET", "/reflection", "What this seat has said after the end of its session", _read, {200: ReflectionAnswer},
        _SHUT, needs_login=False,
    ),
    Endpoint(
        "PUT", "/reflection", "A trainee's own words and scores, for 24 hours after the end", _write,
        {200: ReflectionAnswer}, _SHUT, bodies=(ReflectionBody,), needs_login=False,
    ),
)  # fmt: skip
