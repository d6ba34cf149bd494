"""/sessions/{id}/fork: again from a moment of its record."""

from __future__ import annotations

from server.domain.forking import NewFork
from server.domain.outcomes import InvalidBody, InvalidFields, NotFound, Refusal
from server.ports.results import Added, AlreadyThere
from server.transport.http.endpoint import Answer, Call, Endpoint
from server.transport.http.sessions import answer_session
from server.transport.wire.requests import ForkBody
from server.transport.wire.shapes import SessionAnswer


async def _fork(call: Call) -> Answer | Refusal:
    session_id = call.id()
    if isinstance(session_id, NotFound):
        return session_id
    call.session_id = session_id
    body = call.body(ForkBody)
    if isinstance(body, InvalidBody | InvalidFields):
        return body
    new = NewFork(body.after_seq, body.id, body.title, body.moves_trainees is True)
    outcome = await call.services.forks.fork(call.trainer, session_id, new, call.now)
    match outcome:
        case Added(session):
            call.services.seats.be_at_home(session, call.address)
            return answer_session(session, 201)
        case AlreadyThere(session):
            return answer_session(session)
        case _:
            return outcome


ENDPOINTS = (
    Endpoint(
        "POST", "/sessions/{id}/fork", "Open a session that goes on from a moment of this one's record", _fork,
        {201: SessionAnswer, 200: SessionAnswer}, ("forbidden", "not_found", "conflict", "not_home"),
        bodies=(ForkBody,),
    ),
)  # fmt: skip
