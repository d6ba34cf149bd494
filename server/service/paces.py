"""How fast the people of a session may come and act: a class at once never meets these limits, a flood does.

They are the leaky buckets of `guessing.py`, in this process's memory: of several processes, each lets as many through.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from server.domain.outcomes import RateLimited
from server.domain.session import Seat
from server.service.guessing import Allowance, Counted, FailureLimit, count_in_all, take_back_in_all

# Of new seats, by session and by address: half of a session at once, and the whole of it in half a minute; and never
# less than a few classes. With the usual limit a lecture hall of 500 is in at once.
_SHARE_AT_ONCE = 2
_SECONDS_TO_FILL = 40.0
SESSIONS_BY_ADDRESS = 2
LEAST_AT_ONCE = 100
_LONGEST_SECONDS_EACH = 0.1
# One connection has one seat. It may have lost it, or its person may have changed sessions, a few times.
SEATS_BY_CONNECTION = Allowance(10, 5)

# Of one seat, for each time costs a few questions, and a new name a write in its session's turn. A tablet that has lost
# its line comes back once, and a line that flaps every few seconds.
RETURNS_BY_SEAT = Allowance(30, 2)
NAMES_BY_SEAT = Allowance(5, 10)

# Every action is stored; a person takes a few a minute, a stuck button many a second.
ACTIONS_BY_SEAT = Allowance(60, 0.2)
# A lecture hall that taps at once, and a few classes that go on doing so. Without these, new seats would get around
# the limit of each.
ACTIONS_BY_SESSION = Allowance(500, 0.02)
ACTIONS_BY_ADDRESS = Allowance(1000, 0.01)


def seats_at_a_time(seats_limit: int) -> Allowance:
    return Allowance(
        max(LEAST_AT_ONCE, seats_limit // _SHARE_AT_ONCE), min(_LONGEST_SECONDS_EACH, _SECONDS_TO_FILL / seats_limit)
    )


class JoinPace:
    """Of new seats only: whoever comes back to a seat is not held up by others."""

    def __init__(self, seats_limit: int) -> None:
        self._sessions = FailureLimit(seats_at_a_time(seats_limit))
        # Several sessions may run behind one address.
        self._addresses = FailureLimit(seats_at_a_time(SESSIONS_BY_ADDRESS * seats_limit))
        self._connections = FailureLimit(SEATS_BY_CONNECTION)

    def refusal(self, address: str, connection: str, now: datetime) -> RateLimited | None:
        """Whatever session they want: nothing has to be looked up for whoever is refused."""
        return self._connections.refusal(connection, now) or self._addresses.refusal(address, now)

    def begin(self, session_id: UUID, address: str, connection: str, now: datetime) -> RateLimited | None:
        """Counted, unless it is refused; `take_back` says that no seat was taken for no fault of whoever came."""
        return count_in_all(self._counted(session_id, address, connection), now)

    def take_back(self, session_id: UUID, address: str, connection: str, now: datetime) -> None:
        take_back_in_all(self._counted(session_id, address, connection), now)

    def _counted(self, session_id: UUID, address: str, connection: str) -> Counted:
        return (self._connections, connection), (self._sessions, str(session_id)), (self._addresses, address)


class ReturnPace:
    """Of each seat by itself: a class that comes back at once passes, whatever somebody does with a seat of theirs."""

    def __init__(self) -> None:
        self._returns = FailureLimit(RETURNS_BY_SEAT)
        self._names = FailureLimit(NAMES_BY_SEAT)

    def refusal(self, token: bytes, now: datetime) -> RateLimited | None:
        """By the hash of the seat's token: nothing has to be looked up for whoever is refused."""
        return self._returns.refusal(token.hex(), now)

    def count(self, token: bytes, now: datetime) -> None:
        """There is such a seat."""
        self._returns.count(token.hex(), now)

    def may_rename(self, seat: Seat, now: datetime) -> bool:
        """Counted, if so."""
        return count_in_all(((self._names, str(seat.id)),), now) is None


class ActionPace:
    def __init__(self) -> None:
        self._seats = FailureLimit(ACTIONS_BY_SEAT)
        self._sessions = FailureLimit(ACTIONS_BY_SESSION)
        self._addresses = FailureLimit(ACTIONS_BY_ADDRESS)

    def begin(self, seat: Seat, address: str, now: datetime) -> RateLimited | None:
        """Counted, unless it is refused."""
        counted = (
            (self._seats, str(seat.id)),
            (self._sessions, str(seat.session_id)),
            (self._addresses, address),
        )
        return count_in_all(counted, now)
