"""A hundred accounts that a device sends at once, whose passwords take a while to hash; on memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from server.domain.devices import Acknowledged
from server.service.logins import LoggedIn, Visitor
from server.service.passwords import PasswordHasher
from server.service.services import Services
from server.service.sync.pages import Changes
from server.storage.memory import MemoryStorage
from server.transport.devices.answers import show_to
from tests.support.devices import Json, an_event, send
from tests.support.houses import House, furnish
from tests.support.making import NOW
from tests.support.services import services_on

PASSWORD = "correct horse battery"
ACCOUNTS = 100


@dataclass
class Stage:
    services: Services
    house: House
    hashed: list[str] = field(default_factory=list[str])
    has_stopped: asyncio.Event = field(default_factory=asyncio.Event)
    goes_on: asyncio.Event = field(default_factory=asyncio.Event)


@pytest.fixture
async def stage(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    """It stops in the middle of the hashing until it is told to go on."""
    with services_on(MemoryStorage()) as services:
        stage = Stage(services, await furnish(services.storage))
        hash_password = PasswordHasher.hash

        async def counted(self: PasswordHasher, password: str, whose: str) -> str:
            if len(stage.hashed) == ACCOUNTS // 2:
                stage.has_stopped.set()
                await stage.goes_on.wait()
            hashed = await hash_password(self, password, whose)
            stage.hashed.append(password)
            return hashed

        monkeypatch.setattr(PasswordHasher, "hash", counted)
        yield stage


def _accounts() -> list[Json]:
    people = [f"{number}@example.org" for number in range(ACCOUNTS)]
    return [
        an_event("TRAINER", payload={"email": email, "name": "New", "role": "trainer", "password": PASSWORD})
        for email in people
    ]


async def _all_sent(stage: Stage, batch: list[Json]) -> None:
    sent = await send(stage.services.sync, stage.house.admin, *batch)
    assert all(isinstance(each, Acknowledged) for each in sent.outcomes)


async def test_nobody_of_the_school_waits_for_their_hashes(stage: Stage) -> None:
    house, sync = stage.house, stage.services.sync
    sending = asyncio.create_task(_all_sent(stage, _accounts()))
    await stage.has_stopped.wait()
    calls = [
        sync.down(house.colleague, f"phone {number}", None, 0, ("TEMPLATE",), 50, show_to(house.colleague), NOW)
        for number in range(2)
    ]
    assert all(isinstance(each, Changes) for each in await asyncio.gather(*calls))
    stage.goes_on.set()
    await sending
    login = await stage.services.accounts.login(f"{ACCOUNTS - 1}@example.org", PASSWORD, Visitor("here"), NOW)
    assert isinstance(login, LoggedIn)


async def test_a_call_that_broke_off_goes_on_where_it_was(stage: Stage) -> None:
    batch = _accounts()
    broken = asyncio.create_task(_all_sent(stage, batch))
    await stage.has_stopped.wait()
    broken.cancel()
    await asyncio.gather(broken, return_exceptions=True)
    stage.goes_on.set()
    await _all_sent(stage, batch)
    assert len(stage.hashed) == ACCOUNTS
    assert not stage.services.sync._hashing.kept._kept, "what is stored is kept nowhere else"
