"""Who is there, when several processes say who is connected to them."""

from __future__ import annotations

from uuid import UUID, uuid4

from server.domain.session import Seat
from server.live.presence import LEASE_SECONDS, OwnPresence, SharedPresence
from tests.support.making import NOW

SESSION, OTHER = uuid4(), uuid4()


def _seat(session_id: UUID = SESSION) -> Seat:
    return Seat(uuid4(), session_id, "Ann", NOW)


def test_a_seat_is_connected_until_its_last_connection_leaves() -> None:
    presence, seat = OwnPresence(), _seat()
    presence.arrived(seat)
    presence.arrived(seat)
    presence.left(seat)
    assert presence.is_connected(seat)
    presence.left(seat)
    assert not presence.is_connected(seat)
    assert dict(presence.seated()) == {}


def test_a_seat_elsewhere_is_connected_as_long_as_its_process_is_heard_of() -> None:
    presence, seat = SharedPresence(), _seat()
    assert presence.heard_all_of("p", {SESSION: [seat.id]}, 0.0) == [SESSION]
    assert presence.heard_all_of("p", {SESSION: [seat.id]}, 10.0) == []
    assert presence.lapse(10.0 + LEASE_SECONDS - 0.001) == []
    assert presence.is_connected(seat)
    assert presence.lapse(10.0 + LEASE_SECONDS) == [SESSION]
    assert not presence.is_connected(seat)
    assert presence.processes == 0
    assert presence.lapse(1000.0) == []


def test_what_a_process_says_of_some_sessions_leaves_the_others_as_they_were() -> None:
    presence, here, there = SharedPresence(), _seat(), _seat(OTHER)
    presence.heard_all_of("p", {SESSION: [here.id], OTHER: [there.id]}, 0.0)
    presence.heard_of("p", {SESSION: []}, 1.0)
    assert not presence.is_connected(here)
    assert presence.is_connected(there)
    presence.heard_of("p", {SESSION: [here.id]}, 2.0)
    assert presence.is_connected(here)


def test_what_it_says_of_all_is_all() -> None:
    presence, here, there = SharedPresence(), _seat(), _seat(OTHER)
    presence.heard_all_of("p", {SESSION: [here.id]}, 0.0)
    assert set(presence.heard_all_of("p", {OTHER: [there.id]}, 1.0)) == {SESSION, OTHER}
    assert not presence.is_connected(here)
    assert presence.is_connected(there)


def test_a_seat_with_connections_to_two_processes_is_left_when_both_are() -> None:
    presence, seat = SharedPresence(), _seat()
    presence.arrived(seat)
    for process in ("p", "q"):
        presence.heard_of(process, {SESSION: [seat.id]}, 0.0)
    presence.left(seat)
    assert list(presence.forget("p")) == [SESSION]
    assert presence.is_connected(seat)
    assert list(presence.forget("q")) == [SESSION]
    assert not presence.is_connected(seat)
    assert list(presence.forget("q")) == []
