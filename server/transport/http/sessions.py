"""/sessions. What is written into one stands in `record.py`, what its case does in `case.py`."""

from __future__ import annotations

from typing import cast

from server.domain.outcomes import Forbidden, InvalidBody, InvalidFields, NotFound, Refusal
from server.domain.session import Session, SessionStatus
from server.ports.results import Added, AlreadyThere
from server.transport.http.endpoint import Answer, Call, Endpoint, Parameter
from server.transport.http.paging import (
    IF_MATCH_PARAMETER,
    PAGE_PARAMETERS,
    page_answer,
    read_choice,
    read_if_match,
    read_page,
)
from server.transport.wire.answers import session_answer, session_summary_answer
from server.transport.wire.reading import new_session, session_change
from server.transport.wire.requests import SessionBody, SessionChangeBody
from server.transport.wire.shapes import SessionAnswer, SessionPage

_STATUSES = ("all", "open", "ended")


async def _open(call: Call) -> Answer | Refusal:
    body = call.body(SessionBody)
    if isinstance(body, InvalidBody | InvalidFields):
        return body
    new = new_session(body)
    if isinstance(new, InvalidFields):
        return new
    outcome = await call.services.sessions.open(call.trainer, new, call.now)
    match outcome:
        case Added(session):
            call.services.seats.be_at_home(session, call.address)
            return answer_session(session, 201)
        case AlreadyThere(session):
            return answer_session(session)
        case _:
            return outcome


async def _list(call: Call) -> Answer | Refusal:
    asked = read_page(call)
    if isinstance(asked, InvalidFields):
        return asked
    status = read_choice(call, "status", _STATUSES)
    if isinstance(status, InvalidFields):
        return status
    page = await call.services.sessions.list(
        call.trainer, cast(SessionStatus, status), asked.limit, asked.after, call.now
    )
    return Answer(200, page_answer(page, session_summary_answer))


async def _find(call: Call) -> Answer | Refusal:
    session = await find_session(call)
    return answer_session(session) if isinstance(session, Session) else session


async def _change(call: Call) -> Answer | Refusal:
    session_id = call.id()
    if isinstance(session_id, NotFound):
        return session_id
    call.session_id = session_id
    body = call.body(SessionChangeBody)
    if isinstance(body, InvalidBody | InvalidFields):
        return body
    version = read_if_match(call)
    if isinstance(version, InvalidFields):
        return version
    outcome = await call.services.sessions.change(call.trainer, session_id, session_change(body), version, call.now)
    return answer_session(outcome) if isinstance(outcome, Session) else outcome


async def _take_controls(call: Call) -> Answer | Refusal:
    session_id = call.id()
    if isinstance(session_id, NotFound):
        return session_id
    outcome = await call.services.sessions.take_controls(call.trainer, session_id, call.now)
    return answer_session(outcome) if isinstance(outcome, Session) else outcome


async def _close(call: Call) -> Answer | Refusal:
    session_id = call.id()
    if isinstance(session_id, NotFound):
        return session_id
    outcome = await call.services.sessions.close(call.trainer, session_id, call.now)
    return answer_session(outcome) if isinstance(outcome, Session) else outcome


async def find_session(call: Call) -> Session | NotFound | Forbidden:
    session_id = call.id()
    if isinstance(session_id, NotFound):
        return session_id
    return await call.services.sessions.find(call.trainer, session_id)


def answer_session(session: Session, status: int = 200) -> Answer:
    return Answer(status, session_answer(session), {"ETag": f'"{session.version}"'})


ENDPOINTS = (
    Endpoint(
        "POST", "/sessions", "Open a session", _open, {201: SessionAnswer, 200: SessionAnswer},
        ("forbidden", "conflict"), bodies=(SessionBody,),
    ),
    Endpoint(
        "GET", "/sessions", "The sessions of the school, newest first", _list, {200: SessionPage},
        ("invalid_fields",),
        parameters=(
            Parameter("status", {"type": "string", "enum": list(_STATUSES), "default": "all"}, "Which."),
            *PAGE_PARAMETERS,
        ),
    ),
    Endpoint("GET", "/sessions/{id}", "One session", _find, {200: SessionAnswer}, ("not_found",)),
    Endpoint(
        "PATCH", "/sessions/{id}", "Change an open session's own fields", _change, {200: SessionAnswer},
        ("forbidden", "not_found", "version_mismatch", "not_home", "session_closed", "session_expired"),
        bodies=(SessionChangeBody,), parameters=(IF_MATCH_PARAMETER,),
    ),
    Endpoint(
        "POST", "/sessions/{id}/controls", "Become a co-trainer of a session; twice is no error", _take_controls,
        {200: SessionAnswer}, ("forbidden", "not_found", "conflict", "not_home", "session_closed", "session_expired"),
    ),
    Endpoint(
        "POST", "/sessions/{id}/close", "End a session; closing twice is no error", _close,
        {200: SessionAnswer}, ("forbidden", "not_found", "not_home"),
    ),
)  # fmt: skip
