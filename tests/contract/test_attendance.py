"""Attendance: spans of seats, put as they are, ended when their process is gone."""

from __future__ import annotations

from dataclasses import replace

from server.domain.attendance import SeatAttendance, Span
from server.domain.session import Seat, Session
from server.ports.storage import Storage
from tests.support.houses import House, open_session
from tests.support.making import NOW, a_seat, a_span, later


async def _seated(storage: Storage, session: Session, name: str = "Grace", joined: float = 0) -> Seat:
    seat = a_seat(session, name, later(joined))
    await storage.sessions.add_seat(seat, seat.id.bytes)
    return seat


async def test_spans_are_kept_as_they_were_put_last(
    storage: Storage, second_storage: Storage, session: Session
) -> None:
    seat = await _seated(storage, session)
    first, second = a_span(seat, NOW), a_span(seat, later(60))
    await storage.attendance.put_spans([first], NOW)
    await storage.attendance.put_spans([replace(first, left_at=later(5)), second], later(60))
    assert await second_storage.attendance.attendance_of(session.id) == [
        SeatAttendance(seat, [Span(NOW, later(5)), Span(later(60), None)])
    ]
    await storage.attendance.put_spans([first], later(61))
    assert await second_storage.attendance.attendance_of(session.id) == [
        SeatAttendance(seat, [Span(NOW, None), Span(later(60), None)])
    ]


async def test_seats_stand_in_the_order_of_joining_removed_ones_too(
    storage: Storage, house: House, session: Session
) -> None:
    other = await open_session(storage, house.trainer)
    ann, bob, eve = [await _seated(storage, session, name, at) for name, at in (("Ann", 3), ("Bob", 1), ("Eve", 2))]
    elsewhere, never_there = await _seated(storage, other), await _seated(storage, session, "Nil", 4)
    await storage.attendance.put_spans([a_span(seat) for seat in (ann, bob, eve, elsewhere)], NOW)
    removed = await storage.sessions.remove_seat(session.id, bob.id, later(5))
    attendance = await storage.attendance.attendance_of(session.id)
    assert [each.seat for each in attendance] == [removed, eve, ann]
    assert never_there not in [each.seat for each in attendance]


async def test_a_span_may_be_written_before_its_seat(storage: Storage, session: Session) -> None:
    """As in an outage, in which both wait."""
    seat = a_seat(session)
    await storage.attendance.put_spans([a_span(seat)], NOW)
    assert await storage.attendance.attendance_of(session.id) == []
    await storage.sessions.add_seat(seat, b"token")
    assert await storage.attendance.attendance_of(session.id) == [SeatAttendance(seat, [Span(NOW, None)])]


async def test_an_abandoned_span_ends_when_it_was_last_seen(
    storage: Storage, second_storage: Storage, session: Session
) -> None:
    gone, here, left = [await _seated(storage, session, name) for name in ("Ann", "Bob", "Eve")]
    spans = {seat.id: a_span(seat) for seat in (gone, here, left)}
    await storage.attendance.put_spans([spans[gone.id], spans[here.id]], NOW)
    await storage.attendance.put_spans([replace(spans[left.id], left_at=later(1))], later(1))
    await storage.attendance.put_spans([spans[gone.id]], later(15))
    await storage.attendance.put_spans([spans[here.id]], later(45))
    assert await second_storage.attendance.close_abandoned(later(30)) == 1
    assert await second_storage.attendance.close_abandoned(later(30)) == 0

    async def ends() -> dict[str, object]:
        attendance = await storage.attendance.attendance_of(session.id)
        return {each.seat.name: each.spans[0].left_at for each in attendance}

    assert await ends() == {"Ann": later(15), "Bob": None, "Eve": later(1)}
    # Its process was only late: it says so itself.
    await storage.attendance.put_spans([spans[gone.id]], later(50))
    assert await ends() == {"Ann": None, "Bob": None, "Eve": later(1)}


async def test_a_span_never_ends_before_it_began(storage: Storage, session: Session) -> None:
    """The clock may have been put back between."""
    seat = await _seated(storage, session)
    await storage.attendance.put_spans([a_span(seat, later(10))], NOW)
    assert await storage.attendance.close_abandoned(later(5)) == 1
    assert (await storage.attendance.attendance_of(session.id))[0].spans == [Span(later(10), later(10))]
