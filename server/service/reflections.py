"""The trainees' own words: written by the token of a seat, for a day after the end; told to whoever may watch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from server.domain.annotations import Annotation
from server.domain.case import Case
from server.domain.outcomes import Conflict, InvalidFields, RateLimited, SessionOver, Unauthenticated
from server.domain.reflections import (
    Reflection,
    ReflectionChange,
    ToldReflection,
    first_reflection,
    judge_door,
)
from server.domain.scores import Scores
from server.domain.session import Seat, Session
from server.domain.shares import told_annotations
from server.ports.reflections import ReflectionStore
from server.ports.sessions import SessionStore
from server.service.cases import Cases
from server.service.debrief import Debriefs
from server.service.guessing import Allowance, FailureLimit
from server.service.scores import ScoreSheets
from server.service.shares import Shares
from server.service.tokens import token_hash

NO_SEAT = Unauthenticated("This takes the token of a seat: it is missing, unknown, or the seat was taken away.")

UNKNOWN_BY_ADDRESS = Allowance(20, 1)
# A screen that saves by itself while somebody writes.
WRITTEN_BY_SEAT = Allowance(60, 2)

Shut = Unauthenticated | Conflict | SessionOver | RateLimited


@dataclass(frozen=True, slots=True)
class SharedWithSeat:
    """What was written about the session, once its trainer lets others read it."""

    scores: Scores
    annotations: Sequence[Annotation]


@dataclass(frozen=True, slots=True)
class Own:
    """What a seat has said, and may say it by."""

    session: Session
    case: Case | None
    reflection: Reflection
    shared: SharedWithSeat | None
    """None while the trainer shares nothing."""


@dataclass(frozen=True, slots=True)
class _Door:
    session: Session
    seat: Seat
    case: Case | None
    first: Reflection
    """What stands while nothing has been said."""


class Reflections:
    def __init__(
        self,
        store: ReflectionStore,
        sessions: SessionStore,
        cases: Cases,
        shares: Shares,
        score_sheets: ScoreSheets,
        debriefs: Debriefs,
    ) -> None:
        self._store = store
        self._sessions = sessions
        self._cases = cases
        self._shares = shares
        self._score_sheets = score_sheets
        self._debriefs = debriefs
        self._unknown = FailureLimit(UNKNOWN_BY_ADDRESS)
        self._written = FailureLimit(WRITTEN_BY_SEAT)

    async def read(self, token: str | None, address: str, now: datetime) -> Own | Shut:
        door = await self._enter(token, address, now)
        if not isinstance(door, _Door):
            return door
        known = await self._store.find_reflection(door.session.id, door.first.author_hash)
        return await self._told(door, known or door.first, now)

    async def change(
        self, token: str | None, change: ReflectionChange, address: str, now: datetime
    ) -> Own | Shut | InvalidFields:
        door = await self._enter(token, address, now)
        if not isinstance(door, _Door):
            return door
        seat = str(door.seat.id)
        if refusal := self._written.refusal(seat, now):
            return refusal
        self._written.count(seat, now)
        outcome = await self._store.change_reflection(door.first, door.seat, door.case, change)
        return await self._told(door, outcome, now) if isinstance(outcome, Reflection) else outcome

    async def of(self, session: Session) -> Sequence[ToldReflection]:
        """For a debrief whose reader was judged already."""
        return await self._store.list_reflections(session.id)

    async def _told(self, door: _Door, reflection: Reflection, now: datetime) -> Own:
        session = door.session
        if not await self._shares.open_of(session, now):
            return Own(session, door.case, reflection, None)
        scores = await self._score_sheets.of(session)
        annotations = told_annotations(await self._debriefs.annotations(session.id))
        return Own(session, door.case, reflection, SharedWithSeat(scores, annotations))

    async def _enter(self, token: str | None, address: str, now: datetime) -> _Door | Shut:
        if not token:
            return NO_SEAT
        if refusal := self._unknown.refusal(address, now):
            return refusal
        seat = await self._sessions.find_seat(token_hash(token))
        session = None if seat is None else await self._sessions.find_session(seat.session_id)
        if seat is None or session is None or seat.removed_at is not None:
            self._unknown.count(address, now)
            return NO_SEAT
        if refusal := judge_door(session, now):
            return refusal
        case = None if session.template_id is None else await self._cases.find(session.id)
        return _Door(session, seat, case, first_reflection(session, seat, token, uuid4()))
