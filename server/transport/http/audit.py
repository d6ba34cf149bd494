"""/audit."""

from __future__ import annotations

from server.domain.outcomes import InvalidFields, Refusal
from server.ports.results import Page
from server.transport.http.endpoint import Answer, Call, Endpoint
from server.transport.http.paging import PAGE_PARAMETERS, page_answer, read_page
from server.transport.wire.answers import audit_answer
from server.transport.wire.shapes import AuditPage


async def _list(call: Call) -> Answer | Refusal:
    asked = read_page(call)
    if isinstance(asked, InvalidFields):
        return asked
    page = await call.services.audit.list(call.trainer, asked.limit, asked.after)
    return Answer(200, page_answer(page, audit_answer)) if isinstance(page, Page) else page


ENDPOINTS = (
    Endpoint(
        "GET", "/audit", "Who did what in the school, newest first", _list, {200: AuditPage},
        ("forbidden", "invalid_fields"), parameters=PAGE_PARAMETERS,
    ),
)  # fmt: skip
