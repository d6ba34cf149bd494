"""Which seats have a live connection. Nothing is stored: a restart begins with nobody there.

Where several processes serve one session, each tells the others who is connected to it: what changed at once,
the whole again and again, so that whoever missed a word is put right by the next one. A process that has not
been heard of for a while is taken for gone, and its trainees with it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from server.domain.session import Seat

# Three times as long as a process takes to be heard of again.
LEASE_SECONDS = 12.0

_NOBODY = frozenset[UUID]()

Seated = Mapping[UUID, Collection[UUID]]
"""The connected seats of each session."""


class Presence(Protocol):
    def arrived(self, seat: Seat) -> None: ...

    def left(self, seat: Seat) -> None: ...

    def is_connected(self, seat: Seat) -> bool: ...

    def connected_in(self, session_id: UUID) -> Collection[UUID]:
        """The seats of this session that are."""
        ...


class OwnPresence:
    """The connections of this process."""

    def __init__(self) -> None:
        self._connections: defaultdict[UUID, Counter[UUID]] = defaultdict(Counter)

    def arrived(self, seat: Seat) -> None:
        self._connections[seat.session_id][seat.id] += 1

    def left(self, seat: Seat) -> None:
        seats = self._connections[seat.session_id]
        seats[seat.id] -= 1
        if seats[seat.id] <= 0:
            del seats[seat.id]
        if not seats:
            del self._connections[seat.session_id]

    def is_connected(self, seat: Seat) -> bool:
        return seat.id in self.seated_in(seat.session_id)

    def seated_in(self, session_id: UUID) -> Collection[UUID]:
        return self._connections.get(session_id, _NOBODY)

    def connected_in(self, session_id: UUID) -> Collection[UUID]:
        return self.seated_in(session_id)

    def seated(self) -> Seated:
        return self._connections

    def knows(self, process: str) -> bool:
        """Whether it is another one that is there, as far as has been heard."""
        return False


@dataclass(slots=True)
class _Elsewhere:
    """What another process has told, and until when (seconds of some steady clock) it counts."""

    seated: dict[UUID, frozenset[UUID]]
    lapses_at: float


class SharedPresence(OwnPresence):
    """With what the other processes have told of theirs. `now` is in seconds of a steady clock."""

    def __init__(self) -> None:
        super().__init__()
        self._elsewhere: dict[str, _Elsewhere] = {}

    def elsewhere_in(self, session_id: UUID) -> Collection[UUID]:
        return {each for there in self._elsewhere.values() for each in there.seated.get(session_id, ())}

    @property
    def processes(self) -> int:
        """How many others there are."""
        return len(self._elsewhere)

    def knows(self, process: str) -> bool:
        return process in self._elsewhere

    def is_connected(self, seat: Seat) -> bool:
        return super().is_connected(seat) or any(
            seat.id in there.seated.get(seat.session_id, ()) for there in self._elsewhere.values()
        )

    def connected_in(self, session_id: UUID) -> Collection[UUID]:
        return {*self.seated_in(session_id), *self.elsewhere_in(session_id)}

    def heard_of(self, process: str, seated: Seated, now: float) -> None:
        """Some sessions of that process, as they are now."""
        there = self._elsewhere.setdefault(process, _Elsewhere({}, 0.0))
        there.lapses_at = now + LEASE_SECONDS
        for session_id, seats in seated.items():
            if seats:
                there.seated[session_id] = frozenset(seats)
            else:
                there.seated.pop(session_id, None)

    def heard_all_of(self, process: str, seated: Seated, now: float) -> Collection[UUID]:
        """All sessions of that process; those that are not as they were known."""
        known = self._elsewhere.get(process)
        before = {} if known is None else known.seated
        after = {session_id: frozenset(seats) for session_id, seats in seated.items() if seats}
        self._elsewhere[process] = _Elsewhere(after, now + LEASE_SECONDS)
        return [each for each in before.keys() | after.keys() if before.get(each) != after.get(each)]

    def lapse(self, now: float) -> Collection[UUID]:
        """Forget the processes that are gone; the sessions whose trainees went with them."""
        gone = [process for process, there in self._elsewhere.items() if there.lapses_at <= now]
        return [each for process in gone for each in self.forget(process)]

    def forget(self, process: str) -> Collection[UUID]:
        there = self._elsewhere.pop(process, None)
        return [] if there is None else list(there.seated)
