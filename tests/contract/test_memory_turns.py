"""The memory storage lets others run once in each call, as one that is asked over a line does."""

from __future__ import annotations

from math import inf

import pytest

from server.ports import slices
from server.storage.memory import MemoryStorage
from tests.support.houses import furnish
from tests.support.storage_calls import CALLS


# The journal, under which events are appended, waits for the next group, which is more than a turn.
@pytest.mark.parametrize("name", sorted(CALLS.keys() - {"ping", "sessions.append_event"}))
async def test_every_call_lets_others_run_once(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # What is read in slices pauses once more for each that is over; here none is, however busy the machine.
    monkeypatch.setattr(slices, "SLICE_SECONDS", inf)
    storage = MemoryStorage()
    house = await furnish(storage)
    call = CALLS[name](storage, house).__await__()
    assert next(call) is None, "it did not let others run"
    with pytest.raises((StopIteration, KeyError)):
        # Once: between reading and writing nobody else runs. Some name what is not there, which memory takes for a bug.
        next(call)
