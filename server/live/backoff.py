"""How long to wait before the next try."""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """Twice as long after each try, and half of it by chance, so that many do not come back at once."""

    shortest_seconds: float
    longest_seconds: float

    def pause(self, tries: int) -> float:
        """Seconds, after so many tries before this one."""
        longest = min(self.longest_seconds, self.shortest_seconds * 2 ** min(tries, 16))
        return longest * (0.5 + random.random() / 2)  # noqa: S311
