"""/sessions/{id}/scores: each evaluator's own sheet."""

from __future__ import annotations

from server.domain.outcomes import InvalidBody, InvalidFields, NotFound, Refusal
from server.domain.scores import ScoreDraft, Scores
from server.transport.http.endpoint import Answer, Call, Endpoint
from server.transport.http.paging import IF_MATCH_PARAMETER, read_if_match
from server.transport.wire.score_shapes import ScoresAnswer, ScoresBody, ScoreSheetAnswer, scores_answer, sheet_answer


async def _list(call: Call) -> Answer | Refusal:
    session_id = call.id()
    if isinstance(session_id, NotFound):
        return session_id
    scores = await call.services.score_sheets.list(call.trainer, session_id)
    return Answer(200, scores_answer(scores)) if isinstance(scores, Scores) else scores


async def _put(call: Call) -> Answer | Refusal:
    session_id = call.id()
    if isinstance(session_id, NotFound):
        return session_id
    body = call.body(ScoresBody)
    if isinstance(body, InvalidBody | InvalidFields):
        return body
    version = read_if_match(call)
    if isinstance(version, InvalidFields):
        return version
    draft = ScoreDraft(body.items, body.comment or "")
    outcome = await call.services.score_sheets.put(call.trainer, session_id, draft, version, call.now)
    if not isinstance(outcome, tuple):
        return outcome
    sheet, result = outcome
    return Answer(200, sheet_answer(sheet, result), {"ETag": f'"{sheet.version}"'})


ENDPOINTS = (
    Endpoint(
        "GET", "/sessions/{id}/scores", "Everybody's score sheets, and where they differ", _list,
        {200: ScoresAnswer}, ("not_found",),
    ),
    Endpoint(
        "PUT", "/sessions/{id}/scores", "One's own score sheet, whole, during the session and after it", _put,
        {200: ScoreSheetAnswer}, ("not_found", "forbidden", "version_mismatch"),
        bodies=(ScoresBody,), parameters=(IF_MATCH_PARAMETER,),
    ),
)  # fmt: skip
