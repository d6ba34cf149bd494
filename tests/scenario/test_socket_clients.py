"""The clients that the world has, by each way to connect: everything is acknowledged, and arrives once and in order."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.support.scenario import PATIENCE_SECONDS
from tests.support.scenario_clients import Json, Line, TraineeLine, World, new_id
from tests.support.socket_io_client import PUSHES, WAYS, check_course


async def test_the_client_of_the_browsers(memory_world: World) -> None:
    await check_course(memory_world)


@pytest.mark.parametrize("way", WAYS)
async def test_the_client_of_python(memory_world: World, way: str) -> None:
    """The trainee comes in the middle of it. By polling it hangs up on more than 16 packets in an answer."""
    session = await (await memory_world.person("trainer")).open_session()
    trainer = await _connect(memory_world, Line(memory_world.url, "/trainer", {"token": memory_world.tokens["trainer"]},
                                                transport=_reads(way)), way)  # fmt: skip
    await trainer.ask("session:watch", {"session_id": session["id"]})
    pushing = asyncio.create_task(_push(trainer, session))
    trainee = await _connect(
        memory_world, TraineeLine(memory_world.url, {"code": session["code"], "name": way}, transport=_reads(way)), way
    )
    await trainee.expect("session:joined")
    assert await pushing == list(range(1, PUSHES + 1))
    event = await trainer.push(session, vitals={"heart_rate": 99})
    await trainer.expect("event:added", lambda told: told["id"] == event["id"])
    assert [told["seq"] for told in trainer.all("event:added")] == list(range(1, PUSHES + 2))
    await trainee.expect_seq(event["seq"])
    told = [each["seq"] for each in trainee.all("vitals:pushed")]
    assert told == sorted(set(told))
    taken = await trainee.ask("action:take", {"id": new_id(), "action": "marker"})
    assert taken["event"]["seq"] == event["seq"] + 1


def _reads(way: str) -> str:
    return "polling" if way == "polling" else "websocket"


async def _connect(world: World, line: Any, way: str) -> Any:
    world.stack.push_async_callback(line.disconnect)
    await line.client.connect(
        world.url, namespaces=[line.namespace], auth=line._auth, transports=WAYS[way], wait_timeout=PATIENCE_SECONDS
    )
    assert line.client.transport() == WAYS[way][-1]
    return line


async def _push(trainer: Line, session: Json) -> list[int]:
    events = await asyncio.gather(
        *(trainer.push(session, vitals={"heart_rate": 60 + number}) for number in range(PUSHES))
    )
    return [event["seq"] for event in events]
