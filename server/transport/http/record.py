"""/sessions/{id}/events and /export: the record of a session, written, read and taken away."""

from __future__ import annotations

from typing import cast

from starlette.responses import Response, StreamingResponse

from server.domain.audit import author_of
from server.domain.events import Author, EventDraft, NoteAdded
from server.domain.outcomes import InvalidBody, InvalidFields, NotFound, Refusal
from server.domain.record import AlreadyRecorded, Recorded
from server.domain.session import Session
from server.service.notes import Annotated
from server.transport.http.case import record_control
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
from server.transport.http.paging import LIMIT_PARAMETER, read_after, read_choice, read_limit
from server.transport.http.sessions import find_session
from server.transport.wire.answers import annotation_answer, event_answer
from server.transport.wire.reading import action_draft, note_draft, read_event, vitals_draft
from server.transport.wire.requests import ActionEventBody, CaseEventBody, NoteEventBody, VitalsEventBody
from server.transport.wire.shapes import AnnotationAnswer, EventAnswer, EventsAnswer

_FORMATS = ("csv", "json")


async def _record(call: Call) -> Answer | Refusal:
    session_id = call.id()
    if isinstance(session_id, NotFound):
        return session_id
    body = read_event(call.raw)
    if isinstance(body, CaseEventBody):
        return await record_control(call, session_id, body)
    draft = _draft_of(body, author_of(call.trainer))
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
    session = await find_session(call)
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


ENDPOINTS = (
    Endpoint(
        "POST", "/sessions/{id}/events", "Push vitals, add a note, record an action, or control the case", _record,
        {201: EventAnswer | AnnotationAnswer, 200: EventAnswer | AnnotationAnswer, 204: None},
        ("forbidden", "not_found", "conflict", "not_home", "session_closed", "session_expired"),
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
)  # fmt: skip
