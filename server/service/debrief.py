"""The record of a session, for the debrief: read in pages, so that a long one costs no memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime
from uuid import UUID

from server.domain.annotations import Annotation
from server.domain.attendance import SeatAttendance, joined_spans
from server.domain.events import Event
from server.domain.session import Session
from server.ports.annotations import AnnotationStore
from server.ports.attendance import AttendanceStore
from server.ports.results import Cursor
from server.ports.sessions import SessionStore

PAGE = 500


class Debrief:
    def __init__(
        self,
        store: SessionStore,
        attendance: AttendanceStore,
        annotations: AnnotationStore,
        write_attendance: Callable[[], Awaitable[None]],
    ) -> None:
        """`write_attendance` writes who came and went here and is not yet stored."""
        self._store = store
        self._attendance = attendance
        self._annotations = annotations
        self._write_attendance = write_attendance

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
