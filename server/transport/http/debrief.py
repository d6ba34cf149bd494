"""/sessions/{id}/debrief."""

from __future__ import annotations

from server.domain.debrief.moment_edits import NO_MOMENT, MomentChange
from server.domain.debrief.moments import Moment
from server.domain.outcomes import InvalidBody, InvalidFields, Refusal
from server.domain.session import Session
from server.ports.slices import Slices
from server.transport.http.attachments import asks_for_head
from server.transport.http.debrief_sheets import reflections_of, scores_of
from server.transport.http.endpoint import Answer, Call, Endpoint, Parameter
from server.transport.http.paging import read_choice
from server.transport.http.sessions import find_session
from server.transport.wire.answers import attendance_answer, limits_since_answer
from server.transport.wire.debrief_answers import key_time_answer, moment_answer, news2_answer, resuscitation_answer
from server.transport.wire.debrief_shapes import DebriefAnswer, MomentAnswer, MomentChangeBody, News2Answer

# More than any record has.
_SEQ_DIGITS = 10
_PURPOSES = ("read", "copy")
_PURPOSE = Parameter(
    "purpose",
    {"type": "string", "enum": list(_PURPOSES), "default": _PURPOSES[0]},
    "`copy`: for a device to keep, while nobody looks at it; else the audit says who did, of a session that has ended.",
)


async def _debrief(call: Call) -> Answer | Refusal:
    session = await find_session(call)
    if not isinstance(session, Session):
        return session
    purpose = read_choice(call, "purpose", _PURPOSES)
    if isinstance(purpose, InvalidFields):
        return purpose
    if purpose == "read" and not asks_for_head(call):
        await call.services.audit.debrief_viewed(session, "opened", call.trainer, call.now)
    return Answer(200, await debrief_answer(call, session))


async def debrief_answer(call: Call, session: Session) -> DebriefAnswer:
    """For whoever was judged to read it."""
    debrief = await call.services.debrief.read(session, call.now)
    record = debrief.record
    slices = Slices()
    moments: list[MomentAnswer] = []
    for moment in record.moments:
        moments.append(moment_answer(moment))
        await slices.breathe()
    news2: list[News2Answer] = []
    for score in record.news2:
        news2.append(news2_answer(score))
        await slices.breathe()
    return {
        "duration_seconds": max(0, int(debrief.duration.total_seconds())),
        "moments": moments,
        "times": [key_time_answer(time) for time in record.times],
        "resuscitation": [resuscitation_answer(each) for each in record.resuscitation],
        "news2": news2,
        "scores": await scores_of(call, session),
        "attendance": attendance_answer(debrief.attendance),
        "limits_since": limits_since_answer(debrief.limits_since),
        "reflections": await reflections_of(call, session),
    }


async def _change_moment(call: Call) -> Answer | Refusal:
    session = await find_session(call)
    if not isinstance(session, Session):
        return session
    body = call.body(MomentChangeBody)
    if isinstance(body, InvalidBody | InvalidFields):
        return body
    seq, kind = call.request.path_params["seq"], call.request.path_params["kind"]
    if not (seq.isascii() and seq.isdecimal() and len(seq) < _SEQ_DIGITS):
        return NO_MOMENT
    title = (body.title or "") if "title" in body.model_fields_set else None
    change = MomentChange(body.is_hidden, title)
    outcome = await call.services.debrief.change_moment(call.trainer, session, int(seq), kind, change, call.now)
    return Answer(200, moment_answer(outcome)) if isinstance(outcome, Moment) else outcome


ENDPOINTS = (
    Endpoint(
        "GET", "/sessions/{id}/debrief", "What the record of a session gives, up to now while it runs", _debrief,
        {200: DebriefAnswer}, ("not_found", "invalid_fields"), parameters=(_PURPOSE,),
    ),
    Endpoint(
        "PATCH", "/sessions/{id}/moments/{seq}/{kind}", "Hide a moment, show it again, or give it another title",
        _change_moment, {200: MomentAnswer}, ("not_found", "forbidden"), bodies=(MomentChangeBody,),
    ),
)  # fmt: skip
