"""The case of a session: started, paused, resumed, its rules switched off and on. Doing it twice is no error."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

import structlog

from server.domain.audit import author_of
from server.domain.events import (
    SYSTEM,
    AutomationSwitched,
    CaseAction,
    CaseFact,
    CaseStarted,
    Event,
    EventDraft,
    VitalsPushed,
    action_of,
)
from server.domain.outcomes import Conflict, Forbidden, InvalidFields, NotFound, SessionOver
from server.domain.people import Trainer
from server.domain.permissions import judge_action
from server.domain.record import AlreadyRecorded, AlreadySo, Recorded
from server.domain.session import Session
from server.ports.sessions import SessionStore
from server.service.cases import Cases
from server.service.sessions import Sessions

log = structlog.get_logger("shiller.case")


@dataclass(frozen=True, slots=True)
class Controlled:
    """The session as it is with it, and the event that says so; None if nothing ever had to be said."""

    session: Session
    event: Event | None
    is_new: bool = False


ControlOutcome = Controlled | NotFound | Forbidden | Conflict | SessionOver | InvalidFields


class CaseControl:
    def __init__(self, store: SessionStore, sessions: Sessions, cases: Cases) -> None:
        self._store = store
        self._sessions = sessions
        self._cases = cases

    async def control(
        self,
        trainer: Trainer,
        session_id: UUID,
        event_id: UUID,
        fact: CaseFact,
        now: datetime,
        made_at: datetime | None = None,
    ) -> ControlOutcome:
        """Record it, unless it is so already; the start also plays the first step."""
        draft = EventDraft(event_id, author_of(trainer), fact, made_at)
        outcome = await self._said_before(trainer, session_id, fact, now) or await self._record(
            trainer, session_id, draft, fact, now
        )
        if isinstance(outcome, Controlled) and isinstance(fact, CaseStarted) and outcome.event is not None:
            await self._play_first_step(trainer, session_id, outcome.event, now)
        return outcome

    async def _said_before(
        self, trainer: Trainer, session_id: UUID, fact: CaseFact, now: datetime
    ) -> ControlOutcome | None:
        """Of what only the record knows: whether the case was started, and its rules were switched off or on."""
        actions = _actions_to_look_for(fact)
        if not actions:
            return None
        session = await self._sessions.find(trainer, session_id)
        if not isinstance(session, Session):
            return session
        if refusal := judge_action(trainer, "run_case", session):
            return refusal
        if session.over(now) is not None:
            return None
        latest = await self._store.last_case_event(session_id, actions)
        if latest is not None:
            return Controlled(session, latest) if latest.fact == fact else None
        # Rules move a case by themselves until somebody says otherwise.
        return Controlled(session, None) if fact == AutomationSwitched(is_on=True) else None

    async def _record(
        self, trainer: Trainer, session_id: UUID, draft: EventDraft, fact: CaseFact, now: datetime
    ) -> ControlOutcome:
        outcome = await self._sessions.append(trainer, session_id, draft, now)
        match outcome:
            case Recorded(session, event):
                return Controlled(session, event, is_new=True)
            case AlreadyRecorded(event):
                session = await self._sessions.find(trainer, session_id)
                return Controlled(session, event) if isinstance(session, Session) else session
            case AlreadySo(session):
                return Controlled(session, await self._store.last_case_event(session_id, (action_of(fact),)))
            case _:
                return outcome

    async def _play_first_step(self, trainer: Trainer, session_id: UUID, start: Event, now: datetime) -> None:
        """By the system, under an id that follows from the session's: of all who start it, it is played once."""
        case = await self._cases.find(session_id)
        if case is None or not case.steps:
            return
        first = case.steps[0]
        draft = EventDraft(uuid5(session_id, "first step"), SYSTEM, VitalsPushed(first.patch, first.key))
        outcome = await self._sessions.record(trainer, session_id, draft, now)
        if not isinstance(outcome, Recorded | AlreadyRecorded):
            # The case has begun all the same; what was pushed before stands against its first step.
            log.warning("the first step could not be played", session_id=str(session_id), outcome=str(outcome))


def _actions_to_look_for(fact: CaseFact) -> tuple[CaseAction, ...]:
    match fact:
        case CaseStarted():
            return ("started",)
        case AutomationSwitched():
            return ("automation_off", "automation_on")
        case _:
            return ()
