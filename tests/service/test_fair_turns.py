"""Who comes next: under each name in turn, however many come under one."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from itertools import islice

import pytest

from server.service.fair_turns import FairTurns, Line
from tests.support.patience import PATIENCE_SECONDS


class Queue:
    def __init__(self, at_once: int = 2) -> None:
        self.turns = FairTurns(at_once)
        self.done: list[str] = []
        self.under_way = self.most_under_way = 0

    async def work(self, name: str, where: str | None) -> None:
        async with self.turns.turn(Line(name), None if where is None else Line(where)) as is_in:
            assert is_in
            self.under_way += 1
            self.most_under_way = max(self.under_way, self.most_under_way)
            await asyncio.sleep(0)
            self.under_way -= 1
            self.done.append(name)

    def come(self, name: str, where: str | None = None) -> asyncio.Task[None]:
        return asyncio.create_task(self.work(name, where))


async def _all_come(queue: Queue, names: list[tuple[str, ...]]) -> None:
    tasks = [queue.come(*each) for each in names]
    await asyncio.wait_for(asyncio.gather(*tasks), PATIENCE_SECONDS)


@pytest.mark.parametrize("where", ["here", "there"])
async def test_one_does_not_wait_for_forty_of_another(where: str) -> None:
    queue = Queue()
    await _all_come(queue, [("ada", "here")] * 40 + [("bela", where)] + [("ada", "here")] * 10)
    assert queue.done.index("bela") <= 4
    assert len(queue.done) == 51
    assert queue.most_under_way == 2


async def test_one_does_not_wait_for_forty_from_elsewhere() -> None:
    """A whole class behind one address, and somebody elsewhere."""
    queue = Queue()
    await _all_come(queue, [(f"one of {number}", "school") for number in range(40)] + [("bela", "home")])
    assert queue.done.index("bela") <= 4


async def test_nobody_waits_for_ever_behind_those_who_come_later() -> None:
    queue = Queue(at_once=1)
    first = [queue.come("ada") for _ in range(10)]
    newcomers = 0
    while queue.done.count("ada") < 10:
        newcomers += 1
        assert newcomers < 50, "as soon as one is done, another one comes"
        await asyncio.wait_for(queue.come(f"new {newcomers}"), PATIENCE_SECONDS)
    await asyncio.gather(*first)


async def test_a_line_is_bounded_and_others_are_let_in() -> None:
    turns, line = FairTurns(1), Line("ada", 3)
    async with AsyncExitStack() as stack:
        assert await stack.enter_async_context(turns.turn(line))

        async def wait() -> bool:
            async with turns.turn(line) as is_in:
                return is_in

        waiting = [asyncio.create_task(wait()) for _ in range(2)]
        await asyncio.sleep(0)
        async with turns.turn(line) as is_in:
            assert not is_in
    assert await asyncio.gather(*waiting) == [True, True]
    assert await wait()


@pytest.mark.parametrize("is_let_in", [True, False])
async def test_whoever_gives_up_leaves_the_place_to_the_next(is_let_in: bool) -> None:
    queue = Queue(at_once=1)
    async with queue.turns.turn(Line("first")):
        gone, others = queue.come("gone"), [queue.come("next"), queue.come("last")]
        await asyncio.sleep(0)
        if not is_let_in:
            gone.cancel()
            await asyncio.sleep(0)
    # At this moment it is let in, and knows nothing of it yet.
    gone.cancel()
    await asyncio.wait_for(asyncio.gather(*others), PATIENCE_SECONDS)
    assert queue.done == ["next", "last"]
    assert not list(islice(queue.turns._there, 1)), "nobody is remembered who has gone"
