"""/audit."""

from __future__ import annotations

from typing import get_args
from uuid import UUID

from server.domain.audit import AuditFilter, SubjectType
from server.domain.outcomes import InvalidFields, Refusal, invalid
from server.ports.results import Page
from server.transport.http.endpoint import Answer, Call, Endpoint, Parameter
from server.transport.http.paging import PAGE_PARAMETERS, page_answer, read_page
from server.transport.wire.answers import audit_answer
from server.transport.wire.shapes import AuditPage

_SUBJECTS: tuple[SubjectType, ...] = get_args(SubjectType)
_BY = Parameter("by", {"type": "string", "format": "uuid"}, "Only what this trainer did.")
_ABOUT = Parameter("about", {"enum": list(_SUBJECTS)}, "Only what was done to things of this kind.")


async def _list(call: Call) -> Answer | Refusal:
    asked = read_page(call)
    if isinstance(asked, InvalidFields):
        return asked
    wanted = _read_filter(call)
    if isinstance(wanted, InvalidFields):
        return wanted
    page = await call.services.audit.list(call.trainer, asked.limit, asked.after, wanted)
    return Answer(200, page_answer(page, audit_answer)) if isinstance(page, Page) else page


def _read_filter(call: Call) -> AuditFilter | InvalidFields:
    by, about = (call.request.query_params.get(name) or None for name in ("by", "about"))
    if about is not None and about not in _SUBJECTS:
        return invalid("about", f"must be one of: {', '.join(_SUBJECTS)}")
    try:
        return AuditFilter(None if by is None else UUID(by), about)
    except ValueError:
        return invalid("by", "must be the id of a trainer")


ENDPOINTS = (
    Endpoint(
        "GET", "/audit", "Who did what in the school, newest first", _list, {200: AuditPage},
        ("forbidden", "invalid_fields"), parameters=(*PAGE_PARAMETERS, _BY, _ABOUT),
    ),
)  # fmt: skip
