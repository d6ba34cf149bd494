"""A phone that stops reading in the middle of a pull keeps nobody of its school waiting, and costs nothing more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import Any, cast

import pytest

from server.domain.outcomes import RateLimited
from server.ports.sync import Pull, ToldTemplate
from server.service.sync import phones as pulling
from server.service.sync.phones import AskedPull, PhonePull, Rows
from server.storage.memory import MemoryStorage
from server.transport import streaming
from server.transport.devices import phones
from server.transport.devices.answers import show_to
from tests.support.houses import furnish
from tests.support.making import a_template, author
from tests.support.scenario_clients import eventually
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


async def test_the_next_templates_are_read_meanwhile_and_no_more_once_it_has_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pulling, "ROWS_AT_A_TIME", 1)
    storage = MemoryStorage()
    house = await furnish(storage)
    for number in range(4):
        await storage.templates.add_template(a_template(house.school, f"Case {number}"), author(house.trainer))
    read: list[int] = []
    pull_templates = storage.sync.pull_templates

    async def counted(pull: Pull) -> Sequence[ToldTemplate]:
        read.append(pull.after)
        return await pull_templates(pull)

    monkeypatch.setattr(storage.sync, "pull_templates", counted)
    with services_on(storage) as services:
        pull = await services.phones.pull(house.trainer, "phone", AskedPull(0))
        assert isinstance(pull, PhonePull)
        before = asyncio.all_tasks()
        parts = pull.parts("templates")
        first = await anext(parts)
        assert len(first.present) == 1
        await asyncio.sleep(0)
        assert len(read) == 2
        await cast(AsyncGenerator[Rows], parts).aclose()
        await eventually(_none_of_them(before), "nothing more to be read")
        assert len(read) == 2
        await pull.end()


def _none_of_them(before: set[asyncio.Task[Any]]) -> Callable[[], Awaitable[bool]]:
    async def look() -> bool:
        return asyncio.all_tasks() <= before

    return look
