"""A role that is taken away takes its logins and their connections along, whenever the storage or the server goes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from server import clock
from server.domain.audit import COMMAND_LINE
from server.domain.outcomes import Unauthenticated
from server.domain.people import Access, Credentials, TrainerChange
from server.ports.results import StorageUnavailable
from server.service.accounts import TrainerEdit
from server.service.sync.events import DeviceEdit
from server.storage.postgres import PostgresStorage
from server.storage.postgres.database import CONNECTION_SETTINGS, ConnectionSettings
from server.transport.devices.answers import show_to
from server.transport.devices.reading import Envelope, read_device_event
from tests.scenario.conftest import Stage
from tests.support.houses import furnish, open_postgres
from tests.support.making import BY, NOW, later
from tests.support.patience import PATIENCE_SECONDS
from tests.support.processes import ONLY_BY_WORD, PASSWORD
from tests.support.proxy import PostgresProxy, postgres_proxy
from tests.support.running import Recorder, RunningServer, connected, running_server
from tests.support.scenario import ServerProcess, end
from tests.support.scenario_clients import World

# BEGIN, the school's head, what is judged, the edit, the logins, COMMIT.
ROUND_TRIPS = 6
DEMOTION = TrainerEdit(role="observer")


@pytest.mark.parametrize("round_trip", range(1, ROUND_TRIPS + 1))
@pytest.mark.parametrize("deleting", [True, False])
async def test_wherever_the_line_is_cut_the_change_and_the_end_of_the_logins_are_both_there_or_neither(
    database_url: str, round_trip: int, deleting: bool
) -> None:
    async with postgres_proxy(database_url) as proxy, open_postgres(proxy.url) as storage:
        house = await furnish(storage)
        accounts, school_id, trainer = storage.accounts, house.school.id, house.trainer
        assert await accounts.add_token(Credentials(trainer, "hash"), b"token", NOW, later(60))
        # So that the connection knows its statements, and every round trip is one of the change.
        learned = house.colleague
        for change in (TrainerChange(role="observer"), TrainerChange(role="trainer")):
            await accounts.change_trainer(school_id, learned.id, change, None, BY, NOW)
        await accounts.delete_trainer(school_id, learned.id, None, BY, NOW)
        proxy.cut_at = proxy.round_trips + round_trip
        demoted = TrainerChange(role="observer")
        editing = (
            accounts.delete_trainer(school_id, trainer.id, None, BY, NOW)
            if deleting
            else accounts.change_trainer(school_id, trainer.id, demoted, None, BY, NOW)
        )
        with pytest.raises(StorageUnavailable):
            await editing
        proxy.cut_at = None
        assert await _told_the_same(database_url, trainer.id) is (round_trip == ROUND_TRIPS)


async def _told_the_same(database_url: str, trainer_id: UUID) -> bool:
    """Whether the change is there, after it was seen that the logins are not."""
    by_hand = await asyncpg.connect(database_url)
    try:
        # Behind the transaction of the cut line, which may still be ending.
        row = await by_hand.fetchrow("SELECT * FROM trainers WHERE id = $1 FOR UPDATE", trainer_id)
        tokens = await by_hand.fetchval("SELECT count(*) FROM trainer_tokens WHERE trainer_id = $1", trainer_id)
    finally:
        await by_hand.close()
    assert row is not None
    is_changed = row["version"] == 2
    assert tokens == (0 if is_changed else 1)
    return is_changed


class _Desk:
    """A trainer who is connected to a server on a line that can be held, and how to take the role away."""

    def __init__(self, server: RunningServer, proxy: PostgresProxy, account: dict[str, Any], line: Recorder) -> None:
        self._server, self._account = server, account
        self.proxy, self.line = proxy, line

    def demote(self) -> asyncio.Task[Any]:
        accounts, school_id = self._server.app.services.accounts, UUID(self._account["school_id"])
        return asyncio.create_task(
            accounts.amend(school_id, UUID(self._account["id"]), DEMOTION, None, COMMAND_LINE, clock.now())
        )

    async def demote_by_sync(self) -> asyncio.Task[Any]:
        """As a program does it that keeps accounts in step."""
        services, id_ = self._server.app.services, self._account["id"]
        token = self._server.http.headers["Authorization"].removeprefix("Bearer ")
        access = await services.accounts.identify(token, clock.now())
        assert isinstance(access, Access)
        sent = {"operation": "UPDATE", "entityId": id_, "payload": {"role": "observer"}}
        event = read_device_event(Envelope(uuid4(), "TRAINER", id_, sent), "a program", access.trainer, clock.now())
        assert isinstance(event, DeviceEdit)
        up = services.sync.up(
            access.trainer, "a program", None, [replace(event, made_on=1)], show_to(access.trainer), clock.now()
        )
        return asyncio.create_task(up)

    async def is_cut(self) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self.line.client.wait()


@asynccontextmanager
async def _desk(database_url: str, connections: ConnectionSettings = CONNECTION_SETTINGS) -> AsyncIterator[_Desk]:
    async with AsyncExitStack() as stack:
        proxy = await stack.enter_async_context(postgres_proxy(database_url))
        storage = await stack.enter_async_context(open_postgres(proxy.url, connections=connections))
        # Nobody looks by itself for an hour.
        server = await stack.enter_async_context(running_server(storage, EXPIRY_SECONDS=ONLY_BY_WORD))
        stack.callback(proxy.let_flow)
        await server.login()
        account, token = await _trainer_of(server)
        line = await stack.enter_async_context(connected(server.url, "/trainer", {"token": token}))
        yield _Desk(server, proxy, account, line)


async def _trainer_of(server: RunningServer) -> tuple[dict[str, Any], str]:
    """A trainer whom the demo's admin adds, and a login of theirs."""
    body = {"email": f"{uuid4()}@demo.example", "name": "Ada", "password": PASSWORD, "role": "trainer"}
    added = await server.http.post("/api/v1/trainers", json=body)
    assert added.status_code == 201, added.text
    login = {"email": body["email"], "password": PASSWORD}
    return added.json(), (await server.http.post("/api/v1/auth/login", json=login)).json()["token"]


