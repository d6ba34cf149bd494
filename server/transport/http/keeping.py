"""What is kept, and for how long; what there is about one person; and who looked at it."""

from __future__ import annotations

from starlette.responses import Response

from server.domain.outcomes import Conflict, Forbidden, InvalidBody, InvalidFields, NotFound, NotHome, Refusal
from server.domain.people import Retention
from server.domain.seat_export import SeatExport
from server.domain.session import Seat, Session
from server.ports.results import Page
from server.transport.http.attachments import asks_for_head, attachment_headers, head_of
from server.transport.http.debrief_sheets import reflections_of, scores_of
from server.transport.http.endpoint import Answer, Call, Endpoint
from server.transport.http.paging import PAGE_PARAMETERS, page_answer, read_page
from server.transport.http.sessions import answer_session, find_session
from server.transport.wire.keeping_answers import (
    due_answer,
    free_text_answer,
    retention_answer,
    seat_export_answer,
)
from server.transport.wire.keeping_shapes import (
    DuePage,
    FreeTextsAnswer,
    LockBody,
    NamesOutBody,
    RetentionAnswer,
    RetentionBody,
    SeatExportAnswer,
    ViewBody,
)
from server.transport.wire.shapes import SessionAnswer


async def _retention(call: Call) -> Answer | Refusal:
    return _answer(await call.services.keeping.retention(call.trainer))


async def _set_retention(call: Call) -> Answer | Refusal:
    body = call.body(RetentionBody)
    if isinstance(body, InvalidBody | InvalidFields):
        return body
    return _answer(
        await call.services.keeping.set_retention(call.trainer, body.names_months, body.records_months, call.now)
    )


async def _due(call: Call) -> Answer | Refusal:
    asked = read_page(call)
    if isinstance(asked, InvalidFields):
        return asked
    page = await call.services.keeping.list_due(call.trainer, asked.limit, asked.after)
    return Answer(200, page_answer(page, lambda due: due_answer(due, call.now))) if isinstance(page, Page) else page


async def _lock(call: Call) -> Answer | Refusal:
    session_id = call.id()
    if isinstance(session_id, NotFound):
        return session_id
    body = call.body(LockBody)
    if isinstance(body, InvalidBody | InvalidFields):
        return body
    outcome = await call.services.keeping.lock(call.trainer, session_id, body.reason, call.now)
    return answer_session(outcome) if isinstance(outcome, Session) else outcome


async def _unlock(call: Call) -> Answer | Refusal:
    session_id = call.id()
    if isinstance(session_id, NotFound):
        return session_id
    outcome = await call.services.keeping.unlock(call.trainer, session_id, call.now)
    return answer_session(outcome) if isinstance(outcome, Session) else outcome


async def _take_names_out(call: Call) -> Answer | Refusal:
    session_id = call.id()
    if isinstance(session_id, NotFound):
        return session_id
    body = call.body(NamesOutBody)
    if isinstance(body, InvalidBody | InvalidFields):
        return body
    outcome = await call.services.keeping.take_names_out(call.trainer, session_id, body.texts, call.now)
    return answer_session(outcome) if isinstance(outcome, Session) else outcome


async def _free_texts(call: Call) -> Answer | Refusal:
    session_id = call.id()
    if isinstance(session_id, NotFound):
        return session_id
    texts = await call.services.keeping.list_free_texts(call.trainer, session_id)
    if isinstance(texts, NotFound | Forbidden | NotHome | Conflict):
        return texts
    answer: FreeTextsAnswer = {"texts": [free_text_answer(each) for each in texts]}
    return Answer(200, answer)


def _seat_file(session: Session, seat: Seat) -> str:
    return f"shiller-{session.code}-{seat.id}.json"


async def _export_seat(call: Call) -> Answer | Response | Refusal:
    session_id, seat_id = call.id(), call.id("seat_id")
    if isinstance(session_id, NotFound):
        return session_id
    if isinstance(seat_id, NotFound):
        return seat_id
    if asks_for_head(call):
        found = await call.services.keeping.find_seat(call.trainer, session_id, seat_id)
        return head_of(_seat_file(*found), "application/json") if isinstance(found, tuple) else found
    outcome = await call.services.keeping.export_seat(call.trainer, session_id, seat_id, call.now)
    if not isinstance(outcome, SeatExport):
        return outcome
    headers = attachment_headers(_seat_file(outcome.session, outcome.seat))
    own_words = [each for each in await reflections_of(call, outcome.session) if each["seat_id"] == str(seat_id)]
    return Answer(200, seat_export_answer(outcome, await scores_of(call, outcome.session), own_words), headers)


async def _view(call: Call) -> Answer | Refusal:
    session = await find_session(call)
    if not isinstance(session, Session):
        return session
    body = call.body(ViewBody)
    if isinstance(body, InvalidBody | InvalidFields):
        return body
    await call.services.audit.debrief_viewed(session, body.view, call.trainer, call.now)
    return Answer(204)


def _answer(outcome: Retention | Refusal) -> Answer | Refusal:
    return Answer(200, retention_answer(outcome)) if isinstance(outcome, Retention) else outcome


ENDPOINTS = (
    Endpoint(
        "GET", "/school/retention", "How long the school keeps names and records", _retention,
        {200: RetentionAnswer}, ("forbidden",),
    ),
    Endpoint(
        "PUT", "/school/retention", "Decide how long they are kept, from the next night on", _set_retention,
        {200: RetentionAnswer}, ("forbidden",), bodies=(RetentionBody,),
    ),
    Endpoint(
        "GET", "/school/due", "What is done next to ended sessions, and when, the first first", _due,
        {200: DuePage}, ("forbidden", "invalid_fields"), parameters=PAGE_PARAMETERS,
    ),
    Endpoint(
        "POST", "/sessions/{id}/lock", "Keep a session from retention, for a reason", _lock,
        {200: SessionAnswer}, ("forbidden", "not_found", "not_home"), bodies=(LockBody,),
    ),
    Endpoint(
        "DELETE", "/sessions/{id}/lock", "Let retention have it again", _unlock,
        {200: SessionAnswer}, ("forbidden", "not_found", "not_home"),
    ),
    Endpoint(
        "POST", "/sessions/{id}/names-out", "Take the names of trainees out of an ended session, for good",
        _take_names_out, {200: SessionAnswer}, ("forbidden", "not_found", "not_home", "conflict"),
        bodies=(NamesOutBody,),
    ),
    Endpoint(
        "GET", "/sessions/{id}/names-out", "Every free text of an ended session, to be read before its names go out",
        _free_texts, {200: FreeTextsAnswer}, ("forbidden", "not_found", "not_home", "conflict"),
    ),
    Endpoint(
        "GET", "/sessions/{id}/seats/{seat_id}/export", "Everything about one seat, for whoever sat there",
        _export_seat, {200: SeatExportAnswer}, ("forbidden", "not_found"),
    ),
    Endpoint(
        "POST", "/sessions/{id}/views", "Say that the debrief of an ended session was opened, or printed", _view,
        {204: None}, ("forbidden", "not_found"), bodies=(ViewBody,),
    ),
)  # fmt: skip
