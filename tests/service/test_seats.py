"""Who gets in by a code or a seat while the address is used up, and what a made-up seat tells: nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from uuid import UUID

import pytest

from server.domain.outcomes import NotFound, RateLimited, SeatRemoved, SessionClosed
from server.domain.session import Session
from server.live.presence import OwnPresence
from server.ports.broadcast import SilentPublisher
from server.ports.results import StorageUnavailable
from server.ports.storage import Storage
from server.service import guessing
from server.service.devices import Devices
from server.service.guessing import Allowance
from server.service.seats import Joined, Seats
from server.storage.memory import MemoryStorage
from tests.support.houses import House, furnish, open_postgres, open_session
from tests.support.making import NOW, later

HERE, ELSEWHERE = "192.0.2.1", "192.0.2.2"
KEY = b"k" * 32


class _Asked:
    """A storage's sessions; knows what it was asked."""

    def __init__(self, storage: Storage) -> None:
        self._sessions = storage.sessions
        self.questions: list[str] = []
        self.is_down = False

    def __getattr__(self, name: str) -> object:
        method = getattr(self._sessions, name)

        async def asked(*arguments: object, **named: object) -> object:
            self.questions.append(name)
            if self.is_down:
                raise StorageUnavailable("down")
            return await method(*arguments, **named)

        return asked


@dataclass
class Door:
    storage: Storage
    house: House
    asked: _Asked
    seats: Seats
    others: Seats = field(init=False)

    def __post_init__(self) -> None:
        """`others`: another process, on the same data and with the same key."""
        self.others = _seats(self.storage.sessions)

    async def use_up(self, address: str = HERE) -> None:
        for number in range(100):
            await self.seats.look_up(f"ZZZZ{number:02}".replace("0", "A").replace("1", "B"), address, None, NOW)
        assert await self.seats.look_up("ZZZZZZ", address, None, NOW) == RateLimited(1)

    async def knock(self, session: Session, **rest: str | None) -> object:
        return await self.seats.take_seat(
            session.code, "Ann", rest.get("seat"), rest.get("address") or HERE, rest.get("kept"), NOW
        )


def _seats(sessions: object) -> Seats:
    return Seats(sessions, SilentPublisher(), OwnPresence(), Devices(KEY))  # type: ignore[arg-type]


@pytest.fixture(params=["memory", "postgres"])
async def door(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Door]:
    monkeypatch.setattr(guessing, "CODES_BEHIND_A_FLOOD", Allowance(50, 1))
    if request.param == "memory":
        storage = MemoryStorage()
        yield await _door_on(storage)
    else:
        async with open_postgres(request.getfixturevalue("database_url")) as postgres:
            yield await _door_on(postgres)


async def _door_on(storage: Storage) -> Door:
    asked = _Asked(storage)
    return Door(storage, await furnish(storage), asked, _seats(asked))


async def test_after_a_long_search_only_those_get_in_who_show_something(door: Door) -> None:
    strange, home, joined_before = [await open_session(door.storage, door.house.trainer) for _ in range(3)]
    ann = await door.knock(joined_before, address=ELSEWHERE)
    assert isinstance(ann, Joined)
    door.seats.be_at_home(home, HERE)
    await door.use_up()
    assert await door.knock(strange) == RateLimited(1)
    assert isinstance(await door.knock(strange, address=ELSEWHERE), Joined)
    assert isinstance(await door.knock(home), Joined)
    back = await door.knock(joined_before, seat=ann.token)
    assert isinstance(back, Joined)
    assert back.seat.id == ann.seat.id


@pytest.mark.parametrize("shows", ["cookie", "seat of another session"])
async def test_a_device_that_has_been_in_gets_into_another_session_and_guesses_little(door: Door, shows: str) -> None:
    before = await open_session(door.storage, door.house.trainer)
    others = [await open_session(door.storage, door.house.trainer) for _ in range(2)]
    ann = await door.knock(before, address=ELSEWHERE)
    assert isinstance(ann, Joined)
    shown = {"kept": door.others.token_of_device(before, None, NOW)} if shows == "cookie" else {"seat": ann.token}
    await door.use_up()
    joined = await door.knock(others[0], **shown)
    assert isinstance(joined, Joined)
    assert joined.seat.id != ann.seat.id
    guesses = [
        await door.seats.take_seat(f"ZZZZZ{letter}", "Eve", shown.get("seat"), HERE, shown.get("kept"), NOW)
        for letter in "ABCDEFGHJK"
    ]
    assert sum(isinstance(guess, NotFound) for guess in guesses) == 5
    assert await door.knock(others[1], **shown) == RateLimited(1)


async def test_a_made_up_seat_tells_no_codes_apart(door: Door) -> None:
    """By the answer, and by what is done for it: the same questions, whichever code."""
    existing, ended = [await open_session(door.storage, door.house.trainer) for _ in range(2)]
    await door.storage.sessions.end_session(ended.id, door.house.trainer, UUID(int=1), NOW)
    known = await door.knock(await open_session(door.storage, door.house.trainer), address=ELSEWHERE)
    assert isinstance(known, Joined)
    await door.use_up()
    for seat in ("made up", known.token):
        told: list[tuple[object, list[str]]] = []
        for code in (existing.code, ended.code, "ZZZZZZ", "short"):
            for _ in range(5):  # a seat that exists shows a device that may guess a little
                await door.seats.take_seat("ZZZZZZ", None, known.token, HERE, None, NOW)
            door.asked.questions.clear()
            answer = await door.seats.take_seat(code, None, seat, HERE, None, NOW)
            told.append((answer, list(door.asked.questions)))
        assert told == [told[0]] * 4
        assert told[0][0] == RateLimited(1)


async def test_seats_that_are_no_more_say_so(door: Door) -> None:
    session = await open_session(door.storage, door.house.trainer)
    ann = await door.knock(session)
    assert isinstance(ann, Joined)
    await door.seats.remove_trainee(door.house.trainer, session.id, ann.seat.id, NOW)
    assert await door.knock(session, seat=ann.token) == SeatRemoved()
    await door.storage.sessions.end_session(session.id, door.house.trainer, UUID(int=1), NOW)
    assert await door.knock(session, seat=ann.token) == SessionClosed()


async def test_an_outage_is_nobodys_failure(door: Door) -> None:
    door.asked.is_down = True
    for _ in range(100):
        with pytest.raises(StorageUnavailable):
            await door.seats.look_up("ZZZZZZ", HERE, None, NOW)
    door.asked.is_down = False
    assert isinstance(await door.seats.look_up("ZZZZZZ", HERE, None, NOW), NotFound)


async def test_a_session_that_has_ended_gives_no_further_guesses(door: Door) -> None:
    ended, strange = [await open_session(door.storage, door.house.trainer) for _ in range(2)]
    await door.storage.sessions.end_session(ended.id, door.house.trainer, UUID(int=1), NOW)
    await door.use_up()
    for _ in range(20):
        await door.knock(ended)
    assert await door.knock(strange) == RateLimited(1)
    assert isinstance(await door.seats.look_up(strange.code, HERE, None, later(1)), Session)
