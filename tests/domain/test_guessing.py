"""Limits on guessing: a search is stopped, a person waits seconds, nobody is locked out by another."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.outcomes import RateLimited
from server.service import guessing
from server.service.devices import KnownDevice
from server.service.guessing import Allowance, CodeLimits, FailureLimit, Guess, Lately, LoginLimits
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
    assert len(limit) == 100


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.floats(0, 40), st.booleans()), max_size=60))
def test_to_forget_what_has_drained_changes_nothing(counted: list[tuple[str, float, bool]]) -> None:
    allowance = Allowance(3, 10)
    limit, alone = FailureLimit(allowance), {key: FailureLimit(allowance) for key in "abcd"}
    second = 0.0
    for key, pause, is_taken_back in counted:
        second += pause
        for each in (limit, alone[key]):
            each.count(key, later(second))
            if is_taken_back:
                each.take_back(key, later(second))
        for other, its_own in alone.items():
            assert limit.refusal(other, later(second)) == its_own.refusal(other, later(second))


def test_as_many_buckets_are_kept_as_were_filled_while_one_drains() -> None:
    limit = FailureLimit(Allowance(3, 10))
    for second in range(1000):
        limit.count(f"one of {second}", later(second))
        limit.count(f"another of {second}", later(second))
        limit.count("a third that was none", later(second))
        limit.take_back("a third that was none", later(second))
        assert len(limit) <= 2 * 10
    limit.count("the last", later(3000))
    assert len(limit) <= 2 * 10


def test_a_password_is_searched_for_from_one_address_in_vain() -> None:
    limits = LoginLimits()
    for _ in range(8):
        assert limits.refusal("ada@example.org", "192.0.2.1", None, NOW) is None
        limits.begin("ada@example.org", "192.0.2.1", None, NOW)
    assert limits.refusal("ada@example.org", "192.0.2.1", None, NOW) is not None
    assert limits.refusal("bela@example.org", "192.0.2.1", None, NOW) is None
    assert limits.refusal("ada@example.org", "192.0.2.2", None, NOW) is None


def test_many_accounts_are_tried_from_one_address_in_vain() -> None:
    limits = LoginLimits()
    for number in range(30):
        assert limits.refusal(f"{number}@example.org", "192.0.2.1", None, NOW) is None
        limits.begin(f"{number}@example.org", "192.0.2.1", None, NOW)
    assert limits.refusal("new@example.org", "192.0.2.1", None, NOW) is not None
    assert limits.refusal("new@example.org", "192.0.2.2", None, NOW) is None


def test_a_search_from_many_addresses_is_stopped_and_spares_the_owner_at_the_usual_desk() -> None:
    limits = LoginLimits()
    limits.succeeded("ada@example.org", "192.0.2.1")
    for number in range(50):
        assert limits.refusal("ada@example.org", f"198.51.100.{number}", None, NOW) is None
        limits.begin("ada@example.org", f"198.51.100.{number}", None, NOW)
    assert limits.refusal("ada@example.org", "203.0.113.9", None, NOW) is not None
    assert limits.refusal("ada@example.org", "192.0.2.1", None, NOW) is None
    assert limits.refusal("bela@example.org", "203.0.113.9", None, NOW) is None


def test_who_remembers_the_password_starts_anew() -> None:
    limits = LoginLimits()
    for _ in range(7):
        limits.begin("ada@example.org", "192.0.2.1", None, NOW)
    limits.succeeded("ada@example.org", "192.0.2.1")
    for _ in range(8):
        assert limits.refusal("ada@example.org", "192.0.2.1", None, NOW) is None
        limits.begin("ada@example.org", "192.0.2.1", None, NOW)
    assert limits.refusal("ada@example.org", "192.0.2.1", None, NOW) is not None


def test_a_device_that_is_known_is_held_up_by_nobody_else() -> None:
    limits, desk = LoginLimits(), KnownDevice("one", "ada")
    for _ in range(100):
        limits.begin("ada@example.org", "192.0.2.1", None, NOW)
    assert limits.refusal("ada@example.org", "192.0.2.1", None, NOW) is not None
    for _ in range(8):
        assert limits.refusal("ada@example.org", "192.0.2.1", desk, NOW) is None
        limits.begin("ada@example.org", "192.0.2.1", desk, NOW)
    assert limits.refusal("ada@example.org", "192.0.2.1", desk, NOW) is not None, "nor may it search"
    assert limits.refusal("ada@example.org", "192.0.2.1", KnownDevice("other", "ada"), NOW) is None


@given(st.integers(1, 500), st.sampled_from([0.5, 1, 5]))
def test_however_many_come_at_once_a_refusal_lasts_no_longer(guesses: int, seconds_each: float) -> None:
    limit = FailureLimit(Allowance(20, seconds_each))
    for _ in range(20 + guesses):
        limit.count("key", NOW)
    assert limit.refusal("key", later(seconds_each)) is None
    refusal = limit.refusal("key", NOW)
    assert refusal is not None
    assert refusal.retry_after_seconds <= max(1, seconds_each)


# Codes

HERE, ELSEWHERE = "192.0.2.1", "192.0.2.2"
DEVICE = KnownDevice("one", "session")


def _guess(limits: CodeLimits, code: str = "WRONG2", address: str = HERE, **rest: Any) -> Guess | RateLimited:
    return limits.begin(code, address, rest.get("device"), rest.get("now", NOW))


def _told(limits: CodeLimits, **rest: Any) -> bool:
    """Whether a wrong code is looked up, and told to be wrong."""
    guess = _guess(limits, **rest)
    return isinstance(guess, Guess) and guess.refusal is None


@pytest.fixture
def short_floods(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guessing, "CODES_BEHIND_A_FLOOD", Allowance(100, 1))
    monkeypatch.setattr(guessing, "CODES_BEHIND_ALL_FLOODS", Allowance(150, 0.25))


def test_a_class_behind_one_address_may_mistype_the_code() -> None:
    limits = CodeLimits()
    assert all(_told(limits) for _ in range(20))
    assert not _told(limits)
    assert _told(limits, address=ELSEWHERE)
    assert _told(limits, now=later(1))
    assert not _told(limits, now=later(1))


def test_right_codes_cost_nothing_and_are_looked_up_behind_a_flood() -> None:
    limits = CodeLimits()
    for _ in range(200):
        guess = _guess(limits)
        assert isinstance(guess, Guess)
        limits.take_back(guess, NOW)
    assert all(_told(limits) for _ in range(20))
    for _ in range(1000):
        guess = _guess(limits)
        assert isinstance(guess, Guess)
        assert guess.refusal == RateLimited(1)


def test_70_wrong_codes_a_second_hold_up_none_of_60_right_ones() -> None:
    """As it was found: then none of them was let in."""
    limits = CodeLimits()
    for second in range(60):
        for wrong in range(70):
            _guess(limits, now=later(second + wrong / 70))
        right = _guess(limits, f"RIGHT{second}", now=later(second + 1))
        assert isinstance(right, Guess)
        limits.take_back(right, later(second + 1))


@pytest.mark.usefixtures("short_floods")
def test_a_search_ends_and_those_who_are_at_home_still_get_in() -> None:
    limits = CodeLimits()
    limits.be_at_home(HERE, "HQME22")
    looked_up = sum(isinstance(_guess(limits), Guess) for _ in range(1000))
    assert looked_up == 100
    assert _guess(limits) == RateLimited(1)
    assert isinstance(_guess(limits, "HQME22"), Guess)
    assert isinstance(_guess(limits, "HQME22", now=later(86_400)), Guess)
    assert isinstance(_guess(limits, address=ELSEWHERE), Guess)
    assert isinstance(_guess(limits, device=DEVICE), Guess)


@pytest.mark.usefixtures("short_floods")
def test_searches_from_many_addresses_are_bounded_together() -> None:
    limits = CodeLimits()
    told = looked_up = 0
    for address in range(10):
        for _ in range(1000):
            guess = _guess(limits, address=f"198.51.100.{address}")
            told += isinstance(guess, Guess) and guess.refusal is None
            looked_up += isinstance(guess, Guess)
    assert told == 10 * 20
    # Two of them use up what all may search, with what they are told; the others are told theirs.
    assert looked_up == 150 + 8 * 20


@pytest.mark.usefixtures("short_floods")
def test_what_many_addresses_are_told_counts_against_all_searches() -> None:
    """Somebody who has many may otherwise be told any number, and search beside it."""
    limits = CodeLimits()
    assert all(_told(limits, address=f"2001:db8:{number // 15:x}::/64") for number in range(15 * 10))
    searched = [_guess(limits, address="2001:db8:0::/64") for _ in range(40)]
    assert [isinstance(each, Guess) and each.refusal is None for each in searched].count(True) == 5
    assert not isinstance(searched[-1], Guess)
    assert _told(limits, address=ELSEWHERE)


@pytest.mark.usefixtures("short_floods")
@given(st.lists(st.tuples(st.floats(0, 20), st.integers(1, 80), st.booleans()), max_size=20))
def test_an_address_looks_up_so_many_and_then_one_a_second(waves: list[tuple[float, int, bool]]) -> None:
    """Whatever is right among them, and of sessions that have ended."""
    limits = CodeLimits()
    seconds, failures = 0.0, 0
    for pause, guesses, is_right in waves:
        seconds += pause
        for _ in range(guesses):
            guess = _guess(limits, now=later(seconds))
            if not isinstance(guess, Guess):
                continue
            if is_right:
                limits.take_back(guess, later(seconds))
            else:
                failures += 1
        assert failures <= 100 + seconds + 1


@pytest.mark.usefixtures("short_floods")
def test_devices_of_one_session_are_bounded_together() -> None:
    limits = CodeLimits()
    while isinstance(_guess(limits), Guess):
        pass
    known = [KnownDevice(str(number), "session") for number in range(100)]
    assert sum(_told(limits, device=device) for device in known for _ in range(20)) == 30
    assert _told(limits, device=KnownDevice("x", "another session"))


def test_the_memory_for_codes_at_home_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guessing, "SEEN_KEPT", 100)
    seen = Lately[tuple[str, str]]()
    for number in range(101):
        seen.see((str(number), "code"))
    assert ("0", "code") not in seen
    assert ("1", "code") in seen
    assert len(seen) == 100
