"""A central server and a hall of it, as processes, each on a PostgreSQL of its own, and the line between them."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.support.cutting_line import CuttingLine, cutting_line
from tests.support.patience import PATIENCE_SECONDS
from tests.support.postgres import DatabaseServer
from tests.support.scenario import DEMO_EMAIL, DEMO_PASSWORD, ServerProcess, end, run_command
from tests.support.scenario_clients import eventually

Json = dict[str, Any]
TRAINER_EMAIL = "ada@demo.example"
PASSWORD = "of-the-central"
# So often that a test need not wait, and so seldom that a busy machine does not talk without a pause.
SYNC_SECONDS = "0.5"


@dataclass
class Hall:
    """`admin` talks to the central server; `trainer` to the hall, once somebody has logged in there."""

    central: ServerProcess
    server: ServerProcess
    line: CuttingLine
    admin: httpx.AsyncClient
    trainer: httpx.AsyncClient
    added: Json
    """The hall as the central answered it."""
    database: str
    """The central's, by its name."""

    async def log_in(self) -> None:
        """The central's trainer, at the hall, as soon as it knows the account."""

        async def look() -> bool:
            answer = await self.trainer.post(
                f"{self.server.url}/api/v1/auth/login", json={"email": TRAINER_EMAIL, "password": PASSWORD}
            )
            if answer.status_code == 200:
                self.trainer.headers["Authorization"] = f"Bearer {answer.json()['token']}"
            return answer.status_code == 200

        await eventually(look, "the trainer to be known at the hall")

    async def at_hall(self, method: str, path: str, **options: Any) -> httpx.Response:
        return await self.trainer.request(method, f"{self.server.url}/api/v1{path}", **options)

    async def at_central(self, method: str, path: str, **options: Any) -> httpx.Response:
        return await self.admin.request(method, f"{self.central.url}/api/v1{path}", **options)

    async def open_session(self, **body: Any) -> Json:
        answer = await self.at_hall("POST", "/sessions", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def status(self) -> Json:
        answer = await self.at_hall("GET", "/upstream")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def sent(self, patience: float = PATIENCE_SECONDS) -> Json:
        """Until a round that began after this call has left nothing to be sent; no pause is waited for."""
        # The round that ends next may have begun before.
        first = await self._round_after((await self.status())["completed_at"] or "", patience)
        return await self._round_after(first["completed_at"], patience)

    async def _round_after(self, before: str, patience: float) -> Json:
        async def look() -> Json | None:
            await self.at_hall("POST", "/upstream/now")
            status = await self.status()
            return status if status["is_well"] and (status["completed_at"] or "") > before else None

        try:
            return await eventually(look, "everything to be sent", patience)
        except AssertionError as late:
            raise AssertionError(f"{late}: {await self.status()}") from late

    async def command(self, *arguments: str, at: ServerProcess | None = None) -> subprocess.CompletedProcess[str]:
        server = at or self.server
        return await asyncio.to_thread(run_command, *arguments, folder=server.folder, **server.variables)

    async def command_status(self) -> Json:
        return json.loads((await self.command("sync", "status", "--json")).stdout)


@asynccontextmanager
async def a_hall(folder: Path, database_server: DatabaseServer, **variables: str) -> AsyncGenerator[Hall]:
    """`variables` are the hall's; it is started, and nobody has logged in there yet."""
    async with AsyncExitStack() as stack:
        names = [database_server.create_database(database_server.template) for _ in range(2)]
        for name in names:
            stack.callback(database_server.drop_database, name)
        central = ServerProcess(
            folder / "central", {"DATABASE_URL": database_server.url_of(names[0]), "SEED_DEMO": "true"}
        )
        stack.callback(end, central)
        await asyncio.to_thread(central.start)
        admin = await stack.enter_async_context(httpx.AsyncClient(trust_env=False, timeout=PATIENCE_SECONDS))
        trainer = await stack.enter_async_context(httpx.AsyncClient(trust_env=False, timeout=PATIENCE_SECONDS))
        added = await _prepare(admin, central.url)
        line = await stack.enter_async_context(cutting_line(central.port))
        server = ServerProcess(
            folder / "hall",
            {
                "DATABASE_URL": database_server.url_of(names[1]),
                "SYNC_UPSTREAM_URL": line.url,
                "SYNC_UPSTREAM_TOKEN": added["token"],
                "SYNC_SECONDS": SYNC_SECONDS,
                "LOG_FORMAT": "json",
                **variables,
            },
        )
        stack.callback(end, server)
        await asyncio.to_thread(server.start)
        yield Hall(central, server, line, admin, trainer, added, names[0])


async def _prepare(admin: httpx.AsyncClient, url: str) -> Json:
    """A trainer at the central server, and the hall in which they teach."""
    login = await admin.post(f"{url}/api/v1/auth/login", json={"email": DEMO_EMAIL, "password": DEMO_PASSWORD})
    admin.headers["Authorization"] = f"Bearer {login.json()['token']}"
    body = {"email": TRAINER_EMAIL, "name": "Ada", "password": PASSWORD, "role": "trainer"}
    (await admin.post(f"{url}/api/v1/trainers", json=body)).raise_for_status()
    answer = await admin.post(f"{url}/api/v1/halls", json={"name": "Hall A", "trainers": "all"})
    assert answer.status_code == 201, answer.text
    return answer.json()
