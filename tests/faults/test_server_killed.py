"""Promises 1, 2 and 5 over a kill -9 of the server in the middle of its work."""

from __future__ import annotations

import asyncio

from server import clock
from server.domain.timestamps import write_timestamp
from tests.support.scenario import errors_in
from tests.support.scenario_clients import World, eventually
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


async def test_whoever_was_there_when_the_server_was_killed_left_when_they_were_last_seen(world: World) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    ann = await world.join(session, "Ann")
    path = f"/sessions/{session['id']}/debrief"
    (seen,) = (await trainer.get(path))["attendance"]
    assert seen["spans"][0]["left_at"] is None
    await ann.clock()
    world.server.kill()
    # By the same machine's clock; it may have been seen between its last answer and its end.
    killed_at = write_timestamp(clock.now())
    await asyncio.to_thread(world.server.restart_on_same_port)

    async def has_left() -> bool:
        return (await trainer.get(path))["attendance"][0]["spans"][0]["left_at"] is not None

    await eventually(has_left, "Ann to have left")
    (left,) = (await trainer.get(path))["attendance"]
    (span,) = left["spans"]
    assert span["joined_at"] == seen["spans"][0]["joined_at"] <= span["left_at"]
    assert span["left_at"] <= killed_at
