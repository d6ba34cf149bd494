"""The clock of a case, which stands while the session is paused: the same as in the room (dashboard/room/case)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from server.domain.events import CasePaused, CaseResumed, Event

Seconds = int | float


class CaseClock:
    """Knows the pauses that it has been shown. A moment within one is the moment at which that pause began."""

    def __init__(self, pauses: Iterable[tuple[datetime, datetime]] = ()) -> None:
        self._pauses = list(pauses)
        self._paused_at: datetime | None = None

    def follow(self, event: Event) -> None:
        if isinstance(event.fact, CasePaused):
            if self._paused_at is None:
                self._paused_at = event.created_at
        elif isinstance(event.fact, CaseResumed) and self._paused_at is not None:
            self._pauses.append((self._paused_at, event.created_at))
            self._paused_at = None

    def between(self, begin: datetime, end: datetime) -> timedelta:
        """What the clock of the case counts from one moment to the other; nothing if they are the other way round."""
        if end <= begin:
            return timedelta()
        stood = timedelta()
        for since, until in self._pauses:
            if until > begin and since < end:
                stood += min(until, end) - max(since, begin)
        if self._paused_at is not None and self._paused_at < end:
            stood += end - max(self._paused_at, begin)
        return end - begin - stood

    def seconds(self, begin: datetime, end: datetime) -> Seconds:
        return plain_seconds(self.between(begin, end))


def plain_seconds(span: timedelta) -> Seconds:
    """To the millisecond; whole ones as whole numbers."""
    milliseconds = span // timedelta(milliseconds=1)
    return milliseconds // 1000 if milliseconds % 1000 == 0 else milliseconds / 1000
