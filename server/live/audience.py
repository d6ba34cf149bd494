"""Who is connected to this process, and to which sessions: written by the sockets, read by all who tell or look."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Collection, Mapping
from typing import TypeVar
from uuid import UUID

from server.domain.session import Seat

Key = TypeVar("Key")
Item = TypeVar("Item")

Connections = Collection[str]
"""By the ids that the sockets gave them."""

ENDED_KEPT = 10_000


class Audience:
    """A connection is let in first; it then joins the session of its seat, or watches sessions."""

    def __init__(self) -> None:
        self._seats: dict[str, Seat] = {}
        self._logins: dict[str, bytes] = {}
        self._schools: dict[str, UUID] = {}
        self._trainers: dict[str, UUID] = {}
        self._trainees: defaultdict[UUID, set[str]] = defaultdict(set)
        self._watchers: defaultdict[UUID, set[str]] = defaultdict(set)
        self._watched: defaultdict[str, set[UUID]] = defaultdict(set)
        self._ended: OrderedDict[UUID | bytes, None] = OrderedDict()

    # Written by the sockets

    def let_in_trainee(self, connection: str, seat: Seat) -> bool:
        """False if its seat was taken away while it was judged."""
        if seat.id in self._ended:
            return False
        self._seats[connection] = seat
        return True

    def let_in_trainer(self, connection: str, token_hash: bytes, school_id: UUID, trainer_id: UUID) -> bool:
        """False if its login was ended while it was judged."""
        if token_hash in self._ended:
            return False
        self._logins[connection] = token_hash
        self._schools[connection] = school_id
        self._trainers[connection] = trainer_id
        return True

    def join(self, connection: str) -> None:
        """It hears from now on what is told in the session of its seat."""
        self._trainees[self._seats[connection].session_id].add(connection)

    def watch(self, connection: str, session_id: UUID) -> None:
        self._watchers[session_id].add(connection)
        self._watched[connection].add(session_id)

    def unwatch(self, connection: str, session_id: UUID) -> bool:
        """False if it did not watch."""
        if session_id not in self._watched.get(connection, ()):
            return False
        _discard(self._watched, connection, session_id)
        _discard(self._watchers, session_id, connection)
        return True

    def trainee_left(self, connection: str) -> None:
        seat = self._seats.pop(connection, None)
        if seat is not None:
            _discard(self._trainees, seat.session_id, connection)

    def trainer_left(self, connection: str) -> Collection[UUID]:
        """The sessions that it watched."""
        self._logins.pop(connection, None)
        self._schools.pop(connection, None)
        self._trainers.pop(connection, None)
        watched = self._watched.pop(connection, set[UUID]())
        for session_id in watched:
            _discard(self._watchers, session_id, connection)
        return watched

    def end(self, session_id: UUID) -> Connections:
        """Nobody hears of this session any more; the connections of its trainees."""
        for connection in self._watchers.pop(session_id, ()):
            _discard(self._watched, connection, session_id)
        return self._trainees.pop(session_id, set[str]())

    # Written by whoever takes a seat away or ends a login

    def never_again(self, ended: Collection[UUID] | Collection[bytes]) -> None:
        """These seats or logins, by the hashes of their tokens, are over for good: they let nobody in here."""
        self._ended.update(dict.fromkeys(ended))
        while len(self._ended) > ENDED_KEPT:
            self._ended.popitem(last=False)

    # Read by whoever tells, and by the jobs

    def live_sessions(self) -> Collection[UUID]:
        """Those with a connection, and those that somebody is about to join."""
        return {seat.session_id for seat in self._seats.values()} | self._watchers.keys()

    def watched_sessions(self) -> Collection[UUID]:
        return self._watchers.keys()

    def is_watched(self, session_id: UUID) -> bool:
        return session_id in self._watchers

    def trainers_at(self, session_id: UUID) -> Collection[UUID]:
        """Who watches it here, each once, however many pages they have open."""
        return {self._trainers[each] for each in self._watchers.get(session_id, ()) if each in self._trainers}

    def trainees_in(self, session_id: UUID) -> Mapping[str, str]:
        """The connections of its trainees here, and what they are called."""
        return {connection: self._seats[connection].name for connection in self._trainees.get(session_id, ())}

    def hears(self, session_id: UUID) -> bool:
        """Somebody here hears what is told of it."""
        return session_id in self._trainees or session_id in self._watchers

    def live_schools(self) -> Collection[UUID]:
        """Those with a trainer connected."""
        return set(self._schools.values())

    def live_seats(self) -> Collection[UUID]:
        return {seat.id for seat in self._seats.values()}

    def live_logins(self) -> Collection[bytes]:
        """The hashes of their tokens."""
        return set(self._logins.values())

    def connections_of_seats(self, seat_ids: Collection[UUID]) -> Connections:
        return [connection for connection, seat in self._seats.items() if seat.id in seat_ids]

    def connections_of_logins(self, token_hashes: Collection[bytes]) -> Connections:
        return [connection for connection, token_hash in self._logins.items() if token_hash in token_hashes]


def _discard(groups: dict[Key, set[Item]], key: Key, item: Item) -> None:
    """An empty group is none."""
    group = groups.get(key)
    if group is not None:
        group.discard(item)
        if not group:
            del groups[key]
