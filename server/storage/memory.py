"""Everything in this process, gone when it stops. The readable reference of what a storage does.

No method awaits between reading and writing, so each is atomic on the event loop.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol, TypeVar
from uuid import UUID, uuid4

from server.domain.event import SYSTEM, Event, EventDraft
from server.domain.outcomes import (
    Conflict,
    Forbidden,
    InvalidFields,
    NotFound,
    SessionOver,
    VersionMismatch,
)
from server.domain.session import (
    AlreadyRecorded,
    Recorded,
    Seat,
    Session,
    SessionChange,
    SessionStatus,
    SessionSummary,
    end,
    judge_change,
    judge_draft,
    judge_end,
)
from server.domain.template import Template, TemplateContent
from server.domain.trainer import Access, Credentials, School, Trainer, TrainerChange
from server.storage.repository import Added, AlreadyThere, CodeTaken, Cursor, Page


class _Row(Protocol):
    @property
    def id(self) -> UUID: ...
    @property
    def created_at(self) -> datetime: ...


class _Owned(Protocol):
    @property
    def school_id(self) -> UUID: ...


Row = TypeVar("Row", bound=_Row)
OwnedRow = TypeVar("OwnedRow", bound=_Owned)
Outcome = TypeVar("Outcome")


@dataclass
class _Token:
    trainer_id: UUID
    expires_at: datetime


@dataclass
class _Tables:
    schools: dict[UUID, School] = field(default_factory=dict[UUID, School])
    trainers: dict[UUID, Trainer] = field(default_factory=dict[UUID, Trainer])
    passwords: dict[UUID, str] = field(default_factory=dict[UUID, str])
    tokens: dict[bytes, _Token] = field(default_factory=dict[bytes, _Token])
    templates: dict[UUID, Template] = field(default_factory=dict[UUID, Template])
    sessions: dict[UUID, Session] = field(default_factory=dict[UUID, Session])
    codes: dict[str, UUID] = field(default_factory=dict[str, UUID])
    events: dict[UUID, Event] = field(default_factory=dict[UUID, Event])
    records: dict[UUID, list[Event]] = field(default_factory=dict[UUID, list[Event]])
    seats: dict[UUID, Seat] = field(default_factory=dict[UUID, Seat])
    seats_by_token: dict[bytes, UUID] = field(default_factory=dict[bytes, UUID])
    seats_of: dict[UUID, list[UUID]] = field(default_factory=dict[UUID, list[UUID]])


class MemoryStorage:
    def __init__(self) -> None:
        tables = _Tables()
        self.accounts = MemoryAccounts(tables)
        self.sessions = MemorySessions(tables)
        self.templates = MemoryTemplates(tables)

    async def ping(self) -> None:
        pass

    async def close(self) -> None:
        pass


class MemoryAccounts:
    def __init__(self, tables: _Tables) -> None:
        self._tables = tables

    async def add_school(self, school: School) -> School:
        return self._tables.schools.setdefault(school.id, school)

    async def find_school(self, school_id: UUID) -> School | None:
        return self._tables.schools.get(school_id)

    async def list_schools(self) -> Sequence[School]:
        return sorted(self._tables.schools.values(), key=lambda school: (school.name, school.id))

    async def add_trainer(
        self, trainer: Trainer, password_hash: str
    ) -> Added[Trainer] | AlreadyThere[Trainer] | Conflict:
        known = self._tables.trainers.get(trainer.id)
        if known is not None:
            return _repeated(known, trainer.school_id)
        if self._by_email(trainer.email) is not None:
            return Conflict("Another account has this e-mail address.")
        self._tables.trainers[trainer.id] = trainer
        self._tables.passwords[trainer.id] = password_hash
        return Added(trainer)

    async def find_trainer(self, school_id: UUID, trainer_id: UUID) -> Trainer | None:
        trainer = self._tables.trainers.get(trainer_id)
        if trainer is None or trainer.school_id != school_id or trainer.deleted_at is not None:
            return None
        return trainer

    async def find_credentials(self, email: str) -> Credentials | None:
        trainer = self._by_email(email)
        return None if trainer is None else Credentials(trainer, self._tables.passwords[trainer.id])

    async def list_trainers(self, school_id: UUID, limit: int, after: Cursor | None) -> Page[Trainer]:
        rows = [row for row in self._live_trainers() if row.school_id == school_id]
        return _page(rows, limit, after)

    async def change_trainer(
        self,
        school_id: UUID,
        trainer_id: UUID,
        change: TrainerChange,
        expected_version: int | None,
        now: datetime,
    ) -> Trainer | NotFound | VersionMismatch | Conflict:
        trainer = await self.find_trainer(school_id, trainer_id)
        if trainer is None:
            return NotFound("There is no such trainer.")
        if expected_version is not None and expected_version != trainer.version:
            return VersionMismatch(trainer.version)
        if change.email is not None and change.email != trainer.email and self._by_email(change.email):
            return Conflict("Another account has this e-mail address.")
        if change.role not in (None, "admin") and self._is_last_admin(trainer):
            return Conflict("A school keeps at least one admin; make another one first.")
        changed = replace(
            trainer,
            email=change.email or trainer.email,
            name=change.name or trainer.name,
            role=change.role or trainer.role,
            updated_at=now,
            version=trainer.version + 1,
        )
        self._tables.trainers[trainer_id] = changed
        if change.password_hash is not None:
            self._tables.passwords[trainer_id] = change.password_hash
        return changed

    async def delete_trainer(self, school_id: UUID, trainer_id: UUID, now: datetime) -> Trainer | NotFound | Conflict:
        trainer = await self.find_trainer(school_id, trainer_id)
        if trainer is None:
            return NotFound("There is no such trainer.")
        if self._is_last_admin(trainer):
            return Conflict("A school keeps at least one admin; make another one first.")
        deleted = replace(trainer, deleted_at=now, updated_at=now, version=trainer.version + 1)
        self._tables.trainers[trainer_id] = deleted
        self._tables.passwords[trainer_id] = ""
        return deleted

    async def add_token(self, trainer_id: UUID, token_hash: bytes, now: datetime, expires_at: datetime) -> None:
        self._tables.tokens[token_hash] = _Token(trainer_id, expires_at)

    async def find_access(self, token_hash: bytes, now: datetime) -> Access | None:
        token = self._tables.tokens.get(token_hash)
        if token is None or token.expires_at <= now:
            return None
        trainer = self._tables.trainers[token.trainer_id]
        return None if trainer.deleted_at else Access(trainer, token_hash, token.expires_at)

    async def delete_token(self, token_hash: bytes) -> None:
        self._tables.tokens.pop(token_hash, None)

    async def delete_tokens_of(self, trainer_id: UUID) -> Sequence[bytes]:
        hashes = [hash_ for hash_, token in self._tables.tokens.items() if token.trainer_id == trainer_id]
        for token_hash in hashes:
            del self._tables.tokens[token_hash]
        return hashes

    async def delete_expired_tokens(self, now: datetime) -> int:
        gone = [hash_ for hash_, token in self._tables.tokens.items() if token.expires_at <= now]
        for token_hash in gone:
            del self._tables.tokens[token_hash]
        return len(gone)

    async def live_tokens(self, token_hashes: Collection[bytes], now: datetime) -> frozenset[bytes]:
        return frozenset([hash_ for hash_ in token_hashes if await self.find_access(hash_, now)])

    def _live_trainers(self) -> Iterable[Trainer]:
        return (trainer for trainer in self._tables.trainers.values() if trainer.deleted_at is None)

    def _by_email(self, email: str) -> Trainer | None:
        return next((trainer for trainer in self._live_trainers() if trainer.email == email), None)

    def _is_last_admin(self, trainer: Trainer) -> bool:
        return trainer.role == "admin" and not any(
            other.role == "admin" and other.school_id == trainer.school_id and other.id != trainer.id
            for other in self._live_trainers()
        )


class MemorySessions:
    def __init__(self, tables: _Tables) -> None:
        self._tables = tables

    async def add_session(
        self, session: Session, first: Event | None
    ) -> Added[Session] | AlreadyThere[Session] | CodeTaken | Conflict:
        known = self._tables.sessions.get(session.id)
        if known is not None:
            return _repeated(known, session.school_id)
        if session.code in self._tables.codes:
            return CodeTaken()
        self._tables.codes[session.code] = session.id
        self._tables.records[session.id] = []
        self._tables.seats_of[session.id] = []
        self._tables.sessions[session.id] = session
        if first is not None:
            self._write(Recorded(session, first))
        return Added(session)

    async def find_session(self, session_id: UUID) -> Session | None:
        return self._tables.sessions.get(session_id)

    async def find_session_by_code(self, code: str) -> Session | None:
        session_id = self._tables.codes.get(code)
        return None if session_id is None else self._tables.sessions[session_id]

    async def list_sessions(
        self, school_id: UUID, status: SessionStatus, limit: int, after: Cursor | None, now: datetime
    ) -> Page[SessionSummary]:
        rows = [
            session
            for session in self._tables.sessions.values()
            if session.school_id == school_id and (status == "all" or (status == "open") == (session.over(now) is None))
        ]
        page = _page(rows, limit, after, newest_first=True)
        return Page([self._summary(session) for session in page.items], page.next)

    async def change_session(
        self,
        session_id: UUID,
        trainer: Trainer,
        change: SessionChange,
        expected_version: int | None,
        now: datetime,
    ) -> Session | NotFound | Forbidden | VersionMismatch | SessionOver | InvalidFields:
        session = self._tables.sessions.get(session_id)
        if session is None:
            return NotFound("There is no such session.")
        changed = judge_change(session, trainer, change, expected_version, now)
        if isinstance(changed, Session):
            self._tables.sessions[session_id] = changed
        return changed

    async def append_event(
        self, session_id: UUID, actor: Trainer | Seat, draft: EventDraft, now: datetime
    ) -> Recorded | AlreadyRecorded | NotFound | Forbidden | Conflict | SessionOver | InvalidFields:
        session = self._tables.sessions.get(session_id)
        if session is None:
            return NotFound("There is no such session.")
        return self._write(judge_draft(session, actor, draft, self._tables.events.get(draft.id), now))

    async def end_session(
        self, session_id: UUID, trainer: Trainer, event_id: UUID, now: datetime
    ) -> Recorded | Session | NotFound | Forbidden:
        session = self._tables.sessions.get(session_id)
        if session is None:
            return NotFound("There is no such session.")
        return self._write(judge_end(session, trainer, event_id, now))

    async def expire_due(self, now: datetime, limit: int) -> Sequence[Recorded]:
        due = [session for session in self._open() if session.expires_at <= now]
        return [self._write(end(session, "expired", SYSTEM, uuid4(), now)) for session in due[:limit]]

    async def next_expiry(self) -> datetime | None:
        return min((session.expires_at for session in self._open()), default=None)

    async def closed_among(self, session_ids: Collection[UUID]) -> Sequence[Session]:
        sessions = (self._tables.sessions.get(session_id) for session_id in session_ids)
        return [session for session in sessions if session is not None and session.closed_at is not None]

    async def events_after(self, session_id: UUID, after_seq: int, limit: int) -> Sequence[Event]:
        return self._tables.records.get(session_id, [])[after_seq : after_seq + limit]

    async def add_seat(self, seat: Seat, token_hash: bytes) -> None:
        self._tables.seats[seat.id] = seat
        self._tables.seats_by_token[token_hash] = seat.id
        self._tables.seats_of[seat.session_id].append(seat.id)

    async def find_seat(self, session_id: UUID, token_hash: bytes) -> Seat | None:
        seat_id = self._tables.seats_by_token.get(token_hash)
        if seat_id is None or self._tables.seats[seat_id].session_id != session_id:
            return None
        return self._tables.seats[seat_id]

    async def rename_seat(self, seat_id: UUID, name: str) -> None:
        self._tables.seats[seat_id] = replace(self._tables.seats[seat_id], name=name)

    async def remove_seat(self, session_id: UUID, seat_id: UUID, now: datetime) -> Seat | None:
        seat = self._tables.seats.get(seat_id)
        if seat is None or seat.session_id != session_id:
            return None
        removed = replace(seat, removed_at=seat.removed_at or now)
        self._tables.seats[seat_id] = removed
        return removed

    async def list_seats(self, session_id: UUID) -> Sequence[Seat]:
        seats = (self._tables.seats[seat_id] for seat_id in self._tables.seats_of.get(session_id, []))
        return sorted((seat for seat in seats if seat.removed_at is None), key=lambda seat: (seat.joined_at, seat.id))

    def _open(self) -> Iterable[Session]:
        return (session for session in self._tables.sessions.values() if session.closed_at is None)

    def _summary(self, session: Session) -> SessionSummary:
        seats = (self._tables.seats[seat_id] for seat_id in self._tables.seats_of[session.id])
        return SessionSummary(
            session,
            event_count=session.last_seq,
            trainee_count=sum(seat.removed_at is None for seat in seats),
        )

    def _write(self, outcome: Outcome) -> Outcome:
        """Store what was recorded; every other outcome passes through."""
        if isinstance(outcome, Recorded):
            self._tables.sessions[outcome.session.id] = outcome.session
            self._tables.events[outcome.event.id] = outcome.event
            self._tables.records[outcome.session.id].append(outcome.event)
        return outcome


class MemoryTemplates:
    def __init__(self, tables: _Tables) -> None:
        self._tables = tables

    async def add_template(self, template: Template) -> Added[Template] | AlreadyThere[Template] | Conflict:
        known = self._tables.templates.get(template.id)
        if known is not None:
            return _repeated(known, template.school_id)
        self._tables.templates[template.id] = template
        return Added(template)

    async def find_template(self, school_id: UUID, template_id: UUID) -> Template | None:
        template = self._tables.templates.get(template_id)
        return template if template is not None and template.school_id == school_id else None

    async def list_templates(self, school_id: UUID, limit: int, after: Cursor | None) -> Page[Template]:
        rows = [
            template
            for template in self._tables.templates.values()
            if template.school_id == school_id and template.deleted_at is None
        ]
        return _page(rows, limit, after)

    async def change_template(
        self,
        school_id: UUID,
        template_id: UUID,
        content: TemplateContent,
        expected_version: int | None,
        now: datetime,
    ) -> Template | NotFound | VersionMismatch:
        template = await self.find_template(school_id, template_id)
        if template is None or template.deleted_at is not None:
            return NotFound("There is no such template.")
        if expected_version is not None and expected_version != template.version:
            return VersionMismatch(template.version)
        changed = replace(template, content=content, updated_at=now, version=template.version + 1)
        self._tables.templates[template_id] = changed
        return changed

    async def delete_template(self, school_id: UUID, template_id: UUID, now: datetime) -> Template | NotFound:
        template = await self.find_template(school_id, template_id)
        if template is None:
            return NotFound("There is no such template.")
        if template.deleted_at is None:
            template = replace(template, deleted_at=now, updated_at=now, version=template.version + 1)
            self._tables.templates[template_id] = template
        return template


def _repeated(known: OwnedRow, school_id: UUID) -> AlreadyThere[OwnedRow] | Conflict:
    if known.school_id != school_id:
        return Conflict("This id is taken; make a new one (a random UUID).")
    return AlreadyThere(known)


def _page(rows: Iterable[Row], limit: int, after: Cursor | None, *, newest_first: bool = False) -> Page[Row]:
    ordered = sorted(rows, key=lambda row: (row.created_at, row.id), reverse=newest_first)
    if after is not None:
        last = (after.created_at, after.id)
        ordered = [
            row
            for row in ordered
            if ((row.created_at, row.id) < last if newest_first else (row.created_at, row.id) > last)
        ]
    items = ordered[:limit]
    more = len(ordered) > limit
    return Page(items, Cursor(items[-1].created_at, items[-1].id) if more else None)
