"""Sessions, their record and their seats in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar
from uuid import UUID, uuid4

from server.domain.audit import Subject, author_of, entry_of_edit
from server.domain.case import Case
from server.domain.events import SYSTEM, Author, CaseAction, CaseFact, Event, EventDraft, action_of
from server.domain.forking import Fork, Forked
from server.domain.limits import LimitsSince
from server.domain.outcomes import (
    ID_TAKEN,
    Conflict,
    Forbidden,
    InvalidFields,
    NotFound,
    NotHome,
    SessionFull,
    SessionOver,
    Unchanged,
    VersionMismatch,
)
from server.domain.people import Trainer
from server.domain.permissions import NO_SESSION
from server.domain.record import (
    Actor,
    Recorded,
    StoreOutcome,
    end,
    judge_end,
    judge_end_with_case,
    judge_taking_controls,
)
from server.domain.session import (
    CLOSED,
    Seat,
    Session,
    SessionChange,
    SessionStatus,
    SessionSummary,
    changed_session_fields,
    judge_change,
    judge_new_session,
)
from server.live.journal import Journal
from server.live.known_sessions import KnownSessions
from server.ports.records import Foresee
from server.ports.results import Added, AlreadyThere, CodeTaken, Cursor, Page, Seen
from server.storage.memory.tables import Tables, page_of

Outcome = TypeVar("Outcome")


class MemorySessions:
    def __init__(self, tables: Tables, journal: Journal, known_sessions: KnownSessions) -> None:
        self._tables = tables
        self._journal = journal
        self._known_sessions = known_sessions

    async def add_session(
        self, session: Session, first: Event | None, by: Author, case: Case | None = None
    ) -> Added[Session] | AlreadyThere[Session] | CodeTaken | Conflict:
        await asyncio.sleep(0)
        if session.id in self._tables.deleted_sessions:
            return ID_TAKEN
        known = self._tables.sessions.get(session.id)
        outcome = judge_new_session(session, known, is_code_taken=session.code in self._tables.codes)
        if not isinstance(outcome, Session):
            return outcome or CodeTaken()
        if known is not None:
            return AlreadyThere(known)
        self._tables.open(session, first, case)
        self._known_sessions.opened(session, first)
        self._tables.logs[session.school_id].edited(entry_of_edit(uuid4(), "opened", session, by))
        return Added(session)

    async def add_fork(
        self, fork: Fork, trainer: Trainer, end_id: UUID
    ) -> Forked | AlreadyThere[Session] | CodeTaken | Conflict | NotFound | Forbidden | NotHome:
        session, forked_from = fork.session, fork.session.forked_from
        assert forked_from is not None  # noqa: S101 - or it would be no fork
        await asyncio.sleep(0)
        if forked_from.moves_trainees:
            await self._journal.settled(forked_from.session_id)
        if session.id in self._tables.deleted_sessions:
            return ID_TAKEN
        known = self._tables.sessions.get(session.id)
        outcome = judge_new_session(session, known, is_code_taken=session.code in self._tables.codes)
        if not isinstance(outcome, Session):
            return outcome or CodeTaken()
        if known is not None:
            return AlreadyThere(known)
        ended = None
        if forked_from.moves_trainees:
            source = self._tables.sessions.get(forked_from.session_id)
            if source is None:
                return NO_SESSION
            ended = self._write(judge_end(source, trainer, end_id, session.created_at))
            if not isinstance(ended, Recorded | Session):
                return ended
        self._tables.open(session, None, fork.case)
        self._known_sessions.opened(session, None)
        for event in fork.events:
            self._write(Recorded(session, event))
        self._tables.logs[session.school_id].edited(entry_of_edit(uuid4(), "opened", session, author_of(trainer)))
        if not isinstance(ended, Recorded):
            return Forked(session)
        self._log_end(ended.session, author_of(trainer))
        return Forked(session, ended)

    async def find_sent_to(self, session_id: UUID) -> Session | None:
        await asyncio.sleep(0)
        sent = [
            session
            for session in self._tables.sessions.values()
            if (forked := session.forked_from) is not None and forked.moves_trainees and forked.session_id == session_id
        ]
        return max(sent, key=lambda session: (session.created_at, session.id), default=None)

    async def find_session(self, session_id: UUID) -> Session | None:
        await asyncio.sleep(0)
        return self._tables.sessions.get(session_id)

    async def find_case(self, session_id: UUID) -> Case | None:
        await asyncio.sleep(0)
        return self._tables.cases.get(session_id)

    async def limits_since(self, session_id: UUID) -> Sequence[LimitsSince]:
        await asyncio.sleep(0)
        return self._tables.sessions.limits_since.get(session_id, ())

    async def last_case_event(self, session_id: UUID, actions: Collection[CaseAction]) -> Event | None:
        await asyncio.sleep(0)
        for event in reversed(self._tables.records.get(session_id, [])):
            if isinstance(event.fact, CaseFact) and action_of(event.fact) in actions:
                return event
        return None

    async def find_session_by_code(self, code: str) -> Session | None:
        await asyncio.sleep(0)
        session_id = self._tables.codes.get(code)
        return None if session_id is None else self._tables.sessions.get(session_id)

    async def list_sessions(
        self, school_id: UUID, status: SessionStatus, limit: int, after: Cursor | None, now: datetime
    ) -> Page[SessionSummary]:
        await asyncio.sleep(0)
        rows = [
            session
            for session in self._tables.sessions.values()
            if session.school_id == school_id and (status == "all" or (status == "open") == (session.over(now) is None))
        ]
        page = page_of(rows, limit, after, newest_first=True)
        return Page([self._summary(session) for session in page.items], page.next)

    async def change_session(
        self,
        session_id: UUID,
        trainer: Trainer,
        change: SessionChange,
        expected_version: int | None,
        now: datetime,
    ) -> Session | Unchanged[Session] | NotFound | Forbidden | VersionMismatch | SessionOver | NotHome | InvalidFields:
        await asyncio.sleep(0)
        session = self._tables.sessions.get(session_id)
        if session is None:
            return NO_SESSION
        changed = judge_change(session, trainer, change, expected_version, now)
        if isinstance(changed, Session):
            self._tables.sessions[session_id] = self._known_sessions.see(changed)
            fields = changed_session_fields(session, changed)
            entry = entry_of_edit(uuid4(), "changed", changed, author_of(trainer), fields)
            self._tables.logs[session.school_id].edited(entry, fields)
        return changed

    async def append_event(
        self,
        session_id: UUID,
        actor: Actor,
        draft: EventDraft,
        now: datetime,
        foresee: Foresee | None = None,
        login: bytes | None = None,
    ) -> StoreOutcome:
        return await self._journal.append(session_id, actor, draft, now, foresee, login)

    async def take_controls(
        self, session_id: UUID, trainer: Trainer, event_id: UUID, now: datetime
    ) -> Recorded | Session | NotFound | Forbidden | Conflict | SessionOver | NotHome:
        await asyncio.sleep(0)
        await self._journal.settled(session_id)
        session = self._tables.sessions.get(session_id)
        if session is None:
            return NO_SESSION
        outcome = self._write(judge_taking_controls(session, trainer, event_id, now))
        if isinstance(outcome, Recorded):
            fields = changed_session_fields(session, outcome.session)
            entry = entry_of_edit(uuid4(), "changed", outcome.session, author_of(trainer), fields)
            self._tables.logs[session.school_id].edited(entry, fields)
        return outcome

    async def end_session(
        self, session_id: UUID, trainer: Trainer, event_id: UUID, now: datetime, by: Author | None = None
    ) -> Recorded | Session | NotFound | Forbidden | NotHome:
        await asyncio.sleep(0)
        await self._journal.settled(session_id)
        session = self._tables.sessions.get(session_id)
        if session is None:
            return NO_SESSION
        outcome = self._write(judge_end(session, trainer, event_id, now))
        if isinstance(outcome, Recorded):
            self._log_end(outcome.session, by or author_of(trainer))
        return outcome

    async def end_with_case(
        self, session: Session, event_id: UUID, by: Author, now: datetime
    ) -> Recorded | Session | NotFound | NotHome:
        await asyncio.sleep(0)
        await self._journal.settled(session.id)
        outcome = self._write(judge_end_with_case(self._tables.sessions[session.id], event_id, now))
        if isinstance(outcome, Recorded):
            self._log_end(outcome.session, by)
        return outcome

    async def expire_due(self, now: datetime, limit: int) -> Sequence[Recorded]:
        await asyncio.sleep(0)
        for session_id in self._journal.waiting_sessions():
            await self._journal.settled(session_id)
        due = [session for session in self._open() if session.expires_at <= now and session.elsewhere() is None]
        ended = [self._write(end(session, "expired", SYSTEM, uuid4(), now)) for session in due[:limit]]
        for recorded in ended:
            self._log_end(recorded.session)
        return ended

    async def next_expiry(self, after: datetime | None = None) -> datetime | None:
        await asyncio.sleep(0)
        moments = (session.expires_at for session in self._open() if session.elsewhere() is None)
        return min((moment for moment in moments if after is None or moment > after), default=None)

    async def last_change(self) -> datetime | None:
        await asyncio.sleep(0)
        return max((session.updated_at for session in self._open() if session.hall is None), default=None)

    async def due_sessions(self) -> Sequence[Session]:
        await asyncio.sleep(0)
        return [
            session
            for session in self._open()
            if (cuff := session.last_values.nibp) is not None and cuff.due and session.elsewhere() is None
        ]

    async def self_moving_sessions(self) -> Sequence[Session]:
        await asyncio.sleep(0)
        cases = self._tables.cases
        return [
            session
            for session in self._open()
            if session.elsewhere() is None and (case := cases.get(session.id)) is not None and case.moves_itself
        ]

    async def moved_among(self, seen: Mapping[UUID, Seen]) -> Sequence[Session]:
        await asyncio.sleep(0)
        known = [
            (session, as_seen)
            for session_id, as_seen in seen.items()
            if (session := self._tables.sessions.get(session_id)) is not None
        ]
        return [
            session
            for session, as_seen in known
            if session.last_seq > as_seen.last_seq or session.version > as_seen.version or session.closed_at is not None
        ]

    async def events_after(self, session_id: UUID, after_seq: int, limit: int) -> Sequence[Event]:
        await asyncio.sleep(0)
        return self._tables.records.get(session_id, [])[after_seq : after_seq + limit]

    async def add_seat(self, seat: Seat, token_hash: bytes) -> Seat:
        await asyncio.sleep(0)
        return self._tables.seats.get(seat.id) or self._add_seat(seat, token_hash)

    async def take_seat(self, seat: Seat, token_hash: bytes, most: int) -> Seat | SessionFull:
        await asyncio.sleep(0)
        if (known := self._tables.seats.get(seat.id)) is not None:
            return known
        names = self._tables.seat_names[seat.session_id]
        return self._add_seat(names.call(seat), token_hash) if names.present < most else SessionFull(most)

    def _add_seat(self, seat: Seat, token_hash: bytes) -> Seat:
        self._tables.put_seat(seat)
        self._tables.seats_by_token[token_hash] = seat.id
        return seat

    async def find_seat(self, token_hash: bytes) -> Seat | None:
        await asyncio.sleep(0)
        seat_id = self._tables.seats_by_token.get(token_hash)
        return None if seat_id is None else self._tables.seats[seat_id]

    async def rename_seat(self, seat: Seat, name: str, *, is_told_apart: bool = False) -> Seat:
        await asyncio.sleep(0)
        renamed = replace(self._tables.seats[seat.id], name=name)
        if is_told_apart:
            renamed = self._tables.seat_names[seat.session_id].call(renamed)
        self._tables.put_seat(renamed)
        return renamed

    async def remove_seat(self, session_id: UUID, seat_id: UUID, now: datetime) -> Seat | None:
        await asyncio.sleep(0)
        seat = self._tables.seats.get(seat_id)
        if seat is None or seat.session_id != session_id:
            return None
        removed = replace(seat, removed_at=seat.removed_at or now)
        self._tables.put_seat(removed)
        return removed

    async def removed_among(self, seat_ids: Collection[UUID]) -> frozenset[UUID]:
        await asyncio.sleep(0)
        seats = ((seat_id, self._tables.seats.get(seat_id)) for seat_id in seat_ids)
        return frozenset(seat_id for seat_id, seat in seats if seat is None or seat.removed_at is not None)

    async def list_seats(self, session_id: UUID) -> Sequence[Seat]:
        await asyncio.sleep(0)
        seats = (self._tables.seats[seat_id] for seat_id in self._tables.seats_of.get(session_id, []))
        return sorted((seat for seat in seats if seat.removed_at is None), key=lambda seat: (seat.joined_at, seat.id))

    def _open(self) -> Iterable[Session]:
        return (session for session in self._tables.sessions.values() if session.closed_at is None)

    def _summary(self, session: Session) -> SessionSummary:
        seats = self._tables.seat_names[session.id]
        return SessionSummary(session, event_count=session.last_seq, trainee_count=seats.present)

    def _log_end(self, session: Session, by: Author | None = None) -> None:
        log = self._tables.logs[session.school_id]
        if by is None or session.close_reason == "expired":
            log.stamp(Subject("session", session.id), CLOSED, session.updated_at)
        else:
            log.edited(entry_of_edit(uuid4(), "closed", session, by), CLOSED)

    def _write(self, outcome: Outcome) -> Outcome:
        """Store what was recorded; every other outcome passes through."""
        if isinstance(outcome, Recorded):
            self._tables.record(outcome)
            self._known_sessions.recorded(outcome)
        return outcome
