"""/assignments: homework, and what its link opens."""

from __future__ import annotations

from server.addresses import homework_link
from server.domain.assignments import Assignment, AssignmentDraft, AssignmentSummary
from server.domain.outcomes import InvalidBody, InvalidFields, NotFound, Refusal
from server.ports.results import Page
from server.service.assignments import Begun, Given, Offer
from server.transport.http.endpoint import Answer, Call, Endpoint
from server.transport.http.paging import PAGE_PARAMETERS, page_answer, read_page
from server.transport.wire.answers import assignment_answer, offer_answer, try_answer
from server.transport.wire.requests import AssignmentBody, OpenAssignmentBody
from server.transport.wire.shapes import (
    AddedAssignmentAnswer,
    AssignmentAnswer,
    AssignmentPage,
    OfferAnswer,
    OpenedAnswer,
    TryPage,
)

_CLOSED = ("not_found", "session_closed", "session_expired", "conflict", "rate_limited")


async def _list(call: Call) -> Answer | Refusal:
    asked = read_page(call)
    if isinstance(asked, InvalidFields):
        return asked
    page = await call.services.assignments.list(call.trainer, asked.limit, asked.after)
    return Answer(200, page_answer(page, lambda each: _told(call, each)))


async def _add(call: Call) -> Answer | Refusal:
    body = call.body(AssignmentBody)
    if isinstance(body, InvalidBody | InvalidFields):
        return body
    draft = AssignmentDraft(body.template_id, body.title, body.until, body.id)
    given = await call.services.assignments.add(call.trainer, draft, call.now)
    if not isinstance(given, Given):
        return given
    told = _told(call, AssignmentSummary(given.assignment, 0, 0))
    return Answer(201 if given.is_new else 200, {**told, "ends_by_itself": given.ends_by_itself})


async def _withdraw(call: Call) -> Answer | Refusal:
    assignment_id = call.id()
    if isinstance(assignment_id, NotFound):
        return assignment_id
    outcome = await call.services.assignments.withdraw(call.trainer, assignment_id, call.now)
    return Answer(200, _told(call, outcome)) if isinstance(outcome, AssignmentSummary) else outcome


async def _tries(call: Call) -> Answer | Refusal:
    assignment_id = call.id()
    if isinstance(assignment_id, NotFound):
        return assignment_id
    asked = read_page(call)
    if isinstance(asked, InvalidFields):
        return asked
    page = await call.services.assignments.tries(call.trainer, assignment_id, asked.limit, asked.after)
    return Answer(200, page_answer(page, try_answer)) if isinstance(page, Page) else page


async def _look(call: Call) -> Answer | Refusal:
    offer = await call.services.assignments.look(call.request.path_params["token"], call.address, call.now)
    return Answer(200, offer_answer(offer)) if isinstance(offer, Offer) else offer


async def _open(call: Call) -> Answer | Refusal:
    body = call.body(OpenAssignmentBody)
    if isinstance(body, InvalidBody | InvalidFields):
        return body
    token = call.request.path_params["token"]
    begun = await call.services.assignments.open(token, body.name, body.id, call.address, call.now)
    return Answer(201 if begun.is_new else 200, {"code": begun.session.code}) if isinstance(begun, Begun) else begun


def _told(call: Call, summary: AssignmentSummary) -> AssignmentAnswer:
    assignment: Assignment = summary.assignment
    return assignment_answer(summary, homework_link(call.context.addresses.best, assignment.token))


ENDPOINTS = (
    Endpoint(
        "GET", "/assignments", "The homework of the school, newest first, with its links", _list,
        {200: AssignmentPage}, ("invalid_fields",), parameters=PAGE_PARAMETERS,
    ),
    Endpoint(
        "POST", "/assignments", "Give a case that runs by itself as homework", _add,
        {201: AddedAssignmentAnswer, 200: AddedAssignmentAnswer}, ("forbidden", "conflict"), bodies=(AssignmentBody,),
    ),
    Endpoint(
        "DELETE", "/assignments/{id}", "Take it back: its link opens nothing more", _withdraw,
        {200: AssignmentAnswer}, ("forbidden", "not_found"),
    ),
    Endpoint(
        "GET", "/assignments/{id}/tries", "The tries of a homework, newest first, each a session", _tries,
        {200: TryPage}, ("not_found", "invalid_fields"), parameters=PAGE_PARAMETERS,
    ),
    Endpoint(
        "GET", "/assignments/{token}/open", "What the link of a homework opens", _look, {200: OfferAnswer}, _CLOSED,
        needs_login=False,
    ),
    Endpoint(
        "POST", "/assignments/{token}/open", "Begin a try: a session of one's own, to be joined by its code", _open,
        {201: OpenedAnswer, 200: OpenedAnswer}, (*_CLOSED, "forbidden"), bodies=(OpenAssignmentBody,),
        needs_login=False,
    ),
)  # fmt: skip
