"""/sessions, their events and exports, and /join."""

from __future__ import annotations

from typing import cast
from uuid import UUID, uuid4

from starlette.responses import Response, StreamingResponse

from server.domain.audit import author_of
from server.domain.events import Author, CaseFact, CasePaused, CaseResumed, EventDraft, NoteAdded
from server.domain.outcomes import Forbidden, InvalidBody, InvalidFields, NotFound, Refusal
from server.domain.record import AlreadyRecorded, Recorded
from server.domain.session import Session, SessionStatus
from server.ports.results import Added, AlreadyThere
from server.service.case_control import Controlled
from server.service.notes import Annotated
from server.transport.http.endpoint import Answer, Call, Endpoint, Parameter
from server.transport.http.export import (
    CSV,
    DIALECTS,
    USUAL_ZONE,
    VALUES,
    CsvForm,
    Values,
    csv_lines,
    json_lines,
    read_csv_form,
)
from server.transport.http.paging import (
    IF_MATCH_PARAMETER,
    LIMIT_PARAMETER,
    PAGE_PARAMETERS,
    page_answer,
    read_after,
    read_choice,
    read_if_match,
    read_limit,
    read_page,
)
from server.transport.wire.answers import (
    annotation_answer,
    case_answer,
    event_answer,
    public_session_answer,
    session_answer,
    session_summary_answer,
)
from server.transport.wire.reading import (
    action_draft,
    case_fact,
    new_session,
    note_draft,
    read_event,
    session_change,
    vitals_draft,
)
from server.transport.wire.requests import (
    ActionEventBody,
    CaseEventBody,
    JoinBody,
    NoteEventBody,
    SessionBody,
    SessionChangeBody,
    VitalsEventBody,
)
from server.transport.wire.shapes import (
    AnnotationAnswer,
    CaseAnswer,
    EventAnswer,
    EventsAnswer,
    JoinAnswer,
    SessionAnswer,
    SessionPage,
)

_STATUSES = ("all", "open", "ended")
_FORMATS = ("csv", "json")


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
            return _answer(session, 201)
        case AlreadyThere(session):
            return _answer(session)
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
    session = await _session(call)
    return _answer(session) if isinstance(session, Session) else session


async def _change(call: Call) -> Answer | Refusal:
    session_id = call.id()
    if isinstance(session_id, NotFound):
        return session_id
    body = call.body(SessionChangeBody)
    if isinstance(body, InvalidBody | InvalidFields):
        return body
    version = read_if_match(call)
    if isinstance(version, InvalidFields):
        return version
    outcome = await call.services.sessions.change(call.trainer, session_id, session_change(body), version, call.now)
    return _answer(outcome) if isinstance(outcome, Session) else outcome


async def _take_controls(call: Call) -> Answer | Refusal:
    session_id = call.id()
    if isinstance(session_id, NotFound):
        return session_id
    outcome = await call.services.sessions.take_controls(call.trainer, session_id, call.now)
    return _answer(outcome) if isinstance(outcome, Session) else outcome


async def _close(call: Call) -> Answer | Refusal:
    session_id = call.id()
    if isinstance(session_id, NotFound):
        return session_id
    outcome = await call.services.sessions.close(call.trainer, session_id, call.now)
    return _answer(outcome) if isinstance(outcome, Session) else outcome


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
    return _answer(outcome.session) if isinstance(outcome, Controlled) else outcome


async def _record(call: Call) -> Answer | Refusal:
    session_id = call.id()
    if isinstance(session_id, NotFound):
        return session_id
    body = read_event(call.raw)
    if isinstance(body, CaseEventBody):
        return await _record_control(call, session_id, body)
    draft = _draft_of(body, Author("trainer", call.trainer.id, call.trainer.name))
    if not isinstance(draft, EventDraft):
        return draft
    sessions, notes = call.services.sessions, call.services.notes
    if isinstance(draft.fact, NoteAdded):
        recording = notes.add(call.trainer, session_id, draft, call.now)
    else:
        recording = sessions.record(call.trainer, session_id, draft, call.now)
    outcome = await sessions.within(call.context.commit_patience_seconds, recording)
    match outcome:
        case Annotated(annotation, is_new):
            return Answer(201 if is_new else 200, annotation_answer(annotation))
        case Recorded(event=event):
            if event.kind == "vitals":
                call.context.metrics.pushes.labels("http").inc()
            return Answer(201, event_answer(event))
        case AlreadyRecorded(event):
            return Answer(200, event_answer(event))
        case _:
            return outcome


