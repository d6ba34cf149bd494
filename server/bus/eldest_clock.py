"""Going by the clock of the process that has been running for longest, whose word may come late and never early."""

from __future__ import annotations

from datetime import datetime, timedelta

from server.clock import STEP, SteadyClock

# Its word comes every four seconds. Words that waited for a process or a line that stood still are read all at once.
SURE_AFTER_SECONDS = 10.0

_STEP = timedelta(microseconds=STEP / 1000)


class EldestClock:
    def __init__(self, own: SteadyClock) -> None:
        self._own = own
        self._is_settled = False
        """It has spoken, or this process serves."""
        self._behind_since: float | None = None
        self._least_behind = timedelta.max

    def says(self, at: datetime, now: float) -> None:
        """`at` by its clock; heard at `now`, in seconds that only go on.

        Forward at once. Back only if all of its words say so for a while, and as far as the quickest of them; its
        first one counts as it is, if nothing goes on here yet.
        """
        behind = self._own() - at
        if behind <= _STEP or not self._is_settled:
            self._own.agree_with(at)
            self._forget()
        else:
            self._is_behind(behind, now)
        self._is_settled = True

    def begins(self) -> None:
        """This process serves from now on: a first word that comes only now sets no clock back at once, either."""
        self._is_settled = True

    def _is_behind(self, behind: timedelta, now: float) -> None:
        since = self._behind_since = now if self._behind_since is None else self._behind_since
        self._least_behind = min(self._least_behind, behind)
        if now - since >= SURE_AFTER_SECONDS:
            self._own.agree_with(self._own() - self._least_behind)
            self._forget()

    def _forget(self) -> None:
        self._behind_since, self._least_behind = None, timedelta.max
