"""Whoever is told to stop stops, whatever happens in that moment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import timedelta
from uuid import uuid4

import pytest

from server import clock
from server.domain.session import Seat
from server.live.attendance import Attendance
from server.live.audience import Audience
from server.live.due_moments import DueMoments
from server.ports.broadcast import SilentPublisher
from server.service.jobs import Jobs
from server.storage.memory import MemoryStorage
from server.upstream.running import Reason
from server.waiting import is_set_within
from tests.support.making import NOW, a_school, a_session, a_trainer
from tests.support.nothing_elsewhere import NothingElsewhere
from tests.support.patience import PATIENCE_SECONDS

# From an event to whoever waits for it take fewer turns of the loop.
TURNS = 8

Begun = tuple[Coroutine[object, object, object], Callable[[], None]]
"""What runs until it is cancelled, and what wakes it."""


def _attendance() -> Begun:
    attendance = Attendance(MemoryStorage().attendance, clock.now, is_alone=True)
    return attendance.run(), lambda: attendance.arrived(Seat(uuid4(), uuid4(), "Ann", NOW), NOW)


def _due_moments() -> Begun:
    async def nothing(*_: object) -> tuple[()]:
        return ()

    due = DueMoments(lambda _: NOW + timedelta(days=1), lambda: NOW)
    return due.run(nothing, nothing, None), lambda: due.see(a_session(a_trainer(a_school())))  # type: ignore[arg-type]


def _jobs() -> Begun:
    storage = MemoryStorage()
    jobs = Jobs(
        storage.sessions,
        storage.accounts,
        storage.sync,
        SilentPublisher(),
        NothingElsewhere(),
        Audience(),
        timedelta(hours=1),
        timedelta(days=1),
        clock.now,
    )
    return jobs.run(), jobs.wake


def _hall() -> Begun:
    reason = Reason()

    async def run() -> None:
        while True:
            await reason.wait(PATIENCE_SECONDS)
            reason.take()

    return run(), reason.give


@pytest.mark.parametrize("begin", [_attendance, _due_moments, _jobs, _hall])
@pytest.mark.parametrize("turns", range(TURNS))
async def test_what_is_woken_as_it_is_told_to_stop_stops(begin: Callable[[], Begun], turns: int) -> None:
    run, wake = begin()
    running = asyncio.create_task(run)
    # Until it sleeps.
    for _ in range(5 * TURNS):
        await asyncio.sleep(0)
    wake()
    for _ in range(turns):
        await asyncio.sleep(0)
    running.cancel()
    _, left = await asyncio.wait([running], timeout=1)
    assert not left
    assert running.cancelled()


async def test_an_event_in_time_and_one_that_does_not_come() -> None:
    event = asyncio.Event()
    assert not await is_set_within(event, 0)
    assert not await is_set_within(event, 0.001)
    asyncio.get_running_loop().call_soon(event.set)
    assert await is_set_within(event, PATIENCE_SECONDS)
    assert await is_set_within(event, 0)
