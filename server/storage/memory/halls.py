"""Hall servers, and what they send, in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid4

from server.domain.annotations import Annotation
from server.domain.audit import AuditEntry, Subject
from server.domain.debrief.moment_edits import MomentEdit
from server.domain.events import Author
from server.domain.hall_annotations import (
    NO_AUTHOR,
    KnownAnnotation,
    NothingNew,
    StandsElsewhere,
    is_forgotten,
    judge_hall_annotation,
    refuse_annotation,
)
from server.domain.hall_beside import NO_SEAT, Beside, KnownBeside, judge_hall_beside, refuse_taken_over
from server.domain.hall_records import (
    CopyWritten,
    PartRefused,
    PartTaken,
    RecordPart,
    SessionCopy,
    judge_copy,
    judge_part,
)
from server.domain.halls import (
    NAME_TAKEN,
    Hall,
    HallContact,
    HallSummary,
    entry_of_hall,
    entry_of_take_over,
    judge_revocation,
    judge_take_over,
)
from server.domain.judging import Rejected
from server.domain.limits import LIMITS_KEPT
from server.domain.opening import draw_code
from server.domain.outcomes import Conflict, FieldError, Forbidden, NotFound, SessionOver, Unchanged
from server.domain.people import Trainer
from server.domain.reflections import Reflection
from server.domain.scores import ScoreSheet
from server.domain.session import CLOSED, Session
from server.live.known_sessions import KnownSessions
from server.ports.halls import CopyKept
from server.storage.memory.tables import SeenSpan, Tables

NO_TRAINER = Rejected("invalid_fields", (FieldError("payload.trainer_id", "is not a trainer of this school"),))


class MemoryHalls:
    def __init__(self, tables: Tables, known_sessions: KnownSessions) -> None:
        self._tables = tables
        self._known_sessions = known_sessions

    async def add_hall(self, hall: Hall, token_hash: bytes, by: Author) -> Hall | Conflict:
        await asyncio.sleep(0)
        names = [each.name.lower() for each in self._of(hall.school_id) if each.revoked_at is None]
        if hall.name.lower() in names:
            return NAME_TAKEN
        self._tables.halls[hall.id] = hall
        self._tables.hall_tokens[token_hash] = hall.id
        self._note(hall, entry_of_hall(uuid4(), "added", hall, by, hall.created_at))
        return hall

    async def find_hall(self, school_id: UUID, hall_id: UUID) -> Hall | None:
        await asyncio.sleep(0)
        hall = self._tables.halls.get(hall_id)
        return hall if hall is not None and hall.school_id == school_id else None

    async def find_hall_by_token(self, token_hash: bytes) -> Hall | None:
        await asyncio.sleep(0)
        hall_id = self._tables.hall_tokens.get(token_hash)
        return None if hall_id is None else self._tables.halls[hall_id]

    async def list_halls(self, school_id: UUID) -> Sequence[HallSummary]:
        await asyncio.sleep(0)
        halls = sorted(self._of(school_id), key=lambda each: (each.revoked_at is not None, each.name.lower(), each.id))
        return [HallSummary(hall, len(self._open_sessions(hall.id))) for hall in halls]

    async def revoke_hall(
        self, school_id: UUID, hall_id: UUID, by: Author, now: datetime
    ) -> Hall | Unchanged[Hall] | NotFound:
        await asyncio.sleep(0)
        outcome = judge_revocation(self._tables.halls.get(hall_id), school_id, now)
        if isinstance(outcome, Hall):
            self._tables.halls[hall_id] = outcome
            self._note(outcome, entry_of_hall(uuid4(), "revoked", outcome, by, now))
        return outcome

    async def see_hall(self, hall: Hall, contact: HallContact, now: datetime) -> None:
        await asyncio.sleep(0)
        self._tables.halls[hall.id] = replace(
            self._tables.halls[hall.id],
            last_seen_at=now,
            client_id=contact.client_id,
            release=contact.release,
            waiting=contact.waiting,
            clock_offset_ms=contact.clock_offset_ms,
        )
        for session in self._open_sessions(hall.id):
            assert session.hall is not None  # noqa: S101 - it is one of a hall
            self._tables.sessions[session.id] = replace(session, hall=replace(session.hall, heard_at=now))

    async def find_sessions(self, school_id: UUID, session_ids: Collection[UUID]) -> Mapping[UUID, Session]:
        await asyncio.sleep(0)
        tables = self._tables
        found = (tables.sessions.get(each) or tables.deleted_sessions.get(each) for each in session_ids)
        return {session.id: session for session in found if session is not None and session.school_id == school_id}

    async def last_event_ids(self, school_id: UUID, session_ids: Collection[UUID]) -> Mapping[UUID, UUID]:
        found = await self.find_sessions(school_id, session_ids)
        return {each: record[-1].id for each in found if (record := self._tables.records.get(each))}

    async def password_hashes(self, school_id: UUID, trainer_ids: Collection[UUID]) -> Mapping[UUID, str]:
        await asyncio.sleep(0)
        found = (self._tables.trainers.get(each) for each in trainer_ids)
        own = [trainer.id for trainer in found if trainer is not None and trainer.school_id == school_id]
        return {each: self._tables.passwords[each] for each in own}

    async def put_sessions(
        self, hall: Hall, copies: Sequence[SessionCopy], now: datetime
    ) -> Sequence[CopyKept | Rejected]:
        await asyncio.sleep(0)
        return [self._put(hall, copy, now) for copy in copies]

    def _put(self, hall: Hall, copy: SessionCopy, now: datetime) -> CopyKept | Rejected:
        log = self._tables.logs[hall.school_id]
        trainer = self._tables.trainers.get(copy.session.trainer_id)
        if trainer is None or trainer.school_id != hall.school_id:
            return NO_TRAINER
        template = self._tables.templates.get(copy.session.template_id) if copy.session.template_id else None
        if template is None or template.school_id != hall.school_id:
            copy = replace(copy, session=replace(copy.session, template_id=None))
        known = self._tables.sessions.get(copy.session.id)
        seats = [self._tables.seats[each] for each in self._tables.seats_of.get(copy.session.id, [])]
        if known is None and (tombstone := self._tables.deleted_sessions.get(copy.session.id)) is not None:
            return CopyKept(tombstone, log.rows[("session", tombstone.id)].version, False)
        written = judge_copy(known, seats, copy, hall, now)
        if isinstance(written, Rejected):
            return written
        session = written.session
        if written.is_new:
            while session.code in self._tables.codes:
                session = replace(session, code=draw_code())
            self._tables.open(session, None, copy.case)
        self._tables.sessions[session.id] = self._known_sessions.see(session)
        self._put_seats(written)
        self._put_history(copy, session, now)
        is_changed = known is None or known.version != session.version
        if is_changed:
            log.stamp(Subject("session", session.id), None, now)
        return CopyKept(session, log.rows[("session", session.id)].version, is_changed)

    def _put_history(self, copy: SessionCopy, session: Session, now: datetime) -> None:
        for span in copy.spans:
            seat = self._tables.seats.get(span.seat_id)
            if seat is not None and seat.session_id == session.id:
                self._tables.attendance[span.id] = SeenSpan(span, now)
        if copy.limits_since:
            self._tables.sessions.limits_since[session.id] = copy.limits_since[-LIMITS_KEPT:]

    def _put_seats(self, written: CopyWritten) -> None:
        for seat in written.seats:
            self._tables.put_seat(seat)

    async def add_part(self, hall: Hall, part: RecordPart, now: datetime) -> PartTaken | PartRefused:
        await asyncio.sleep(0)
        session = self._tables.sessions.get(part.session_id)
        record = self._tables.records.get(part.session_id, [])
        known = {event.seq: event.id for event in record}
        stored = {event.id for event in part.events if event.id in self._tables.events}
        judged = judge_part(session, hall, part, known, stored)
        if isinstance(judged, PartRefused) or not judged.recorded:
            return judged
        for recorded in judged.recorded:
            self._tables.record(recorded)
            self._known_sessions.recorded(recorded)
        ended = judged.session
        if ended.closed_at is not None:
            self._tables.logs[hall.school_id].stamp(Subject("session", ended.id), CLOSED, now)
        return judged

    async def put_annotations(self, hall: Hall, annotations: Sequence[Annotation]) -> Sequence[Rejected | None]:
        await asyncio.sleep(0)
        return [self._annotate(hall, each) for each in annotations]

    def _annotate(self, hall: Hall, sent: Annotation) -> Rejected | None:
        session = self._written_beside(hall, sent.session_id)
        if not isinstance(session, Session):
            return session
        if not self._is_of_the_school(sent.author, hall):
            return NO_AUTHOR
        place = sent.id
        while True:
            there = self._tables.annotations.get(place)
            known = None if there is None else KnownAnnotation(there, self._tables.hall_versions.get(place))
            match judge_hall_annotation(known, sent, place):
                case StandsElsewhere(id):
                    place = id
                case Annotation() as told:
                    self._tables.annotations[place] = told
                    self._tables.hall_versions[place] = sent.version
                    return None
                case NothingNew():
                    return None
                case Rejected() as refusal:
                    return refusal

    async def put_beside(self, hall: Hall, rows: Sequence[Beside]) -> Sequence[Rejected | None]:
        await asyncio.sleep(0)
        return [self._put_beside(hall, each) for each in rows]

    def _put_beside(self, hall: Hall, sent: Beside) -> Rejected | None:
        session = self._written_beside(hall, sent.session_id)
        if not isinstance(session, Session):
            return session
        if refusal := refuse_taken_over(session) or self._refuse_names(hall, sent):
            return refusal
        there = self._beside(sent)
        known = None if there is None else KnownBeside(there, self._tables.hall_versions.get(there.id))
        match judge_hall_beside(known, sent):
            case NothingNew():
                return None
            case Rejected() as refusal:
                return refusal
            case told:
                self._write_beside(told)
                self._tables.hall_versions[told.id] = told.version
                return None

    def _written_beside(self, hall: Hall, session_id: UUID) -> Session | Rejected | None:
        """The session beside whose record the hall may write; None: what it tells is taken, and not written."""
        session = self._session(session_id)
        return refuse_annotation(session, hall) or (None if is_forgotten(session) else session)

    def _refuse_names(self, hall: Hall, sent: Beside) -> Rejected | None:
        match sent:
            case ScoreSheet() if not self._is_of_the_school(sent.by, hall):
                return NO_AUTHOR
            case Reflection() if sent.seat_id is not None:
                seat = self._tables.seats.get(sent.seat_id)
                return None if seat is not None and seat.session_id == sent.session_id else NO_SEAT
            case _:
                return None

    def _beside(self, sent: Beside) -> Beside | None:
        """What stands at its place; another one that has its id rather, for then it is refused."""
        match sent:
            case ScoreSheet():
                return self._tables.score_sheets.get((sent.session_id, sent.by.id))
            case MomentEdit():
                return self._tables.moment_edits.get(sent.id)
            case Reflection():
                same_id = (each for each in self._tables.reflections.values() if each.id == sent.id)
                return next(same_id, None) or self._tables.reflections.get((sent.session_id, sent.author_hash))

    def _write_beside(self, told: Beside) -> None:
        match told:
            case ScoreSheet():
                self._tables.score_sheets[(told.session_id, told.by.id)] = told
            case MomentEdit():
                self._tables.moment_edits[told.id] = told
            case Reflection():
                self._tables.reflections[(told.session_id, told.author_hash)] = told

    def _session(self, session_id: UUID) -> Session | None:
        """What is left of a deleted one, too."""
        return self._tables.sessions.get(session_id) or self._tables.deleted_sessions.get(session_id)

    def _is_of_the_school(self, author: Author, hall: Hall) -> bool:
        trainer = None if author.id is None else self._tables.trainers.get(author.id)
        return trainer is not None and trainer.school_id == hall.school_id

    async def take_over(
        self, session_id: UUID, trainer: Trainer, by: Author, now: datetime
    ) -> Session | Unchanged[Session] | NotFound | Forbidden | SessionOver:
        await asyncio.sleep(0)
        outcome = judge_take_over(self._tables.sessions.get(session_id), trainer, now)
        if isinstance(outcome, Session):
            self._tables.sessions[session_id] = self._known_sessions.see(outcome)
            self._tables.logs[outcome.school_id].edited(entry_of_take_over(uuid4(), outcome, by), ())
        return outcome

    def _of(self, school_id: UUID) -> Sequence[Hall]:
        return [hall for hall in self._tables.halls.values() if hall.school_id == school_id]

    def _open_sessions(self, hall_id: UUID) -> Sequence[Session]:
        return [
            session
            for session in self._tables.sessions.values()
            if session.hall is not None and session.hall.id == hall_id and session.elsewhere() is not None
        ]

    def _note(self, hall: Hall, entry: AuditEntry) -> None:
        self._tables.logs[hall.school_id].audit.append(entry)
