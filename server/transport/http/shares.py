"""/sessions/{id}/share, and what its link opens without a login."""

from __future__ import annotations

from server.addresses import shared_link
from server.domain.limits import limits_as_json
from server.domain.outcomes import Forbidden, InvalidBody, InvalidFields, NotFound, Refusal
from server.domain.session import Session
from server.domain.shares import Share, ShareDraft, told_annotations
from server.domain.timestamps import write_optional_timestamp, write_timestamp
from server.ports.slices import Slices
from server.service.shares import Shared
from server.transport.http.debrief import debrief_answer
from server.transport.http.endpoint import Answer, Call, Endpoint
from server.transport.wire.answers import annotation_answer, author_answer, case_answer, event_answer
from server.transport.wire.shapes import EventAnswer
from server.transport.wire.share_shapes import (
    OpenSharesAnswer,
    ShareAnswer,
    ShareBody,
    SharedDebriefAnswer,
)


async def _add(call: Call) -> Answer | Refusal:
    session_id = call.id()
    if isinstance(session_id, NotFound):
        return session_id
    body = call.body(ShareBody)
    if isinstance(body, InvalidBody | InvalidFields):
        return body
    draft = ShareDraft(body.days, body.expires_at)
    shared = await call.services.shares.add(call.trainer, session_id, draft, call.now)
    if not isinstance(shared, Shared):
        return shared
    answer: ShareAnswer = {
        "url": shared_link(call.context.addresses.best, shared.token),
        "expires_at": write_timestamp(shared.share.expires_at),
    }
    return Answer(201, answer)


async def _list(call: Call) -> Answer | Refusal:
    session_id = call.id()
    if isinstance(session_id, NotFound):
        return session_id
    shares = await call.services.shares.list(call.trainer, session_id, call.now)
    if isinstance(shares, NotFound | Forbidden):
        return shares
    answer: OpenSharesAnswer = {
        "items": [
            {
                "by": author_answer(share.by),
                "created_at": write_timestamp(share.created_at),
                "expires_at": write_timestamp(share.expires_at),
            }
            for share in shares
        ]
    }
    return Answer(200, answer)


async def _end(call: Call) -> Answer | Refusal:
    session_id = call.id()
    if isinstance(session_id, NotFound):
        return session_id
    ended = await call.services.shares.end(call.trainer, session_id, call.now)
    answer: ShareAnswer = {"url": None, "expires_at": None}
    return Answer(200, answer) if isinstance(ended, int) else ended


async def _read(call: Call) -> Answer | Refusal:
    found = await call.services.shares.read(call.request.path_params["token"], call.address, call.now)
    if not isinstance(found, tuple):
        return found
    # Whoever follows a link on that page does not take the address of this one along.
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return Answer(200, await _shared(call, *found), headers)


async def _shared(call: Call, share: Share, session: Session) -> SharedDebriefAnswer:
    debriefs, slices = call.services.debrief, Slices()
    events: list[EventAnswer] = []
    async for event in debriefs.events(session.id):
        events.append(event_answer(event))
        await slices.breathe()
    case = None if session.template_id is None else await call.services.cases.find(session.id)
    return {
        **await debrief_answer(call, session),
        "title": session.title,
        "trainee_name": session.trainee_name,
        "created_at": write_timestamp(session.created_at),
        "closed_at": write_optional_timestamp(session.ended_at(call.now)),
        "expires_at": write_timestamp(share.expires_at),
        "limits": limits_as_json(session.limits),
        "case": None if case is None else case_answer(case),
        "annotations": [annotation_answer(each) for each in told_annotations(await debriefs.annotations(session.id))],
        "events": events,
    }


ENDPOINTS = (
    Endpoint(
        "POST", "/sessions/{id}/share", "Make a link by which the debrief is read without an account", _add,
        {201: ShareAnswer}, ("forbidden", "not_found", "conflict"), bodies=(ShareBody,), is_body_optional=True,
    ),
    Endpoint(
        "GET", "/sessions/{id}/share", "The links that are open, without where they lead", _list,
        {200: OpenSharesAnswer}, ("not_found",),
    ),
    Endpoint(
        "DELETE", "/sessions/{id}/share", "End every link to the debrief, at once", _end,
        {200: ShareAnswer}, ("forbidden", "not_found"),
    ),
    Endpoint(
        "GET", "/shares/{token}", "The debrief, by its link", _read, {200: SharedDebriefAnswer},
        ("not_found", "rate_limited"), needs_login=False,
    ),
)  # fmt: skip
