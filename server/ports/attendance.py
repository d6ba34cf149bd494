"""Where it is kept who was there when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from server.domain.attendance import SeatAttendance, SeatSpan


class AttendanceStore(Protocol):
    async def put_spans(self, spans: Sequence[SeatSpan], seen_at: datetime) -> None:
        """Store each as it is now, in one statement. Those that are open were there at `seen_at`.

        A span that was taken for abandoned meanwhile is open again.
        """
        ...

    async def close_abandoned(self, seen_before: datetime) -> int:
        """End the open spans that nobody has put since, at the moment when they were last seen; how many those were.

        Their process was killed. Nobody waits for a span that is just being put.
        """
        ...

    async def attendance_of(self, session_id: UUID) -> Sequence[SeatAttendance]:
        """The seats that were ever there, removed ones too, in the order of joining; the spans as they were put."""
        ...
