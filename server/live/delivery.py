"""What happens to a session, told to this process's clients: every event once, and in order.

Kept for each session that has a connection here is how far its clients have been told. What comes next is told as
it comes, from this process or from another one; what came before is dropped; and what comes beyond a gap makes the
missing events be read. Hence no message between processes has to arrive: who is behind finds out by the next one,
or by looking (`service/jobs.py`), and catches up the same way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import structlog

from server.domain.events import Event, is_shown
from server.domain.record import Recorded
from server.domain.session import Seat, Session
from server.live.audience import Audience
from server.live.trainee_lists import TraineeLists
from server.live.trainer_lists import TrainerLists
from server.ports.broadcast import Broadcast, EventCounts, ToldEvent, ToldVitals
from server.ports.bus import Bus
from server.ports.results import Seen, StorageUnavailable
from server.ports.sessions import SessionStore, last_sent_to

log = structlog.get_logger("shiller.delivery")

EVENTS_READ_AT_ONCE = 500
# Every session has moved on since.
NOTHING_SEEN = Seen(-1, -1)


@dataclass(frozen=True, slots=True)
class Foreseen:
    """Its moment, and the process that takes it back if nothing comes of it; unless that is gone."""

    at: datetime
    process: str | None
    """None: its last word may have been missed."""


@dataclass(slots=True)
class Position:
    """How far the clients of a session have been told: its events, its newest vitals, its own fields."""

    seq: int
    vitals_seq: int
    version: int
    heard_seq: int = 0
    """The highest seq that was heard of."""
    is_ahead: bool = False
    """The vitals that were told last are in no event yet, and may never be."""
    foreseen_elsewhere: Foreseen | None = None
    """The newest vitals that another process had yet to store, told here."""
    reading: asyncio.Task[None] | None = None


class Delivery:
    """A `Publisher` for the services, a `BusListener` for what the other processes say."""

    def __init__(
        self,
        audience: Audience,
        store: SessionStore,
        broadcast: Broadcast,
        bus: Bus,
        lists: TraineeLists,
        trainers: TrainerLists,
        counts: EventCounts,
        seen: Callable[[Session, Event | None], None] = lambda _, __: None,
        ended: Callable[[], None] = lambda: None,
        is_there: Callable[[str], bool] = lambda _: False,
        heard: Callable[[UUID, int | None, str], None] = lambda _session_id, _seq, _pushed: None,
    ) -> None:
        """`seen` is told of sessions as they are with what happened to them, and of the event, if it was one; `ended`
        that one has ended here. `is_there`: whether another process is, as far as is known. `heard` is told of the
        states that others tell, with their seq, and as they are written.
        """
        self._audience = audience
        self._store = store
        self._broadcast = broadcast
        self._bus = bus
        self._lists = lists
        self._trainers = trainers
        self._counts = counts
        self._seen = seen
        self._note_end = ended
        self._is_there = is_there
        self._heard = heard
        self._positions: dict[UUID, Position] = {}

    # What was done in this process

    async def event_recorded(self, recorded: Recorded) -> None:
        session, event = recorded.session, recorded.event
        self._counts.event_recorded(event.kind)
        self._seen(session, event)
        if session.id not in self._positions and self._bus.is_up is None:
            # Nobody here is connected to it, and there is no other process: nothing has to be encoded.
            return
        told = ToldEvent(
            session.id,
            event.seq,
            self._broadcast.encode_event(event),
            self._broadcast.encode_vitals(session, event.seq, event.created_at) if is_shown(event.fact) else None,
        )
        self._tell_recorded(told)
        self._bus.event_recorded(told)

    async def vitals_foreseen(self, foreseen: Recorded) -> None:
        self._counts.vitals_foreseen()
        self._tell_own_vitals(foreseen.session, None, foreseen.event.created_at)
        self._seen(foreseen.session, foreseen.event)

    async def vitals_taken_back(self, session: Session, at: datetime) -> None:
        """Raises StorageUnavailable if it has to be read anew and cannot be."""
        position = self._positions.get(session.id)
        while position is not None and session.last_seq < position.vitals_seq:
            # It was read before what has been stored and told meanwhile.
            newer = await self._store.find_session(session.id)
            if newer is None or newer.last_seq == session.last_seq:
                return
            session = newer
        self._tell_own_vitals(session, session.last_seq, at)
        self._seen(session, None)

    async def session_updated(self, session: Session) -> None:
        # Where a session was taken over its cuff is this server's from now on.
        self._seen(session, None)
        await self._tell_as_far_as_known(session)
        self._bus.look_again()

    async def session_ended(self, session: Session) -> None:
        self._note_end()
        await self._tell_as_far_as_known(session)
        await self._tell_end(session)
        self._bus.look_again()

    async def seat_changed(self, seat: Seat) -> None:
        self._lists.changed_here(seat.session_id, (seat,))

    async def seat_removed(self, session_id: UUID, seat_id: UUID) -> None:
        # Before anything is awaited: who is being judged on it just now is not connected yet.
        self._audience.never_again([seat_id])
        await self.cut_seats([seat_id])
        self._bus.look_again()

    async def tokens_revoked(self, token_hashes: Collection[bytes]) -> None:
        self._audience.never_again(token_hashes)
        await self.cut_logins(token_hashes)
        self._bus.look_again()

    # What the other processes say

    def event_recorded_elsewhere(self, told: ToldEvent) -> None:
        if told.pushed is not None:
            self._heard(told.session_id, told.seq, told.pushed)
        self._tell_recorded(told)

    def vitals_ahead_elsewhere(self, told: ToldVitals, process: str) -> None:
        self._heard(told.session_id, None, told.pushed)
        position = self._positions.get(told.session_id)
        if position is not None:
            position.foreseen_elsewhere = Foreseen(told.at, process) if told.is_provisional else None
            self._tell_ahead(position, told)

    def seats_changed_elsewhere(self, session_ids: Collection[UUID] | None, seats: Collection[Seat] = ()) -> None:
        if session_ids is None:
            self._lists.missed_something()
            for position in self._positions.values():
                if position.foreseen_elsewhere is not None:
                    position.foreseen_elsewhere = replace(position.foreseen_elsewhere, process=None)
            return
        for session_id in session_ids:
            self._lists.changed_elsewhere(session_id, [seat for seat in seats if seat.session_id == session_id])

    def trainers_changed_elsewhere(self, session_ids: Collection[UUID]) -> None:
        for session_id in session_ids:
            if self._audience.is_watched(session_id):
                self._trainers.changed(session_id)

    # What was found to have been done elsewhere

    def seen(self) -> Mapping[UUID, Seen]:
        """How far the live sessions have been told; the others are followed no longer."""
        live = self._audience.live_sessions()
        self._positions = {session_id: each for session_id, each in self._positions.items() if session_id in live}
        return {
            session_id: NOTHING_SEEN if self._nobody_takes_back(position) else Seen(position.seq, position.version)
            for session_id, position in self._positions.items()
        }

    async def session_moved(self, session: Session) -> None:
        """A live session, as it was just read. Raises StorageUnavailable if more has to be read and cannot be."""
        self._seen(session, None)
        await self.tell_session(session)
        position = self._positions.get(session.id)
        if position is None:
            return
        foreseen = position.foreseen_elsewhere
        if foreseen is not None and self._nobody_takes_back(position):
            position.foreseen_elsewhere = None
            if position.seq == session.last_seq:
                encoded = self._broadcast.encode_vitals(session, session.last_seq, foreseen.at)
                self._tell_vitals(position, session.id, encoded)
        if session.closed_at is not None:
            await self._tell_end(session)

    def _nobody_takes_back(self, position: Position) -> bool:
        """What was foreseen elsewhere, now that the process that did is gone. While it is there they wait to be stored,
        for as long as that takes: what is stored here until then is older than what its own clients are shown.
        """
        foreseen = position.foreseen_elsewhere
        return foreseen is not None and (foreseen.process is None or not self._is_there(foreseen.process))

    async def cut_seats(self, seat_ids: Collection[UUID]) -> None:
        await self._broadcast.cut_trainees(self._audience.connections_of_seats(seat_ids))

    async def cut_logins(self, token_hashes: Collection[bytes]) -> None:
        await self._broadcast.cut_trainers(self._audience.connections_of_logins(token_hashes))

    # What the sockets ask for

    def follow(self, session: Session) -> None:
        """Somebody is about to hear of it, who has read it so, or will read more of it then."""
        self._positions.setdefault(session.id, Position(session.last_seq, session.last_seq, session.version))

    def connections_changed(self, session_id: UUID) -> None:
        """A trainee's connection here has come to a seat of it, or left one."""
        self._lists.changed_here(session_id)

    def watchers_changed(self, session_ids: Collection[UUID]) -> None:
        """A trainer's connection here has begun to watch them, or does so no longer."""
        for session_id in session_ids:
            self._trainers.changed_here(session_id)

    def told_version(self, session_id: UUID) -> int:
        """Of the fields of a session that is followed: the newest that its clients here were told."""
        position = self._positions.get(session_id)
        return -1 if position is None else position.version

    def told_seq(self, session_id: UUID) -> int:
        """Of a session that is followed: the newest event that its clients here were told. Asked before somebody comes
        to hear of it: whatever is newer they will be told.
        """
        position = self._positions.get(session_id)
        return 0 if position is None else position.seq

    def answered(self, session: Session) -> None:
        """Somebody has it so in the place of what they were told: what is newer is told to all again, by looking."""
        position = self._positions.get(session.id)
        if position is not None:
            position.version = min(position.version, session.version)

    def trainees_told(self, session_id: UUID) -> int:
        """Asked before the list of its trainees is read for somebody who watches it: see `tell_trainees_since`."""
        return self._lists.changes(session_id)

    def tell_trainees_since(self, session_id: UUID, changes: int) -> None:
        """To whoever watches it, if the list has changed since: what was read for one of them may be older."""
        if self._lists.changes(session_id) != changes:
            self._lists.tell_again(session_id)

    async def tell_session(self, session: Session) -> None:
        """A session as it was just read or written: whatever its clients here have not been told of it, but its end.

        Raises StorageUnavailable if there are events to be read and the storage does not answer.
        """
        position = self._positions.get(session.id)
        if position is None:
            return
        while position.seq < session.last_seq:
            if not await self._tell_events(session, position):
                break
        if session.version > position.version:
            position.version = session.version
            if session.closed_at is None:
                self._broadcast.tell_session(session)

    async def close(self) -> None:
        tasks = [position.reading for position in self._positions.values() if position.reading is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._lists.close()
        self._trainers.close()

    # Its own

    def _tell_recorded(self, told: ToldEvent) -> None:
        """An event, from wherever it was recorded. Vitals are the whole state, so they wait for no gap to be filled."""
        position = self._positions.get(told.session_id)
        if position is None:
            return
        seq = told.seq
        position.heard_seq = max(position.heard_seq, seq)
        if told.pushed is not None and seq > position.vitals_seq:
            position.vitals_seq = seq
            self._tell_vitals(position, told.session_id, told.pushed)
        if seq == position.seq + 1:
            position.seq = seq
            self._broadcast.tell_event(told.session_id, told.added)
        elif seq > position.seq and position.reading is None:
            position.reading = asyncio.create_task(self._fill_gap(told.session_id, position))

    def _tell_own_vitals(self, session: Session, seq: int | None, at: datetime) -> None:
        told = ToldVitals(session.id, at, seq is None, self._broadcast.encode_vitals(session, seq, at))
        position = self._positions.get(session.id)
        if position is not None:
            self._tell_ahead(position, told)
        self._bus.vitals_ahead(told)

    def _tell_ahead(self, position: Position, told: ToldVitals) -> None:
        self._tell_vitals(position, told.session_id, told.pushed, is_ahead=told.is_provisional)

    def _tell_vitals(self, position: Position, session_id: UUID, encoded: str, *, is_ahead: bool = False) -> None:
        position.is_ahead = is_ahead
        self._broadcast.tell_vitals(session_id, encoded)

    async def _tell_events(self, session: Session, position: Position) -> bool:
        """The next events up to the session's last, and the state they led to; False if there are none."""
        events = await self._store.events_after(session.id, position.seq, EVENTS_READ_AT_ONCE)
        # What was recorded since the session was read is told as it comes.
        events = [event for event in events if event.seq <= session.last_seq]
        vitals = [event for event in events if is_shown(event.fact) and event.seq > position.vitals_seq]
        if vitals:
            position.vitals_seq = vitals[-1].seq
            encoded = self._broadcast.encode_vitals(session, vitals[-1].seq, vitals[-1].created_at)
            self._tell_vitals(position, session.id, encoded)
        for event in events:
            if event.seq == position.seq + 1:
                position.seq = event.seq
                self._broadcast.tell_event(session.id, self._broadcast.encode_event(event))
        return bool(events)

    async def _fill_gap(self, session_id: UUID, position: Position) -> None:
        try:
            while position.seq < position.heard_seq:
                before = position.seq
                session = await self._store.find_session(session_id)
                if session is not None:
                    await self.tell_session(session)
                if position.seq == before:
                    # Somebody else told it meanwhile, or it is not in this record.
                    break
        except StorageUnavailable as outage:
            # The jobs will find it.
            log.warning("the storage does not answer", reason=str(outage))
        finally:
            position.reading = None

    async def _tell_as_far_as_known(self, session: Session) -> None:
        """It is stored, so nothing may stand in the way of the answer; what cannot be read now, the jobs will find."""
        try:
            await self.tell_session(session)
        except StorageUnavailable as outage:
            log.warning("the storage does not answer", reason=str(outage))

    async def _tell_end(self, session: Session) -> None:
        """`session:closed` to those who are there to hear it, who then leave: telling it twice tells nobody twice."""
        position = self._positions.get(session.id)
        if position is None or not self._audience.hears(session.id):
            return
        sent_to = await self._find_sent_to(session.id)
        if not self._audience.hears(session.id):
            # Told meanwhile.
            return
        if position.is_ahead:
            # Whoever foresaw them will be refused, and nobody is there to hear it by then.
            self._tell_vitals(
                position,
                session.id,
                self._broadcast.encode_vitals(session, session.last_seq, session.updated_at),
            )
        if sent_to is not None:
            self._broadcast.tell_sent_to(session.id, sent_to.code, self._audience.trainees_in(session.id))
        self._broadcast.tell_end(session)
        self._trainers.ended(session.id)
        await self._broadcast.cut_trainees(self._audience.end(session.id))

    async def _find_sent_to(self, session_id: UUID) -> Session | None:
        """Where its trainees are sent at its end. While that cannot be read they are told of the end alone, and of
        where the session went when they come back to it.
        """
        if not self._audience.trainees_in(session_id):
            return None
        try:
            return await last_sent_to(self._store, session_id)
        except StorageUnavailable as outage:
            log.warning("the storage does not answer", reason=str(outage))
            return None
