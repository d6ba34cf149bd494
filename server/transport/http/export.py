"""A session's record as a download, written line by line as it is read."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from server.domain.annotations import Annotation
from server.domain.attendance import SeatAttendance
from server.domain.debrief.case_clock import plain_seconds
from server.domain.debrief.early_warning import NOTHING_RECORDED, EarlyWarning, early_warning_at, still_missing
from server.domain.debrief.known_warning import known_warning_at, lately
from server.domain.events import Event
from server.domain.outcomes import InvalidFields, invalid
from server.domain.replay import Replay, moment_of
from server.domain.session import Session
from server.domain.vitals import SIGN_NAMES
from server.transport.going_out.csv_dialects import (
    ELAPSED,
    NEWS2,
    Dialect,
    FrenchDialect,
    RfcDialect,
    csv_json,
    csv_row,
    csv_text,
)
from server.transport.wire.answers import annotation_answer, attendance_answer, event_answer, session_answer

CSV = "text/csv; charset=utf-8"
DIALECTS = ("rfc", "fr")
VALUES = ("pushed", "shown", "true")
USUAL_ZONE = "Europe/Paris"
_LONGEST_ZONE = 64

Values = Literal["pushed", "shown", "true"]


@dataclass(frozen=True, slots=True)
class CsvForm:
    """How the lines are written, and which values stand in them."""

    dialect: Dialect
    values: Values

    @property
    def more(self) -> tuple[str, ...]:
        """The columns that the plain file does not have: that has always been the same."""
        if self.values != "pushed":
            return (ELAPSED, *NEWS2)
        return (ELAPSED,) if isinstance(self.dialect, FrenchDialect) else ()


def read_csv_form(dialect: str, values: Values, zone: str) -> CsvForm | InvalidFields:
    """`zone`: the name of the time zone whose clock a French spreadsheet is to show."""
    if dialect != "fr":
        return CsvForm(RfcDialect(), values)
    try:
        found = ZoneInfo(zone) if len(zone) <= _LONGEST_ZONE else None
    except (LookupError, ValueError, OSError):
        found = None
    if found is None:
        return invalid("timezone", f"must be the name of a time zone, such as {USUAL_ZONE}")
    return CsvForm(FrenchDialect(found), values)


async def csv_lines(
    session: Session, events: AsyncIterator[Event], annotations: Sequence[Annotation], form: CsvForm
) -> AsyncIterator[str]:
    """One header row with units, then a line an event, with the annotations where they belong in time."""
    yield form.dialect.start + csv_row(form.dialect.head(form.more), form.dialect)
    replay = _Followed(session.created_at)
    beside = _Beside(annotations)
    async for event in events:
        for annotation in beside.until(event.created_at):
            yield _annotation_line(annotation, replay, form)
        if form.values != "pushed":
            replay.follow(event)
        yield _event_line(event, replay, form)
    for annotation in beside.rest():
        yield _annotation_line(annotation, replay, form)


async def json_lines(
    session: Session,
    attendance: Sequence[SeatAttendance],
    events: AsyncIterator[Event],
    annotations: Sequence[Annotation],
) -> AsyncIterator[str]:
    """One object: `{"session": …, "attendance": […], "events": […], "annotations": […]}`, an event a line."""
    yield '{"session": ' + json.dumps(session_answer(session), ensure_ascii=False)
    yield ',\n"attendance": ' + json.dumps(attendance_answer(attendance), ensure_ascii=False)
    yield ',\n"events": ['
    separator = "\n"
    async for event in events:
        yield separator + json.dumps(event_answer(event), ensure_ascii=False)
        separator = ",\n"
    yield '\n],\n"annotations": ['
    separator = "\n"
    for annotation in annotations:
        yield separator + json.dumps(annotation_answer(annotation), ensure_ascii=False)
        separator = ",\n"
    yield "\n]}\n"


class _Followed(Replay):
    """A replay that knows what of NEWS2 was never recorded until now."""

    def __init__(self, opened_at: datetime) -> None:
        super().__init__(opened_at)
        self.opened_at = opened_at
        # From when on what was missing: what was made earlier than it came is told as it was then.
        self._missing = [(opened_at, NOTHING_RECORDED)]

    def follow(self, event: Event) -> None:
        super().follow(event)
        before = self._missing[-1][1]
        missing = still_missing(before, self.last)
        if missing != before:
            self._missing.append((event.created_at, missing))

    def early_warnings_at(self, at: datetime) -> tuple[EarlyWarning, EarlyWarning] | None:
        """Of the patient, and as the team could know it; None for a moment that lies too far back."""
        memory = self.memory_at(at)
        if memory is None:
            return None
        missing = next((missing for since, missing in reversed(self._missing) if since <= at), NOTHING_RECORDED)
        known = known_warning_at(lately(memory, at), at, missing)
        return early_warning_at(memory.present, at, missing), known


class _Beside:
    """Annotations in the order of their moments, given out once."""

    def __init__(self, annotations: Sequence[Annotation]) -> None:
        self._left = sorted(annotations, key=lambda each: each.at, reverse=True)

    def until(self, at: datetime) -> Iterator[Annotation]:
        while self._left and self._left[-1].at < at:
            yield self._left.pop()

    def rest(self) -> Sequence[Annotation]:
        return self._left[::-1]


def _event_line(event: Event, replay: _Followed, form: CsvForm) -> str:
    answer, dialect = event_answer(event), form.dialect
    values = _values(moment_of(event), replay, form) or (
        *(dialect.number(answer[name]) for name in SIGN_NAMES),
        answer["rhythm"],
        csv_json(answer["flags"]),
    )
    cells = (
        event.seq,
        dialect.moment(event.created_at),
        dialect.moment(event.made_at),
        event.kind,
        answer["step"],
        answer["marker"],
        event.by.role,
        csv_text(event.by.name),
        *values,
        dialect.number(answer["ramp_seconds"]),
        csv_text(answer["text"]),
        csv_json(answer["details"]),
        *_more(moment_of(event), replay, form),
    )
    return csv_row(cells, dialect)


def _annotation_line(annotation: Annotation, replay: _Followed, form: CsvForm) -> str:
    """It has no seq: it stands beside the record."""
    dialect = form.dialect
    values = _values(annotation.at, replay, form) or (None,) * (len(SIGN_NAMES) + 2)
    cells = (
        None,
        dialect.moment(annotation.created_at),
        dialect.moment(annotation.at),
        "annotation",
        None,
        annotation.marker,
        annotation.author.role,
        csv_text(annotation.author.name),
        *values,
        None,
        csv_text(annotation.text or None),
        csv_json({"kind": annotation.kind}),
        *_more(annotation.at, replay, form),
    )
    return csv_row(cells, dialect)


def _more(at: datetime, replay: _Followed, form: CsvForm) -> tuple[object, ...]:
    """The cells of `form.more`. NEWS2 is the least it can be while something of it is missing."""
    elapsed = form.dialect.number(plain_seconds(at - replay.opened_at))
    if form.values == "pushed":
        return (elapsed,) if form.more else ()
    warnings = replay.early_warnings_at(at)
    if warnings is None:
        return elapsed, *(None for _ in NEWS2)
    return elapsed, *(cell for warning in warnings for cell in _of_warning(warning))


def _of_warning(warning: EarlyWarning) -> tuple[int | None, str | None]:
    return warning.total, None if warning.total is None else " ".join(warning.missing) or None


def _values(at: datetime, replay: Replay, form: CsvForm) -> tuple[object, ...] | None:
    """Those of that moment; None where what was pushed is asked for."""
    if form.values == "pushed":
        return None
    then = replay.values_at(at, form.values)
    if then is None:
        return (None,) * (len(SIGN_NAMES) + 2)
    signs = (form.dialect.number(then.signs.get(name)) for name in SIGN_NAMES)
    return (*signs, then.rhythm, csv_json(then.flags or None))
