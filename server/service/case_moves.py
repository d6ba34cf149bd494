"""Cases that move by themselves: the step that is due is played by the server, once, whoever else does so too."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from uuid import UUID, uuid5

import structlog

from server.domain.events import SYSTEM, CaseEnded, Cause, EventDraft, VitalsPushed
from server.domain.moves import Move
from server.domain.outcomes import Conflict, Forbidden, InvalidFields, NotFound, NotHome, SessionClosed, SessionExpired
from server.domain.record import AlreadyRecorded, AlreadySo, Recorded, Server
from server.domain.session import Session
from server.live.running_cases import RunningCase, RunningCases
from server.ports.sessions import SessionStore
from server.service.cases import Cases
from server.service.sessions import Sessions

log = structlog.get_logger("shiller.case_moves")

EVENTS_READ_AT_ONCE = 500


class CaseMoves:
    def __init__(
        self,
        store: SessionStore,
        sessions: Sessions,
        cases: Cases,
        running: RunningCases,
        end_with_case: Callable[[Session], Awaitable[bool]],
        clock: Callable[[], datetime],
    ) -> None:
        """`end_with_case` ends a session that ends with its case, and answers whether it is one of these."""
        self._store = store
        self._sessions = sessions
        self._cases = cases
        self._running = running
        self._end_with_case = end_with_case
        self._clock = clock

    async def sessions(self) -> Sequence[Session]:
        return await self._store.self_moving_sessions()

    async def move(self, session_id: UUID, _: datetime) -> Session | None:
        """Do what is due of the case by now. The session as it is then, or None if it is over.

        Raises StorageUnavailable if it cannot even wait to be stored.
        """
        if known := self._running.find(session_id):
            # Of what comes from now on, the session that is read here may not know.
            known.is_behind = False
        session = await self._store.find_session(session_id)
        if session is None or session.elsewhere() is not None or session.over(self._clock()) is not None:
            self._running.forget(session_id)
            return None
        running = self._running.find(session_id) or self._running.begin(session, await self._cases.find(session_id))
        if running is None:
            return session
        await self._catch_up(running, session)
        if running.progress.has_ended and running.outlives_case is None:
            if await self._end_with_case(session):
                self._running.forget(session_id)
                return None
            running.outlives_case = True
        move, now = running.move, self._clock()
        if move is None or move.at > now or running.progress.seq != session.last_seq:
            return session
        return await self._take(session, running, move, now)

    async def _catch_up(self, running: RunningCase, session: Session) -> None:
        if running.is_ahead:
            running.begin_anew(session.created_at)
        while running.progress.seq < session.last_seq:
            events = await self._store.events_after(session.id, running.progress.seq, EVENTS_READ_AT_ONCE)
            for event in events:
                # Some may have been followed while these were read.
                if event.seq == running.progress.seq + 1:
                    running.follow(event)
            if not events:
                return

    async def _take(self, session: Session, running: RunningCase, move: Move, now: datetime) -> Session | None:
        draft = _draft_of(session.id, running, move)
        if draft is None:
            running.move = None
            return session
        outcome = await self._sessions.append(Server(running.progress.seq), session.id, draft, now)
        match outcome:
            case Recorded() | AlreadySo():
                return outcome.session
            case AlreadyRecorded():
                return await self._store.find_session(session.id)
            case InvalidFields():
                # The trainer's pushes stand against it. Whatever happens next, it is looked at again.
                log.warning("a step that is due cannot be", session_id=str(session.id), errors=str(outcome.errors))
                running.move = None
                return session
            case SessionClosed() | SessionExpired() | NotHome() | NotFound() | Forbidden() | Conflict():
                self._running.forget(session.id)
                return None


def _draft_of(session_id: UUID, running: RunningCase, move: Move) -> EventDraft | None:
    """Under an id that follows from what led into the step that is left: no step is left twice by itself."""
    progress, to = running.progress, move.transition.to
    cause = Cause(progress.step, move.transition.on.as_json())
    draft_id = uuid5(session_id, f"leave {progress.entry_seq}")
    if to is None:
        return EventDraft(draft_id, SYSTEM, CaseEnded(cause), move.at)
    step = next((step for step in running.steps if step.key == to), None)
    return None if step is None else EventDraft(draft_id, SYSTEM, VitalsPushed(step.patch, to, cause), move.at)
