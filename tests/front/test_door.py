"""How many connections there may be: in all, and from one address."""

from __future__ import annotations

import asyncio
import logging
from types import SimpleNamespace
from typing import Any

import pytest

from server.front.door import LEAVING_AT_ONCE, FrontDoor
from server.front.limits import Limits
from server.front.proxies import Networks
from server.front.refusals import FrontRefusal
from tests.support.door_notes import DoorNotes
from tests.support.patience import PATIENCE_SECONDS

ROOM = 6
OWN = 2
PROXY, HALL, OTHER, HERE = "10.0.0.9", "192.0.2.1", "192.0.2.2", "127.0.0.1"


class Guest:
    def __init__(self) -> None:
        self.is_idle = False
        self.is_cut = False
        self.is_broken = False
        self.looks = 0

    def look(self, now: float) -> None:
        self.looks += 1
        if self.is_broken:
            raise RuntimeError

    def give_way(self) -> None:
        self.is_cut = True


class House:
    def __init__(self, by_address: int, room: int = 100) -> None:
        self.notes = DoorNotes()
        limits = Limits(connections=room, own_connections=OWN, by_address=by_address)
        # Connections that are of no use, and speak something else than HTTP.
        self.strangers = 0
        self.door = FrontDoor(limits, Networks(PROXY), self.notes, self._strangers_give_way)
        self.uvicorn: Any = SimpleNamespace(connections=set())
        self.door.watch(self.uvicorn)
        self.refusal: FrontRefusal | None = None

    def come(self, host: str | None, *, asks: bool = True) -> Guest:
        guest = Guest()
        self.refusal = self.door.admit(guest, host)
        if asks and self.refusal is None:
            self.door.has_asked(guest)
        return guest

    def _strangers_give_way(self) -> bool:
        self.strangers -= 1
        return self.strangers >= 0

    @property
    def status(self) -> int | None:
        return None if self.refusal is None else self.refusal.status


@pytest.fixture
async def house() -> House:
    return House(by_address=3)


async def test_an_address_has_so_many_and_others_have_their_own(house: House) -> None:
    first = house.come(HALL)
    for _ in range(2):
        house.come(HALL)
    refused = house.come(HALL)
    assert house.refusal is not None
    assert (house.status, house.refusal.code, house.refusal.retry_after_seconds) == (429, "rate_limited", 5)
    house.come(OTHER)
    assert house.status is None
    house.door.is_gone(refused)
    house.come(HALL)
    assert house.status == 429, "whoever was refused had no place to give back"
    house.door.is_gone(first)
    house.come(HALL)
    assert house.status is None


async def test_at_the_bound_of_an_address_its_own_give_way_who_is_silent_first(house: House) -> None:
    elsewhere = house.come(OTHER, asks=False)
    idle, silent, busy = house.come(HALL), house.come(HALL, asks=False), house.come(HALL)
    idle.is_idle = True
    house.come(HALL)
    assert (house.status, silent.is_cut, idle.is_cut) == (None, True, False)
    house.come(HALL)
    assert (house.status, idle.is_cut) == (None, True)
    house.come(HALL)
    assert (house.status, busy.is_cut, elsewhere.is_cut) == (429, False, False)
    for guest in (idle, silent):
        house.door.is_gone(guest)
    assert house.notes.count() == 4, "who gave way had its place taken"


async def test_what_a_proxy_passed_on_and_what_became_a_websocket_give_way_to_nobody(house: House) -> None:
    forwarded, upgraded = house.come(HALL), house.come(HALL)
    forwarded.is_idle = upgraded.is_idle = True
    house.door.is_forwarded(forwarded)
    heir = object()
    house.uvicorn.connections.add(heir)
    house.door.hand_over(upgraded, heir, house.uvicorn.connections)
    for _ in range(2):
        house.come(HALL)
    house.come(HALL)
    assert (house.status, forwarded.is_cut, upgraded.is_cut) == (429, False, False)


async def test_a_proxy_has_any_number_and_so_has_one_that_shows_itself(house: House) -> None:
    for _ in range(4):
        house.come(PROXY)
    assert house.status is None
    house = House(by_address=3)
    for _ in range(3):
        guest = house.come(HERE)
        house.door.is_forwarded(guest)
        house.door.is_forwarded(guest)
    house.come(HERE)
    assert house.status is None
    house.door.is_gone(guest)
    assert house.notes.count() == 3


