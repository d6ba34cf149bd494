"""/halls, and what becomes of the sessions of one that is lost."""

from __future__ import annotations

from server.domain.halls import Hall, HallSummary
from server.domain.outcomes import Forbidden, InvalidBody, InvalidFields, NotFound, Refusal
from server.domain.session import Session
from server.service.halls import AddedHall
from server.transport.http.endpoint import Answer, Call, Endpoint
from server.transport.http.sessions import answer_session
from server.transport.wire.answers import hall_answer
from server.transport.wire.requests import HallBody
from server.transport.wire.shapes import AddedHallAnswer, HallAnswer, HallPage, SessionAnswer


async def _list(call: Call) -> Answer | Refusal:
    halls = await call.services.halls.list(call.trainer)
    if isinstance(halls, Forbidden):
        return halls
    return Answer(200, {"items": [hall_answer(each) for each in halls], "next_cursor": None})


async def _add(call: Call) -> Answer | Refusal:
    body = call.body(HallBody)
    if isinstance(body, InvalidBody | InvalidFields):
        return body
    added = await call.services.halls.add(call.trainer, body.name, body.trainers, call.now)
    if not isinstance(added, AddedHall):
        return added
    answer = {**hall_answer(HallSummary(added.hall, 0)), "token": added.token}
    return Answer(201, answer, {"Cache-Control": "no-store"})


async def _revoke(call: Call) -> Answer | Refusal:
    hall_id = call.id()
    if isinstance(hall_id, NotFound):
        return hall_id
    revoked = await call.services.halls.revoke(call.trainer, hall_id, call.now)
    if not isinstance(revoked, Hall):
        return revoked
    return Answer(200, hall_answer(await call.services.halls.summary(revoked)))


async def _take_over(call: Call) -> Answer | Refusal:
    session_id = call.id()
    if isinstance(session_id, NotFound):
        return session_id
    session = await call.services.halls.take_over(call.trainer, session_id, call.now)
    return answer_session(session) if isinstance(session, Session) else session


ENDPOINTS = (
    Endpoint("GET", "/halls", "The school's hall servers, by name", _list, {200: HallPage}, ("forbidden",)),
    Endpoint(
        "POST", "/halls", "Make a token for a hall server; it is told this once", _add, {201: AddedHallAnswer},
        ("forbidden", "conflict"), bodies=(HallBody,),
    ),
    Endpoint(
        "DELETE", "/halls/{id}", "Take the token of a hall server back", _revoke, {200: HallAnswer},
        ("forbidden", "not_found"),
    ),
    Endpoint(
        "POST", "/sessions/{id}/take-over", "Go on here with a session of a hall that is lost", _take_over,
        {200: SessionAnswer}, ("forbidden", "not_found", "session_closed", "session_expired"),
    ),
)  # fmt: skip
