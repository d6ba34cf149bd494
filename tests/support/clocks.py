"""Clocks of the test's own."""

from __future__ import annotations

import time
from datetime import timedelta

from server.clock import SteadyClock, steady_ns


class SteppingClock(SteadyClock):
    """Of a machine on which time passes and the wall clock is set at the test's wish."""

    def __init__(self, ahead: timedelta = timedelta()) -> None:
        self._set_by, self._passed = _nanoseconds(ahead), 0
        super().__init__(
            lambda: time.time_ns() + self._passed + self._set_by,
            lambda: steady_ns() + self._passed,
        )

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
