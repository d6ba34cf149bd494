"""Who was there when, in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from server.domain.attendance import SeatAttendance, SeatSpan, Span
from server.storage.memory.tables import SeenSpan, Tables


class MemoryAttendance:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def put_spans(self, spans: Sequence[SeatSpan], seen_at: datetime) -> None:
        await asyncio.sleep(0)
        for span in spans:
            self._tables.attendance[span.id] = SeenSpan(span, seen_at)

    async def close_abandoned(self, seen_before: datetime) -> int:
        await asyncio.sleep(0)
        abandoned = [
            seen
            for seen in self._tables.attendance.values()
            if seen.span.left_at is None and seen.seen_at < seen_before
        ]
        for seen in abandoned:
            seen.span = replace(seen.span, left_at=max(seen.span.joined_at, seen.seen_at))
        return len(abandoned)

    async def attendance_of(self, session_id: UUID) -> Sequence[SeatAttendance]:
        await asyncio.sleep(0)
        spans: dict[UUID, list[Span]] = {}
        for seen in self._tables.attendance.values():
            if seen.span.session_id == session_id:
                spans.setdefault(seen.span.seat_id, []).append(Span(seen.span.joined_at, seen.span.left_at))
        seats = [self._tables.seats[seat_id] for seat_id in spans if seat_id in self._tables.seats]
        ordered = sorted(seats, key=lambda seat: (seat.joined_at, seat.id))
        return [SeatAttendance(seat, spans[seat.id]) for seat in ordered]
