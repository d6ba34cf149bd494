"""Who is there, told to those who watch a session when it changes; and not once for each of a class that joins.

The list is read once, when somebody watches, and then kept here with what changes; it is read again where something
may have been missed. So what a join costs does not grow with the seats that are there.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Collection, Sequence
from itertools import count
from uuid import UUID

import structlog

from server.domain.session import Seat
from server.live.audience import Audience
from server.live.presence import Presence
from server.live.roster import Roster
from server.ports.broadcast import Broadcast, Trainee
from server.ports.bus import Bus
from server.ports.results import StorageUnavailable
from server.ports.seats import SeatStore

log = structlog.get_logger("shiller.delivery")

# A class that joins at once is one change, or a few, of the list; not one for each of them. The longer the list, the
# more rarely it is told: a watcher gets so many seats a second at most, and so does another process.
TRAINEES_TOLD_EVERY_SECONDS = 0.2
SEATS_TOLD_A_SECOND = 1000
STORAGE_PAUSE_SECONDS = 1.0
# What other processes say of their seats may be lost.
TRUSTED_SECONDS = 30.0
# When what was missed may be of any session, all of them are read anew: the storage has others to answer meanwhile.
READ_AT_A_TIME = 3


async def trainees_of(session_id: UUID, store: SeatStore, presence: Presence) -> Sequence[Trainee]:
    """Who holds a seat, in the order of joining, and whether they are connected at this moment."""
    seats = await store.list_seats(session_id)
    connected = presence.connected_in(session_id)
    return [Trainee(seat, seat.id in connected) for seat in seats]


class TraineeLists:
    def __init__(
        self, audience: Audience, presence: Presence, store: SeatStore, broadcast: Broadcast, bus: Bus
    ) -> None:
        self._audience = audience
        self._presence = presence
        self._store = store
        self._broadcast = broadcast
        self._bus = bus
        self._telling: dict[UUID, asyncio.Task[None]] = {}
        self._changed: set[UUID] = set()
        self._rosters: dict[UUID, Roster] = {}
        """Of sessions that are watched here."""
        self._read_at: dict[UUID, float] = {}
        self._count = count(1)
        self._changes: dict[UUID, int] = {}
        """By session that is watched: the newest change of its list, of all lists' changes."""
        self._reads = asyncio.Semaphore(READ_AT_A_TIME)
        self._reading: set[UUID] = set()
        """Whose seats are being read, while nothing says that the reading may be older than what was missed."""
        self._news: defaultdict[UUID, dict[UUID, Seat]] = defaultdict(dict)
        """By session: what is to go into its roster."""
        self._removed: defaultdict[UUID, set[UUID]] = defaultdict(set)
        """By session: the seats that were taken away, for as long as it is watched; a roster may be made anew."""
        self._to_say: defaultdict[UUID, dict[UUID, Seat]] = defaultdict(dict)
        """By session: what the other processes have yet to hear."""

    def changed_here(self, session_id: UUID, seats: Collection[Seat] = ()) -> None:
        """Somebody comes or leaves here; or these `seats` were taken, renamed or taken away."""
        _add(self._to_say[session_id], seats)
        self.changed_elsewhere(session_id, seats)
        self._tell_soon(session_id)

    def changed_elsewhere(self, session_id: UUID, seats: Collection[Seat] = ()) -> None:
        """The same, in another process."""
        if self._audience.is_watched(session_id):
            self._changes[session_id] = next(self._count)
            _add(self._news[session_id], seats)
            self._tell_soon(session_id)
        else:
            self._forget(session_id)

    def missed_something(self) -> None:
        """Of whatever session: what has changed elsewhere was not heard."""
        self._rosters.clear()
        self._reading.clear()
        for session_id in self._audience.watched_sessions():
            self._changes[session_id] = next(self._count)
            self._tell_soon(session_id)

    def changes(self, session_id: UUID) -> int:
        """Another number whenever its list has changed, while it is watched."""
        return self._changes.get(session_id, 0)

    def tell_again(self, session_id: UUID) -> None:
        """Soon; not in this turn of the loop."""
        self._tell_soon(session_id)

    async def close(self) -> None:
        tasks = list(self._telling.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _tell_soon(self, session_id: UUID) -> None:
        self._changed.add(session_id)
        if session_id not in self._telling:
            self._telling[session_id] = asyncio.create_task(self._tell(session_id))

    async def _tell(self, session_id: UUID) -> None:
        try:
            while session_id in self._changed:
                self._changed.discard(session_id)
                if (seats := self._to_say.pop(session_id, None)) is not None:
                    self._bus.seats_changed(session_id, tuple(seats.values()))
                await self._tell_once(session_id)
                await asyncio.sleep(max(TRAINEES_TOLD_EVERY_SECONDS, self._told(session_id) / SEATS_TOLD_A_SECOND))
        finally:
            del self._telling[session_id]

    def _told(self, session_id: UUID) -> int:
        """Seats, to whoever is told most: those who watch it here, or the other processes."""
        said = 0 if self._bus.is_up is None else len(self._presence.connected_in(session_id))
        return max(said, len(self._rosters.get(session_id, ())))

    async def _tell_once(self, session_id: UUID) -> None:
        if not self._audience.is_watched(session_id):
            self._forget(session_id)
            return
        try:
            roster = await self._roster(session_id)
        except StorageUnavailable as outage:
            log.warning("the storage does not answer", reason=str(outage))
            self._changed.add(session_id)
            await asyncio.sleep(STORAGE_PAUSE_SECONDS)
            return
        if roster is None:
            self._changed.add(session_id)
            return
        connected = self._presence.connected_in(session_id)
        self._broadcast.tell_trainees(session_id, roster.encoded(connected))
        if self._lacks_somebody(roster, connected):
            # The storage is late, and what was told is what this process knows: the seats of others are to come.
            self._changed.add(session_id)
            await asyncio.sleep(STORAGE_PAUSE_SECONDS)

    async def _roster(self, session_id: UUID) -> Roster | None:
        """With everything in it that is known of its seats; None if something was missed while they were read."""
        roster = self._with_news(session_id)
        if roster is not None and not self._may_lack_something(session_id, roster):
            return roster
        seats = await self._read(session_id)
        if seats is None:
            return None
        self._forget_unwatched()
        kept = self._rosters.get(session_id)
        read = self._rosters[session_id] = Roster(seats, self._broadcast.encode_trainee, self._removed[session_id])
        # What came while it was read may be newer.
        news = self._news.get(session_id, {}).values()
        self._with_news(session_id)
        connected = self._presence.connected_in(session_id)
        if kept is not None and kept.knows(connected) and not read.knows(connected):
            # It lacks somebody who is there, as what this process knows may while the storage is late. Who is on the
            # screens stays there, and all are read again when something changes next.
            for seat in news:
                kept.put(seat)
            self._rosters[session_id] = kept
            return kept
        self._read_at[session_id] = time.monotonic()
        return read

    async def _read(self, session_id: UUID) -> Sequence[Seat] | None:
        """None if it may be older than something that was missed, or that nobody kept: it would be trusted for long.

        Who has to wait for a turn has read nothing yet.
        """
        async with self._reads:
            self._reading.add(session_id)
            try:
                seats = await self._store.list_seats(session_id)
                return seats if session_id in self._reading else None
            finally:
                self._reading.discard(session_id)

    def _with_news(self, session_id: UUID) -> Roster | None:
        roster = self._rosters.get(session_id)
        if roster is not None:
            for seat in self._news.pop(session_id, {}).values():
                roster.put(seat)
        return roster

    def _may_lack_something(self, session_id: UUID, roster: Roster) -> bool:
        """Of what other processes have done; there is none that does not say so when there is one process."""
        if self._bus.is_up is None:
            return False
        is_old = time.monotonic() - self._read_at[session_id] > TRUSTED_SECONDS
        return is_old or self._lacks_somebody(roster, self._presence.connected_in(session_id))

    def _lacks_somebody(self, roster: Roster, connected: Collection[UUID]) -> bool:
        return self._bus.is_up is not None and not roster.knows(connected)

    def _forget(self, session_id: UUID) -> None:
        self._reading.discard(session_id)
        self._rosters.pop(session_id, None)
        self._read_at.pop(session_id, None)
        self._news.pop(session_id, None)
        self._removed.pop(session_id, None)
        self._changes.pop(session_id, None)

    def _forget_unwatched(self) -> None:
        for session_id in [each for each in self._removed if not self._audience.is_watched(each)]:
            self._forget(session_id)


def _add(news: dict[UUID, Seat], seats: Collection[Seat]) -> None:
    for seat in seats:
        known = news.get(seat.id)
        if known is None or known.removed_at is None:
            news[seat.id] = seat
