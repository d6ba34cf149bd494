"""/sessions/{id}/case, its pauses, and what else a trainer does to a case."""

from __future__ import annotations

from uuid import UUID, uuid4

from server.domain.events import CaseFact, CasePaused, CaseResumed
from server.domain.outcomes import Forbidden, NotFound, Refusal
from server.service.case_control import Controlled
from server.transport.http.endpoint import Answer, Call, Endpoint
from server.transport.http.sessions import answer_session
from server.transport.wire.answers import case_answer, event_answer
from server.transport.wire.reading import case_fact
from server.transport.wire.requests import CaseEventBody
from server.transport.wire.shapes import CaseAnswer, SessionAnswer


async def _case(call: Call) -> Answer | Refusal:
    session_id = call.id()
    if isinstance(session_id, NotFound):
        return session_id
    case = await call.services.sessions.case(call.trainer, session_id)
    return case if isinstance(case, NotFound | Forbidden) else Answer(200, case_answer(case))


async def _pause(call: Call) -> Answer | Refusal:
    return await _control(call, CasePaused())


async def _resume(call: Call) -> Answer | Refusal:
    return await _control(call, CaseResumed())


async def _control(call: Call, fact: CaseFact) -> Answer | Refusal:
    session_id = call.id()
    if isinstance(session_id, NotFound):
        return session_id
    controlling = call.services.case_control.control(call.trainer, session_id, uuid4(), fact, call.now)
    outcome = await call.services.sessions.within(call.context.commit_patience_seconds, controlling)
    return answer_session(outcome.session) if isinstance(outcome, Controlled) else outcome


async def record_control(call: Call, session_id: UUID, body: CaseEventBody) -> Answer | Refusal:
    control = call.services.case_control.control
    controlling = control(call.trainer, session_id, body.id, case_fact(body), call.now, body.made_at)
    outcome = await call.services.sessions.within(call.context.commit_patience_seconds, controlling)
    if not isinstance(outcome, Controlled):
        return outcome
    if outcome.event is None:
        return Answer(204, None)
    return Answer(201 if outcome.is_new else 200, event_answer(outcome.event))


ENDPOINTS = (
    Endpoint(
        "GET", "/sessions/{id}/case", "The case, as it was copied when the session opened", _case,
        {200: CaseAnswer}, ("not_found",),
    ),
    Endpoint(
        "POST", "/sessions/{id}/pause", "Let everything stand still; twice is no error", _pause,
        {200: SessionAnswer}, ("forbidden", "not_found", "not_home", "session_closed", "session_expired"),
    ),
    Endpoint(
        "POST", "/sessions/{id}/resume", "Let it go on; twice is no error", _resume,
        {200: SessionAnswer}, ("forbidden", "not_found", "not_home", "session_closed", "session_expired"),
    ),
)  # fmt: skip
