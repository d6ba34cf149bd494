"""What this process knows of sessions without asking: their rows as they were last seen, and their latest events.

A head is never believed to be the truth: a write takes effect only if the row still is that head. It
is what drafts are judged on, and what an open session goes on living by while the database is away.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from server.domain.events import Event
from server.domain.session import Recorded, Session, judge_draft
from server.live.known_seats import Roster
from server.live.waiting_list import Waiting

# A head is a few kilobytes; those least recently used are let go and read again when needed.
HEADS_KEPT = 4096
# A repeat of one of these is answered without asking, and a watcher can catch up by them during an outage.
EVENTS_KNOWN = 4096


class Head:
    """One session, and the drafts that wait to be recorded in it."""

    __slots__ = ("ahead", "holdups", "is_doubted", "is_out", "is_suspect", "roster", "session", "session_id", "waiting")

    def __init__(self, session_id: UUID) -> None:
        self.session_id = session_id
        self.session: Session | None = None
        self.waiting: deque[Waiting] = deque()
        self.ahead: Session | None = None
        """With everything folded in that was foreseen of what waits; None if that is to be folded anew."""
        self.is_doubted = False
        """Somebody else wrote, or a write of ours may have gone through: read it before the next write."""
        self.is_out = False
        """A group with this session is under way."""
        self.is_suspect = False
        """A group with this session failed by a fault that is not an outage: one draft at a time, alone."""
        self.roster = Roster()
        self.holdups = 0
        """How often in a row somebody else held the session's row."""

    def learn(self, session: Session) -> None:
        """As it was read or written just now, unless what is known is newer."""
        known = self.session
        if known is None or (session.version >= known.version and session.last_seq >= known.last_seq):
            self.session = session
            self.ahead = None

    def reread(self, session: Session) -> None:
        """As it stands in the record, while nothing of ours is under way."""
        self.session = session
        self.ahead = None
        self.is_doubted = False

    def foreseen(self) -> Session | None:
        """As it will be, as far as that was told; None if the session is not known."""
        if self.ahead is None and self.session is not None:
            session = self.session
            for waiting in self.waiting:
                if waiting.is_foreseen:
                    outcome = judge_draft(session, waiting.actor, waiting.draft, None, waiting.now)
                    session = outcome.session if isinstance(outcome, Recorded) else session
            self.ahead = session
        return self.ahead


class Heads:
    def __init__(self) -> None:
        self._heads: OrderedDict[UUID, Head] = OrderedDict()
        self._by_code: dict[str, UUID] = {}
        self._events: OrderedDict[UUID, Event] = OrderedDict()

    def of(self, session_id: UUID) -> Head:
        head = self._heads.get(session_id)
        if head is None:
            head = self._heads[session_id] = Head(session_id)
            self._forget_one_too_many()
        else:
            self._heads.move_to_end(session_id)
        return head

    def saw(self, session: Session) -> Session:
        """It was read or written, by whichever statement."""
        self.of(session.id).learn(session)
        self._by_code[session.code] = session.id
        return session

    def opened(self, session: Session, first: Event | None) -> None:
        """It is new: nobody has a seat in it."""
        self.saw(session)
        self.of(session.id).roster = Roster(is_whole=True)
        if first is not None:
            self.remember(first)

    def recorded(self, recorded: Recorded) -> None:
        self.saw(recorded.session)
        self.remember(recorded.event)

    def find(self, session_id: UUID) -> Session | None:
        """With what is about to be stored, as far as it was told; `last_seq` is that of what is stored."""
        head = self._heads.get(session_id)
        if head is None or head.session is None:
            return None
        ahead = head.foreseen() or head.session
        return ahead if ahead is head.session else replace(ahead, last_seq=head.session.last_seq)

    def find_by_code(self, code: str) -> Session | None:
        session_id = self._by_code.get(code)
        return None if session_id is None else self.find(session_id)

    def roster(self, session_id: UUID) -> Roster:
        return self.of(session_id).roster

    def events_after(self, session_id: UUID, after_seq: int, limit: int) -> Sequence[Event] | None:
        """In seq order; None if not all of them are known."""
        session = self.find(session_id)
        if session is None:
            return None
        missing = max(0, session.last_seq - after_seq)
        found = [each for each in self._events.values() if each.session_id == session_id and each.seq > after_seq]
        return sorted(found, key=lambda event: event.seq)[:limit] if len(found) == missing else None

    def drop(self, head: Head) -> None:
        """There is no such session."""
        self._heads.pop(head.session_id, None)

    def remember(self, event: Event) -> None:
        self._events[event.id] = event
        if len(self._events) > EVENTS_KNOWN:
            self._events.popitem(last=False)

    def recall(self, event_id: UUID) -> Event | None:
        return self._events.get(event_id)

    def _forget_one_too_many(self) -> None:
        if len(self._heads) <= HEADS_KEPT:
            return
        oldest, head = next(iter(self._heads.items()))
        if head.waiting or head.is_out:
            self._heads.move_to_end(oldest)
            return
        del self._heads[oldest]
        if head.session is not None:
            self._by_code.pop(head.session.code, None)
