"""Who gets in by a code or a seat while the address is used up, and what a made-up seat tells: nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from server.config import ConfigError, read_config
from server.domain.outcomes import NotFound, RateLimited, SeatRemoved, SessionClosed, SessionFull
from server.domain.session import Session
from server.live.presence import OwnPresence
from server.ports.broadcast import SilentPublisher
from server.ports.results import StorageUnavailable
from server.ports.storage import Storage
from server.service import guessing
from server.service.devices import Devices
from server.service.guessing import Allowance
from server.service.paces import (
    ACTIONS_BY_ADDRESS,
    ACTIONS_BY_SESSION,
    NAMES_BY_SEAT,
    RETURNS_BY_SEAT,
    SEATS_BY_CONNECTION,
    ActionPace,
    JoinPace,
)
from server.service.seats import (
    FLOOD_AT_A_TIME,
    FLOOD_WAITING,
    UNKNOWN_SEATS_BY_ADDRESS,
    Comer,
    Joined,
    Seats,
)
from server.storage.memory import MemoryStorage
from tests.support.houses import UNHURRIED, House, furnish, open_postgres, open_session
from tests.support.making import NOW, a_school, a_seat, a_session, a_trainer, later

HERE, ELSEWHERE = "192.0.2.1", "192.0.2.2"
KEY = b"k" * 32
SEATS = 400


class _Asked:
    """A storage's sessions; knows what it was asked."""

    def __init__(self, storage: Storage) -> None:
        self._sessions = storage.sessions
        self.questions: list[str] = []
        self.is_down = False
        self.answers = asyncio.Event()
        self.answers.set()

    def __getattr__(self, name: str) -> object:
        method = getattr(self._sessions, name)

        async def asked(*arguments: object, **named: object) -> object:
            self.questions.append(name)
            if self.is_down:
                raise StorageUnavailable("down")
            await self.answers.wait()
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
            session.code, "Ann", rest.get("seat"), _comer(rest.get("address") or HERE, rest.get("kept")), NOW
        )


def _comer(address: str = HERE, kept: str | None = None) -> Comer:
    """By a connection of its own."""
    return Comer(address, str(uuid4()), kept)


def _seats(sessions: object) -> Seats:
    return Seats(sessions, SilentPublisher(), OwnPresence(), Devices(KEY), SEATS)  # type: ignore[arg-type]


@pytest.fixture(params=["memory", "postgres"])
async def door(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Door]:
    monkeypatch.setattr(guessing, "CODES_BEHIND_A_FLOOD", Allowance(50, 1))
    if request.param == "memory":
        storage = MemoryStorage()
        yield await _door_on(storage)
    else:
        async with open_postgres(request.getfixturevalue("cleared_database_url"), live=UNHURRIED) as postgres:
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
        await door.seats.take_seat(f"ZZZZZ{letter}", "Eve", shown.get("seat"), _comer(kept=shown.get("kept")), NOW)
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
    for _ in range(5):  # a seat that exists shows a device that may guess a little
        await door.seats.take_seat("ZZZZZZ", None, known.token, _comer(), NOW)
    for seat in ("made up", known.token):
        told: list[tuple[object, list[str]]] = []
        for code in (existing.code, ended.code, "ZZZZZZ", "short"):
            door.asked.questions.clear()
            answer = await door.seats.take_seat(code, None, seat, _comer(), NOW)
            told.append((answer, list(door.asked.questions)))
        assert told == [told[0]] * 4
        assert told[0][0] == RateLimited(1)


async def test_made_up_seats_are_looked_up_a_few_at_a_time_and_hold_nobody_up(door: Door) -> None:
    session = await open_session(door.storage, door.house.trainer)
    ann = await door.knock(session)
    assert isinstance(ann, Joined)
    # Known to no process that runs: the tablets of a class whose server was started again.
    bea = await door.others.take_seat(session.code, "Bea", None, _comer(), NOW)
    assert isinstance(bea, Joined)
    door.asked.questions.clear()
    door.asked.answers.clear()
    at_once = UNKNOWN_SEATS_BY_ADDRESS.failures + FLOOD_WAITING
    flood = [asyncio.create_task(door.knock(session, seat=f"made up {number}")) for number in range(at_once + 100)]
    beside = [asyncio.create_task(door.knock(session, seat=one.token)) for one in (ann, bea)]
    while not beside[1].done() or sum(each.done() for each in flood) < 100:
        await asyncio.sleep(0)
    assert beside[1].result() == RateLimited(1)
    # Ann's besides: hers was right before.
    assert door.asked.questions == ["find_seat"] * (UNKNOWN_SEATS_BY_ADDRESS.failures + FLOOD_AT_A_TIME + 1)
    door.asked.answers.set()
    await asyncio.gather(*flood)
    for one, then in ((ann, beside[0]), (bea, asyncio.create_task(door.knock(session, seat=bea.token)))):
        back = await then
        assert isinstance(back, Joined)
        assert back.seat.id == one.seat.id


async def test_who_comes_back_to_a_seat_again_and_again_has_to_wait_and_a_class_has_not(door: Door) -> None:
    session = await open_session(door.storage, door.house.trainer)
    class_of_40 = [await door.knock(session) for _ in range(40)]
    tokens = [each.token for each in class_of_40 if isinstance(each, Joined)]
    assert len(tokens) == 40
    flapping = [await door.knock(session, seat=tokens[0]) for _ in range(RETURNS_BY_SEAT.failures)]
    assert all(isinstance(each, Joined) for each in flapping)
    door.asked.questions.clear()
    assert await door.knock(session, seat=tokens[0]) == RateLimited(2)
    assert door.asked.questions == []
    # Their line was gone for a moment, twice.
    for _ in range(2):
        back = await asyncio.gather(*(door.knock(session, seat=token) for token in tokens[1:]))
        assert all(isinstance(each, Joined) for each in back)
    later_on = await door.seats.take_seat(session.code, "Ann", tokens[0], _comer(), later(2))
    assert isinstance(later_on, Joined)


