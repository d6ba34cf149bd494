"""What a school keeps, and for how long: decided by its admins, done at night by itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from server.domain.attendance import SeatAttendance
from server.domain.audit import author_of
from server.domain.events import SYSTEM, Event
from server.domain.free_texts import FreeText, Named, WrittenBeside, free_texts
from server.domain.names_beside import Texts
from server.domain.names_out import names_out, refuse_names_out
from server.domain.outcomes import Conflict, Forbidden, InvalidFields, NotFound, NotHome, Unchanged
from server.domain.people import Retention, School, Trainer
from server.domain.permissions import NO_SESSION, RETENTION_AT_CENTRAL, judge_action, judge_school_action
from server.domain.retention import DueMeasure, is_due, judge_retention
from server.domain.seat_export import SeatExport, seat_export
from server.domain.session import Seat, Session
from server.ports.broadcast import Publisher
from server.ports.keeping import KeepingStore
from server.ports.people import AccountStore
from server.ports.results import Cursor, Page, StorageUnavailable
from server.ports.sessions import SessionStore
from server.service.school.audit import Audit

Refused = TypeVar("Refused", bound=Forbidden | NotFound | NotHome | InvalidFields)

NO_SEAT = NotFound("Nobody sat there in this session.")

DUE_AT_ONCE = 50
EVENTS_AT_ONCE = 500
# So often somebody may edit the session, or lock it, while it is read.
TRIES = 5


class Keeping:
    def __init__(
        self,
        store: KeepingStore,
        sessions: SessionStore,
        accounts: AccountStore,
        publisher: Publisher,
        audit: Audit,
        attendance: Callable[[Session, datetime], Awaitable[Sequence[SeatAttendance]]],
        written: Callable[[UUID], Awaitable[WrittenBeside]],
        *,
        is_hall: bool = False,
    ) -> None:
        """`attendance` tells who was there when, `written` what people wrote beside the record.

        `is_hall`: this is a hall server. What its school keeps is decided, and done, at the central one.
        """
        self._store = store
        self._sessions = sessions
        self._accounts = accounts
        self._publisher = publisher
        self._audit = audit
        self._attendance = attendance
        self._written = written
        self._is_hall = is_hall

    async def retention(self, admin: Trainer) -> Retention | Forbidden:
        if refusal := judge_school_action(admin, "set_retention"):
            return refusal
        return (await self._school(admin)).retention

    async def set_retention(
        self, admin: Trainer, names_months: int, records_months: int | None, now: datetime
    ) -> Retention | Forbidden | InvalidFields:
        """From the next night on: until then it can be taken back."""
        if refusal := judge_school_action(admin, "set_retention") or self._at_a_hall():
            return refusal
        retention = judge_retention(names_months, records_months, now)
        if isinstance(retention, InvalidFields):
            return retention
        return (await self._store.put_retention(admin.school_id, retention, author_of(admin), now)).retention

    async def list_due(self, admin: Trainer, limit: int, after: Cursor | None) -> Page[DueMeasure] | Forbidden:
        """What is done next, and when, the first first."""
        if refusal := judge_school_action(admin, "set_retention"):
            return refusal
        if self._is_hall:
            return Page[DueMeasure]([], None)
        return await self._store.list_due(await self._school(admin), limit, after)

    async def lock(
        self, trainer: Trainer, session_id: UUID, reason: str, now: datetime
    ) -> Session | NotFound | Forbidden | NotHome | InvalidFields:
        if refusal := self._at_a_hall():
            return refusal
        return await self._told(await self._store.lock_session(session_id, trainer, reason, now))

    async def unlock(
        self, trainer: Trainer, session_id: UUID, now: datetime
    ) -> Session | NotFound | Forbidden | NotHome:
        if refusal := self._at_a_hall():
            return refusal
        return await self._told(await self._store.unlock_session(session_id, trainer, now))

    async def take_names_out(
        self, trainer: Trainer, session_id: UUID, texts: Texts, now: datetime
    ) -> Session | NotFound | Forbidden | NotHome | Conflict | InvalidFields:
        """For good. Again, where names are out already: for texts that name somebody all the same."""
        if refusal := self._at_a_hall():
            return refusal
        for _ in range(TRIES):
            session = await self._sessions.find_session(session_id)
            if session is None:
                return NO_SESSION
            if refusal := refuse_names_out(session, trainer):
                return refusal
            out = names_out(await self._named(session), texts, now)
            if isinstance(out, InvalidFields):
                return out
            if session.names_out_at is not None and out.is_nothing_new:
                return session
            if await self._store.take_names_out(session, out, author_of(trainer), now):
                await self._publisher.session_updated(out.session)
                return out.session
        raise StorageUnavailable("the session is another one each time")

    async def list_free_texts(
        self, trainer: Trainer, session_id: UUID
    ) -> Sequence[FreeText] | NotFound | Forbidden | NotHome | Conflict:
        """What whoever takes the names out reads once more before."""
        if refusal := self._at_a_hall():
            return refusal
        session = await self._sessions.find_session(session_id)
        if session is None:
            return NO_SESSION
        return refuse_names_out(session, trainer) or free_texts(await self._named(session))

    async def export_seat(
        self, trainer: Trainer, session_id: UUID, seat_id: UUID, now: datetime
    ) -> SeatExport | NotFound | Forbidden:
        """Everything about one seat; told in the audit."""
        found = await self.find_seat(trainer, session_id, seat_id)
        if not isinstance(found, tuple):
            return found
        session, seat = found
        named = await self._named(session)
        there = {each.seat.id: each.spans for each in await self._attendance(session, now)}
        await self._audit.seat_exported(session, seat_id, trainer, now)
        return seat_export(named, seat, there.get(seat_id, ()))

    async def find_seat(
        self, trainer: Trainer, session_id: UUID, seat_id: UUID
    ) -> tuple[Session, Seat] | NotFound | Forbidden:
        session = await self._sessions.find_session(session_id)
        if session is None:
            return NO_SESSION
        if refusal := judge_action(trainer, "watch", session):
            return refusal
        seat = next((each for each in await self._store.list_every_seat(session.id) if each.id == seat_id), None)
        return NO_SEAT if seat is None else (session, seat)

    async def _named(self, session: Session) -> Named:
        seats = await self._store.list_every_seat(session.id)
        annotations = await self._store.list_every_annotation(session.id)
        events: list[Event] = []
        while page := await self._sessions.events_after(session.id, len(events), EVENTS_AT_ONCE):
            events += page
        return Named(session, seats, events, annotations, await self._written(session.id))

    async def do_due(self, now: datetime) -> int:
        """Everything that the last night brought, of all schools; how much that was.

        Each is one transaction, and judged anew in it: a crash, a second process or a lock meanwhile costs nothing.
        """
        done = 0
        for school in () if self._is_hall else await self._accounts.list_schools():
            after: Cursor | None = None
            while True:
                page = await self._store.list_due(school, DUE_AT_ONCE, after)
                due = [each for each in page.items if is_due(each, now)]
                for each in due:
                    done += await self._do(each, now)
                # In the order of `since`: what comes behind one that is not due yet is not due either.
                if page.next is None or len(due) < len(page.items):
                    break
                after = page.next
        return done

    async def _do(self, due: DueMeasure, now: datetime) -> bool:
        match due.measure:
            case "delete":
                return await self._store.delete_record(due.session, SYSTEM, now)
            case "names_out":
                return await self._name_nobody(due.session, now)

    async def _name_nobody(self, session: Session, now: datetime) -> bool:
        out = names_out(await self._named(session), {}, now)
        assert not isinstance(out, InvalidFields)  # noqa: S101 - no text was given
        if not await self._store.take_names_out(session, out, SYSTEM, now):
            return False
        await self._publisher.session_updated(out.session)
        return True

    async def _school(self, trainer: Trainer) -> School:
        school = await self._accounts.find_school(trainer.school_id)
        assert school is not None  # noqa: S101 - whoever asks belongs to it
        return school

    async def _told(self, outcome: Session | Unchanged[Session] | Refused) -> Session | Refused:
        if isinstance(outcome, Unchanged):
            return outcome.item
        if isinstance(outcome, Session):
            await self._publisher.session_updated(outcome)
        return outcome

    def _at_a_hall(self) -> Forbidden | None:
        return RETENTION_AT_CENTRAL if self._is_hall else None
