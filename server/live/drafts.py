"""The drafts that wait to be recorded, each by itself: judged on what is known, foreseen when it is late, answered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence

from server.domain.outcomes import Conflict, Forbidden, NotFound
from server.domain.record import AlreadyRecorded, DraftOutcome, Recorded, StoreOutcome, judge_draft
from server.domain.session import Session
from server.live.known_sessions import ALONE, KnownSession, KnownSessions
from server.live.pending_draft import FORESEEN, HELD_BACK, LOOKED_UP, SENT, UNSEEN, PendingDraft
from server.live.settings import LiveSettings
from server.live.waiting_list import WaitingList

Judged = Sequence[tuple[PendingDraft, Recorded]]


class Drafts:
    def __init__(self, known_sessions: KnownSessions, settings: LiveSettings, overdue: Callable[[], None]) -> None:
        """`overdue` is told when one has waited for too long."""
        self._known_sessions = known_sessions
        self._settings = settings
        self._tell_overdue = overdue
        self.list = WaitingList(settings, self._overdue)

    def add(self, known: KnownSession, pending: PendingDraft) -> None:
        """Raises StorageUnavailable if there is no room."""
        self.list.add(pending)
        known.waiting.append(pending)

    def judge(self, session: Session, pending: PendingDraft) -> DraftOutcome:
        stored = self._known_sessions.recall(pending.draft.id)
        return judge_draft(session, pending.actor, pending.draft, stored, pending.now)

    def chain(self, known: KnownSession, longest: int) -> Judged:
        """What waits for this session from the first on, each judged on the one before, up to a refusal."""
        session = known.judgeable
        longest = 1 if known.trust is ALONE else longest
        chain: list[tuple[PendingDraft, Recorded]] = []
        for pending in tuple(known.waiting):
            if session is None or len(chain) >= longest:
                break
            outcome = self.judge(session, pending)
            match outcome:
                case Recorded():
                    pending.move(SENT)
                    chain.append((pending, outcome))
                    session = outcome.session
                case _ if chain:
                    break
                case NotFound() | Forbidden() | AlreadyRecorded() | Conflict():
                    self.answer(known, pending, outcome)
                case _ if pending.storing is LOOKED_UP:
                    self.answer(known, pending, outcome)
                case _:
                    # Refused by what is known; and a repeat keeps its answer, also when the session has ended since.
                    break
        return chain

    def answer(self, known: KnownSession, pending: PendingDraft, outcome: StoreOutcome | Exception) -> None:
        known.waiting.remove(pending)
        self.list.answer(pending, outcome)

    def refuse(self, sessions: Iterable[KnownSession], why: NotFound | Exception) -> None:
        """Everything that waits for these sessions."""
        for known in sessions:
            for pending in tuple(known.waiting):
                self.answer(known, pending, why)

    def close(self, why: Exception) -> None:
        """Everything that waits is refused."""
        self.refuse([self._known_sessions.of(session_id) for session_id in self.list.sessions()], why)
        self.list.close()

    def trust_logins(self) -> None:
        """In an outage, what was known of them last counts: what waits was wanted while they stood, and is shown."""
        for session_id in self.list.sessions():
            for pending in self._known_sessions.of(session_id).waiting:
                pending.login = None

    def foresee_all(self) -> None:
        for session_id in self.list.sessions():
            self.foresee(self._known_sessions.of(session_id))

    def foresee(self, known: KnownSession) -> None:
        """Tell what is about to be stored, of everything that waits for this session, as far as it is known.

        What would be refused is refused when the record cannot be asked for so long, unless it may be stored already.
        """
        session = known.foreseen()
        if session is None:
            return
        for pending in tuple(known.waiting):
            if pending.showing is FORESEEN:
                continue
            outcome = self.judge(session, pending)
            if isinstance(outcome, Recorded):
                session = known.ahead = outcome.session
                self.list.foresee(pending)
                if pending.foresee is not None:
                    pending.foresee(outcome)
            elif pending.waited >= self._settings.refused_after_seconds and pending.is_known_unstored:
                self.answer(known, pending, outcome)
            elif pending.showing is UNSEEN:
                pending.show(HELD_BACK)
                asyncio.get_running_loop().call_later(self._settings.refused_after_seconds, self.foresee, known)

    def _overdue(self, pending: PendingDraft) -> None:
        if pending.showing is not FORESEEN:
            self.foresee(self._known_sessions.of(pending.session_id))
        self._tell_overdue()