@pytest.mark.parametrize("by_sync", [False, True])
async def test_a_change_whose_answer_is_lost_cuts_the_connections_all_the_same(
    database_url: str, by_sync: bool
) -> None:
    async with _desk(database_url) as desk:
        desk.proxy.hold_answer_to(b"COMMIT", after=b"UPDATE trainers")
        demoting = await desk.demote_by_sync() if by_sync else desk.demote()
        await desk.proxy.answer_held()
        desk.proxy.cut()
        with pytest.raises(StorageUnavailable):
            await demoting
        desk.proxy.let_flow()
        await desk.is_cut()


@pytest.mark.parametrize("by_sync", [False, True])
async def test_a_change_for_which_nobody_waits_any_more_cuts_the_connections_all_the_same(
    database_url: str, by_sync: bool
) -> None:
    async with _desk(database_url) as desk:
        desk.proxy.hold_answer_to(b"COMMIT", after=b"UPDATE trainers")
        demoting = await desk.demote_by_sync() if by_sync else desk.demote()
        await desk.proxy.answer_held()
        demoting.cancel()
        desk.proxy.let_flow()
        with suppress(asyncio.CancelledError):
            await demoting
        await desk.is_cut()


async def test_a_kill_right_after_the_change_ends_the_connections_of_other_processes(
    tmp_path: Path, database_url: str
) -> None:
    async with AsyncExitStack() as stack:
        proxy = await stack.enter_async_context(postgres_proxy(database_url))
        killed = ServerProcess(tmp_path, {"DATABASE_URL": proxy.url, "SEED_DEMO": "true"})
        stack.callback(end, killed)
        stage = Stage(await asyncio.to_thread(killed.start))
        await asyncio.to_thread(stage.set_up_accounts, ("trainer",))
        world = World(killed, stage.tokens, stage.accounts, stack)
        neighbour: PostgresStorage = await stack.enter_async_context(open_postgres(database_url))
        other = await stack.enter_async_context(running_server(neighbour))
        await other.login()
        token, account = stage.tokens["trainer"], stage.accounts["trainer"]
        line = await stack.enter_async_context(connected(other.url, "/trainer", {"token": token}))

        proxy.hold_answer_to(b"COMMIT", after=b"UPDATE trainers")
        admin = await world.person("admin")
        asking = asyncio.create_task(admin.call("PATCH", f"/trainers/{account['id']}", json={"role": "observer"}))
        await proxy.answer_held()
        killed.kill()
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await line.client.wait()
        assert isinstance(await other.app.services.accounts.identify(token, clock.now()), Unauthenticated)
