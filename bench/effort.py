"""How long everything is looked at."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Effort:
    """Seconds are those of one load; `largest` bounds the connections, `share` makes all of it smaller."""

    rounds: int
    seconds: float
    warm_up: float
    settle: float
    largest: int
    share: float = 1.0
    hour: float = 3600.0
    """Of the run that lasts an hour."""

    def some(self, count: int) -> int:
        """Of the sessions or trainees that a scenario has in earnest."""
        return max(1, round(count * self.share))


USUAL = Effort(rounds=3, seconds=2.5, warm_up=0.6, settle=3.0, largest=5000)
QUICK = Effort(rounds=1, seconds=1.2, warm_up=0.4, settle=2.0, largest=2000)
