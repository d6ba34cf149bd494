"""Long work gives way to live events, and goes on nevertheless."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from server.ports.slices import SLICE_SECONDS, going_first, let_others_run, rest_after

SLICES = 20
# A third of the processor is what they take together.
LEAST_SECONDS = SLICES * 3 * SLICE_SECONDS


async def _long_work() -> None:
    for _ in range(SLICES):
        await let_others_run()


@asynccontextmanager
async def _timed(seconds: list[float]) -> AsyncGenerator[None]:
    loop = asyncio.get_running_loop()
    began = loop.time()
    yield
    seconds.append(loop.time() - began)


async def test_it_rests_while_live_events_come_and_has_its_turns_however_many() -> None:
    looks = 0

    def waits_at_every_other_look() -> bool:
        nonlocal looks
        looks += 1
        return looks % 2 == 0

    for live in (waits_at_every_other_look, lambda: True):
        took: list[float] = []
        with going_first(live):
            async with _timed(took):
                await _long_work()
        assert took[0] >= LEAST_SECONDS


async def test_all_long_work_together_takes_that_third() -> None:
    took: list[float] = []
    with going_first(lambda: True):
        async with _timed(took):
            await asyncio.gather(_long_work(), _long_work())
    assert took[0] >= 2 * LEAST_SECONDS


@pytest.mark.parametrize(("is_live", "rests"), [(True, True), (False, False)])
async def test_after_a_whole_call_it_rests_as_long_as_that_took(is_live: bool, rests: bool) -> None:
    loop = asyncio.get_running_loop()
    with going_first(lambda: is_live):
        resting = asyncio.create_task(rest_after(0.03))
        began = loop.time()
        # Two turns of the loop are enough for what does not rest.
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert resting.done() is not rests
        await resting
    if rests:
        assert loop.time() - began >= 0.02


async def test_it_does_not_rest_when_nobody_is_live() -> None:
    """Each turn of the loop is one slice of it."""
    turns, is_over = 0, False

    def count() -> None:
        nonlocal turns
        turns += 1
        if not is_over:
            asyncio.get_running_loop().call_soon(count)

    with going_first(lambda: False):
        count()
        await _long_work()
        is_over = True
    assert turns <= 3 * SLICES
