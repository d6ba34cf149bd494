"""/sessions/{id}/annotations."""

from __future__ import annotations

from server.domain.annotations import Annotation, AnnotationChange, AnnotationDraft
from server.domain.outcomes import InvalidBody, InvalidFields, NotFound, Refusal
from server.ports.results import Added, AlreadyThere, Page
from server.transport.http.endpoint import Answer, Call, Endpoint
from server.transport.http.paging import (
    IF_MATCH_PARAMETER,
    PAGE_PARAMETERS,
    page_answer,
    read_if_match,
    read_page,
)
from server.transport.wire.answers import annotation_answer
from server.transport.wire.requests import AnnotationBody, AnnotationChangeBody
from server.transport.wire.shapes import AnnotationAnswer, AnnotationPage


async def _list(call: Call) -> Answer | Refusal:
    session_id = call.id()
    if isinstance(session_id, NotFound):
        return session_id
    asked = read_page(call)
    if isinstance(asked, InvalidFields):
        return asked
    page = await call.services.annotations.list(call.trainer, session_id, asked.limit, asked.after)
    return Answer(200, page_answer(page, annotation_answer)) if isinstance(page, Page) else page


async def _add(call: Call) -> Answer | Refusal:
    session_id = call.id()
    if isinstance(session_id, NotFound):
        return session_id
    body = call.body(AnnotationBody)
    if isinstance(body, InvalidBody | InvalidFields):
        return body
    draft = AnnotationDraft(body.id, body.at, body.kind, body.text, body.marker)
    outcome = await call.services.annotations.add(call.trainer, session_id, draft, call.now)
    match outcome:
        case Added(annotation):
            return _answer(annotation, 201)
        case AlreadyThere(annotation):
            return _answer(annotation)
        case _:
            return outcome


async def _change(call: Call) -> Answer | Refusal:
    session_id, annotation_id = call.id(), call.id("annotation_id")
    if isinstance(session_id, NotFound):
        return session_id
    if isinstance(annotation_id, NotFound):
        return annotation_id
    body = call.body(AnnotationChangeBody)
    if isinstance(body, InvalidBody | InvalidFields):
        return body
    version = read_if_match(call)
    if isinstance(version, InvalidFields):
        return version
    marker = (body.marker or "") if "marker" in body.model_fields_set else None
    change = AnnotationChange(body.at, body.kind, body.text, marker)
    outcome = await call.services.annotations.change(call.trainer, session_id, annotation_id, change, version, call.now)
    return _answer(outcome) if isinstance(outcome, Annotation) else outcome


async def _delete(call: Call) -> Answer | Refusal:
    session_id, annotation_id = call.id(), call.id("annotation_id")
    if isinstance(session_id, NotFound):
        return session_id
    if isinstance(annotation_id, NotFound):
        return annotation_id
    version = read_if_match(call)
    if isinstance(version, InvalidFields):
        return version
    outcome = await call.services.annotations.delete(call.trainer, session_id, annotation_id, version, call.now)
    return _answer(outcome) if isinstance(outcome, Annotation) else outcome


def _answer(annotation: Annotation, status: int = 200) -> Answer:
    return Answer(status, annotation_answer(annotation), {"ETag": f'"{annotation.version}"'})


ENDPOINTS = (
    Endpoint(
        "GET", "/sessions/{id}/annotations", "The annotations of a session, in the order of adding", _list,
        {200: AnnotationPage}, ("not_found", "invalid_fields"), parameters=PAGE_PARAMETERS,
    ),
    Endpoint(
        "POST", "/sessions/{id}/annotations", "Annotate a moment of a session, also of one that has ended", _add,
        {201: AnnotationAnswer, 200: AnnotationAnswer}, ("not_found", "forbidden", "conflict"),
        bodies=(AnnotationBody,),
    ),
    Endpoint(
        "PATCH", "/sessions/{id}/annotations/{annotation_id}", "Change the named parts of an annotation", _change,
        {200: AnnotationAnswer}, ("not_found", "forbidden", "version_mismatch"),
        bodies=(AnnotationChangeBody,), parameters=(IF_MATCH_PARAMETER,),
    ),
    Endpoint(
        "DELETE", "/sessions/{id}/annotations/{annotation_id}", "Delete an annotation; answers the tombstone",
        _delete, {200: AnnotationAnswer}, ("not_found", "forbidden", "invalid_fields", "version_mismatch"),
        parameters=(IF_MATCH_PARAMETER,),
    ),
)  # fmt: skip
