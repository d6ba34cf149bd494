"""The record of a session, for the debrief: read in pages, so that a long one costs no memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime
from uuid import UUID

from server.domain.annotations import Annotation
from server.domain.attendance import SeatAttendance, joined_spans
from server.domain.debrief.debrief import Beside, Debrief, DebriefReader, RecordDebrief
from server.domain.debrief.moment_edits import NO_MOMENT, MomentChange, edited, judge_moment_change, unedited
from server.domain.debrief.moments import Moment
from server.domain.events import Event
from server.domain.limits import LimitsSince
from server.domain.outcomes import Forbidden, InvalidFields, NotFound
from server.domain.people import Trainer
from server.domain.session import Session
from server.ports.annotations import AnnotationStore
from server.ports.attendance import AttendanceStore
from server.ports.moments import MomentStore
from server.ports.results import Cursor
from server.ports.sessions import SessionStore
from server.ports.slices import Slices
from server.service.cases import Cases

PAGE = 500


class Debriefs:
    def __init__(
        self,
        store: SessionStore,
        attendance: AttendanceStore,
        annotations: AnnotationStore,
        moments: MomentStore,
        cases: Cases,
        write_attendance: Callable[[], Awaitable[None]],
    ) -> None:
        """`write_attendance` writes who came and went here and is not yet stored."""
        self._store = store
        self._attendance = attendance
        self._annotations = annotations
        self._moments = moments
        self._cases = cases
        self._write_attendance = write_attendance

    async def read(self, session: Session, now: datetime) -> Debrief:
        """Of a session that runs: up to now."""
        record = await self._record(session, now)
        lasted = (session.ended_at(now) or now) - session.created_at
        attendance = await self.attendance(session, now)
        limits_since = await self._store.limits_since(session.id) or [LimitsSince(session.created_at, session.limits)]
        return Debrief(lasted, record, attendance, limits_since)

    async def _record(self, session: Session, now: datetime) -> RecordDebrief:
        ended_at = session.ended_at(now)
        case, annotations = await self._cases.find(session.id), await self.annotations(session.id)
        beside = Beside(case, annotations, await self._moments.moment_edits(session.id))
        reader, slices = DebriefReader(session.created_at, beside), Slices()
        async for event in self.events(session.id):
            reader.follow(event)
            await slices.breathe()
        return reader.read(ended_at or now, is_over=ended_at is not None)

    async def change_moment(
        self, trainer: Trainer, session: Session, seq: int, kind: str, change: MomentChange, now: datetime
    ) -> Moment | NotFound | Forbidden | InvalidFields:
        """Hide one, show it again, or call it something else; only what the record gives can be changed."""
        if refusal := judge_moment_change(session, trainer, change):
            return refusal
        record = await self._record(session, now)
        moment = next((each for each in record.moments if (each.seq, each.kind) == (seq, kind)), None)
        if moment is None:
            return NO_MOMENT
        edit = await self._moments.change_moment(unedited(session, moment, now), change, now)
        return edited([moment], [edit])[0]

    async def attendance(self, session: Session, now: datetime) -> Sequence[SeatAttendance]:
        """Who was there when, those whose seats were taken away too, in the order of joining."""
        await self._write_attendance()
        ended_at = session.ended_at(now)
        return [
            SeatAttendance(each.seat, joined_spans(each.spans, ended_at))
            for each in await self._attendance.attendance_of(session.id)
        ]

    async def events(self, session_id: UUID) -> AsyncIterator[Event]:
        """All events in seq order; one short read a page, none held open meanwhile."""
        after = 0
        while page := await self._store.events_after(session_id, after, PAGE):
            for event in page:
                yield event
            after = page[-1].seq

    async def annotations(self, session_id: UUID) -> Sequence[Annotation]:
        """What people wrote beside the record, in the order of adding."""
        found: list[Annotation] = []
        after: Cursor | None = None
        while True:
            page = await self._annotations.list_annotations(session_id, PAGE, after)
            found += page.items
            if page.next is None:
                return found
            after = page.next
