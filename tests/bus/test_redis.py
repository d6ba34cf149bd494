"""Two processes' ends of a real Redis: what one says is what the other hears, and nobody hears itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from server.bus.redis import RedisBus
from server.bus.redis_channel import RedisChannel
from server.domain.session import Seat
from server.live.audience import Audience
from server.live.presence import SharedPresence
from server.live.trainer_lists import Watching
from server.ports.broadcast import ToldEvent, ToldVitals
from tests.support.clocks import SteppingClock
from tests.support.making import NOW
from tests.support.patience import PATIENCE_SECONDS
from tests.support.redis import redis_server


@dataclass
class End:
    """One process."""

    bus: RedisBus
    presence: SharedPresence
    audience: Audience
    watching: Watching
    clock: SteppingClock
    heard: list[object] = field(default_factory=list[object])
    looks: int = 0
    seats: list[Seat] = field(default_factory=list[Seat])

    def event_recorded_elsewhere(self, told: ToldEvent) -> None:
        self.heard.append(told)

    def vitals_ahead_elsewhere(self, told: ToldVitals, process: str) -> None:
        assert self.presence.knows(process)
        self.heard.append(told)

    def seats_changed_elsewhere(self, session_ids: Collection[UUID] | None, seats: Collection[Seat] = ()) -> None:
        self.seats += seats

    def trainers_changed_elsewhere(self, session_ids: Collection[UUID]) -> None: ...

    def look(self) -> None:
        self.looks += 1


@asynccontextmanager
async def ends(folder: Path, older: timedelta = timedelta()) -> AsyncGenerator[tuple[End, End]]:
    """The first is older by so much, and its clock an hour behind."""
    with redis_server(folder) as redis:
        made = [_end(redis.url), _end(redis.url, ahead=timedelta(hours=1) + older)]
        made[0].clock.wait(older)
        hearing = [asyncio.create_task(end.bus.hear(end, end.look)) for end in made]
        here, there = made
        try:
            await _until(lambda: all(end.bus.is_up and end.presence.processes == 1 for end in made))
            yield here, there
        finally:
            for task in hearing:
                task.cancel()
            await asyncio.gather(*hearing, return_exceptions=True)


def _end(url: str, ahead: timedelta = timedelta()) -> End:
    clock = SteppingClock(ahead)
    presence, audience = SharedPresence(), Audience()
    watching = Watching(audience)
    return End(RedisBus(url, presence, watching, clock), presence, audience, watching, clock)


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():
            await asyncio.sleep(0.01)


async def test_what_one_says_is_what_the_other_hears_in_order_to_the_letter(tmp_path: Path) -> None:
    session_id = uuid4()
    said: list[ToldEvent | ToldVitals] = [
        ToldEvent(session_id, 1, '{"text":"a line\\nand another «é»"}', None),
        ToldVitals(session_id, NOW, True, '{"seq":null}'),
        ToldVitals(session_id, NOW, False, '{"seq":1}'),
        ToldEvent(session_id, 2, '{"seq":2}', '{"last_values":{}}'),
    ]
    async with ends(tmp_path) as (here, there):
        for told in said:
            if isinstance(told, ToldEvent):
                here.bus.event_recorded(told)
            else:
                here.bus.vitals_ahead(told)
        await _until(lambda: len(there.heard) == len(said))
        assert there.heard == said
        assert here.heard == []


async def test_who_comes_later_goes_by_the_clock_that_the_sessions_go_by(tmp_path: Path) -> None:
    """The machine's was set in between, or is another. Of two that began together, either."""
    for older in (timedelta(hours=1), timedelta()):
        async with ends(tmp_path, older) as (here, there):
            await there.bus.meet()
            await _until(lambda: abs(there.clock() - here.clock()) < timedelta(minutes=1))
            off = [abs(end.clock.seconds_off) > 3000 for end in (here, there)]
            assert off == [False, True] if older else sorted(off) == [False, True]


async def test_who_is_connected_there_is_known_here_until_it_says_good_bye(tmp_path: Path) -> None:
    seat = Seat(uuid4(), uuid4(), "Ann", NOW)
    async with ends(tmp_path) as (here, there):
        here.presence.arrived(seat)
        seats = [seat, replace(seat, id=uuid4(), name="Bea", removed_at=NOW)]
        here.bus.seats_changed(seat.session_id, seats)
        await _until(lambda: there.presence.is_connected(seat))
        assert there.seats == seats
        looks = there.looks
        here.bus.look_again()
        await _until(lambda: there.looks > looks)
        await here.bus.close()
        await _until(lambda: not there.presence.is_connected(seat))


async def test_the_trainers_who_watch_there_are_known_here_until_they_do_no_longer(tmp_path: Path) -> None:
    session_id, trainer_id = uuid4(), uuid4()
    async with ends(tmp_path) as (here, there):
        here.audience.let_in_trainer("t", b"token", uuid4(), trainer_id)
        here.audience.watch("t", session_id)
        here.bus.trainers_changed(session_id)
        await _until(lambda: there.watching.trainers_in(session_id) == {trainer_id})
        here.audience.unwatch("t", session_id)
        here.bus.trainers_changed(session_id)
        await _until(lambda: there.watching.trainers_in(session_id) == set())


@pytest.mark.usefixtures("expects_errors")
async def test_it_ends_though_the_connection_fails_in_the_same_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    channel, talks = RedisChannel("redis://127.0.0.1:9"), asyncio.Event()

    async def talk(*_: object) -> None:
        async def listen() -> None:
            talks.set()
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                raise ConnectionError from None

        async with asyncio.TaskGroup() as both:
            both.create_task(listen())

    monkeypatch.setattr(channel, "_talk", talk)
    running = asyncio.create_task(channel.run(lambda _: None, lambda: None))
    await talks.wait()
    running.cancel()
    done, _ = await asyncio.wait({running}, timeout=PATIENCE_SECONDS)
    assert done
    assert running.cancelled()


async def test_it_is_down_once_it_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also if what is done beside it has failed, which cancels it: nobody would know that it hears nobody any more."""
    channel, talks = RedisChannel("redis://127.0.0.1:9"), asyncio.Event()

    async def talk(*_: object) -> None:
        channel.is_open = True
        channel.heard_itself()
        talks.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(channel, "_talk", talk)
    running = asyncio.create_task(channel.run(lambda _: None, lambda: None))
    await talks.wait()
    assert channel.is_up
    running.cancel()
    await asyncio.wait({running}, timeout=PATIENCE_SECONDS)
    assert (channel.is_up, channel.is_open) == (False, False)
