"""Errors as `application/problem+json` (RFC 9457). The only place that knows HTTP status codes of refusals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NotRequired

from starlette.responses import Response
from typing_extensions import TypedDict

from server.json_text import write_json
from server.transport.refusals import Code, Refused
from server.transport.wire.answers import field_errors_answer
from server.transport.wire.shapes import FieldErrorAnswer, RefusalCode

MEDIA_TYPE = "application/problem+json"

STATUSES: dict[Code, tuple[int, str]] = {
    "invalid_body": (400, "The body cannot be read"),
    "unauthenticated": (401, "Not logged in"),
    "hall_revoked": (401, "The token was taken back"),
    "forbidden": (403, "Not allowed"),
    "device_revoked": (403, "This device is revoked"),
    "not_found": (404, "Not found"),
    "method_not_allowed": (405, "Not done this way"),
    "conflict": (409, "In conflict with what is there"),
    "not_home": (409, "It runs in a hall"),
    "resync_required": (409, "This device has to begin again"),
    "session_closed": (410, "The session is closed"),
    "session_expired": (410, "The session has expired"),
    "removed": (410, "The seat was taken away"),
    "full": (409, "All seats are taken"),
    "version_mismatch": (412, "Changed by somebody else"),
    "too_large": (413, "Too large"),
    "unsupported_media_type": (415, "Not a media type that this takes"),
    "invalid_fields": (422, "Some fields cannot be accepted"),
    "rate_limited": (429, "Too many requests"),
    "internal_error": (500, "Something went wrong"),
    "storage_unavailable": (503, "The storage does not answer"),
}


class Problem(TypedDict):
    type: str
    title: str
    status: int
    code: RefusalCode
    detail: str
    errors: NotRequired[list[FieldErrorAnswer]]
    hall: NotRequired[str]
    moved_to: NotRequired[str]


def problem_response(
    refusal: Refused, headers: dict[str, str] | None = None, members: Mapping[str, object] | None = None
) -> Response:
    """`members` are what this problem tells besides (RFC 9457, section 3.2)."""
    status, title = STATUSES[refusal.code]
    problem: Problem = {
        "type": f"urn:shiller:problem:{refusal.code}",
        "title": title,
        "status": status,
        "code": refusal.code,
        "detail": refusal.detail,
    }
    if refusal.errors is not None:
        problem["errors"] = field_errors_answer(refusal)
    if refusal.hall is not None:
        problem["hall"] = refusal.hall
    if refusal.moved_to is not None:
        problem["moved_to"] = refusal.moved_to
    headers = dict(headers or {})
    if refusal.retry_after_seconds is not None:
        headers["Retry-After"] = str(refusal.retry_after_seconds)
    if refusal.code == "unauthenticated":
        headers["WWW-Authenticate"] = "Bearer"
    return Response(_encode({**problem, **(members or {})}), status_code=status, headers=headers, media_type=MEDIA_TYPE)


def _encode(problem: Any) -> bytes:
    return write_json(problem).encode()
