"""Clocks of the test's own."""

from __future__ import annotations

import time
from datetime import timedelta

from server.clock import SteadyClock, steady_ns


class SteppingClock(SteadyClock):
    """Of a machine on which time passes and the wall clock is set at the test's wish."""

    def __init__(self, ahead: timedelta = timedelta()) -> None:
        self._set_by, self._passed = time.time_ns() - steady_ns() + _nanoseconds(ahead), 0
        self._stands_at: int | None = None
        super().__init__(lambda: self._present() + self._set_by, self._present)

    def _present(self) -> int:
        return (steady_ns() if self._stands_at is None else self._stands_at) + self._passed

    def stand_still(self) -> None:
        """No time passes any more but by `wait`."""
        self._stands_at = steady_ns()

    def step(self, by: timedelta) -> None:
        """The wall clock is set."""
        self._set_by += _nanoseconds(by)

    def wait(self, by: timedelta) -> None:
        """That time passes, for the sake of all clocks."""
        self._passed += _nanoseconds(by)

    def starts_anew(self) -> SteadyClock:
        """That of a server which starts on this machine now."""
        return SteadyClock(self._wall, self._steady)


def _nanoseconds(span: timedelta) -> int:
    return span // timedelta(microseconds=1) * 1000
