"""A phone that stops reading in the middle of a pull does not keep its school's others waiting."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from server.domain.outcomes import RateLimited
from server.service.sync.phones import AskedPull, PhonePull
from server.storage.memory import MemoryStorage
from server.transport import streaming
from server.transport.devices import phones
from server.transport.devices.answers import show_to
from tests.support.houses import furnish
from tests.support.services import services_on


async def test_it_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "STALLED_SECONDS", 0.05)
    storage = MemoryStorage()
    house = await furnish(storage)

    async def nothing() -> None:
        pass

    async def never(message: Any) -> None:
        await asyncio.Event().wait()

    async def silent() -> Any:
        await asyncio.Event().wait()

    with services_on(storage) as services:
        pulls = [await services.phones.pull(house.trainer, "phone", AskedPull(0)) for _ in range(2)]
        assert isinstance(await services.phones.pull(house.trainer, "phone", AskedPull(0)), RateLimited)
        for pull in pulls:
            assert isinstance(pull, PhonePull)
            response = phones.PulledResponse(pull, show_to(house.trainer), nothing)
            scope = {"type": "http", "method": "POST", "asgi": {"spec_version": "2.3"}}
            with pytest.raises((OSError, ExceptionGroup)):
                await response(scope, silent, never)
        again = await services.phones.pull(house.trainer, "phone", AskedPull(0))
        assert isinstance(again, PhonePull)
        await again.end()
