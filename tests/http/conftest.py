"""A ward on every storage. No test asks which one it has."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack

import pytest

from server.ports.storage import Storage
from server.storage.memory import MemoryStorage
from tests.support.houses import UNHURRIED, open_postgres
from tests.support.running import running_server
from tests.support.ward import Ward


@pytest.fixture(params=["memory", "postgres"])
async def ward(request: pytest.FixtureRequest) -> AsyncGenerator[Ward]:
    async with AsyncExitStack() as stack:
        url = None
        storage: Storage = MemoryStorage()
        if request.param == "postgres":
            url = request.getfixturevalue("cleared_database_url")
            storage = await stack.enter_async_context(open_postgres(url, live=UNHURRIED))
        server = await stack.enter_async_context(running_server(storage))
        ward = Ward(server, storage, url)
        await ward.furnish(stack)
        yield ward
