"""A running server whose line to PostgreSQL is in the test's hand, and the people on it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import socketio

from server import clock
from server.live.settings import LIVE_SETTINGS, LiveSettings
from server.storage.postgres import PostgresStorage
from server.storage.postgres.database import CONNECTION_SETTINGS, ConnectionSettings
from server.transport.http.endpoint import COMMIT_PATIENCE_SECONDS
from tests.support.houses import open_postgres
from tests.support.patience import PATIENCE_SECONDS
from tests.support.proxy import PostgresProxy, postgres_proxy
from tests.support.running import Recorder, RunningServer, connected, running_server


@dataclass
class Clock:
    """The server's; it runs as the others do, but ahead of them."""

    ahead: timedelta = timedelta(0)

    def now(self) -> datetime:
        return clock.now() + self.ahead


@dataclass
class Ward:
    """One session with a trainer who watches it, and a trainee. `neighbour` is another process on the same database."""

    server: RunningServer
    proxy: PostgresProxy
    neighbour: PostgresStorage
    session: dict[str, Any]
    token: str
    trainer: Recorder
    trainee: Recorder
    stack: AsyncExitStack = field(repr=False)
    clock: Clock = field(repr=False)

    def push(self, session: dict[str, Any] | None = None, **fields: Any) -> asyncio.Task[Any]:
        """Sent; the ack is awaited by whoever wants it."""
        body = {"id": str(uuid4()), "session_id": (session or self.session)["id"], **fields}
        return asyncio.create_task(self.trainer.call("vitals:push", body))

    async def join(self, **auth: Any) -> Recorder:
        return await self.stack.enter_async_context(
            connected(self.server.url, "/trainee", {"code": self.session["code"], **auth})
        )

    async def line(self, token: str | None = None) -> Recorder:
        """Another connection of a trainer."""
        return await self.stack.enter_async_context(
            connected(self.server.url, "/trainer", {"token": token or self.token})
        )

    async def refusal(self, namespace: str, auth: dict[str, Any]) -> str:
        """The code with which a connection is refused."""
        recorder = Recorder(namespace)
        with pytest.raises(socketio.exceptions.ConnectionError):
            await recorder.client.connect(
                self.server.url,
                namespaces=[namespace],
                auth=auth,
                transports=["websocket"],
                wait_timeout=PATIENCE_SECONDS,
            )
        await recorder.client.disconnect()
        return (await recorder.wait_for("connect_error"))["data"]["code"]

    async def record(self) -> list[dict[str, Any]]:
        path = f"/api/v1/sessions/{self.session['id']}/events"
        answer = await self.server.http.get(path, params={"limit": 200})
        assert answer.status_code == 200, answer.text
        return answer.json()["items"]

    async def is_ready(self) -> bool:
        return (await self.server.http.get("/readyz")).status_code == 200

    async def until_ready(self) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await self.is_ready():
                await asyncio.sleep(0.05)


@asynccontextmanager
async def ward(
    database_url: str,
    *,
    connections: ConnectionSettings = CONNECTION_SETTINGS,
    live: LiveSettings = LIVE_SETTINGS,
    commit_patience_seconds: float = COMMIT_PATIENCE_SECONDS,
    template: dict[str, Any] | None = None,
    **session: Any,
) -> AsyncGenerator[Ward]:
    """`template`: what the session is opened from, if it is."""
    async with AsyncExitStack() as stack:
        proxy = await stack.enter_async_context(postgres_proxy(database_url))
        storage = await stack.enter_async_context(open_postgres(proxy.url, connections=connections, live=live))
        neighbour = await stack.enter_async_context(open_postgres(database_url))
        own_clock = Clock()
        server = await stack.enter_async_context(
            running_server(storage, now=own_clock.now, commit_patience_seconds=commit_patience_seconds)
        )
        # Whatever the test left, nothing has to wait for it at the end.
        stack.callback(proxy.let_flow)
        token = (await server.login())["token"]
        if template is not None:
            made = await server.http.post("/api/v1/templates", json=template)
            assert made.status_code == 201, made.text
            session["template_id"] = made.json()["id"]
        opened = await server.open_session(**session)
        trainer = await stack.enter_async_context(connected(server.url, "/trainer", {"token": token}))
        watched = await trainer.call("session:watch", {"session_id": opened["id"]})
        assert watched["ok"], watched
        trainee = await stack.enter_async_context(
            connected(server.url, "/trainee", {"code": opened["code"], "name": "Ann"})
        )
        await trainee.wait_for("session:joined")
        await trainer.wait_for("trainees:changed", lambda told: any(each["connected"] for each in told["trainees"]))
        yield Ward(server, proxy, neighbour, opened, token, trainer, trainee, stack, own_clock)


def of_vitals(recorder: Recorder) -> list[dict[str, Any]]:
    return [data for name, data in recorder.told if name == "vitals:pushed"]


def provisional(told: dict[str, Any]) -> bool:
    return told["seq"] is None and told["provisional"] is True


def confirmed(told: dict[str, Any]) -> bool:
    return told["seq"] is not None and "provisional" not in told


async def _down(it: Ward) -> None:
    await it.proxy.go_down()


async def _up(it: Ward) -> None:
    await it.proxy.listen()


async def _held(it: Ward) -> None:
    it.proxy.hold_answers()


async def _let_flow(it: Ward) -> None:
    it.proxy.let_flow()


Step = Callable[[Ward], Awaitable[None]]
OUTAGES = pytest.mark.parametrize(
    ("begin", "end"), [pytest.param(_down, _up, id="down"), pytest.param(_held, _let_flow, id="hangs")]
)


async def all_of(*asked: asyncio.Task[Any]) -> list[Any]:
    return await asyncio.wait_for(asyncio.gather(*asked), PATIENCE_SECONDS)
