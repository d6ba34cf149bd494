"""Every storage, behind the same fixtures. No test asks which one it has."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, nullcontext

import pytest

from server.domain.session import Session
from server.live import drafts
from server.live import late_storage as patience
from server.ports.storage import Storage
from server.storage.memory import MemoryStorage
from tests.support.houses import House, furnish, open_postgres, open_session


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine is no outage: what a storage answers is asked here, not what it says when it is late."""
    monkeypatch.setattr(patience, "PATIENCE_SECONDS", 60.0)
    monkeypatch.setattr(patience, "LEAST_PATIENCE_SECONDS", 60.0)
    monkeypatch.setattr(drafts, "REFUSED_AFTER_SECONDS", 60.0)


Opener = Callable[[], AbstractAsyncContextManager[Storage]]


@pytest.fixture(params=["memory", "postgres"])
def open_storage(request: pytest.FixtureRequest) -> Opener:
    """Opens the same data each time."""
    if request.param == "memory":
        storage = MemoryStorage()
        return lambda: nullcontext(storage)
    url = request.getfixturevalue("database_url")
    return lambda: open_postgres(url)


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
