"""The readings of a session as its events go by, for whatever language they are to be written in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime

from server.domain.course import Course, CourseReading
from server.domain.events import Event
from server.domain.replay import Sight
from server.domain.session import Session
from server.ports.slices import Slices


async def readings_of(
    session: Session, events: AsyncIterator[Event], sight: Sight, now: datetime
) -> AsyncIterator[CourseReading]:
    """Up to the end of the session, or to `now` while it is open."""
    course, slices = Course(session.created_at, sight), Slices()
    async for event in events:
        for reading in course.follow(event):
            yield reading
            await slices.breathe()
    for reading in course.until(session.ended_at(now) or now):
        yield reading
        await slices.breathe()
