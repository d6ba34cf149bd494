"""Attempts at one case compared: read for many sessions at once, in slices, and remembered while nothing changes."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from uuid import UUID

from server.domain.annotations import Annotation
from server.domain.case import Case
from server.domain.debrief.comparison import Attempt, Comparison, Number, agreed_scores, comparing
from server.domain.debrief.marks import late_marks
from server.domain.debrief.reading import RecordReading
from server.domain.events import Event
from server.domain.outcomes import InvalidFields, NotFound, invalid
from server.domain.people import Trainer
from server.domain.template import NO_TEMPLATE, Template
from server.ports.comparison import ComparisonStore, EndedSession
from server.ports.slices import Slices, in_slices
from server.ports.templates import TemplateStore

# So many sessions are compared at most, and so many are remembered.
LARGEST = 5000
_REMEMBERED = 4 * LARGEST
_READ_AT_ONCE = 50
_AT_ONCE = 2

# All that the key times of an ended session depend on: its record, and the markers beside it.
_Key = tuple[UUID, int, tuple[tuple[UUID, int], ...]]


@dataclass(frozen=True, slots=True)
class _Course:
    """What an attempt's record brings, and the keys of its checklist."""

    times: Mapping[tuple[str, str], Number | None]
    had_arrest: bool
    checklist: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ComparedTemplate:
    template: Template
    comparison: Comparison


class Comparisons:
    def __init__(self, store: ComparisonStore, templates: TemplateStore) -> None:
        self._store = store
        self._templates = templates
        self._courses = OrderedDict[_Key, _Course]()
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def compare(
        self, trainer: Trainer, template_id: UUID, since: datetime | None, until: datetime | None, now: datetime
    ) -> ComparedTemplate | NotFound | InvalidFields:
        """Of the trainer's school alone."""
        template = await self.find_template(trainer, template_id)
        if not isinstance(template, Template):
            return template
        async with self._turns:
            sessions = await self._store.ended_sessions(trainer.school_id, template_id, since, until, LARGEST + 1, now)
            if len(sessions) > LARGEST:
                return invalid("from", f"leaves more than {LARGEST} sessions to compare; choose a shorter period")
            return ComparedTemplate(template, await in_slices(comparing(await self._attempts(sessions))))

    async def find_template(self, trainer: Trainer, template_id: UUID) -> Template | NotFound:
        """One that was deleted may be compared still."""
        return await self._templates.find_template(trainer.school_id, template_id) or NO_TEMPLATE

    async def _attempts(self, sessions: Sequence[EndedSession]) -> Sequence[Attempt]:
        ids = [session.id for session in sessions]
        annotations, sheets = await self._store.marked_annotations_of(ids), await self._store.sheets_of(ids)
        keys = {session.id: _key_of(session, annotations.get(session.id, ())) for session in sessions}
        courses = {id_: course for id_, key in keys.items() if (course := self._courses.get(key)) is not None}
        unknown = (session for session in sessions if session.id not in courses)
        for some in _batches(unknown):
            courses.update(await self._read(some, annotations))
        for id_, course in courses.items():
            self._remember(keys[id_], course)
        return [
            Attempt(
                session.seats,
                course.times,
                course.had_arrest,
                agreed_scores(course.checklist, sheets.get(session.id, ())),
            )
            for session in sessions
            if (course := courses.get(session.id)) is not None
        ]

    async def _read(
        self, sessions: Sequence[EndedSession], annotations: Mapping[UUID, Sequence[Annotation]]
    ) -> dict[UUID, _Course]:
        ids = [session.id for session in sessions]
        cases, records = await self._store.cases_of(ids), await self._store.key_events_of(ids)
        slices = Slices()
        courses: dict[UUID, _Course] = {}
        for session in sessions:
            case, events = cases.get(session.id), records.get(session.id, ())
            courses[session.id] = await _course_of(session, case, events, annotations.get(session.id, ()), slices)
        return courses

    def _remember(self, key: _Key, course: _Course) -> None:
        self._courses[key] = course
        self._courses.move_to_end(key)
        while len(self._courses) > _REMEMBERED:
            self._courses.popitem(last=False)


async def _course_of(
    session: EndedSession,
    case: Case | None,
    events: Sequence[Event],
    annotations: Sequence[Annotation],
    slices: Slices,
) -> _Course:
    reading = RecordReading(session.opened_at)
    for event in events:
        reading.follow(event)
        await slices.breathe()
    reading.end(session.ended_at)
    times = reading.times([*reading.marks, *late_marks(annotations)], case)
    return _Course(
        {(each.marker, each.since): each.seconds for each in times},
        bool(reading.arrests.arrests),
        () if case is None else tuple(item.key for item in case.checklist),
    )


def _key_of(session: EndedSession, annotations: Sequence[Annotation]) -> _Key:
    return session.id, session.last_seq, tuple((each.id, each.version) for each in annotations)


def _batches(sessions: Iterator[EndedSession]) -> Iterator[Sequence[EndedSession]]:
    while some := list(islice(sessions, _READ_AT_ONCE)):
        yield some
