"""Events of sessions' records that a device sends: they take the way of every other, through the journal."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from uuid import UUID

from server.domain.devices import Acknowledged, EventOutcome
from server.domain.events import CaseFact, NoteAdded
from server.domain.judging import Rejected
from server.domain.outcomes import (
    Conflict,
    FieldError,
    Forbidden,
    InvalidFields,
    NotFound,
    NotHome,
    SessionClosed,
    SessionExpired,
)
from server.domain.people import Trainer
from server.domain.record import AlreadyRecorded, Recorded
from server.service.case_control import CaseControl, Controlled
from server.service.notes import Annotated, Notes
from server.service.sessions import Sessions
from server.service.sync.events import DeviceFact
from server.service.sync.judging import in_payload


class Facts:
    def __init__(self, sessions: Sessions, notes: Notes, case_control: CaseControl) -> None:
        self._sessions = sessions
        self._notes = notes
        self._case_control = case_control

    async def record(self, trainer: Trainer, facts: Sequence[DeviceFact], now: datetime) -> dict[UUID, EventOutcome]:
        """By the id of each, in their order. Those that take the same way to the journal are stored in groups."""
        recorded: dict[UUID, EventOutcome] = {}
        for _, alike in groupby(enumerate(facts), key=lambda each: _way_of(*each)):
            recording = {fact.id: asyncio.create_task(self._record(trainer, fact, now)) for _, fact in alike}
            # All end, also where one fails: the device sends them again, and those that were stored are told so.
            await asyncio.wait(recording.values())
            recorded |= {event_id: task.result() for event_id, task in recording.items()}
        return recorded

    async def _record(self, trainer: Trainer, fact: DeviceFact, now: datetime) -> EventOutcome:
        session_id, draft = fact.fact.session_id, fact.fact.draft
        if isinstance(draft.fact, CaseFact):
            outcome = await self._case_control.control(trainer, session_id, draft.id, draft.fact, now, draft.made_at)
        elif isinstance(draft.fact, NoteAdded):
            outcome = await self._notes.add(trainer, session_id, draft, now)
        else:
            outcome = await self._sessions.record(trainer, session_id, draft, now)
        return _outcome_of(outcome)


def _way_of(place: int, fact: DeviceFact) -> str:
    """What begins on one way may be overtaken on another; of a case each depends on the one before."""
    if isinstance(fact.fact.draft.fact, CaseFact):
        return f"case {place}"
    return "note" if isinstance(fact.fact.draft.fact, NoteAdded) else "event"


def _outcome_of(outcome: object) -> EventOutcome:
    match outcome:
        case Recorded(event=event) | AlreadyRecorded(event):
            return Acknowledged(event.seq)
        case Annotated(annotation):
            return Acknowledged(annotation.version)
        case Controlled(session=session, event=event):
            return Acknowledged(session.last_seq if event is None else event.seq)
        case SessionClosed() | SessionExpired():
            return Rejected("session_over")
        case NotHome():
            return Rejected("not_home")
        case NotFound(detail):
            return Rejected("invalid_fields", (FieldError("payload.session_id", detail),))
        case Forbidden():
            return Rejected("forbidden")
        case InvalidFields(errors):
            return Rejected("invalid_fields", in_payload(errors))
        case Conflict():
            return Rejected("id_taken")
        case _:
            raise AssertionError(f"an event was answered with {outcome!r}")
