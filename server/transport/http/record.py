"""/sessions/{id}/events: the record of a session, written and read. As a file: downloads.py."""

from __future__ import annotations

from server.domain.audit import author_of
from server.domain.events import Author, EventDraft, NoteAdded
from server.domain.outcomes import InvalidBody, InvalidFields, NotFound, Refusal
from server.domain.record import AlreadyRecorded, Recorded
from server.service.notes import Annotated
from server.transport.http.case import record_control
from server.transport.http.endpoint import Answer, Call, Endpoint, Parameter
from server.transport.http.paging import LIMIT_PARAMETER, read_after, read_limit
from server.transport.wire.answers import annotation_answer, event_answer
from server.transport.wire.reading import action_draft, event_model, note_draft, read_event, vitals_draft
from server.transport.wire.requests import ActionEventBody, CaseEventBody, NoteEventBody, VitalsEventBody
from server.transport.wire.shapes import AnnotationAnswer, EventAnswer, EventsAnswer


async def _record(call: Call) -> Answer | Refusal:
    session_id = call.id()
    if isinstance(session_id, NotFound):
        return session_id
    call.read_as, call.session_id = event_model(call.raw), session_id
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
)  # fmt: skip
