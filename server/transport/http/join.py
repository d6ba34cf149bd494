"""/join: what a code opens, before a trainee takes a seat."""

from __future__ import annotations

from server.domain.outcomes import InvalidBody, InvalidFields, Refusal
from server.domain.people import Retention
from server.domain.session import Session
from server.service.devices import TOKEN_DAYS
from server.transport.http.endpoint import Answer, Call, Endpoint
from server.transport.origins import JOINED_COOKIE
from server.transport.wire.answers import public_session_answer
from server.transport.wire.requests import JoinBody
from server.transport.wire.shapes import JoinAnswer, KeptAnswer


async def _join(call: Call) -> Answer | Refusal:
    body = call.body(JoinBody)
    if isinstance(body, InvalidBody | InvalidFields):
        return body
    seats, joined = call.services.seats, call.request.cookies.get(JOINED_COOKIE)
    session = await seats.look_up(body.code, call.address, joined, call.now)
    if not isinstance(session, Session):
        return session
    device = seats.token_of_device(session, joined, call.now)
    cookie = call.cookie(JOINED_COOKIE, device, TOKEN_DAYS * 86_400)
    kept = await call.services.told_months.of(session.school_id, call.now)
    answer: JoinAnswer = {"session": public_session_answer(session), "kept": None if kept is None else _kept(kept)}
    return Answer(200, answer, cookies=(cookie,))


def _kept(retention: Retention) -> KeptAnswer:
    return {"names_months": retention.names_months, "records_months": retention.records_months}


ENDPOINTS = (
    Endpoint(
        "POST", "/join", "Look a code up before joining", _join, {200: JoinAnswer},
        ("not_found", "rate_limited", "not_home", "session_closed", "session_expired"),
        bodies=(JoinBody,), needs_login=False,
    ),
)  # fmt: skip
