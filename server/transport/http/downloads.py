"""/sessions/{id}/export: a session as a file, in the language of whatever is to read it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Literal, cast, get_args

from starlette.responses import Response

from server.domain.audit import author_of
from server.domain.outcomes import InvalidFields, Refusal
from server.domain.session import Session
from server.domain.text import file_stem
from server.transport.going_out.fhir import FHIR, fhir_pieces
from server.transport.going_out.hl7 import HL7, hl7_messages
from server.transport.going_out.readings import readings_of
from server.transport.going_out.scores import ScoredBy, evaluators_of, scores_csv
from server.transport.going_out.xapi import XAPI, SheetTold, xapi_pieces
from server.transport.http.attachments import asks_for_head, attachment_headers, head_of
from server.transport.http.endpoint import Call, Endpoint, Parameter
from server.transport.http.export import (
    CSV,
    DIALECTS,
    USUAL_ZONE,
    VALUES,
    CsvForm,
    Values,
    csv_lines,
    json_lines,
    read_csv_form,
)
from server.transport.http.paging import read_choice
from server.transport.http.sessions import find_session
from server.transport.streaming import WrittenResponse

Format = Literal["csv", "json", "scores", "fhir", "hl7", "xapi"]
_FORMATS: tuple[Format, ...] = get_args(Format)
_MEDIA_TYPES: dict[Format, str] = {
    "csv": CSV,
    "json": "application/json",
    "scores": CSV,
    "fhir": FHIR,
    "hl7": HL7,
    "xapi": XAPI,
}
_ENDINGS: dict[Format, str] = {
    "csv": ".csv", "json": ".json", "scores": "-scores.csv", "fhir": "-fhir.json", "hl7": ".hl7", "xapi": "-xapi.json"
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Asked:
    format: Format
    form: CsvForm


async def _export(call: Call) -> Response | Refusal:
    session = await find_session(call)
    if not isinstance(session, Session):
        return session
    asked = _read_export(call)
    if isinstance(asked, InvalidFields):
        return asked
    name, media_type = _file_name(session, asked.format), _MEDIA_TYPES[asked.format]
    if asks_for_head(call):
        return head_of(name, media_type)
    await call.services.audit.session_exported(session, author_of(call.trainer), asked.format, call.now)
    pieces = await _pieces(call, session, asked)
    return WrittenResponse(pieces, media_type=media_type, headers=attachment_headers(name))


async def _pieces(call: Call, session: Session, asked: _Asked) -> AsyncIterator[str]:
    """All but the record are read before the first piece is sent: what fails then is a refusal still."""
    debrief, now = call.services.debrief, call.now
    events = debrief.events(session.id)
    if asked.format in ("fhir", "hl7"):
        sight = "true" if asked.form.values == "true" else "shown"
        readings = readings_of(session, events, sight, now)
        return fhir_pieces(session, readings, now) if asked.format == "fhir" else hl7_messages(session, readings)
    if asked.format == "scores":
        return await _scores(call, session, asked.form)
    annotations = await debrief.annotations(session.id)
    if asked.format == "csv":
        return csv_lines(session, events, annotations, asked.form)
    attendance = await debrief.attendance(session, now)
    if asked.format == "json":
        return json_lines(session, attendance, events, annotations)
    sheets = (await call.services.score_sheets.of(session)).sheets
    told = [SheetTold(sheet.by, sheet.updated_at, result.percent, result.is_passed) for sheet, result in sheets]
    return xapi_pieces(session, attendance, events, annotations, told, call.context.addresses.best, now)


async def _scores(call: Call, session: Session, form: CsvForm) -> AsyncIterator[str]:
    case = await call.services.cases.find(session.id)
    people = evaluators_of(case, await call.services.score_sheets.of(session))
    told = await call.services.reflections.of(session)
    people += [ScoredBy("trainee", each.name, each.scores) for each in told if each.scores]
    return _each(scores_csv(case, people, form.dialect))


async def _each(lines: Iterable[str]) -> AsyncIterator[str]:
    for line in lines:
        yield line


def _file_name(session: Session, format_: Format) -> str:
    """The day, what it was, and the code: shiller-2026-11-21-septic-shock-QJS93A.csv."""
    parts = ("shiller", f"{session.created_at:%Y-%m-%d}", file_stem(session.title), session.code)
    return "-".join(part for part in parts if part) + _ENDINGS[format_]


def _read_export(call: Call) -> _Asked | InvalidFields:
    """The format, and how a CSV is to be written; every parameter that is wrong is named."""
    format_ = read_choice(call, "format", _FORMATS)
    dialect = read_choice(call, "dialect", DIALECTS)
    values = read_choice(call, "values", VALUES)
    zone = call.request.query_params.get("timezone", USUAL_ZONE)
    form = read_csv_form(str(dialect), cast(Values, values), zone)
    wrong = [each for each in (format_, dialect, values, form) if isinstance(each, InvalidFields)]
    if isinstance(format_, InvalidFields) or isinstance(form, InvalidFields) or wrong:
        return InvalidFields(tuple(error for each in wrong for error in each.errors))
    return _Asked(cast(Format, format_), form)


ENDPOINTS = (
    Endpoint(
        "GET", "/sessions/{id}/export", "Download the record", _export, {200: None},
        ("not_found", "invalid_fields"),
        parameters=(
            Parameter(
                "format", {"type": "string", "enum": list(_FORMATS), "default": _FORMATS[0]},
                "The record as CSV or JSON, scores as CSV, what monitors showed as FHIR or HL7 v2, xAPI statements.",
            ),
            Parameter(
                "dialect", {"type": "string", "enum": list(DIALECTS), "default": DIALECTS[0]},
                "Of a CSV: RFC 4180, or as a French spreadsheet reads it.",
            ),
            Parameter(
                "values", {"type": "string", "enum": list(VALUES), "default": VALUES[0]},
                "Of a CSV: what was pushed, what the monitors showed at that moment, or what was so. FHIR and HL7: "
                "what was so, if that is asked for, else what was shown.",
            ),
            Parameter(
                "timezone", {"type": "string", "default": USUAL_ZONE}, "Of the dialect `fr`: whose clock it shows."
            ),
        ),
        media_types=("text/csv", "application/json", FHIR, "x-application/hl7-v2+er7"),
    ),
)  # fmt: skip
