"""Limits on guessing: leaky buckets of failures, in this process's memory, with a bound.

A failure fills a bucket by one; it drains steadily. Whoever is refused waits seconds, not hours: the
limits stop a search, they are no punishment, and nobody can lock a colleague out for long.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

from server.domain.outcomes import RateLimited

BUCKETS_KEPT = 50_000


@dataclass(frozen=True, slots=True)
class Allowance:
    """So many failures at once, and then one every so many seconds."""

    failures: int
    seconds_each: float


class FailureLimit:
    def __init__(self, allowance: Allowance) -> None:
        self._allowance = allowance
        self._buckets: OrderedDict[str, tuple[float, datetime]] = OrderedDict()

    def refusal(self, key: str, now: datetime) -> RateLimited | None:
        excess = self._level(key, now) + 1 - self._allowance.failures
        if excess <= 0:
            return None
        return RateLimited(max(1, math.ceil(excess * self._allowance.seconds_each)))

    def count(self, key: str, now: datetime) -> None:
        self._buckets[key] = (self._level(key, now) + 1, now)
        self._buckets.move_to_end(key)
        if len(self._buckets) > BUCKETS_KEPT:
            self._buckets.popitem(last=False)

    def clear(self, key: str) -> None:
        self._buckets.pop(key, None)

    def _level(self, key: str, now: datetime) -> float:
        level, at = self._buckets.get(key, (0.0, now))
        if now < at:
            # The clock was put back. The bucket drains from here on, and not only when it is as late again.
            self._buckets[key] = (level, now)
            return level
        return max(0.0, level - (now - at).total_seconds() / self._allowance.seconds_each)


class LoginLimits:
    """Per address; per account from one address; and per account from addresses that it never logged in from.

    The last one stops a search from many addresses, and does not touch the account's owner at the
    usual desk.
    """

    def __init__(self) -> None:
        self._address = FailureLimit(Allowance(30, 2))
        self._account_here = FailureLimit(Allowance(8, 5))
        self._account_elsewhere = FailureLimit(Allowance(50, 2))
        self._familiar: OrderedDict[str, None] = OrderedDict()

    def refusal(self, email: str, address: str, now: datetime) -> RateLimited | None:
        here = f"{email} {address}"
        return (
            self._address.refusal(address, now)
            or self._account_here.refusal(here, now)
            or (None if here in self._familiar else self._account_elsewhere.refusal(email, now))
        )

    def failed(self, email: str, address: str, now: datetime) -> None:
        self._address.count(address, now)
        self._account_here.count(f"{email} {address}", now)
        self._account_elsewhere.count(email, now)

    def succeeded(self, email: str, address: str) -> None:
        here = f"{email} {address}"
        self._account_here.clear(here)
        self._familiar[here] = None
        self._familiar.move_to_end(here)
        if len(self._familiar) > BUCKETS_KEPT:
            self._familiar.popitem(last=False)


class CodeLimits(FailureLimit):
    """Wrong join codes per address. A whole class behind one address may mistype; a search may not."""

    def __init__(self) -> None:
        super().__init__(Allowance(20, 1))
