"""How many calls of devices are under way: two of a school, four in all, and a place is free again after each."""

from __future__ import annotations

from contextlib import AsyncExitStack
from uuid import uuid4

import pytest

from server.domain.outcomes import RateLimited
from server.service.sync.under_way import CallsUnderWay


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
