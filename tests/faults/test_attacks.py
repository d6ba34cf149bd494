"""Floods and messages without an end from one attacker, on a real server: the class goes on, and memory stays.

The attackers are those of the bench, which tells by how much a push is later; here it only has to come.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from server.engine.settings import Joining, Rate
from tests.faults.conftest import ALLOCATOR
from tests.scenario.conftest import Stage
from tests.support.attacked import AttackedClass
from tests.support.memory import MIB, resident, settles
from tests.support.raw import Closed, RawWebSocket
from tests.support.running import running_server
from tests.support.scenario import ServerProcess, end, errors_in
from tests.support.scenario_clients import World

GROWTH_BYTES = 16 * MIB
PUSHES = 10
# What an attacker may do before anything is looked at; how long it really takes is the machine's affair.
BEFORE_SECONDS = 0.3


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    variables = {"USE_IN_MEMORY": "true", "LOG_FORMAT": "json", **ALLOCATOR}
    server = ServerProcess(tmp_path_factory.mktemp("attacked"), variables)
    try:
        stage = Stage(server.start())
        stage.set_up_accounts(("trainer",))
        yield stage
    finally:
        end(server)


@pytest.fixture
async def world(stage: Stage) -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        yield World(stage.server, stage.tokens, stage.accounts, stack)
    errors = errors_in(stage.server.log)
    assert not errors, errors


@pytest.mark.parametrize(
    "attack",
    [
        *("texts", "pings", "endless-pieces", "refused-joins", "packed-posts"),
        *("clocks", "unread-pings", "unread-clocks", "unfetched-joins"),
        *("promised-frames", "endless-messages"),
        *("endless-head", "endless-field", "pipelined"),
    ],
)
async def test_a_class_goes_on_while_somebody_attacks(world: World, attack: str) -> None:
    """Not one push would be acknowledged before the flood is over, if the loop served nobody else meanwhile."""
    attacked = await AttackedClass.begin(world)
    await attacked.push(PUSHES)
    pid = world.server.running.pid
    before = resident(pid)
    async with AsyncExitStack() as stack:
        attacker = await attacked.attacked_by(stack, attack, count=50)
        await asyncio.sleep(BEFORE_SECONDS)
        await attacked.push(PUSHES)
        assert attacker.process.returncode is None
        grown = resident(pid) - before
    assert grown < GROWTH_BYTES, f"{grown / MIB:.0f} MiB for an attacker"
    await settles(pid, before + GROWTH_BYTES // 2)


async def test_who_sends_too_much_for_long_is_cut_and_counted() -> None:
    """With the log's line, the metric, and the code that says why."""
    async with running_server() as running:
        await running.login()
        engine = running.app.sockets.engine
        # Five take 50 s: a machine that is late by more than that would take it for a pause.
        tight = Joining(rate=Rate(frames=0.1, frames_at_once=5, bytes=10_000, bytes_at_once=1_000), flood_seconds=0.3)
        engine.settings = replace(engine.settings, joining=tight)
        with capture_logs() as logged:
            flooding = await RawWebSocket.open(running.url)
            flood = asyncio.ensure_future(_flood(flooding))
            with pytest.raises(Closed) as closed:
                await flooding.read_until("nothing that it would say")
            flood.cancel()
            await asyncio.gather(flood, return_exceptions=True)
            flooding.leave()
        assert closed.value.args == (1008,)
        assert [entry["reason"] for entry in logged if entry["event"] == "connections were cut"] == ["flood"]
        assert 'shiller_connections_cut_total{why="flood"} 1.0' in (await running.http.get("/metrics")).text


async def _flood(flooding: RawWebSocket) -> None:
    while True:
        await flooding.send("3")
