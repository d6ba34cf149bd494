"""What this process knows of sessions without asking: their rows as they were last seen, and their latest events.

What is known is never believed to be the truth: a write takes effect only if the row still is as it is known. It
is what drafts are judged on, and what an open session goes on living by while the storage is away.
"""

from __future__ import annotations

import json
from collections import OrderedDict, deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from enum import IntEnum
from uuid import UUID
from weakref import WeakValueDictionary

from server.domain.events import CaseAction, CaseFact, Event, action_of
from server.domain.record import Recorded, judge_draft
from server.domain.session import Seat, Session
from server.domain.vitals import LastValues
from server.live.known_seats import KnownSeats
from server.live.pending_draft import FORESEEN, IllegalTransition, PendingDraft
from server.live.settings import LiveSettings


class Trust(IntEnum):
    """Whether drafts may be judged on what is known of a session."""

    UNREAD = 1
    """Nothing is known of it."""
    SOUND = 2
    DOUBTED = 3
    """Somebody else wrote, or a write of ours may have gone through: it is read before the next write."""
    SUSPECT = 4
    """A group with it failed by a fault that is not an outage: it is read, and then written ALONE."""
    ALONE = 5
    """One draft at a time, in a group of its own, until that shows which of them cannot be written."""


class Finding(IntEnum):
    """What comes out about a session."""

    READ = 1
    """The record was asked for it, while nothing of ours was under way."""
    SEEN = 2
    """It was read or written by somebody else's statement in this process."""
    WRITTEN = 3
    STALE = 4
    """A write of ours did not take effect: it was no longer as it was known."""
    LOST = 5
    """Nobody knows whether a write of ours took effect."""
    FAULTY = 6
    """A group with it failed, and not by an outage."""
    SINGLED_OUT = 7
    """The draft that cannot be written was found."""


_TRUST: Mapping[tuple[Trust, Finding], Trust] = {
    **{(trust, Finding.READ): Trust.SOUND for trust in (Trust.UNREAD, Trust.SOUND, Trust.DOUBTED)},
    **{(trust, Finding.READ): Trust.ALONE for trust in (Trust.SUSPECT, Trust.ALONE)},
    **{(trust, Finding.SEEN): trust for trust in Trust if trust is not Trust.UNREAD},
    (Trust.UNREAD, Finding.SEEN): Trust.SOUND,
    **{(trust, Finding.WRITTEN): Trust.SOUND for trust in (Trust.SOUND, Trust.ALONE)},
    **{(trust, Finding.STALE): Trust.DOUBTED for trust in (Trust.SOUND, Trust.ALONE)},
    (Trust.SOUND, Finding.LOST): Trust.DOUBTED,
    (Trust.ALONE, Finding.LOST): Trust.SUSPECT,
    (Trust.UNREAD, Finding.FAULTY): Trust.UNREAD,
    **{(trust, Finding.FAULTY): Trust.SUSPECT for trust in Trust if trust is not Trust.UNREAD},
    **{(trust, Finding.SINGLED_OUT): Trust.DOUBTED for trust in (Trust.SOUND, Trust.ALONE)},
}


class Turn(IntEnum):
    """Whose turn it is to be written."""

    RESTING = 1
    READY = 2
    """It goes with the next group."""
    UNDER_WAY = 3
    """A group or a question with it is under way: no other one is."""
    HELD_UP = 4
    """Somebody else is writing to its row; it is tried again in a moment."""


_TURN: Mapping[Turn, frozenset[Turn]] = {
    Turn.RESTING: frozenset({Turn.READY}),
    Turn.READY: frozenset({Turn.UNDER_WAY, Turn.RESTING}),
    Turn.UNDER_WAY: frozenset({Turn.RESTING, Turn.HELD_UP}),
    Turn.HELD_UP: frozenset({Turn.RESTING}),
}


# As in `pending_draft.py`: these are asked for with every push.
RESTING, READY, UNDER_WAY, HELD_UP = Turn
WRITTEN = Finding.WRITTEN
_JUDGEABLE = frozenset({Trust.SOUND, Trust.ALONE})
ALONE = Trust.ALONE
BY_ITSELF = frozenset({Trust.SUSPECT, Trust.ALONE})
"""No other session goes with it."""


