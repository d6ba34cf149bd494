"""A session as xAPI 1.0.3: statements that a learning record store takes, about people under pseudonyms.

No name goes out, and of what somebody wrote the session's title alone: who did what when, and how it was scored. A
statement has the same id in every download, so that a store which has it already keeps one.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from server.domain.annotations import Annotation
from server.domain.attendance import SeatAttendance
from server.domain.events import ActionTaken, Author, Event, NoteAdded
from server.domain.session import Session
from server.domain.timestamps import write_timestamp

XAPI = "application/json"

_VERBS = "http://adlnet.gov/expapi/verbs/"
_SIMULATION = "http://adlnet.gov/expapi/activities/simulation"
_LANGUAGE = "en"

Statement = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SheetTold:
    """How one evaluator scored the team. `percent` is None where nothing was to be scored."""

    by: Author
    at: datetime
    percent: float | None
    is_passed: bool | None


async def xapi_pieces(
    session: Session,
    attendance: Sequence[SeatAttendance],
    events: AsyncIterator[Event],
    annotations: Sequence[Annotation],
    sheets: Sequence[SheetTold],
    home: str,
    now: datetime,
) -> AsyncIterator[str]:
    """A JSON array, a statement a line. `home`: the address of this server, under which its things have their names."""
    told = _Statements(session, home, now)
    separator = "[\n"
    for statement in told.arrivals(attendance):
        yield separator + _written(statement)
        separator = ",\n"
    async for event in events:
        for statement in told.deeds(event):
            yield separator + _written(statement)
            separator = ",\n"
    for statement in told.afterwards(attendance, annotations, sheets):
        yield separator + _written(statement)
        separator = ",\n"
    yield ("[" if separator == "[\n" else "") + "\n]\n"


def _written(statement: Statement) -> str:
    return json.dumps(statement, ensure_ascii=False)


class _Statements:
    def __init__(self, session: Session, home: str, now: datetime) -> None:
        self._session = session
        self._home = home.rstrip("/")
        self._ended_at = session.ended_at(now)

    def arrivals(self, attendance: Sequence[SeatAttendance]) -> Iterator[Statement]:
        for each in attendance:
            first = each.spans[0].joined_at if each.spans else each.seat.joined_at
            yield self._statement(each.seat.id, "initialized", first, self._case())

    def deeds(self, event: Event) -> Iterator[Statement]:
        """What people did, by their own hands or as a trainer marked it; pushes are no deeds of the team."""
        by, fact = event.by.id, event.fact
        if by is None:
            return
        if isinstance(fact, ActionTaken):
            yield self._statement(by, "interacted", event.made_at, self._part("actions", fact.action), event.id)
        elif isinstance(fact, NoteAdded) and fact.marker is not None:
            yield self._statement(by, "interacted", event.made_at, self._part("markers", fact.marker), event.id)
        elif isinstance(fact, NoteAdded):
            yield self._statement(by, "commented", event.made_at, self._case(), event.id)

    def afterwards(
        self, attendance: Sequence[SeatAttendance], annotations: Sequence[Annotation], sheets: Sequence[SheetTold]
    ) -> Iterator[Statement]:
        for annotation in annotations:
            if annotation.author.id is not None:
                yield self._statement(annotation.author.id, "commented", annotation.at, self._case(), annotation.id)
        for sheet in sheets:
            for each in attendance:
                yield from self._scored(each.seat.id, sheet)
        if self._ended_at is not None:
            for each in attendance:
                yield from self._departures(each, self._ended_at)

    def _scored(self, seat_id: UUID, sheet: SheetTold) -> Iterator[Statement]:
        """The team's score is that of everybody in it."""
        if sheet.percent is None or sheet.by.id is None:
            return
        score = {"scaled": round(sheet.percent / 100, 4), "raw": sheet.percent, "min": 0, "max": 100}
        yield self._statement(
            seat_id, "scored", sheet.at, self._case(), sheet.by.id, {"score": score}, evaluator=sheet.by.id
        )
        if sheet.is_passed is not None:
            verb = "passed" if sheet.is_passed else "failed"
            result = {"score": score, "success": sheet.is_passed}
            yield self._statement(seat_id, verb, sheet.at, self._case(), sheet.by.id, result, evaluator=sheet.by.id)

    def _departures(self, each: SeatAttendance, ended_at: datetime) -> Iterator[Statement]:
        """Whoever was there at the end completed it."""
        left_at = max((span.left_at or ended_at for span in each.spans), default=ended_at)
        there = sum(((span.left_at or ended_at) - span.joined_at for span in each.spans), timedelta())
        result = {"completion": left_at >= ended_at, "duration": _duration(there)}
        if left_at >= ended_at:
            yield self._statement(each.seat.id, "completed", ended_at, self._case(), None, result)
        yield self._statement(each.seat.id, "terminated", left_at, self._case(), None, result)

    def _statement(
        self,
        by: UUID,
        verb: str,
        at: datetime,
        about: Mapping[str, Any],
        cause: UUID | None = None,
        result: Mapping[str, Any] | None = None,
        evaluator: UUID | None = None,
    ) -> Statement:
        statement: dict[str, Any] = {
            "id": str(uuid5(self._session.id, f"{verb} {by} {cause}")),
            "actor": self._person(by),
            "verb": {"id": _VERBS + verb, "display": {_LANGUAGE: verb}},
            "object": about,
            "timestamp": write_timestamp(at),
            "context": self._context(evaluator or self._session.trainer_id),
        }
        if result is not None:
            statement["result"] = result
        return statement

    def _person(self, id_: UUID) -> Mapping[str, Any]:
        """The same person is the same pseudonym in all downloads of a school; a seat is a person of one session."""
        pseudonym = str(uuid5(self._session.school_id, str(id_)))
        return {"objectType": "Agent", "account": {"homePage": self._home, "name": pseudonym}}

    def _case(self) -> Mapping[str, Any]:
        return {
            "objectType": "Activity",
            "id": self._address("sessions", str(self._session.id)),
            "definition": {
                "type": _SIMULATION,
                "name": {"und": self._session.title.strip() or self._session.code},
            },
        }

    def _part(self, kind: str, key: str) -> Mapping[str, Any]:
        return {"objectType": "Activity", "id": self._address(kind, key), "definition": {"name": {_LANGUAGE: key}}}

    def _context(self, instructor: UUID) -> Mapping[str, Any]:
        context: dict[str, Any] = {
            "registration": str(self._session.id),
            "instructor": self._person(instructor),
            "platform": "Shiller",
        }
        if self._session.template_id is not None:
            case = {"objectType": "Activity", "id": self._address("templates", str(self._session.template_id))}
            context["contextActivities"] = {"grouping": [case]}
        return context

    def _address(self, kind: str, name: str) -> str:
        return f"{self._home}/xapi/{kind}/{name}"


def _duration(span: timedelta) -> str:
    """ISO 8601, in seconds; hundredths are what the standard keeps."""
    return f"PT{max(0.0, span.total_seconds()):.2f}S"
