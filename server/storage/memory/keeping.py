"""What a school keeps, and for how long, in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from operator import attrgetter
from uuid import UUID, uuid4

from server.domain.annotations import Annotation
from server.domain.audit import AuditEntry, Subject, author_of, entry_of_record, entry_of_retention
from server.domain.devices import answered_without_names, settled_without_names
from server.domain.events import Author
from server.domain.names_beside import Rewriting
from server.domain.names_out import FIRST_TRAINEE, NamesOut
from server.domain.outcomes import Forbidden, InvalidFields, NotFound, NotHome, Unchanged
from server.domain.people import Retention, School, Trainer
from server.domain.permissions import NO_SESSION
from server.domain.retention import DueMeasure, deleted, judge_lock, judge_unlock, next_measure
from server.domain.session import Seat, Session
from server.live.known_sessions import KnownSessions
from server.ports.results import Cursor, Page
from server.storage.memory.tables import Tables, page_of


class MemoryKeeping:
    def __init__(self, tables: Tables, known_sessions: KnownSessions) -> None:
        self._tables = tables
        self._known_sessions = known_sessions

    async def put_retention(self, school_id: UUID, retention: Retention, by: Author, now: datetime) -> School:
        await asyncio.sleep(0)
        school = self._tables.schools[school_id] = replace(self._tables.schools[school_id], retention=retention)
        self._tables.logs[school_id].audit.append(entry_of_retention(uuid4(), school_id, retention, by, now))
        return school

    async def list_due(self, school: School, limit: int, after: Cursor | None) -> Page[DueMeasure]:
        await asyncio.sleep(0)
        own = (each for each in self._tables.sessions.values() if each.school_id == school.id)
        due = [step for each in own if (step := next_measure(each, school.retention)) is not None]
        return page_of(due, limit, after, moment=attrgetter("since"))

    async def lock_session(
        self, session_id: UUID, trainer: Trainer, reason: str, now: datetime
    ) -> Session | Unchanged[Session] | NotFound | Forbidden | NotHome | InvalidFields:
        await asyncio.sleep(0)
        session = self._tables.sessions.get(session_id)
        if session is None:
            return NO_SESSION
        outcome = judge_lock(session, trainer, reason, now)
        if isinstance(outcome, Session):
            self._write(outcome, entry_of_record(uuid4(), "locked", outcome, author_of(trainer), now))
        return outcome

    async def unlock_session(
        self, session_id: UUID, trainer: Trainer, now: datetime
    ) -> Session | Unchanged[Session] | NotFound | Forbidden | NotHome:
        await asyncio.sleep(0)
        session = self._tables.sessions.get(session_id)
        if session is None:
            return NO_SESSION
        outcome = judge_unlock(session, trainer, now)
        if isinstance(outcome, Session):
            self._write(outcome, entry_of_record(uuid4(), "unlocked", outcome, author_of(trainer), now))
        return outcome

    async def list_every_seat(self, session_id: UUID) -> Sequence[Seat]:
        await asyncio.sleep(0)
        seats = [self._tables.seats[seat_id] for seat_id in self._tables.seats_of.get(session_id, [])]
        return sorted(seats, key=lambda seat: (seat.joined_at, seat.id))

    async def list_every_annotation(self, session_id: UUID) -> Sequence[Annotation]:
        await asyncio.sleep(0)
        found = [each for each in self._tables.annotations.values() if each.session_id == session_id]
        return sorted(found, key=lambda each: (each.created_at, each.id))

    async def take_names_out(self, before: Session, out: NamesOut, by: Author, now: datetime) -> bool:
        await asyncio.sleep(0)
        tables = self._tables
        known = tables.sessions.get(before.id)
        if known is None or known.version != before.version:
            return False
        for seat in out.seats:
            tables.put_seat(seat)
        for event in out.events:
            tables.events[event.id] = tables.records[before.id][event.seq - 1] = event
        for annotation in out.annotations:
            if tables.annotations[annotation.id].version == annotation.version - 1:
                tables.annotations[annotation.id] = annotation
        self._unname_beside(before, out.rewriting, now)
        self._known_sessions.forget(before.id)
        self._write(out.session, entry_of_record(uuid4(), "names_out", out.session, by, now))
        return True

    def _unname_beside(self, session: Session, rewriting: Rewriting, now: datetime) -> None:
        """What people wrote of it besides: comments on score sheets, trainees' own words, titles of moments."""
        tables = self._tables
        for place, sheet in list(tables.score_sheets.items()):
            if sheet.session_id == session.id:
                tables.score_sheets[place] = rewriting.sheet(sheet, now)
        for place, said in list(tables.reflections.items()):
            if said.session_id == session.id:
                tables.reflections[place] = replace(said, words=rewriting.words(said.id, said.words))
        for edit_id, edit in list(tables.moment_edits.items()):
            if edit.session_id == session.id:
                tables.moment_edits[edit_id] = replace(edit, title=rewriting.title(edit))
        self._unname_rest(session, now)

    def _unname_rest(self, session: Session, now: datetime) -> None:
        """The name of a try, edits in a conflict, and what devices were answered."""
        if (attempt := self._tables.tries.get(session.id)) is not None:
            self._tables.tries[session.id] = replace(attempt, name=FIRST_TRAINEE)
        log = self._tables.logs[session.school_id]
        for conflict in list(log.conflicts.values()):
            if (conflict.entity_type, conflict.entity_id) == ("SESSION", session.id):
                log.conflicts[conflict.id] = settled_without_names(conflict, now)
        about = ("SESSION", str(session.id))
        for each in [each for call in log.events_of_calls.values() for each in call]:
            if (each.entity_type, each.entity_id) == about and (known := log.known.get(each.event_id)) is not None:
                log.known[each.event_id] = replace(known, outcome=answered_without_names(known.outcome))

    async def delete_record(self, session: Session, by: Author, now: datetime) -> bool:
        await asyncio.sleep(0)
        known = self._tables.sessions.get(session.id)
        if known is None or known.lock is not None:
            return False
        self._tables.delete(deleted(known, now))
        entry = AuditEntry(uuid4(), known.school_id, now, by, "deleted", Subject("session", known.id))
        self._tables.logs[known.school_id].edited(entry, ("closed",))
        self._known_sessions.forget(known.id)
        return True

    def _write(self, session: Session, entry: AuditEntry) -> None:
        self._tables.sessions[session.id] = self._known_sessions.see(session)
        self._tables.logs[session.school_id].edited(entry, ())
