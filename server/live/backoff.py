"""How long to wait before the next try."""

from __future__ import annotations

import random


def pause(shortest: float, tries: int, longest: float) -> float:
    """Seconds: twice as long after each try, and half of it by chance, so that many do not come back at once."""
    return min(longest, shortest * 2 ** min(tries, 16)) * (0.5 + random.random() / 2)  # noqa: S311
