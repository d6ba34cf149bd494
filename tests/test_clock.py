"""What the clock of a server does while the wall clock is set under it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from server.clock import FOLLOWS, LONGEST_AHEAD, SteadyClock, now

SECOND = 1_000_000_000
HOUR = timedelta(hours=1)
BEGAN = datetime(2026, 11, 28, 12, tzinfo=UTC)


class Machine:
    """`steady` passes; `wall` is that, and what it was set by."""

    def __init__(self) -> None:
        self.steady = 1000 * SECOND
        self.set_by = int(BEGAN.timestamp()) * SECOND - self.steady

    def clock(self) -> SteadyClock:
        return SteadyClock(lambda: self.steady + self.set_by, lambda: self.steady)

    def wait(self, seconds: float) -> None:
        self.steady += round(seconds * SECOND)

    def step(self, by: timedelta) -> None:
        self.set_by += round(by.total_seconds()) * SECOND

    @property
    def wall(self) -> datetime:
        return datetime.fromtimestamp((self.steady + self.set_by) / SECOND, UTC)


MOVES = st.lists(st.tuples(st.integers(-100_000, 100_000), st.floats(0, 600)), max_size=20)


@given(MOVES)
def test_it_goes_on_evenly_and_never_back(moves: list[tuple[int, float]]) -> None:
    machine = Machine()
    clock = machine.clock()
    before = clock()
    for step, seconds in moves:
        machine.step(timedelta(seconds=step))
        assert clock() == before
        machine.wait(seconds)
        passed = (clock() - before).total_seconds()
        assert abs(passed - seconds) <= seconds / FOLLOWS + 0.002
        before = clock()


@given(st.integers(-3600, 3600))
def test_it_follows_until_it_is_right(step: int) -> None:
    machine = Machine()
    clock = machine.clock()
    machine.step(timedelta(seconds=step))
    clock()
    machine.wait(abs(step) * FOLLOWS + 1)
    assert abs(clock() - machine.wall) < timedelta(milliseconds=2)


def test_what_the_time_server_steers_is_followed_without_a_word() -> None:
    machine = Machine()
    clock = machine.clock()
    with capture_logs() as logs:
        for _ in range(100):
            machine.wait(60)
            machine.set_by += SECOND // 50
            assert abs(clock() - machine.wall) < timedelta(seconds=0.1)
    assert logs == []


def test_a_step_is_told_once_and_the_end_of_it() -> None:
    machine = Machine()
    clock = machine.clock()
    with capture_logs() as logs:
        for step in (HOUR, -HOUR / 2):
            machine.step(step)
            for _ in range(3):
                machine.wait(5)
                clock()
        clock.take_over()
    assert [(each["log_level"], each.get("by_seconds")) for each in logs] == [
        ("warning", 3600),
        ("warning", -1800),
        ("info", None),
    ]
    assert clock() == machine.wall


def test_a_reading_that_was_held_up_is_no_step() -> None:
    """The machine did something else for a minute, between the one clock and the other."""
    machine = Machine()
    holds_up = [60.0]

    def wall() -> int:
        machine.wait(holds_up.pop() if holds_up else 0)
        return machine.steady + machine.set_by

    holds_up.append(0)
    clock = SteadyClock(wall, lambda: machine.steady)
    holds_up.append(60)
    with capture_logs() as logs:
        clock()
    assert logs == []
    assert abs(clock() - machine.wall) < timedelta(milliseconds=2)


def test_a_server_that_starts_goes_on_where_the_record_is() -> None:
    machine = Machine()
    recorded = machine.clock()() + HOUR
    for ahead, expected in ((timedelta(), recorded), (-2 * HOUR, machine.wall), (2 * LONGEST_AHEAD, machine.wall)):
        clock = machine.clock()
        clock.begin_after(recorded + ahead)
        assert clock() == expected


def test_it_agrees_with_another_by_more_than_a_second_only() -> None:
    machine = Machine()
    clock = machine.clock()
    clock.agree_with(machine.wall + timedelta(milliseconds=900))
    assert clock() == machine.wall
    for ahead in (HOUR, -HOUR):
        clock.agree_with(machine.wall + ahead)
        assert clock() == machine.wall + ahead
        clock.take_over()
        assert clock() == machine.wall


def test_it_is_the_wall_clock_where_nothing_is_set() -> None:
    assert abs(SteadyClock()() - now()) < timedelta(minutes=1)
