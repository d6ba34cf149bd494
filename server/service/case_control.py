"""The case of a session: started, paused, resumed, its rules switched off and on. Doing it twice is no error."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5
from weakref import WeakValueDictionary

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
from server.domain.outcomes import Conflict, Forbidden, InvalidFields, NotFound, NotHome, SessionOver
from server.domain.people import Trainer
from server.domain.permissions import judge_action
from server.domain.record import AlreadyRecorded, AlreadySo, Recorded
from server.domain.session import Session
from server.ports.results import StorageUnavailable
from server.ports.sessions import SessionStore
from server.service.cases import Cases
from server.service.sessions import Sessions

log = structlog.get_logger("shiller.case")

# What counts as late elsewhere, too: what is about to be stored is shown then.
LATE_AFTER_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Controlled:
    """The session as it is with it, and the event that says so; None if nothing ever had to be said."""

    session: Session
    event: Event | None
    is_new: bool = False


ControlOutcome = Controlled | NotFound | Forbidden | Conflict | SessionOver | NotHome | InvalidFields


class CaseControl:
    def __init__(self, store: SessionStore, sessions: Sessions, cases: Cases) -> None:
        self._store = store
        self._sessions = sessions
        self._cases = cases
        self._turns: WeakValueDictionary[tuple[UUID, type[CaseFact]], asyncio.Lock] = WeakValueDictionary()

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
        actions = _actions_to_look_for(fact)
        if not actions:
            return await self._record(trainer, session_id, draft, fact, now)
        turn = self._turns.setdefault((session_id, type(fact)), asyncio.Lock())
        if turn.locked() and not isinstance(may := await self._may_run(trainer, session_id), Session):
            return may
        # One at a time: who says the same while the first is late to be stored finds it in the record then.
        async with turn:
            outcome = await self._said_before(trainer, session_id, fact, actions, now)
            if outcome is None:
                recording = asyncio.create_task(self._record(trainer, session_id, draft, fact, now))
                if isinstance(fact, CaseStarted):
                    await self._play_ahead(trainer, session_id, recording, now)
                outcome = await recording
            if isinstance(fact, CaseStarted) and isinstance(outcome, Controlled):
                await self._play_first_step(trainer, session_id, now)
            return outcome

    async def start(self, trainer: Trainer, session_id: UUID, now: datetime) -> ControlOutcome:
        """By the system, on behalf of the trainer, who need not be there. Again is no error: it starts once."""
        draft = EventDraft(uuid5(session_id, "start"), SYSTEM, CaseStarted())
        outcome = await self._record(trainer, session_id, draft, CaseStarted(), now)
        if isinstance(outcome, Controlled):
            await self._play_first_step(trainer, session_id, now)
        return outcome

    async def _may_run(self, trainer: Trainer, session_id: UUID) -> Session | NotFound | Forbidden:
        session = await self._sessions.find(trainer, session_id)
        if not isinstance(session, Session):
            return session
        return judge_action(trainer, "run_case", session) or session

    async def _said_before(
        self, trainer: Trainer, session_id: UUID, fact: CaseFact, actions: Collection[CaseAction], now: datetime
    ) -> ControlOutcome | None:
        """Of what only the record knows: whether the case was started, and its rules were switched off or on."""
        session = await self._may_run(trainer, session_id)
        if not isinstance(session, Session):
            return session
        if session.over(now) is not None or session.elsewhere() is not None:
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

    async def _play_ahead(
        self, trainer: Trainer, session_id: UUID, start: asyncio.Task[ControlOutcome], now: datetime
    ) -> None:
        """The first step waits for nobody: where the start is late to be stored, it is shown behind it at once."""
        await asyncio.wait({start}, timeout=LATE_AFTER_SECONDS)
        if not start.done():
            # Of a case that this process does not know the first step is played when the start is stored.
            with contextlib.suppress(StorageUnavailable):
                await self._play_first_step(trainer, session_id, now)

    async def _play_first_step(self, trainer: Trainer, session_id: UUID, now: datetime) -> None:
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
