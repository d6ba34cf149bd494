"""What one connection may send in which time. Counted for each frame, reckoned only now and then."""

from __future__ import annotations

from server.engine.settings import Rate


class Budget:
    """A window of frames and bytes that should have taken some time; if they came sooner, the rest is waited for."""

    __slots__ = ("_bytes", "_frames", "_over_since", "_since", "rate")

    def __init__(self, rate: Rate, now: float) -> None:
        """`now`: seconds of any clock that only goes forward."""
        self.rate = rate
        self._frames = 0
        self._bytes = 0
        self._since = now
        self._over_since: float | None = None

    def spend_frame(self) -> bool:
        """True if it is time to `settle`."""
        self._frames += 1
        return self._frames >= self.rate.frames_at_once

    def spend_bytes(self, size: int) -> bool:
        """So many came, wanted or not; True if it is time to `settle`."""
        self._bytes += size
        return self._bytes >= self.rate.bytes_at_once

    def settle(self, now: float) -> float:
        """Seconds in which nothing more may be read; mostly none."""
        due = self._since + max(self._frames / self.rate.frames, self._bytes / self.rate.bytes)
        self._frames = self._bytes = 0
        if due <= now:
            self._since, self._over_since = now, None
            return 0.0
        if self._over_since is None:
            self._over_since = now
        self._since = due
        return due - now

    def over_for(self, now: float) -> float:
        """Seconds for which more has come than may, without a pause."""
        return 0.0 if self._over_since is None else now - self._over_since
