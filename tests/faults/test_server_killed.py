"""Promises 1, 2 and 5 over a kill -9 of the server in the middle of its work."""

from __future__ import annotations

import asyncio

from tests.support.scenario import errors_in
from tests.support.scenario_clients import World
from tests.support.scenario_course import Course

KILLS = 2


async def test_what_was_acknowledged_survives_kill_9(world: World) -> None:
    course = await Course.begin(world)
    errors: list[str] = []
    for _ in range(KILLS):
        places = course.places()
        # A push takes the server a millisecond or two, so the moment is chosen.
        while not any(outbox.unconfirmed for outbox in course.outboxes):
            await asyncio.sleep(0)
        world.server.kill()
        assert any(outbox.unconfirmed for outbox in course.outboxes), "the kill hit nothing under way"
        errors += errors_in(world.server.log)
        await asyncio.to_thread(world.server.restart_on_same_port)
        await course.everybody_is_back(places)
        await course.confirms(20)
    assert not errors
    await course.ends_whole(lines_held=False)
    for watcher, session in zip(course.watchers, course.sessions, strict=True):
        told = [event["id"] for event in watcher.all("event:added")]
        assert len(told) == len(set(told)), "an event was told twice"
        watched = await watcher.ask("session:watch", {"session_id": session["id"]})
        assert [one["connected"] for one in watched["trainees"]] == [True, True]