async def _record_control(call: Call, session_id: UUID, body: CaseEventBody) -> Answer | Refusal:
    control = call.services.case_control.control
    controlling = control(call.trainer, session_id, body.id, case_fact(body), call.now, body.made_at)
    outcome = await call.services.sessions.within(call.context.commit_patience_seconds, controlling)
    if not isinstance(outcome, Controlled):
        return outcome
    if outcome.event is None:
        return Answer(204, None)
    return Answer(201 if outcome.is_new else 200, event_answer(outcome.event))


def _draft_of(
    body: VitalsEventBody | NoteEventBody | ActionEventBody | InvalidBody | InvalidFields, by: Author
) -> EventDraft | InvalidBody | InvalidFields:
    match body:
        case VitalsEventBody():
            return vitals_draft(body, by)
        case NoteEventBody():
            return note_draft(body, by)
        case ActionEventBody():
            return action_draft(body, by)
        case _:
            return body


async def _case(call: Call) -> Answer | Refusal:
    session_id = call.id()
    if isinstance(session_id, NotFound):
        return session_id
    case = await call.services.sessions.case(call.trainer, session_id)
    return case if isinstance(case, NotFound | Forbidden) else Answer(200, case_answer(case))


async def _events(call: Call) -> Answer | Refusal:
    session_id = call.id()
    if isinstance(session_id, NotFound):
        return session_id
    after = read_after(call)
    if isinstance(after, InvalidFields):
        return after
    limit = read_limit(call)
    if isinstance(limit, InvalidFields):
        return limit
    found = await call.services.sessions.events_after(call.trainer, session_id, after, limit)
    if not isinstance(found, tuple):
        return found
    session, events = found
    # An event may have come between the two reads.
    last_seq = max(session.last_seq, events[-1].seq if events else 0)
    return Answer(200, {"items": [event_answer(event) for event in events], "last_seq": last_seq})


async def _export(call: Call) -> Response | Refusal:
    session = await _session(call)
    if not isinstance(session, Session):
        return session
    asked = _read_export(call)
    if isinstance(asked, InvalidFields):
        return asked
    format_, form = asked
    await call.services.audit.session_exported(session, author_of(call.trainer), format_, call.now)
    events = call.services.debrief.events(session.id)
    annotations = await call.services.debrief.annotations(session.id)
    name = f"shiller-{session.code}-{session.created_at:%Y-%m-%d}.{format_}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    if format_ == "csv":
        lines = csv_lines(session, events, annotations, form)
        return StreamingResponse(lines, media_type=CSV, headers=headers)
    attendance = await call.services.debrief.attendance(session, call.now)
    lines = json_lines(session, attendance, events, annotations)
    return StreamingResponse(lines, media_type="application/json", headers=headers)


def _read_export(call: Call) -> tuple[str, CsvForm] | InvalidFields:
    """The format, and how a CSV is to be written; every parameter that is wrong is named."""
    format_ = read_choice(call, "format", _FORMATS)
    dialect = read_choice(call, "dialect", DIALECTS)
    values = read_choice(call, "values", VALUES)
    zone = call.request.query_params.get("timezone", USUAL_ZONE)
    form = read_csv_form(str(dialect), cast(Values, values), zone)
    wrong = [each for each in (format_, dialect, values, form) if isinstance(each, InvalidFields)]
    if isinstance(format_, InvalidFields) or isinstance(form, InvalidFields) or wrong:
        return InvalidFields(tuple(error for each in wrong for error in each.errors))
    return format_, form


