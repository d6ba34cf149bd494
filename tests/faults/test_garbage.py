"""A trainee, or somebody who pretends to be one, sends what no client sends; the others notice nothing."""

from __future__ import annotations

import asyncio
import sys

from tests.support.memory import MIB, resident, settles
from tests.support.scenario import scrubbed_environment
from tests.support.scenario_clients import Json, World
from tests.support.scenario_course import Course
from tests.support.scenario_presence import connected_are

GROWTH_BYTES = 24 * MIB


async def test_whatever_is_sent_the_others_go_on(world: World) -> None:
    """Twice: what the first time leaves in memory may stay, what the second time adds may not."""
    course = await Course.begin(world)
    session, watcher = course.sessions[0], course.watchers[0]
    await _attack(course, session)
    before = resident(world.server.running.pid)
    await _attack(course, session)
    await settles(world.server.running.pid, before + GROWTH_BYTES)
    await connected_are(watcher, session, {"Ann", "Ben"})
    await course.ends_whole(lines_held=True)


async def _attack(course: Course, session: Json) -> None:
    attacker = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.garbage", course.world.url, session["code"], env=scrubbed_environment({})
    )
    try:
        await course.confirms(30)
        assert await attacker.wait() == 0
    finally:
        if attacker.returncode is None:
            attacker.kill()
            await attacker.wait()
    await course.confirms(30)
