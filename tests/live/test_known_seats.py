"""What a process knows of a session's seats never brings back one that was taken away."""

from __future__ import annotations

from dataclasses import replace

from server.live.known_seats import KnownSeats
from tests.support.making import NOW, a_school, a_seat, a_session, a_trainer, later


def test_a_seat_that_was_taken_away_stays_so_whatever_ends_after_it() -> None:
    session = a_session(a_trainer(a_school()))
    known, seat, other = KnownSeats(10), a_seat(session), a_seat(session, "Bea", later(1))
    known.took(seat, b"token")
    # A renaming and a reading of the list begin here, and end when the seat is taken away.
    known.took(replace(seat, removed_at=NOW))
    known.took(replace(seat, name="Cea"))
    known.listed([seat, other], known.known())
    assert known.present() == [other]
    found = known.find(b"token")
    assert found is not None
    assert found.removed_at == NOW


def test_of_a_seat_that_cannot_be_written_nothing_is_known_any_more() -> None:
    session = a_session(a_trainer(a_school()))
    known, seat = KnownSeats(10, is_whole=True), a_seat(session)
    known.took(seat, b"token")
    known.cannot_be_written(seat.id)
    assert known.find(b"token") is None
    assert known.present() is None, "the storage knows whether there is such a seat"
    known.cannot_be_written(seat.id)