async def test_a_seat_that_is_renamed_again_and_again_keeps_its_name_and_is_let_in(door: Door) -> None:
    session = await open_session(door.storage, door.house.trainer)
    ann = await door.knock(session)
    assert isinstance(ann, Joined)

    async def called(name: str, seconds: float = 0.0) -> str:
        back = await door.seats.take_seat(session.code, name, ann.token, _comer(), later(seconds))
        assert isinstance(back, Joined)
        return back.seat.name

    wished = [f"Ann {letter}" for letter in "ABCDEFGHJK"]
    at_once = NAMES_BY_SEAT.failures
    assert [await called(name) for name in wished] == wished[:at_once] + [wished[at_once - 1]] * (10 - at_once)
    assert door.asked.questions.count("rename_seat") == at_once
    assert await called("Bea", NAMES_BY_SEAT.seconds_each) == "Bea"


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


async def test_a_flood_of_new_seats_does_not_pass_and_whoever_has_one_comes_back(door: Door) -> None:
    """By one connection, by one address, into one session; a class of 40 is in at once, and so is the next."""
    trainer = door.house.trainer
    classes = [await open_session(door.storage, trainer) for _ in range(3)]
    ann = await door.knock(classes[0])
    assert isinstance(ann, Joined)
    for session in classes[:2]:
        assert all([isinstance(await door.knock(session), Joined) for _ in range(40)])
    one = Comer(ELSEWHERE, "one")
    by_one = [await door.seats.take_seat(classes[2].code, None, None, one, NOW) for _ in range(15)]
    assert [isinstance(each, Joined) for each in by_one].count(True) == SEATS_BY_CONNECTION.failures
    assert by_one[-1] == RateLimited(5)
    door.asked.questions.clear()
    assert await door.seats.take_seat(classes[2].code, None, None, one, NOW) == RateLimited(5)
    assert door.asked.questions == []
    assert [await door.knock(classes[n % 3]) for n in range(330)].count(RateLimited(1)) == 81 + 330 - 400
    assert await door.knock(classes[1]) == RateLimited(1)
    # Others get in elsewhere; as long as the session has not been flooded.
    assert isinstance(await door.knock(classes[0], address=ELSEWHERE), Joined)
    back = await door.knock(classes[0], seat=ann.token)
    assert isinstance(back, Joined)
    assert back.seat.id == ann.seat.id


async def test_what_the_storage_does_not_take_holds_nobody_up_later(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = await open_session(door.storage, door.house.trainer)
    assert isinstance(await door.knock(session), Joined)

    async def away(*arguments: object) -> object:
        raise StorageUnavailable("down")

    with monkeypatch.context() as patched:
        patched.setattr(door.asked, "take_seat", away, raising=False)
        for _ in range(150):
            with pytest.raises(StorageUnavailable):
                await door.knock(session)
    assert isinstance(await door.knock(session), Joined)


async def test_a_lecture_hall_is_in_within_twenty_seconds() -> None:
    """500 behind one address who begin at once, and try again when they were told."""
    pace, session = JoinPace(1000), uuid4()
    waiting, second = 500, 0
    while waiting:
        assert second <= 20
        now = NOW + timedelta(seconds=second)
        told = [pace.begin(session, HERE, str(uuid4()), now) for _ in range(waiting)]
        waiting, second = len([each for each in told if each is not None]), second + 1
        assert {each for each in told if each is not None} <= {RateLimited(1)}
    passed = [pace.begin(uuid4(), ELSEWHERE, str(uuid4()), NOW + timedelta(milliseconds=n * 1.4)) for n in range(7000)]
    assert passed.count(None) <= 1000 + 10 * 50


def test_a_class_that_taps_at_once_is_heard_and_new_seats_do_not_get_around_the_limit() -> None:
    session = a_session(a_trainer(a_school()))
    pace = ActionPace()
    assert {pace.begin(a_seat(session), HERE, NOW) for _ in range(40)} == {None}
    flood = [pace.begin(a_seat(session), HERE, NOW) for _ in range(3000)]
    assert flood.count(None) == ACTIONS_BY_SESSION.failures - 40
    assert {pace.begin(a_seat(session), HERE, later(1)) for _ in range(40)} == {None}
    others = [pace.begin(a_seat(replace(session, id=uuid4())), ELSEWHERE, NOW) for _ in range(3000)]
    assert others.count(None) == ACTIONS_BY_ADDRESS.failures


async def test_a_full_session_says_so_and_lets_back_in(door: Door) -> None:
    door.seats = Seats(door.asked, SilentPublisher(), OwnPresence(), Devices(KEY), 2)  # type: ignore[arg-type]
    session = await open_session(door.storage, door.house.trainer)
    ann, bea = await door.knock(session), await door.knock(session)
    assert isinstance(ann, Joined)
    assert isinstance(bea, Joined)
    assert await door.knock(session) == SessionFull(2)
    assert isinstance(await door.knock(session, seat=ann.token), Joined)
    await door.seats.remove_trainee(door.house.trainer, session.id, bea.seat.id, NOW)
    assert isinstance(await door.knock(session), Joined)


@pytest.mark.parametrize("limit", ["0", "-1", "1.5", "many", "100001"])
def test_the_limit_of_seats_is_a_number_of_seats(limit: str) -> None:
    with pytest.raises(ConfigError, match="SEATS_LIMIT"):
        read_config({"USE_IN_MEMORY": "true", "SEATS_LIMIT": limit})
