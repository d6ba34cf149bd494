"""Every storage, behind the same fixtures. No test asks which one it has."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, nullcontext

import pytest

from server.domain.session import Session
from server.ports.storage import Storage
from server.storage.memory import MemoryStorage
from tests.support.houses import UNHURRIED, House, furnish, open_postgres, open_session

Opener = Callable[[], AbstractAsyncContextManager[Storage]]


@pytest.fixture(params=["memory", "postgres"])
def open_storage(request: pytest.FixtureRequest) -> Opener:
    """Opens the same data each time."""
    if request.param == "memory":
        storage = MemoryStorage()
        return lambda: nullcontext(storage)
    url = request.getfixturevalue("cleared_database_url")
    return lambda: open_postgres(url, live=UNHURRIED)


@pytest.fixture
async def storage(open_storage: Opener) -> AsyncGenerator[Storage]:
    async with open_storage() as storage:
        yield storage


@pytest.fixture
async def second_storage(storage: Storage, open_storage: Opener) -> AsyncGenerator[Storage]:
    """As another server process has it: the same data, nothing else shared."""
    async with open_storage() as storage:
        yield storage


@pytest.fixture
async def house(storage: Storage) -> House:
    return await furnish(storage)


@pytest.fixture
async def other_house(storage: Storage) -> House:
    return await furnish(storage, "Another school")


@pytest.fixture
async def session(storage: Storage, house: House) -> Session:
    return await open_session(storage, house.trainer)