class KnownSession:
    """One session, and the drafts that wait to be recorded in it."""

    __slots__ = ("_heard", "ahead", "holdups", "seats", "session", "session_id", "trust", "turn", "waiting")

    def __init__(self, session_id: UUID, seats: KnownSeats) -> None:
        self.session_id = session_id
        self.session: Session | None = None
        self.seats = seats
        self.waiting: deque[PendingDraft] = deque()
        self.ahead: Session | None = None
        """With everything folded in that was foreseen of what waits; None if that is to be folded anew."""
        self._heard: tuple[int | None, str] | None = None
        """What another process told of it since: the seq, None of what is not stored, and `vitals:pushed` as it came.
        Nothing is written on its word; it is read when somebody has to live by it.
        """
        self.trust = Trust.UNREAD
        self.turn = RESTING
        self.holdups = 0
        """How often in a row somebody else held the session's row."""

    def find(self, finding: Finding) -> None:
        trust = _TRUST.get((self.trust, finding))
        if trust is None:
            raise IllegalTransition(f"{finding.name} in {self.trust.name}")
        self.trust = trust

    def move(self, turn: Turn) -> None:
        if turn not in _TURN[self.turn]:
            raise IllegalTransition(f"{self.turn.name} -> {turn.name}")
        self.turn = turn

    @property
    def judgeable(self) -> Session | None:
        """What drafts are to be judged on; None if the record has to be asked first."""
        return self.session if self.trust in _JUDGEABLE else None

    def see(self, session: Session, finding: Finding = Finding.SEEN) -> None:
        """As it was read or written just now, unless what is known is newer."""
        self.find(finding)
        known = self.session
        if known is None or (session.version >= known.version and session.last_seq >= known.last_seq):
            self._is_now(session)

    def read(self, session: Session) -> None:
        """As it stands in the record, while nothing of ours is under way."""
        self.find(Finding.READ)
        self._is_now(session)

    def hear(self, seq: int | None, pushed: str) -> None:
        """The state that another process has just told: of an event with this seq, or of none that is stored."""
        known = self.session
        if known is None or (seq is not None and seq <= max(known.last_seq, self._heard_seq)):
            return
        self._heard = seq, pushed
        # It was told after whatever was foreseen here by now.
        self.ahead = self._as_heard(known) if any(each.showing is FORESEEN for each in self.waiting) else None

    def foreseen(self) -> Session | None:
        """As it will be, as far as that was told; None if the session is not known."""
        if self.ahead is None and self.session is not None:
            session = self._as_heard(self.session)
            for pending in self.waiting:
                if pending.showing is FORESEEN:
                    outcome = judge_draft(session, pending.actor, pending.draft, None, pending.now)
                    session = outcome.session if isinstance(outcome, Recorded) else session
            self.ahead = session
        return self.ahead

    def _is_now(self, session: Session) -> None:
        self.session = session
        self.ahead = None
        if self._heard_seq <= session.last_seq:
            self._heard = None

    @property
    def _heard_seq(self) -> int:
        return 0 if self._heard is None else self._heard[0] or 0

    def _as_heard(self, session: Session) -> Session:
        if self._heard is None:
            return session
        return replace(session, last_values=LastValues.from_json(json.loads(self._heard[1])["last_values"]))


