"""Limits on guessing: leaky buckets of failures, in this process's memory, with a bound.

A failure fills a bucket by one; it drains steadily, and an empty one is forgotten. Whoever is refused waits seconds:
the limits stop a search, they are no punishment. A failure is counted before it is known to be one and taken back if it
is none, so that guesses sent side by side find each other; and a full bucket gets no fuller, however many more there
are.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from server.domain.outcomes import RateLimited
from server.service.devices import KnownDevice

BUCKETS_KEPT = 50_000
# Of what was seen here. Whoever is forgotten is let in all the same, only behind others while somebody searches.
SEEN_KEPT = 10_000
# Each failure adds one bucket at most, so that those that were filled and left drain away faster than they come.
_EMPTIED_AT_ONCE = 2

Seen = TypeVar("Seen", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Allowance:
    """So many failures at once, and then one every so many seconds."""

    failures: int
    seconds_each: float


class FailureLimit:
    def __init__(self, allowance: Allowance) -> None:
        self._allowance = allowance
        # Those that were filled the longest ago first.
        self._buckets: OrderedDict[str, tuple[float, datetime]] = OrderedDict()

    def __len__(self) -> int:
        """How many buckets are kept."""
        return len(self._buckets)

    def refusal(self, key: str, now: datetime) -> RateLimited | None:
        excess = self._level(key, now) + 1 - self._allowance.failures
        if excess <= 0:
            return None
        return RateLimited(max(1, math.ceil(excess * self._allowance.seconds_each)))

    def count(self, key: str, now: datetime) -> None:
        self._buckets[key] = (min(self._level(key, now) + 1, self._allowance.failures), now)
        self._buckets.move_to_end(key)
        self._forget_empty(now)
        if len(self._buckets) > BUCKETS_KEPT:
            self._buckets.popitem(last=False)

    def take_back(self, key: str, now: datetime) -> None:
        """One that was counted and was none."""
        level = self._level(key, now) - 1
        if level > 0:
            self._buckets[key] = (level, now)
        else:
            self.clear(key)

    def clear(self, key: str) -> None:
        self._buckets.pop(key, None)

    def _forget_empty(self, now: datetime) -> None:
        """Of those at the front. Nothing is lost: an empty one is like none."""
        for _ in range(_EMPTIED_AT_ONCE):
            eldest = next(iter(self._buckets))
            if self._level(eldest, now) > 0:
                return
            del self._buckets[eldest]

    def _level(self, key: str, now: datetime) -> float:
        level, at = self._buckets.get(key, (0.0, now))
        if now < at:
            # The clock was put back. The bucket drains from here on, and not only when it is as late again.
            self._buckets[key] = (level, now)
            return level
        return max(0.0, level - (now - at).total_seconds() / self._allowance.seconds_each)


class Lately(Generic[Seen]):
    """What was seen, the oldest forgotten first."""

    def __init__(self) -> None:
        self._seen: OrderedDict[Seen, None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._seen)

    def __contains__(self, seen: Seen) -> bool:
        return seen in self._seen

    def see(self, seen: Seen) -> None:
        self._seen[seen] = None
        self._seen.move_to_end(seen)
        if len(self._seen) > SEEN_KEPT:
            self._seen.popitem(last=False)


Counted = Sequence[tuple[FailureLimit, str]]


def _refusal(limits: Counted, now: datetime) -> RateLimited | None:
    return next((refusal for limit, key in limits if (refusal := limit.refusal(key, now))), None)


def count_in_all(limits: Counted, now: datetime) -> RateLimited | None:
    """Or in none of them."""
    if refusal := _refusal(limits, now):
        return refusal
    _count(limits, now)
    return None


def _count(limits: Counted, now: datetime) -> Counted:
    for limit, key in limits:
        limit.count(key, now)
    return limits


def take_back_in_all(counted: Counted, now: datetime) -> None:
    """What was counted, and was none."""
    for limit, key in counted:
        limit.take_back(key, now)


# Of passwords.
PASSWORDS_BY_ADDRESS = Allowance(30, 2)
PASSWORDS_BY_ACCOUNT_HERE = Allowance(8, 5)
PASSWORDS_BY_ACCOUNT_ELSEWHERE = Allowance(50, 2)
PASSWORDS_BY_DEVICE = Allowance(8, 5)


class LoginLimits:
    """Per address; per account from one address; and per account from addresses that it never logged in from.

    The last one stops a search from many addresses, and does not touch the account's owner at the usual desk. A device
    that the account has logged in on has a limit of its own, and none of these holds it up while it keeps within that.
    """

    def __init__(self) -> None:
        self._address = FailureLimit(PASSWORDS_BY_ADDRESS)
        self._account_here = FailureLimit(PASSWORDS_BY_ACCOUNT_HERE)
        self._account_elsewhere = FailureLimit(PASSWORDS_BY_ACCOUNT_ELSEWHERE)
        self._devices = FailureLimit(PASSWORDS_BY_DEVICE)
        self._familiar = Lately[tuple[str, str]]()

    def refusal(self, email: str, address: str, device: KnownDevice | None, now: datetime) -> RateLimited | None:
        if device is not None and self._devices.refusal(device.id, now) is None:
            return None
        asked = self._asked_of(email, address)
        if (email, address) in self._familiar:
            asked = asked[:-1]
        return _refusal(asked, now)

    def begin(self, email: str, address: str, device: KnownDevice | None, now: datetime) -> Counted | RateLimited:
        """Counted as a failure from now on; `take_back` says that it was none."""
        if refusal := self.refusal(email, address, device, now):
            return refusal
        if device is not None and self._devices.refusal(device.id, now) is None:
            return _count(((self._devices, device.id),), now)
        return _count(self._asked_of(email, address), now)

    def take_back(self, counted: Counted, now: datetime) -> None:
        take_back_in_all(counted, now)

    def succeeded(self, email: str, address: str) -> None:
        self._account_here.clear(f"{email} {address}")
        self._familiar.see((email, address))

    def _asked_of(self, email: str, address: str) -> Counted:
        """The last one is not asked of an account that was logged in to from here."""
        return (
            (self._address, address),
            (self._account_here, f"{email} {address}"),
            (self._account_elsewhere, email),
        )


# Of links that are opened once: invitations, and the one to a new server's first account.
LINKS_BY_ADDRESS = Allowance(20, 3)


class LinkLimits:
    """Wrong tokens of such links, per address. None is found by chance; who searches all the same is slowed down."""

    def __init__(self) -> None:
        self._address = FailureLimit(LINKS_BY_ADDRESS)

    def begin(self, address: str, now: datetime) -> RateLimited | None:
        """Counted as a failure from now on; `take_back` says that it was none."""
        if refusal := self._address.refusal(address, now):
            return refusal
        self._address.count(address, now)
        return None

    def take_back(self, address: str, now: datetime) -> None:
        self._address.take_back(address, now)


# Of codes.
CODES_BY_ADDRESS = Allowance(20, 1)
CODES_BEHIND_A_FLOOD = Allowance(60_000, 1)
CODES_BEHIND_ALL_FLOODS = Allowance(240_000, 0.25)
CODES_BY_DEVICE = Allowance(5, 10)
CODES_BY_SESSION_OF_DEVICE = Allowance(30, 10)

_EVERYWHERE = "everywhere"


@dataclass(frozen=True, slots=True)
class Guess:
    """A code that may be looked up. `refusal` is what a wrong one is answered; None: that it is wrong."""

    counted: Counted
    refusal: RateLimited | None = None
    is_at_home: bool = False
    """Its answer is known to be worth waiting for."""


class CodeLimits:
    """Wrong join codes per address. A whole class behind one address may mistype; a search may not.

    Beyond that an address is told nothing of its wrong codes, and its right ones are let in: at any rate those of
    sessions that are at home there, and others as long as it has not been searching for long. So a class gets in
    behind the address of somebody who floods it with guesses.
    """

    def __init__(self) -> None:
        self._address = FailureLimit(CODES_BY_ADDRESS)
        self._flood = FailureLimit(CODES_BEHIND_A_FLOOD)
        self._all_floods = FailureLimit(CODES_BEHIND_ALL_FLOODS)
        self._device = FailureLimit(CODES_BY_DEVICE)
        self._session_of_device = FailureLimit(CODES_BY_SESSION_OF_DEVICE)
        self._homes = Lately[tuple[str, str]]()

    def be_at_home(self, address: str, code: str) -> None:
        """Somebody of the session was seen at this address: its trainer, or a trainee with a right code or a seat."""
        self._homes.see((address, code))

    def begin(self, code: str, address: str, device: KnownDevice | None, now: datetime) -> Guess | RateLimited:
        """Counted as a failure from now on; `take_back` says that it was none."""
        if (address, code) in self._homes:
            return Guess((), self._address.refusal(address, now), is_at_home=True)
        if device is not None:
            own = ((self._device, device.id), (self._session_of_device, device.subject))
            if count_in_all(own, now) is None:
                return Guess(own)
        plain = ((self._address, address),)
        searching = ((self._flood, address), (self._all_floods, _EVERYWHERE))
        refusal = count_in_all(plain, now)
        if refusal is None:
            # What may be searched in floods is used up by these as well: somebody may have many addresses.
            return Guess((*plain, *(each for each in searching if count_in_all((each,), now) is None)))
        if count_in_all(searching, now) is None:
            return Guess(searching, refusal)
        return refusal

    def take_back(self, guess: Guess, now: datetime) -> None:
        take_back_in_all(guess.counted, now)
