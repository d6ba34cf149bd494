"""A kill -9 while the storage is away: what was shown as provisional may be lost, what was acknowledged never."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

from tests.scenario.conftest import Stage
from tests.support.proxy import PostgresProxy, postgres_proxy
from tests.support.scenario import ServerProcess, end
from tests.support.scenario_clients import World, new_id


async def test_a_kill_in_an_outage_loses_nothing_that_was_acknowledged(tmp_path: Path, database_url: str) -> None:
    async with postgres_proxy(database_url) as proxy:
        server = ServerProcess(tmp_path, {"DATABASE_URL": proxy.url, "SEED_DEMO": "true"})
        try:
            # The line runs in this test's loop, which must not be held up meanwhile.
            stage = Stage(await asyncio.to_thread(server.start))
            await asyncio.to_thread(stage.set_up_accounts, ("trainer",))
            async with AsyncExitStack() as stack:
                await _killed_in_an_outage(World(server, stage.tokens, stage.accounts, stack), proxy)
            assert await asyncio.to_thread(server.stop) == 0
        finally:
            await asyncio.to_thread(end, server)


async def _killed_in_an_outage(world: World, proxy: PostgresProxy) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    line = await world.trainer_line("trainer", reconnects=True)
    ann = await world.join(session, "Ann", reconnects=True)
    stored = [await line.push(session, vitals={"spo2": 90 + number}) for number in range(5)]
    await proxy.go_down()
    body = {"session_id": session["id"]}
    waiting = [{**body, "id": new_id(), "vitals": {"spo2": 80 + number}} for number in range(5)]
    sent = [asyncio.create_task(line.send("vitals:push", push)) for push in waiting]
    shown = await ann.expect("vitals:pushed", lambda told: told["last_values"]["spo2"] == 84)
    assert (shown["seq"], shown["provisional"]) == (None, True)
    place = len(ann.heard)

    await asyncio.to_thread(world.server.kill)
    assert not any(task.done() and not task.exception() for task in sent), "acknowledged what was not stored"
    for task in sent:
        task.cancel()
    await asyncio.gather(*sent, return_exceptions=True)
    await proxy.listen()
    await asyncio.to_thread(world.server.restart_on_same_port)
    assert await trainer.events(session) == stored
    # The screen shows what is in the record again, and the outbox sends what was not confirmed.
    back = await ann.expect("session:joined", after=place)
    assert (back["seat"], back["session"]["last_values"]["spo2"]) == (ann.all("session:joined")[0]["seat"], 94)
    await line.expect("connect", after=[name for name, _ in line.heard].index("disconnect"))
    for push in waiting:
        await line.ask("vitals:push", push)
    assert [event["seq"] for event in await trainer.events(session)] == list(range(1, 11))
