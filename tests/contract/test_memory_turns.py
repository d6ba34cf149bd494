"""The memory storage lets others run once in each call, as one that is asked over a line does."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from server.storage.memory import MemoryStorage
from tests.support.houses import furnish
from tests.support.storage_calls import CALLS

# It writes nothing, and pauses by the time that has gone by: on a busy machine more than once.
READ_IN_SLICES = {"moving.read_school"}


# The journal, under which events are appended, waits for the next group, which is more than a turn.
@pytest.mark.parametrize("name", sorted(CALLS.keys() - {"ping", "sessions.append_event"}))
async def test_every_call_lets_others_run_once(name: str) -> None:
    storage = MemoryStorage()
    house = await furnish(storage)
    call = CALLS[name](storage, house).__await__()
    assert next(call) is None, "it did not let others run"
    with pytest.raises((StopIteration, KeyError)):
        # Once: between reading and writing nobody else runs. Some name what is not there, which memory takes for a bug.
        _go_on(call, most=1000 if name in READ_IN_SLICES else 1)


def _go_on(call: Generator[Any, None, Any], most: int) -> None:
    for _ in range(most):
        next(call)
