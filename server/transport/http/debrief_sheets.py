"""What people said of a session in its debrief: their scores, and the trainees' own words."""

from __future__ import annotations

from server.domain.session import Session
from server.transport.http.endpoint import Call
from server.transport.wire.reflection_shapes import ToldReflectionAnswer, told_reflection_answer
from server.transport.wire.score_shapes import ScoresAnswer, scores_answer


async def scores_of(call: Call, session: Session) -> ScoresAnswer:
    return scores_answer(await call.services.score_sheets.of(session))


async def reflections_of(call: Call, session: Session) -> list[ToldReflectionAnswer]:
    return [told_reflection_answer(each) for each in await call.services.reflections.of(session)]
