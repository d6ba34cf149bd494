"""SIGTERM: what is under way is finished, clients come back by themselves, nothing is left running."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest

from tests.scenario.conftest import Stage
from tests.support.patience import PATIENCE_SECONDS
from tests.support.scenario import ServerProcess, end, end_database_left_in, errors_in, wait_until
from tests.support.scenario_clients import Line, TraineeLine, World
from tests.support.scenario_frames import RawLine
from tests.support.scenario_outbox import Outbox, Streams
from tests.support.scenario_record import check_record


@pytest.fixture
def server(tmp_path: Path, data_dir: Path) -> Iterator[ServerProcess]:
    """In memory; a test that wants another storage says so before it starts it."""
    server = ServerProcess(tmp_path / "server", {"USE_IN_MEMORY": "true"})
    yield server
    end(server)
    end_database_left_in(data_dir)


async def stops_at_once(server: ServerProcess) -> None:
    """Held up by nobody: it says so when its own patience with them has run out, which is an error or a warning."""
    server.ask_to_stop()
    assert await asyncio.to_thread(server.wait_for_exit) == 0, server.log[-2000:]
    assert not errors_in(server.log)
    assert "not finished in time" not in server.log


async def test_stopping_in_the_middle_of_a_stream(server: ServerProcess, data_dir: Path) -> None:
    server.variables = {"DATA_DIR": str(data_dir)}
    stage = Stage(server.start())
    stage.set_up_accounts(())
    async with AsyncExitStack() as stack:
        world = World(server, stage.tokens, stage.accounts, stack)
        trainer = await world.person("admin")
        session = await trainer.open_session()
        line = await world.trainer_line("admin", reconnects=True)
        ann = await world.join(session, "Ann", reconnects=True)
        seat = ann.seat["id"]
        outboxes = [Outbox(line, session), Outbox(ann, session)]
        streams = Streams(outboxes)
        streams.begin()
        await streams.until(lambda: streams.confirmed >= 200)

        await stops_at_once(server)
        # Behind the last of the acks.
        for client in (line, ann):
            assert await client.expect("disconnect") in ("transport close", "transport error")
        await streams.end(patience=1)
        for outbox in outboxes:
            assert set(outbox.refusals) <= {"storage_unavailable"}
        assert not (data_dir / "postgres" / "postmaster.pid").exists()
        left = [len(client.heard) for client in (line, ann)]

        await asyncio.to_thread(server.restart_on_same_port)
        await line.expect("connect", after=left[0])
        assert (await ann.expect("session:joined", after=left[1]))["seat"]["id"] == seat
        await check_record(trainer, session, outboxes)
        stored = {event["id"] for event in await trainer.events(session)}
        stored_in_silence = [id_ for outbox in outboxes for id_ in outbox.unconfirmed if id_ in stored]
        for outbox in outboxes:
            await outbox.send_the_rest()
        await check_record(trainer, session, outboxes)
        assert len(await trainer.events(session)) == sum(len(outbox.sent) for outbox in outboxes)
        # Last, because a client that sends again is none the worse for it.
        assert not stored_in_silence, "stored, and the acks never sent"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_an_idle_server_stops_at_once(server: ServerProcess, number: signal.Signals) -> None:
    server.start()
    server.running.send_signal(number)
    assert server.wait_for_exit() == 0
    assert not errors_in(server.log)


async def _a_session_with_clients(world: World) -> tuple[Line, TraineeLine, TraineeLine]:
    """A watcher, a trainee on a websocket and one that polls."""
    session = await (await world.person("admin")).open_session()
    return (
        await world.watch(session, "admin"),
        await world.join(session, "Ann"),
        await world.join(session, "Pol", transport="polling"),
    )


@pytest.mark.parametrize("leave", [False, True], ids=["stay", "have left"])
async def test_clients_do_not_hold_up_the_stop(server: ServerProcess, leave: bool) -> None:
    stage = Stage(server.start())
    stage.set_up_accounts(())
    async with AsyncExitStack() as stack:
        clients = await _a_session_with_clients(World(server, stage.tokens, stage.accounts, stack))
        if leave:
            for client in reversed(clients):
                await client.disconnect()
        await stops_at_once(server)


async def test_a_polling_client_that_left_a_while_ago(server: ServerProcess) -> None:
    """The server has forgotten it, but its last poll is still open there."""
    stage = Stage(server.start())
    stage.set_up_accounts(())
    async with AsyncExitStack() as stack:
        watcher, _, polling = await _a_session_with_clients(World(server, stage.tokens, stage.accounts, stack))
        sid = polling.client.eio.sid
        await polling.disconnect()
        await watcher.expect("trainees:changed", lambda told: not told["trainees"][-1]["connected"])
        # A round of the server's housekeeping forgets it; it looks at a client a second, or oftener.
        async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE_SECONDS) as http:
            gone = {"EIO": "4", "transport": "polling", "sid": sid}
            while (await http.get(f"{server.url}/socket.io/", params=gone)).status_code == 200:
                await watcher.clock()
        await stops_at_once(server)


async def test_a_client_that_does_not_listen_does_not_hold_up_the_stop(server: ServerProcess) -> None:
    stage = Stage(server.start())
    stage.set_up_accounts(())
    async with AsyncExitStack() as stack:
        world = World(server, stage.tokens, stage.accounts, stack)
        await RawLine(world, "/trainer", {"token": world.tokens["admin"]}).connect()
        await stops_at_once(server)


async def test_a_stop_during_the_start_leaves_no_database_running(server: ServerProcess, data_dir: Path) -> None:
    server.variables = {"DATA_DIR": str(data_dir)}
    server.launch()
    pid_file = data_dir / "postgres" / "postmaster.pid"
    wait_until(pid_file.exists, "PostgreSQL to begin to start")
    server.ask_to_stop()
    assert server.wait_for_exit() == 0, server.log
    assert not pid_file.exists()
    server.start()
    assert server.stop() == 0
    assert not pid_file.exists()


async def test_the_next_server_after_a_kill_stops_the_database_that_it_found(
    server: ServerProcess, data_dir: Path
) -> None:
    """The embedded PostgreSQL is started and stopped with the server."""
    server.variables = {"DATA_DIR": str(data_dir)}
    server.start()
    server.kill()
    server.start()
    assert server.stop() == 0
    assert not (data_dir / "postgres" / "postmaster.pid").exists()
