"""What one connection may send, by any clock."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.engine.budget import Budget
from server.engine.settings import Rate

RATE = Rate(frames=100, frames_at_once=10, bytes=10_000, bytes_at_once=1_000)
sizes = st.lists(st.integers(0, 3_000), max_size=300)


@given(sizes, st.lists(st.floats(0, 0.2), min_size=1, max_size=20))
def test_nobody_gets_more_than_the_rate_and_what_may_come_at_once(sent: list[int], pauses: list[float]) -> None:
    """A sender that sends whenever it is read from, with pauses of its own."""
    budget, now, taken, read = Budget(RATE, 0.0), 0.0, 0, 0
    for number, size in enumerate(sent):
        now += pauses[number % len(pauses)]
        read, taken = read + 1, taken + size
        if budget.spend_bytes(size) or budget.spend_frame():
            now += budget.settle(now)
        assert read <= RATE.frames * now + RATE.frames_at_once
        assert taken <= RATE.bytes * now + RATE.bytes_at_once + 3_000


def test_who_sends_slowly_never_waits() -> None:
    budget = Budget(RATE, 0.0)
    assert [budget.settle(number / 90) for number in range(500) if budget.spend_frame()] == [0.0] * 50


def test_the_time_over_the_rate_counts_until_a_pause() -> None:
    budget, now = Budget(RATE, 0.0), 0.0
    while now < 3:
        if budget.spend_frame():
            assert budget.over_for(now) == pytest.approx(max(0.0, now - 0.0))
            now += budget.settle(now)
    now += 1
    for _ in range(10):
        budget.spend_frame()
    assert budget.settle(now) == 0
    assert budget.over_for(now) == 0
