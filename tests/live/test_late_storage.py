"""Who asks the storage the same in one turn of the loop asks it once."""

from __future__ import annotations

import asyncio

from server.live.late_storage import LateStorage
from server.live.settings import LIVE_SETTINGS
from server.ports.results import StorageUnavailable


class _Storage:
    """Counts what it is asked; its answer is how often it was by the moment in which it begins to look."""

    def __init__(self) -> None:
        self.late = LateStorage(LIVE_SETTINGS, lambda: False)
        self.asked = 0
        self.is_away = False

    async def ask(self, about: str) -> int:
        return await self.late.ask_together(about, self._look, lambda: None)

    async def _look(self) -> int:
        self.asked += 1
        looked = self.asked
        await asyncio.sleep(0)
        if self.is_away:
            raise StorageUnavailable("away")
        return looked


async def test_those_who_ask_in_one_turn_are_answered_together() -> None:
    storage = _Storage()
    assert await asyncio.gather(*(storage.ask("a") for _ in range(100)), storage.ask("b")) == [1] * 100 + [2]


async def test_who_asks_when_it_has_begun_is_answered_by_what_is_there_then() -> None:
    storage = _Storage()
    first = asyncio.create_task(storage.ask("a"))
    while not storage.asked:
        await asyncio.sleep(0)
    assert (await storage.ask("a"), await first) == (2, 1)


async def test_one_of_them_may_leave() -> None:
    storage = _Storage()
    asking = [asyncio.create_task(storage.ask("a")) for _ in range(3)]
    await asyncio.sleep(0)
    asking[0].cancel()
    assert await asyncio.gather(*asking[1:]) == [1, 1]


async def test_all_of_them_are_told_of_an_outage() -> None:
    storage = _Storage()
    storage.is_away = True
    told = await asyncio.gather(*(storage.ask("a") for _ in range(3)), return_exceptions=True)
    assert [type(each) for each in told] == [StorageUnavailable] * 3
    storage.is_away = False
    assert await storage.ask("a") == 2
