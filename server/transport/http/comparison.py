"""/comparison: how often and how soon things were done in all sessions of a template, without people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import cast
from uuid import UUID

from starlette.responses import Response

from server.domain.debrief.comparison import ComparedItem, ComparedTime, Comparison, Spread
from server.domain.outcomes import FieldError, InvalidFields, Refusal
from server.domain.template import Template
from server.domain.text import file_stem
from server.domain.timestamps import read_timestamp
from server.service.comparisons import ComparedTemplate
from server.transport.going_out.csv_dialects import Dialect, csv_row, csv_text
from server.transport.http.attachments import asks_for_head, attachment_headers, head_of
from server.transport.http.endpoint import Answer, Call, Endpoint, Parameter
from server.transport.http.export import CSV, DIALECTS, USUAL_ZONE, CsvForm, read_csv_form
from server.transport.http.paging import read_choice
from server.transport.wire.comparison_shapes import (
    ComparedItemAnswer,
    ComparedTimeAnswer,
    ComparisonAnswer,
    FiguresJson,
)

_FORMATS = ("json", "csv")
_DAY = timedelta(days=1)
_MOMENT = "must be a day such as 2026-11-21, or a moment such as 2026-11-21T09:30:00.000Z"
_HEADS = {
    "rfc": ("kind", "key", "text", "from", "n", "share_done", "median", "low", "high", "unit"),
    "fr": ("type", "clé", "texte", "depuis", "n", "part faite", "médiane", "minimum", "maximum", "unité"),
}


@dataclass(frozen=True, slots=True)
class _Asked:
    template_id: UUID
    since: datetime | None
    until: datetime | None
    format: str
    dialect_name: str
    dialect: Dialect


async def _compare(call: Call) -> Answer | Response | Refusal:
    asked = _read(call)
    if isinstance(asked, InvalidFields):
        return asked
    if asked.format == "csv" and asks_for_head(call):
        template = await call.services.comparisons.find_template(call.trainer, asked.template_id)
        return head_of(_file_name(call, template), CSV) if isinstance(template, Template) else template
    found = await call.services.comparisons.compare(call.trainer, asked.template_id, asked.since, asked.until, call.now)
    if not isinstance(found, ComparedTemplate):
        return found
    if asked.format == "json":
        return Answer(200, comparison_answer(found.comparison))
    headers = attachment_headers(_file_name(call, found.template))
    return Response(_csv(found, asked), media_type=CSV, headers=headers)


def _file_name(call: Call, template: Template) -> str:
    parts = ("shiller", f"{call.now:%Y-%m-%d}", file_stem(template.content.title), "comparison")
    return "-".join(part for part in parts if part) + ".csv"


def comparison_answer(comparison: Comparison) -> ComparisonAnswer:
    return {
        "times": [_time_answer(each) for each in comparison.times],
        "items": [_item_answer(each) for each in comparison.items],
        "hidden": comparison.is_hidden,
    }


def _time_answer(each: ComparedTime) -> ComparedTimeAnswer:
    spread = each.spread
    return {
        "marker": each.marker,
        "from": each.since,
        "n": each.n,
        "share_done": each.share_done,
        "median": None if spread is None else spread.median,
        "range": None if spread is None else _figures(spread),
    }


def _item_answer(each: ComparedItem) -> ComparedItemAnswer:
    return {"key": each.key, "n": each.n, "median": each.spread.median, "range": _figures(each.spread)}


def _figures(spread: Spread) -> FiguresJson:
    return [spread.low, spread.high]


def _csv(found: ComparedTemplate, asked: _Asked) -> str:
    rows = [_HEADS[asked.dialect_name], *_rows(found.comparison, found.template, asked.dialect)]
    return asked.dialect.start + "".join(csv_row(row, asked.dialect) for row in rows)


def _rows(comparison: Comparison, template: Template, dialect: Dialect) -> Iterator[tuple[object, ...]]:
    texts = {item.key: item.text for item in template.content.checklist}
    for time_ in comparison.times:
        share = dialect.number(round(time_.share_done, 3))
        figures = _figure_cells(time_.spread, dialect)
        yield ("time", time_.marker, None, time_.since, time_.n, share, *figures, "s")
    for item in comparison.items:
        text = csv_text(texts.get(item.key))
        yield ("item", item.key, text, None, item.n, None, *_figure_cells(item.spread, dialect), "0-2")


def _figure_cells(spread: Spread | None, dialect: Dialect) -> tuple[object, object, object]:
    if spread is None:
        return None, None, None
    return dialect.number(spread.median), dialect.number(spread.low), dialect.number(spread.high)


def _read(call: Call) -> _Asked | InvalidFields:
    """Every parameter that is wrong is named."""
    template_id = _read_id(call)
    since, until = _read_moment(call, "from"), _read_moment(call, "to")
    format_, dialect = read_choice(call, "format", _FORMATS), read_choice(call, "dialect", DIALECTS)
    form = read_csv_form(str(dialect), "pushed", USUAL_ZONE)
    read = (template_id, since, until, format_, dialect, form)
    errors = [error for each in read if isinstance(each, InvalidFields) for error in each.errors]
    if isinstance(since, datetime) and isinstance(until, datetime) and until < since:
        errors.append(FieldError("to", "must not lie before `from`"))
    if errors:
        return InvalidFields(tuple(errors))
    return _Asked(
        cast(UUID, template_id),
        cast("datetime | None", since),
        cast("datetime | None", until),
        str(format_),
        str(dialect),
        cast(CsvForm, form).dialect,
    )


def _read_id(call: Call) -> UUID | InvalidFields:
    text = call.request.query_params.get("template_id", "")
    try:
        return UUID(text)
    except ValueError:
        message = "must be the id of a template" if text else "is required"
        return InvalidFields((FieldError("template_id", message),))


def _read_moment(call: Call, name: str) -> datetime | InvalidFields | None:
    """A day is a day in UTC; `to` is the end of it. A moment that is given as `to` is no longer within."""
    text = call.request.query_params.get(name, "")
    if not text:
        return None
    try:
        if len(text) > len("2026-11-21"):
            return read_timestamp(text)
        day = datetime.combine(date.fromisoformat(text), time(), UTC)
        return day + _DAY if name == "to" else day
    except (ValueError, OverflowError):
        return InvalidFields((FieldError(name, _MOMENT),))


ENDPOINTS = (
    Endpoint(
        "GET", "/comparison", "What was done, and how soon, in the ended sessions of a template; of nobody by name",
        _compare, {200: ComparisonAnswer}, ("not_found", "invalid_fields"),
        parameters=(
            Parameter("template_id", {"type": "string", "format": "uuid"}, "Required. Of a deleted one, too."),
            Parameter("from", {"type": "string"}, "The first day, or moment, at which a session was opened."),
            Parameter("to", {"type": "string"}, "The last day, or the moment before which it was opened."),
            Parameter("format", {"type": "string", "enum": list(_FORMATS), "default": "json"}, "How it is written."),
            Parameter(
                "dialect", {"type": "string", "enum": list(DIALECTS), "default": DIALECTS[0]},
                "Of a CSV: RFC 4180, or as a French spreadsheet reads it.",
            ),
        ),
        media_types=("application/json", "text/csv"),
    ),
)  # fmt: skip
