"""Clocks of the test's own."""

from __future__ import annotations

from datetime import datetime, timedelta

from server import clock


class SteppingClock:
    def __init__(self) -> None:
        self._ahead = timedelta(0)

    def __call__(self) -> datetime:
        return clock.now() + self._ahead

    def step(self, by: timedelta) -> None:
        self._ahead += by
