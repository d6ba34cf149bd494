"""Limits on guessing: a search is stopped, a person waits seconds, nobody is locked out by another."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.outcomes import RateLimited
from server.service import guessing
from server.service.guessing import Allowance, CodeLimits, FailureLimit, LoginLimits
from tests.support.making import NOW, later


@given(failures=st.integers(1, 40), seconds_each=st.sampled_from([0.5, 1, 2, 5, 60]))
def test_so_many_at_once_and_then_one_each_so_many_seconds(failures: int, seconds_each: float) -> None:
    limit = FailureLimit(Allowance(failures, seconds_each))
    for _ in range(failures):
        assert limit.refusal("key", NOW) is None
        limit.count("key", NOW)
    assert limit.refusal("key", NOW) == RateLimited(max(1, -int(-seconds_each // 1)))
    assert limit.refusal("key", later(seconds_each * 0.99)) is not None
    assert limit.refusal("key", later(seconds_each)) is None
    limit.count("key", later(seconds_each))
    assert limit.refusal("key", later(seconds_each * 1.5)) is not None
    assert limit.refusal("another key", NOW) is None


@given(st.lists(st.floats(0, 30), min_size=1, max_size=60), st.sampled_from([0.5, 1, 5]))
def test_whoever_waits_as_told_is_let_through(pauses: list[float], seconds_each: float) -> None:
    limit = FailureLimit(Allowance(5, seconds_each))
    second = 0.0
    for pause in pauses:
        second += pause
        refusal = limit.refusal("key", later(second))
        if refusal is not None:
            assert refusal.retry_after_seconds >= 1
            assert limit.refusal("key", later(second + refusal.retry_after_seconds + 1e-3)) is None
        else:
            limit.count("key", later(second))


@given(st.lists(st.floats(-100, 100), max_size=30))
def test_a_clock_that_is_put_back_opens_nothing_and_keeps_nobody_out_for_longer(seconds: list[float]) -> None:
    limit = FailureLimit(Allowance(3, 10))
    for _ in range(3):
        limit.count("key", NOW)
    counted_from = 0.0
    for second in seconds:
        counted_from = min(counted_from, second)
        refusal = limit.refusal("key", later(second))
        assert (refusal is None) is (later(second) - later(counted_from) >= timedelta(seconds=10))
        assert refusal is None or 1 <= refusal.retry_after_seconds <= 10


def test_the_memory_for_failures_is_bounded_and_forgets_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guessing, "BUCKETS_KEPT", 100)
    limit = FailureLimit(Allowance(1, 3600))
    for number in range(101):
        limit.count(str(number), NOW)
    assert limit.refusal("0", NOW) is None
    assert limit.refusal("1", NOW) is not None
    assert len(limit._buckets) == 100


def test_a_password_is_searched_for_from_one_address_in_vain() -> None:
    limits = LoginLimits()
    for _ in range(8):
        assert limits.refusal("ada@example.org", "192.0.2.1", NOW) is None
        limits.failed("ada@example.org", "192.0.2.1", NOW)
    assert limits.refusal("ada@example.org", "192.0.2.1", NOW) is not None
    assert limits.refusal("bela@example.org", "192.0.2.1", NOW) is None
    assert limits.refusal("ada@example.org", "192.0.2.2", NOW) is None


def test_many_accounts_are_tried_from_one_address_in_vain() -> None:
    limits = LoginLimits()
    for number in range(30):
        assert limits.refusal(f"{number}@example.org", "192.0.2.1", NOW) is None
        limits.failed(f"{number}@example.org", "192.0.2.1", NOW)
    assert limits.refusal("new@example.org", "192.0.2.1", NOW) is not None
    assert limits.refusal("new@example.org", "192.0.2.2", NOW) is None


def test_a_search_from_many_addresses_is_stopped_and_spares_the_owner_at_the_usual_desk() -> None:
    limits = LoginLimits()
    limits.succeeded("ada@example.org", "192.0.2.1")
    for number in range(50):
        assert limits.refusal("ada@example.org", f"198.51.100.{number}", NOW) is None
        limits.failed("ada@example.org", f"198.51.100.{number}", NOW)
    assert limits.refusal("ada@example.org", "203.0.113.9", NOW) is not None
    assert limits.refusal("ada@example.org", "192.0.2.1", NOW) is None
    assert limits.refusal("bela@example.org", "203.0.113.9", NOW) is None


def test_who_remembers_the_password_starts_anew() -> None:
    limits = LoginLimits()
    for _ in range(7):
        limits.failed("ada@example.org", "192.0.2.1", NOW)
    limits.succeeded("ada@example.org", "192.0.2.1")
    for _ in range(8):
        assert limits.refusal("ada@example.org", "192.0.2.1", NOW) is None
        limits.failed("ada@example.org", "192.0.2.1", NOW)
    assert limits.refusal("ada@example.org", "192.0.2.1", NOW) is not None


def test_a_class_behind_one_address_may_mistype_the_code() -> None:
    limits = CodeLimits()
    for _ in range(20):
        assert limits.refusal("192.0.2.1", NOW) is None
        limits.count("192.0.2.1", NOW)
    assert limits.refusal("192.0.2.1", NOW) == RateLimited(1)
    assert limits.refusal("192.0.2.1", later(1)) is None
