"""Two processes behind a proxy, as docs/deploy.md says: whoever connects how, and whichever process dies."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, AsyncExitStack
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.support.patience import PATIENCE_SECONDS
from tests.support.postgres import DatabaseServer
from tests.support.processes import Processes, in_order, processes, shows
from tests.support.scenario import ServerProcess
from tests.support.scenario_clients import Json, TraineeLine, World, eventually, new_id
from tests.support.socket_io_client import check_course
from tests.support.web_proxies import caddy, nginx

Proxy = Callable[[Path, Sequence[int]], AbstractContextManager[str]]
OF_EACH_KIND = 6


@pytest.fixture(params=[nginx, caddy], ids=["nginx", "caddy"])
def proxy(request: pytest.FixtureRequest) -> Proxy:
    return request.param


@pytest.fixture
def two(tmp_path: Path, database_server: DatabaseServer) -> Iterator[Processes]:
    with processes(tmp_path, database_server) as running:
        yield running


def _connections(server: ServerProcess) -> float:
    text = httpx.get(f"{server.url}/metrics", trust_env=False, timeout=PATIENCE_SECONDS).text
    return sum(
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "shiller_connections" and sample.labels["namespace"] == "/trainee"
    )


async def test_clients_by_websocket_and_by_polling_and_a_process_that_dies(
    proxy: Proxy, two: Processes, tmp_path: Path
) -> None:
    with proxy(tmp_path, [server.port for server in two.servers]) as url:
        async with AsyncExitStack() as stack:
            # The same world, entered through the proxy.
            world = World(replace(two.servers[0], url=url), two.tokens, two.accounts, stack)
            session = await (await world.person("trainer")).open_session()
            watchers = [
                await world.watch(session, transport=kind, reconnects=True) for kind in ("websocket", "polling")
            ]
            trainees = [
                await world.join(session, f"{kind} {number}", transport=kind, reconnects=True)
                for number in range(OF_EACH_KIND)
                for kind in ("websocket", "polling")
            ]
            trainees.append(await _upgraded(world, session))
            connections = [_connections(server) for server in two.servers]
            assert sum(connections) == len(trainees)
            assert all(connections), connections
            everybody = {trainee.seat["name"]: True for trainee in trainees}
            for watcher in watchers:
                await watcher.expect("trainees:changed", shows(everybody))

            async def act(trainee: TraineeLine) -> None:
                for _ in range(10):
                    await trainee.ask("action:take", {"id": new_id(), "action": "marker"})

            await asyncio.gather(*(act(trainee) for trainee in trainees))
            event = await watchers[1].push(session, vitals={"spo2": 71})
            assert event["seq"] == 10 * len(trainees) + 1
            for line in (*trainees, *watchers):
                await line.expect_seq(event["seq"])
            for watcher in watchers:
                await watcher.expect("event:added", lambda told: told["id"] == event["id"])
                assert in_order(watcher.all("event:added"), 1, event["seq"])

            await check_course(world)

            two.servers[0].kill()
            seats = {trainee.seat["id"] for trainee in trainees}

            async def all_in() -> bool:
                """What is pushed before that is in what they are told as they join."""
                return all(_is_in(trainee, two.servers[1]) for trainee in trainees)

            await eventually(all_in, "everybody to be in at the process that is left")
            assert {trainee.seat["id"] for trainee in trainees} == seats
            watcher = await world.watch(session)
            event = await watcher.push(session, vitals={"spo2": 72})
            for trainee in trainees:
                await trainee.expect_seq(event["seq"])
            ack = await watcher.ask("session:watch", {"session_id": session["id"]})
            assert {each["name"]: each["connected"] for each in ack["trainees"]} == everybody


def _is_in(trainee: TraineeLine, server: ServerProcess) -> bool:
    """Connected to it, and welcomed there: who has not noticed yet that the other is gone is not."""
    at_the_door = [name for name, _ in trainee.heard if name in ("connect", "session:joined", "disconnect")]
    return at_the_door[-1] == "session:joined" and trainee.client.eio.sid.startswith(f"{server.port}-")


async def _upgraded(world: World, session: Json) -> TraineeLine:
    """What a browser does behind some proxies: polling first, then the upgrade."""
    line = TraineeLine(world.url, {"code": session["code"], "name": "upgraded"}, reconnects=True)
    world.stack.push_async_callback(line.disconnect)
    await line.client.connect(
        world.url, namespaces=["/trainee"], auth=line._auth, transports=["polling", "websocket"],
        wait_timeout=PATIENCE_SECONDS,
    )  # fmt: skip
    await line.expect("session:joined")
    assert line.client.transport() == "websocket"
    return line
