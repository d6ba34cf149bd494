"""What is answered to a client that the app never sees."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal

Reason = Literal[
    "bad_request",
    "bad_host",
    "wrong_host",
    "uri_too_long",
    "head_too_large",
    "head_late",
    "body_late",
    "address_full",
    "server_full",
    "handshake",
    "silent",
    "idle",
    "stalled",
]
"""The first nine are answered; whoever ends no handshake, is silent, idle or reads nothing is cut."""

RETRY_SECONDS = 5


@dataclass(frozen=True, slots=True)
class FrontRefusal:
    reason: Reason
    status: int
    code: str
    detail: str
    retry_after_seconds: int | None = None

    def written(self, default_headers: Iterable[tuple[bytes, bytes]], request_id: str) -> bytes:
        """The whole answer, as `application/problem+json` (RFC 9457)."""
        phrase = HTTPStatus(self.status).phrase
        problem = {
            "type": f"urn:shiller:problem:{self.code}",
            "title": phrase,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
        }
        body = json.dumps(problem, ensure_ascii=False).encode()
        lines = [f"HTTP/1.1 {self.status} {phrase}".encode()]
        lines += [name + b": " + value for name, value in default_headers]
        lines += [
            b"content-type: application/problem+json",
            b"content-length: %d" % len(body),
            b"cache-control: no-store",
            b"x-content-type-options: nosniff",
            b"x-request-id: " + request_id.encode(),
            b"connection: close",
        ]
        if self.retry_after_seconds is not None:
            lines.append(b"retry-after: %d" % self.retry_after_seconds)
        return b"\r\n".join([*lines, b"", body])


BAD_REQUEST = FrontRefusal("bad_request", 400, "bad_request", "This is no HTTP request.")
BAD_HOST = FrontRefusal("bad_host", 400, "bad_request", "A request names the host that it is for, once, in Host.")
HEAD_LATE = FrontRefusal(
    "head_late", 408, "request_timeout", "The request did not come to the end of its head in time."
)
BODY_LATE = FrontRefusal("body_late", 408, "request_timeout", "The body of the request came too slowly.")


def uri_too_long(limit_bytes: int) -> FrontRefusal:
    detail = f"The address of a request may have at most {limit_bytes} bytes."
    return FrontRefusal("uri_too_long", 414, "uri_too_long", detail)


def head_too_large(limit_bytes: int, fields: int) -> FrontRefusal:
    detail = f"The head of a request may have at most {limit_bytes} bytes and {fields} fields."
    return FrontRefusal("head_too_large", 431, "head_too_large", detail)


def address_full(limit: int) -> FrontRefusal:
    detail = (
        f"There are {limit} connections from this address, as many as one address may have (CONNECTIONS_BY_ADDRESS). "
        "Close some, or try again in a moment."
    )
    return FrontRefusal("address_full", 429, "rate_limited", detail, RETRY_SECONDS)


SERVER_FULL = FrontRefusal(
    "server_full",
    503,
    "server_full",
    "The server has as many connections as it can hold (its limit of open files). Try again in a moment.",
    RETRY_SECONDS,
)


def wrong_host(host: str) -> FrontRefusal:
    detail = (
        f'This server is not known as "{host}". If that is its name, set PUBLIC_URL to the address that people open '
        "(or add the name to ALLOWED_ORIGINS) and start it again."
    )
    return FrontRefusal("wrong_host", 421, "wrong_host", detail)
