"""The clock. Read by transports and jobs alone; everything below them is told the time."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog

from server.domain.timestamps import to_milliseconds

log = structlog.get_logger("shiller.clock")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = 1_000_000_000
# A wall clock that moves by more, from one reading to the next, was set; by less, it is being steered.
STEP = _SECOND
# By one part in so many of what passes the clock follows: a ramp of a minute is off by 0.12 s, and an hour takes three
# weeks. Screens read the clock every 30 s; by then they are off by 60 ms.
FOLLOWS = 500
# What was recorded later than that is the work of a clock that was wrong, and not of one that was put back.
LONGEST_AHEAD = timedelta(days=1)
# The two clocks are read one after the other, and a busy machine may have done something else between.
_READ_WITHIN = _SECOND // 100
_READINGS = 5


def now() -> datetime:
    """The present moment in UTC, in whole milliseconds: what the wire carries and the storage keeps."""
    return to_milliseconds(datetime.now(UTC))


def steady_ns() -> int:
    """What passes, whatever the wall clock is set to; the time that the machine sleeps passes as well."""
    if sys.platform == "linux":
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    # Elsewhere this one counts sleep: on macOS, unlike `time.monotonic`; Windows has no such function.
    return time.monotonic_ns() if sys.platform == "win32" else time.clock_gettime_ns(time.CLOCK_MONOTONIC)


class SteadyClock:
    """The clock of a running server: it begins as the wall clock stands, and goes on evenly whatever that is set to.

    A ramp, the life of a session and a limit are durations. When the wall clock is set, they last as long as they would
    have, and this clock follows it by 1 in 500, never backwards. As soon as no session is open, `take_over` goes there
    at once.
    """

    def __init__(self, wall: Callable[[], int] = time.time_ns, steady: Callable[[], int] = steady_ns) -> None:
        """Both in nanoseconds."""
        self._wall = wall
        self._steady = steady
        self._read_at, self._wall_ahead = self._read()
        self._ahead = self._wall_ahead
        self._began_at = self._read_at
        self._is_off = False

    def __call__(self) -> datetime:
        """The present moment in UTC, in whole milliseconds."""
        at = self._steady()
        wall_ahead = self._wall() - at
        if abs(wall_ahead - self._wall_ahead) > STEP:
            at, wall_ahead = self._read()
            if abs(wall_ahead - self._wall_ahead) > STEP:
                self._was_set(wall_ahead - self._wall_ahead)
        left, most = wall_ahead - self._ahead, (at - self._read_at) // FOLLOWS
        self._ahead += max(-most, min(most, left))
        self._read_at, self._wall_ahead = at, wall_ahead
        if self._is_off and abs(left) <= STEP:
            self._is_right_again()
        return _EPOCH + timedelta(milliseconds=(at + self._ahead) // 1_000_000)

    @property
    def age_seconds(self) -> float:
        """For how long it has been going."""
        return (self._steady() - self._began_at) / _SECOND

    @property
    def seconds_off(self) -> float:
        """By how much the wall clock is ahead of this one; below zero, behind."""
        return (self._wall_ahead - self._ahead) / _SECOND

    @property
    def ahead(self) -> int:
        """By how many nanoseconds it is ahead of what has passed since the machine started."""
        return self._ahead

    def take_over(self) -> None:
        """No session is open that the wall clock could disturb: go by it."""
        self()
        if abs(self._wall_ahead - self._ahead) > STEP:
            self._ahead = self._wall_ahead
            self._is_right_again()

    def begin_after(self, recorded: datetime) -> None:
        """Go on where the open sessions have got to, if the clock was put back before this server started."""
        missing = recorded - self()
        if timedelta() < missing <= LONGEST_AHEAD:
            self._go_to(missing)

    def go_on(self, ahead: int) -> None:
        """As the server did that ran before on this machine, whose `ahead` this is."""
        if abs(ahead - self._ahead) > STEP:
            self._go_to(timedelta(microseconds=(ahead - self._ahead) / 1000))

    def agree_with(self, other: datetime) -> None:
        """Go by the clock of a server that has been running for longer, on the same sessions."""
        missing = other - self()
        if abs(missing) > timedelta(microseconds=STEP / 1000):
            self._go_to(missing)

    def _go_to(self, by: timedelta) -> None:
        self._ahead += by // timedelta(microseconds=1) * 1000
        self._is_off = abs(self._wall_ahead - self._ahead) > STEP
        log.warning(
            "the clock of this machine is not that of the sessions that are open; they go on by their own",
            ahead_by_seconds=round(self.seconds_off, 3),
        )

    def _read(self) -> tuple[int, int]:
        """Steady, and how far the wall clock is ahead of that; read without being held up, if the machine lets us."""
        for _ in range(_READINGS):
            at, wall = self._steady(), self._wall()
            if self._steady() - at < _READ_WITHIN:
                return at, wall - at
        at = self._steady()
        return at, self._wall() - at

    def _was_set(self, by: int) -> None:
        self._is_off = True
        log.warning(
            "the clock of this machine was set; open sessions go on evenly, and the time here follows slowly, "
            "or at once when no session is open",
            by_seconds=round(by / _SECOND, 3),
        )

    def _is_right_again(self) -> None:
        self._is_off = False
        log.info("the time here is that of the machine's clock again")
