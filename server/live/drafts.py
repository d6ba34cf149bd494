"""The drafts that wait to be recorded, each by itself: judged on what is known, foreseen when it is late, answered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence

from server.domain.outcomes import Conflict, Forbidden, NotFound
from server.domain.session import AlreadyRecorded, Recorded, Session, judge_draft
from server.live.known_sessions import Head, Heads
from server.live.waiting_list import Outcome, Waiting, WaitingList

# A refusal by what is known waits so long for the record, which may know the id: a repeat keeps its answer.
REFUSED_AFTER_SECONDS = 2.0

Chain = Sequence[tuple[Waiting, Recorded]]


class Drafts:
    def __init__(self, heads: Heads, overdue: Callable[[], None]) -> None:
        """`overdue` is told when one has waited for too long."""
        self._heads = heads
        self._tell_overdue = overdue
        self.list = WaitingList(self._overdue)

    def add(self, head: Head, waiting: Waiting) -> None:
        """Raises StorageUnavailable if there is no room."""
        self.list.add(waiting)
        head.waiting.append(waiting)

    def judge(self, session: Session, waiting: Waiting) -> Outcome:
        known = self._heads.recall(waiting.draft.id)
        return judge_draft(session, waiting.actor, waiting.draft, known, waiting.now)

    def chain(self, head: Head, longest: int) -> Chain:
        """What waits for this session from the first on, each judged on the one before, up to a refusal."""
        session = None if head.is_doubted else head.session
        chain: list[tuple[Waiting, Recorded]] = []
        for waiting in tuple(head.waiting):
            if session is None or len(chain) >= (1 if head.is_suspect else longest):
                break
            outcome = self.judge(session, waiting)
            match outcome:
                case Recorded():
                    waiting.is_sent = True
                    chain.append((waiting, outcome))
                    session = outcome.session
                case _ if chain:
                    break
                case NotFound() | Forbidden() | AlreadyRecorded() | Conflict():
                    self.answer(head, waiting, outcome)
                case _ if waiting.is_asked_about:
                    self.answer(head, waiting, outcome)
                case _:
                    # Refused by what is known; and a repeat keeps its answer, also when the session has ended since.
                    break
        return chain

    def answer(self, head: Head, waiting: Waiting, outcome: Outcome | Exception) -> None:
        head.waiting.remove(waiting)
        self.list.answer(waiting, outcome)

    def refuse(self, heads: Iterable[Head], why: NotFound | Exception) -> None:
        """Everything that waits for these sessions."""
        for head in heads:
            for waiting in tuple(head.waiting):
                self.answer(head, waiting, why)

    def close(self, why: Exception) -> None:
        """Everything that waits is refused."""
        self.refuse([self._heads.of(session_id) for session_id in self.list.sessions()], why)
        self.list.close()

    def foresee_all(self) -> None:
        for session_id in self.list.sessions():
            self.foresee(self._heads.of(session_id))

    def foresee(self, head: Head) -> None:
        """Tell what is about to be stored, of everything that waits for this session, as far as it is known.

        What would be refused is refused when the record cannot be asked for so long, unless it may be stored already.
        """
        session = head.foreseen()
        if session is None:
            return
        for waiting in tuple(head.waiting):
            if waiting.is_foreseen:
                continue
            outcome = self.judge(session, waiting)
            if isinstance(outcome, Recorded):
                session = head.ahead = outcome.session
                self.list.foreseen(waiting)
                if waiting.foresee is not None:
                    waiting.foresee(outcome)
            elif waiting.waited >= REFUSED_AFTER_SECONDS and not waiting.is_sent and not waiting.tried:
                self.answer(head, waiting, outcome)
            elif not waiting.is_doomed:
                waiting.is_doomed = True
                asyncio.get_running_loop().call_later(REFUSED_AFTER_SECONDS, self.foresee, head)

    def _overdue(self, waiting: Waiting) -> None:
        if not waiting.is_foreseen:
            self.foresee(self._heads.of(waiting.session_id))
        self._tell_overdue()