async def _join(call: Call) -> Answer | Refusal:
    body = call.body(JoinBody)
    if isinstance(body, InvalidBody | InvalidFields):
        return body
    session = await call.services.seats.look_up(body.code, call.address, call.now)
    if not isinstance(session, Session):
        return session
    return Answer(200, {"session": public_session_answer(session)})


async def _session(call: Call) -> Session | NotFound | Forbidden:
    session_id = call.id()
    if isinstance(session_id, NotFound):
        return session_id
    return await call.services.sessions.find(call.trainer, session_id)


def _answer(session: Session, status: int = 200) -> Answer:
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
        ("forbidden", "not_found", "version_mismatch", "session_closed", "session_expired"),
        bodies=(SessionChangeBody,), parameters=(IF_MATCH_PARAMETER,),
    ),
    Endpoint(
        "POST", "/sessions/{id}/controls", "Become a co-trainer of a session; twice is no error", _take_controls,
        {200: SessionAnswer}, ("forbidden", "not_found", "conflict", "session_closed", "session_expired"),
    ),
    Endpoint(
        "POST", "/sessions/{id}/close", "End a session; closing twice is no error", _close,
        {200: SessionAnswer}, ("forbidden", "not_found"),
    ),
    Endpoint(
        "POST", "/sessions/{id}/pause", "Let everything stand still; twice is no error", _pause,
        {200: SessionAnswer}, ("forbidden", "not_found", "session_closed", "session_expired"),
    ),
    Endpoint(
        "POST", "/sessions/{id}/resume", "Let it go on; twice is no error", _resume,
        {200: SessionAnswer}, ("forbidden", "not_found", "session_closed", "session_expired"),
    ),
    Endpoint(
        "POST", "/sessions/{id}/events", "Push vitals, add a note, record an action, or control the case", _record,
        {201: EventAnswer | AnnotationAnswer, 200: EventAnswer | AnnotationAnswer, 204: None},
        ("forbidden", "not_found", "conflict", "session_closed", "session_expired"),
        bodies=(VitalsEventBody, NoteEventBody, ActionEventBody, CaseEventBody),
    ),
    Endpoint(
        "GET", "/sessions/{id}/events", "The record, in seq order", _events, {200: EventsAnswer},
        ("not_found", "invalid_fields"),
        parameters=(
            Parameter(
                "after",
                {"type": "integer", "minimum": 0, "maximum": 2**31 - 1, "default": 0},
                "Only events with a higher seq.",
            ),
            LIMIT_PARAMETER,
        ),
    ),
    Endpoint(
        "GET", "/sessions/{id}/case", "The case, as it was copied when the session opened", _case,
        {200: CaseAnswer}, ("not_found",),
    ),
    Endpoint(
        "GET", "/sessions/{id}/export", "Download the record", _export, {200: None},
        ("not_found", "invalid_fields"),
        parameters=(
            Parameter("format", {"type": "string", "enum": list(_FORMATS)}, "csv unless told."),
            Parameter(
                "dialect", {"type": "string", "enum": list(DIALECTS), "default": DIALECTS[0]},
                "Of a CSV: RFC 4180, or as a French spreadsheet reads it.",
            ),
            Parameter(
                "values", {"type": "string", "enum": list(VALUES), "default": VALUES[0]},
                "Of a CSV: what was pushed, what the monitors showed at that moment, or what was so.",
            ),
            Parameter(
                "timezone", {"type": "string", "default": USUAL_ZONE}, "Of the dialect `fr`: whose clock it shows."
            ),
        ),
        media_types=("text/csv", "application/json"),
    ),
    Endpoint(
        "POST", "/join", "Look a code up before joining", _join, {200: JoinAnswer},
        ("not_found", "rate_limited", "session_closed", "session_expired"),
        bodies=(JoinBody,), needs_login=False,
    ),
)  # fmt: skip
