"""Promise 3: PostgreSQL is killed or hangs under a stream of changes, and comes back."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tests.support.database_process import DatabaseProcess
from tests.support.memory import MIB, resident, settles
from tests.support.scenario import PATIENCE_SECONDS
from tests.support.scenario_clients import Json, Line, Person, TraineeLine, World, eventually
from tests.support.scenario_course import Course

# How long it stays away at least; half a minute, as a reboot takes, is for the patient.
OUTAGE_SECONDS = float(os.environ.get("OUTAGE_SECONDS", "0"))
# What waits is a few hundred events of a few kilobytes each, with their acks; memory once used is not all given back.
GROWTH_BYTES = 32 * MIB

Step = Callable[[DatabaseProcess], None]
FAULTS: dict[str, tuple[Step, Step]] = {
    "killed": (DatabaseProcess.kill, DatabaseProcess.start),
    "stopped at once": (DatabaseProcess.stop_immediately, DatabaseProcess.start),
    "paused": (DatabaseProcess.pause, DatabaseProcess.resume),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_sessions_live_on_while_the_database_is_gone(world: World, database: DatabaseProcess, fault: str) -> None:
    leave, come_back = FAULTS[fault]
    course, stranger = await Course.begin(world), await world.person()
    short = await _Short.begin(course)
    before = resident(world.server.running.pid)

    # Where this takes long, all that may be sent without an answer has been told when it is done.
    places = course.places()
    await asyncio.to_thread(leave, database)
    gone_at = asyncio.get_running_loop().time()
    known = {id_ for outbox in course.outboxes for id_ in outbox.sent}
    await says(stranger, "/readyz", 503)
    await says(stranger, "/healthz", 200)
    await asyncio.gather(*(lives_on(*each) for each in zip(course.trainees, places, strict=True)))
    await short.is_over()
    await asyncio.sleep(max(0.0, gone_at + OUTAGE_SECONDS - asyncio.get_running_loop().time()))
    promised = {id_ for outbox in course.outboxes for id_ in outbox.events} - known
    assert not promised, f"{len(promised)} events were acknowledged while there was no database"
    await says(stranger, "/readyz", 503)

    await asyncio.to_thread(come_back, database)
    await says(stranger, "/readyz", 200)
    await course.confirms(20)
    await short.is_told_once()
    await course.ends_whole(lines_held=True, patience=2 * PATIENCE_SECONDS + OUTAGE_SECONDS)
    assert not [trainee for trainee in course.trainees if trainee.lost.is_set()]
    await settles(world.server.running.pid, before + GROWTH_BYTES)


class _Short:
    """A session whose time is up while the database is gone."""

    def __init__(self, owner: Person, session: Json, watcher: Line, trainee: TraineeLine) -> None:
        self._owner, self._session, self._watcher, self._trainee = owner, session, watcher, trainee

    @classmethod
    async def begin(cls, course: Course) -> _Short:
        owner, world = course.owners[0], course.world
        session = await owner.open_session(vitals={"spo2": 91})
        watcher, trainee = await world.watch(session), await world.join(session, "Cat")
        session = await owner.let_expire(session, 3)
        return cls(owner, session, watcher, trainee)

    async def is_over(self) -> None:
        ends = datetime.fromisoformat(self._session["expires_at"])
        while datetime.now(UTC) <= ends:
            await asyncio.sleep(0.1)

    async def is_told_once(self) -> None:
        for line in (self._watcher, self._trainee):
            assert (await line.expect("session:closed"))["reason"] == "expired"
        await self._trainee.expect("disconnect")
        await self._watcher.settled()
        assert len(self._watcher.all("session:closed")) == 1
        events = await self._owner.events(self._session)
        assert [event["kind"] for event in events] == ["vitals", "lifecycle"]


async def says(stranger: Person, path: str, status: int) -> None:
    async def said() -> bool:
        return (await stranger.http.get(stranger.url + path)).status_code == status

    await eventually(said, f"{path} to say {status}")


async def lives_on(trainee: TraineeLine, place: int) -> None:
    """The screen still moves: it is told values that are not stored yet, and then newer ones."""

    def is_provisional(told: Json) -> bool:
        return told["seq"] is None and told["provisional"] is True

    first = await trainee.expect("vitals:pushed", is_provisional, after=place)
    await trainee.expect(
        "vitals:pushed", lambda told: is_provisional(told) and told["last_values"] != first["last_values"], after=place
    )
