"""Query parameters and preconditions: read, judged, named when they are wrong."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from server.domain.outcomes import InvalidFields, invalid
from server.domain.timestamps import read_timestamp, write_timestamp
from server.ports.results import Cursor, Page
from server.transport.http.endpoint import Call, Parameter

DEFAULT_LIMIT = 50
LARGEST_LIMIT = 200
_LARGEST_SEQ = 2**31 - 1

LIMIT_PARAMETER = Parameter(
    "limit",
    {"type": "integer", "minimum": 1, "maximum": LARGEST_LIMIT, "default": DEFAULT_LIMIT},
    "How many items at the most.",
)
CURSOR_PARAMETER = Parameter("cursor", {"type": "string"}, "The `next_cursor` of the page before.")
PAGE_PARAMETERS = (LIMIT_PARAMETER, CURSOR_PARAMETER)
IF_MATCH_PARAMETER = Parameter(
    "If-Match", {"type": "string"}, 'Change, or delete, only this version: `"3"`.', place="header"
)

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class PageRequest:
    limit: int
    after: Cursor | None


def read_page(call: Call) -> PageRequest | InvalidFields:
    limit = read_limit(call)
    if isinstance(limit, InvalidFields):
        return limit
    text = call.request.query_params.get("cursor")
    after = read_cursor("cursor", text) if text else None
    return after if isinstance(after, InvalidFields) else PageRequest(limit, after)


def read_cursor(field: str, text: str) -> Cursor | InvalidFields:
    try:
        moment, _, id_ = base64.urlsafe_b64decode(text.encode("ascii") + b"==").decode("ascii").partition(" ")
        return Cursor(read_timestamp(moment), UUID(id_))
    except (ValueError, OverflowError, binascii.Error):
        return invalid(field, "is not a cursor of this list; begin without one")


def read_limit(call: Call) -> int | InvalidFields:
    return _read_integer(call, "limit", DEFAULT_LIMIT, 1, LARGEST_LIMIT)


def read_after(call: Call) -> int | InvalidFields:
    return _read_integer(call, "after", 0, 0, _LARGEST_SEQ)


def read_choice(call: Call, name: str, choices: Sequence[str]) -> str | InvalidFields:
    """The first choice is the default."""
    value = call.request.query_params.get(name, choices[0])
    return value if value in choices else invalid(name, f"must be one of: {', '.join(choices)}")


def read_if_match(call: Call) -> int | InvalidFields | None:
    text = call.request.headers.get("if-match")
    if text is None or text.strip() == "*":
        return None
    number = text.strip().removeprefix("W/").strip('"')
    if not number.isascii() or not number.isdecimal() or len(number) > 9:
        return invalid("If-Match", 'must be a version in quotes, such as "3"')
    return int(number)


def page_answer(page: Page[Item], write: Callable[[Item], Any]) -> dict[str, Any]:
    return {
        "items": [write(item) for item in page.items],
        "next_cursor": None if page.next is None else write_cursor(page.next),
    }


def write_cursor(cursor: Cursor) -> str:
    text = f"{write_timestamp(cursor.created_at)} {cursor.id}"
    return base64.urlsafe_b64encode(text.encode("ascii")).decode("ascii").rstrip("=")


def _read_integer(call: Call, name: str, default: int, low: int, high: int) -> int | InvalidFields:
    text = call.request.query_params.get(name)
    if text is None:
        return default
    digits = text.removeprefix("-")
    if digits.isascii() and digits.isdecimal() and len(digits) <= 10 and low <= int(text) <= high:
        return int(text)
    return invalid(name, f"must be a whole number from {low} to {high}")