async def test_who_has_joined_nothing_gives_way_before_whoever_was_answered() -> None:
    house = House(by_address=100, room=OWN + 2)
    house.strangers = 1
    idle, busy = house.come(HALL), house.come(HALL)
    idle.is_idle = True
    house.come(OTHER)
    assert (house.status, idle.is_cut) == (None, False)
    house.come(OTHER)
    assert (house.status, idle.is_cut, busy.is_cut) == (None, True, False)


async def test_nobody_gives_way_twice() -> None:
    house = House(by_address=100, room=OWN + 1)
    idle = house.come(HALL)
    idle.is_idle = True
    house.come(OTHER)
    assert (house.status, idle.is_cut) == (None, True)
    # Its line is not lost yet.
    house.come(OTHER)
    assert (house.status, house.notes.count()) == (503, 1)


async def test_a_websocket_is_counted_until_uvicorn_knows_it_no_more(house: House) -> None:
    known = house.uvicorn.connections
    heirs = [object() for _ in range(3)]
    for heir in heirs:
        guest = house.come(HALL)
        known.add(guest)
        # uvicorn takes it out before it makes the other.
        known.discard(guest)
        known.add(heir)
        house.door.hand_over(guest, heir, known)
    assert house.notes.count() == 3
    house.come(HALL)
    assert house.status == 429
    known.discard(heirs[0])
    known.discard(heirs[0])
    assert house.notes.count() == 2
    house.come(HALL)
    assert house.status is None


async def test_one_that_ended_while_it_was_handed_over_is_not_counted(house: House) -> None:
    for _ in range(5):
        house.door.hand_over(house.come(HALL), object(), house.uvicorn.connections)
    assert (house.status, house.notes.count()) == (None, 0)


async def test_room_is_made_by_those_who_say_nothing_the_oldest_first() -> None:
    house = House(by_address=100, room=ROOM)
    silent = [house.come(HALL, asks=False) for _ in range(ROOM - OWN)]
    house.come(OTHER)
    assert house.status is None
    assert [guest.is_cut for guest in silent] == [True, False, False, False]
    for guest in silent[1:]:
        house.door.has_asked(guest)
    house.come(OTHER)
    assert house.refusal is not None
    assert (house.status, house.refusal.code, house.refusal.retry_after_seconds) == (503, "server_full", 5)
    silent[2].is_idle = True
    house.come(OTHER)
    assert house.status is None
    assert silent[2].is_cut


async def test_whoever_is_refused_for_its_address_makes_nobody_else_give_way() -> None:
    house = House(by_address=2, room=OWN + 3)
    house.come(HALL)
    house.come(HALL)
    silent = house.come(OTHER, asks=False)
    house.come(HALL)
    assert (house.status, silent.is_cut) == (429, False)
    house.come("192.0.2.3")
    assert (house.status, silent.is_cut) == (None, True)


async def test_some_places_are_kept_for_the_machine_itself() -> None:
    house = House(by_address=100, room=ROOM)
    for _ in range(2):
        house.come(HALL)
        house.come(OTHER)
    house.come("192.0.2.3")
    assert house.status == 503
    house.come(HERE)
    assert house.status is None


async def test_only_so_many_stay_to_read_why(house: House) -> None:
    assert [house.door.may_linger() for _ in range(LEAVING_AT_ONCE + 1)] == [True] * LEAVING_AT_ONCE + [False]
    house.door.has_lingered()
    assert house.door.may_linger()


async def test_one_that_cannot_be_looked_after_leaves_the_others_their_time_limits(
    house: House, monkeypatch: pytest.MonkeyPatch, expects_errors: list[logging.LogRecord]
) -> None:
    monkeypatch.setattr("server.front.door.LOOK_EVERY_SECONDS", 0.001)
    broken, other = house.come(HALL), house.come(OTHER)
    broken.is_broken = True
    async with asyncio.timeout(PATIENCE_SECONDS):
        while other.looks < 3:
            await asyncio.sleep(0.001)
    assert "a connection could not be looked after" in expects_errors[0].getMessage()
    for guest in (broken, other):
        house.door.is_gone(guest)
