"""A server with a school whose people each have a device."""

from __future__ import annotations

from contextlib import AsyncExitStack
from uuid import UUID

import asyncpg
import httpx

from server.ports.storage import Storage
from tests.support.devices import Tablet
from tests.support.patience import PATIENCE_SECONDS
from tests.support.running import RunningServer

PASSWORD = "a long password"


class Ward:
    """A server with a school of four, each with a device, and another school."""

    def __init__(self, server: RunningServer, storage: Storage, database_url: str | None) -> None:
        self.server = server
        self.storage = storage
        self.database_url = database_url
        self.devices: dict[str, Tablet] = {}
        self.school_id = ""

    async def furnish(self, stack: AsyncExitStack) -> None:
        account = await self.server.login()
        self.school_id = account["trainer"]["school_id"]
        self.devices["admin"] = Tablet(self.server.http, "admin's", account["trainer"]["id"])
        for name, role in (("trainer", "trainer"), ("colleague", "trainer"), ("observer", "observer")):
            body = {"email": f"{name}@example.org", "name": name, "password": PASSWORD, "role": role}
            assert (await self.server.http.post("/api/v1/trainers", json=body)).status_code == 201
            http = await stack.enter_async_context(
                httpx.AsyncClient(base_url=self.server.url, timeout=PATIENCE_SECONDS)
            )
            login = await http.post("/api/v1/auth/login", json={"email": body["email"], "password": PASSWORD})
            http.headers["Authorization"] = f"Bearer {login.json()['token']}"
            self.devices[name] = Tablet(http, f"{name}'s", login.json()["trainer"]["id"])

    def __getattr__(self, name: str) -> Tablet:
        return self.devices[name]

    async def versions(self) -> list[tuple[UUID, int]]:
        entries = await self.storage.sync.log_after(UUID(self.school_id), 0, 10_000)
        return [(entry.id, entry.version) for entry in entries]

    async def everything_kept(self) -> str:
        """All that the storage has of devices and of their edits, as text; not the people themselves."""
        if self.database_url is None:
            tables = self.storage.sync._tables  # type: ignore[attr-defined]
            log = tables.logs[UUID(self.school_id)]
            return f"{log.known} {log.conflicts} {log.calls} {log.events_of_calls} {log.devices} {log.audit}"
        connection = await asyncpg.connect(self.database_url)
        try:
            names = ("sync_inbox", "sync_conflicts", "sync_log", "sync_clients", "audit")
            return "".join([str(await connection.fetch(f"TABLE {name}")) for name in names])
        finally:
            await connection.close()
