"""How many calls of devices are under way: two of a school, four in all, and a place is free again after each."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from uuid import UUID, uuid4

import pytest

from server.domain.outcomes import RateLimited
from server.service.sync.under_way import CallsUnderWay
from tests.support.patience import PATIENCE_SECONDS


async def test_two_of_a_school_and_four_in_all() -> None:
    calls = CallsUnderWay()
    one, other, third = uuid4(), uuid4(), uuid4()
    async with AsyncExitStack() as stack:
        for school in (one, one, other, other):
            assert await stack.enter_async_context(calls.one(school)) is None
        for school in (one, third):
            assert isinstance(await stack.enter_async_context(calls.one(school)), RateLimited)
    async with AsyncExitStack() as stack:
        for _ in range(2):
            assert await stack.enter_async_context(calls.one(one)) is None
        assert isinstance(await stack.enter_async_context(calls.one(one)), RateLimited)
        assert await stack.enter_async_context(calls.one(third)) is None


async def test_a_call_that_breaks_leaves_its_place() -> None:
    calls, school = CallsUnderWay(), uuid4()
    for _ in range(3):
        with pytest.raises(RuntimeError):
            async with calls.one(school):
                raise RuntimeError("broken")
    async with calls.one(school) as refusal:
        assert refusal is None


async def test_whoever_has_hashed_its_passwords_waits_for_its_turn() -> None:
    calls, school, other = CallsUnderWay(), uuid4(), uuid4()
    let_in: list[UUID] = []

    async def call(of: UUID) -> None:
        async with calls.one(of, waits=True) as refusal:
            assert refusal is None
            let_in.append(of)

    async with calls.one(school), AsyncExitStack() as stack:
        await stack.enter_async_context(calls.one(school))
        waiting = [asyncio.create_task(call(school)) for _ in range(2)]
        await call(other)
        assert let_in == [other]
        await stack.aclose()
        await asyncio.wait_for(asyncio.gather(*waiting), PATIENCE_SECONDS)
    assert let_in == [other, school, school]


async def test_hashing_takes_no_place_of_the_calls_and_is_bounded_itself() -> None:
    calls, school = CallsUnderWay(), uuid4()
    async with AsyncExitStack() as stack:
        for _ in range(2):
            assert await stack.enter_async_context(calls.hashing(school)) is None
        assert isinstance(await stack.enter_async_context(calls.hashing(school)), RateLimited)
        for _ in range(2):
            assert await stack.enter_async_context(calls.one(school)) is None
    async with calls.hashing(school) as refusal:
        assert refusal is None
