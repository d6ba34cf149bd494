"""Sessions in full swing: two trainers who push, trainees who look and act, and somebody who watches it all."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from tests.support.scenario import PATIENCE_SECONDS
from tests.support.scenario_clients import Json, Line, Person, TraineeLine, World, eventually
from tests.support.scenario_outbox import Outbox, Streams
from tests.support.scenario_record import check_order, check_record, check_told_once

# A change of each trainer so often: enough to hit something under way, little enough for a busy machine.
PAUSE_SECONDS = 0.02


@dataclass
class Course:
    """Three sessions, each with its owner, watcher and trainees, under a stream of changes."""

    world: World
    owners: list[Person] = field(default_factory=list)
    sessions: list[Json] = field(default_factory=list)
    watchers: list[Line] = field(default_factory=list)
    trainees: list[TraineeLine] = field(default_factory=list)
    seats: list[str] = field(default_factory=list)
    outboxes: list[Outbox] = field(default_factory=list)
    streams: Streams = field(init=False)

    @classmethod
    async def begin(cls, world: World) -> Course:
        """Needs `trainer` and `colleague` among the world's people."""
        course = cls(world)
        for who in ("trainer", "trainer", "colleague"):
            await course._open(who)
        course.outboxes.append(Outbox(course.trainees[0], course.sessions[0]))
        course.streams = Streams(course.outboxes)
        course.streams.pour(PAUSE_SECONDS)
        world.stack.push_async_callback(course.streams.end)
        await course.confirms(100)
        return course

    async def _open(self, who: str) -> None:
        owner = await self.world.person(who)
        session = await owner.open_session()
        line = await self.world.trainer_line(who, reconnects=True)
        self.owners.append(owner)
        self.sessions.append(session)
        self.watchers.append(await self.world.watch(session, "admin", reconnects=True))
        self.outboxes.append(Outbox(line, session))
        for name in ("Ann", "Ben"):
            self.trainees.append(await self.world.join(session, name, reconnects=True))
            self.seats.append(self.trainees[-1].seat["id"])

    def trainees_of(self, session: Json) -> list[TraineeLine]:
        return [each for each in self.trainees if each.joined["session"]["id"] == session["id"]]

    async def confirms(self, more: int) -> None:
        """Until so many more changes of every trainer, begun from now on, are confirmed."""
        pushing = [outbox for outbox in self.outboxes if not isinstance(outbox.line, TraineeLine)]
        places = [len(outbox.sent) for outbox in pushing]

        async def all_confirmed() -> bool:
            self.streams.check()
            return all(
                sum(id_ in outbox.events for id_ in list(outbox.sent)[place:]) >= more
                for outbox, place in zip(pushing, places, strict=True)
            )

        await eventually(all_confirmed, f"{more} more changes of each trainer to be confirmed")

    async def ends_whole(self, *, lines_held: bool, patience: float = PATIENCE_SECONDS) -> None:
        """Nothing new is sent; then the record is whole, and everybody has seen what it says."""
        await self.streams.dry(patience)
        for owner, session, watcher in zip(self.owners, self.sessions, self.watchers, strict=True):
            outboxes = [outbox for outbox in self.outboxes if outbox.session is session]
            events = await check_record(owner, session, outboxes)
            assert len(events) == sum(len(outbox.sent) for outbox in outboxes)
            await self._everybody_sees(session, events)
            if lines_held:
                await watcher.settled()
                check_told_once(watcher, session, events)
                for outbox in outboxes:
                    check_order(outbox)

    async def _everybody_sees(self, session: Json, events: list[Json]) -> None:
        newest = [event for event in events if event["kind"] == "vitals"][-1]
        now = await self.owners[0].get(f"/sessions/{session['id']}")
        for trainee in self.trainees_of(session):
            told = await trainee.expect_seq(newest["seq"])
            assert (told["seq"], told["last_values"]) == (newest["seq"], now["last_values"])

    async def everybody_is_back(self, places: list[int]) -> None:
        """Each trainee joined again since `places`, in its own seat."""
        both = zip(self.trainees, places, strict=True)
        again = await asyncio.gather(*(trainee.expect("session:joined", after=place) for trainee, place in both))
        assert [joined["seat"]["id"] for joined in again] == self.seats

    def places(self) -> list[int]:
        """How much each trainee has heard by now."""
        return [len(trainee.heard) for trainee in self.trainees]
