"""Attendance as one process writes it down: few statements, through outages, and nothing left open behind it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from server.domain.attendance import SeatSpan, Span, joined_spans
from server.domain.session import Seat
from server.live.attendance import ATTENDANCE_SETTINGS, Attendance
from server.ports.results import StorageUnavailable
from server.storage.memory.attendance import MemoryAttendance
from server.storage.memory.tables import Tables
from tests.support.making import NOW, later
from tests.support.patience import PATIENCE_SECONDS

SESSION = uuid4()
ABANDONED_AFTER = ATTENDANCE_SETTINGS.abandoned_after
HURRIED = {"written_after_seconds": 0.01, "seen_every_seconds": 0.1}


class WatchedStore(MemoryAttendance):
    """The storage of memory, which counts what it is asked and can be away."""

    def __init__(self, tables: Tables) -> None:
        super().__init__(tables)
        self.puts = 0
        self.is_away = False
        self.closings: list[datetime] = []

    async def put_spans(self, spans: Sequence[SeatSpan], seen_at: datetime) -> None:
        self.puts += 1
        if self.is_away:
            raise StorageUnavailable("away")
        await super().put_spans(spans, seen_at)

    async def close_abandoned(self, seen_before: datetime) -> int:
        self.closings.append(seen_before)
        return await super().close_abandoned(seen_before)


class Process:
    """A process with its clock, on a storage that another one may use, too."""

    def __init__(self, tables: Tables | None = None, *, is_alone: bool = True, **settings: Any) -> None:
        self.now = NOW
        self.tables = tables or Tables()
        self.store = WatchedStore(self.tables)
        self.attendance = Attendance(
            self.store, lambda: self.now, is_alone=is_alone, settings=replace(ATTENDANCE_SETTINGS, **settings)
        )

    def seat(self) -> Seat:
        seat = Seat(uuid4(), SESSION, "Ann", NOW)
        self.tables.seats[seat.id] = seat
        return seat

    async def spans_of(self, seat: Seat) -> Sequence[Span]:
        attended = await self.store.attendance_of(SESSION)
        return joined_spans(next((each.spans for each in attended if each.seat == seat), ()), None)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        task = asyncio.create_task(self.attendance.run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def _until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():
            await asyncio.sleep(0.01)


async def test_a_class_that_joins_flaps_and_leaves_is_one_statement_with_a_row_each() -> None:
    process = Process()
    seats = [process.seat() for _ in range(40)]
    for seat in seats:
        process.attendance.arrived(seat, NOW)
    for second in range(10):
        for seat in seats:
            process.attendance.left(seat, later(second))
            process.attendance.arrived(seat, later(second + 0.5))
    for seat in seats:
        process.attendance.left(seat, later(30))
    await process.attendance.write_now()
    await process.attendance.write_now()
    assert process.store.puts == 1
    assert len(process.tables.attendance) == 40
    assert [await process.spans_of(seat) for seat in seats] == [[Span(NOW, later(30))]] * 40


async def test_a_longer_absence_begins_a_new_span() -> None:
    process = Process()
    attendance, seat = process.attendance, process.seat()
    attendance.arrived(seat, NOW)
    attendance.left(seat, later(10))
    attendance.arrived(seat, later(29.9))
    attendance.left(seat, later(40))
    await attendance.write_now()
    attendance.arrived(seat, later(60))
    await attendance.write_now()
    assert await process.spans_of(seat) == [Span(NOW, later(40)), Span(later(60), None)]
    assert len(process.tables.attendance) == 2


async def test_a_seat_on_two_tablets_leaves_with_the_second() -> None:
    process = Process()
    seat = process.seat()
    for second in (0, 1):
        process.attendance.arrived(seat, later(second))
    process.attendance.left(seat, later(2))
    await process.attendance.write_now()
    assert await process.spans_of(seat) == [Span(NOW, None)]
    process.attendance.left(seat, later(3))
    process.attendance.left(seat, later(4))
    await process.attendance.write_now()
    assert await process.spans_of(seat) == [Span(NOW, later(3))]


async def test_a_clock_that_is_put_back_makes_no_span_end_before_it_began() -> None:
    process = Process()
    seat = process.seat()
    process.attendance.arrived(seat, NOW)
    process.attendance.left(seat, later(-60))
    await process.attendance.write_now()
    assert await process.spans_of(seat) == [Span(NOW, NOW)]


async def test_whoever_is_here_when_it_stops_leaves_then() -> None:
    process = Process()
    seat = process.seat()
    process.attendance.arrived(seat, NOW)
    process.now = later(9)
    await process.attendance.close()
    assert await process.spans_of(seat) == [Span(NOW, later(9))]


async def test_what_changes_is_written_soon_and_said_again_while_it_runs() -> None:
    process = Process(**HURRIED)
    seat = process.seat()
    async with process.running():
        process.attendance.arrived(seat, NOW)
        await _until(lambda: process.tables.attendance)
        process.now = later(60)
        await _until(lambda: all(seen.seen_at == later(60) for seen in process.tables.attendance.values()))
    assert await process.spans_of(seat) == [Span(NOW, None)]


async def test_an_outage_loses_nothing() -> None:
    process = Process(**HURRIED)
    ann, bob = process.seat(), process.seat()
    async with process.running():
        process.attendance.arrived(ann, NOW)
        await _until(lambda: process.tables.attendance)
        process.store.is_away = True
        process.attendance.left(ann, later(10))
        process.attendance.arrived(bob, later(11))
        process.attendance.left(bob, later(12))
        process.attendance.arrived(bob, later(50))
        tried = process.store.puts
        await _until(lambda: process.store.puts > tried + 1)
        process.store.is_away = False
        await _until(lambda: len(process.tables.attendance) == 3)
    assert await process.spans_of(ann) == [Span(NOW, later(10))]
    assert await process.spans_of(bob) == [Span(later(11), later(12)), Span(later(50), None)]


async def test_what_waits_in_an_outage_is_bounded_and_those_who_are_here_are_not_forgotten() -> None:
    process = Process(spans_waiting=10)
    first, others = process.seat(), [process.seat() for _ in range(30)]
    process.attendance.arrived(first, NOW)
    for seat in others:
        process.attendance.arrived(seat, NOW)
        process.attendance.left(seat, later(1))
    await process.attendance.write_now()
    assert len(process.tables.attendance) == 10
    async with process.running():
        await _until(lambda: len(process.tables.attendance) == 11)
    assert await process.spans_of(first) == [Span(NOW, None)]


async def test_many_are_written_in_parts() -> None:
    process = Process(spans_at_once=10)
    for seat in [process.seat() for _ in range(25)]:
        process.attendance.arrived(seat, NOW)
    await process.attendance.write_now()
    assert (process.store.puts, len(process.tables.attendance)) == (3, 25)


async def test_what_changes_while_it_is_written_is_written_again() -> None:
    process = Process()
    seat = process.seat()
    process.attendance.arrived(seat, NOW)
    put = process.store.put_spans

    async def put_slowly(spans: Sequence[SeatSpan], seen_at: datetime) -> None:
        process.attendance.left(seat, later(5))
        process.store.put_spans = put  # type: ignore[method-assign]
        await put(spans, seen_at)

    process.store.put_spans = put_slowly  # type: ignore[method-assign]
    await process.attendance.write_now()
    assert await process.spans_of(seat) == [Span(NOW, None)]
    await process.attendance.write_now()
    assert await process.spans_of(seat) == [Span(NOW, later(5))]


@pytest.mark.parametrize(
    ("is_alone", "silent_for", "left_at"),
    [
        (True, timedelta(seconds=3), NOW),
        (False, timedelta(seconds=3), None),
        (False, ABANDONED_AFTER + timedelta(seconds=1), NOW),
    ],
)
async def test_what_a_killed_process_left_open_ends_when_it_was_last_seen(
    is_alone: bool, silent_for: timedelta, left_at: datetime | None
) -> None:
    """By the next start of a server that is alone; else by whichever process finds it."""
    killed = Process()
    seat = killed.seat()
    killed.attendance.arrived(seat, later(-60))
    await killed.attendance.write_now()
    next_one = Process(killed.tables, is_alone=is_alone)
    next_one.now = NOW + silent_for
    async with next_one.running():
        await _until(lambda: next_one.store.closings)
    assert await next_one.spans_of(seat) == [Span(later(-60), left_at)]


async def test_a_process_that_was_only_late_opens_its_spans_again() -> None:
    late = Process(**HURRIED)
    seat = late.seat()
    late.attendance.arrived(seat, NOW)
    await late.attendance.write_now()
    other = WatchedStore(late.tables)
    assert await other.close_abandoned(NOW + ABANDONED_AFTER) == 1
    assert await late.spans_of(seat) == [Span(NOW, NOW)]
    late.now = NOW + ABANDONED_AFTER
    async with late.running():
        await _until(lambda: late.store.puts > 1)
    assert await late.spans_of(seat) == [Span(NOW, None)]
