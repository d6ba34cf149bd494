"""How a refusal looks over HTTP: docs/api.md, RFC 9457."""

from __future__ import annotations

import httpx

from tests.support.scenario_clients import Json

STATUS_BY_CODE = {
    "invalid_body": 400,
    "unauthenticated": 401,
    "forbidden": 403,
    "not_found": 404,
    "conflict": 409,
    "session_closed": 410,
    "session_expired": 410,
    "version_mismatch": 412,
    "too_large": 413,
    "unsupported_media_type": 415,
    "invalid_fields": 422,
    "rate_limited": 429,
    "storage_unavailable": 503,
}


def check_problem(response: httpx.Response, status: int, code: str) -> Json:
    assert response.status_code == status, (response.status_code, response.text)
    assert response.headers["content-type"].split(";")[0] == "application/problem+json"
    problem: Json = response.json()
    assert {"type", "title", "status", "code", "detail"} <= set(problem)
    assert (problem["status"], problem["code"]) == (status, code)
    assert STATUS_BY_CODE.get(code, status) == status
    for text in ("type", "title", "detail"):
        assert isinstance(problem[text], str)
        assert problem[text]
    assert response.headers["x-request-id"]
    return problem


def check_invalid(response: httpx.Response, named: str) -> None:
    """422, with the field named."""
    check_errors(check_problem(response, 422, "invalid_fields"), named)


def check_errors(error: Json, named: str) -> None:
    """`named`, or something inside it, is among the fields; each with a message for people."""
    errors = error["errors"]
    assert errors
    for one in errors:
        assert set(one) == {"field", "message"}
        assert isinstance(one["message"], str)
        assert one["message"]
        assert len(one["field"]) + len(one["message"]) < 1000
    fields = [one["field"] for one in errors]
    assert any(field == named or field.startswith(f"{named}.") for field in fields), (named, errors)
