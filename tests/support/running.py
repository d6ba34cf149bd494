"""An app on a real port inside the test's own process: for what needs a clock or a storage of the test's."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from unittest.mock import patch

import httpx
import socketio
import uvicorn

from server import clock
from server.app import RunningApp, running_app
from server.clock_mark import ClockMark
from server.commands.serve import web_server_config
from server.config import Config, read_config
from server.engine.websocket import WebSocket
from server.live import due_moments
from server.ports.storage import Storage
from server.service.seeds import load_seeds
from server.storage.memory import MemoryStorage
from server.storage.postgres.neighbours import Neighbours
from server.transport.http.endpoint import COMMIT_PATIENCE_SECONDS
from server.transport.socket.socket_server import HEARTBEAT_SETTINGS, HeartbeatSettings
from tests.support.patience import PATIENCE_SECONDS

DEMO = {"email": "demo@shiller.local", "password": "demo-shiller"}
# bcrypt's least work; what it costs in earnest is not what these tests are about.
CHEAP_ROUNDS = 4
# A clock that the test puts forward wakes nobody: what has become due by it is seen at the next look.
LOOKS_AT_THE_TESTS_CLOCK_EVERY = 0.05


@dataclass
class RunningServer:
    url: str
    app: RunningApp
    http: httpx.AsyncClient

    async def login(self) -> dict[str, str]:
        """The demo trainer's token, and from now on the header of `http`."""
        answer = await self.http.post("/api/v1/auth/login", json=DEMO)
        assert answer.status_code == 200, answer.text
        self.http.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        return answer.json()

    async def open_session(self, **body: Any) -> dict[str, Any]:
        answer = await self.http.post("/api/v1/sessions", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()


@asynccontextmanager
async def _looking_often(now: Callable[[], datetime]) -> AsyncGenerator[None]:
    if now is clock.now:
        yield
        return
    with patch.object(due_moments, "LONGEST_SLEEP_SECONDS", LOOKS_AT_THE_TESTS_CLOCK_EVERY):
        yield


@asynccontextmanager
async def running_server(
    storage: Storage | None = None,
    *,
    now: Callable[[], datetime] = clock.now,
    heartbeat: HeartbeatSettings = HEARTBEAT_SETTINGS,
    commit_patience_seconds: float = COMMIT_PATIENCE_SECONDS,
    ws: Any = WebSocket,
    is_seeded: bool = True,
    mark: ClockMark | None = None,
    neighbours: Neighbours | None = None,
    **variables: str,
) -> AsyncGenerator[RunningServer]:
    config: Config = read_config({"USE_IN_MEMORY": "true", "EXPIRY_SECONDS": "1", **variables})
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    async with (
        _looking_often(now),
        running_app(
            config,
            storage or MemoryStorage(),
            port,
            now=now,
            password_rounds=CHEAP_ROUNDS,
            heartbeat=heartbeat,
            commit_patience_seconds=commit_patience_seconds,
            mark=mark,
            neighbours=neighbours,
        ) as app,
    ):
        if is_seeded:
            await load_seeds(app.services, now())
        settings = web_server_config(config, app)
        settings.ws = ws
        server = uvicorn.Server(settings)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        url = f"http://127.0.0.1:{port}"
        async with httpx.AsyncClient(base_url=url, timeout=PATIENCE_SECONDS) as http:
            try:
                yield RunningServer(url, app, http)
            finally:
                await app.sockets.finish()
                server.should_exit = True
                await serving


@asynccontextmanager
async def connected(url: str, namespace: str, auth: dict[str, Any]) -> AsyncGenerator[Recorder]:
    recorder = Recorder(namespace)
    client = recorder.client
    await client.connect(
        url, namespaces=[namespace], auth=auth, transports=["websocket"], wait_timeout=PATIENCE_SECONDS
    )
    try:
        yield recorder
    finally:
        await client.disconnect()
        # aiohttp lets go of its sockets one turn of the loop later.
        await asyncio.sleep(0)


class Recorder:
    """A Socket.IO client that keeps everything it is told."""

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace
        self.client = socketio.AsyncClient(reconnection=False)
        self.told: list[tuple[str, Any]] = []
        self.told_before_ack = 0
        """How much of that came before the newest ack: by when whoever asked has its turn, more may have come."""
        self._more = asyncio.Event()
        self.client.on("*", self._keep, namespace=namespace)
        self.client.on("connect_error", self._refused, namespace=namespace)

    async def call(self, message: str, data: Any = None) -> Any:
        acked = asyncio.get_running_loop().create_future()

        def keep_ack(answer: Any) -> None:
            self.told_before_ack = len(self.told)
            if not acked.done():
                acked.set_result(answer)

        await self.client.emit(message, data, namespace=self.namespace, callback=keep_ack)
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await acked

    async def wait_for(self, message: str, condition: Callable[[Any], bool] = lambda data: True) -> Any:
        """The first such message, told already or yet to come."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            seen = 0
            while True:
                for name, data in self.told[seen:]:
                    if name == message and condition(data):
                        return data
                seen = len(self.told)
                self._more.clear()
                await self._more.wait()

    async def _refused(self, data: Any) -> None:
        await self._keep("connect_error", data)

    async def _keep(self, message: str, data: Any) -> None:
        self.told.append((message, data))
        self._more.set()
