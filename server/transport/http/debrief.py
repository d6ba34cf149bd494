"""/sessions/{id}/debrief."""

from __future__ import annotations

from server.domain.outcomes import Refusal
from server.domain.session import Session
from server.transport.http.endpoint import Answer, Call, Endpoint
from server.transport.http.sessions import find_session
from server.transport.wire.answers import attendance_answer
from server.transport.wire.shapes import DebriefAnswer


async def _debrief(call: Call) -> Answer | Refusal:
    session = await find_session(call)
    if not isinstance(session, Session):
        return session
    attendance = await call.services.debrief.attendance(session, call.now)
    duration = (session.ended_at(call.now) or call.now) - session.created_at
    answer: DebriefAnswer = {
        "duration_seconds": max(0, int(duration.total_seconds())),
        "attendance": attendance_answer(attendance),
    }
    return Answer(200, answer)


ENDPOINTS = (
    Endpoint(
        "GET", "/sessions/{id}/debrief", "How long a session lasted, and who was there when", _debrief,
        {200: DebriefAnswer}, ("not_found",),
    ),
)  # fmt: skip
