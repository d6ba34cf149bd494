"""A session's record as a download, written line by line as it is read."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator, Sequence

from server.domain.attendance import SeatAttendance
from server.domain.events import Event
from server.domain.session import Session
from server.domain.vitals import SIGN_NAMES, SIGNS
from server.transport.wire.answers import attendance_answer, event_answer, session_answer

CSV = "text/csv; charset=utf-8"

HEADER = (
    "seq",
    "created_at (UTC)",
    "made_at (UTC)",
    "kind",
    "step",
    "marker",
    "by_role",
    "by_name",
    *(f"{name} ({SIGNS[name].unit})" for name in SIGN_NAMES),
    "rhythm",
    "flags",
    "ramp_seconds (s)",
    "text",
    "details",
)

# A spreadsheet takes a cell that begins with one of these for a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


async def csv_lines(events: AsyncIterator[Event]) -> AsyncIterator[str]:
    """RFC 4180, one header row with units."""
    yield _line(HEADER)
    async for event in events:
        yield _line(_row(event))


async def json_lines(
    session: Session, attendance: Sequence[SeatAttendance], events: AsyncIterator[Event]
) -> AsyncIterator[str]:
    """One object: `{"session": …, "attendance": […], "events": […]}`, an event a line."""
    yield '{"session": ' + json.dumps(session_answer(session), ensure_ascii=False)
    yield ',\n"attendance": ' + json.dumps(attendance_answer(attendance), ensure_ascii=False)
    yield ',\n"events": ['
    separator = "\n"
    async for event in events:
        yield separator + json.dumps(event_answer(event), ensure_ascii=False)
        separator = ",\n"
    yield "\n]}\n"


def _row(event: Event) -> tuple[object, ...]:
    answer = event_answer(event)
    return (
        event.seq,
        answer["created_at"],
        answer["made_at"],
        event.kind,
        answer["step"],
        answer["marker"],
        event.by.role,
        _text(event.by.name),
        *(answer[name] for name in SIGN_NAMES),
        answer["rhythm"],
        _json(answer["flags"]),
        answer["ramp_seconds"],
        _text(answer["text"]),
        _json(answer["details"]),
    )


def _text(value: str | None) -> str | None:
    return "'" + value if value and value.startswith(_FORMULA_STARTS) else value


def _json(value: object) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)


def _line(cells: tuple[object, ...]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue()
