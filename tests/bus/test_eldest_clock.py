"""A word of the eldest process that comes late sets nobody's clock back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from server.bus.eldest_clock import SURE_AFTER_SECONDS, EldestClock
from server.clock import SteadyClock

SECOND = timedelta(seconds=1)


class Two:
    """The elder one's clock is `ahead` of the younger one's; both go on by the same seconds."""

    def __init__(self) -> None:
        self.seconds = 100.0
        self.clock = SteadyClock(self._nanoseconds, self._nanoseconds)
        self.eldest = EldestClock(self.clock)
        self.began = self.clock()
        self.ahead = timedelta()
        self.say()

    def say(self, late: float = 0.0) -> None:
        at = self.began + timedelta(seconds=self.seconds - 100 - late) + self.ahead
        self.eldest.says(at, self.seconds)

    @property
    def apart(self) -> timedelta:
        return self.clock() - self.began - timedelta(seconds=self.seconds - 100) - self.ahead

    def _nanoseconds(self) -> int:
        return int(self.seconds * 1_000_000_000)


@pytest.mark.parametrize("stood_still", [4, 60])
def test_a_process_that_stood_still_goes_on_by_its_own(stood_still: int) -> None:
    two = Two()
    two.seconds += stood_still
    for late in range(stood_still, 0, -4):
        two.say(late)
        assert two.apart == timedelta()
    for _ in range(10):
        two.seconds += 4
        two.say(0.1)
        assert two.apart == timedelta()


def test_the_first_word_counts_at_once_and_so_does_a_later_time() -> None:
    two = Two()
    two.ahead = 3600 * SECOND
    two.say()
    assert two.apart == timedelta()
    two.eldest = EldestClock(two.clock)
    two.ahead = timedelta()
    two.say()
    assert two.apart == timedelta()


def test_a_first_word_that_comes_when_its_hearer_serves_already_sets_no_clock_back_at_once() -> None:
    """Redis was slow to take the line, and its clients have been told moments since."""
    two = Two()
    two.eldest = EldestClock(two.clock)
    two.eldest.begins()
    two.ahead = -10 * SECOND
    two.say()
    assert two.apart == 10 * SECOND
    two.seconds += SURE_AFTER_SECONDS
    two.say()
    assert two.apart == timedelta()


def test_an_elder_that_is_behind_for_good_is_followed_as_far_as_its_quickest_word_says() -> None:
    two = Two()
    two.ahead = -10 * SECOND
    began = two.seconds + 4
    for late in (3.0, 0.5, 2.0, 1.5):
        two.seconds += 4
        two.say(late)
        assert (two.apart == 10 * SECOND) == (two.seconds - began < SURE_AFTER_SECONDS)
    assert two.apart == -SECOND / 2