class KnownSessions:
    def __init__(self, settings: LiveSettings) -> None:
        self._settings = settings
        self._sessions: OrderedDict[UUID, KnownSession] = OrderedDict()
        self._by_code: dict[str, UUID] = {}
        # A session that is forgotten takes its tokens with it.
        self._seats_of_tokens = WeakValueDictionary[bytes, KnownSeats]()
        self._events: OrderedDict[UUID, Event] = OrderedDict()

    def of(self, session_id: UUID) -> KnownSession:
        known = self._sessions.get(session_id)
        if known is None:
            known = self._sessions[session_id] = KnownSession(session_id, self._new_seats())
            self._forget_one_too_many()
        else:
            self._sessions.move_to_end(session_id)
        return known

    def see(self, session: Session) -> Session:
        """It was read or written, by whichever statement."""
        self.of(session.id).see(session)
        self._by_code[session.code] = session.id
        return session

    def hear(self, session_id: UUID, seq: int | None, pushed: str) -> None:
        """`KnownSession.hear`, of a session that may not be known."""
        if (known := self._sessions.get(session_id)) is not None:
            known.hear(seq, pushed)

    def opened(self, session: Session, first: Event | None) -> None:
        """It is new: nobody has a seat in it."""
        self.see(session)
        self.of(session.id).seats = self._new_seats(is_whole=True)
        if first is not None:
            self.remember(first)

    def recorded(self, recorded: Recorded) -> None:
        self.see(recorded.session)
        self.remember(recorded.event)

    def find(self, session_id: UUID) -> Session | None:
        """With what is about to be stored, and what others stored, as far as it was told; `last_seq` is that of what
        this process has seen in the storage.
        """
        known = self._sessions.get(session_id)
        if known is None or known.session is None:
            return None
        ahead = known.foreseen() or known.session
        return ahead if ahead is known.session else replace(ahead, last_seq=known.session.last_seq)

    def find_by_code(self, code: str) -> Session | None:
        session_id = self._by_code.get(code)
        return None if session_id is None else self.find(session_id)

    def seats(self, session_id: UUID) -> KnownSeats:
        return self.of(session_id).seats

    def find_seat(self, token_hash: bytes) -> Seat | None:
        seats = self._seats_of_tokens.get(token_hash)
        return None if seats is None else seats.find(token_hash)

    def events_after(self, session_id: UUID, after_seq: int, limit: int) -> Sequence[Event] | None:
        """In seq order; None if not all of them are known."""
        session = self.find(session_id)
        if session is None:
            return None
        missing = max(0, session.last_seq - after_seq)
        found = [each for each in self._events.values() if each.session_id == session_id and each.seq > after_seq]
        return sorted(found, key=lambda event: event.seq)[:limit] if len(found) == missing else None

    def last_case_event(self, session_id: UUID, actions: Collection[CaseAction]) -> tuple[Event | None] | None:
        """In a tuple of its own, for there may be none; None if not all events of the session are known."""
        session = self.find(session_id)
        events = None if session is None else self.events_after(session_id, 0, session.last_seq)
        if events is None:
            return None
        for event in reversed(events):
            if isinstance(event.fact, CaseFact) and action_of(event.fact) in actions:
                return (event,)
        return (None,)

    def drop(self, known: KnownSession) -> None:
        """There is no such session."""
        self._sessions.pop(known.session_id, None)

    def forget(self, session_id: UUID) -> None:
        """What is known of it is no longer so: it is read anew when somebody asks."""
        self._events = OrderedDict((each.id, each) for each in self._events.values() if each.session_id != session_id)
        known = self._sessions.get(session_id)
        if known is None or known.waiting or known.turn is not RESTING:
            return
        del self._sessions[session_id]
        if known.session is not None:
            self._by_code.pop(known.session.code, None)

    def remember(self, event: Event) -> None:
        self._events[event.id] = event
        if len(self._events) > self._settings.events_known:
            self._events.popitem(last=False)

    def recall(self, event_id: UUID) -> Event | None:
        return self._events.get(event_id)

    def _new_seats(self, *, is_whole: bool = False) -> KnownSeats:
        return KnownSeats(self._settings.seats_known, self._seats_of_tokens, is_whole=is_whole)

    def _forget_one_too_many(self) -> None:
        if len(self._sessions) <= self._settings.sessions_known:
            return
        oldest, known = next(iter(self._sessions.items()))
        if known.waiting or known.turn is not RESTING:
            self._sessions.move_to_end(oldest)
            return
        del self._sessions[oldest]
        if known.session is not None:
            self._by_code.pop(known.session.code, None)
