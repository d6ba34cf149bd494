"""What a server closes at its end takes no longer than it is given, whatever of it hangs."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from uuid import uuid4

import pytest

from server import app
from server.app import running_app
from server.commands import serve
from server.config import read_config
from server.live.school_changes import SchoolChanges
from server.live.settings import LIVE_SETTINGS
from server.ports.results import StorageUnavailable
from server.storage.memory import MemoryStorage
from server.storage.postgres import PostgresStorage
from server.storage.postgres.database import CONNECTION_SETTINGS
from tests.support.making import NOW, a_note, a_school, a_trainer
from tests.support.own_postgres import own_postgres
from tests.support.patience import PATIENCE_SECONDS

NEVER = 1000.0


async def test_a_job_that_does_not_hear_that_it_is_to_end(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    is_over = asyncio.Event()

    async def hears_nothing(_: SchoolChanges) -> None:
        while not is_over.is_set():
            try:
                await is_over.wait()
            except asyncio.CancelledError:
                continue

    monkeypatch.setattr(SchoolChanges, "run", hears_nothing)
    monkeypatch.setattr(app, "CLOSE_SECONDS", 0.1)
    with caplog.at_level(logging.WARNING):
        async with asyncio.timeout(PATIENCE_SECONDS):
            async with running_app(read_config({"USE_IN_MEMORY": "true"}), MemoryStorage(), 0):
                # So that it has begun.
                await asyncio.sleep(0)
    assert "did not end in time" in caplog.text
    assert "hears_nothing" in caplog.text
    is_over.set()


async def test_a_database_that_hangs() -> None:
    connections = replace(
        CONNECTION_SETTINGS, answer_timeout_seconds=NEVER, turn_timeout_seconds=NEVER, close_timeout_seconds=0.2
    )
    live = replace(LIVE_SETTINGS, answer_timeout_seconds=NEVER)
    trainer = a_trainer(a_school())
    with own_postgres() as postgres:
        storage = await PostgresStorage.open(postgres.url, connections=connections, live=live)
        await storage.accounts.list_schools()
        postgres.pause()
        asking = asyncio.create_task(storage.accounts.list_schools())
        recording = asyncio.create_task(storage.sessions.append_event(uuid4(), trainer, a_note(trainer), NOW))
        # Until both wait for it.
        await asyncio.sleep(0.1)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await storage.close()
            for each in (asking, recording):
                with pytest.raises(StorageUnavailable):
                    await each


async def test_requests_have_what_messages_have_left_of_their_time(monkeypatch: pytest.MonkeyPatch) -> None:
    async def finish() -> bool:
        await asyncio.sleep(0.6)
        return True

    config = read_config({"USE_IN_MEMORY": "true"})
    monkeypatch.setattr(serve, "GRACE_SECONDS", 2)
    async with running_app(config, MemoryStorage(), 0) as running:
        server = serve._Server(serve.web_server_config(config, running), finish, [], serve.Stopping())
        server.config.load()
        server.servers = []
        server.lifespan = server.config.lifespan_class(server.config)
        await server.shutdown()
    assert server.config.timeout_graceful_shutdown == 1
