"""The readings of a session as its events go by, for whatever language they are to be written in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime

from server.domain.events import Event
from server.domain.replay import Sight
from server.domain.session import Session
from server.domain.trend import Trend, TrendReading
from server.ports.slices import Slices


async def readings_of(
    session: Session, events: AsyncIterator[Event], sight: Sight, now: datetime
) -> AsyncIterator[TrendReading]:
    """Up to the end of the session, or to `now` while it is open."""
    trend, slices = Trend(session.created_at, sight), Slices()
    async for event in events:
        for reading in trend.follow(event):
            yield reading
            await slices.breathe()
    ended_at = session.ended_at(now)
    # While it is open, what stands there now is told by none: the next download would not have that moment.
    for reading in trend.until(now) if ended_at is None else trend.end(ended_at):
        yield reading
        await slices.breathe()
