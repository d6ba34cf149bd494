"""The trainees' own words: written by the token of a seat, for a day after the end; told to whoever may watch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from server.domain.case import Case
from server.domain.outcomes import Conflict, InvalidFields, RateLimited, SessionOver, Unauthenticated
from server.domain.reflections import (
    Reflection,
    ReflectionChange,
    ToldReflection,
    first_reflection,
    judge_door,
)
from server.domain.session import Seat, Session
from server.ports.reflections import ReflectionStore
from server.ports.sessions import SessionStore
from server.service.cases import Cases
from server.service.guessing import Allowance, FailureLimit
from server.service.tokens import token_hash

NO_SEAT = Unauthenticated("This takes the token of a seat: it is missing, unknown, or the seat was taken away.")

UNKNOWN_BY_ADDRESS = Allowance(20, 1)
# A screen that saves by itself while somebody writes.
WRITTEN_BY_SEAT = Allowance(60, 2)

Shut = Unauthenticated | Conflict | SessionOver | RateLimited


@dataclass(frozen=True, slots=True)
class Own:
    """What a seat has said, and may say it by."""

    session: Session
    case: Case | None
    reflection: Reflection


@dataclass(frozen=True, slots=True)
class _Door:
    session: Session
    seat: Seat
    case: Case | None
    first: Reflection
    """What stands while nothing has been said."""


class Reflections:
    def __init__(self, store: ReflectionStore, sessions: SessionStore, cases: Cases) -> None:
        self._store = store
        self._sessions = sessions
        self._cases = cases
        self._unknown = FailureLimit(UNKNOWN_BY_ADDRESS)
        self._written = FailureLimit(WRITTEN_BY_SEAT)

    async def read(self, token: str | None, address: str, now: datetime) -> Own | Shut:
        door = await self._enter(token, address, now)
        if not isinstance(door, _Door):
            return door
        known = await self._store.find_reflection(door.session.id, door.first.author_hash)
        return Own(door.session, door.case, known or door.first)

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
        return Own(door.session, door.case, outcome) if isinstance(outcome, Reflection) else outcome

    async def of(self, session: Session) -> Sequence[ToldReflection]:
        """For a debrief whose reader was judged already."""
        return await self._store.list_reflections(session.id)

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
